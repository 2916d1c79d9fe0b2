//! `cargo xtask test`: format, lints, unit and integration tests, real clients, a real browser.

use std::{path::PathBuf, time::Duration};

use crate::{
    counts::Counts,
    keysig::Keysig,
    postgres::Cluster,
    process::program,
    steps::{Step, Workshop},
    tidy, tools,
};

/// Nothing of it runs longer than this altogether.
pub const LIMIT: Duration = Duration::from_secs(40 * 60);

/// All there is, in this order.
pub const PLAN: &[Step] = &[
    Step { name: "fmt", what: "rustfmt has nothing to change", needs: &[], limit_minutes: 2, run: fmt },
    Step { name: "tidy", what: "the project's own rules about its text", needs: &[], limit_minutes: 2, run: tidy_up },
    Step { name: "clippy", what: "no warning anywhere", needs: &[], limit_minutes: 20, run: clippy },
    Step {
        name: "postgresql",
        what: "a throw-away cluster on loopback",
        needs: &[],
        limit_minutes: 10,
        run: postgresql,
    },
    Step {
        name: "cargo-test",
        what: "unit, integration and doc tests",
        needs: &["postgresql"],
        limit_minutes: 30,
        run: cargo_test,
    },
    Step { name: "build", what: "the keysig binary", needs: &[], limit_minutes: 20, run: build },
    Step {
        name: "python-env",
        what: "the Python clients, by lock file",
        needs: &[],
        limit_minutes: 10,
        run: python_env,
    },
    Step { name: "python", what: "spotipy and tekore", needs: &["build", "python-env"], limit_minutes: 5, run: python },
    Step { name: "node-env", what: "the Node clients, by lock file", needs: &[], limit_minutes: 10, run: node_env },
    Step {
        name: "node",
        what: "spotify-web-api-node, passport-spotify, openid-client, oauth4webapi",
        needs: &["build", "python-env", "node-env"],
        limit_minutes: 5,
        run: node,
    },
    Step {
        name: "rust",
        what: "rspotify and openidconnect",
        needs: &["build", "python-env"],
        limit_minutes: 15,
        run: rust,
    },
    Step { name: "go", what: "Debian's Go", needs: &[], limit_minutes: 10, run: go },
    Step {
        name: "quickstart",
        what: "the programs that the dashboard shows: curl, Python, JavaScript, Rust, Go, the button",
        needs: &["build", "python-env", "go"],
        limit_minutes: 15,
        run: quickstart,
    },
    Step { name: "chromium", what: "Debian's Chromium", needs: &[], limit_minutes: 10, run: chromium },
    PAGES,
    Step {
        name: "browser",
        what: "Chromium drives the sample app, the OpenID flows and the pages",
        needs: &["pages", "build", "python-env", "node-env", "chromium"],
        limit_minutes: 15,
        run: browser,
    },
];

/// One of every page as a file, for a browser to look at.
const PAGES: Step = Step {
    name: "pages",
    what: "one of every page, as files in target/pages",
    needs: &[],
    limit_minutes: 20,
    run: |workshop| {
        let rules = "every_page_keeps_the_rules";
        workshop.run(cargo(&["test", "--locked", "--package", "keysig-server", "--lib", rules]))?;
        Ok(Counts::default())
    },
};

/// What makes a picture of every page.
pub const SCREENSHOTS: &[Step] = &[
    Step { name: "build", what: "the binary `keysig`", needs: &[], limit_minutes: 20, run: build },
    Step { name: "python-env", what: "the foreign clients of PyPI", needs: &[], limit_minutes: 10, run: python_env },
    Step { name: "node-env", what: "the foreign clients of npm", needs: &[], limit_minutes: 10, run: node_env },
    Step { name: "chromium", what: "Debian's Chromium", needs: &[], limit_minutes: 10, run: chromium },
    PAGES,
    Step {
        name: "screenshots",
        what: "every page in light and dark, in English and Arabic, wide and narrow, into target/screenshots",
        needs: &["pages", "build", "python-env", "node-env", "chromium"],
        limit_minutes: 20,
        run: screenshots,
    },
];

const RUST_CLIENTS: &str = "tests/clients/rust/Cargo.toml";
const MORE_APPS: &str = "tests/clients/apps.toml";

fn cargo(words: &[&str]) -> std::process::Command {
    let mut command = program(std::env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from), "TERM");
    command.args(words);
    command
}

fn fmt(workshop: &mut Workshop) -> Result<Counts, String> {
    workshop.run(cargo(&["fmt", "--all", "--check", "--", "--color=never"]))?;
    for elsewhere in [RUST_CLIENTS, "fuzz/Cargo.toml"] {
        workshop.run(cargo(&["fmt", "--check", "--manifest-path", elsewhere, "--", "--color=never"]))?;
    }
    Ok(Counts::ONE_PASSED)
}

fn tidy_up(workshop: &mut Workshop) -> Result<Counts, String> {
    let complaints = tidy::complaints(&workshop.root)?;
    for complaint in &complaints {
        workshop.note(complaint)?;
    }
    Ok(if complaints.is_empty() { Counts::ONE_PASSED } else { Counts::ONE_FAILED })
}

