//! Every reason a token request is refused for, and the one table that turns them into the wire's words: RFC 6749 §5.2
//! in code, the Spotify API in text, because its clients compare both.

use crate::client_authentication::ClientRefused;
use crate::grant::StandingLost;
use crate::grant::authorization_code::CodeRefused;
use crate::grant::device_code::DeviceRefused;
use crate::grant::refresh_token::RefreshRefused;
use crate::parameters::Malformed;
use crate::profile::Policy;
use crate::scope::ScopeRefused;

/// Why a token request is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TokenRefused {
    /// Not `POST`.
    Method,
    /// The body is not a form.
    NotAForm,
    /// The address is longer than any request needs.
    UriTooLong,
    /// The body is longer than any request needs.
    TooLong,
    /// The body or query cannot be read.
    Malformed(Malformed),
    /// A parameter was sent more than once (RFC 6749 §3.2).
    ParameterTwice,
    /// A secret in the address: it is in logs now.
    SecretInQuery,
    /// No `grant_type`.
    GrantTypeMissing,
    /// One that does not exist here; as sent, cut to what may be echoed.
    GrantTypeUnknown(String),
    /// A required parameter was not sent.
    ParameterMissing(&'static str),
    /// Client authentication failed.
    Client {
        /// Why.
        refused: ClientRefused,
        /// Whether an `Authorization` header was tried.
        by_header: bool,
    },
    /// An app without a secret asked for a token in its own name (RFC 6749 §4.4).
    PublicClientCredentials,
    /// A scope for a token that acts for nobody: all of them are permissions of a person.
    ScopeWithoutPerson,
    /// The code is refused.
    Code(CodeRefused),
    /// The refresh token is refused.
    Refresh(RefreshRefused),
    /// A device gets no token (yet).
    Device(DeviceRefused),
    /// A device asks for a scope that does not exist, or that its app may not ask for.
    Scope(ScopeRefused),
    /// `resource` names no API, or more than one (RFC 8707 §2).
    Target,
    /// The token to revoke was issued to another app (RFC 7009 §2.1).
    AnotherClientsToken,
    /// An app without a secret wants to introspect: anybody could be it (RFC 7662 §2.1).
    PublicIntrospection,
    /// Too many requests from one place; when to try again.
    TooMany {
        /// In whole seconds.
        retry_after_seconds: u32,
    },
    /// The app asked for as many tokens as it may within 30 seconds.
    Quota {
        /// So many.
        most: u32,
        /// When to try again, in whole seconds.
        retry_after_seconds: u32,
    },
    /// The store is busy or away: nothing happened, or it is not known what did; try again.
    Unavailable,
}

/// The refusal as the wire has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenErrorWire {
    /// HTTP status.
    pub status: u16,
    /// `error`.
    pub error: &'static str,
    /// `error_description`, where there is one.
    pub description: Option<String>,
    /// Whether `WWW-Authenticate: Basic` goes with it.
    pub challenge: bool,
    /// `Retry-After` in seconds, where there is one.
    pub retry_after_seconds: Option<u32>,
}

impl TokenRefused {
    /// Cuts what was sent to the characters an error may echo (RFC 6749 §5.2: %x20-21, %x23-5B, %x5D-7E).
    pub fn unknown_grant_type(sent: &str) -> Self {
        let echoable = |c: &char| matches!(c, ' ' | '!' | '#'..='[' | ']'..='~');
        Self::GrantTypeUnknown(sent.chars().filter(echoable).take(80).collect())
    }

    /// The wire's words.
    pub fn wire(&self, policy: &Policy) -> TokenErrorWire {
        let (status, error, description) = self.row();
        let mut wire = TokenErrorWire { status, error, description, challenge: false, retry_after_seconds: None };
        match self {
            Self::Client { refused: ClientRefused::Throttled { retry_after_seconds }, .. }
            | Self::TooMany { retry_after_seconds }
            | Self::Quota { retry_after_seconds, .. } => {
                wire.retry_after_seconds = Some(*retry_after_seconds);
            }
            // RFC 6749 §5.2: more than one mechanism is a malformed request; the Spotify API has one word for all of it.
            Self::Client { refused: ClientRefused::TwoMethods, .. } if policy.challenges_clients => {
                wire.error = "invalid_request";
                wire.description = Some("One client authentication method per request".to_owned());
            }
            Self::Client { by_header, .. } if policy.challenges_clients => {
                wire.status = 401;
                wire.challenge = *by_header;
            }
            Self::Unavailable => wire.retry_after_seconds = Some(1),
            _ => {}
        }
        wire
    }

