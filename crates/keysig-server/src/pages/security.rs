//! Security: the ways into an account, a section for each.

use askama::Template;

use super::{Chrome, PasskeysSection, screen};

/// `/account/security`.
#[derive(Template)]
#[template(path = "security.html")]
pub struct SecurityPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Passkeys come first: they are the best way in.
    pub passkeys: PasskeysSection,
}

screen!(SecurityPage, "security");

impl SecurityPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }

    fn section(&self) -> &'static str {
        "security"
    }
}
