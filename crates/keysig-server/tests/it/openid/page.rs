//! `docs/conformance.md` promises tests and lists modules; it is held to both.

use std::collections::BTreeSet;
use std::path::Path;

const PAGE: &str = include_str!("../../../../../docs/conformance.md");

/// The code spans of one line.
fn spans(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

fn is_a_test_s_name(span: &str) -> bool {
    let words = span.split('_').count();
    words > 3 && span.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The cells of a row of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split(" | ").map(str::trim).collect()
}

fn functions_below(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let after_fn = text.split("fn ").skip(1).map(|rest| rest.split('(').next().unwrap().to_owned());
            found.extend(after_fn);
        }
    }
}

#[test]
fn every_test_that_the_page_names_exists() {
    let mut functions = BTreeSet::new();
    functions_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"), &mut functions);
    let named: Vec<&str> = PAGE.lines().flat_map(spans).filter(|span| is_a_test_s_name(span)).collect();
    let missing: Vec<_> = named.iter().filter(|name| !functions.contains(**name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(named.len() > 60, "{}", named.len());
}

#[test]
fn every_module_of_every_plan_has_its_row() {
    let (modules, plans) = PAGE.split_once("## Which plan has which modules").unwrap();
    let rows: Vec<_> = modules.lines().filter(|line| line.starts_with("| `oidcc-")).map(cells).collect();
    for row in &rows {
        assert_eq!(row.len(), 3, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()) && row[2].contains('`'), "{row:?}");
    }
    let explained: BTreeSet<&str> = rows.iter().map(|row| spans(row[0]).next().unwrap()).collect();
    assert_eq!(explained.len(), rows.len(), "one row a module");
    let plans: Vec<_> = plans.lines().filter(|line| line.starts_with("| `oidcc-")).map(cells).collect();
    assert_eq!(plans.len(), 10);
    let listed: BTreeSet<&str> =
        plans.iter().flat_map(|row| spans(row[2])).filter(|span| span.starts_with("oidcc-")).collect();
    let unexplained: Vec<_> = listed.difference(&explained).collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
    // The suite has renamed one module; the page explains it by both names.
    let unlisted: Vec<_> = explained.difference(&listed).collect();
    assert_eq!(unlisted, [&"oidcc-ensure-other-scope-order-succeeds"]);
}
