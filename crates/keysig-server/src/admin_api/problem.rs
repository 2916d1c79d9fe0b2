//! The error object of the admin API: `{"error": {"status", "code", "message", "field"?}}`.

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use keysig_store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;

use super::{JSON, REALM};
use crate::actions::ActionRefused;

/// Why a call is refused.
#[derive(Debug)]
pub enum Problem {
    /// Nothing is served at this path.
    NoSuchPath,
    /// The path is served, with another method.
    WrongMethod,
    /// The address is too long.
    AddressTooLong,
    /// The body is too long.
    BodyTooLong,
    /// The body is no JSON.
    NotJson,
    /// What was sent cannot be read, in one sentence.
    Unreadable(&'static str),
    /// No key was sent.
    NoKey,
    /// What was sent opens nothing.
    WrongKey,
    /// Too many keys that open nothing came from there; so many seconds to wait.
    TooManyKeys(u32),
    /// By what operators may do.
    Refused(ActionRefused),
}

/// What a refusal answers.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ProblemAnswer {
    /// What went wrong.
    error: Said,
}

/// What went wrong.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "ProblemDetails")]
struct Said {
    /// The status of the answer.
    status: u16,
    /// What kind of problem it is, for programs.
    #[schemars(extend("enum" = codes()))]
    code: &'static str,
    /// What is wrong, for people.
    message: String,
    /// Which part of what was sent is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

/// Each kind: its status, its code, and what it means.
pub(super) const KINDS: [(u16, &str, &str); 13] = [
    (400, "unreadable", "What was sent cannot be read."),
    (401, "unauthorized", "No key was sent, or it opens nothing."),
    (403, "forbidden", "The key's role may not do this; the message names the one that may."),
    (404, "not_found", "Nothing of this name is there."),
    (405, "method_not_allowed", "The path is served, with another method."),
    (409, "conflict", "It does not go together with how things are now."),
    (413, "too_large", "The body is too long."),
    (414, "address_too_long", "The address is too long."),
    (415, "not_json", "The body is not said to be JSON."),
    (422, "invalid", "A value will not do; `field` names it."),
    (429, "too_many_tries", "Too many keys that open nothing came from there."),
    (500, "broken", "Something broke on our side."),
    (503, "unavailable", "The store does not answer; the same call may succeed soon."),
];

fn codes() -> Vec<&'static str> {
    KINDS.iter().map(|(_, code, _)| *code).collect()
}

impl From<ActionRefused> for Problem {
    fn from(refused: ActionRefused) -> Self {
        Self::Refused(refused)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Refused(ActionRefused::Store(error))
    }
}

impl Problem {
    fn said(&self) -> (&'static str, String, Option<String>) {
        let plain = |code, message: &str| (code, message.to_owned(), None);
        let refused = match self {
            Self::NoSuchPath => return plain("not_found", "Nothing is served here."),
            Self::WrongMethod => return plain("method_not_allowed", "This path is served with another method."),
            Self::AddressTooLong => return plain("address_too_long", "The address is too long."),
            Self::BodyTooLong => return plain("too_large", "The body is too long."),
            Self::NotJson => return plain("not_json", "Send the body as application/json."),
            Self::Unreadable(problem) => return plain("unreadable", problem),
            Self::NoKey => return plain("unauthorized", "Send a key of the admin API: Authorization: Bearer ks_…"),
            Self::WrongKey => {
                return plain("unauthorized", "This key opens nothing: it expired, was ended, or is none.");
            }
            Self::TooManyKeys(_) => return plain("too_many_tries", "Too many wrong keys: wait a while."),
            Self::Refused(refused) => refused,
        };
        match refused {
            ActionRefused::NotAllowed { .. } => plain("forbidden", &format!("{refused}.")),
            ActionRefused::NotFound | ActionRefused::Unknown(_) => plain("not_found", &format!("{refused}.")),
            ActionRefused::Conflict(problem) => plain("conflict", problem),
            ActionRefused::Invalid { field, problem } => ("invalid", problem.clone(), Some((*field).to_owned())),
            ActionRefused::Malformed { field, problem } => ("invalid", problem.clone(), field.clone()),
            ActionRefused::Store(StoreError::Busy | StoreError::Unavailable(_) | StoreError::AmbiguousCommit) => {
                plain("unavailable", "The store does not answer. Try again.")
            }
            ActionRefused::Store(_) => plain("broken", "Something broke on our side. See the log."),
        }
    }

    fn log(&self) {
        let Self::Refused(ActionRefused::Store(error)) = self else { return };
        tracing::error!(%error, "the store failed under the admin API");
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let (code, message, field) = self.said();
        let status = KINDS.iter().find(|(_, known, _)| *known == code).map_or(500, |(status, ..)| *status);
        let answer = ProblemAnswer { error: Said { status, code, message, field } };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&answer).unwrap_or_default();
        let mut response = (status, [(CONTENT_TYPE, JSON)], body).into_response();
        let headers = response.headers_mut();
        let challenge = match self {
            Self::NoKey => Some(format!("Bearer realm=\"{REALM}\"")),
            Self::WrongKey => Some(format!("Bearer realm=\"{REALM}\", error=\"invalid_token\"")),
            _ => None,
        };
        if let Some(challenge) = challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        match self {
            Self::TooManyKeys(seconds) => drop(headers.insert(RETRY_AFTER, HeaderValue::from(seconds))),
            _ if code == "unavailable" => drop(headers.insert(RETRY_AFTER, HeaderValue::from_static("1"))),
            _ => {}
        }
        response
    }
}
