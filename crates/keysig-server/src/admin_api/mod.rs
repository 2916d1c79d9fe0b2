//! The admin API under `/admin/api/v1` (`docs/admin-api.md`): [`OPERATIONS`] for programs, by a key in the `Authorization` header.
//! No cookie is read here, and no page of another origin reads an answer.

mod answer;
mod document;
mod problem;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{RawPathParams, Request, State};
use axum::response::IntoResponse;
use axum::routing::{MethodFilter, MethodRouter, get, on};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use tower_http::set_header::SetResponseHeaderLayer;

pub use document::document;
pub use problem::Problem;

use crate::operations::OPERATIONS;
use crate::server::Server;

/// Where it is.
pub const BASE: &str = "/admin/api/v1";
/// Where it is described, below [`BASE`]; nobody needs a key for that.
pub const DOCUMENT: &str = "/openapi.json";
/// What challenges call the place (RFC 6750 §3).
pub const REALM: &str = "keysig admin";
const JSON: &str = "application/json";

/// All of it.
pub fn router() -> Router<Arc<Server>> {
    let mut paths: BTreeMap<&'static str, MethodRouter<Arc<Server>>> = BTreeMap::new();
    for operation in OPERATIONS {
        let Some(route) = &operation.route else { continue };
        let Ok(method) = MethodFilter::try_from(route.method.clone()) else { continue };
        let handler = move |State(server), path: Result<RawPathParams, _>, request: Request| {
            answer::answer(server, operation, path.ok(), request)
        };
        let served = paths.remove(route.path).unwrap_or_default();
        paths.insert(route.path, served.merge(on(method, handler)));
    }
    let described = get(|| async { ([(CONTENT_TYPE, JSON)], document::text()).into_response() });
    paths.insert(DOCUMENT, described);
    let mut router = Router::new();
    for (path, served) in paths {
        router = router.route(path, served.fallback(|| async { Problem::WrongMethod }));
    }
    let never = HeaderValue::from_static("no-store");
    let nosniff = HeaderValue::from_static("nosniff");
    let router = router
        .fallback(|| async { Problem::NoSuchPath })
        .layer(SetResponseHeaderLayer::overriding(CACHE_CONTROL, never))
        .layer(SetResponseHeaderLayer::overriding(HeaderName::from_static("x-content-type-options"), nosniff));
    Router::new().nest(BASE, router)
}
