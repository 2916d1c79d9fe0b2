//! Authorization requests that wait for a person, kept on the server: the form in the browser holds an id only.

use keysig_core::access_token::Audience;
use keysig_core::app::App;
use keysig_core::authorize::{AuthorizationRequest, Prompt, ReplyTo, ResponseMode, ResponseType};
use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::grant::device_code::UserCode;
use keysig_core::id::{DeviceId, LoginId, RequestId};
use keysig_core::openid::claims::ClaimsRequest;
use keysig_core::openid::subject::subject;
use keysig_core::pkce::CodeChallenge;
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;
use keysig_store::requests::{self, PendingRequest};
use keysig_store::sessions::Session;
use keysig_store::{StoreError, apps, devices};
use serde::{Deserialize, Serialize};

use crate::browser::{Browser, SignedIn};
use crate::server::Server;

/// How long a request waits, in seconds.
const REQUEST_LIFETIME_SECONDS: i64 = 3600;

/// Where the answer goes, as kept.
#[derive(Serialize, Deserialize)]
enum KeptReply {
    Redirect { uri: String, mode: String },
    Device { id: String, code: String },
}

fn about_code(id: RequestId) -> Vec<u8> {
    format!("authorization_requests|code|{id}").into_bytes()
}

/// The checked parameters as JSON. Sets of scopes, challenges and MACs are base64url.
#[derive(Serialize, Deserialize)]
struct Body {
    reply_to: KeptReply,
    response_type: u8,
    scopes: String,
    audience: Option<String>,
    state: Option<String>,
    challenge: Option<String>,
    nonce: Option<String>,
    consent: bool,
    select_account: bool,
    claims: u32,
    subjects: Vec<String>,
    login_hint: Option<String>,
    /// Absent from what was kept before there was such a thing.
    #[serde(default)]
    include_granted: bool,
    #[serde(default)]
    two_factors: bool,
    #[serde(default)]
    ui_locales: Option<String>,
    /// Who asks for a new or recent sign-in takes none from before this, in Unix milliseconds.
    since: Option<i64>,
    not_by: Option<String>,
}

/// A sign-in from before this will not do for `request`. Asked of every sign-in that comes along, not only of the one that
/// was there when the request came: a session can hide while it would be turned away, and come back with its cookie.
fn since(request: &AuthorizationRequest, now: Timestamp) -> Option<Timestamp> {
    let recent = request.max_age_seconds.map(|seconds| now.plus_seconds(-seconds));
    recent.max(request.prompt.login.then_some(now))
}

