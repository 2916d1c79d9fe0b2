//! The sample app: a web app of somebody else's, on its own origin, that logs people in through `keysig-client`.
//!
//! It is a stranger to the server: all it knows is an address, a client ID and a secret. Tokens stay in this process;
//! the browser holds one HttpOnly cookie. Every task works without JavaScript, of which there is none.

mod assets;
mod home;
mod leave;
mod login;
mod notice;
mod problem;
mod sessions;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use keysig_client::{Client, Endpoints, Secret};
use keysig_core::rng::Rng;
use keysig_core::time::Clock;

use sessions::Sessions;

/// What the sample app has to be told.
pub struct SampleAppConfig {
    /// The server it logs in at, for instance `http://127.0.0.1:8080`.
    pub issuer: String,
    /// Where the Web API is, for instance `http://127.0.0.1:8080/v1`.
    pub api_base: String,
    /// The client ID, `demo-web` in the built-in seed.
    pub client_id: String,
    /// The secret; none for a public app.
    pub client_secret: Option<Secret>,
    /// Its own address without a final slash, for instance `http://127.0.0.1:8081`. People come back to
    /// `{public_url}/callback`.
    pub public_url: String,
}

/// What every handler works with.
#[derive(Clone)]
struct SampleApp(Arc<Inner>);

struct Inner {
    client: Client,
    sessions: Sessions,
    clock: Arc<dyn Clock>,
    /// Where people see and remove the apps they connected.
    connected_apps_url: String,
    issuer: String,
    api_base: String,
}

/// The whole app. Fails if an address is no address, or would carry secrets over plain http beyond this machine.
pub fn router(
    config: SampleAppConfig,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> Result<Router, keysig_client::Error> {
    let issuer = config.issuer.trim_end_matches('/').to_owned();
    let public_url = config.public_url.trim_end_matches('/');
    let mut client = Client::builder(config.client_id)
        .endpoints(Endpoints::custom(&issuer)?.with_api_base(&config.api_base)?)
        .redirect_uri(format!("{public_url}/callback"))
        // A person waits in front of the page meanwhile.
        .wait_ceiling(Duration::from_secs(3))
        .clock(Arc::new(ClientClock(Arc::clone(&clock))))
        .rng(Arc::new(ClientRng(Arc::clone(&rng))));
    if let Some(secret) = config.client_secret {
        client = client.secret(secret);
    }
    let secure = public_url.starts_with("https://");
    let app = SampleApp(Arc::new(Inner {
        client: client.build()?,
        sessions: Sessions::new(secure, Arc::clone(&clock), rng),
        clock,
        connected_apps_url: format!("{issuer}/account/apps"),
        api_base: config.api_base,
        issuer,
    }));
    Ok(Router::new()
        .route("/", get(home::home))
        .route("/login", get(login::start))
        .route("/more", get(login::ask_for_more))
        .route("/callback", get(login::callback))
        .route("/renew", post(leave::renew))
        .route("/logout", post(leave::log_out))
        .route("/disconnect", post(leave::disconnect))
        .route("/style.css", get(assets::style))
        .route("/mark.svg", get(assets::mark))
        .route("/health", get(|| async { "ok" }))
        .fallback(problem::not_found)
        .layer(DefaultBodyLimit::max(4096))
        .layer(middleware::from_fn(with_security_headers))
        .with_state(app))
}

/// On every answer, errors too.
async fn with_security_headers(request: Request, next: Next) -> Response {
    const HEADERS: [(HeaderName, &str); 5] = [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
        // The address of the callback holds a code, which no other page has to know.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        // Somebody's playlists must not come back with the Back button after "Log out".
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A template as an answer.
fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(cause) => {
            tracing::error!(%cause, "a page of the sample app could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// The server's clock as the client wants it.
struct ClientClock(Arc<dyn Clock>);

impl keysig_client::Clock for ClientClock {
    fn unix_seconds(&self) -> i64 {
        self.0.now().unix_seconds()
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The server's randomness as the client wants it.
struct ClientRng(Arc<dyn Rng>);

impl keysig_client::Rng for ClientRng {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), keysig_client::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}
