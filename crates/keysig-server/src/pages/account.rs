//! The front page and the account page.

use askama::Template;

use super::{Chrome, initial, screen, unmarked};

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
        format!("Your account – {}", unmarked(&self.chrome.brand))
    }

    fn section(&self) -> &'static str {
        "account"
    }

    fn connected(&self) -> String {
        match self.connected_apps {
            0 => "No app can use your account.".to_owned(),
            1 => "1 app can use your account.".to_owned(),
            n => format!("{n} apps can use your account."),
        }
    }
}
