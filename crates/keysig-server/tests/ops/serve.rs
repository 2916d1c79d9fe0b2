use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::keysig::{Running, http, knows_app, run, run_with};

/// Writes a configuration beside its data.
fn config(dir: &Path, more: &str) -> PathBuf {
    let file = dir.join("keysig.toml");
    let data = dir.join("data");
    let text = format!("public_url = \"http://127.0.0.1:8080\"\nlisten = \"127.0.0.1:0\"\ndata = {data:?}\n{more}");
    fs::write(&file, text).unwrap();
    file
}

fn serve(file: &Path) -> [&str; 4] {
    ["serve", "--allow-root", "--config", file.to_str().unwrap()]
}

#[test]
fn a_server_without_seed_is_usable_by_commands_before_and_after_its_start() {
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), "");
    let file = file.to_str().unwrap();
    let user =
        ["user", "add", "--email", "ann@example.test", "--name", "Ann", "--password-stdin", "--config", file, "--json"];
    assert_eq!(run(&user, "correct horse battery\n").json()["email"], "ann@example.test");

    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = Running::start(dir.path(), &["serve", "--allow-root", "--config", file, "--listen", &free]);
    assert_eq!(server.issuer(), "http://127.0.0.1:8080");
    assert!(server.ready["app"].is_null());
    let base = format!("http://{free}");
    assert_eq!(http(&base, "GET /ready", "").0, 200);
    let app = [
        "app",
        "add",
        "--name",
        "Peek",
        "--owner",
        "ann@example.test",
        "--redirect-uri",
        "https://app.example/cb",
        "--profile",
        "spotify",
        "--client-id",
        "peek",
        "--config",
        file,
        "--json",
    ];
    let secret = run(&app, "").json()["client_secret"].as_str().unwrap().to_owned();
    assert!(knows_app(&base, "peek", &secret));
    assert!(!knows_app(&base, "demo-web", "demo-secret"));
    let ended = server.stop(Signal::TERM);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    assert!(!ended.err.contains(&secret));
}

#[test]
fn while_it_drains_it_says_that_it_is_not_ready() {
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), "drain_delay_seconds = 300\n");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let server = Running::start(dir.path(), &[&serve(&file)[..], &["--listen", &free]].concat());
    let base = format!("http://{free}");
    assert_eq!(http(&base, "GET /ready", "").0, 200);
    server.signal(Signal::TERM);
    let not_ready = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        http(&base, "GET /ready", "").0 == 503
    });
    assert!(not_ready);
    assert_eq!(http(&base, "GET /health", "").0, 200);
}

#[test]
fn root_needs_to_say_so() {
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), "");
    if rustix::process::geteuid().is_root() {
        let ended = run(&["serve", "--config", file.to_str().unwrap()], "");
        assert!(ended.complaint(2).contains("does not run as root"), "{}", ended.err);
    }
}

#[test]
fn the_data_of_dev_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    Running::dev(dir.path(), &["--data", data.to_str().unwrap()]).stop(Signal::TERM);
    let file = config(dir.path(), "");
    let ended = run(&serve(&file), "");
    assert!(ended.complaint(2).contains("was made by `keysig dev`"), "{}", ended.err);

    // Without the mark, its key still tells.
    fs::remove_file(data.join("made-by-keysig-dev")).unwrap();
    let ended = run(&serve(&file), "");
    assert!(ended.complaint(2).contains("holds a test key"), "{}", ended.err);
}

#[test]
fn a_wrong_configuration_ends_with_one_line_and_code_2() {
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), "colour = \"red\"\n");
    let ended = run(&serve(&file), "");
    assert!(ended.complaint(2).contains("keysig.toml, line 4: unknown key `colour`"), "{}", ended.err);
    let missing = dir.path().join("none.toml");
    assert!(run(&serve(&missing), "").complaint(2).contains("none.toml"));
    let file = config(dir.path(), "");
    let ended = run_with(&serve(&file), "", &[("KEYSIG_PUBLIC_URL", "http://accounts.example.com")]);
    assert!(ended.complaint(2).contains("write https"), "{}", ended.err);
    let file = config(dir.path(), "scopes = \"/nowhere/scopes.toml\"\n");
    assert!(run(&serve(&file), "").complaint(2).contains("/nowhere/scopes.toml"));
    assert!(!dir.path().join("data").exists(), "nothing is made before everything is checked");
}

#[test]
fn a_second_server_on_the_same_data_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = config(dir.path(), "");
    let _first = Running::start(dir.path(), &serve(&file));
    let ended = run(&[&serve(&file)[..], &["--log-format", "json"]].concat(), "");
    assert!(ended.complaint(1).contains("another keysig is running"), "{}", ended.err);
}
