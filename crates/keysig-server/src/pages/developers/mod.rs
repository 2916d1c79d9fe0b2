//! The dashboard's screens: their own style sheet beside the usual one, and English only until somebody translates them.

mod app_profile;
mod create_app;
mod danger;
mod events;
mod inspector;
mod join;
mod mode;
mod my_apps;
mod permissions;
mod quickstart;
mod redirect_problem;
mod redirect_uris;
mod review;
mod secrets;
mod settings;
mod snippets;
mod test_users;
mod usage;
mod webhooks;

use keysig_core::id::LogoId;

use super::initial;

#[cfg(test)]
pub(super) mod samples;
#[cfg(test)]
pub(super) mod samples_create;
#[cfg(test)]
pub(super) mod samples_danger;
#[cfg(test)]
pub(super) mod samples_hooks;
#[cfg(test)]
pub(super) mod samples_inspector;
#[cfg(test)]
pub(super) mod samples_permissions;
#[cfg(test)]
pub(super) mod samples_profile;
#[cfg(test)]
pub(super) mod samples_redirect_uris;
#[cfg(test)]
pub(super) mod samples_review;
#[cfg(test)]
pub(super) mod samples_secrets;
#[cfg(test)]
pub(super) mod samples_settings;
#[cfg(test)]
pub(super) mod samples_test_users;

pub use app_profile::{AppProfilePage, ProfileField, ProfileProblem, ProfileTyped};
pub use create_app::{AppKind, CreateAppPage, NewAppProblem};
pub use danger::{DangerAskPage, DangerPage, DangerProblem, Deed};
pub use events::{AppEvent, AppEventsPage};
pub use inspector::about as about_reason;
pub use inspector::{Compared, Fix, InspectPage, InspectorFilter, InspectorPage, InspectorRecordPage, InspectorRow};
pub use join::JoinPage;
pub use mode::{LiveCheck, ModePage};
pub use my_apps::{AppRow, MyAppsPage};
pub use permissions::{PermissionsPage, ReasonProblem, ScopeChoice, ScopeRow};
pub use quickstart::{FirstLogin, QuickstartPage};
pub use redirect_problem::redirect_problem;
pub use redirect_uris::{RedirectUrisPage, Tested, UriAsked, UriDone, UriProblem, UriRow};
pub use review::{ReviewLine, ReviewPage, ReviewStage, WrittenProblem};
pub use secrets::{RetireSecretPage, SecretRow, SecretState, SecretsPage, StopsIn};
pub use settings::{AppSettingsForm, AppSettingsPage};
pub use snippets::{Snippets, Tab};
pub use test_users::{
    FakeUserMadePage, FakeUserPage, FakeUserProblem, InvitedRow, RemoveTestUserPage, TestUserProblem, TestUserRow,
    TestUsersPage,
};
pub use usage::{Figures, QuotaLine, Span, UsagePage, UsageRow};
pub use webhooks::{DeliveryLine, DeliveryState, RemoveWebhookPage, SecretLine, WebhookUrlProblem, WebhooksPage};

/// What the pages of an app show at their top and beside them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppHead {
    /// Its client ID, which its addresses carry.
    pub client_id: String,
    /// Its name, as its makers chose it.
    pub name: String,
    /// Its picture; its initial where it has none.
    pub logo: Option<LogoId>,
    /// Whether everybody may log in.
    pub is_live: bool,
    /// Whether it is switched off.
    pub paused: bool,
}

impl AppHead {
    fn initial(&self) -> String {
        initial(&self.name)
    }
}
