//! The operator area's screens, in English only until somebody translates them.

mod home;
mod refused;
mod scopes;
mod settings;

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod samples_settings;

pub use home::AdminHomePage;
pub use refused::{AdminRefusedPage, SecondFactorFirstPage};
pub use scopes::{RetireScopePage, ScopeForm, ScopePage, ScopeRow, ScopesPage};
pub use settings::{SettingField, SettingsPage, SettingsSection};
