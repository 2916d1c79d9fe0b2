//! Why a request is refused, and how the Web API says so (RFC 6750 §3; texts as clients of the Spotify API know them).

use keysig_core::feed::Revoked;
use keysig_core::scope::ScopeSet;

/// Why a request to the resource server is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denied {
    /// No `Authorization` header (RFC 6750 §3.1: a challenge without an error code).
    NoToken,
    /// An `Authorization` header that is not Bearer.
    NotBearer,
    /// A token sent twice, or in two ways (RFC 6750 §2).
    TwoTokens,
    /// Not a token of this server for this API.
    Invalid,
    /// Its hour is over.
    Expired,
    /// Dead before its hour was over.
    Revoked(Revoked),
    /// The person paused the app.
    Paused,
    /// It does not have the scopes that the call needs.
    InsufficientScope {
        /// Those that would do.
        needed: ScopeSet,
    },
    /// An app's own token where a person's is needed.
    UserRequired,
    /// The person signed in too long ago, or in too weak a way, for this call (RFC 9470 §3): the app asks them again.
    InsufficientAuthentication(SignInWanted),
}

/// How, and how recently, a person must have signed in for a call (RFC 9470 §3).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SignInWanted {
    /// So long ago at most, in seconds.
    pub max_age_seconds: Option<u32>,
    /// In this class of sign-in.
    pub acr: Option<&'static str>,
}

impl Denied {
    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        match self {
            Self::NotBearer | Self::TwoTokens => 400,
            Self::NoToken
            | Self::Invalid
            | Self::Expired
            | Self::UserRequired
            | Self::InsufficientAuthentication(_) => 401,
            Self::Revoked(Revoked::FeedStale) => 503,
            Self::Revoked(_) => 401,
            Self::Paused | Self::InsufficientScope { .. } => 403,
        }
    }

    /// The message in the error object.
    pub const fn message(&self) -> &'static str {
        match self {
            Self::NoToken => "No token provided",
            Self::NotBearer | Self::TwoTokens => "Only valid bearer authentication supported",
            Self::Revoked(Revoked::FeedStale) => "Service unavailable",
            Self::Invalid | Self::Revoked(_) => "Invalid access token",
            Self::Expired => "The access token expired",
            Self::Paused => "The user paused this app",
            Self::InsufficientScope { .. } => "Insufficient client scope",
            Self::UserRequired => "Valid user authentication required",
            Self::InsufficientAuthentication(_) => "A more recent or stronger sign-in is required",
        }
    }

    /// The `error` of the challenge (RFC 6750 §3.1), where there is one.
    pub const fn challenge_error(&self) -> Option<&'static str> {
        match self {
            Self::NoToken | Self::Revoked(Revoked::FeedStale) => None,
            Self::NotBearer | Self::TwoTokens => Some("invalid_request"),
            Self::Invalid | Self::Expired | Self::Revoked(_) | Self::UserRequired => Some("invalid_token"),
            Self::Paused | Self::InsufficientScope { .. } => Some("insufficient_scope"),
            Self::InsufficientAuthentication(_) => Some("insufficient_user_authentication"),
        }
    }

    /// The `WWW-Authenticate` header. `scope` holds the names of the needed scopes, where they are what is missing.
    pub fn challenge(&self, realm: &str, scope: Option<&str>) -> String {
        let mut challenge = format!("Bearer realm=\"{realm}\"");
        if let Some(error) = self.challenge_error() {
            challenge.push_str(&format!(", error=\"{error}\", error_description=\"{}\"", self.message()));
        }
        if let Some(scope) = scope {
            challenge.push_str(&format!(", scope=\"{scope}\""));
        }
        if let Self::InsufficientAuthentication(SignInWanted { max_age_seconds, acr }) = self {
            if let Some(acr) = acr {
                challenge.push_str(&format!(", acr_values=\"{acr}\""));
            }
            if let Some(seconds) = max_age_seconds {
                challenge.push_str(&format!(", max_age=\"{seconds}\""));
            }
        }
        challenge
    }

    /// The error object, indented as clients that search its text expect.
    pub fn body(&self) -> String {
        let (status, message) = (self.status(), self.message());
        format!("{{\n  \"error\": {{\n    \"status\": {status},\n    \"message\": \"{message}\"\n  }}\n}}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_says_what_sign_in_would_do() {
        let wanted = SignInWanted { max_age_seconds: Some(300), acr: Some("urn:keysig:acr:1fa") };
        let denied = Denied::InsufficientAuthentication(wanted);
        assert_eq!(denied.status(), 401);
        let challenge = denied.challenge("r", None);
        assert!(challenge.starts_with("Bearer realm=\"r\", error=\"insufficient_user_authentication\""), "{challenge}");
        assert!(challenge.ends_with(", acr_values=\"urn:keysig:acr:1fa\", max_age=\"300\""), "{challenge}");
    }
}
