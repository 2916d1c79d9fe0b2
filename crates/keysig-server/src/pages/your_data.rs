//! Taking one's data along, and leaving.

use askama::Template;

use super::{Chrome, screen};

/// `/account/export`: says what is in the file. Posts `csrf` to itself and is answered with the file.
#[derive(Template)]
#[template(path = "export.html")]
pub struct ExportPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
}

screen!(ExportPage, "your-data");

impl ExportPage {
    fn section(&self) -> &'static str {
        "account"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("export-heading"), false)
    }
}

/// `/account/delete`: says what will happen. Posts `csrf` and `email` to itself.
#[derive(Template)]
#[template(path = "delete_account.html")]
pub struct DeleteAccountPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// What must be typed.
    pub email: String,
    /// What was typed, if it was something else.
    pub typed: Option<String>,
    /// How many apps are connected.
    pub connected: u64,
    /// How many apps they own.
    pub owned: u64,
}

screen!(DeleteAccountPage, "your-data");

impl DeleteAccountPage {
    fn section(&self) -> &'static str {
        "account"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("delete-heading"), self.typed.is_some())
    }
}

/// The account is gone.
#[derive(Template)]
#[template(path = "account_deleted.html")]
pub struct AccountDeletedPage {
    /// What surrounds the page.
    pub chrome: Chrome,
}

screen!(AccountDeletedPage, "your-data");

impl AccountDeletedPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("deleted-heading"), false)
    }
}
