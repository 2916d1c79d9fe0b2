//! Which crate may know which: the arrows of the map, and what keeps its absence.

/// For each crate, what must never be among its dependencies, and why. A name ending in `-` is a prefix.
const NEVER: &[(&str, &[&str], &str)] = &[
    (
        "keysig-core",
        &["keysig-", "tokio", "axum", "hyper", "http", "reqwest", "tower", "rusqlite", "tokio-postgres", "getrandom"],
        "the rules do no I/O and take clock and randomness as parameters",
    ),
    (
        "keysig-store",
        &["keysig-server", "keysig-guard", "keysig-client", "axum", "hyper", "http", "tower"],
        "the store knows no HTTP",
    ),
    (
        "keysig-guard",
        &["keysig-server", "keysig-store", "keysig-client", "axum", "rusqlite", "tokio-postgres"],
        "the guard asks no database",
    ),
    ("keysig-client", &["keysig-", "axum", "rusqlite", "tokio-postgres"], "the client is a stranger to the server"),
    (
        "keysig-server",
        &["rusqlite", "tokio-postgres", "deadpool-postgres"],
        "the store is the only one that speaks SQL",
    ),
];

/// The first dependency that a crate's manifest must not have; what only its tests use does not count.
pub(super) fn wrong(path: &str, manifest: &str) -> Option<String> {
    let name = path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
    let (_, forbidden, why) = NEVER.iter().find(|(of, _, _)| *of == name)?;
    let mut section = "";
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        }
        let dependency = line.split(['.', '=', ' ']).next().unwrap_or_default();
        let is_forbidden =
            forbidden.iter().any(|word| dependency == *word || (word.ends_with('-') && dependency.starts_with(word)));
        if is_forbidden && section.ends_with("dependencies]") && !section.contains("dev-") {
            return Some(format!("{path}: {name} must not depend on {dependency}: {why}"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn an_arrow_against_the_map_is_found() {
        let core = "crates/keysig-core/Cargo.toml";
        assert!(wrong(core, "[dependencies]\ntokio.workspace = true\n").is_some());
        assert!(wrong(core, "[dependencies]\nkeysig-store = { path = \"../keysig-store\" }\n").is_some());
        assert!(
            wrong(core, "[dependencies]\nserde.workspace = true\n[dev-dependencies]\ntokio.workspace = true\n")
                .is_none()
        );
        assert!(
            wrong("crates/keysig-server/Cargo.toml", "[target.'cfg(unix)'.dependencies]\nrusqlite = \"1\"\n").is_some()
        );
    }
}
