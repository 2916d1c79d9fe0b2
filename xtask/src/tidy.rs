//! The project's own rules about its text: each is a question to one line or one file, answered with a complaint that
//! says where and what.

mod arrows;
mod links;

use std::{collections::BTreeSet, fs, path::Path, process::Command};

const LINES_AT_MOST: usize = 600;
/// Written by programs, or data: nobody reads them from end to end.
const UNMEASURED: &[&str] = &["Cargo.lock", "package-lock.json", "requirements.txt", ".json", ".csv", ".snap", ".svg"];
/// Leftovers that the compiler lets through.
const LEFTOVERS: &[&str] = &[".unwrap()", "todo!(", "unimplemented!(", "dbg!("];
/// Homes of one person on one machine. Spelled in two, as are the hosts, so that this file passes its own rules.
const ONE_MACHINE: &[&str] =
    &[concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
const REGISTRIES: &[&str] = &[
    concat!("registry.npm", "js.org"),
    concat!("pythonhosted", ".org"),
    concat!("pypi.org/", "simple"),
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("deb.debian", ".org"),
];
const SQL: &[&str] =
    &[concat!("SEL", "ECT "), concat!("INSERT ", "INTO "), concat!("DELETE ", "FROM "), concat!("CREATE ", "TABLE ")];
const STORE: &str = "crates/keysig-store/";

/// A file of the project: tracked, or new and not ignored.
struct Text {
    /// From the root, with `/`.
    path: String,
    text: String,
}

/// All that is wrong, one line each; empty when the tree is tidy.
pub fn complaints(root: &Path) -> Result<Vec<String>, String> {
    let files = files(root)?;
    let modules = test_modules(&files);
    let mut found = Vec::new();
    for file in &files {
        found.extend(too_long(file));
        for (number, line, is_test) in lines(file, &modules) {
            found.extend(about_line(file, line, is_test).map(|what| format!("{}:{number}: {what}", file.path)));
        }
        if let Some(complaint) = arrows::wrong(&file.path, &file.text) {
            found.push(complaint);
        }
        if file.path.ends_with(".md") {
            found.extend(links::dead(file, root));
        }
    }
    Ok(found)
}

fn files(root: &Path) -> Result<Vec<Text>, String> {
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git: {error}"))?;
    if !listing.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listing.stderr)));
    }
    let paths: BTreeSet<String> =
        listing.stdout.split(|byte| *byte == 0).map(|path| String::from_utf8_lossy(path).into_owned()).collect();
    // What is deleted but not committed, or is no text, has no lines to look at.
    Ok(paths
        .into_iter()
        .filter(|path| !path.is_empty())
        .filter_map(|path| fs::read_to_string(root.join(&path)).ok().map(|text| Text { path, text }))
        .collect())
}

fn too_long(file: &Text) -> Option<String> {
    let lines = file.text.lines().count();
    let measured = !UNMEASURED.iter().any(|end| file.path.ends_with(end));
    (measured && lines > LINES_AT_MOST)
        .then(|| format!("{}: {lines} lines, at most {LINES_AT_MOST}: which two files is it?", file.path))
}

/// Files that are modules under `#[cfg(test)]`, by their paths without `.rs`; so are the files below them.
fn test_modules(files: &[Text]) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    for file in files.iter().filter(|file| file.path.ends_with(".rs")) {
        let path = file.path.trim_end_matches(".rs");
        let (parent, stem) = path.rsplit_once('/').unwrap_or(("", path));
        let home = if matches!(stem, "mod" | "lib" | "main") { parent } else { path };
        for (line, next) in file.text.lines().zip(file.text.lines().skip(1)) {
            let name = module(next).and_then(|name| name.strip_suffix(';'));
            if let Some(name) = name.filter(|_| line.trim() == "#[cfg(test)]") {
                modules.insert(format!("{home}/{name}"));
            }
        }
    }
    modules
}

/// What follows `mod` on a line that declares or opens a module.
fn module(line: &str) -> Option<&str> {
    let line = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
    line.strip_prefix("mod ")
}

fn is_test_file(path: &str, modules: &BTreeSet<String>) -> bool {
    let below =
        |module: &String| path.strip_prefix(module.as_str()).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'));
    path.starts_with("tests/") || path.contains("/tests/") || modules.iter().any(below)
}

/// Each line with its number and whether it is test code: all of a test's file, or what follows an inline test module,
/// which is the last thing in a file.
fn lines<'a>(file: &'a Text, modules: &BTreeSet<String>) -> impl Iterator<Item = (usize, &'a str, bool)> {
    let mut is_test = is_test_file(&file.path, modules);
    let mut before = "";
    file.text.lines().enumerate().map(move |(index, line)| {
        is_test |= before == "#[cfg(test)]" && module(line).is_some_and(|name| name.ends_with('{'));
        before = line;
        (index + 1, line, is_test)
    })
}

