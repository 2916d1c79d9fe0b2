//! An app that speaks OpenID Connect. It reads an answer however it comes, and believes no token that it has not verified
//! with the keys the server publishes.

use std::collections::BTreeMap;

use axum::body::Body;
use http::header::AUTHORIZATION;
use http::{Method, Request};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use keysig_core::app::{App, ClientType, OpenIdSettings};
use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::parameters::Parameters;
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::seal::sha256;
use serde_json::Value;

use crate::actors::{
    Answer, AuthorizeUrl, Browser, ISSUER, PASSWORD, REDIRECT_URI, TestApp, app, form, location, unescape,
};

/// The relying party of most tests.
pub const RP: &str = "oidc";
/// Another one with the same settings.
pub const OTHER_RP: &str = "oidc-other";
pub const NONCE: &str = "n-0S6 \"WzA2Mj+/";
pub const AFTER_LOGOUT: &str = "https://peek.example/bye";
pub const FRONT_CHANNEL_LOGOUT: &str = "https://peek.example/front-channel-logout?app=peek";
/// Every response type but `code` alone (OpenID Connect Core §3, OAuth 2.0 Multiple Response Types §5).
pub const FRONT_CHANNEL: [&str; 6] =
    ["id_token", "token", "id_token token", "code id_token", "code token", "code id_token token"];

/// A server with the two relying parties.
pub async fn provider() -> TestApp {
    let server = TestApp::new().await;
    server.add(&relying_party(RP)).await;
    server.add(&relying_party(OTHER_RP)).await;
    server
}

/// Registered as the clients of the conformance suite are: PKCE is theirs to choose, every response type allowed.
pub fn relying_party(client_id: &str) -> App {
    App {
        pkce_optional: true,
        legacy_flows: true,
        openid: OpenIdSettings {
            post_logout_redirect_uris: vec![RedirectUri::register(AFTER_LOGOUT, &Profile::Standard.policy()).unwrap()],
            frontchannel_logout_uri: Some(FRONT_CHANNEL_LOGOUT.to_owned()),
            ..OpenIdSettings::default()
        },
        ..app(client_id, ClientType::Confidential, Profile::Standard)
    }
}

/// An authentication request of [`RP`], without PKCE.
pub fn asks(response_type: &str) -> AuthorizeUrl {
    AuthorizeUrl::of("web")
        .with("client_id", RP)
        .with("response_type", response_type)
        .with("scope", "openid")
        .with("nonce", NONCE)
}

/// Whether this page wants a password.
pub fn asks_for_password(page: &Answer) -> bool {
    page.body.contains("name=\"password\"")
}

/// Whether this page wants a decision.
pub fn asks_for_consent(page: &Answer) -> bool {
    page.body.contains("name=\"decision\"")
}

/// Ada opens a request and does what the pages ask, until the answer leaves for the app.
pub async fn through(browser: &mut Browser, request: &AuthorizeUrl) -> Answer {
    let mut page = browser.open(&request.to_string()).await;
    for _ in 0..3 {
        if asks_for_password(&page) {
            page = browser.fill_in(&page, "ada@example.test", PASSWORD).await;
        } else if asks_for_consent(&page) {
            page = browser.decide(&page, "allow").await;
        } else {
            break;
        }
    }
    page
}

/// What the app receives of an allowed request.
pub async fn granted(browser: &mut Browser, request: &AuthorizeUrl) -> Received {
    Received::of(&through(browser, request).await)
}

/// What the app receives of a request that must not show a page.
pub async fn answered_at_once(browser: &mut Browser, request: &AuthorizeUrl) -> Received {
    let answer = browser.get(&request.to_string()).await;
    if !answer.body.contains("id=\"answer\"") {
        answer.assert_status(302);
    }
    Received::of(&answer)
}

/// How an answer reached the app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Via {
    Query,
    Fragment,
    Form,
}

/// An answer as the app sees it.
#[derive(Debug)]
pub struct Received {
    pub via: Via,
    /// The redirect URI it came to.
    pub to: String,
    pub values: BTreeMap<String, String>,
}

