//! The error object of the Web API: `{"error": {"status", "message"}}`, indented, because clients search its text.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use keysig_core::parameters::Malformed;
use keysig_guard::Denied;
use keysig_store::StoreError;
use keysig_store::catalogue::CatalogueError;
use keysig_store::playlists::EditRefused;

use crate::quota::UsedUp;

/// Why a call to the Web API is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ApiError {
    /// By the rules for tokens.
    Denied(Denied),
    /// By the rules of an endpoint: the status and its words, which clients compare.
    Refused(StatusCode, &'static str),
    /// The app, or all apps of its developer, made as many calls as they may.
    UsedUp(UsedUp),
    /// Too busy or cut off from the store: the same call may succeed soon.
    TryAgain,
    /// Our fault. The cause is in the log.
    Internal,
}

impl ApiError {
    /// 400 with this message.
    pub const fn bad(message: &'static str) -> Self {
        Self::Refused(StatusCode::BAD_REQUEST, message)
    }

    /// 403 with this message.
    pub const fn forbidden(message: &'static str) -> Self {
        Self::Refused(StatusCode::FORBIDDEN, message)
    }

    /// Nothing has this id, or nothing that the caller may know of.
    pub const NOT_FOUND: Self = Self::Refused(StatusCode::NOT_FOUND, "Resource not found");
    /// Nothing is served at this path.
    pub const NO_SERVICE: Self = Self::Refused(StatusCode::NOT_FOUND, "Service not found");
    /// The path is served, with another method.
    pub const WRONG_METHOD: Self = Self::Refused(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    /// The address is longer than the limit.
    pub const URI_TOO_LONG: Self = Self::Refused(StatusCode::URI_TOO_LONG, "Request address too large");
    /// The body is longer than the limit.
    pub const TOO_LARGE: Self = Self::Refused(StatusCode::PAYLOAD_TOO_LARGE, "Request body too large");
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<Malformed> for ApiError {
    fn from(malformed: Malformed) -> Self {
        Self::bad(match malformed {
            Malformed::PercentEncoding => "Malformed percent-encoding",
            Malformed::NotUtf8 => "Not valid UTF-8",
            Malformed::ControlCharacter => "Control characters are not allowed",
            Malformed::TooMany => "Too many parameters",
        })
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Unavailable(_) | StoreError::AmbiguousCommit => {
                tracing::warn!(%error, "the store did not answer the Web API");
                Self::TryAgain
            }
            StoreError::AffectedMismatch { .. }
            | StoreError::Conflict
            | StoreError::Corrupt { .. }
            | StoreError::NewerSchema { .. }
            | StoreError::AlreadyOpen
            | StoreError::Engine(_) => {
                tracing::error!(%error, "the store failed under the Web API");
                Self::Internal
            }
        }
    }
}

impl From<CatalogueError> for ApiError {
    fn from(error: CatalogueError) -> Self {
        tracing::error!(%error, "the catalogue failed under the Web API");
        Self::Internal
    }
}

impl From<EditRefused> for ApiError {
    fn from(refused: EditRefused) -> Self {
        match refused {
            EditRefused::Full => Self::bad("Playlist size limit reached"),
            EditRefused::OutOfBounds => Self::bad("Index out of bounds."),
            EditRefused::NotThere => Self::bad("Could not remove tracks, please check parameters."),
            EditRefused::UnknownSnapshot => Self::bad("Invalid snapshot id"),
            EditRefused::Gone => Self::NOT_FOUND,
            EditRefused::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::Denied(denied) => {
                (StatusCode::from_u16(denied.status()).unwrap_or(StatusCode::UNAUTHORIZED), denied.message())
            }
            Self::Refused(status, message) => (status, message),
            Self::UsedUp(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::TryAgain => (StatusCode::SERVICE_UNAVAILABLE, "Service unavailable"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
        };
        let code = status.as_u16();
        // Messages are literals of ours: nothing in them needs escaping.
        // Spotify's own: of a quota, and of nothing else.
        let reason = if matches!(self, Self::UsedUp(_)) { ",\n    \"reason\": \"QUOTA_EXCEEDED\"" } else { "" };
        let body =
            format!("{{\n  \"error\": {{\n    \"status\": {code},\n    \"message\": \"{message}\"{reason}\n  }}\n}}");
        let mut response = (status, [(CONTENT_TYPE, super::JSON)], body).into_response();
        match self {
            Self::Denied(denied) => {
                if let Ok(challenge) = HeaderValue::from_str(&denied.challenge(super::REALM, None)) {
                    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
                }
            }
            Self::UsedUp(used_up) => {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(used_up.retry_after_seconds));
            }
            Self::TryAgain => {
                // Always whole seconds: clients parse nothing else.
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::Refused(..) | Self::Internal => {}
        }
        // For the Inspector, which sees the answer.
        response.extensions_mut().insert(self);
        response
    }
}
