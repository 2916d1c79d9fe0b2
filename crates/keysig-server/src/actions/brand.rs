//! The brand: name, accent, what every page links to, whose name mail carries.

use keysig_core::audit::AuditAction;

use super::settings::{self, Problem};
use super::{ActionRefused, Actor};
use crate::brand::Palette;
use crate::server::Server;
use crate::settings::{LiveSettings, SettingKey};

/// What belongs to it.
pub const KEYS: [SettingKey; 6] = [
    SettingKey::Brand,
    SettingKey::Accent,
    SettingKey::HelpUrl,
    SettingKey::PrivacyUrl,
    SettingKey::TermsUrl,
    SettingKey::MailSender,
];

/// The settings with `values` in them, and what is wrong with these; of an accent that cannot be read, the nearest that can.
pub fn tried(server: &Server, values: &[(SettingKey, String)]) -> (LiveSettings, Vec<Problem>, Option<String>) {
    let (live, mut problems) = settings::tried(server, values);
    let asked = values.iter().any(|(key, _)| *key == SettingKey::Accent);
    let Some(Err(nearest)) = live.accent.filter(|_| asked).map(Palette::of) else { return (live, problems, None) };
    let problem =
        format!("cannot be read on our pages (its contrast is below 4.5 to 1); the nearest that can is {nearest}");
    problems.push((SettingKey::Accent, problem));
    (live, problems, Some(nearest.to_string()))
}

/// Sets some of it.
pub async fn set(server: &Server, actor: &Actor, values: &[(SettingKey, String)]) -> Result<(), ActionRefused> {
    let changed: Vec<_> = values.iter().filter(|(key, value)| server.live().get(*key) != *value).cloned().collect();
    if let Some((key, problem)) = tried(server, &changed).1.into_iter().next() {
        return Err(ActionRefused::Invalid { field: key.name(), problem });
    }
    settings::set(server, actor, (AuditAction::BrandChanged, &KEYS), values).await
}
