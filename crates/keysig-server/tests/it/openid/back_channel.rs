//! OpenID Connect Back-Channel Logout 1.0 §2.

use std::sync::Arc;
use std::time::Duration;

use keysig_core::app::{App, OpenIdSettings};
use keysig_core::parameters::Parameters;
use keysig_server::logout_delivery::deliver_due;
use keysig_server::outbound::Outbound;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::actors::{Browser, ISSUER, TestApp};
use crate::relying_party::{asks, granted, header_of, provider, relying_party, signed, verified};

/// An app's server: it answers one request with this status and hands over its body.
pub async fn heard(listener: &TcpListener, status: &str) -> String {
    let accepted = tokio::time::timeout(Duration::from_secs(10), listener.accept()).await;
    let (mut stream, _) = accepted.expect("somebody calls").unwrap();
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let read = stream.read(&mut piece).await.unwrap();
        request.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
        if body.len() < length.parse().unwrap() {
            continue;
        }
        assert!(head.starts_with("post /back-channel "), "{head}");
        assert!(head.contains("content-type: application/x-www-form-urlencoded"), "{head}");
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
        return body.to_owned();
    }
}

/// The token in the only field of a form.
pub fn logout_token(body: &str) -> String {
    assert!(!body.contains('&'), "{body}");
    Parameters::parse(body.as_bytes()).unwrap().get("logout_token").unwrap().to_owned()
}

pub async fn with_server_of_its_own(server: &TestApp, client_id: &str) -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/back-channel", listener.local_addr().unwrap());
    let openid = OpenIdSettings { backchannel_logout_uri: Some(address), ..OpenIdSettings::default() };
    server.add(&App { openid, ..relying_party(client_id) }).await;
    listener
}

/// Ada's ID token of this app.
pub async fn id_token(server: &TestApp, browser: &mut Browser, client_id: &str) -> serde_json::Value {
    let received = granted(browser, &asks("id_token").with("client_id", client_id)).await;
    verified(server, received.text("id_token"), client_id).await
}

pub async fn sign_out(browser: &mut Browser) {
    let csrf = browser.get("/logout").await.field("csrf");
    browser.post("/logout", &[("csrf", &csrf)]).await.assert_status(200);
}

async fn deliver(server: &TestApp, outbound: &mut Option<Arc<Outbound>>) -> usize {
    deliver_due(&server.server, outbound).await.unwrap()
}

#[tokio::test]
async fn the_apps_of_the_session_are_sent_a_logout_token() {
    let server = provider().await;
    let listener = with_server_of_its_own(&server, "told").await;
    let mut ada = server.signed_in("ada").await;
    let known = id_token(&server, &mut ada, "told").await;
    sign_out(&mut ada).await;
    let (body, tried) = tokio::join!(heard(&listener, "200 OK"), async { deliver(&server, &mut None).await });
    assert_eq!(tried, 1);
    let token = logout_token(&body);
    assert_eq!(
        (header_of(&token)["typ"].as_str(), header_of(&token)["alg"].as_str()),
        (Some("logout+jwt"), Some("RS256"))
    );
    let claims = signed(&server, &token, "told").await;
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(ISSUER), Some("told")));
    assert_eq!((&claims["sub"], &claims["sid"]), (&known["sub"], &known["sid"]));
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object(), "{claims}");
    let now = server.server.now().unix_seconds();
    assert!(claims["iat"] == now && claims["exp"].as_i64().unwrap() - now <= 120);
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 16));
    assert!(claims.get("nonce").is_none(), "it would pass as an ID token");
    assert_eq!(deliver(&server, &mut None).await, 0, "told once");
}

#[tokio::test]
async fn an_app_that_cannot_be_reached_holds_nobody_up() {
    let server = provider().await;
    let listener = with_server_of_its_own(&server, "silent").await;
    let mut ada = server.signed_in("ada").await;
    id_token(&server, &mut ada, "silent").await;
    sign_out(&mut ada).await;
    ada.get("/account").await.assert_status(303);
    let mut outbound = None;
    let (first, _) = tokio::join!(heard(&listener, "503 Service Unavailable"), deliver(&server, &mut outbound));
    assert_eq!(deliver(&server, &mut outbound).await, 0, "not again at once");
    server.clock.advance(600);
    let (second, _) = tokio::join!(heard(&listener, "200 OK"), deliver(&server, &mut outbound));
    let (first, second) = (logout_token(&first), logout_token(&second));
    let first = signed(&server, &first, "silent").await;
    assert_eq!(first["jti"], signed(&server, &second, "silent").await["jti"], "one event, one name");
    server.clock.advance(600);
    assert_eq!(deliver(&server, &mut outbound).await, 0);
}

#[tokio::test]
async fn apps_that_were_not_used_in_the_session_are_told_nothing() {
    let server = provider().await;
    let _listener = with_server_of_its_own(&server, "unused").await;
    let mut phone = server.signed_in("ada").await;
    id_token(&server, &mut phone, "unused").await;
    sign_out(&mut server.signed_in("ada").await).await;
    assert_eq!(deliver(&server, &mut None).await, 0);
}

#[tokio::test]
async fn a_logout_token_is_no_id_token_hint_and_no_access_token() {
    let server = provider().await;
    let listener = with_server_of_its_own(&server, "told").await;
    let mut ada = server.signed_in("ada").await;
    id_token(&server, &mut ada, "told").await;
    sign_out(&mut ada).await;
    let (body, _) = tokio::join!(heard(&listener, "200 OK"), async { deliver(&server, &mut None).await });
    let token = logout_token(&body);
    crate::relying_party::userinfo(&server, &token).await.assert_status(401);
    server.api("/v1/me", &token).await.assert_status(401);
    let mut ada = server.signed_in("ada").await;
    let silent = asks("code").with("client_id", "told").with("prompt", "none").with("id_token_hint", &token);
    crate::relying_party::answered_at_once(&mut ada, &silent).await.assert_error("invalid_request");
}
