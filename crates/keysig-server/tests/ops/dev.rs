use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use crate::keysig::{Running, http, knows_app, run, run_with};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_ready_file_says_where_everything_is_and_everything_answers() {
    let dir = tempfile::tempdir().unwrap();
    let dev = Running::dev(dir.path(), &[]);
    let ready = dev.ready.as_object().unwrap();
    assert_eq!(ready.keys().map(String::as_str).collect::<Vec<_>>(), ["api", "app", "issuer", "pid"]);
    assert_eq!(ready["pid"], dev.pid());
    assert_eq!(ready["api"], dev.issuer());
    assert_eq!(http(dev.issuer(), "GET /ready", "").0, 200);
    assert_eq!(http(dev.ready["app"].as_str().unwrap(), "GET /", "").0, 200);
    assert!(knows_app(dev.issuer(), "demo-web", "demo-secret"));
    assert!(!knows_app(dev.issuer(), "demo-web", "demo-secre"));
    assert!(!dir.path().join("ready.json.part").exists());
}

#[test]
fn without_a_directory_everything_is_thrown_away_at_exit() {
    let dir = tempfile::tempdir().unwrap();
    let temporary = tempfile::tempdir().unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let ready_file = dir.path().join("ready.json");
        let environment = [("TMPDIR", text(temporary.path()))];
        let args = ["dev", "--listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0", "--ready-file", text(&ready_file)];
        let waiting = std::thread::scope(|scope| {
            let ended = scope.spawn(|| run_with(&args, "", &environment));
            let ready = loop {
                match fs::read(&ready_file) {
                    Ok(ready) => break serde_json::from_slice::<Value>(&ready).unwrap(),
                    Err(_) => std::thread::yield_now(),
                }
                assert!(!ended.is_finished(), "it ended early");
            };
            assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 1);
            let pid = i32::try_from(ready["pid"].as_i64().unwrap()).unwrap();
            rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), signal).unwrap();
            ended.join().unwrap()
        });
        assert_eq!(waiting.code, Some(0), "{}", waiting.err);
        assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
        fs::remove_file(&ready_file).unwrap();
    }
}

#[test]
fn the_second_start_is_identical_and_what_was_added_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let welcome = |ended: crate::keysig::Ended| {
        let clicks = ended.out.lines().filter(|line| !line.contains("http://127.0.0.1:")).map(str::to_owned);
        clicks.collect::<BTreeSet<_>>()
    };
    let first = Running::dev(dir.path(), &["--data", text(&data)]);
    let added = run(
        &[
            "app",
            "add",
            "--name",
            "Mine",
            "--owner",
            "ada",
            "--redirect-uri",
            "https://app.example/cb",
            "--profile",
            "spotify",
            "--client-id",
            "mine",
            "--data",
            text(&data),
            "--json",
        ],
        "",
    );
    let secret = added.json()["client_secret"].as_str().unwrap().to_owned();
    let first = welcome(first.stop(Signal::TERM));
    let key = fs::read(data.join("master.key")).unwrap();
    assert!(key.starts_with(b"test:"));

    let second = Running::dev(dir.path(), &["--data", text(&data)]);
    assert!(knows_app(second.issuer(), "mine", &secret));
    assert!(knows_app(second.issuer(), "demo-web", "demo-secret"));
    assert_eq!(welcome(second.stop(Signal::TERM)), first);
    assert_eq!(fs::read(data.join("master.key")).unwrap(), key);
    assert!(!data.join("keysig.sock").exists());
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.path());
    }
}

