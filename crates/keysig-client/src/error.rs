//! What can go wrong, each as a sentence with its fix.

use url::Url;

use crate::authorize::PendingLogin;
use crate::scope::Scopes;

/// An error of the SDK. No message holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is missing or wrong.
    #[error("{0}")]
    Configuration(String),

    /// The operating system gave no random bytes, so no safe login can be started.
    #[error("This machine gave no random bytes, so no safe login can be started. Try again.")]
    NoRandomness,

    /// What was passed to `finish` is no callback.
    #[error("This is not a callback address: {0}. Pass the whole address the browser was sent to.")]
    CallbackUnreadable(&'static str),

    /// The callback belongs to another login, or to nobody's: someone else may have started it (RFC 6749 §10.12).
    #[error("This callback does not belong to this login: its state does not match. Start the login again.")]
    StateMismatch,

    /// The callback came from another server than the one that was asked (RFC 9207 §2.4).
    #[error("This callback names {got} as its issuer, but the login was started at {expected}. Start the login again.")]
    IssuerMismatch {
        /// The issuer the login was started at.
        expected: String,
        /// The issuer the callback names.
        got: String,
    },

    /// The login was started too long ago.
    #[error("This login was started more than an hour ago. Start it again.")]
    LoginTooOld,

    /// The person chose not to allow it.
    #[error("The person chose not to allow access. Nothing was shared; offer another way on.")]
    Denied,

    /// The server refused, with an error code of RFC 6749 §4.1.2.1 or §5.2.
    #[error("The server refused: {}. {fix}{}", description.as_deref().unwrap_or(error), request(request_id))]
    Refused {
        /// The error code on the wire.
        error: String,
        /// The server's own words.
        description: Option<String>,
        /// What to do about it.
        fix: &'static str,
        /// The `X-Request-Id` of the answer.
        request_id: Option<String>,
    },

    /// The login is over: the person or the server removed it. Only a new login helps.
    #[error("The app is no longer connected: {reason}. Ask the person to log in again.{}", request(request_id))]
    Disconnected {
        /// Why, in the server's own words where it gave some.
        reason: String,
        /// The `X-Request-Id` of the answer.
        request_id: Option<String>,
    },

    /// The token does not hold a permission the call needs. Send the person to `ask_again_url`, keep `pending`, and
    /// finish that login: incremental consent.
    #[error("This needs a permission the person has not given yet: {need}. Ask for it.")]
    MissingScope {
        /// What is missing.
        need: Scopes,
        /// Asks for what the app has and for what is missing.
        ask_again_url: Url,
        /// The login that `ask_again_url` starts.
        pending: Box<PendingLogin>,
    },

    /// The app is in development mode and the person is not one of its test users.
    #[error("This person is not a test user of the app. Add them in the app's dashboard.{}", request(request_id))]
    NotOnTestList {
        /// The `X-Request-Id` of the answer.
        request_id: Option<String>,
    },

    /// The server asked to wait for longer than the client is willing to.
    #[error("The server asked to wait {retry_after_seconds} seconds before the next request.")]
    RateLimited {
        /// What `Retry-After` said.
        retry_after_seconds: u64,
    },

    /// The server is out of order. Tokens are kept.
    #[error("The server could not answer just now. Try again in a moment; the login is kept.{}", request(request_id))]
    Unavailable {
        /// The HTTP status, if there was an answer.
        status: Option<u16>,
        /// The `X-Request-Id` of the answer.
        request_id: Option<String>,
    },

    /// The server could not be reached. Tokens are kept.
    #[error("The server could not be reached. Check the address and the network; the login is kept.")]
    Unreachable(#[source] reqwest::Error),

    /// The API refused a call.
    #[error("The API answered {status}: {message}{}", request(request_id))]
    Api {
        /// The HTTP status.
        status: u16,
        /// The server's own words.
        message: String,
        /// The `X-Request-Id` of the answer.
        request_id: Option<String>,
    },

    /// The answer was not what the protocol promises.
    #[error("The server's answer could not be read: {0}.")]
    Unreadable(&'static str),

    /// The call names an address outside the API, which must not see the access token.
    #[error("This address lies outside the API, so the access token is not sent there.")]
    ForeignUrl,

    /// The server has no such endpoint.
    #[error("This server does not offer that: {0}")]
    NotOffered(&'static str),
}

/// The request id as the end of a sentence, for whoever asks the operator.
fn request(id: &Option<String>) -> String {
    id.as_ref().map(|id| format!(" (request {id})")).unwrap_or_default()
}

/// The server's words, shortened and without control characters, fit for a log line.
pub(crate) fn quoted(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// What to do about a refusal of RFC 6749 §4.1.2.1 or §5.2.
pub(crate) fn fix_for(error: &str, description: &str) -> &'static str {
    match error {
        "invalid_client" => "Check the client ID and the secret.",
        "invalid_grant" if description.contains("edirect") => {
            "Use the same redirect address for both steps, and 127.0.0.1 instead of localhost."
        }
        "invalid_grant" => "Start the login again.",
        "invalid_scope" => "Ask only for permissions the server knows.",
        "unauthorized_client" => "The app's settings do not allow this kind of login.",
        "temporarily_unavailable" | "server_error" => "Try again in a moment.",
        _ => "Compare the request with the app's settings.",
    }
}
