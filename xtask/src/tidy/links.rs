//! Links between the documents.

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
};

use super::Text;

/// Links of a Markdown file that lead to no file or no heading.
pub(super) fn dead(file: &Text, root: &Path) -> Vec<String> {
    let here = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    let mut dead = Vec::new();
    for (target, number) in links(&file.text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
        let path = if path.is_empty() { PathBuf::from(&file.path) } else { plain(&here.join(path)) };
        let there = root.join(&path);
        let is_dead = if anchor.is_empty() {
            !there.exists()
        } else {
            !fs::read_to_string(&there).is_ok_and(|text| anchors(&text).contains(anchor))
        };
        if is_dead {
            dead.push(format!("{}:{number}: the link to {target} leads nowhere", file.path));
        }
    }
    dead
}

/// Targets of `[text](target)` and `[name]: target` outside code blocks, with their line numbers.
fn links(markdown: &str) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (index, line) in markdown.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else {
                break;
            };
            found.push((target.split_whitespace().next().unwrap_or_default(), index + 1));
            rest = after;
        }
        if let Some((_, target)) = line.strip_prefix('[').and_then(|line| line.split_once("]: ")) {
            found.push((target.trim(), index + 1));
        }
    }
    found
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// The anchors that the common renderers make of headings.
fn anchors(markdown: &str) -> BTreeSet<String> {
    markdown
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase();
            words
                .chars()
                .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'))
                .map(|letter| if letter == ' ' { '-' } else { letter })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Text, anchors, links};

    #[test]
    fn links_lead_somewhere() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join("docs")).unwrap();
        std::fs::write(directory.path().join("README.md"), "# The first hour\n").unwrap();
        let file = |text: &str| Text { path: "docs/a.md".to_owned(), text: text.to_owned() };
        let dead = |text: &str| super::dead(&file(text), directory.path()).len();
        assert_eq!(dead("[a](../README.md) [b](../README.md#the-first-hour) [c](https://example.com/x)\n"), 0);
        assert_eq!(dead("[a](README.md)\n"), 1);
        assert_eq!(dead("[a](../README.md#another-hour)\n"), 1);
        assert_eq!(links("```\n[a](b)\n```\n[n]: c\n"), [("c", 4)]);
        assert!(anchors("## A. `x` & y\n").contains("a-x--y"));
    }
}
