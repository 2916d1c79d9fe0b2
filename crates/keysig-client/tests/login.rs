//! Starting and finishing a login, against a server of a few lines.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may be blunt")]

mod support;

use keysig_client::{Client, Endpoints, Error, Scopes, scopes};
use support::{Server, TestClock, reply, url_fields};

const TOKENS: &str = r#"{"access_token":"BQ-first","token_type":"Bearer","expires_in":3600,"refresh_token":"AQ-first","scope":"user-read-email"}"#;

fn field(url: &keysig_client::Url, name: &str) -> String {
    url_fields(url.query().unwrap()).into_iter().find(|(key, _)| key == name).unwrap().1
}

#[tokio::test]
async fn a_login_sends_the_code_the_verifier_and_the_secret_and_gets_tokens() {
    let server = Server::start(|_, _| reply(200, TOKENS));
    let client = server.builder(&TestClock::default()).build().unwrap();
    let (url, pending) = client.login(scopes![UserReadEmail]).unwrap();
    assert_eq!(field(&url, "code_challenge_method"), "S256");
    assert!(field(&url, "state").len() >= 22, "at least 128 bits");

    let callback = format!("http://127.0.0.1:8888/callback?code=AQ-code&state={}", field(&url, "state"));
    let tokens = client.finish(pending, &callback).await.unwrap().tokens().await;

    assert_eq!(tokens.access_token.expose(), "BQ-first");
    assert_eq!(tokens.refresh_token.unwrap().expose(), "AQ-first");
    let sent = &server.requests("/api/token")[0];
    assert_eq!(sent.headers["authorization"], "Basic ZGVtby13ZWI6ZGVtby1zZWNyZXQ=");
    assert_eq!(sent.field("grant_type").unwrap(), "authorization_code");
    assert_eq!(sent.field("code").unwrap(), "AQ-code");
    assert_eq!(sent.field("redirect_uri").unwrap(), "http://127.0.0.1:8888/callback");
    assert_eq!(sent.field("code_verifier").unwrap().len(), 64);
    assert_eq!(sent.field("client_id"), None);
}

#[tokio::test]
async fn a_public_app_names_itself_in_the_body_and_sends_no_secret() {
    let server = Server::start(|_, _| reply(200, TOKENS));
    let client = Client::builder("demo-public")
        .redirect_uri("http://127.0.0.1:8888/callback")
        .endpoints(Endpoints::custom(&server.base).unwrap())
        .build()
        .unwrap();
    let (url, pending) = client.login(Scopes::none()).unwrap();
    client.finish(pending, &format!("code=AQ&state={}", field(&url, "state"))).await.unwrap();
    let sent = &server.requests("/api/token")[0];
    assert!(!sent.headers.contains_key("authorization"));
    assert_eq!(sent.field("client_id").unwrap(), "demo-public");
}

#[tokio::test]
async fn a_callback_with_a_foreign_state_never_reaches_the_token_endpoint() {
    let server = Server::start(|_, _| reply(200, TOKENS));
    let client = server.builder(&TestClock::default()).build().unwrap();
    let (_, pending) = client.login(Scopes::none()).unwrap();
    let (other_url, _) = client.login(Scopes::none()).unwrap();
    let callback = format!("code=AQ&state={}", field(&other_url, "state"));
    assert!(matches!(client.finish(pending, &callback).await, Err(Error::StateMismatch)));
    assert!(server.requests("/api/token").is_empty());
}

#[tokio::test]
async fn a_refused_code_says_what_to_do_and_names_the_request() {
    let server = Server::start(|_, _| {
        reply(400, r#"{"error":"invalid_grant","error_description":"Invalid redirect URI"}"#)
            .header("x-request-id", "req_7Q2M")
    });
    let client = server.builder(&TestClock::default()).build().unwrap();
    let (url, pending) = client.login(Scopes::none()).unwrap();
    let refused = client.finish(pending, &format!("code=AQ&state={}", field(&url, "state"))).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "The server refused: Invalid redirect URI. Use the same redirect address for both steps, \
         and 127.0.0.1 instead of localhost. (request req_7Q2M)"
    );
    assert!(matches!(refused, Error::Refused { error, .. } if error == "invalid_grant"));
}

#[tokio::test]
async fn a_redirect_from_the_token_endpoint_is_not_followed() {
    let elsewhere = Server::start(|_, _| reply(200, TOKENS));
    let target = format!("{}/api/token", elsewhere.base);
    let server = Server::start(move |_, _| reply(307, "").header("location", target.clone()));
    let client = server.builder(&TestClock::default()).build().unwrap();
    let (url, pending) = client.login(Scopes::none()).unwrap();
    assert!(client.finish(pending, &format!("code=AQ&state={}", field(&url, "state"))).await.is_err());
    assert!(elsewhere.requests("/api/token").is_empty());
}

#[tokio::test]
async fn an_app_of_its_own_asks_for_client_credentials_and_asks_again_when_they_end() {
    let server = Server::start(|request, before| match request.path.as_str() {
        "/api/token" => {
            reply(200, format!(r#"{{"access_token":"BQ{before}","token_type":"Bearer","expires_in":3600}}"#))
        }
        _ => reply(200, r#"{"ok":true}"#),
    });
    let clock = TestClock::default();
    let session = server.builder(&clock).build().unwrap().client_credentials().await.unwrap();
    let _: serde_json::Value = session.get("tracks/1").await.unwrap();
    clock.advance(3_541);
    let _: serde_json::Value = session.get("tracks/1").await.unwrap();
    let calls = server.requests("/v1/tracks/1");
    assert_eq!(calls[0].headers["authorization"], "Bearer BQ0");
    assert_eq!(calls[1].headers["authorization"], "Bearer BQ1");
    assert_eq!(server.requests("/api/token")[1].field("grant_type").unwrap(), "client_credentials");
}

#[tokio::test]
async fn an_app_without_a_secret_cannot_act_on_its_own() {
    let client =
        Client::builder("demo-public").endpoints(Endpoints::custom("http://127.0.0.1:1").unwrap()).build().unwrap();
    assert!(matches!(client.client_credentials().await, Err(Error::Configuration(_))));
}