#[test]
fn a_seed_of_ones_own_replaces_the_built_in_one() {
    let dir = tempfile::tempdir().unwrap();
    let seed = dir.path().join("seed.toml");
    let written = "[[user]]\nid = \"zoe\"\nemail = \"Zoe@Example.test\"\nname = \"Zoe\"\npassword = \"a long password\"\n\
                   [[app]]\nclient_id = \"own\"\nclient_secret = \"own-secret\"\nname = \"Own\"\nowner = \"zoe\"\n\
                   profile = \"spotify\"\nredirect_uris = [\"https://own.example/cb\"]\nscopes = [\"user-read-email\"]\n";
    fs::write(&seed, written).unwrap();
    let dev = Running::dev(dir.path(), &["--seed", text(&seed)]);
    assert!(knows_app(dev.issuer(), "own", "own-secret"));
    assert!(!knows_app(dev.issuer(), "demo-web", "demo-secret"));
    assert_eq!(dev.ready["app"], Value::Null);
    assert!(dev.stop(Signal::TERM).out.contains("Zoe@Example.test / a long password"));
}

#[test]
fn a_mistake_in_a_seed_stops_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let seed = dir.path().join("seed.toml");
    let person = "[[user]]\nid = \"zoe\"\nemail = \"zoe@example.test\"\nname = \"Zoe\"\n";
    let app = "[[app]]\nclient_id = \"own\"\nname = \"Own\"\nowner = \"zoe\"\nprofile = \"spotify\"\n";
    let good = "password = \"a long password\"\n";
    let cases = [
        (format!("{person}{good}plan = \"free\"\n"), "line 6: unknown key `plan`"),
        (format!("{person}password = \"short\"\n"), "user zoe@example.test: a password has 12 to 128 characters"),
        (person.to_owned(), "user zoe@example.test: a user needs a password"),
        (
            format!("{person}{good}{app}redirect_uris = [\"http://localhost/cb\"]\n"),
            "app own: redirect URI http://localhost/cb",
        ),
        (
            format!("{person}{good}{app}redirect_uris = [\"https://a.example\"]\nscopes = [\"user-read\"]\n"),
            "there is no scope `user-read`",
        ),
        (format!("{app}redirect_uris = [\"https://a.example\"]\n"), "there is no user zoe"),
    ];
    for (text_of_seed, expected) in cases {
        fs::write(&seed, text_of_seed).unwrap();
        let ended = run(&["dev", "--listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0", "--seed", text(&seed)], "");
        let complaint = ended.complaint(2);
        assert!(complaint.contains(expected), "{complaint}");
    }
}

#[test]
fn dev_stays_on_loopback() {
    for args in [["--listen", "0.0.0.0:0"], ["--app-listen", "192.0.2.1:0"], ["--app-listen", "[::1]:0"]] {
        let ended = run(&["dev", args[0], args[1]], "");
        assert!(ended.complaint(2).contains("127.0.0.1"), "{}", ended.err);
    }
}

#[test]
fn an_explicit_port_in_use_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&["dev", "--listen", &address], "");
    assert!(ended.complaint(1).contains("is in use"), "{}", ended.err);
    let ended = run(&["dev", "--listen", "127.0.0.1:0", "--app-listen", &address], "");
    assert!(ended.complaint(1).contains("is in use"), "{}", ended.err);
}

#[test]
fn a_default_port_in_use_slides_aloud() {
    let dir = tempfile::tempdir().unwrap();
    // Whoever holds them, this test or somebody else: they are in use.
    let _taken = (TcpListener::bind("127.0.0.1:8080"), TcpListener::bind("127.0.0.1:8081"));
    let dev = Running::start(dir.path(), &["dev"]);
    assert_eq!(http(dev.issuer(), "GET /ready", "").0, 200);
    assert_ne!(dev.issuer(), "http://127.0.0.1:8080");
    let said = dev.stop(Signal::TERM).err;
    assert!(said.contains("port 8080 is in use, taking ") && said.contains("port 8081 is in use, taking "), "{said}");
}

#[test]
fn dev_keeps_out_of_real_data() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let added = run(
        &["user", "add", "--email", "a@example.test", "--name", "A", "--password-stdin", "--data", text(&data)],
        "a long password\n",
    );
    assert_eq!(added.code, Some(0), "{}", added.err);
    let ended = run(&["dev", "--listen", "127.0.0.1:0", "--app-listen", "127.0.0.1:0", "--data", text(&data)], "");
    assert!(ended.complaint(2).contains("did not make"), "{}", ended.err);
}
