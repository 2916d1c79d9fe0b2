//! What the forms of brand and policy have in common.

use keysig_core::parameters::Parameters;

use crate::actions::settings::Problem;
use crate::pages::operators::SettingField;
use crate::server::Server;
use crate::settings::{LiveSettings, SettingKey};

/// The fields of `keys` as they are set.
pub(super) fn fields(server: &Server, keys: &[SettingKey]) -> Vec<SettingField> {
    let live = server.live();
    let field = |key: &SettingKey| SettingField {
        key: key.name(),
        value: live.get(*key),
        choices: LiveSettings::choices(*key),
        fixed: server.settings.fixed.contains(key),
        problem: None,
        suggestion: None,
    };
    keys.iter().map(field).collect()
}

/// What a form says of `keys`; of what it does not name, or the configuration fixes, nothing.
pub(super) fn values(server: &Server, keys: &[SettingKey], form: &Parameters) -> Vec<(SettingKey, String)> {
    let free = keys.iter().filter(|key| !server.settings.fixed.contains(key));
    free.filter_map(|key| Some((*key, form.get(key.name())?.to_owned()))).collect()
}

/// The fields as they were typed, with what is wrong with them.
pub(super) fn typed(
    mut fields: Vec<SettingField>,
    values: &[(SettingKey, String)],
    problems: &[Problem],
) -> Vec<SettingField> {
    for field in &mut fields {
        let of = |key: &SettingKey| key.name() == field.key;
        if let Some((_, value)) = values.iter().find(|(key, _)| of(key)) {
            field.value.clone_from(value);
        }
        field.problem = problems.iter().find(|(key, _)| of(key)).map(|(_, problem)| problem.clone());
    }
    fields
}
