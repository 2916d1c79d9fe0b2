//! The front page and the account page.

use askama::Template;

use super::{Chrome, initial, screen};

/// An account as its owner knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The display name.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
}

impl Account {
    pub(super) fn initial(&self) -> String {
        initial(&self.name)
    }
}

/// `/`: what this place is, and the way in.
#[derive(Template)]
#[template(path = "home.html")]
pub struct HomePage {
    /// What surrounds the page.
    pub chrome: Chrome,
}

screen!(HomePage, "home");

impl HomePage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("title"), false)
    }
}

/// `/account`: who you are here. Posts `csrf` to `/logout`.
#[derive(Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Who is signed in.
    pub account: Account,
    /// The number of connected apps.
    pub connected_apps: u64,
}

screen!(AccountPage, "account");

impl AccountPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }

    fn section(&self) -> &'static str {
        "account"
    }
}
