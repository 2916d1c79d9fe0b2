//! What operators do to apps of others.

use std::sync::Arc;

use keysig_core::app::{App, OwnQuota};
use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::user::Role;
use keysig_store::app_endings::{self, Switch};
use keysig_store::{app_lists, users};

use super::{ActionRefused, Actor};
use crate::mail::{Letter, lang_of, queue};
use crate::server::Server;
use crate::settings::MAX_QUOTA;

/// The app that is acted on.
pub async fn find(server: &Server, client_id: &str) -> Result<Arc<App>, ActionRefused> {
    server.app(client_id).await?.ok_or(ActionRefused::NotFound)
}

fn record(server: &Server, actor: &Actor, action: AuditAction, app: &App, about: &str) -> AuditRecord {
    let mut record = actor.record(server, action, about);
    record.app = Some(app.id);
    record.user = app.owner;
    record
}

/// Writes to the app's owner, where mail goes out and there is one.
pub async fn tell_owner(server: &Server, app: &App, letter: &Letter<'_>) -> Result<(), keysig_store::StoreError> {
    let Some(owner) = app.owner.filter(|_| server.settings.sends_mail()) else { return Ok(()) };
    match users::by_id(&server.store, owner).await? {
        Some(owner) => queue(server, &owner.email, lang_of(server, &owner, None), letter).await,
        None => Ok(()),
    }
}

fn so_already() -> ActionRefused {
    ActionRefused::Conflict("It is so already.".to_owned())
}

/// Stops everything of an app: no login, no refresh, no token works when this returns.
pub async fn pause(server: &Server, actor: &Actor, client_id: &str, why: &str) -> Result<(), ActionRefused> {
    actor.needs(Role::Support)?;
    let app = find(server, client_id).await?;
    if why.trim().is_empty() {
        let problem = "Say why: its developer reads it.".to_owned();
        return Err(ActionRefused::Invalid { field: "why", problem });
    }
    let record = record(server, actor, AuditAction::AppPaused, &app, why.trim());
    if !app_endings::pause(&server.store, app.id, Switch::Operator, server.keep_until(), &record).await? {
        return Err(so_already());
    }
    // It is paused whether or not that can be written to anybody.
    if let Err(error) = tell_owner(server, &app, &Letter::AppPaused { app: &app.name, why: why.trim() }).await {
        tracing::warn!(%error, "the owner of a paused app was not told");
    }
    Ok(())
}

/// Lets it work again. Tokens of before stay dead; people and developers need to do nothing.
pub async fn resume(server: &Server, actor: &Actor, client_id: &str) -> Result<(), ActionRefused> {
    actor.needs(Role::Support)?;
    let app = find(server, client_id).await?;
    let record = record(server, actor, AuditAction::AppResumed, &app, "");
    let done = app_endings::resume(&server.store, app.id, Switch::Operator, &record).await?;
    if done { Ok(()) } else { Err(so_already()) }
}

/// Lets nobody new log in to an app, or everybody again. Whoever has it connected goes on either way.
pub async fn set_logins_stopped(
    server: &Server,
    actor: &Actor,
    client_id: &str,
    stopped: bool,
) -> Result<(), ActionRefused> {
    actor.needs(Role::Support)?;
    let app = find(server, client_id).await?;
    if app.standing.logins_stopped == stopped {
        return Err(so_already());
    }
    let record =
        record(server, actor, AuditAction::AppLoginsChanged, &app, if stopped { "stopped" } else { "allowed" });
    Ok(app_lists::set_logins_stopped(&server.store, app.id, stopped, &record).await?)
}

/// Says that an app is the operator's own, or no longer.
pub async fn set_trusted(server: &Server, actor: &Actor, client_id: &str, trusted: bool) -> Result<(), ActionRefused> {
    actor.needs(Role::Operator)?;
    let app = find(server, client_id).await?;
    if app.consent.trusted == trusted {
        return Err(so_already());
    }
    let about = if trusted { "trusted" } else { "not trusted" };
    let record = record(server, actor, AuditAction::AppTrustChanged, &app, about);
    Ok(app_lists::set_trusted(&server.store, app.id, trusted, &record).await?)
}

/// Gives an app quotas of its own, as they are typed: calls of the Web API and token requests within 30 seconds. Empty is what
/// is set for all, 0 is any number.
pub async fn set_quota(
    server: &Server,
    actor: &Actor,
    client_id: &str,
    [calls, tokens]: [&str; 2],
) -> Result<(), ActionRefused> {
    actor.needs(Role::Operator)?;
    let app = find(server, client_id).await?;
    let number = |field: &'static str, typed: &str| match typed.trim() {
        "" => Ok(None),
        typed => match typed.parse() {
            Ok(number) if number <= MAX_QUOTA => Ok(Some(number)),
            _ => {
                let problem = format!("It goes from 0, for any number, to {MAX_QUOTA}; empty, it is as for all apps.");
                Err(ActionRefused::Invalid { field, problem })
            }
        },
    };
    let quota = OwnQuota { calls: number("calls", calls)?, tokens: number("tokens", tokens)? };
    if quota == app.standing.quota {
        return Ok(());
    }
    let said = |own: Option<u32>| own.map_or_else(|| "as for all".to_owned(), |own| own.to_string());
    let about = format!("calls: {}; token requests: {}", said(quota.calls), said(quota.tokens));
    let record = record(server, actor, AuditAction::AppQuotaChanged, &app, &about);
    Ok(app_lists::set_quota(&server.store, app.id, quota, &record).await?)
}

/// Marks the reports about an app as read.
pub async fn reports_read(server: &Server, actor: &Actor, client_id: &str) -> Result<(), ActionRefused> {
    actor.needs(Role::Support)?;
    let app = find(server, client_id).await?;
    // Its developer reads what is recorded of the app, and does not learn that somebody reported it.
    let record = actor.record(server, AuditAction::AppReportsHandled, &app.client_id);
    Ok(app_lists::reports_read(&server.store, app.id, server.now(), &record).await?)
}
