//! "Confirm it's you" (ux L7), before a change that only the account's owner may make.

use askama::Template;

use super::{Account, Chrome, PasskeyAsk, Sentence, UpstreamButtons, Words, screen, wait_in};

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
    /// Showing a passkey instead; nothing where this address has none.
    pub passkey: Option<PasskeyAsk>,
    /// Linked accounts elsewhere.
    pub upstreams: UpstreamButtons,
    /// Whether there is an authenticator app, whose code does as well.
    pub has_app: bool,
    /// Whether a password will not do.
    pub second_only: bool,
    /// Why the last answer did not do.
    pub error: Option<RecheckError>,
}

screen!(RecheckPage, "recheck");

/// Why somebody was not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecheckError {
    /// It is not right.
    Wrong,
    /// The code is not right, or was used.
    WrongCode,
    /// The passkey is not this person's.
    WrongPasskey,
    /// The page was open for too long for its passkey.
    PasskeyTooLate,
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
    fn words(self, words: Words, second_only: bool) -> Sentence {
        match self {
            Self::Wrong => words.say("wrong"),
            Self::WrongCode => words.say("wrong-code"),
            Self::WrongPasskey if second_only => words.say("wrong-passkey-second"),
            Self::WrongPasskey => words.say("wrong-passkey"),
            Self::PasskeyTooLate => words.say("passkey-too-late"),
            Self::Throttled { retry_after_seconds } => {
                words.say("throttled").text("wait", wait_in(words, retry_after_seconds).plain())
            }
            Self::Busy { retry_after_seconds } => {
                words.say("busy").text("wait", wait_in(words, retry_after_seconds).plain())
            }
        }
    }

    /// The field it is about, if it is: then it is marked and the summary leads to it.
    fn field(self) -> Option<&'static str> {
        match self {
            Self::Wrong => Some("confirm-password"),
            Self::WrongCode => Some("confirm-code"),
            Self::WrongPasskey | Self::PasskeyTooLate | Self::Throttled { .. } | Self::Busy { .. } => None,
        }
    }
}

impl RecheckPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.error {
            None => 200,
            Some(
                RecheckError::Wrong
                | RecheckError::WrongCode
                | RecheckError::WrongPasskey
                | RecheckError::PasskeyTooLate,
            ) => 422,
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
            RecheckError::Wrong
            | RecheckError::WrongCode
            | RecheckError::WrongPasskey
            | RecheckError::PasskeyTooLate => None,
        }
    }

    fn error_of(&self, field: &str) -> Option<Sentence> {
        self.error.filter(|error| error.field() == Some(field)).map(|error| error.words(self.words(), self.second_only))
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.error.is_some())
    }
}
