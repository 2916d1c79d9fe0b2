//! RFC 6749 §6. The table of `keysig_core::grant::refresh_token` decides and nothing else.

use std::sync::Arc;

use axum::response::Response;
use keysig_core::app::{App, ClientType};
use keysig_core::grant::refresh_token::{MAX_REPLAYS, RefreshDecision, RefreshRefused, decide};
use keysig_core::grant::{Grant, Login};
use keysig_core::profile::RefreshRule;
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;
use keysig_core::token_error::TokenRefused;
use keysig_store::{StoreError, apps, grants, logins, sessions};

use super::{Minting, unavailable};
use crate::browser::has_run_out;
use crate::oauth::token_request::{Refusal, TokenRequest};
use crate::server::Server;

/// Refreshes a login.
pub(super) async fn refresh(
    server: &Arc<Server>,
    request: &TokenRequest,
    presented: &str,
) -> Result<Response, Refusal> {
    let refuse = |reason| request.refuse(TokenRefused::Refresh(reason));
    let now = server.now();

    // One library sends neither header nor client_id: the token says which app, and only for one without a secret.
    let nameless = match server.refresh_tokens.open(presented, now) {
        Ok(opened) if request.names_nobody() => {
            let app = apps::by_id(&server.store, opened.app).await.map_err(unavailable(request))?;
            let same_reading =
                |app: &App| app.policy().token_parameters_in_query == request.policy().token_parameters_in_query;
            app.filter(|app| app.client_type == ClientType::Public && !app.paused && same_reading(app))
        }
        _ => None,
    };
    let nameless = nameless.map(Arc::new);
    if let Some(app) = &nameless {
        request.is_of(app.clone());
    }
    let app = match &nameless {
        Some(app) => {
            request.within_quota(server, app, false)?;
            app
        }
        None => request.token_client(server)?.app(),
    };

    let opened = server.refresh_tokens.open(presented, now).map_err(refuse)?;
    if opened.app != app.id {
        return Err(refuse(RefreshRefused::AnotherClient));
    }
    request.is_about(opened.user);
    let target = request.target(server).map_err(|_| refuse(RefreshRefused::Target))?;
    // A rotation that loses a race reads the row again and decides again; each round somebody else moved on.
    for _ in 0..8 {
        let row = logins::find(&server.store, opened.user, opened.login).await.map_err(unavailable(request))?;
        let login = row
            .filter(|login| server.refresh_tokens.was_made_by(&opened, login, now))
            .ok_or_else(|| refuse(RefreshRefused::UnknownLogin))?;
        if let Some(over) = over(server, app, &login, now).await.map_err(unavailable(request))? {
            return Err(refuse(over));
        }
        if target.is_some_and(|target| target != login.audience) {
            return Err(refuse(RefreshRefused::Target));
        }
        let rows = grants::standing(&server.store, login.user, login.app, login.grant).await;
        let rows = rows.map_err(unavailable(request))?;
        let grant = rows.standing(now).check(login.carried()).map_err(|lost| refuse(RefreshRefused::Standing(lost)))?;
        let scopes = narrowed(server, app, request, &login, grant)?;

        let moved = match decide(opened.generation, &login, now, app.policy().refresh) {
            RefreshDecision::Echo | RefreshDecision::SameBurst => true,
            RefreshDecision::Replay => {
                logins::count_replay(&server.store, &login, MAX_REPLAYS).await.map_err(unavailable(request))?
            }
            RefreshDecision::Rotate => {
                let mac_key = server.refresh_tokens.current_key(now);
                let rotated =
                    logins::rotate(&server.store, &login, mac_key, now).await.map_err(unavailable(request))?;
                if rotated {
                    let successor = Login { generation: login.generation + 1, mac_key, ..login };
                    let minting = Minting { app, login: &successor, grant, read: &rows, scopes, nonce: None };
                    return minting.mint(server, request).await;
                }
                false
            }
            RefreshDecision::Theft => {
                let keep_until = server.keep_until();
                let ended = logins::end(&server.store, login.user, login.id, now, keep_until).await;
                ended.map_err(unavailable(request))?;
                tracing::warn!(client_id = app.client_id, login = %login.id, "an old refresh token came back: login ended");
                return Err(refuse(RefreshRefused::Reused));
            }
            RefreshDecision::FromTheFuture => {
                tracing::error!(login = %login.id, "a refresh token is ahead of its row: the store went back in time");
                return Err(refuse(RefreshRefused::FromTheFuture));
            }
        };
        if moved {
            return Minting { app, login: &login, grant, read: &rows, scopes, nonce: None }.mint(server, request).await;
        }
    }
    Err(request.refuse(TokenRefused::Unavailable))
}

/// Why a login can no longer be refreshed, its user, app and grant apart. Introspection asks the same, so that no token is
/// called alive that would be refused.
pub async fn over(
    server: &Server,
    app: &App,
    login: &Login,
    now: Timestamp,
) -> Result<Option<RefreshRefused>, StoreError> {
    if login.ended_at.is_some() {
        return Ok(Some(RefreshRefused::LoginEnded));
    }
    if now >= ends_at(server, app, login) {
        return Ok(Some(RefreshRefused::Expired));
    }
    // Before anything moves: a rotation that no token follows would look like theft at the next try.
    if !server.apis.lists(login.audience) {
        return Ok(Some(RefreshRefused::Target));
    }
    Ok(session_has_ended(server, login, now).await?.then_some(RefreshRefused::SessionEnded))
}

/// Whether the browser session without which this login is nothing has ended.
pub async fn session_has_ended(server: &Server, login: &Login, now: Timestamp) -> Result<bool, StoreError> {
    let Some(session) = login.ends_with_session() else { return Ok(false) };
    let session = sessions::find(&server.store, login.user, session).await?;
    Ok(session.is_none_or(|session| has_run_out(server, &session, now)))
}

/// When a login can no longer be refreshed: at its absolute end, or, where each use rotates and so is written down, after
/// too long without one (RFC 9700 §4.14.2).
fn ends_at(server: &Server, app: &App, login: &Login) -> Timestamp {
    let idle_end = login.rotated_at.plus_seconds(server.settings.refresh_idle_seconds);
    match app.policy().refresh {
        RefreshRule::Rotate => login.expires_at.min(idle_end),
        RefreshRule::Echo => login.expires_at,
    }
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
    match request.parameters.get("scope").filter(|_| app.policy().token_requests_have_scope) {
        None => Ok(allowed),
        Some(wanted) => server
            .scopes()
            .parse_held(wanted)
            .ok()
            .filter(|wanted| wanted.is_subset(login.scopes))
            .map(|wanted| wanted.intersection(allowed))
            .ok_or_else(|| request.refuse(TokenRefused::Refresh(RefreshRefused::ScopeWidened))),
    }
}
