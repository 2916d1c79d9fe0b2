//! Secrets (screen D6).

use askama::Template;
use keysig_core::secret::Secret;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::pages::{Chrome, When};

/// Whether a secret works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretState {
    /// Until it is told to stop.
    Active,
    /// Until then.
    Stops(When),
    /// Since then not.
    Stopped(When),
}

/// A secret in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// What its addresses hold.
    pub key: String,
    /// Its last four characters.
    pub last_four: String,
    /// Since when.
    pub created: When,
    /// When it was last used.
    pub last_used: Option<When>,
    /// Whether it works.
    pub state: SecretState,
}

/// `/dashboard/apps/{client_id}/secrets`.
#[derive(Template)]
#[template(path = "developers/secrets.html")]
pub struct SecretsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose secrets.
    pub app: AppHead,
    /// It runs in people's hands and has none.
    pub is_public: bool,
    /// The one that was just made: shown now or never.
    pub new: Option<Secret>,
    /// Another one was asked for, and two work already.
    pub is_full: bool,
    /// Whether there may be one more.
    pub may_add: bool,
    /// The newest first.
    pub rows: Vec<SecretRow>,
}

screen!(SecretsPage, "dashboard-secrets");

impl SecretsPage {
    fn section(&self) -> &'static str {
        "secrets"
    }

    fn path(&self) -> String {
        format!("/dashboard/apps/{}/secrets", self.app.client_id)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.is_full)
    }

    fn time(&self, key: &'static str, when: &When) -> Sentence {
        self.say(key).time("when", &when.machine(), &when.full(self.words()))
    }

    fn state(&self, state: &SecretState) -> Sentence {
        match state {
            SecretState::Active => self.say("active"),
            SecretState::Stops(at) => self.say("stops").time("when", &at.machine(), &at.absolute(self.words())),
            SecretState::Stopped(at) => self.time("stopped", at),
        }
    }

    fn works(&self, state: &SecretState) -> bool {
        !matches!(state, SecretState::Stopped(_))
    }
}

/// When a secret is to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopsIn {
    /// At once.
    Now,
    /// In an hour.
    Hour,
    /// In a day.
    Day,
    /// In a week.
    Week,
}

impl StopsIn {
    /// In the order of the page.
    pub const ALL: [Self; 4] = [Self::Now, Self::Hour, Self::Day, Self::Week];

    /// Its name in the form and in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Hour => "in-an-hour",
            Self::Day => "in-a-day",
            Self::Week => "in-a-week",
        }
    }

    /// Of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stops| stops.name() == name)
    }

    /// In so many seconds.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Now => 0,
            Self::Hour => 3600,
            Self::Day => 86_400,
            Self::Week => 7 * 86_400,
        }
    }
}

/// `/dashboard/apps/{client_id}/secrets/{key}/retire` and `…/leaked`.
#[derive(Template)]
#[template(path = "developers/retire_secret.html")]
pub struct RetireSecretPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose secret.
    pub app: AppHead,
    /// What its addresses hold.
    pub key: String,
    /// Its last four characters.
    pub last_four: String,
    /// So many requests used it in the last 24 hours.
    pub uses: u64,
    /// No other works.
    pub is_last: bool,
    /// Somebody else may have it.
    pub leaked: bool,
}

screen!(RetireSecretPage, "dashboard-secrets");

impl RetireSecretPage {
    fn section(&self) -> &'static str {
        "secrets"
    }

    fn path(&self) -> String {
        format!("/dashboard/apps/{}/secrets", self.app.client_id)
    }

    fn heading(&self) -> Sentence {
        self.say(if self.leaked { "leaked-heading" } else { "retire-heading" }).text("end", &self.last_four)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }

    fn used(&self) -> Sentence {
        self.say("uses").count("n", self.uses)
    }

    /// What is chosen at first: time for whoever still uses it.
    fn is_usual(&self, stops: &StopsIn) -> bool {
        *stops == if self.uses == 0 { StopsIn::Now } else { StopsIn::Day }
    }
}