fn about_line(file: &Text, line: &str, is_test: bool) -> Option<String> {
    let has = |words: &[&'static str]| words.iter().copied().find(|word| line.contains(word));
    if let Some(path) = has(ONE_MACHINE) {
        return Some(format!("{path} is a path of one machine"));
    }
    if let Some(host) = has(REGISTRIES) {
        return Some(format!("{host} is a registry's address; that is the reader's setting"));
    }
    if let Some(citation) = miscited(line) {
        return Some(format!("{citation:?}: cite as `RFC 6749 §4.1.3`"));
    }
    let is_comment = line.trim_start().starts_with("//");
    if file.path.ends_with(".rs") && !is_comment {
        if let Some(leftover) = has(LEFTOVERS).filter(|_| !is_test && file.path != "xtask/src/tidy.rs") {
            return Some(format!("{leftover} outside tests"));
        }
        if let Some(keyword) = has(SQL).filter(|_| !is_test && !file.path.starts_with(STORE)) {
            return Some(format!("{keyword}outside {STORE}: the store is the only one that speaks SQL"));
        }
    }
    None
}

/// The first citation of an RFC on this line that is not spelled as all the others are.
fn miscited(line: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(found) = line.get(from..).and_then(|rest| rest.find("RFC")) {
        let start = from + found;
        let rest = line.get(start..)?;
        from = start + "RFC".len();
        let number = rest.trim_start_matches("RFC").trim_start_matches([' ', '-', '_', '\u{a0}']);
        let digits = number.chars().take_while(char::is_ascii_digit).count();
        if digits < 3 {
            continue;
        }
        let (digits, after) = number.split_at_checked(digits)?;
        let well_spelled = rest.starts_with(&format!("RFC {digits}"));
        let lowered = after.trim_start_matches([' ', ',']).to_lowercase();
        let wordy = ["section", "sec.", "s. "].iter().any(|word| lowered.starts_with(word));
        let glued = after.starts_with(['§', '#']) || after.starts_with(", §") || lowered.starts_with("§ ");
        if !well_spelled || wordy || glued {
            return Some(rest.get(..rest.len().min(24)).unwrap_or(rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Text, about_line, is_test_file, lines, miscited, test_modules, too_long};

    fn complaints(path: &str, text: &str) -> Vec<String> {
        let file = Text { path: path.to_owned(), text: text.to_owned() };
        lines(&file, &BTreeSet::new()).filter_map(|(_, line, is_test)| about_line(&file, line, is_test)).collect()
    }

    #[test]
    fn an_unwrap_is_for_tests() {
        let code = "fn f() { g().unwrap() }\n";
        assert_eq!(complaints("crates/x/src/lib.rs", code).len(), 1);
        assert!(complaints("crates/x/tests/it.rs", code).is_empty());
        assert!(complaints("crates/x/src/lib.rs", &format!("#[cfg(test)]\nmod tests {{\n{code}}}\n")).is_empty());
    }

    #[test]
    fn a_module_that_is_only_there_for_tests_is_a_test() {
        let declaration = Text {
            path: "crates/x/src/pages/mod.rs".to_owned(),
            text: "mod other;\n#[cfg(test)]\nmod samples;\n".to_owned(),
        };
        let modules = test_modules(&[declaration]);
        for (path, is_test) in [("samples", true), ("samples/one", true), ("samples2", false), ("other", false)] {
            let path = format!("crates/x/src/pages/{path}.rs");
            assert_eq!(is_test_file(&path, &modules), is_test, "{path}");
        }
    }

    #[test]
    fn only_the_store_speaks_sql() {
        let code = format!("let sql = \"{}1\";\n", super::SQL[0]);
        assert_eq!(complaints("crates/keysig-server/src/lib.rs", &code).len(), 1);
        assert!(complaints("crates/keysig-store/src/lib.rs", &code).is_empty());
    }

    #[test]
    fn a_path_of_one_machine_is_found_in_any_file() {
        assert_eq!(complaints("docs/a.md", &format!("see {}x\n", super::ONE_MACHINE[0])).len(), 1);
        assert_eq!(complaints("tests/a.py", &format!("see {}x\n", super::REGISTRIES[0])).len(), 1);
    }

    #[test]
    fn citations_are_spelled_one_way() {
        for good in ["RFC 6749 §4.1.3", "(RFC 9700)", "RFC 7636 §4.2, RFC 8252 §7.3", "an RFC", "RFC 7636 App. B"] {
            assert_eq!(miscited(good), None, "{good}");
        }
        let number = 6749;
        for bad in
            ["RFC{n} §4", "RFC-{n}", "RFC {n}, section 4", "RFC {n} Section 4", "RFC {n}§4", "RFC {n} § 4", "RFC  {n}"]
        {
            let bad = bad.replace("{n}", &number.to_string());
            assert!(miscited(&bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn six_hundred_lines_are_a_file_and_one_more_is_two() {
        let file = |path: &str, lines| Text { path: path.to_owned(), text: "x\n".repeat(lines) };
        assert!(too_long(&file("a.rs", 600)).is_none());
        assert!(too_long(&file("a.rs", 601)).is_some());
        assert!(too_long(&file("seed/catalogue.json", 601)).is_none());
    }
}
