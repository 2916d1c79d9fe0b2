//! "Confirm it's you" (ux L7), before a change that only the account's owner may make.

use askama::Template;

use super::{Account, Chrome, unmarked, wait};

/// The page. Posts `csrf`, what it hides and `confirm_password` to `action`.
#[derive(Template)]
#[template(path = "recheck.html")]
pub struct RecheckPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Who is signed in.
    pub account: Account,
    /// Where the answer is posted: a path of ours.
    pub action: String,
    /// The form that waits, as it was sent.
    pub hidden: Vec<(String, String)>,
    /// Why the last answer did not do.
    pub error: Option<RecheckError>,
}

/// Why somebody was not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecheckError {
    /// It is not right.
    Wrong,
    /// Too many tries.
    Throttled {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
    /// The queue for password checks is full.
    Busy {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
}

impl RecheckError {
    fn words(self) -> String {
        match self {
            Self::Wrong => "The password is not right. Check it and try again.".to_owned(),
            Self::Throttled { retry_after_seconds } => {
                format!("Too many tries. You can try again in {}.", wait(retry_after_seconds))
            }
            Self::Busy { retry_after_seconds } => {
                format!("Many people are signing in right now. Try again in {}.", wait(retry_after_seconds))
            }
        }
    }

    fn is_about_fields(self) -> bool {
        self == Self::Wrong
    }
}

impl RecheckPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.error {
            None => 200,
            Some(RecheckError::Wrong) => 422,
            Some(RecheckError::Throttled { .. }) => 429,
            Some(RecheckError::Busy { .. }) => 503,
        }
    }

    /// The value of `Retry-After`, in seconds, where one is due.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self.error? {
            RecheckError::Throttled { retry_after_seconds } | RecheckError::Busy { retry_after_seconds } => {
                Some(retry_after_seconds)
            }
            RecheckError::Wrong => None,
        }
    }

    fn field_error(&self) -> Option<String> {
        self.error.filter(|error| error.is_about_fields()).map(RecheckError::words)
    }

    fn page_title(&self) -> String {
        let prefix = if self.error.is_some() { "Error: " } else { "" };
        format!("{prefix}Confirm it's you – {}", unmarked(&self.chrome.brand))
    }
}
