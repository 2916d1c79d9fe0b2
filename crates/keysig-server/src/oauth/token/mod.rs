//! `POST /api/token` (RFC 6749 §3.2): one file per grant, and the match over grants is closed.

mod authorization_code;
mod client_credentials;
mod device_code;
mod refresh_token;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use keysig_core::app::{App, ClientType};
use keysig_core::client_authentication::{Shown, judge};
use keysig_core::grant::{Grant, Login};
use keysig_core::id::SessionId;
use keysig_core::openid::claims::ClaimSet;
use keysig_core::scope::ScopeSet;
use keysig_core::token_error::TokenRefused;
use keysig_store::grants::{self, StandingRows};
use keysig_store::{StoreError, users};
use serde::Serialize;

pub use refresh_token::over;

use crate::inspector::{Sent, Step};
use crate::oauth::mint::{self, NotNow, Statement};
use crate::oauth::token_request::{Refusal, TokenRequest, json};
use crate::server::Server;

/// A successful answer (RFC 6749 §5.1), its keys in the order Spotify sends them.
#[derive(Serialize)]
struct TokenResponse<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

/// A person's `last_used_at` is written at most this often per grant.
const TOUCH_SECONDS: i64 = 3600;

/// `grant_type` of device polls (RFC 8628 §3.4).
pub const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// `POST /api/token`.
pub async fn token(State(server): State<Arc<Server>>, request: Request) -> Response {
    let request = match TokenRequest::read(&server, Step::Token, request).await {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let answer = match exchanged(&request) {
        Ok((Exchange::Code, code)) => authorization_code::redeem(&server, &request, code).await,
        Ok((Exchange::Refresh, token)) => refresh_token::refresh(&server, &request, token).await,
        Ok((Exchange::Client, _)) => client_credentials::issue(&server, &request),
        Ok((Exchange::Device, code)) => device_code::poll(&server, &request, code).await,
        Err(refusal) => Err(refusal),
    };
    request.answer(&server, Step::Token, answer)
}

/// What is exchanged for tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exchange {
    Code,
    Refresh,
    Client,
    Device,
}

/// What a request wants to exchange, and its value.
fn exchanged(request: &TokenRequest) -> Result<(Exchange, &str), Refusal> {
    Ok(match request.parameters.get("grant_type") {
        Some("authorization_code") => (Exchange::Code, request.required("code")?),
        Some("refresh_token") => (Exchange::Refresh, request.required("refresh_token")?),
        Some("client_credentials") => (Exchange::Client, ""),
        Some(DEVICE_CODE) => (Exchange::Device, request.required("device_code")?),
        Some(other) => return Err(request.refuse(TokenRefused::unknown_grant_type(other))),
        None => return Err(request.refuse(TokenRefused::GrantTypeMissing)),
    })
}

/// How a request that was kept fares up to where the value of its code or token is asked for: nothing is issued, and no
/// guess is counted. `found` is the app that it turned out to be of, and `shown` what its secret is worth today.
pub async fn dry_run(server: &Server, found: &App, sent: &Sent, shown: Shown) -> Result<(), TokenRefused> {
    let run = async {
        let request = TokenRequest::again(server, sent).await?;
        let (exchange, _) = exchanged(&request)?;
        // Its refresh token said whose it is.
        let nameless =
            exchange == Exchange::Refresh && request.names_nobody() && found.client_type == ClientType::Public;
        let app = if nameless { found } else { request.client()? };
        let by_header = sent.header.is_some();
        judge(app, shown).map_err(|refused| request.refuse(TokenRefused::Client { refused, by_header }))?;
        if exchange == Exchange::Client {
            client_credentials::allowed(server, &request, app)?;
        }
        Ok(())
    };
    run.await.map_err(|refusal: Refusal| refusal.reason)
}

/// A store that cannot answer.
fn unavailable(request: &TokenRequest) -> impl Fn(StoreError) -> Refusal + '_ {
    |error| Refusal::of_store(&error, *request.policy())
}

/// The session whose end the app wants to be told of, for a login of OpenID Connect.
pub fn told_of(app: &App, login: &Login) -> Option<SessionId> {
    login.session.filter(|_| app.openid.wants_to_be_told())
}

/// What the tokens of a login are made from.
struct Minting<'a> {
    app: &'a App,
    login: &'a Login,
    grant: &'a Grant,
    /// What was read before the login moved: tokens carry these epochs, so that a revocation in between wins.
    read: &'a StandingRows,
    scopes: ScopeSet,
    /// For the ID token of a code; a refresh repeats none (OpenID Connect Core §12.2).
    nonce: Option<&'a str>,
}

impl Minting<'_> {
    /// Makes the tokens and answers with them.
    async fn mint(&self, server: &Arc<Server>, request: &TokenRequest) -> Result<Response, Refusal> {
        let Self { app, login, grant, scopes, .. } = *self;
        let not_now = |NotNow| request.refuse(TokenRefused::Unavailable);
        let now = server.now();
        let user = match mint::needs_user(server, login, scopes) {
            // Gone since its epoch was read: no token is about nobody.
            true => match users::by_id(&server.store, login.user).await.map_err(unavailable(request))? {
                None => return Err(not_now(NotNow)),
                known => known,
            },
            false => None,
        };
        let access_token =
            mint::access_token(server, app, login, (grant, self.read), scopes, user.as_ref()).map_err(not_now)?;
        let refresh_token = server.refresh_tokens.make(login, now).ok_or_else(|| not_now(NotNow))?;
        let id_token = match user.filter(|_| scopes.is_openid()) {
            Some(user) => {
                let statement = Statement {
                    sign_in: login.sign_in(),
                    nonce: self.nonce,
                    access_token: Some(&access_token),
                    code: None,
                    shown: login.claims.id_token.intersection(ClaimSet::allowed_by(grant.scopes)),
                };
                Some(mint::id_token(server, app, &user, &statement).map_err(not_now)?)
            }
            None => None,
        };
        if now >= grant.last_used_at.plus_seconds(TOUCH_SECONDS) {
            note_use(server, grant);
        }
        Ok(json(
            200,
            &TokenResponse {
                access_token: access_token.expose(),
                token_type: "Bearer",
                expires_in: grant.access_token_lifetime_seconds(now),
                refresh_token: Some(refresh_token.expose()),
                scope: Some(server.scopes().print(scopes)),
                id_token,
            },
        ))
    }
}

/// Notes the use of a grant beside the answer, not before it: a figure for the person, nothing rests on it.
fn note_use(server: &Arc<Server>, grant: &Grant) {
    let (server, user, id, now) = (server.clone(), grant.user, grant.id, server.now());
    tokio::spawn(async move {
        if let Err(error) = grants::touch(&server.store, user, id, now).await {
            tracing::debug!(%error, "the use of a grant was not noted");
        }
    });
}
