//! `GET` and `POST /oidc/userinfo/v1` (OpenID Connect Core §5.3): what an app may know about the person, as of now.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Request, State};
use axum::response::Response;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use keysig_core::access_token::Holder;
use keysig_core::feed::Revoked;
use keysig_core::openid::claims::{ClaimSet, PersonClaims};
use keysig_core::openid::id_token;
use keysig_core::openid::subject::subject;
use keysig_core::scope::ScopeSet;
use keysig_guard::{Bearer, Denied, is_token_in_query};
use keysig_store::{StoreError, apps, grants, logins, users};
use serde::Serialize;
use serde_json::json;

use crate::server::Server;
use crate::visit::Form;

/// The realm of challenges (RFC 6750 §3).
const REALM: &str = "keysig";

/// The claims about a person; signed answers say also who tells whom (§5.3.2).
#[derive(Serialize)]
struct UserInfo<'a> {
    sub: &'a str,
    #[serde(flatten)]
    person: PersonClaims<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
}

/// Why an app is told nothing.
enum Refused {
    /// By the rules for tokens (RFC 6750 §3.1).
    Denied(Denied),
    /// We cannot say now.
    Store(StoreError),
    /// Neither `GET` nor `POST`.
    Method,
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Answers the holder of an access token with the scope `openid`.
pub async fn userinfo(State(server): State<Arc<Server>>, request: Request) -> Response {
    match answer(&server, request).await {
        Ok(response) => response,
        Err(Refused::Denied(denied)) => {
            let needed = match denied {
                Denied::InsufficientScope { needed } => Some(server.scopes().print(needed)),
                _ => None,
            };
            refusal(&denied, needed.as_deref())
        }
        Err(Refused::Store(cause)) => {
            tracing::error!(error = %cause, "the store did not answer a userinfo request");
            unavailable()
        }
        Err(Refused::Method) => {
            let mut response = error(405, "invalid_request", "Use GET or POST");
            response.headers_mut().insert(http::header::ALLOW, HeaderValue::from_static("GET, POST"));
            response
        }
    }
}

fn error(status: u16, code: &str, description: &str) -> Response {
    let body = json!({"error": code, "error_description": description});
    with_headers(status, "application/json", body.to_string())
}

fn with_headers(status: u16, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}

/// Our own fault: never a word about the token, which would make apps throw a good one away.
fn unavailable() -> Response {
    let mut response = error(503, "temporarily_unavailable", "Try again in a moment");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn refusal(denied: &Denied, needed: Option<&str>) -> Response {
    let mut response = match (denied, denied.challenge_error()) {
        (Denied::Revoked(Revoked::FeedStale), _) => return unavailable(),
        (_, Some(code)) => error(denied.status(), code, denied.message()),
        // RFC 6750 §3.1: whoever sent no token is told nothing about errors.
        (_, None) => with_headers(denied.status(), "application/json", "{}".to_owned()),
    };
    if let Ok(challenge) = HeaderValue::from_str(&denied.challenge(REALM, needed)) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The token: in the header, or alone in the form of a POST (RFC 6750 §2.1, §2.2); never in the query, never twice.
async fn bearer(server: &Server, request: Request) -> Result<Bearer, Denied> {
    let (parts, body) = request.into_parts();
    let (headers, uri): (HeaderMap, Uri) = (parts.headers.clone(), parts.uri.clone());
    let is_post = parts.method == Method::POST;
    let sent = match is_post {
        true => {
            let Form(form) =
                Form::from_request(Request::from_parts(parts, body), &()).await.unwrap_or_else(|no| match no {});
            let form = form.unwrap_or_default();
            let mut tokens = form.all("access_token").filter(|token| !token.is_empty()).map(str::to_owned);
            (tokens.next(), tokens.next())
        }
        false => (None, None),
    };
    match sent {
        (None, _) => server.guard.check(&headers, &uri),
        (Some(token), None) if !headers.contains_key(AUTHORIZATION) && !is_token_in_query(&uri) => {
            server.guard.verify(&token)
        }
        _ => Err(Denied::TwoTokens),
    }
}

async fn answer(server: &Server, request: Request) -> Result<Response, Refused> {
    if !matches!(*request.method(), Method::GET | Method::POST | Method::HEAD) {
        return Err(Refused::Method);
    }
    let bearer = bearer(server, request).await?;
    bearer.require(ScopeSet::OPENID)?;
    let token = bearer.token();
    let Holder::User { user, grant, login, .. } = token.holder else { return Err(Denied::UserRequired.into()) };
    let app = apps::by_id(&server.store, token.app).await?.ok_or(Denied::Invalid)?;
    let user = users::by_id(&server.store, user).await?.ok_or(Denied::Invalid)?;
    let rows = grants::standing(&server.store, user.id, app.id, grant).await?;
    let login = logins::find(&server.store, user.id, login).await?.ok_or(Denied::Invalid)?;
    let grant = rows.standing(server.now()).check(login.carried()).map_err(|_| Denied::Invalid)?;
    let allowed = ClaimSet::allowed_by(grant.scopes);
    let shown = ClaimSet::allowed_by(token.scopes).union(login.claims.userinfo).intersection(allowed);
    let told = ScopeSet::OPENID.union(ScopeSet::PROFILE).union(ScopeSet::EMAIL).intersection(grant.scopes);
    server.guard.uses().count(&bearer, told, server.now());
    let sub = subject(&app, &user);
    let plain = UserInfo { sub: &sub, person: PersonClaims::of(&user, shown), iss: None, aud: None };
    let Some(algorithm) = app.openid.userinfo_algorithm else {
        let body = serde_json::to_string(&plain).map_err(|error| StoreError::Engine(error.to_string()))?;
        return Ok(with_headers(200, "application/json", body));
    };
    let signed = UserInfo { iss: Some(&server.settings.public_url), aud: Some(&app.client_id), ..plain };
    let jwt = server.signing.sign(algorithm, id_token::TYPE, &signed, server.now());
    let jwt = jwt.ok_or_else(|| StoreError::Unavailable("no signing key".to_owned()))?;
    Ok(with_headers(200, "application/jwt", jwt))
}
