//! The order in which a request to the token endpoint is checked, for whoever shows how far one came.

use crate::client_authentication::ClientRefused;
use crate::grant::authorization_code::CodeRefused;
use crate::grant::device_code::DeviceRefused;
use crate::grant::refresh_token::RefreshRefused;
use crate::token_error::TokenRefused;

macro_rules! checks {
    ($($(#[$doc:meta])* $check:ident = $name:literal,)*) => {
        /// One check of a request to the token endpoint, in the order in which they are made where a grant has them.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum TokenCheck { $($(#[$doc])* $check,)* }

        impl TokenCheck {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$check),*];

            /// A name for words and records.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$check => $name),* }
            }
        }
    };
}

checks! {
    /// It is a form that can be read.
    Form = "form",
    /// Each parameter comes once.
    SentOnce = "sent-once",
    /// What it wants to exchange exists.
    GrantType = "grant-type",
    /// What must be there is.
    Required = "required",
    /// It says whose it is, and an app has this client ID.
    Named = "named",
    /// The app proves itself.
    Proven = "proven",
    /// The app is not switched off.
    Active = "active",
    /// The app may have what it asks for.
    Allowed = "allowed",
    /// The code or token is one, and the app's own.
    Genuine = "genuine",
    /// The redirect URI is the first step's.
    SameRedirect = "same-redirect",
    /// The verifier meets the challenge.
    Verifier = "verifier",
    /// It is not too old.
    Fresh = "fresh",
    /// The API is the one that was agreed on.
    SameTarget = "same-target",
    /// What it rests on still stands.
    Standing = "standing",
    /// It was not used before.
    Unused = "unused",
}

impl TokenCheck {
    /// Those that a request is put through, by its grant type.
    pub fn order(grant_type: Option<&str>) -> Vec<Self> {
        let has = |check: &Self| match check {
            Self::SameRedirect | Self::Verifier => grant_type == Some("authorization_code"),
            Self::Genuine | Self::Fresh | Self::Standing | Self::Unused => grant_type != Some("client_credentials"),
            Self::Allowed => grant_type == Some("client_credentials"),
            Self::Form
            | Self::SentOnce
            | Self::GrantType
            | Self::Required
            | Self::Named
            | Self::Proven
            | Self::Active
            | Self::SameTarget => true,
        };
        Self::ALL.iter().copied().filter(has).collect()
    }

    /// Whether it asks about the value of a code or token, which cannot be shown again.
    pub fn asks_about_the_value(self) -> bool {
        self >= Self::Genuine
    }
}

impl TokenRefused {
    /// The check that failed; `None` where it was not the request's fault.
    pub fn check(&self) -> Option<TokenCheck> {
        Some(match self {
            Self::Method
            | Self::NotAForm
            | Self::UriTooLong
            | Self::TooLong
            | Self::Malformed(_)
            | Self::SecretInQuery => TokenCheck::Form,
            Self::ParameterTwice => TokenCheck::SentOnce,
            Self::GrantTypeMissing | Self::GrantTypeUnknown(_) => TokenCheck::GrantType,
            Self::ParameterMissing(_) => TokenCheck::Required,
            Self::Client { refused, .. } => match refused {
                ClientRefused::Missing
                | ClientRefused::Malformed
                | ClientRefused::TwoMethods
                | ClientRefused::IdsDiffer
                | ClientRefused::Assertion
                | ClientRefused::Unknown => TokenCheck::Named,
                ClientRefused::WrongSecret | ClientRefused::SecretMissing | ClientRefused::Throttled { .. } => {
                    TokenCheck::Proven
                }
                ClientRefused::Paused => TokenCheck::Active,
            },
            Self::PublicClientCredentials | Self::ScopeWithoutPerson | Self::PublicIntrospection | Self::Scope(_) => {
                TokenCheck::Allowed
            }
            Self::Code(refused) => match refused {
                CodeRefused::Malformed | CodeRefused::AnotherClient | CodeRefused::OtherIncarnation => {
                    TokenCheck::Genuine
                }
                CodeRefused::RedirectUri => TokenCheck::SameRedirect,
                CodeRefused::VerifierMissing
                | CodeRefused::VerifierUnexpected
                | CodeRefused::VerifierMalformed
                | CodeRefused::VerifierWrong => TokenCheck::Verifier,
                CodeRefused::Expired => TokenCheck::Fresh,
                CodeRefused::Standing(_) | CodeRefused::Forged | CodeRefused::SessionEnded => TokenCheck::Standing,
                CodeRefused::Used => TokenCheck::Unused,
            },
            Self::Refresh(refused) => match refused {
                RefreshRefused::Malformed
                | RefreshRefused::UnknownLogin
                | RefreshRefused::AnotherClient
                | RefreshRefused::FromTheFuture => TokenCheck::Genuine,
                RefreshRefused::Expired | RefreshRefused::LoginEnded => TokenCheck::Fresh,
                RefreshRefused::Target => TokenCheck::SameTarget,
                RefreshRefused::SessionEnded | RefreshRefused::Standing(_) | RefreshRefused::ScopeWidened => {
                    TokenCheck::Standing
                }
                RefreshRefused::Reused => TokenCheck::Unused,
            },
            Self::Device(refused) => match refused {
                DeviceRefused::Malformed | DeviceRefused::AnotherClient => TokenCheck::Genuine,
                DeviceRefused::Pending | DeviceRefused::TooSoon | DeviceRefused::Denied | DeviceRefused::Expired => {
                    TokenCheck::Fresh
                }
                DeviceRefused::Standing(_) => TokenCheck::Standing,
                DeviceRefused::Used => TokenCheck::Unused,
            },
            Self::Target => TokenCheck::SameTarget,
            Self::AnotherClientsToken => TokenCheck::Genuine,
            Self::TooMany { .. } | Self::Quota { .. } | Self::Unavailable => return None,
        })
    }
}
