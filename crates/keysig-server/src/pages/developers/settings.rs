//! Settings of an app that most leave as they are.

use askama::Template;
use keysig_core::jose::SigningAlgorithm;

use super::AppHead;
use crate::language::screen;
use crate::pages::Chrome;

/// What the form holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppSettingsForm {
    /// How its ID tokens are signed.
    pub algorithm: SigningAlgorithm,
    /// Whether each refresh gives another refresh token.
    pub rotates: bool,
    /// Where browsers may go after a sign-out, a line each.
    pub post_logout: String,
    /// Where logout tokens are posted.
    pub back_channel: String,
    /// What signed-out browsers load in a frame.
    pub front_channel: String,
}

/// `/dashboard/apps/{client_id}/settings`.
#[derive(Template)]
#[template(path = "developers/settings.html")]
pub struct AppSettingsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose.
    pub app: AppHead,
    /// They were just saved.
    pub saved: bool,
    /// The field that is wrong, and why.
    pub problem: Option<(&'static str, String)>,
    /// What is set, or was typed.
    pub form: AppSettingsForm,
}

screen!(AppSettingsPage, "dashboard-settings");

impl AppSettingsPage {
    fn section(&self) -> &'static str {
        "settings"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.problem.is_some())
    }

    fn is(&self, algorithm: &SigningAlgorithm) -> bool {
        self.form.algorithm == *algorithm
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|(wrong, _)| *wrong == field)
    }

    /// The addresses, each with what was typed.
    fn addresses(&self) -> [(&'static str, &str); 2] {
        [("back_channel", &self.form.back_channel), ("front_channel", &self.form.front_channel)]
    }
}
