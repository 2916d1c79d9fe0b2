//! Policy: who may sign up, register apps and go live, and how strangers of an app in development are treated.

use keysig_core::audit::AuditAction;

use super::settings::{self, Problem};
use super::{ActionRefused, Actor};
use crate::server::Server;
use crate::settings::{SettingKey, SignUp};

/// What belongs to it.
pub const KEYS: [SettingKey; 7] = [
    SettingKey::SignUp,
    SettingKey::Developers,
    SettingKey::SecondStep,
    SettingKey::ConsentDays,
    SettingKey::Compat,
    SettingKey::ReviewRequired,
    SettingKey::UnreviewedPeople,
];

/// What is wrong with `values`.
pub fn problems(server: &Server, values: &[(SettingKey, String)]) -> Vec<Problem> {
    let (live, mut problems) = settings::tried(server, values);
    if live.sign_up == SignUp::Open && !server.settings.sends_mail() {
        problems
            .push((SettingKey::SignUp, "confirms addresses by mail when it is open: set `[mail]` first".to_owned()));
    }
    problems
}

/// Sets some of it.
pub async fn set(server: &Server, actor: &Actor, values: &[(SettingKey, String)]) -> Result<(), ActionRefused> {
    let changed: Vec<_> = values.iter().filter(|(key, value)| server.live().get(*key) != *value).cloned().collect();
    if let Some((key, problem)) = problems(server, &changed).into_iter().next() {
        return Err(ActionRefused::Invalid { field: key.name(), problem });
    }
    settings::set(server, actor, (AuditAction::PolicyChanged, &KEYS), values).await
}
