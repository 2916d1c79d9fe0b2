//! Signing keys over time: published before they sign, kept until what they signed is dead, read by every node.

use serde_json::Value;

use crate::actors::{Answer, TestApp};

const DAY: i64 = 86_400;

async fn get(app: &TestApp, path: &str) -> Answer {
    let request = http::Request::get(path).body(axum::body::Body::empty()).unwrap();
    app.send(request).await
}

async fn kids(app: &TestApp) -> Vec<String> {
    let jwks = get(app, "/oidc/certs/v1").await.json();
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

/// The key that an ID token of now is signed with.
async fn signer(app: &TestApp) -> String {
    let client = app.client("standard");
    let request = client.request().with("scope", "openid");
    let code = app.signed_in("ada").await.code(&request).await;
    let id_token = client.exchange(&code).await.text("id_token");
    let header = keysig_core::encoding::base64url_decode(id_token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice::<Value>(&header).unwrap()["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_key_is_published_two_days_before_it_signs_and_the_old_one_stays_a_while() {
    let app = TestApp::new().await;
    let old = kids(&app).await;
    assert_eq!(old.len(), 3, "one of each algorithm");
    app.clock.advance(87 * DAY);
    app.server.keep_signing_keys().await.unwrap();
    assert_eq!(kids(&app).await, old);

    app.clock.advance(DAY);
    app.server.keep_signing_keys().await.unwrap();
    let both = kids(&app).await;
    assert_eq!(both.len(), 6);
    assert!(old.contains(&signer(&app).await), "what nobody has fetched yet signs nothing");

    app.clock.advance(2 * DAY);
    assert!(!old.contains(&signer(&app).await));
    assert_eq!(kids(&app).await.len(), 6, "an ID token of a minute ago is still alive");
    app.clock.advance(2 * 3600);
    let new = kids(&app).await;
    assert_eq!(new.len(), 3);
    assert!(new.iter().all(|kid| !old.contains(kid)));
}

#[tokio::test]
async fn keys_outlive_a_restart() {
    let app = TestApp::new().await;
    let (before, signed_by) = (kids(&app).await, signer(&app).await);
    let app = app.restart().await;
    assert_eq!((kids(&app).await, signer(&app).await), (before, signed_by));
}

#[tokio::test]
async fn the_documents_may_be_kept_for_an_hour_and_read_by_any_page() {
    let app = TestApp::new().await;
    for path in ["/oidc/certs/v1", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
        let request = http::Request::get(path).header("origin", "https://app.example");
        let answer = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
        answer.assert_status(200);
        assert_eq!(answer.header("cache-control"), "public, max-age=3600");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.headers.get("access-control-allow-credentials").is_none());
    }
}
