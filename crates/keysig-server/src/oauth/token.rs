//! `POST /api/token` (RFC 6749 §3.2): one function per grant, and the match over grants is closed.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use keysig_core::access_token::{ACCESS_TOKEN_LIFETIME_SECONDS, AccessTokenFor, Audience, Holder};
use keysig_core::app::{App, ClientType};
use keysig_core::feed::Epoch;
use keysig_core::grant::authorization_code::{CodeRefused, SecondRedemption, second_redemption};
use keysig_core::grant::refresh_token::{MAX_REPLAYS, RefreshDecision, RefreshRefused, decide};
use keysig_core::grant::{CarriedEpochs, Grant, Login, REFRESH_TOKEN_LIFETIME_SECONDS, Standing};
use keysig_core::rng::random;
use keysig_core::scope::ScopeSet;
use keysig_core::secret::Secret;
use keysig_core::token_error::TokenRefused;
use keysig_store::grants::{self, StandingRows};
use keysig_store::logins::{self, Inserted};
use keysig_store::{StoreError, apps};
use serde::Serialize;

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
}

/// A person's `last_used_at` is written at most this often per grant.
const TOUCH_SECONDS: i64 = 3600;

/// `POST /api/token`.
pub async fn token(State(server): State<Arc<Server>>, request: Request) -> Response {
    let answer = async {
        let request = TokenRequest::read(&server, request).await?;
        match request.parameters.get("grant_type") {
            Some("authorization_code") => authorization_code(&server, &request).await,
            Some("refresh_token") => refresh_token(&server, &request).await,
            Some("client_credentials") => client_credentials(&server, &request),
            Some(other) => Err(request.refuse(TokenRefused::unknown_grant_type(other))),
            None => Err(request.refuse(TokenRefused::GrantTypeMissing)),
        }
    };
    answer.await.unwrap_or_else(Refusal::into_response)
}

/// RFC 6749 §4.1.3. After every check the insertion of the login decides: one code, one login, whatever crashes.
async fn authorization_code(server: &Arc<Server>, request: &TokenRequest) -> Result<Response, Refusal> {
    let refuse = |reason| request.refuse(TokenRefused::Code(reason));
    let unavailable = |error: StoreError| Refusal::of_store(&error, request.refuse(TokenRefused::Unavailable).policy);
    let code = request.required("code")?;
    let client = request.authenticate(server)?;
    let (app, now) = (client.app(), server.now());

    let opened = server.codes.open(code, now).map_err(refuse)?;
    let (redirect_uri, verifier) = (request.parameters.get("redirect_uri"), request.parameters.get("code_verifier"));
    server.codes.check_presented(&opened, app, redirect_uri, verifier, now).map_err(refuse)?;
    let code = &opened.code;
    let rows = grants::standing(&server.store, code.user, code.app, code.grant).await.map_err(unavailable)?;
    let redeemable = server.codes.check_standing(&opened, standing(&rows)).map_err(refuse)?;

    let login = Login {
        id: code.login,
        user: code.user,
        app: code.app,
        grant: code.grant,
        generation: 1,
        replays: 0,
        mac_key: server.refresh_tokens.current_key(now),
        salt: random(&*server.rng),
        attempt: random(&*server.rng),
        scopes: redeemable.scopes,
        user_epoch: code.user_epoch,
        app_epoch: code.app_epoch,
        grant_login_epoch: code.grant_login_epoch,
        auth_time: code.auth_time,
        amr: code.amr,
        audience: code.audience,
        binding: code.binding,
        created_at: now,
        rotated_at: now,
        expires_at: code.issued_at.plus_seconds(REFRESH_TOKEN_LIFETIME_SECONDS),
        ended_at: None,
    };
    match logins::insert(&server.store, &login).await.map_err(unavailable)? {
        Inserted::New => {}
        // A retried write met its own first try: that is success.
        Inserted::Before(before) if before.attempt == login.attempt => {}
        Inserted::Before(before) => {
            let proven = app.client_type == ClientType::Confidential || code.challenge.is_some();
            if second_redemption(before.created_at, now, proven) == SecondRedemption::DenyAndRevoke {
                let keep_until = server.keep_until();
                logins::end(&server.store, before.user, before.id, now, keep_until).await.map_err(unavailable)?;
                tracing::warn!(client_id = app.client_id, login = %before.id, "a code was used again: its login is ended");
            }
            return Err(refuse(CodeRefused::Used));
        }
    }
    mint(server, app, &login, redeemable.grant, &rows, redeemable.scopes, request)
}

