//! Sending one request: limits, timeouts, and waiting when the server says so.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use serde::de::DeserializeOwned;

use crate::ambient::Clock;
use crate::endpoints::Endpoints;
use crate::error::Error;

/// The longest answer that is read, in bytes. A page of 50 playlists is some 100 kB.
const BODY_LIMIT: usize = 8 << 20;
/// How often one request is sent when the server answers 429.
const TRIES: u32 = 4;

/// What a server answered. `Debug` leaves the body out: it is personal, or holds tokens.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body as it came.
    pub body: Vec<u8>,
    /// The `X-Request-Id` of the answer.
    pub request_id: Option<String>,
    /// The `WWW-Authenticate` of the answer.
    pub(crate) challenge: Option<String>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl Answer {
    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|_| Error::Unreadable("it is not the JSON that was expected"))
    }
}

/// An HTTP client that follows no redirect, gives up in time, and waits as 429 says, up to a ceiling.
pub(crate) struct Transport {
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    wait_ceiling: Duration,
}

impl Transport {
    pub(crate) fn new(endpoints: &Endpoints, clock: Arc<dyn Clock>, wait_ceiling: Duration) -> Result<Self, Error> {
        let mut builder = reqwest::Client::builder()
            // A redirect would carry credentials to an address nobody configured.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(Duration::from_secs(30))
            .user_agent(concat!("keysig-client/", env!("CARGO_PKG_VERSION")));
        if !endpoints.use_tls() {
            // A server on this machine: no proxy stands between, and a machine without root certificates will do.
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let http = builder.build().map_err(|cause| {
            Error::Configuration(format!(
                "The HTTP client could not be set up: {cause}. Install the root certificates."
            ))
        })?;
        Ok(Self { http, clock, wait_ceiling })
    }

    /// Sends what `build` makes, again after 429 as `Retry-After` says, waiting no longer than the ceiling in all.
    /// A request that was answered with 429 has not been carried out, so sending it again is safe.
    pub(crate) async fn send(
        &self,
        build: impl Fn(&reqwest::Client) -> reqwest::RequestBuilder,
    ) -> Result<Answer, Error> {
        let mut patience = self.wait_ceiling;
        let mut tries = 0;
        loop {
            let response = build(&self.http).send().await.map_err(unreachable)?;
            if response.status() != reqwest::StatusCode::TOO_MANY_REQUESTS {
                return read(response).await;
            }
            let wait_seconds = retry_after_seconds(response.headers());
            let wait = Duration::from_secs(wait_seconds);
            tries += 1;
            if tries == TRIES || wait > patience {
                return Err(Error::RateLimited { retry_after_seconds: wait_seconds });
            }
            patience -= wait;
            self.clock.sleep(wait).await;
        }
    }
}

/// RFC 9110 §10.2.3 in seconds; where it is absent or a date, one second, a few times.
fn retry_after_seconds(headers: &HeaderMap) -> u64 {
    text(headers, RETRY_AFTER.as_str()).and_then(|value| value.trim().parse().ok()).unwrap_or(1)
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

/// The address may hold what a log should not.
fn unreachable(cause: reqwest::Error) -> Error {
    Error::Unreachable(cause.without_url())
}

async fn read(mut response: reqwest::Response) -> Result<Answer, Error> {
    let mut answer = Answer {
        status: response.status().as_u16(),
        body: Vec::new(),
        request_id: text(response.headers(), "x-request-id"),
        challenge: text(response.headers(), WWW_AUTHENTICATE.as_str()),
    };
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if answer.body.len() + chunk.len() > BODY_LIMIT {
            return Err(Error::Unreadable("it is too long"));
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}
