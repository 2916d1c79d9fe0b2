//! Security: how somebody signs in. Each way has a section of its own, a template with its own words; the page puts them
//! one below the other.

use askama::Template;

use super::{Chrome, PasskeysSection, Sentence, UpstreamSection, When, screen};

/// `/account/security`.
#[derive(Template)]
#[template(path = "security.html")]
pub struct SecurityPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// What was just done: a key of the screen's words.
    pub done: Option<&'static str>,
    /// Passkeys come first: they are the best way in.
    pub passkeys: PasskeysSection,
    /// The second step.
    pub second_step: SecondStepSection,
    /// Accounts elsewhere.
    pub upstreams: UpstreamSection,
}

screen!(SecurityPage, "security");

impl SecurityPage {
    /// What can have been done just now: `?done=` of the address, which says nothing else.
    const DONE: [&'static str; 4] =
        ["second-step-added", "second-step-removed", "upstream-linked", "upstream-unlinked"];

    /// The words for what an address says was done.
    #[must_use]
    pub fn done(said: &str) -> Option<&'static str> {
        Self::DONE.into_iter().find(|done| *done == said)
    }

    fn section(&self) -> &'static str {
        "security"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }
}

/// Whether there is a second step, and what is left of the recovery codes.
#[derive(Template)]
#[template(path = "parts/security_second_step.html")]
pub struct SecondStepSection {
    /// For its language.
    pub chrome: Chrome,
    /// Since when there is one.
    pub since: Option<When>,
    /// How many recovery codes are left.
    pub codes_left: u64,
}

screen!(SecondStepSection, "authenticator");

/// Setting up an authenticator app. Posts `csrf`, `setup` and `code` to `/account/security/authenticator`.
#[derive(Template)]
#[template(path = "authenticator.html")]
pub struct AuthenticatorPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The seed, sealed.
    pub setup: String,
    /// The seed as a picture: SVG.
    pub picture: Option<String>,
    /// The seed as people type it.
    pub key: String,
    /// Whether the code that was typed did not fit.
    pub is_wrong: bool,
}

screen!(AuthenticatorPage, "authenticator");

impl AuthenticatorPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.is_wrong { 422 } else { 200 }
    }

    fn section(&self) -> &'static str {
        "security"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("set-up-heading"), self.is_wrong)
    }
}

/// The recovery codes, shown once. The form posts them back to be had as a file.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The codes.
    pub codes: Vec<String>,
    /// Whether the second step was set up just now.
    pub is_first: bool,
}

screen!(RecoveryCodesPage, "authenticator");

impl RecoveryCodesPage {
    fn heading(&self) -> Sentence {
        self.say("codes-heading")
    }

    fn section(&self) -> &'static str {
        "security"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}

/// What a change of the second step does, before it is done. Posts `csrf` to its path.
#[derive(Template)]
#[template(path = "second_step_change.html")]
pub struct SecondStepChangePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Which.
    pub change: SecondStepChange,
}

screen!(SecondStepChangePage, "authenticator");

/// A change of the second step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondStepChange {
    /// It is removed.
    Remove,
    /// New recovery codes are made.
    NewCodes,
}

impl SecondStepChangePage {
    fn heading(&self) -> Sentence {
        match self.change {
            SecondStepChange::Remove => self.say("remove-heading"),
            SecondStepChange::NewCodes => self.say("new-codes-heading"),
        }
    }

    fn action(&self) -> &'static str {
        match self.change {
            SecondStepChange::Remove => "/account/security/authenticator/remove",
            SecondStepChange::NewCodes => "/account/security/recovery-codes",
        }
    }

    fn section(&self) -> &'static str {
        "security"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}