/// RFC 6749 §6. The table of `keysig_core::grant::refresh_token` decides and nothing else.
async fn refresh_token(server: &Arc<Server>, request: &TokenRequest) -> Result<Response, Refusal> {
    let refuse = |reason| request.refuse(TokenRefused::Refresh(reason));
    let unavailable = |error: StoreError| Refusal::of_store(&error, request.refuse(TokenRefused::Unavailable).policy);
    let presented = request.required("refresh_token")?;
    let now = server.now();

    // One library sends neither header nor client_id: the token says which app, and only for one without a secret.
    let nameless = match server.refresh_tokens.open(presented, now) {
        Ok(opened) if request.names_nobody() => {
            let app = apps::by_id(&server.store, opened.app).await.map_err(unavailable)?;
            let same_reading =
                |app: &App| app.policy().token_parameters_in_query == request.policy().token_parameters_in_query;
            app.filter(|app| app.client_type == ClientType::Public && !app.paused && same_reading(app))
        }
        _ => None,
    };
    let app = match &nameless {
        Some(app) => app,
        None => request.authenticate(server)?.app(),
    };

    let opened = server.refresh_tokens.open(presented, now).map_err(refuse)?;
    if opened.app != app.id {
        return Err(refuse(RefreshRefused::AnotherClient));
    }
    // A rotation that loses a race reads the row again and decides again; each round somebody else moved on.
    for _ in 0..8 {
        let row = logins::find(&server.store, opened.user, opened.login).await.map_err(unavailable)?;
        let login = row
            .filter(|login| server.refresh_tokens.was_made_by(&opened, login, now))
            .ok_or_else(|| refuse(RefreshRefused::UnknownLogin))?;
        if login.ended_at.is_some() {
            return Err(refuse(RefreshRefused::LoginEnded));
        }
        if now >= login.expires_at {
            return Err(refuse(RefreshRefused::Expired));
        }
        let rows = grants::standing(&server.store, login.user, login.app, login.grant).await.map_err(unavailable)?;
        let carried =
            CarriedEpochs { user: login.user_epoch, app: login.app_epoch, grant_login: login.grant_login_epoch };
        let grant = standing(&rows).check(carried).map_err(|lost| refuse(RefreshRefused::Standing(lost)))?;
        let scopes = narrowed(server, app, request, &login, grant)?;

        let moved = match decide(opened.generation, &login, now, app.policy().refresh) {
            RefreshDecision::Echo => true,
            RefreshDecision::Replay => {
                logins::count_replay(&server.store, &login, MAX_REPLAYS).await.map_err(unavailable)?
            }
            RefreshDecision::Rotate => {
                let mac_key = server.refresh_tokens.current_key(now);
                let rotated = logins::rotate(&server.store, &login, mac_key, now).await.map_err(unavailable)?;
                if rotated {
                    let successor = Login { generation: login.generation + 1, mac_key, ..login };
                    return mint(server, app, &successor, grant, &rows, scopes, request);
                }
                false
            }
            RefreshDecision::Theft => {
                let keep_until = server.keep_until();
                logins::end(&server.store, login.user, login.id, now, keep_until).await.map_err(unavailable)?;
                tracing::warn!(client_id = app.client_id, login = %login.id, "an old refresh token came back: login ended");
                return Err(refuse(RefreshRefused::Reused));
            }
            RefreshDecision::FromTheFuture => {
                tracing::error!(login = %login.id, "a refresh token is ahead of its row: the store went back in time");
                return Err(refuse(RefreshRefused::FromTheFuture));
            }
        };
        if moved {
            return mint(server, app, &login, grant, &rows, scopes, request);
        }
    }
    Err(request.refuse(TokenRefused::Unavailable))
}

/// The scopes of a refreshed token: what the login and the grant both have, or less if less is asked for
/// (RFC 6749 §6). The Spotify profile ignores `scope`, because its clients send it out of habit.
fn narrowed(
    server: &Server,
    app: &App,
    request: &TokenRequest,
    login: &Login,
    grant: &Grant,
) -> Result<ScopeSet, Refusal> {
    let allowed = login.scopes.intersection(grant.scopes);
    match request.parameters.get("scope").filter(|_| app.policy().narrows_on_refresh) {
        None => Ok(allowed),
        Some(wanted) => server
            .scopes
            .parse(wanted)
            .ok()
            .filter(|wanted| wanted.is_subset(login.scopes))
            .map(|wanted| wanted.intersection(allowed))
            .ok_or_else(|| request.refuse(TokenRefused::Refresh(RefreshRefused::ScopeWidened))),
    }
}

/// RFC 6749 §4.4: the app in its own name. No row, no refresh token, no user.
fn client_credentials(server: &Arc<Server>, request: &TokenRequest) -> Result<Response, Refusal> {
    let app = request.authenticate(server)?.app();
    if app.client_type == ClientType::Public {
        return Err(request.refuse(TokenRefused::PublicClientCredentials));
    }
    let token = seal(server, app, app.epoch, Holder::App, ScopeSet::EMPTY, Audience::OwnApi);
    Ok(json(
        200,
        &TokenResponse {
            access_token: token.expose(),
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFETIME_SECONDS,
            refresh_token: None,
            scope: None,
        },
    ))
}

fn standing(rows: &StandingRows) -> Standing<'_> {
    Standing { user_epoch: rows.user_epoch, app_epoch: rows.app_epoch, grant: rows.grant.as_ref() }
}

fn seal(server: &Server, app: &App, app_epoch: Epoch, holder: Holder, scopes: ScopeSet, audience: Audience) -> Secret {
    let token = AccessTokenFor { app: app.id, app_epoch, holder, scopes, audience };
    server.access_tokens.seal(token, server.now(), &*server.rng)
}

/// Makes the tokens of a login. They carry the epochs that were read before, so that a revocation in between wins.
fn mint(
    server: &Arc<Server>,
    app: &App,
    login: &Login,
    grant: &Grant,
    read: &StandingRows,
    scopes: ScopeSet,
    request: &TokenRequest,
) -> Result<Response, Refusal> {
    let now = server.now();
    let holder = Holder::User {
        user: login.user,
        grant: grant.id,
        login: login.id,
        user_epoch: read.user_epoch.unwrap_or_default(),
        grant_epoch: grant.access_epoch,
        paused: grant.paused,
    };
    let access_token = seal(server, app, read.app_epoch.unwrap_or_default(), holder, scopes, login.audience);
    let refresh_token =
        server.refresh_tokens.make(login, now).ok_or_else(|| request.refuse(TokenRefused::Unavailable))?;
    if now >= grant.last_used_at.plus_seconds(TOUCH_SECONDS) {
        note_use(server, grant);
    }
    Ok(json(
        200,
        &TokenResponse {
            access_token: access_token.expose(),
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN_LIFETIME_SECONDS,
            refresh_token: Some(refresh_token.expose()),
            scope: Some(server.scopes.print(scopes)),
        },
    ))
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