/// Keeps a request for this browser and gives its `tx`. `not_by` is the sign-in at hand, if there is one and it will not do:
/// even where it is of this very millisecond.
pub async fn keep(
    server: &Server,
    browser: &Browser,
    app: &App,
    request: &AuthorizationRequest,
    login: LoginId,
    not_by: Option<&Session>,
) -> Result<String, StoreError> {
    let now = server.now();
    let id = RequestId::generate(now, &*server.rng);
    let body = Body {
        reply_to: match &request.reply_to {
            ReplyTo::Redirect { uri, mode } => {
                KeptReply::Redirect { uri: uri.as_str().to_owned(), mode: mode.name().to_owned() }
            }
            // It opens a device to whoever types it: sealed, unlike the rest.
            ReplyTo::Device { id: device, code } => {
                let plain = code.to_string().into_bytes();
                let sealed = server.column_keys.seal_column(&about_code(id), plain, &*server.rng);
                KeptReply::Device { id: device.to_string(), code: base64url(&sealed) }
            }
        },
        response_type: request.response_type.number(),
        scopes: base64url(&request.scopes.to_bytes()),
        audience: request.audience.to_column().map(|id| base64url(&id)),
        state: request.state.clone(),
        challenge: request.challenge.map(|challenge| challenge.to_wire()),
        nonce: request.nonce.clone(),
        consent: request.prompt.consent,
        select_account: request.prompt.select_account,
        claims: request.claims.number(),
        subjects: request.subjects.clone(),
        login_hint: request.login_hint.clone(),
        include_granted: request.include_granted,
        two_factors: request.needs_two_factors,
        ui_locales: request.ui_locales.clone(),
        since: since(request, now).map(Timestamp::unix_millis),
        not_by: not_by.map(|session| base64url(&session.secret_mac)),
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
    since: Option<Timestamp>,
    not_by: Option<[u8; 32]>,
}

impl Waiting {
    /// Whoever has signed in since the request came has chosen an account by that.
    pub fn note_sign_in(&mut self, signed_in: &SignedIn) {
        self.request.prompt.select_account &= signed_in.session.auth_time <= self.row.id.made_at();
    }

    /// Whether somebody was signed in, and must sign in again.
    pub fn asks_again(&self) -> bool {
        self.since.is_some() && self.not_by.is_some()
    }

    /// Whether this sign-in will do: of the right person, recent enough, and none that was turned away already.
    pub fn will_do(&self, signed_in: &SignedIn) -> bool {
        self.lacks_only_a_second_factor(signed_in) && self.request.is_strong_enough(signed_in.session.amr)
    }

    /// Whether this sign-in would do once both factors were shown; or does already.
    pub fn lacks_only_a_second_factor(&self, signed_in: &SignedIn) -> bool {
        let session = &signed_in.session;
        let recent = self.since.is_none_or(|since| session.auth_time >= since);
        recent && self.not_by != Some(session.secret_mac) && is_wanted(&self.app, &self.request, signed_in)
    }
}

/// The person has chosen among the accounts of their browser: `waiting` asks for that no more.
pub async fn account_chosen(server: &Server, waiting: &Waiting) -> Result<(), StoreError> {
    let broken = |error: serde_json::Error| StoreError::Engine(error.to_string());
    let mut body: Body = serde_json::from_str(&waiting.row.body).map_err(broken)?;
    body.select_account = false;
    let body = serde_json::to_string(&body).map_err(broken)?;
    requests::rewrite(&server.store, waiting.row.id, &body).await
}

/// Whether the request is for this person among others, or for whoever comes: no other may be told of (OpenID Connect Core §3.1.2.1).
pub fn is_wanted(app: &App, request: &AuthorizationRequest, signed_in: &SignedIn) -> bool {
    request.subjects.is_empty() || request.subjects.contains(&subject(app, &signed_in.user))
}

/// What a `tx` leads to.
pub enum Found {
    /// It waits, or was answered (`row.answered`).
    Waiting(Box<Waiting>),
    /// There is none for this browser: never was, or too long ago, or in another browser (consent CSRF). The app, where it
    /// was this browser's and is known.
    Expired(Option<Box<App>>),
    /// The app or its redirect URI has gone in the meantime.
    AppChanged(Option<Box<App>>),
    /// It is a device's, which waits no more: nothing is asked, and nothing can be agreed to.
    DeviceGone,
}

/// Finds the request of a `tx` again, for the browser that brought it and no other.
pub async fn find(server: &Server, browser: &Browser, tx: &str) -> Result<Found, StoreError> {
    let Some(id) = RequestId::parse(tx) else { return Ok(Found::Expired(None)) };
    let Some(row) = requests::find(&server.store, id).await? else { return Ok(Found::Expired(None)) };
    if !browser.has_begun(server, tx, row.browser_mac) {
        return Ok(Found::Expired(None));
    }
    let Some(app) = apps::by_id(&server.store, row.app).await?.filter(|app| !app.paused) else {
        return Ok(Found::AppChanged(None));
    };
    if server.now() >= row.expires_at {
        return Ok(Found::Expired(Some(Box::new(app))));
    }
    let Some((request, since, not_by)) = parse(server, &row, &app) else {
        return Ok(Found::AppChanged(Some(Box::new(app))));
    };
    if let ReplyTo::Device { id, .. } = &request.reply_to
        && row.answered.is_none()
        && devices::waiting(&server.store, *id, server.now()).await?.is_none()
    {
        return Ok(Found::DeviceGone);
    }
    Ok(Found::Waiting(Box::new(Waiting { row, app, request, since, not_by })))
}

/// Reads a body back. The redirect URI is resolved anew: one that was taken off the list meanwhile is none.
fn parse(
    server: &Server,
    row: &PendingRequest,
    app: &App,
) -> Option<(AuthorizationRequest, Option<Timestamp>, Option<[u8; 32]>)> {
    let body: Body = serde_json::from_str(&row.body).ok()?;
    let challenge = match body.challenge {
        Some(text) => CodeChallenge::parse(Some(&text), Some("S256")).ok()?,
        None => None,
    };
    let reply_to = match body.reply_to {
        KeptReply::Redirect { uri, mode } => {
            ReplyTo::Redirect { uri: app.resolve(&uri).ok()?, mode: ResponseMode::from_name(&mode)? }
        }
        KeptReply::Device { id, code } => {
            let code = server.column_keys.open_column(&about_code(row.id), &base64url_decode(&code)?)?;
            ReplyTo::Device { id: DeviceId::parse(&id)?, code: UserCode::parse(std::str::from_utf8(&code).ok()?)? }
        }
    };
    let audience = match body.audience {
        Some(text) => Some(base64url_decode(&text)?.try_into().ok()?),
        None => None,
    };
    let request = AuthorizationRequest {
        reply_to,
        response_type: ResponseType::from_number(body.response_type)?,
        scopes: ScopeSet::from_bytes(base64url_decode(&body.scopes)?.try_into().ok()?),
        audience: Audience::from_column(audience),
        state: body.state,
        challenge,
        nonce: body.nonce,
        prompt: Prompt { consent: body.consent, select_account: body.select_account, ..Prompt::default() },
        max_age_seconds: None,
        claims: ClaimsRequest::from_number(body.claims),
        subjects: body.subjects,
        login_hint: body.login_hint,
        include_granted: body.include_granted,
        needs_two_factors: body.two_factors,
        ui_locales: body.ui_locales,
    };
    let not_by = match body.not_by {
        Some(text) => Some(base64url_decode(&text)?.try_into().ok()?),
        None => None,
    };
    Some((request, body.since.map(Timestamp::from_unix_millis), not_by))
}
