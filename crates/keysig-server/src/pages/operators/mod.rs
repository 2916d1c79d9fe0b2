//! The operator area's screens, in English only until somebody translates them.

mod refused;
mod scopes;
mod settings;
mod sheet;

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
mod samples_settings;

pub use refused::{AdminRefusedPage, SecondFactorFirstPage};
pub use scopes::{RetireScopePage, ScopeForm, ScopePage, ScopeRow, ScopesPage};
pub use settings::{SettingField, SettingsPage, SettingsSection};
pub use sheet::{AdminSheet, SheetCell, SheetField, SheetForm, SheetPart, SheetTable};
