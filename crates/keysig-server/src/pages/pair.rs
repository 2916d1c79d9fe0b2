//! Connect a device (RFC 8628 §3.3): `GET /pair`, and the same page again when `POST /pair` knew no such code.

use askama::Template;

use super::{Chrome, Sentence, Words, screen, wait_in};

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

screen!(PairPage, "pair");

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
    fn words(self, words: Words) -> Sentence {
        match self {
            Self::Empty => words.say("empty"),
            Self::Unknown => words.say("unknown"),
            Self::Throttled { retry_after_seconds } => {
                words.say("throttled").text("wait", wait_in(words, retry_after_seconds).plain())
            }
            Self::CookiesBlocked => words.say("cookies-blocked"),
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

    fn field_error(&self) -> Option<Sentence> {
        self.error.filter(|error| error.is_about_field()).map(|error| error.words(self.words()))
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.error.is_some())
    }
}
