//! The server under test, as the foreign clients and the browser meet it.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use serde_json::Value;

use crate::{
    process::{Running, program, until},
    steps::Workshop,
};

const READY_WITHIN: Duration = Duration::from_secs(60);

/// `keysig dev` on free loopback ports; dropping it stops it.
#[derive(Debug)]
pub struct Keysig {
    _server: Running,
    issuer: String,
    api: String,
    app: String,
}

impl Keysig {
    /// Starts the built binary and waits for its ready file. With `more`, a seed file, it has what that names beside
    /// what is built in.
    pub fn start(workshop: &Workshop, more: Option<&str>) -> Result<Self, String> {
        let ready_file = workshop.log.with_extension("ready.json");
        let _ = fs::remove_file(&ready_file);
        let mut serve = program(workshop.target("debug/keysig"), "TERM");
        serve.args(["dev", "--listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0", "--ready-file"]);
        serve.arg(&ready_file).current_dir(&workshop.root);
        if let Some(more) = more {
            serve.arg("--seed").arg(seed_with(workshop, more)?);
        }
        let log = workshop.log.with_extension("server.log");
        let _ = fs::remove_file(&log);
        let mut server = Running::start(serve, &log).map_err(|error| format!("keysig dev: {error}"))?;
        let ready = until(READY_WITHIN, || match server.ended() {
            Ok(None) => fs::read_to_string(&ready_file).ok().map(Ok),
            Ok(Some(status)) => Some(Err(format!("keysig dev ended: {status}"))),
            Err(error) => Some(Err(format!("keysig dev: {error}"))),
        });
        let said = || fs::read_to_string(&log).unwrap_or_default();
        let ready = ready.unwrap_or_else(|| Err("keysig dev wrote no ready file".to_owned()));
        let ready = ready.map_err(|complaint| format!("{complaint}\n{}", said()))?;
        let ready: Value = serde_json::from_str(&ready).map_err(|error| format!("ready file: {error}"))?;
        let text = |key: &str| {
            ready.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("ready file has no {key}"))
        };
        Ok(Self { issuer: text("issuer")?, api: text("api")?, app: text("app")?, _server: server })
    }

    /// Tells a test where the server is, how to start another, and how a person answers its pages.
    pub fn introduce(&self, command: &mut Command, workshop: &Workshop, python: &std::path::Path) {
        command
            .env("KEYSIG_TEST_ISSUER", &self.issuer)
            .env("KEYSIG_TEST_API", self.api.trim_end_matches('/').trim_end_matches("/v1"))
            .env("KEYSIG_TEST_APP", self.app.trim_end_matches('/'))
            .env("KEYSIG_TEST_BINARY", workshop.target("debug/keysig"))
            .env("KEYSIG_TEST_PYTHON", python)
            .env("KEYSIG_TEST_PERSON", workshop.root.join("tests/clients/person.py"))
            .env("NO_PROXY", "127.0.0.1,localhost")
            .env("no_proxy", "127.0.0.1,localhost");
    }
}

/// The built-in seed and `more` in one file. Both are lists of tables, so one is written after the other.
fn seed_with(workshop: &Workshop, more: &str) -> Result<PathBuf, String> {
    let read = |path: &str| fs::read_to_string(workshop.root.join(path)).map_err(|error| format!("{path}: {error}"));
    let seed = workshop.log.with_extension("seed.toml");
    let text = format!("{}\n{}", read("seed/dev.toml")?, read(more)?);
    fs::write(&seed, text).map_err(|error| format!("{}: {error}", seed.display()))?;
    Ok(seed)
}
