//! What brand, policy and limits have in common: some settings are changed together, or none.

use keysig_core::audit::AuditAction;
use keysig_core::user::Role;
use keysig_store::StoreError;
use keysig_store::settings::{self, Change};

use super::{ActionRefused, Actor};
use crate::server::Server;
use crate::settings::{LiveSettings, SettingKey};

/// What is wrong with a value.
pub type Problem = (SettingKey, String);

/// The settings as they would be with `values`, and all that is wrong with these.
pub fn tried(server: &Server, values: &[(SettingKey, String)]) -> (LiveSettings, Vec<Problem>) {
    let mut live = (*server.live()).clone();
    let mut problems = Vec::new();
    for (key, value) in values {
        if server.settings.fixed.contains(key) {
            problems.push((*key, "is set in the configuration, and changed there".to_owned()));
        } else if let Err(problem) = live.set(*key, value) {
            problems.push((*key, problem));
        }
    }
    (live, problems)
}

/// Sets `values`, each of `keys`, and records which and to what. What is as it was is not written.
pub(super) async fn set(
    server: &Server,
    actor: &Actor,
    (action, keys): (AuditAction, &[SettingKey]),
    values: &[(SettingKey, String)],
) -> Result<(), ActionRefused> {
    actor.needs(Role::Operator)?;
    let seen = server.settings_version();
    let before = server.live();
    let values: Vec<_> =
        values.iter().filter(|(key, value)| keys.contains(key) && before.get(*key) != value.trim()).cloned().collect();
    let (wanted, problems) = tried(server, &values);
    if let Some((key, problem)) = problems.into_iter().next() {
        return Err(ActionRefused::Invalid { field: key.name(), problem });
    }
    let changes: Vec<_> =
        values.iter().map(|(key, _)| Change::Setting { key: key.name(), value: Some(wanted.get(*key)) }).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let about: Vec<String> = values.iter().map(|(key, _)| format!("{}: {}", key.name(), wanted.get(*key))).collect();
    write(server, seen, &changes, &actor.record(server, action, &about.join("; "))).await
}

/// Writes what was decided on version `seen`, and follows it at once.
pub(super) async fn write(
    server: &Server,
    seen: i64,
    changes: &[Change],
    record: &keysig_core::audit::AuditRecord,
) -> Result<(), ActionRefused> {
    match settings::change(&server.store, seen, changes, server.now(), record).await {
        Ok(()) => {}
        Err(StoreError::Conflict) => {
            server.follow_settings().await?;
            let problem = "somebody else changed the settings meanwhile: look at what they are now, and try again";
            return Err(ActionRefused::Conflict(problem.to_owned()));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(server.follow_settings().await?)
}
