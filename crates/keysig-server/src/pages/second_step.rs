//! The second step (ux L4): a one-time code, or a recovery code in its place.

use askama::Template;

use super::{Chrome, PasskeyAsk, Sentence, Words, screen, wait_in};

/// The page. Posts `csrf`, `step`, `tx` and `code` or `recovery_code`, maybe `remember`, to `/login/second-step`; with
/// `way` it only asks for the other kind of code.
#[derive(Template)]
#[template(path = "second_step.html")]
pub struct SecondStepPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// What was shown so far, sealed.
    pub step: String,
    /// The pending authorization request.
    pub tx: Option<String>,
    /// The app behind it.
    pub app_name: Option<String>,
    /// Whether there is an authenticator app; otherwise only a passkey will do.
    pub has_app: bool,
    /// Whether a recovery code is asked for.
    pub is_recovery: bool,
    /// A passkey instead, which is both steps in one; nothing where this address has none.
    pub passkey: Option<PasskeyAsk>,
    /// Why the last try did not do.
    pub error: Option<SecondStepError>,
}

screen!(SecondStepPage, "second-step");

/// Why a code did not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondStepError {
    /// Nothing was typed.
    Empty,
    /// It is wrong, too old, or was used.
    Wrong,
    /// Too many tries.
    Throttled {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
}

impl SecondStepPage {
    fn error_words(&self, error: &SecondStepError) -> Sentence {
        let words: Words = self.words();
        match (*error, self.is_recovery) {
            (SecondStepError::Empty, false) => words.say("empty"),
            (SecondStepError::Empty, true) => words.say("recovery-empty"),
            (SecondStepError::Wrong, false) => words.say("wrong"),
            (SecondStepError::Wrong, true) => words.say("recovery-wrong"),
            (SecondStepError::Throttled { retry_after_seconds }, _) => {
                words.say("throttled").text("wait", wait_in(words, retry_after_seconds).plain())
            }
        }
    }

    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.error {
            None => 200,
            Some(SecondStepError::Empty | SecondStepError::Wrong) => 422,
            Some(SecondStepError::Throttled { .. }) => 429,
        }
    }

    /// The value of `Retry-After`, in seconds, where one is due.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self.error? {
            SecondStepError::Throttled { retry_after_seconds } => Some(retry_after_seconds),
            SecondStepError::Empty | SecondStepError::Wrong => None,
        }
    }

    fn is_about_field(&self) -> bool {
        matches!(self.error, Some(SecondStepError::Empty | SecondStepError::Wrong))
    }

    fn field(&self) -> &'static str {
        if self.is_recovery { "recovery-code" } else { "code" }
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.error.is_some())
    }
}
