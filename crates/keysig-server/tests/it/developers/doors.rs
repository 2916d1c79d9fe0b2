//! Every route of the dashboard and the operator area: to a stranger it is the sign-in, to somebody else nothing is there.

use axum::body::Body;
use http::Request;
use keysig_core::app::{App, ClientType};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};

use crate::actors::{TestApp, app, user, user_id};

/// The paths of a list of routes, with something in place of each parameter.
fn paths(routes: &str) -> Vec<String> {
    let quoted = routes.split(".route(").skip(1).map(|rest| rest.split('"').nth(1).unwrap());
    let filled = |path: &str| {
        let part = |part: &str| match part {
            "{client_id}" => "graces".to_owned(),
            part if part.starts_with('{') => "0".repeat(32),
            part => part.to_owned(),
        };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    };
    quoted.map(filled).collect()
}

fn dashboard() -> Vec<String> {
    paths(include_str!("../../../src/developers/routes.rs"))
}

fn admin() -> Vec<String> {
    paths(include_str!("../../../src/operators/routes.rs"))
}

#[tokio::test]
async fn a_stranger_is_sent_to_the_sign_in() {
    let server = TestApp::new().await;
    for path in [dashboard(), admin()].concat() {
        for method in ["GET", "POST"] {
            for cookie in ["", "sid=x; browser=y"] {
                let request = Request::builder()
                    .method(method)
                    .uri(&path)
                    .header("cookie", cookie)
                    .header("content-type", "application/x-www-form-urlencoded");
                let answer = server.send(request.body(Body::empty()).unwrap()).await;
                let status = answer.status.as_u16();
                assert!(matches!(status, 303 | 405), "{method} {path}: {status} {}", answer.body);
                if status == 303 {
                    assert_eq!(answer.header("location"), "/login", "{method} {path}");
                }
            }
        }
    }
}

/// A server on which Grace is a developer, and has an app.
async fn with_grace() -> TestApp {
    let server = TestApp::new().await;
    for name in ["grace", "eve"] {
        server.add_person(&User { role: Role::Developer, ..user(name, Product::Free) }).await;
    }
    let graces = app("graces", ClientType::Confidential, Profile::Spotify);
    server.add(&App { owner: Some(user_id("grace")), ..graces }).await;
    server
}

#[tokio::test]
async fn another_developer_finds_nothing_of_an_app() {
    let server = with_grace().await;
    let (mut grace, mut eve) = (server.signed_in("grace").await, server.signed_in("eve").await);
    for path in dashboard().iter().filter(|path| path.contains("/graces")) {
        let own = grace.get(path).await;
        assert!(matches!(own.status.as_u16(), 200 | 303 | 404 | 405), "{path}: {} {}", own.status, own.body);
        for answer in [eve.get(path).await, eve.post(path, &[("csrf", "x")]).await] {
            assert!(matches!(answer.status.as_u16(), 404 | 405), "{path}: {} {}", answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn somebody_who_is_no_operator_finds_no_operator_area() {
    let server = with_grace().await;
    for name in ["ada", "grace"] {
        let mut browser = server.signed_in(name).await;
        for path in admin() {
            for answer in [browser.get(&path).await, browser.post(&path, &[("csrf", "x")]).await] {
                assert!(matches!(answer.status.as_u16(), 404 | 405), "{path}: {} {}", answer.status, answer.body);
            }
        }
    }
}