    fn row(&self) -> (u16, &'static str, Option<String>) {
        let said = |text: &str| Some(text.to_owned());
        match self {
            Self::Method => (405, "invalid_request", said("Use POST")),
            Self::NotAForm => (415, "server_error", said("Unexpected status: 415")),
            Self::UriTooLong => (414, "invalid_request", said("The address is longer than 16 KiB")),
            Self::TooLong => (413, "invalid_request", said("The body is longer than 64 KiB")),
            Self::Malformed(_) => (400, "invalid_request", said("The body is not a well-formed form")),
            Self::ParameterTwice => (400, "invalid_request", said("A parameter was sent more than once")),
            Self::SecretInQuery => (400, "invalid_request", said("client_secret must not be in the query")),
            Self::GrantTypeMissing => (400, "unsupported_grant_type", said("grant_type parameter is missing")),
            Self::GrantTypeUnknown(sent) => {
                (400, "unsupported_grant_type", Some(format!("grant_type {sent} is not supported")))
            }
            Self::ParameterMissing(name) => (400, "invalid_request", Some(format!("{name} must be supplied"))),
            Self::Client { refused, .. } => client(*refused),
            Self::PublicClientCredentials => {
                (400, "unauthorized_client", said("This app has no secret and no token of its own"))
            }
            Self::ScopeWithoutPerson => (
                400,
                "invalid_scope",
                said("A token of the app itself has no scopes: they are permissions of a person"),
            ),
            Self::Code(refused) => (400, "invalid_grant", said(code(*refused))),
            Self::Refresh(RefreshRefused::ScopeWidened) => {
                (400, "invalid_scope", said("scope exceeds what was granted"))
            }
            Self::Refresh(RefreshRefused::Target) | Self::Target => {
                (400, "invalid_target", said("resource must name one API that the token may be for"))
            }
            Self::Refresh(refused) => (400, "invalid_grant", said(refresh(*refused))),
            Self::Device(refused) => device(*refused),
            Self::Scope(ScopeRefused::Unknown { .. }) => {
                (400, "invalid_scope", said("A scope is unknown or not open to this app"))
            }
            Self::Scope(ScopeRefused::TooLarge) => {
                (400, "invalid_scope", said("Too many scopes, or one that is too long"))
            }
            Self::PublicIntrospection => {
                (400, "unauthorized_client", said("This app has no secret and may not introspect"))
            }
            Self::AnotherClientsToken => (400, "invalid_grant", said("The token was issued to another client")),
            Self::TooMany { .. } => (429, "slow_down", said("Too many requests")),
            Self::Quota { most, .. } => {
                (429, "slow_down", Some(format!("This app may make {most} token requests within 30 seconds")))
            }
            Self::Unavailable => (503, "temporarily_unavailable", said("Try again in a moment")),
        }
    }
}

fn client(refused: ClientRefused) -> (u16, &'static str, Option<String>) {
    let description = match refused {
        ClientRefused::Missing
        | ClientRefused::Malformed
        | ClientRefused::TwoMethods
        | ClientRefused::IdsDiffer
        | ClientRefused::Assertion => None,
        ClientRefused::Unknown | ClientRefused::Paused => Some("Invalid client"),
        ClientRefused::WrongSecret | ClientRefused::SecretMissing => Some("Invalid client secret"),
        ClientRefused::Throttled { .. } => {
            return (429, "invalid_client", Some("Too many wrong client secrets".to_owned()));
        }
    };
    (400, "invalid_client", description.map(str::to_owned))
}

/// RFC 8628 §3.5.
fn device(refused: DeviceRefused) -> (u16, &'static str, Option<String>) {
    let (error, description) = match refused {
        DeviceRefused::Pending => ("authorization_pending", "Nobody has decided yet"),
        DeviceRefused::TooSoon => ("slow_down", "Wait five seconds longer between polls from now on"),
        DeviceRefused::Denied => ("access_denied", "The person did not allow the request"),
        DeviceRefused::Expired => ("expired_token", "Nobody decided in time: start again"),
        DeviceRefused::Malformed
        | DeviceRefused::AnotherClient
        | DeviceRefused::Used
        | DeviceRefused::Standing(
            StandingLost::User | StandingLost::App | StandingLost::Grant | StandingLost::GrantEnded,
        ) => ("invalid_grant", "Invalid device code"),
    };
    (400, error, Some(description.to_owned()))
}

const fn code(refused: CodeRefused) -> &'static str {
    match refused {
        CodeRefused::Malformed
        | CodeRefused::AnotherClient
        | CodeRefused::OtherIncarnation
        | CodeRefused::Standing(
            StandingLost::User | StandingLost::App | StandingLost::Grant | StandingLost::GrantEnded,
        )
        | CodeRefused::Forged
        | CodeRefused::SessionEnded
        | CodeRefused::Used => "Invalid authorization code",
        CodeRefused::Expired => "Authorization code expired",
        CodeRefused::RedirectUri => "Invalid redirect URI",
        CodeRefused::VerifierMalformed => "code_verifier was invalid",
        CodeRefused::VerifierMissing | CodeRefused::VerifierUnexpected | CodeRefused::VerifierWrong => {
            "code_verifier was incorrect"
        }
    }
}

const fn refresh(refused: RefreshRefused) -> &'static str {
    match refused {
        RefreshRefused::Malformed
        | RefreshRefused::UnknownLogin
        | RefreshRefused::AnotherClient
        | RefreshRefused::FromTheFuture => "Invalid refresh token",
        RefreshRefused::Expired | RefreshRefused::Standing(StandingLost::GrantEnded) => "Refresh token expired",
        RefreshRefused::LoginEnded
        | RefreshRefused::SessionEnded
        | RefreshRefused::Target
        | RefreshRefused::Reused
        | RefreshRefused::ScopeWidened
        | RefreshRefused::Standing(StandingLost::User | StandingLost::App | StandingLost::Grant) => {
            "Refresh token revoked"
        }
    }
}
