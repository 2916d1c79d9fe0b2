//! Every operation, asked for well and badly; each answer is held against the document.

use std::collections::BTreeSet;

use keysig_core::id::ReportId;
use keysig_core::user::Role;
use keysig_server::operations::{OPERATIONS, Operation};
use keysig_store::reports::{self, Report};
use serde_json::{Value, json};

use super::schema::mismatch;
use super::{call, key, refused};
use crate::actors::{Answer, TestApp, app_id, user_id};

const LANGUAGES: [&str; 3] = ["en", "de", "ar"];

fn operation(name: &str) -> &'static Operation {
    Operation::find(name).unwrap()
}

/// Where an operation is, with the parts of its path from `given`, and what is left for the body.
fn place(operation: &Operation, given: &Value) -> (String, Option<Value>) {
    let route = operation.route.as_ref().unwrap();
    let (mut path, mut left) = (route.path.to_owned(), serde_json::Map::new());
    for (name, value) in given.as_object().unwrap() {
        let part = format!("{{{name}}}");
        if path.contains(&part) {
            let value = keysig_core::parameters::percent_encode(value.as_str().unwrap()).into_owned();
            path = path.replace(&part, &value);
        } else {
            left.insert(name.clone(), value.clone());
        }
    }
    if route.method == http::Method::GET {
        let pair = |(name, value): (&String, &Value)| format!("{name}={}", value.as_str().unwrap());
        let query: Vec<_> = left.iter().map(pair).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        return (path + &query, None);
    }
    (path, (!left.is_empty()).then(|| left.into()))
}

/// Asks for an operation and holds the answer against the document.
async fn ask(app: &TestApp, key: &str, document: &Value, name: &str, given: &Value) -> Answer {
    let operation = operation(name);
    let route = operation.route.as_ref().unwrap();
    let (path, body) = place(operation, given);
    let answer = call(app, key, route.method.as_str(), &path, body.as_ref()).await;
    let described = &document["paths"][route.path][route.method.as_str().to_lowercase()];
    let status = answer.status.as_u16().to_string();
    let mut response = &described["responses"][&status];
    if let Some(reference) = response["$ref"].as_str() {
        response = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
    }
    let kind = answer.header("content-type").split(';').next().unwrap().to_owned();
    let schema = &response["content"][&kind]["schema"];
    assert!(schema.is_object(), "{name}: {status} as {kind} is not described: {}", answer.body);
    let value = if kind == "application/json" { answer.json() } else { answer.body.clone().into() };
    assert_eq!(mismatch(document, schema, &value, name), None, "{}", answer.body);
    answer
}

fn words(detail: &str) -> Value {
    let of = |lang: &str| (lang.to_owned(), json!({"title": "Your tickets", "detail": detail, "will_not": ""}));
    Value::Object(LANGUAGES.map(of).into_iter().collect())
}

