//! The one place that builds a redirect, and only from a [`RegisteredRedirectUri`] (RFC 6749 §4.1.2).

use crate::authorize::request::RedirectReason;
use crate::grant::MAX_CODE_CHARS;
use crate::parameters::percent_encode;
use crate::redirect_uri::RegisteredRedirectUri;
use crate::secret::Secret;

/// What the app is told.
pub enum Answer<'a> {
    /// The person allowed it.
    Code(&'a Secret),
    /// It was refused, and may be told so.
    Error {
        /// Why.
        reason: &'a RedirectReason,
        /// Whether a sentence goes with the code.
        described: bool,
    },
}

/// The address that carries `answer` to the app. A query of the registered address is kept (RFC 6749 §3.1.2);
/// `issuer` is the issuer to name, where the app's policy names it (RFC 9207 §2).
pub fn redirect(to: &RegisteredRedirectUri, answer: &Answer<'_>, state: Option<&str>, issuer: Option<&str>) -> String {
    let mut address = to.as_str().to_owned();
    let mut separator = if address.contains('?') { '&' } else { '?' };
    let mut add = |name: &str, value: &str| {
        address.push(separator);
        separator = '&';
        address.push_str(name);
        address.push('=');
        address.push_str(&percent_encode(value));
    };
    match answer {
        Answer::Code(code) => add("code", code.expose()),
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
    address
}

/// How long the longest answer to a request can get, so that one that would be cut is refused before anybody is asked.
pub(super) fn longest_redirect_bytes(to: &RegisteredRedirectUri, state: Option<&str>) -> usize {
    const NAMES_AND_ISSUER: usize = 300;
    to.as_str().len() + MAX_CODE_CHARS + state.map_or(0, |state| percent_encode(state).len()) + NAMES_AND_ISSUER
}
