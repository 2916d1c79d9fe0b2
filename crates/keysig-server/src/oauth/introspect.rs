//! `POST /oauth2/introspect/v1` (RFC 7662), signed where the caller accepts that (RFC 9701).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::HeaderValue;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use keysig_core::access_token::jwt::SignInClaims;
use keysig_core::access_token::{AccessToken, Holder};
use keysig_core::app::{App, ClientType};
use keysig_core::feed::Revoked;
use keysig_core::openid::id_token::SignIn;
use keysig_core::openid::subject::subject;
use keysig_core::token_error::TokenRefused;
use keysig_store::{StoreError, apps, grants, logins, users};
use serde::Serialize;

use crate::inspector::Step;
use crate::oauth::token::over;
use crate::oauth::token_request::{Refusal, TokenRequest, json};
use crate::server::Server;

/// The media type of signed answers (RFC 9701 §4).
const SIGNED: &str = "application/token-introspection+jwt";

/// What a caller is told (RFC 7662 §2.2). Of a token that is not alive, or not its business, nothing but that.
#[derive(Serialize, Default)]
struct Introspection {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// When and how the person signed in (RFC 9470 §6.2).
    #[serde(flatten)]
    sign_in: Option<SignInClaims>,
}

/// RFC 9701 §5.
#[derive(Serialize)]
struct SignedIntrospection<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    token_introspection: Introspection,
}

/// Why nothing can be said now: a guess would tell an API that a living token is dead, or a dead one alive.
enum Unknown {
    Store(StoreError),
    FeedStale,
}

impl From<StoreError> for Unknown {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Answers an API, or an app about its own tokens.
pub async fn introspect(State(server): State<Arc<Server>>, request: Request) -> Response {
    let accept = request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let wants_signed = accept.into_iter().any(|accepted| accepted.contains(SIGNED));
    let request = match TokenRequest::read_by_rfc(&server, Step::Introspect, request).await {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let answer = async {
        let token = request.required("token")?;
        let caller = request.authenticate(&server)?.app();
        // Anybody can name a public app (RFC 7662 §2.1).
        if caller.client_type == ClientType::Public {
            return Err(request.refuse(TokenRefused::PublicIntrospection));
        }
        let found = look(&server, caller, token).await.map_err(|unknown| match unknown {
            Unknown::Store(error) => Refusal::of_store(&error, *request.policy()),
            Unknown::FeedStale => request.refuse(TokenRefused::Unavailable),
        })?;
        match wants_signed {
            true => signed(&server, caller, found).ok_or_else(|| request.refuse(TokenRefused::Unavailable)),
            false => Ok(json(200, &found)),
        }
    };
    let answer = answer.await;
    request.answer(&server, Step::Introspect, answer)
}

fn signed(server: &Server, caller: &App, token_introspection: Introspection) -> Option<Response> {
    let now = server.now();
    let claims = SignedIntrospection {
        iss: &server.settings.public_url,
        aud: &caller.client_id,
        iat: now.unix_seconds(),
        token_introspection,
    };
    let jwt = server.signing.sign(caller.openid.id_token_algorithm, "token-introspection+jwt", &claims, now)?;
    let mut response = Response::new(Body::from(jwt));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(SIGNED));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Some(response)
}

/// Whatever `token_type_hint` says, our tokens say what they are.
async fn look(server: &Server, caller: &App, token: &str) -> Result<Introspection, Unknown> {
    let found = match server.open_access_token(token) {
        Some(opened) => of_access_token(server, caller, &opened).await?,
        None => of_refresh_token(server, caller, token).await?,
    };
    Ok(found.unwrap_or_default())
}

async fn of_access_token(server: &Server, caller: &App, token: &AccessToken) -> Result<Option<Introspection>, Unknown> {
    // A caller sees what was issued to it or names its API; of all else it learns nothing (RFC 7662 §4).
    let is_its_api =
        server.apis.find(token.audience).is_some_and(|api| api.introspected_by.contains(&caller.client_id));
    if token.app != caller.id && !is_its_api {
        return Ok(None);
    }
    match server.store.revocations().check(token) {
        Ok(()) => {}
        Err(Revoked::FeedStale) => return Err(Unknown::FeedStale),
        Err(_) => return Ok(None),
    }
    if !server.store.feed_is_fresh(server.now()) {
        return Err(Unknown::FeedStale);
    }
    let app = match token.app == caller.id {
        true => Some(caller.clone()),
        false => apps::by_id(&server.store, token.app).await?,
    };
    let (Some(app), Some(aud)) = (app, server.apis.identifier(token.audience)) else { return Ok(None) };
    let (sub, username) = match token.holder {
        // The person paused the app: here nothing can say so, and nothing may be read.
        Holder::User { paused: true, .. } => return Ok(None),
        Holder::User { user, .. } => match users::by_id(&server.store, user).await? {
            Some(user) if !user.disabled => (subject(&app, &user), username(&app, &user)),
            _ => return Ok(None),
        },
        Holder::App => (app.client_id.clone(), None),
    };
    Ok(Some(Introspection {
        active: true,
        scope: Some(server.scopes().print(token.scopes)),
        client_id: Some(app.client_id),
        username,
        token_type: Some("Bearer"),
        exp: Some(token.expires_at().unix_seconds()),
        iat: Some(token.issued_at.unix_seconds()),
        sub: Some(sub),
        aud: Some(aud.to_owned()),
        iss: Some(server.settings.public_url.clone()),
        sign_in: token.sign_in().map(SignInClaims::new),
    }))
}

/// An app with a sector knows a person by one name only.
fn username(app: &App, user: &keysig_core::user::User) -> Option<String> {
    app.openid.sector.is_none().then(|| user.public_id.clone())
}

async fn of_refresh_token(server: &Server, caller: &App, token: &str) -> Result<Option<Introspection>, Unknown> {
    let now = server.now();
    let Ok(opened) = server.refresh_tokens.open(token, now) else { return Ok(None) };
    if opened.app != caller.id {
        return Ok(None);
    }
    let login = logins::find(&server.store, opened.user, opened.login).await?;
    let current = login.filter(|login| {
        login.generation == opened.generation && server.refresh_tokens.was_made_by(&opened, login, now)
    });
    let Some(login) = current else { return Ok(None) };
    if over(server, caller, &login, now).await?.is_some() {
        return Ok(None);
    }
    let rows = grants::standing(&server.store, login.user, login.app, login.grant).await?;
    let Ok(grant) = rows.standing(now).check(login.carried()) else { return Ok(None) };
    let Some(user) = users::by_id(&server.store, login.user).await? else { return Ok(None) };
    let sign_in = SignIn { auth_time: login.auth_time, amr: login.amr, session: None };
    Ok(Some(Introspection {
        active: true,
        scope: Some(server.scopes().print(login.scopes.intersection(grant.scopes))),
        client_id: Some(caller.client_id.clone()),
        username: username(caller, &user),
        token_type: None,
        exp: Some(grant.expires_at.unwrap_or(login.expires_at).min(login.expires_at).unix_seconds()),
        iat: Some(login.rotated_at.unix_seconds()),
        sub: Some(subject(caller, &user)),
        aud: None,
        iss: Some(server.settings.public_url.clone()),
        sign_in: Some(SignInClaims::new(sign_in)),
    }))
}
