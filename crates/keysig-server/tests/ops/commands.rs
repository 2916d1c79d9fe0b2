use std::fs;
use std::path::Path;

use rustix::process::Signal;

use crate::keysig::{Ended, Running, http, knows_app, run};

fn add_user(data: &Path, email: &str, more: &[&str]) -> Ended {
    let common = [
        "user",
        "add",
        "--email",
        email,
        "--name",
        "Ann",
        "--password-stdin",
        "--json",
        "--data",
        data.to_str().unwrap(),
    ];
    run(&[&common, more].concat(), "correct horse battery\n")
}

fn add_app(data: &Path, owner: &str, redirect_uri: &str, more: &[&str]) -> Ended {
    let common = [
        "app",
        "add",
        "--name",
        "Peek",
        "--owner",
        owner,
        "--redirect-uri",
        redirect_uri,
        "--profile",
        "spotify",
        "--json",
        "--data",
        data.to_str().unwrap(),
    ];
    run(&[&common, more].concat(), "")
}

#[test]
fn without_a_server_the_store_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let added = add_user(dir.path(), "Ann@Example.test", &["--id", "ann", "--role", "developer"]).json();
    assert_eq!(added, serde_json::json!({"id": "ann", "email": "ann@example.test", "role": "developer"}));
    let app = add_app(dir.path(), "ann@example.test", "https://app.example/cb", &["--live", "--legacy-flows"]).json();
    let is_hex = |key: &str| app[key].as_str().unwrap().bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    assert!(is_hex("client_id") && is_hex("client_secret"));
    assert_eq!((app["client_id"].as_str().unwrap().len(), app["client_secret"].as_str().unwrap().len()), (32, 32));
    let public = add_app(dir.path(), "ann", "myapp://cb", &["--public", "--client-id", "Pocket.Player_1-x"]);
    assert_eq!(public.json()["client_id"], "Pocket.Player_1-x");
    assert!(public.json()["client_secret"].is_null());
    assert!(public.err.contains("other apps can claim this scheme"), "{}", public.err);
}

#[test]
fn beside_a_server_the_socket_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let dev = Running::dev(dir.path(), &["--data", data.to_str().unwrap()]);
    assert_eq!(add_user(&data, "ann@example.test", &[]).json()["email"], "ann@example.test");
    let app = add_app(&data, "ann@example.test", "https://app.example/cb", &["--client-id", "beside"]).json();
    assert!(knows_app(dev.issuer(), "beside", app["client_secret"].as_str().unwrap()));
    let again = add_user(&data, "ANN@example.test", &[]);
    assert!(again.complaint(1).contains("there is a user with the e-mail address ann@example.test already"));
    dev.stop(Signal::TERM);
    // What the server was told is in the store.
    assert!(
        add_app(&data, "ann@example.test", "https://app.example/cb", &["--client-id", "beside"])
            .complaint(1)
            .contains("already")
    );
}

#[test]
fn an_imported_catalogue_is_used_by_the_running_server() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let dev = Running::dev(dir.path(), &["--data", data.to_str().unwrap()]);
    let file = dir.path().join("new.csv");
    let import = || run(&["catalogue", "import", file.to_str().unwrap(), "--data", data.to_str().unwrap()], "");
    fs::write(&file, "track,artists\nA,B\n").unwrap();
    assert!(import().complaint(2).contains("new.csv, line "));
    fs::write(&file, "track_id,track,artists,album,release_date,duration_ms\n0000000000000000000009,Lantern,Nobody Yet,First,2024,1000\n").unwrap();
    assert_eq!(import().out, "Imported. Tracks: 1, albums: 1, artists: 1.\n");

    let token = http(
        dev.issuer(),
        "POST /api/token",
        "grant_type=client_credentials&client_id=demo-web&client_secret=demo-secret",
    )
    .1;
    let token: serde_json::Value = serde_json::from_str(&token).unwrap();
    let head = format!(
        "GET /v1/tracks/0000000000000000000009 HTTP/1.1\r\nAuthorization: Bearer {}\r\nX-Ignored:",
        token["access_token"].as_str().unwrap()
    );
    let found = (0..500).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(10));
        http(dev.issuer(), &head, "").0 == 200
    });
    assert!(found, "the running server keeps the old catalogue");
}

#[test]
fn what_cannot_be_registered_is_refused_in_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path();
    add_user(data, "ann@example.test", &["--id", "ann"]).json();
    let users = [
        (add_user(data, "ann", &[]), 2, "`ann` is not an e-mail address"),
        (add_user(data, "b@example.test", &["--id", "ann"]), 1, "there is a user with the id `ann` already"),
        (add_user(data, "b@example.test", &["--id", "Ann B"]), 1, "the id `Ann B` is not"),
        (add_user(data, "b@example.test", &["--country", "Sweden"]), 1, "`Sweden` is not a country"),
    ];
    let twenty_one =
        (0..20).flat_map(|n| ["--redirect-uri".to_owned(), format!("https://app.example/{n}")]).collect::<Vec<_>>();
    let twenty_one: Vec<&str> = twenty_one.iter().map(String::as_str).collect();
    let apps = [
        (add_app(data, "nobody@example.test", "https://app.example", &[]), 1, "there is no user nobody@example.test"),
        (add_app(data, "ann", "http://localhost:1/cb", &[]), 1, "use 127.0.0.1 instead"),
        (add_app(data, "ann", "https://app.example", &["--client-id", "a b"]), 1, "the client ID `a b` is not"),
        (
            add_app(data, "ann", "https://app.example", &["--homepage", "javascript:alert(1)"]),
            1,
            "the address javascript",
        ),
        (add_app(data, "ann", "https://app.example/cb", &twenty_one), 1, "1 to 20 redirect URIs, not 21"),
    ];
    for (ended, code, expected) in users.iter().chain(&apps) {
        assert!(ended.complaint(*code).contains(expected), "{}", ended.err);
    }
    let named = run(
        &[
            "user",
            "add",
            "--email",
            "b@example.test",
            "--name",
            "B\u{202e}ob",
            "--password-stdin",
            "--data",
            data.to_str().unwrap(),
        ],
        "a long password\n",
    );
    assert!(named.complaint(1).contains("is not a name"), "{}", named.err);
    let short = run(
        &[
            "user",
            "add",
            "--email",
            "b@example.test",
            "--name",
            "B",
            "--password-stdin",
            "--data",
            data.to_str().unwrap(),
        ],
        "short\n",
    );
    assert!(short.complaint(2).contains("12 to 128"), "{}", short.err);
}

#[test]
fn one_place_is_named_and_only_one() {
    let nowhere = run(&["catalogue", "import", "x.json"], "");
    assert_eq!(nowhere.code, Some(2));
    let both = run(&["catalogue", "import", "x.json", "--data", "a", "--config", "b"], "");
    assert_eq!(both.code, Some(2));
}
