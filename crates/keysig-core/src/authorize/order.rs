//! The order in which an authorization request is checked, for whoever shows how far one came.

use crate::authorize::refused::{PageReason, RedirectReason};

macro_rules! checks {
    ($($(#[$doc:meta])* $check:ident = $name:literal,)*) => {
        /// One check of an authorization request. They are listed in the order in which [`crate::authorize::check`], and
        /// then the pages, make them: the first that fails is the one a request is refused for.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Check { $($(#[$doc])* $check,)* }

        impl Check {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$check),*];

            /// A name for words and records.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$check => $name),* }
            }
        }
    };
}

checks! {
    /// An app has this client ID.
    Client = "client",
    /// The redirect URI is one of its own.
    RedirectUri = "redirect-uri",
    /// The app is not switched off.
    Running = "running",
    /// What is echoed fits into the answer.
    Echo = "echo",
    /// Each parameter comes once.
    Once = "once",
    /// The request is in its parameters and nowhere else.
    RequestObject = "request-object",
    /// What is asked to come back exists, and the app may have it.
    ResponseType = "response-type",
    /// The scopes exist, and the app may ask for them.
    Scope = "scope",
    /// PKCE.
    Pkce = "pkce",
    /// The nonce.
    Nonce = "nonce",
    /// Who must sign in, and what they are shown.
    Prompt = "prompt",
    /// The API exists.
    Target = "target",
    /// Somebody is signed in, or may be asked to.
    Login = "login",
    /// The person may use the app.
    OnTheList = "on-the-list",
    /// The person agrees.
    Consent = "consent",
}

impl PageReason {
    /// The check that failed.
    pub fn check(&self) -> Check {
        match self {
            Self::UnknownClient => Check::Client,
            Self::ParameterMissing(name) => of_missing(name),
            Self::ParameterTwice(name) => match name.as_str() {
                "client_id" | "redirect_uri" => Check::Client,
                "state" => Check::Echo,
                _ => Check::Once,
            },
            Self::RedirectUriNotRegistered { .. } | Self::RedirectUriInsecure => Check::RedirectUri,
            Self::AppPaused => Check::Running,
            Self::StateTooLong | Self::AnswerTooLong => Check::Echo,
            Self::ResponseType | Self::LegacyFlowsOff => Check::ResponseType,
            Self::Scope(_) => Check::Scope,
        }
    }
}

fn of_missing(name: &str) -> Check {
    match name {
        "client_id" => Check::Client,
        "redirect_uri" => Check::RedirectUri,
        _ => Check::ResponseType,
    }
}

impl RedirectReason {
    /// The check that failed.
    pub fn check(&self) -> Check {
        match self {
            Self::ParameterTwice => Check::Once,
            Self::RequestObject | Self::RequestObjectReference | Self::Registration => Check::RequestObject,
            Self::ParameterMissing(_) | Self::ResponseType | Self::LegacyFlowsOff | Self::ResponseMode => {
                Check::ResponseType
            }
            Self::Scope(_) | Self::OpenIdMissing => Check::Scope,
            Self::ChallengeMissing | Self::Challenge(_) => Check::Pkce,
            Self::NonceMissing | Self::NonceTooLong => Check::Nonce,
            Self::Prompt | Self::MaxAge | Self::Claims | Self::Hint | Self::AcrUnmet => Check::Prompt,
            Self::Target => Check::Target,
            Self::LoginRequired => Check::Login,
            Self::Denied | Self::ConsentRequired | Self::InteractionRequired => Check::Consent,
        }
    }
}
