//! The guard as a `tower` layer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Request, Response, StatusCode};
use tower::{Layer, Service};

use crate::{Denied, Guard};

/// Lets requests through that carry a good token, with a [`crate::Bearer`] in their extensions, and answers the others.
#[derive(Clone)]
pub struct GuardLayer {
    guard: Arc<Guard>,
}

impl GuardLayer {
    /// Around whatever needs a token.
    pub fn new(guard: Arc<Guard>) -> Self {
        Self { guard }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = GuardService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        GuardService { guard: self.guard.clone(), inner }
    }
}

/// What [`GuardLayer`] makes of a service.
#[derive(Clone)]
pub struct GuardService<S> {
    guard: Arc<Guard>,
    inner: S,
}

/// The answer to a refused request.
fn refusal<B: From<Bytes>>(denied: Denied, realm: &str) -> Response<B> {
    let mut response = Response::new(B::from(Bytes::from(denied.body())));
    *response.status_mut() = StatusCode::from_u16(denied.status()).unwrap_or(StatusCode::UNAUTHORIZED);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    if denied.status() == 503 {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    } else if let Ok(challenge) = HeaderValue::from_str(&denied.challenge(realm, None)) {
        headers.insert(WWW_AUTHENTICATE, challenge);
    }
    // For whoever looks at answers, and wants to know why.
    response.extensions_mut().insert(denied);
    response
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for GuardService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Future: Send + 'static,
    ResBody: From<Bytes> + Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match self.guard.check(request.headers(), request.uri()) {
            Ok(bearer) => {
                request.extensions_mut().insert(bearer);
                Box::pin(self.inner.call(request))
            }
            Err(denied) => {
                let response = refusal(denied, self.guard.realm());
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}
