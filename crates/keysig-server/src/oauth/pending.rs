//! Authorization requests that wait for a person, kept on the server: the form in the browser holds an id only.

use keysig_core::app::App;
use keysig_core::authorize::AuthorizationRequest;
use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::id::{LoginId, RequestId};
use keysig_core::pkce::CodeChallenge;
use keysig_core::scope::ScopeSet;
use keysig_store::requests::{self, PendingRequest};
use keysig_store::{StoreError, apps};
use serde::{Deserialize, Serialize};

use crate::browser::Browser;
use crate::server::Server;

/// How long a request waits, in seconds.
pub const REQUEST_LIFETIME_SECONDS: i64 = 3600;

/// The checked parameters as JSON. Sets of scopes and challenges are base64url.
#[derive(Serialize, Deserialize)]
struct Body {
    redirect_uri: String,
    scopes: String,
    state: Option<String>,
    challenge: Option<String>,
    nonce: Option<String>,
    show_dialog: bool,
    login_hint: Option<String>,
}

/// Keeps a request for this browser and gives its `tx`.
pub async fn keep(
    server: &Server,
    browser: &Browser,
    app: &App,
    request: &AuthorizationRequest,
    login: LoginId,
) -> Result<String, StoreError> {
    let now = server.now();
    let id = RequestId::generate(now, &*server.rng);
    let body = Body {
        redirect_uri: request.redirect_uri.as_str().to_owned(),
        scopes: base64url(&request.scopes.to_bytes()),
        state: request.state.clone(),
        challenge: request.challenge.map(|challenge| challenge.to_wire()),
        nonce: request.nonce.clone(),
        show_dialog: request.show_dialog,
        login_hint: request.login_hint.clone(),
    };
    let body = serde_json::to_string(&body).map_err(|error| StoreError::Engine(error.to_string()))?;
    let pending = PendingRequest {
        id,
        browser_mac: browser.mac(server).unwrap_or_default(),
        app: app.id,
        login,
        body,
        expires_at: now.plus_seconds(REQUEST_LIFETIME_SECONDS),
        answered: None,
    };
    requests::add(&server.store, &pending).await?;
    Ok(id.to_string())
}

/// A waiting request with its app, found again.
pub struct Waiting {
    /// The row.
    pub row: PendingRequest,
    /// The app as it is now.
    pub app: App,
    /// What was asked.
    pub request: AuthorizationRequest,
}

/// What a `tx` leads to.
pub enum Found {
    /// It waits, or was answered (`row.answered`).
    Waiting(Box<Waiting>),
    /// There is none for this browser: never was, or too long ago, or in another browser (consent CSRF).
    Expired,
    /// The app or its redirect URI has gone in the meantime.
    AppChanged,
}

/// Finds the request of a `tx` again, for the browser that brought it and no other.
pub async fn find(server: &Server, browser: &Browser, tx: &str) -> Result<Found, StoreError> {
    let Some(id) = RequestId::parse(tx) else { return Ok(Found::Expired) };
    let Some(row) = requests::find(&server.store, id).await? else { return Ok(Found::Expired) };
    if browser.mac(server) != Some(row.browser_mac) || server.now() >= row.expires_at {
        return Ok(Found::Expired);
    }
    let Some(app) = apps::by_id(&server.store, row.app).await?.filter(|app| !app.paused) else {
        return Ok(Found::AppChanged);
    };
    let Some(request) = parse(&row.body, &app) else { return Ok(Found::AppChanged) };
    Ok(Found::Waiting(Box::new(Waiting { row, app, request })))
}

/// Reads a body back. The redirect URI is resolved anew: one that was taken off the list meanwhile is none.
fn parse(body: &str, app: &App) -> Option<AuthorizationRequest> {
    let body: Body = serde_json::from_str(body).ok()?;
    let challenge = match body.challenge {
        Some(text) => CodeChallenge::parse(Some(&text), Some("S256")).ok()?,
        None => None,
    };
    Some(AuthorizationRequest {
        redirect_uri: app.resolve(&body.redirect_uri).ok()?,
        scopes: ScopeSet::from_bytes(base64url_decode(&body.scopes)?.try_into().ok()?),
        state: body.state,
        challenge,
        nonce: body.nonce,
        show_dialog: body.show_dialog,
        login_hint: body.login_hint,
    })
}
