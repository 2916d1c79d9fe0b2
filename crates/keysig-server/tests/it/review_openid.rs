//! What a second adversarial review tried, of OpenID Connect, devices, other APIs and signing out: each test is one rule
//! that an attacker, or bad luck, would bend.

mod apis;
mod devices;
mod endings;
mod requests;
mod sign_in;

use axum::body::Body;
use http::Request;
use keysig_core::app::{App, ClientType, OpenIdSettings};
use keysig_core::encoding::base64url_decode;
use keysig_core::jose::SigningAlgorithm;
use keysig_core::profile::Profile;
use keysig_store::{Statement, Write, params};
use serde_json::Value;

use crate::actors::{
    Answer, AuthorizeUrl, Browser, ClientApp, ISSUER, JWT_API, OPAQUE_API, REDIRECT_URI, START, TestApp, Tokens,
    VERIFIER, app as an_app, app_id, form, parameters, user_id,
};

fn asks(answer: &Answer) -> bool {
    answer.body.contains("name=\"decision\"")
}

fn asks_to_sign_in(answer: &Answer) -> bool {
    answer.body.contains("name=\"password\"")
}

/// The claims of a JWT, unverified.
fn claims(jwt: &str) -> Value {
    serde_json::from_slice(&base64url_decode(jwt.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn openid(client_id: &str, scope: &str) -> AuthorizeUrl {
    AuthorizeUrl::of(client_id).with("scope", scope).with("nonce", "n-1")
}

/// Redeems a code with every proof that a request of [`openid`] needs.
async fn redeem(client: &ClientApp, code: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    client.post("/api/token", &fields).await
}

async fn get(app: &TestApp, path: &str) -> Answer {
    app.send(Request::get(path).body(Body::empty()).unwrap()).await
}

async fn userinfo(app: &TestApp, access_token: &str) -> Answer {
    app.api("/oidc/userinfo/v1", access_token).await
}

async fn introspect(client: &ClientApp, token: &str) -> Value {
    let answer = client.post("/oauth2/introspect/v1", &[("token", token)]).await;
    answer.assert_status(200).json()
}

async fn sign_out(browser: &mut Browser) {
    let csrf = browser.get("/logout").await.field("csrf");
    browser.post("/logout", &[("csrf", &csrf)]).await.assert_status(200);
}

/// An app of OpenID Connect that chose `openid`.
fn openid_app(client_id: &str, openid: OpenIdSettings) -> App {
    App { openid, ..an_app(client_id, ClientType::Confidential, Profile::Standard) }
}

async fn run(app: &TestApp, statement: Statement) {
    app.server.store.write(Write::one(statement)).await.unwrap();
}

async fn count(app: &TestApp, sql: &'static str) -> i64 {
    app.server.store.read(sql, Vec::new()).await.unwrap()[0].int(0).unwrap()
}

fn pairwise(client_id: &str, sector: &str) -> App {
    openid_app(client_id, OpenIdSettings { sector: Some(sector.to_owned()), ..OpenIdSettings::default() })
}

async fn device(client: &ClientApp, scope: &str) -> Answer {
    let answer = client.post("/oauth2/device/authorize", &[("scope", scope)]).await;
    answer.assert_status(200);
    answer
}

async fn poll(client: &ClientApp, device_code: &str) -> Answer {
    let grant_type = "urn:ietf:params:oauth:grant-type:device_code";
    client.post("/api/token", &[("grant_type", grant_type), ("device_code", device_code)]).await
}

/// Types the code; the page that asks.
async fn pair(browser: &mut Browser, user_code: &str) -> Answer {
    let csrf = browser.get("/pair").await.field("csrf");
    let answer = browser.post("/pair", &[("csrf", &csrf), ("code", user_code)]).await;
    match answer.headers.get("location") {
        Some(to) => browser.open(to.to_str().unwrap()).await,
        None => answer,
    }
}
