//! Why a page cannot be shown.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use keysig_client::Error;

use super::page;

/// Why a page cannot be shown; each has a true next step.
pub(super) enum Problem {
    /// The callback's state is not one of this browser's.
    NotThisBrowser,
    /// A form without the token of its session.
    FormTooOld,
    /// The login took more than an hour.
    TookTooLong,
    /// No such page.
    NotFound,
    /// The music service cannot answer now. `details` is for the developer.
    NoAnswer { details: String },
    /// Anything else the music service refused.
    Refused { details: String },
}

impl Problem {
    pub(super) fn from_error(cause: &Error) -> Self {
        let details = cause.to_string();
        match cause {
            Error::StateMismatch => Self::NotThisBrowser,
            Error::LoginTooOld => Self::TookTooLong,
            Error::Unavailable { .. } | Error::Unreachable(_) | Error::RateLimited { .. } => Self::NoAnswer { details },
            _ => Self::Refused { details },
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, title, words, (next, next_words)) = match &self {
            Self::NotThisBrowser => (
                StatusCode::BAD_REQUEST,
                "This sign-in did not start here",
                "It was already used, or it began in another browser, or this browser blocks cookies. Nothing was shared.",
                ("/", "Start again"),
            ),
            Self::FormTooOld => (
                StatusCode::FORBIDDEN,
                "This page was too old",
                "Nothing was changed. Go back to the start and try again.",
                ("/", "Back to the start"),
            ),
            Self::TookTooLong => (
                StatusCode::BAD_REQUEST,
                "This sign-in took too long",
                "Nothing was shared. You can start it again.",
                ("/login", "Start again"),
            ),
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "This page does not exist",
                "The address may be mistyped.",
                ("/", "Back to the start"),
            ),
            Self::NoAnswer { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Demo Music does not answer just now",
                "Nothing was lost. Try again in a minute.",
                ("/", "Try again"),
            ),
            Self::Refused { .. } => (
                StatusCode::BAD_GATEWAY,
                "Demo Music said no",
                "This did not work. The makers of Playlist Peek need the details below.",
                ("/", "Back to the start"),
            ),
        };
        let details = match self {
            Self::NoAnswer { details } | Self::Refused { details } => Some(details),
            _ => None,
        };
        page(status, &ProblemPage { title, words, next, next_words, details })
    }
}

#[derive(Template)]
#[template(path = "sample_app/problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    words: &'a str,
    next: &'a str,
    next_words: &'a str,
    details: Option<String>,
}

/// Whatever has no route.
pub(super) async fn not_found() -> Problem {
    Problem::NotFound
}