/// One good call of each operation, in an order in which they can be done.
fn good_calls(kid: &str, api_key: &str, seen: &str) -> Vec<(&'static str, Value)> {
    let (ada, web) = (json!({"who": "ada@example.test"}), json!({"client_id": "web"}));
    let tickets = json!({"scope": "tickets-read"});
    vec![
        ("health", json!({})),
        ("inspect", json!({"url": "https://id.example/authorize?client_id=nobody"})),
        ("user.list", json!({"q": "ada"})),
        ("user.roles", json!({})),
        ("user.invite", json!({"email": "new@example.test"})),
        ("user.show", ada.clone()),
        ("user.lock", ada.clone()),
        ("user.unlock", ada.clone()),
        ("user.revoke", ada.clone()),
        ("user.reset-password", ada.clone()),
        ("user.role", json!({"who": "bob", "role": "developer"})),
        ("user.delete", json!({"who": "bob", "confirm": "bob@example.test"})),
        ("app.list", json!({"order": "reported"})),
        ("app.show", web.clone()),
        ("app.check", web.clone()),
        ("app.pause", json!({"client_id": "web", "why": "It misleads."})),
        ("app.resume", web.clone()),
        ("app.stop-logins", web.clone()),
        ("app.allow-logins", web.clone()),
        ("app.trust", web.clone()),
        ("app.distrust", web.clone()),
        ("app.quota", json!({"client_id": "web", "calls": 500})),
        ("app.reports-read", web),
        ("review.list", json!({})),
        ("review.show", json!({"client_id": "other"})),
        ("review.ask", json!({"client_id": "other", "words": "What is it for?"})),
        ("review.refuse", json!({"client_id": "other", "words": "It says nothing of itself."})),
        ("review.approve", json!({"client_id": "other", "seen": seen})),
        ("review.check-host", json!({"client_id": "other"})),
        ("scope.list", json!({})),
        ("scope.add", json!({"name": "tickets-read", "group": "see", "risk": "S", "words": words("What you bought.")})),
        ("scope.show", tickets.clone()),
        ("scope.set", json!({"scope": "tickets-read", "risk": "P", "words": {"en": {"detail": "All of them."}}})),
        ("scope.retire", tickets.clone()),
        ("scope.restore", tickets),
        ("key.list", json!({})),
        ("key.rotate", json!({"algorithm": "ES256"})),
        ("key.show", json!({"kid": kid})),
        ("key.revoke", json!({"kid": kid})),
        ("brand.show", json!({})),
        ("brand.set", json!({"brand": "Radio", "accent": "#3d3bd6"})),
        ("policy.show", json!({})),
        ("policy.set", json!({"consent_days": "90", "signup": "invite"})),
        ("limits.show", json!({})),
        ("limits.set", json!({"quota_app_per_30s": "500"})),
        ("audit.list", json!({"action": "user-locked"})),
        ("audit.verify", json!({})),
        ("audit.export", json!({"format": "csv"})),
        ("api-key.list", json!({})),
        ("api-key.revoke", json!({"id": api_key})),
    ]
}

async fn with_a_report() -> TestApp {
    let app = TestApp::new().await;
    let report = Report {
        id: ReportId::generate(app.server.now(), &*app.server.rng),
        app: app_id("web"),
        user: user_id("ada"),
        category: "misleading".to_owned(),
        words: "It is not what it says.".to_owned(),
        created_at: app.server.now(),
    };
    reports::add(&app.server.store, &report).await.unwrap();
    app.client("web").log_in("ada").await;
    app
}

/// A key, a key of the API, and what a reviewer sees of an app.
async fn places(app: &TestApp, key: &str) -> (String, String, String) {
    let keys = call(app, key, "GET", "/keys", None).await.json();
    let made = call(app, key, "GET", "/api-keys", None).await.json();
    let last = made["keys"].as_array().unwrap().last().unwrap();
    let seen = call(app, key, "GET", "/reviews/other", None).await.text("seen");
    (keys["keys"][0]["kid"].as_str().unwrap().to_owned(), last["id"].as_str().unwrap().to_owned(), seen)
}

#[tokio::test]
async fn every_operation_answers_as_it_is_described_and_is_done_by_the_role_it_names() {
    let (app, document) = (with_a_report().await, keysig_server::admin_api::document());
    let spare = key(&app, Role::Viewer).await;
    app.clock.advance(1);
    let keys = [key(&app, Role::Viewer).await, key(&app, Role::Support).await, key(&app, Role::Operator).await];
    let (kid, id, seen) = places(&app, &keys[2]).await;
    let calls = good_calls(&kid, &id, &seen);
    let served: BTreeSet<_> = OPERATIONS.iter().filter(|of| of.route.is_some()).map(|of| of.name).collect();
    assert_eq!(calls.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), served);
    for (name, given) in &calls {
        let needs = operation(name).needs;
        for (role, key) in [Role::Viewer, Role::Support].into_iter().zip(&keys).filter(|(role, _)| *role < needs) {
            let answer = ask(&app, key, &document, name, given).await;
            let (code, message, _) = refused(&answer, 403);
            assert_eq!(code, "forbidden");
            assert_eq!(message, format!("this needs the role {}.", needs.name()), "{name} by {}", role.name());
        }
        // Whoever may do just enough does it.
        let place = Role::ALL.iter().position(|role| *role == needs).unwrap() - 2;
        let answer = ask(&app, &keys[place], &document, name, given).await;
        assert_eq!(answer.status.as_u16(), 200, "{name}: {}", answer.body);
    }
    call(&app, &spare, "GET", "/users", None).await.assert_status(401);
    assert_eq!(keysig_store::audit::first_break(&app.server.store).await, Ok(None));
}

