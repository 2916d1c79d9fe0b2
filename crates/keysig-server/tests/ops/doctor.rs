//! `keysig doctor`: what it finds, what it advises, and that it changes nothing.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::Value;

use crate::keysig::{Ended, Running, run, run_with};

fn configured(dir: &Path, listen: &str, more: &str) -> PathBuf {
    let file = dir.join("keysig.toml");
    let data = dir.join("data");
    let text = format!("public_url = \"http://{listen}\"\nlisten = \"{listen}\"\ndata = {data:?}\n{more}");
    fs::write(&file, text).unwrap();
    file
}

fn free() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn doctor(file: &Path, more: &[&str]) -> Ended {
    run(&[&["doctor", "--config", file.to_str().unwrap(), "--json"], more].concat(), "")
}

/// The verdict and the words of a check.
fn check(ended: &Ended, name: &str) -> (String, String) {
    let found: Value = serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{}{}", ended.out, ended.err));
    let checks = found["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("no {name}: {found}"));
    let fix = check["fix"].as_str().unwrap_or_default();
    assert!(check["verdict"] == "ok" || !fix.is_empty(), "{name} is mended by nothing: {check}");
    (check["verdict"].as_str().unwrap().to_owned(), format!("{} {fix}", check["found"].as_str().unwrap()))
}

#[track_caller]
fn assert_found(ended: &Ended, code: i32, name: &str, verdict: &str, words: &str) {
    let (found, said) = check(ended, name);
    assert_eq!((found.as_str(), ended.code), (verdict, Some(code)), "{name}: {said}\n{}\n{}", ended.out, ended.err);
    assert!(said.contains(words), "{name}: {said}");
}

#[test]
fn before_the_first_start_nothing_is_broken_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let file = configured(dir.path(), &free(), "");
    let ended = doctor(&file, &[]);
    assert_found(&ended, 0, "data", "look", "the first start makes it");
    assert_found(&ended, 0, "master-key", "look", "first start");
    assert_found(&ended, 0, "port", "ok", "is free");
    assert!(!dir.path().join("data").exists());
    let said = run(&["doctor", "--config", file.to_str().unwrap()], "");
    assert!(said.out.contains("Look    data:") && said.out.contains("→ keysig serve"), "{}", said.out);
}

#[test]
fn a_running_server_is_healthy_beside_itself_and_on_its_store() {
    let dir = tempfile::tempdir().unwrap();
    let listen = free();
    let file = configured(dir.path(), &listen, "");
    let path = file.to_str().unwrap().to_owned();
    let server = Running::start(dir.path(), &["serve", "--allow-root", "--config", &path]);
    let ended = doctor(&file, &[]);
    for name in
        ["configuration", "port", "data", "master-key", "schema", "database", "feed", "clock", "keys", "reached"]
    {
        assert_found(&ended, 0, name, "ok", "");
    }
    assert_found(&ended, 0, "mail", "look", "[mail]");
    let beside = run(&["doctor", "--data", dir.path().join("data").to_str().unwrap(), "--json"], "");
    assert_found(&beside, 0, "database", "ok", "answers");
    server.stop(Signal::TERM);
    let ended = doctor(&file, &[]);
    assert_found(&ended, 0, "database", "ok", "answers");
    assert_found(&ended, 0, "port", "ok", "is free");
    let beside = run(&["doctor", "--data", dir.path().join("data").to_str().unwrap(), "--json"], "");
    assert_found(&beside, 0, "server", "look", "no server runs");
}

#[test]
fn a_wrong_configuration_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = configured(dir.path(), "127.0.0.1:0", "colour = \"red\"\n");
    assert_found(&doctor(&file, &[]), 1, "configuration", "broken", "line 4: unknown key `colour`");
    assert_found(&doctor(&dir.path().join("none.toml"), &[]), 1, "configuration", "broken", "none.toml");
    let file = configured(dir.path(), "127.0.0.1:0", "");
    let args = ["doctor", "--config", file.to_str().unwrap(), "--json"];
    let ended = run_with(&args, "", &[("KEYSIG_COLOUR", "red")]);
    assert_found(&ended, 0, "environment", "look", "KEYSIG_COLOUR is no key");
    assert_eq!(run(&["doctor"], "").code, Some(2));
}

#[test]
fn what_others_may_do_to_the_data_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let file = configured(dir.path(), "127.0.0.1:0", "");
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    for (mode, code, verdict) in [(0o700, 0, "ok"), (0o750, 0, "look"), (0o777, 1, "broken")] {
        fs::set_permissions(&data, fs::Permissions::from_mode(mode)).unwrap();
        assert_found(&doctor(&file, &[]), code, "data", verdict, if code == 0 { "" } else { "chmod 700" });
    }
}

#[test]
fn a_master_key_that_is_not_the_store_s_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let file = configured(dir.path(), &free(), "");
    Running::start(dir.path(), &["serve", "--allow-root", "--config", file.to_str().unwrap()]).stop(Signal::TERM);
    let key = dir.path().join("data/master.key");
    let right = fs::read_to_string(&key).unwrap();
    fs::write(&key, "0".repeat(64)).unwrap();
    let ended = doctor(&file, &[]);
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    let of_store = |check: &&Value| check["name"] == "master-key" && check["verdict"] == "broken";
    assert!(found["checks"].as_array().unwrap().iter().any(|check| of_store(&check)), "{}", ended.out);
    assert_eq!(ended.code, Some(1));
    fs::remove_file(&key).unwrap();
    assert_found(&doctor(&file, &[]), 1, "master-key", "broken", "put the key");
    fs::write(&key, right).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(doctor(&file, &[]).code, Some(0));
}

