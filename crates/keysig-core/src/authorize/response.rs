//! The one place that builds a redirect, and only from a [`RegisteredRedirectUri`] (RFC 6749 §4.1.2).

use crate::access_token::{MAX_ACCESS_TOKEN_CHARS, jwt};
use crate::authorize::refused::RedirectReason;
use crate::authorize::response_type::{ResponseMode, ResponseType};
use crate::grant::MAX_CODE_CHARS;
use crate::openid::id_token::MAX_ID_TOKEN_CHARS;
use crate::parameters::percent_encode;
use crate::redirect_uri::RegisteredRedirectUri;
use crate::secret::Secret;

/// What the app is told.
pub enum Answer<'a> {
    /// The person allowed it: what was asked to come back.
    Granted {
        /// A code.
        code: Option<&'a Secret>,
        /// An access token, the seconds it lives, and its scopes (RFC 6749 §4.2.2).
        access_token: Option<(&'a Secret, u32, &'a str)>,
        /// An ID token.
        id_token: Option<&'a str>,
    },
    /// It was refused, and may be told so.
    Error {
        /// Why.
        reason: &'a RedirectReason,
        /// Whether a sentence goes with the code.
        described: bool,
    },
}

/// How the browser takes the answer away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Departure {
    /// To this address.
    Address(String),
    /// By posting a form (OAuth 2.0 Form Post Response Mode §2).
    Form {
        /// Where.
        action: String,
        /// What.
        fields: Vec<(&'static str, String)>,
    },
}

fn fields(answer: &Answer<'_>, state: Option<&str>, issuer: Option<&str>) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    let mut add = |name: &'static str, value: &str| fields.push((name, value.to_owned()));
    match answer {
        Answer::Granted { code, access_token, id_token } => {
            if let Some(code) = code {
                add("code", code.expose());
            }
            if let Some((token, expires_in, scope)) = access_token {
                add("access_token", token.expose());
                add("token_type", "Bearer");
                add("expires_in", &expires_in.to_string());
                add("scope", scope);
            }
            if let Some(id_token) = id_token {
                add("id_token", id_token);
            }
        }
        Answer::Error { reason, described } => {
            add("error", reason.code());
            if *described {
                add("error_description", reason.description());
            }
        }
    }
    if let Some(state) = state {
        add("state", state);
    }
    if let Some(issuer) = issuer {
        add("iss", issuer);
    }
    fields
}

fn with(to: &RegisteredRedirectUri, first: char, fields: &[(&'static str, String)]) -> String {
    let mut address = to.as_str().to_owned();
    let mut separator = first;
    for (name, value) in fields {
        address.push(separator);
        separator = '&';
        address.push_str(name);
        address.push('=');
        address.push_str(&percent_encode(value));
    }
    address
}

/// A query of the registered address is kept (RFC 6749 §3.1.2).
fn query_separator(to: &RegisteredRedirectUri) -> char {
    if to.as_str().contains('?') { '&' } else { '?' }
}

/// What carries `answer` to the app. `issuer` is the issuer to name, where the app's policy names it (RFC 9207 §2).
pub fn redirect(
    to: &RegisteredRedirectUri,
    mode: ResponseMode,
    answer: &Answer<'_>,
    state: Option<&str>,
    issuer: Option<&str>,
) -> Departure {
    let fields = fields(answer, state, issuer);
    match mode {
        ResponseMode::Query => Departure::Address(with(to, query_separator(to), &fields)),
        // No registered address has a fragment.
        ResponseMode::Fragment => Departure::Address(with(to, '#', &fields)),
        ResponseMode::FormPost => Departure::Form { action: to.as_str().to_owned(), fields },
    }
}

/// Where a browser goes after signing out (OpenID Connect RP-Initiated Logout §3).
pub fn post_logout(to: &RegisteredRedirectUri, state: Option<&str>) -> String {
    let fields: Vec<_> = state.map(|state| ("state", state.to_owned())).into_iter().collect();
    with(to, query_separator(to), &fields)
}

/// An issuer stands in redirects, ID tokens and JWT access tokens: none is longer than this.
pub const MAX_ISSUER_BYTES: usize = 100;

/// How long the longest answer to a request can get, so that one that would be cut is refused before anybody is asked.
/// `scope` goes with an access token, and into it where it is a JWT.
pub(super) fn longest_redirect_bytes(
    to: &RegisteredRedirectUri,
    parts: ResponseType,
    state: Option<&str>,
    scope: &str,
    is_jwt: bool,
) -> usize {
    const NAMES_AND_ISSUER: usize = 300;
    let part = |asked: bool, bytes: usize| if asked { bytes } else { 0 };
    let token = if is_jwt { jwt::longest_chars(scope) } else { MAX_ACCESS_TOKEN_CHARS };
    to.as_str().len()
        + part(parts.has_code(), MAX_CODE_CHARS)
        + part(parts.has_token(), token + percent_encode(scope).len())
        + part(parts.has_id_token(), MAX_ID_TOKEN_CHARS)
        + state.map_or(0, |state| percent_encode(state).len())
        + NAMES_AND_ISSUER
}