impl Received {
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        if let Some((_, form)) = answer.body.split_once("<form id=\"answer\"") {
            answer.assert_status(200);
            let (tag, rest) = form.split_once('>').unwrap();
            assert_eq!(attribute(tag, "method").as_deref(), Some("post"));
            let inputs = rest.split("<input").skip(1).map(|input| input.split('>').next().unwrap());
            let values = inputs.map(|tag| (attribute(tag, "name").unwrap(), attribute(tag, "value").unwrap()));
            return Self { via: Via::Form, to: attribute(tag, "action").unwrap(), values: values.collect() };
        }
        Self::at(&answer.destination())
    }

    /// From the address that the browser was led to.
    #[track_caller]
    pub fn at(address: &str) -> Self {
        assert!(address.starts_with(REDIRECT_URI), "{address}");
        let (via, at) = match (address.find('#'), address.find('?')) {
            (Some(at), None) => (Via::Fragment, at),
            (None, Some(at)) => (Via::Query, at),
            _ => panic!("an answer is in the query or in the fragment: {address}"),
        };
        let parsed = Parameters::parse(&address.as_bytes()[at + 1..]).unwrap();
        assert_eq!(parsed.duplicate(), None, "{address}");
        let names = address[at + 1..].split('&').map(|pair| pair.split('=').next().unwrap().to_owned());
        let values = names.map(|name| (parsed.get(&name).unwrap_or_default().to_owned(), name));
        Self { via, to: address[..at].to_owned(), values: values.map(|(value, name)| (name, value)).collect() }
    }

    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    #[track_caller]
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_else(|| panic!("no {name} in {self:?}"))
    }

    /// It is this error, with the state and the issuer of the request, and nothing was given.
    #[track_caller]
    pub fn assert_error(&self, error: &str) -> &Self {
        assert_eq!(self.text("error"), error, "{self:?}");
        assert_eq!((self.text("state"), self.text("iss")), ("s t/a+t&e", ISSUER));
        for given in ["code", "access_token", "id_token"] {
            assert!(!self.has(given), "{self:?}");
        }
        self
    }
}

/// The value of an attribute of one tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1;
    Some(unescape(value.split('"').next()?))
}

/// A GET without cookies.
pub async fn fetch(server: &TestApp, path: &str) -> Answer {
    server.send(Request::get(path).body(Body::empty()).unwrap()).await
}

/// The claims of a token that the published keys verify for this audience and issuer, at the server's time.
/// OpenID Connect Core §3.1.3.7.
pub async fn verified(server: &TestApp, token: &str, client_id: &str) -> Value {
    let claims = signed(server, token, client_id).await;
    let now = server.server.now().unix_seconds();
    let (issued_at, expires) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert!(issued_at <= now && now < expires, "{claims}");
    claims
}

/// The same for what has no lifetime: user information, logout tokens.
pub async fn signed(server: &TestApp, token: &str, client_id: &str) -> Value {
    let keys: JwkSet = serde_json::from_value(fetch(server, "/oidc/certs/v1").await.json()).unwrap();
    let header = decode_header(token).unwrap();
    let kid = header.kid.expect("a key is named");
    let key = DecodingKey::from_jwk(keys.find(&kid).expect("the key is published")).unwrap();
    let mut validation = Validation::new(header.alg);
    // Time is the test's own, not the machine's.
    validation.validate_exp = false;
    validation.set_required_spec_claims(&["iss", "aud"]);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[client_id]);
    decode::<Value>(token, &key, &validation).unwrap().claims
}

/// The header of a token.
pub fn header_of(token: &str) -> Value {
    let first = token.split('.').next().unwrap();
    serde_json::from_slice(&base64url_decode(first).expect("a token has a header")).unwrap()
}

/// The left half of a hash, as `at_hash` and `c_hash` are (OpenID Connect Core §3.3.2.11).
pub fn half_hash(id_token: &str, text: &str) -> String {
    match decode_header(id_token).unwrap().alg {
        Algorithm::RS256 | Algorithm::ES256 => base64url(&sha256(text.as_bytes())[..16]),
        Algorithm::EdDSA => {
            let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, text.as_bytes());
            base64url(&hash.as_ref()[..32])
        }
        other => panic!("{other:?} is not used here"),
    }
}

/// Asks for user information with the token in the header.
pub async fn userinfo(server: &TestApp, access_token: &str) -> Answer {
    bearer(server, Method::GET, "/oidc/userinfo/v1", access_token).await
}

/// Presents a bearer token in the header.
pub async fn bearer(server: &TestApp, method: Method, path: &str, token: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header(AUTHORIZATION, format!("Bearer {token}"));
    server.send(request.body(Body::empty()).unwrap()).await
}

/// A token response with an ID token in it.
pub struct Login {
    pub access: String,
    pub refresh: Option<String>,
    pub id_token: String,
    pub claims: Value,
    pub answer: Answer,
}

/// Exchanges a code of [`RP`] that was asked for without PKCE.
pub async fn exchange(server: &TestApp, code: &str) -> Login {
    let answer = server.client(RP).exchange(code).await;
    answer.assert_status(200);
    let id_token = answer.text("id_token");
    let claims = verified(server, &id_token, RP).await;
    let refresh = answer.json()["refresh_token"].as_str().map(str::to_owned);
    Login { access: answer.text("access_token"), refresh, id_token, claims, answer }
}

/// Ada logs in to [`RP`] in this browser.
pub async fn log_in(browser: &mut Browser, request: &AuthorizeUrl) -> Login {
    let received = granted(browser, request).await;
    exchange(&browser.app.clone(), received.text("code")).await
}

/// Where a page or a redirect leads, if it leads away.
pub fn leads_to(answer: &Answer) -> Option<String> {
    location(answer).or_else(|| answer.body.contains("id=\"continue\"").then(|| answer.destination()))
}

/// The address of the end-session endpoint with these parameters.
pub fn end_session(fields: &[(&str, &str)]) -> String {
    format!("/oidc/logout/v1?{}", form(fields))
}