#[test]
fn a_port_that_somebody_else_has_is_found_and_so_is_a_mail_server_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let nowhere = free();
    let mail = format!("[mail]\nsmtp = \"smtp://{nowhere}\"\nfrom = \"Example <no-reply@example.com>\"\n");
    let file = configured(dir.path(), &address, &mail);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let ended = doctor(&file, &[]);
    assert_found(&ended, 1, "port", "broken", "something else listens");
    assert_found(&ended, 1, "mail-server", "broken", "[mail]");
}

#[test]
fn a_certificate_that_cannot_be_used_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    fs::write(&key, "no key").unwrap();
    fs::write(&cert, "no certificate").unwrap();
    let data = dir.path().join("data");
    let file = dir.path().join("keysig.toml");
    let text = format!(
        "public_url = \"https://id.example\"\nlisten = \"127.0.0.1:0\"\ndata = {data:?}\n[tls]\ncert_file = {cert:?}\nkey_file = {key:?}\n"
    );
    fs::write(&file, text).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert_found(&doctor(&file, &[]), 1, "certificate", "broken", "chmod 600");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    assert_found(&doctor(&file, &[]), 1, "certificate", "broken", "mend the files");
}

#[test]
fn a_certificate_is_good_for_its_name_and_until_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let file = dir.path().join("keysig.toml");
    let data = dir.path().join("data");
    let text = format!(
        "public_url = \"https://id.example\"\nlisten = \"127.0.0.1:0\"\ndata = {data:?}\n[tls]\ncert_file = {cert:?}\nkey_file = {key:?}\n"
    );
    fs::write(&file, text).unwrap();
    for (name, days, code, verdict, words) in [
        ("id.example", "90", 0, "ok", "for id.example"),
        ("id.example", "5", 0, "look", "it ends in"),
        ("other.example", "90", 1, "broken", "not for id.example"),
    ] {
        let made = std::process::Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", days])
            .args(["-subj", "/CN=x", "-addext", &format!("subjectAltName=DNS:{name}"), "-keyout"])
            .args([key.as_os_str(), "-out".as_ref(), cert.as_os_str()])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        assert_found(&doctor(&file, &[]), code, "certificate", verdict, words);
    }
}

#[test]
fn an_app_and_a_pasted_address_are_looked_at() {
    let dir = tempfile::tempdir().unwrap();
    let file = configured(dir.path(), &free(), "");
    let target = ["--config", file.to_str().unwrap()];
    let ann = ["user", "add", "--email", "ann@example.test", "--name", "Ann", "--password-stdin", "--json"];
    run(&[&ann, &target[..]].concat(), "correct horse battery\n").json();
    let app =
        ["app", "add", "--name", "Peek", "--owner", "ann@example.test", "--profile", "spotify", "--client-id", "peek"];
    let uris = ["--redirect-uri", "https://peek.example/cb", "--redirect-uri", "https://peek.example/cb/", "--json"];
    run(&[&app[..], &uris, &target].concat(), "").json();
    let ended = doctor(&file, &["--app", "peek"]);
    assert_found(&ended, 0, "app peek, redirect-uris", "look", "differs only in its last slash");
    assert_found(&ended, 0, "app peek, mode", "look", "in development");
    assert_found(&ended, 0, "app peek, secrets", "ok", "1 working");
    assert_found(&doctor(&file, &["--app", "nobody"]), 1, "app nobody", "broken", "no such thing");

    let url = |rest: &str| format!("http://127.0.0.1:8080/authorize?client_id=peek&response_type=code&{rest}");
    let good = url("redirect_uri=https%3A%2F%2Fpeek.example%2Fcb&state=x");
    let ended = doctor(&file, &["--url", &good]);
    let found: Value = serde_json::from_str(&ended.out).unwrap();
    assert!(ended.code == Some(0) && found.to_string().contains("it would pass"), "{found}");
    assert_found(&ended, 0, "url", "look", "PKCE");
    let wrong = doctor(&file, &["--url", &url("redirect_uri=https%3A%2F%2Fpeek.example%2Fcbx")]);
    assert_found(&wrong, 1, "url", "broken", "https://peek.example/cb");
    let typo = doctor(&file, &["--url", "http://127.0.0.1/authorize?client_id=peak"]);
    assert_found(&typo, 1, "url", "broken", "near peek");
    assert_found(&doctor(&file, &["--url", "hello"]), 1, "url", "broken", "no authorization address");
}

#[test]
fn a_server_that_does_not_start_says_what_else_is_broken_and_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let file = configured(dir.path(), &taken.local_addr().unwrap().to_string(), "");
    let data = dir.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::set_permissions(&data, fs::Permissions::from_mode(0o777)).unwrap();
    let ended = run(&["serve", "--allow-root", "--config", file.to_str().unwrap()], "");
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.starts_with("keysig: 127.0.0.1:") && ended.err.contains("is in use"), "{}", ended.err);
    assert!(ended.err.contains("Broken  data: others may write") && ended.err.contains("→ chmod 700"), "{}", ended.err);
    let file = configured(dir.path(), "127.0.0.1:0", "colour = \"red\"\n");
    assert!(run(&["serve", "--allow-root", "--config", file.to_str().unwrap()], "").complaint(2).contains("colour"));
}
