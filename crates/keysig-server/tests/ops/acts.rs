//! What operators do from the command line.

use std::fs;
use std::path::Path;

use rustix::process::Signal;

use crate::keysig::{Ended, Running, run};

fn add(target: &[&str; 2], email: &str) {
    let common = ["user", "add", "--email", email, "--name", "Ann", "--password-stdin", "--json"];
    run(&[&common, &target[..]].concat(), "correct horse battery\n").json();
}

fn act(target: &[&str; 2], args: &[&str]) -> Ended {
    run(&[args, &["--json"], &target[..]].concat(), "")
}

/// The same, whether a server is asked or the store is opened.
fn accounts_are_acted_on(target: &[&str; 2]) {
    add(target, "ann@example.test");
    let shown = act(target, &["user", "show", "Ann@Example.test"]).json();
    assert_eq!((&shown["email"], &shown["locked"]), (&"ann@example.test".into(), &false.into()));
    let id = shown["id"].as_str().unwrap();

    assert_eq!(act(target, &["user", "lock", id]).json()["locked"], true);
    assert!(act(target, &["user", "lock", id]).complaint(1).contains("It is so already."));
    assert_eq!(act(target, &["user", "unlock", "ann@example.test"]).json()["locked"], false);
    assert_eq!(act(target, &["user", "revoke", id]).json()["id"], id);
    assert_eq!(act(target, &["user", "role", id, "--to", "support"]).json()["role"], "support");
    let found = act(target, &["user", "list", "ann@"]).json();
    assert_eq!((found["accounts"][0]["id"].as_str(), found["accounts"].as_array().unwrap().len()), (Some(id), 1));

    let typed_wrong = act(target, &["user", "delete", id, "--confirm", "bob@example.test"]);
    assert!(typed_wrong.complaint(1).contains("Type the address of the account to delete it."));
    assert_eq!(act(target, &["user", "delete", id, "--confirm", "ann@example.test"]).json()["id"], id);
    assert!(act(target, &["user", "show", "ann@example.test"]).complaint(1).contains("there is no account"));

    let listed = act(target, &["audit", "list"]).json();
    let records = listed["records"].as_array().unwrap();
    let actions: Vec<_> = records.iter().map(|record| record["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions.iter().take(5).copied().collect::<Vec<_>>(),
        ["user-deleted", "role-changed", "user-revoked", "user-unlocked", "user-locked"]
    );
    assert!(records.iter().take(5).all(|record| record["actor"].is_null()), "{listed}");
    let only = act(target, &["audit", "list", "--action", "user-locked"]).json();
    assert_eq!(only["records"].as_array().unwrap().len(), 1);
    assert!(act(target, &["audit", "list", "--action", "x"]).complaint(1).contains("There is no such action."));
    let verified = act(target, &["audit", "verify"]).json();
    assert!(verified["broken"].is_null() && verified["records"].as_u64().unwrap() >= 5, "{verified}");
}

fn configured(dir: &Path) -> String {
    let file = dir.join("keysig.toml");
    let text = format!("public_url = \"https://id.example\"\ndata = {:?}\n", dir.join("data"));
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn operators_act_on_accounts_beside_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let dev = Running::dev(dir.path(), &["--data", data]);
    accounts_are_acted_on(&["--data", data]);
    dev.stop(Signal::TERM);
    let nobody = act(&["--data", data], &["user", "list"]);
    assert!(nobody.complaint(2).contains("no server runs on this directory"));
}

#[test]
fn operators_act_on_accounts_without_a_server() {
    let dir = tempfile::tempdir().unwrap();
    let config = configured(dir.path());
    let target = ["--config", &config];
    accounts_are_acted_on(&target);
    add(&target, "bob@example.test");
    let reset = act(&target, &["user", "reset-password", "bob@example.test"]);
    assert!(reset.complaint(1).contains("This server sends no mail"));
    assert_eq!(act(&target, &["user", "role", "bob@example.test", "--to", "operator"]).json()["role"], "operator");
    let last = act(&target, &["user", "role", "bob@example.test", "--to", "user"]);
    assert!(last.complaint(1).contains("This is the last operator"));
    let words = run(&["user", "show", "bob@example.test", "--config", &config], "").out;
    assert!(words.ends_with("  bob@example.test  operator\n"), "{words}");
}
