//! The document against the routes, both ways.

use std::collections::BTreeSet;

use keysig_core::user::Role;
use keysig_server::operations::OPERATIONS;
use serde_json::{Value, json};

use super::{BASE, call, key, refused};
use crate::actors::TestApp;

/// Method and path of everything that is described.
fn described(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let methods = |(path, methods): (&String, &Value)| {
        let methods: Vec<_> = methods.as_object().unwrap().keys().map(|method| method.to_uppercase()).collect();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(methods).collect()
}

#[tokio::test]
async fn what_is_served_is_described_and_what_is_described_is_served() {
    let app = TestApp::new().await;
    let answer = call(&app, "", "GET", "/openapi.json", None).await;
    assert_eq!(answer.assert_status(200).header("content-type"), "application/json");
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], BASE);
    let routes = OPERATIONS.iter().filter_map(|operation| operation.route.as_ref());
    let listed: BTreeSet<_> = routes.map(|route| (route.method.to_string(), route.path.to_owned())).collect();
    assert_eq!(described(&document), listed);
    for (_, path) in &listed {
        for tried in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = call(&app, "", tried, &path.replace(['{', '}'], ""), None).await;
            // Without a key whoever knocks on a door that is there is asked for one.
            let is_there = listed.contains(&(tried.to_owned(), path.clone()));
            assert_eq!(answer.status.as_u16(), if is_there { 401 } else { 405 }, "{tried} {path}");
        }
    }
    let key = key(&app, Role::Viewer).await;
    assert_eq!(refused(&call(&app, &key, "GET", "/nothing", None).await, 404).0, "not_found");
    assert_eq!(refused(&call(&app, &key, "DELETE", "/users", None).await, 405).0, "method_not_allowed");
}

#[tokio::test]
async fn every_part_of_a_path_is_a_parameter_and_what_is_changed_is_in_the_body() {
    let document = keysig_server::admin_api::document();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, described) in methods.as_object().unwrap() {
            let parameters = described["parameters"].as_array().unwrap();
            let in_path = parameters.iter().filter(|parameter| parameter["in"] == "path");
            let names: BTreeSet<_> =
                in_path.map(|parameter| format!("{{{}}}", parameter["name"].as_str().unwrap())).collect();
            let parts = path.split('/').filter(|part| part.starts_with('{'));
            assert_eq!(names, parts.map(str::to_owned).collect(), "{path}");
            let in_query = parameters.iter().any(|parameter| parameter["in"] == "query");
            assert!(method == "get" || !in_query, "{method} {path}");
            assert!(parameters.iter().all(|parameter| parameter["description"].is_string()), "{method} {path}");
        }
    }
}

#[test]
fn the_document_in_docs_is_the_one_that_is_served() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/admin-api.json");
    let served = format!("{:#}\n", keysig_server::admin_api::document());
    if std::env::var_os("KEYSIG_TEST_WRITE_DOCS").is_some() {
        std::fs::write(file, &served).unwrap();
    }
    let kept = std::fs::read_to_string(file).unwrap_or_default();
    assert!(kept == served, "docs/admin-api.json is old: run this test with KEYSIG_TEST_WRITE_DOCS=1");
}

#[tokio::test]
async fn bodies_are_read_one_way() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Operator).await;
    let send = |kind: &'static str, body: String| {
        let request = http::Request::post(format!("{BASE}/users/ada/role"))
            .header("authorization", format!("Bearer {key}"))
            .header("content-type", kind);
        app.send(request.body(body.into()).unwrap())
    };
    let json = "application/json";
    assert_eq!(refused(&send("text/plain", "{}".into()).await, 415).0, "not_json");
    assert_eq!(refused(&send(json, "{".into()).await, 400).0, "unreadable");
    assert_eq!(refused(&send(json, "[]".into()).await, 400).0, "unreadable");
    assert_eq!(refused(&send(json, r#"{"role": "user", "role": "operator"}"#.into()).await, 400).0, "unreadable");
    assert_eq!(refused(&send(json, r#"{"role": "user", "who": "bob"}"#.into()).await, 400).0, "unreadable");
    assert_eq!(refused(&send(json, format!("{{\"role\": \"{}\"}}", "x".repeat(70_000))).await, 413).0, "too_large");
    for (body, field) in [("{}", "role"), (r#"{"role": 1}"#, "role"), (r#"{"role": "user", "x": 1}"#, "x")] {
        let (code, _, named) = refused(&send(json, body.into()).await, 422);
        assert_eq!((code.as_str(), named.as_deref()), ("invalid", Some(field)), "{body}");
    }
    let (code, message, field) = refused(&send(json, r#"{"role": "king"}"#.into()).await, 422);
    assert_eq!((code.as_str(), field.as_deref()), ("invalid", Some("role")), "{message}");
    let twice = call(&app, &key, "GET", "/users?q=a&q=b", None).await;
    assert_eq!(refused(&twice, 400).0, "unreadable");
    assert_eq!(refused(&call(&app, &key, "GET", "/users?x=1", None).await, 422).2.as_deref(), Some("x"));
    let in_query = call(&app, &key, "POST", "/users/ada/lock?x=1", Some(&json!({}))).await;
    assert_eq!(refused(&in_query, 400).0, "unreadable");
    let long = call(&app, &key, "GET", &format!("/users?q={}", "x".repeat(17_000)), None).await;
    assert_eq!(refused(&long, 414).0, "address_too_long");
}
