//! Everything operators do on pages, from the command line: beside a server and on the store.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::Signal;

use crate::keysig::{Ended, Running, run};

const TICKETS: [&str; 8] = ["scope", "add", "tickets-read", "--group", "see", "--risk", "s", "--title"];

fn act(target: &[&str; 2], args: &[&str]) -> Ended {
    run(&[args, &["--json"], &target[..]].concat(), "")
}

fn operators_do_from_here_what_they_do_on_pages(dir: &Path, target: &[&str; 2], client_id: &str) {
    let listed = act(target, &["app", "list", client_id]).json();
    assert_eq!(listed["apps"][0]["client_id"], client_id);
    let paused = act(target, &["app", "pause", client_id, "--why", "It misleads."]).json();
    assert_eq!((&paused["paused"], &paused["client_id"]), (&true.into(), &client_id.into()));
    assert!(act(target, &["app", "pause", client_id, "--why", "again"]).complaint(1).contains("It is so already."));
    let check = act(target, &["app", "check", client_id]);
    assert!(check.complaint(1).contains("something is broken") && check.out.contains("\"broken\""), "{}", check.out);
    assert_eq!(act(target, &["app", "resume", client_id]).json()["paused"], false);
    assert_eq!(act(target, &["app", "trust", client_id]).json()["trusted"], true);
    assert_eq!(act(target, &["app", "distrust", client_id]).json()["trusted"], false);
    assert_eq!(act(target, &["app", "reports-read", client_id]).json()["client_id"], client_id);
    assert!(act(target, &["app", "show", "nobody"]).complaint(1).contains("there is no such thing"));

    let seen = act(target, &["review", "show", client_id]).json()["seen"].as_str().unwrap().to_owned();
    let asked = act(target, &["review", "ask", client_id, "--words", "What is it for?"]).json();
    assert_eq!((&asked["state"], &asked["messages"][0]["words"]), (&"asked-back".into(), &"What is it for?".into()));
    assert_eq!(act(target, &["review", "list"]).json()["reviews"][0]["client_id"], client_id);
    assert!(act(target, &["review", "approve", client_id, "--seen", "x"]).complaint(1).contains("Look again."));
    assert_eq!(act(target, &["review", "approve", client_id, "--seen", &seen]).json()["is_reviewed"], true);
    assert_eq!(act(target, &["review", "refuse", client_id, "--words", "No."]).json()["is_reviewed"], false);
    assert!(act(target, &["review", "check-host", client_id]).json()["found"].is_string());

    let words = ["en=Your tickets", "--title", "de=Deine Karten", "--title", "ar=تذاكرك"];
    let details = ["--detail", "en=All of them.", "--detail", "de=Alle.", "--detail", "ar=كلها."];
    let added = act(target, &[&TICKETS[..], &words[..], &details[..]].concat()).json();
    assert_eq!((&added["risk"], &added["words"]["de"]["title"]), (&"S".into(), &"Deine Karten".into()));
    let set = act(target, &["scope", "set", "tickets-read", "--risk", "P", "--detail", "de=Jede."]).json();
    assert_eq!((&set["risk"], &set["words"]["de"]["detail"]), (&"P".into(), &"Jede.".into()));
    assert_eq!(set["words"]["en"]["detail"], "All of them.");
    assert!(act(target, &["scope", "set", "tickets-read", "--risk", "S"]).complaint(1).contains("can only rise"));
    assert_eq!(act(target, &["scope", "retire", "tickets-read"]).json()["retired"], true);
    assert_eq!(act(target, &["scope", "restore", "tickets-read"]).json()["retired"], false);
    assert_eq!(act(target, &["scope", "show", "tickets-read"]).json()["name"], "tickets-read");
    assert!(act(target, &["scope", "list"]).json()["scopes"].as_array().unwrap().len() > 10);

    assert_eq!(
        act(target, &["brand", "set", "brand=Radio Nord", "accent=#3d3bd6"]).json()["values"]["brand"],
        "Radio Nord"
    );
    assert!(act(target, &["brand", "set", "accent=#ffff00"]).complaint(1).contains("accent"));
    assert_eq!(act(target, &["brand", "show"]).json()["values"]["accent"], "#3d3bd6");
    assert_eq!(act(target, &["policy", "set", "consent_days=90"]).json()["values"]["consent_days"], "90");
    assert_eq!(act(target, &["policy", "show"]).json()["values"]["consent_days"], "90");
    assert!(act(target, &["policy", "set", "brand=x"]).complaint(1).contains("no such setting"));

    let key = act(target, &["api-key", "add", "--name", "nightly", "--role", "support"]).json();
    assert!(key["secret"].as_str().unwrap().starts_with("ks_"), "{key}");
    let known = act(target, &["api-key", "list"]).json();
    assert_eq!((&known["keys"][0]["name"], &known["keys"][0]["role"]), (&"nightly".into(), &"support".into()));
    assert!(!known.to_string().contains(key["secret"].as_str().unwrap()));
    let id = known["keys"][0]["id"].as_str().unwrap();
    assert_eq!(act(target, &["api-key", "revoke", id]).json()["id"], id);
    assert_eq!(act(target, &["api-key", "list"]).json()["keys"].as_array().unwrap().len(), 0);

    for format in ["ndjson", "csv"] {
        let out = dir.join(format!("audit.{format}"));
        let export = ["audit", "export", "--format", format, "--out", out.to_str().unwrap()];
        let copied = act(target, &export).json()["records"].as_u64().unwrap();
        let text = fs::read_to_string(&out).unwrap();
        let head = usize::from(format == "csv");
        assert_eq!(text.lines().count(), usize::try_from(copied).unwrap() + head);
        assert!(text.lines().nth(head).unwrap().contains("audit-exported"), "{text}");
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(act(target, &export).complaint(1).contains("exists"), "nothing is written over");
    }
    let said = run(&[&["audit", "export", "--action", "app-trust-changed"], &target[..]].concat(), "").out;
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(act(target, &["audit", "verify"]).json()["broken"].is_null());
    assert!(
        act(target, &["inspect", "https://id.example/authorize?client_id=nobody"]).json()["refused"]["fix"].is_string()
    );
}

