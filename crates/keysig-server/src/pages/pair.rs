//! Connect a device (RFC 8628 §3.3): `GET /pair`, and the same page again when `POST /pair` knew no such code.

use askama::Template;

use super::{Chrome, unmarked, wait};

/// The page that takes the code a device shows. Posts `code` and `csrf` to `/pair`.
#[derive(Template)]
#[template(path = "pair.html")]
pub struct PairPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// What was typed, or came with the address; empty at first.
    pub code: String,
    /// Why the last try led nowhere.
    pub error: Option<PairError>,
}

/// Why a code led nowhere, as far as the person may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairError {
    /// Nothing was typed.
    Empty,
    /// No device waits with this code: mistyped, run out and used up alike.
    Unknown,
    /// Too many tries (RFC 8628 §5.1).
    Throttled {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
    /// The form came back without the cookie that was set with it.
    CookiesBlocked,
}

impl PairError {
    fn words(self) -> String {
        match self {
            Self::Empty => "Enter the code that your device shows.".to_owned(),
            Self::Unknown => {
                "That code is not right or has run out. Check the code on your device, or start again there.".to_owned()
            }
            Self::Throttled { retry_after_seconds } => {
                format!("Too many tries. You can try again in {}.", wait(retry_after_seconds))
            }
            Self::CookiesBlocked => {
                "Your browser is blocking cookies, so we can't connect your device. Allow cookies for this site and try again."
                    .to_owned()
            }
        }
    }

    /// Whether it is about what was typed: then the field is marked and the summary leads to it.
    fn is_about_field(self) -> bool {
        matches!(self, Self::Empty | Self::Unknown)
    }
}

impl PairPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.error {
            None => 200,
            Some(PairError::Empty | PairError::Unknown) => 422,
            Some(PairError::Throttled { .. }) => 429,
            Some(PairError::CookiesBlocked) => 400,
        }
    }

    /// The value of `Retry-After`, in seconds, where one is due.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self.error? {
            PairError::Throttled { retry_after_seconds } => Some(retry_after_seconds),
            PairError::Empty | PairError::Unknown | PairError::CookiesBlocked => None,
        }
    }

    fn field_error(&self) -> Option<String> {
        self.error.filter(|error| error.is_about_field()).map(PairError::words)
    }

    fn page_title(&self) -> String {
        let prefix = if self.error.is_some() { "Error: " } else { "" };
        format!("{prefix}Connect a device – {}", unmarked(&self.chrome.brand))
    }
}
