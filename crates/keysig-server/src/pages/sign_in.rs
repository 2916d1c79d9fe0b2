//! Sign in (ux L1): `GET /login`, and the same page again when `POST /login` did not succeed.

use askama::Template;
use keysig_core::id::LogoId;
use keysig_core::parameters::percent_encode;

use super::{Chrome, PasskeyAsk, Sentence, UpstreamButtons, Words, screen, wait_in};

/// The sign-in page. Posts `identifier`, `password`, `csrf` and, in a login flow, `tx` to `/login`.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The pending authorization request.
    pub tx: Option<String>,
    /// The form ticket.
    pub csrf: String,
    /// The app behind `tx`.
    pub app_name: Option<String>,
    /// The app's picture, if it has one.
    pub app_logo: Option<LogoId>,
    /// Somebody is signed in, and the app wants them to sign in again.
    pub again: bool,
    /// What was typed; empty at first. A password is never given back.
    pub identifier: String,
    /// Signing in by a passkey; nothing where this address has none.
    pub passkey: Option<PasskeyAsk>,
    /// Whether a forgotten password can be replaced: mail is read here.
    pub recovers: bool,
    /// Whether anybody may make an account.
    pub signs_up: bool,
    /// Why the last attempt did not succeed.
    pub error: Option<SignInError>,
    /// Other providers.
    pub upstreams: UpstreamButtons,
}

screen!(SignInPage, "sign-in");

/// Why signing in did not succeed, as far as the person may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInError {
    /// Unknown account and wrong password alike.
    WrongCredentials,
    /// No account has this passkey, or it was not shown as it must be.
    UnknownPasskey,
    /// The page was open for too long for its passkey, or was sent twice.
    PasskeyTooLate,
    /// The form was given to another tab of this browser, or too long ago: nothing was looked at.
    Stale,
    /// The operator closed the account; said only to whoever has shown that it is theirs.
    Closed,
    /// Too many tries.
    Throttled {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
    /// The form came back without the cookie that was set with it.
    CookiesBlocked,
    /// Somebody is signed in, and the app asks for somebody else.
    OtherAccountWanted,
    /// The queue for password checks is full.
    Busy {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
}

impl SignInError {
    fn words(self, words: Words, brand: &str) -> Sentence {
        let wait = |seconds| wait_in(words, seconds).plain();
        match self {
            Self::WrongCredentials => words.say("wrong-credentials"),
            Self::UnknownPasskey => words.say("unknown-passkey"),
            Self::PasskeyTooLate | Self::Stale => words.say("passkey-too-late"),
            Self::Closed => words.say("closed").text("brand", brand),
            Self::Throttled { retry_after_seconds } => words.say("throttled").text("wait", wait(retry_after_seconds)),
            Self::CookiesBlocked => words.say("cookies-blocked"),
            Self::OtherAccountWanted => words.say("other-account-wanted"),
            Self::Busy { retry_after_seconds } => words.say("busy").text("wait", wait(retry_after_seconds)),
        }
    }

    /// Whether it is about what was typed: then the fields are marked and the summary leads to them.
    fn is_about_fields(self) -> bool {
        self == Self::WrongCredentials
    }
}

impl SignInPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.error {
            None | Some(SignInError::OtherAccountWanted) => 200,
            Some(SignInError::WrongCredentials | SignInError::UnknownPasskey | SignInError::PasskeyTooLate) => 422,
            Some(SignInError::Closed | SignInError::Stale) => 403,
            Some(SignInError::Throttled { .. }) => 429,
            Some(SignInError::CookiesBlocked) => 400,
            Some(SignInError::Busy { .. }) => 503,
        }
    }

    /// The value of `Retry-After`, in seconds, where one is due.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self.error? {
            SignInError::Throttled { retry_after_seconds } | SignInError::Busy { retry_after_seconds } => {
                Some(retry_after_seconds)
            }
            SignInError::WrongCredentials
            | SignInError::UnknownPasskey
            | SignInError::PasskeyTooLate
            | SignInError::Stale
            | SignInError::Closed
            | SignInError::CookiesBlocked
            | SignInError::OtherAccountWanted => None,
        }
    }

    fn sign_up_address(&self) -> String {
        let tx = self.tx.as_ref().map(|tx| format!("?tx={}", percent_encode(tx)));
        format!("/signup{}", tx.unwrap_or_default())
    }

    fn error_words(&self, error: &SignInError) -> Sentence {
        error.words(self.words(), &self.chrome.brand)
    }

    fn field_error(&self) -> Option<Sentence> {
        self.error.as_ref().filter(|error| error.is_about_fields()).map(|error| self.error_words(error))
    }

    fn page_title(&self) -> String {
        let failed = self.error.is_some() || self.upstreams.problem.is_some();
        self.chrome.title(self.words(), &self.say("heading"), failed)
    }
}