#[tokio::test]
async fn every_operation_refuses_as_it_is_described() {
    let (app, document) = (with_a_report().await, keysig_server::admin_api::document());
    let operator = key(&app, Role::Operator).await;
    let (kid, id, seen) = places(&app, &operator).await;
    for (name, given) in good_calls(&kid, &id, &seen) {
        ask(&app, "", &document, name, &given).await.assert_status(401);
        ask(&app, "ks_nothing", &document, name, &given).await;
        let mut more = given.clone();
        more["colour"] = "red".into();
        let answer = ask(&app, &operator, &document, name, &more).await;
        assert_eq!(refused(&answer, 422).2.as_deref(), Some("colour"), "{name}");
        for part in ["who", "client_id", "scope", "kid", "id"].iter().filter(|part| given.get(part).is_some()) {
            let mut nobody = given.clone();
            nobody[part] = "nobody-knows".into();
            let answer = ask(&app, &operator, &document, name, &nobody).await;
            assert_eq!(refused(&answer, 404).0, "not_found", "{name} {part}");
        }
    }
}

#[tokio::test]
async fn what_does_not_go_together_is_a_conflict_and_what_will_not_do_is_named() {
    let (app, document) = (TestApp::new().await, keysig_server::admin_api::document());
    let key = key(&app, Role::Operator).await;
    for (name, given, status, field) in [
        ("user.unlock", json!({"who": "ada"}), 409, None),
        ("user.lock", json!({"who": "olga"}), 409, None),
        ("user.delete", json!({"who": "ada", "confirm": "bob@example.test"}), 422, Some("confirm")),
        ("user.role", json!({"who": "ada", "role": "king"}), 422, Some("role")),
        ("user.invite", json!({"email": "ada"}), 422, Some("email")),
        ("inspect", json!({"url": "https://id.example/"}), 422, Some("url")),
        ("app.pause", json!({"client_id": "web", "why": " "}), 422, Some("why")),
        ("app.resume", json!({"client_id": "web"}), 409, None),
        ("app.list", json!({"order": "best"}), 422, Some("order")),
        ("scope.add", json!({"name": "x y", "group": "see", "risk": "S", "words": words("d")}), 422, Some("name")),
        ("scope.add", json!({"name": "x", "group": "see", "risk": "Z", "words": words("d")}), 422, Some("risk")),
        ("scope.add", json!({"name": "x", "group": "see", "risk": "S", "words": {}}), 422, Some("words")),
        ("scope.restore", json!({"scope": "user-read-email"}), 409, None),
        ("scope.set", json!({"scope": "user-read-email", "risk": "S"}), 422, Some("risk")),
        ("review.ask", json!({"client_id": "web", "words": " "}), 422, Some("words")),
        ("review.approve", json!({"client_id": "web", "seen": "something else"}), 409, None),
        ("key.rotate", json!({"algorithm": "HS256"}), 422, Some("algorithm")),
        ("brand.set", json!({"accent": "#ffff00"}), 422, Some("accent")),
        ("brand.set", json!({"signup": "off"}), 422, Some("signup")),
        ("policy.set", json!({"consent_days": "0"}), 422, Some("consent_days")),
        ("audit.list", json!({"from": "tomorrow"}), 422, Some("from")),
        ("audit.list", json!({"before": "x"}), 422, Some("before")),
        ("audit.export", json!({"format": "pdf"}), 422, Some("format")),
    ] {
        let answer = ask(&app, &key, &document, name, &given).await;
        let (_, message, named) = refused(&answer, status);
        assert_eq!(named.as_deref(), field, "{name}: {message}");
    }
}

#[tokio::test]
async fn a_copy_holds_what_was_asked_for_and_the_record_of_itself() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Operator).await;
    call(&app, &key, "POST", "/users/ada/lock", None).await.assert_status(200);
    app.clock.advance(1);
    let copy = call(&app, &key, "POST", "/audit/export", None).await;
    assert_eq!(copy.assert_status(200).header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = copy.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["action"], "audit-exported");
    assert!(lines[0]["by_key"].as_str().unwrap().starts_with("deploy …"));
    let only =
        call(&app, &key, "POST", "/audit/export", Some(&json!({"action": "user-locked", "format": "csv"}))).await;
    assert_eq!(only.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(only.body.lines().count(), 2, "a head and what the filter finds: {}", only.body);
}
