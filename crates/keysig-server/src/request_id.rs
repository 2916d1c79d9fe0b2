//! `X-Request-Id`: one short id per request, on every response, every page and every line of the log.

use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use keysig_core::rng::{Rng, random};

/// The id of the request at hand.
#[derive(Clone)]
pub struct RequestId(HeaderValue);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");
const PREFIX: &[u8; 4] = b"req_";
/// 32 of them, so that five bits choose one; none that looks like another.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Gives a request an id of ours (one sent by a stranger could forge lines in a log).
pub fn assign(rng: &(impl Rng + ?Sized), mut request: Request) -> (RequestId, Request) {
    let mut text = *b"req_0000000000";
    let letters = text.iter_mut().skip(PREFIX.len());
    for (slot, byte) in letters.zip(random::<10>(rng)) {
        *slot = LETTERS.get(usize::from(byte % 32)).copied().unwrap_or(b'0');
    }
    let id = RequestId(HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("req_")));
    request.extensions_mut().insert(id.clone());
    (id, request)
}

impl RequestId {
    /// The id that [`assign`] gave.
    pub fn of(parts: &Parts) -> String {
        parts.extensions.get::<Self>().map(Self::text).unwrap_or_default().to_owned()
    }

    /// The id as text.
    pub fn text(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Puts it on the answer.
    pub fn on(self, mut response: Response) -> Response {
        response.headers_mut().insert(HEADER, self.0);
        response
    }
}
