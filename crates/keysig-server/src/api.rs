//! The Web API under `/v1`. [`endpoints::ENDPOINTS`] is the list of everything served: method, path, who may call it.
//! Around [`router`] belongs the guard, around the guard [`finish`]: it puts CORS on every answer, refusals included.

pub(crate) mod body;
mod call;
mod caller;
mod catalogue;
mod endpoints;
mod error;
mod fields;
mod following;
mod library;
mod listening;
mod objects;
mod paging;
mod playlist_followers;
mod playlist_items;
mod playlists;
mod saved;
mod search;
mod users;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawPathParams, Request};
use axum::routing::{MethodFilter, MethodRouter, on};
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method};
use keysig_core::rng::Rng;
use keysig_core::time::Clock;
use keysig_guard::Uses;
use keysig_store::Store;
use keysig_store::catalogue::SharedCatalogue;
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

pub use caller::Caller;
pub use endpoints::{ENDPOINTS, Endpoint, Needs};
pub use error::ApiError;

use crate::live::Scopes;
use crate::usage::UsageCounts;

/// What challenges call the place (RFC 6750 §3); clients of the Spotify API know it by this name.
pub const REALM: &str = "spotify";
const JSON: &str = "application/json; charset=utf-8";

/// What the endpoints work with.
#[derive(Clone)]
pub struct ApiState {
    /// Users and what is theirs.
    pub store: Arc<Store>,
    /// The music.
    pub catalogue: Arc<SharedCatalogue>,
    /// Names of scopes.
    pub scopes: Arc<Scopes>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance, for new ids.
    pub rng: Arc<dyn Rng>,
    /// Where calls are counted for people.
    pub uses: Arc<Uses>,
    /// Where they are counted for apps.
    pub usage: Arc<UsageCounts>,
    /// Where this server is reached, without a final slash: links start with it.
    pub public_url: Arc<str>,
}

/// Everything under `/v1`, with and without a final slash. Each request must carry what the guard verified.
pub fn router(state: ApiState) -> Router {
    let mut paths: BTreeMap<&'static str, MethodRouter> = BTreeMap::new();
    for endpoint in ENDPOINTS {
        let Ok(method) = MethodFilter::try_from(endpoint.method.clone()) else { continue };
        let state = state.clone();
        let handler = move |path: Result<RawPathParams, _>, request: Request| {
            call::answer(state.clone(), endpoint, path.ok(), request)
        };
        let served = paths.remove(endpoint.path).unwrap_or_default();
        paths.insert(endpoint.path, served.merge(on(method, handler)));
    }
    let mut router = Router::new();
    for (path, served) in paths {
        let served = served.fallback(|| async { ApiError::WRONG_METHOD });
        router = router.route(path, served.clone()).route(&format!("{path}/"), served);
    }
    router.fallback(|| async { ApiError::NO_SERVICE })
}

/// The outermost layers: CORS for pages of any origin without credentials (preflights are answered here, they carry no
/// token), and the cache header.
pub fn finish(guarded: Router) -> Router {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("app-platform")])
        .expose_headers([RETRY_AFTER, WWW_AUTHENTICATE])
        .max_age(std::time::Duration::from_secs(604_800));
    let private = HeaderValue::from_static("private, max-age=0");
    guarded.layer(SetResponseHeaderLayer::if_not_present(CACHE_CONTROL, private)).layer(cors)
}

#[cfg(test)]
mod tests;
