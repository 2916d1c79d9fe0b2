//! Limits: how much apps may ask for within 30 seconds, who comes near to it, and who would be held back by another number.

use keysig_core::app::App;
use keysig_core::audit::AuditAction;
use keysig_core::id::AppId;
use keysig_core::user::Role;

use super::settings::{self, Problem};
use super::{ActionRefused, Actor};
use crate::quota::{Busy, Subject};
use crate::server::Server;
use crate::settings::SettingKey;

/// What belongs to it.
pub const KEYS: [SettingKey; 3] = [SettingKey::QuotaApp, SettingKey::QuotaDeveloper, SettingKey::QuotaTokens];

/// What is wrong with `values`.
pub fn problems(server: &Server, values: &[(SettingKey, String)]) -> Vec<Problem> {
    settings::tried(server, values).1
}

/// Sets some of it.
pub async fn set(server: &Server, actor: &Actor, values: &[(SettingKey, String)]) -> Result<(), ActionRefused> {
    settings::set(server, actor, (AuditAction::LimitChanged, &KEYS), values).await
}

/// The setting that holds for a subject.
pub const fn key_of(subject: Subject) -> SettingKey {
    match subject {
        Subject::Calls(_) => SettingKey::QuotaApp,
        Subject::Developer(_) => SettingKey::QuotaDeveloper,
        Subject::Tokens(_) => SettingKey::QuotaTokens,
    }
}

/// Whether what is set for all holds for this one: an app with a quota of its own is not concerned.
async fn is_concerned(server: &Server, subject: Subject) -> Result<bool, ActionRefused> {
    let own = |app: &App| (app.standing.quota.calls.is_some(), app.standing.quota.tokens.is_some());
    let app = |id: AppId| async move { server.app_by_id(id).await.map(|app| app.as_deref().map(own)) };
    Ok(match subject {
        Subject::Calls(id) => app(id).await?.is_some_and(|(calls, _)| !calls),
        Subject::Tokens(id) => app(id).await?.is_some_and(|(_, tokens)| !tokens),
        Subject::Developer(_) => true,
    })
}

/// What apps and developers came to in the last hour on this node, the largest first; at most so many.
pub fn busy(server: &Server, actor: &Actor, most: usize) -> Result<Vec<Busy>, ActionRefused> {
    actor.needs(Role::Viewer)?;
    let mut busy = server.quotas.busy(server.now());
    busy.truncate(most);
    Ok(busy)
}

/// Who came to more than `quota` in the last hour, and in how many half-minutes of it; at most so many.
pub async fn would_be_hit(
    server: &Server,
    actor: &Actor,
    (key, quota): (SettingKey, u32),
    most: usize,
) -> Result<Vec<(Busy, usize)>, ActionRefused> {
    actor.needs(Role::Viewer)?;
    let mut hit = Vec::new();
    for busy in server.quotas.busy(server.now()).into_iter().filter(|busy| key_of(busy.subject) == key) {
        // The largest come first.
        if busy.peak <= quota || hit.len() >= most {
            break;
        }
        if is_concerned(server, busy.subject).await? {
            let times = busy.times_over(quota);
            hit.push((busy, times));
        }
    }
    Ok(hit)
}
