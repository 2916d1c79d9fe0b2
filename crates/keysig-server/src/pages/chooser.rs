//! The accounts of one browser (ux L6).

use askama::Template;
use keysig_core::id::LogoId;

use super::{Account, Chrome, screen};

/// `/login/choose`. Posts `csrf`, `tx`, and `account` or `remove` with a session to itself.
#[derive(Template)]
#[template(path = "chooser.html")]
pub struct ChooserPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The pending authorization request.
    pub tx: Option<String>,
    /// The app behind it.
    pub app_name: Option<String>,
    /// The app's picture, if it has one.
    pub app_logo: Option<LogoId>,
    /// Who is signed in here.
    pub accounts: Vec<KnownAccount>,
}

screen!(ChooserPage, "chooser");

/// An account in this browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAccount {
    /// Its session.
    pub session: String,
    /// Whose.
    pub account: Account,
    /// Whether it is the one at hand.
    pub is_current: bool,
}

impl ChooserPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }
}