fn clippy(workshop: &mut Workshop) -> Result<Counts, String> {
    let strict = ["--", "-D", "warnings"];
    workshop.run(cargo(&[&["clippy", "--workspace", "--all-targets", "--locked"][..], &strict].concat()))?;
    // What production runs: without `dev`, its seed and its sample app.
    let production = ["clippy", "--package", "keysig-server", "--no-default-features", "--locked"];
    workshop.run(cargo(&[&production[..], &strict].concat()))?;
    Ok(Counts::ONE_PASSED)
}

fn postgresql(workshop: &mut Workshop) -> Result<Counts, String> {
    let bin = tools::postgres(workshop)?;
    workshop.postgres = Some(Cluster::start(workshop, &bin)?);
    Ok(Counts::default())
}

fn cargo_test(workshop: &mut Workshop) -> Result<Counts, String> {
    let cluster = workshop.postgres.as_ref().ok_or("no cluster")?;
    let mut command = cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    command.env("KEYSIG_TEST_POSTGRES", &cluster.url);
    let counts = workshop.run_tests(command);
    workshop.postgres = None;
    counts
}

fn build(workshop: &mut Workshop) -> Result<Counts, String> {
    workshop.run(cargo(&["build", "--locked", "--package", "keysig-server", "--bin", "keysig"]))?;
    Ok(Counts::default())
}

fn python_env(workshop: &mut Workshop) -> Result<Counts, String> {
    tools::python(workshop).map(|_| Counts::default())
}

fn node_env(workshop: &mut Workshop) -> Result<Counts, String> {
    tools::node(workshop).map(|_| Counts::default())
}

fn go(workshop: &mut Workshop) -> Result<Counts, String> {
    tools::go(workshop).map(|_| Counts::default())
}

fn chromium(workshop: &mut Workshop) -> Result<Counts, String> {
    tools::chromium(workshop).map(|_| Counts::default())
}

/// Runs a foreign test program against a server of its own, which has the apps of a seed file beside everybody's.
fn against_server(
    workshop: &Workshop,
    apps: Option<&str>,
    mut command: std::process::Command,
) -> Result<Counts, String> {
    let python = tools::python(workshop)?;
    let server = Keysig::start(workshop, apps)?;
    server.introduce(&mut command, workshop, &python);
    workshop.run_tests(command)
}

fn python(workshop: &mut Workshop) -> Result<Counts, String> {
    let mut command = program(tools::python(workshop)?, "TERM");
    command.args(["-B", "tests/clients/python/run.py"]);
    against_server(workshop, None, command)
}

fn quickstart(workshop: &mut Workshop) -> Result<Counts, String> {
    let mut command = program(tools::python(workshop)?, "TERM");
    command.args(["-B", "tests/clients/quickstart/run.py"]);
    command.env("CARGO_TARGET_DIR", workshop.target("clients-rust"));
    command.env("KEYSIG_TEST_GO_CACHE", workshop.target("go"));
    against_server(workshop, None, command)
}

fn node_tests(workshop: &Workshop, files: &str, begins: &str, flags: &[&str]) -> Result<std::process::Command, String> {
    let place = tools::node(workshop)?;
    let directory = place.join(files);
    let mut tests: Vec<_> = std::fs::read_dir(&directory)
        .map_err(|error| format!("{}: {error}", directory.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with(".test.mjs"))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(begins)))
        .collect();
    tests.sort();
    let mut command = program("node", "TERM");
    command
        .args(["--disable-warning=DEP0005", "--test", "--test-reporter=tap"])
        .args(flags)
        .args(tests)
        .current_dir(place);
    Ok(command)
}

fn node(workshop: &mut Workshop) -> Result<Counts, String> {
    let command = node_tests(workshop, "clients/node", "", &["--test-timeout=120000"])?;
    against_server(workshop, Some(MORE_APPS), command)
}

fn rust(workshop: &mut Workshop) -> Result<Counts, String> {
    let mut command = cargo(&["test", "--locked", "--tests", "--no-fail-fast", "--manifest-path", RUST_CLIENTS]);
    command.env("CARGO_TARGET_DIR", workshop.target("clients-rust"));
    against_server(workshop, Some(MORE_APPS), command)
}

fn browser(workshop: &mut Workshop) -> Result<Counts, String> {
    in_a_browser(workshop, "")
}

/// Only the walk past every page, which leaves a picture of each.
fn screenshots(workshop: &mut Workshop) -> Result<Counts, String> {
    Ok(in_a_browser(workshop, "pages")? + in_a_browser(workshop, "samples")?)
}

/// Runs the test files whose name begins so.
fn in_a_browser(workshop: &mut Workshop, begins: &str) -> Result<Counts, String> {
    // One file after the other: two browsers on two cores only wait for each other.
    let mut command = node_tests(workshop, "browser", begins, &["--test-timeout=600000", "--test-concurrency=1"])?;
    let screenshots = workshop.target("screenshots");
    std::fs::create_dir_all(&screenshots).map_err(|error| format!("{}: {error}", screenshots.display()))?;
    command.env("KEYSIG_TEST_CHROMIUM", tools::chromium(workshop)?).env("KEYSIG_TEST_SCREENSHOTS", screenshots);
    command.env("KEYSIG_TEST_PAGES", workshop.target("pages"));
    command.env("KEYSIG_TEST_ROUTES", workshop.root.join("crates/keysig-server/src/routes.rs"));
    if begins == "samples" {
        command.env("KEYSIG_TEST_PICTURES", "yes");
    }
    against_server(workshop, None, command)
}
