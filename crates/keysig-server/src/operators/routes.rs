//! The routes of the operator area. To a stranger each is the sign-in, to everybody but operators nothing is there.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::{brand, home, policy, scopes};
use crate::server::Server;

/// All of them.
pub fn all() -> Router<Arc<Server>> {
    Router::new()
        .route("/admin", get(home::get))
        .route("/admin/scopes", get(scopes::list))
        .route("/admin/scopes/new", get(scopes::new).post(scopes::create))
        .route("/admin/scopes/{number}", get(scopes::one).post(scopes::save))
        .route("/admin/scopes/{number}/retire", get(scopes::retire).post(scopes::retired))
        .route("/admin/brand", get(brand::get).post(brand::post))
        .route("/admin/brand/preview", post(brand::preview))
        .route("/admin/policy", get(policy::get).post(policy::post))
}
