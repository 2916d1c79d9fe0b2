//! Sign in (ux L1): `GET /login`, and the same page again when `POST /login` did not succeed.

use askama::Template;

use super::{Chrome, PasskeyAsk, UpstreamButtons, screen, unmarked, wait};

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
    /// Somebody is signed in, and the app wants them to sign in again.
    pub again: bool,
    /// What was typed; empty at first. A password is never given back.
    pub identifier: String,
    /// Signing in by a passkey; nothing where this address has none.
    pub passkey: Option<PasskeyAsk>,
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
    fn words(self) -> String {
        match self {
            Self::WrongCredentials => "Email or password is not right. Check both and try again.".to_owned(),
            Self::UnknownPasskey => {
                "We don't recognise that passkey. Sign in another way, then add it in Security.".to_owned()
            }
            Self::PasskeyTooLate => "That took too long. Try again.".to_owned(),
            Self::Closed => "This account is closed. Contact support.".to_owned(),
            Self::Throttled { retry_after_seconds } => format!("Too many tries. You can try again in {}.", wait(retry_after_seconds)),
            Self::CookiesBlocked => {
                "Your browser is blocking cookies, so we can't keep you signed in. Allow cookies for this site and try again.".to_owned()
            }
            Self::OtherAccountWanted => {
                "The app asks for another account than the one you are signed in with. Sign in with that one.".to_owned()
            }
            Self::Busy { retry_after_seconds } => {
                format!("Many people are signing in right now. Try again in {}.", wait(retry_after_seconds))
            }
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
            Some(SignInError::Closed) => 403,
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
            | SignInError::Closed
            | SignInError::CookiesBlocked
            | SignInError::OtherAccountWanted => None,
        }
    }

    fn field_error(&self) -> Option<String> {
        self.error.filter(|error| error.is_about_fields()).map(SignInError::words)
    }

    fn page_title(&self) -> String {
        let prefix = if self.error.is_some() || self.upstreams.problem.is_some() { "Error: " } else { "" };
        format!("{prefix}Sign in – {}", unmarked(&self.chrome.brand))
    }
}