fn add_app(target: &[&str; 2]) {
    let ann = ["user", "add", "--email", "ann@example.test", "--name", "Ann", "--password-stdin", "--json"];
    run(&[&ann, &target[..]].concat(), "correct horse battery\n").json();
    let app =
        ["app", "add", "--name", "Peek", "--owner", "ann@example.test", "--redirect-uri", "https://app.example/cb"];
    act(target, &[&app[..], &["--profile", "spotify", "--client-id", "peek"]].concat()).json();
}

#[test]
fn beside_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let dev = Running::dev(dir.path(), &["--data", data]);
    let target = ["--data", data];
    operators_do_from_here_what_they_do_on_pages(dir.path(), &target, "demo-web");
    let keys = act(&target, &["key", "list"]).json();
    let kid = keys["keys"][0]["kid"].as_str().unwrap();
    assert!(act(&target, &["key", "show", kid]).json()["logins"].is_u64());
    assert!(act(&target, &["key", "rotate", "--algorithm", "ES256"]).json()["keys"].as_array().unwrap().len() > 3);
    let left = act(&target, &["key", "revoke", kid]).json();
    assert!(left["keys"].as_array().unwrap().iter().all(|key| key["kid"] != kid), "{left}");
    assert_eq!(act(&target, &["health"]).json()["checks"][0]["name"], "database");
    assert!(!act(&target, &["user", "roles"]).json()["accounts"].as_array().unwrap().is_empty());

    let key = act(&target, &["api-key", "add", "--name", "x"]).json()["secret"].as_str().unwrap().to_owned();
    let head = format!("GET /admin/api/v1/health HTTP/1.1\r\nAuthorization: Bearer {key}\r\nX-Rest:");
    let (status, body) = crate::keysig::http(dev.issuer(), &head, "");
    assert!(status == 200 && body.contains("\"database\""), "{body}");
    let ended = dev.stop(Signal::TERM);
    assert!(!ended.err.contains(&key));
}

#[test]
fn on_the_store() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("keysig.toml");
    let text = format!("public_url = \"https://id.example\"\ndata = {:?}\n", dir.path().join("data"));
    fs::write(&config, text).unwrap();
    let target = ["--config", config.to_str().unwrap()];
    add_app(&target);
    operators_do_from_here_what_they_do_on_pages(dir.path(), &target, "peek");
}
