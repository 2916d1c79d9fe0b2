//! `cargo xtask nightly`: what is too slow, or asks too much of the network, for every change.

use std::{process::Command, time::Duration};

use crate::{
    counts::Counts,
    fuzz,
    process::program,
    steps::{self, Step, Workshop},
    tools,
};

/// Property tests run this many cases, instead of their few hundred.
const PROPTEST_CASES: &str = "20000";
/// Cryptography that must not come in through a dependency: `aws-lc-rs` is the only one.
const FORBIDDEN: &[&str] = &["ring", "openssl-sys", "native-tls"];

/// No more is begun after this, fuzzing included.
pub const LIMIT: Duration = Duration::from_secs(8 * 3600);

/// All there is, in this order.
pub const PLAN: &[Step] = &[
    Step {
        name: "trees",
        what: "no second cryptography in the dependency tree",
        needs: &[],
        limit_minutes: 5,
        run: trees,
    },
    Step { name: "deny", what: "licences, bans and sources by deny.toml", needs: &[], limit_minutes: 25, run: deny },
    Step {
        name: "advisories",
        what: "RustSec advisories, where its database can be fetched",
        needs: &["deny"],
        limit_minutes: 10,
        run: advisories,
    },
    Step {
        name: "properties",
        what: "property tests with many more cases",
        needs: &[],
        limit_minutes: 40,
        run: properties,
    },
    Step {
        name: "fuzz",
        what: "every fuzz target for ten minutes, or KEYSIG_FUZZ_SECONDS",
        needs: &[],
        // To build them; each target has its own time.
        limit_minutes: 30,
        run: fuzz::run,
    },
];

fn trees(workshop: &mut Workshop) -> Result<Counts, String> {
    let mut sum = Counts::default();
    for name in FORBIDDEN {
        let command = ["tree", "--workspace", "--edges", "all", "--target", "all", "--invert", name];
        workshop.note(&format!("$ cargo {}", command.join(" ")))?;
        let answer = Command::new("cargo").args(command).current_dir(&workshop.root).output();
        let answer = answer.map_err(|error| format!("cargo tree: {error}"))?;
        workshop.note(&String::from_utf8_lossy(&answer.stdout))?;
        // cargo answers an unknown package with an error, and a known but unused one with nothing.
        let complaint = String::from_utf8_lossy(&answer.stderr);
        workshop.note(&complaint)?;
        let unknown = complaint.contains("did not match any packages");
        let absent = unknown || (answer.status.success() && answer.stdout.is_empty());
        sum = sum + if absent { Counts::ONE_PASSED } else { Counts::ONE_FAILED };
    }
    Ok(sum)
}

fn cargo_deny(workshop: &Workshop, checks: &[&str]) -> Result<(), String> {
    let mut command = program(tools::cargo_deny(workshop)?, "TERM");
    command.args(["--all-features", "check", "--hide-inclusion-graph"]).args(checks);
    workshop.run(command)
}

fn deny(workshop: &mut Workshop) -> Result<Counts, String> {
    cargo_deny(workshop, &["bans", "licenses", "sources"]).map(|()| Counts::ONE_PASSED)
}

fn advisories(workshop: &mut Workshop) -> Result<Counts, String> {
    match cargo_deny(workshop, &["advisories"]) {
        Ok(()) => Ok(Counts::ONE_PASSED),
        Err(_) if workshop.said().contains("failed to fetch advisory database") => {
            steps::aside("the advisory database cannot be fetched here");
            Ok(Counts::ONE_SKIPPED)
        }
        Err(complaint) => Err(complaint),
    }
}

fn properties(workshop: &mut Workshop) -> Result<Counts, String> {
    let mut command = program("cargo", "TERM");
    command.args(["test", "--workspace", "--locked", "--no-fail-fast"]).env("PROPTEST_CASES", PROPTEST_CASES);
    workshop.run_tests(command)
}
