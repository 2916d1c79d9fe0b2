//! `X-Request-Id`: one short id per request, on every response, every page and every line of the log.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use keysig_core::encoding::base62;
use keysig_core::rng::random;

use crate::server::Server;

/// The id of the request at hand.
#[derive(Clone)]
pub struct RequestId(String);

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

impl RequestId {
    /// The id that [`assign`] gave.
    pub fn of(parts: &Parts) -> String {
        parts.extensions.get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }
}

/// Middleware: gives each request an id of ours (one sent by a stranger could forge lines in a log).
pub async fn assign(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response {
    let id: String = base62(&random(&*server.rng)).chars().rev().take(10).collect();
    let id = format!("req_{id}");
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
