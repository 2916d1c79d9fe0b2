//! `cargo xtask bench`: builds for release, and hands over to the program that measures.

use std::{
    path::Path,
    process::{Command, ExitCode, Stdio},
};

use crate::process::program;

/// Builds `keysig` and the bench, and measures one with the other. `arguments` are the bench's own.
pub fn run(arguments: &[String]) -> Result<ExitCode, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("xtask has no parent directory")?;
    // One after the other: built together, the bench's needs would switch features on in what is measured.
    for package in ["keysig-server", "keysig-bench"] {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--release", "--package", package]).current_dir(root);
        match cargo.status() {
            Ok(status) if status.success() => {}
            Ok(status) => return Err(format!("cargo build --release --package {package}: {status}")),
            Err(error) => return Err(format!("cargo: {error}")),
        }
    }
    let mut bench = program(root.join("target/release/keysig-bench"), "TERM");
    // The pipe is the guard's: when we are gone, so are the bench and the servers it started.
    let bench = bench.args(arguments).current_dir(root).stdin(Stdio::piped());
    let ended = bench.spawn().and_then(|mut running| {
        let pipe = running.stdin.take();
        let status = running.wait();
        drop(pipe);
        status
    });
    let ended = ended.map_err(|error| format!("keysig-bench: {error}"))?;
    Ok(if ended.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
