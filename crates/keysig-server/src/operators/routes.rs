//! The routes of the operator area. To a stranger each is the sign-in, to everybody but operators nothing is there.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use super::home;
use crate::server::Server;

/// All of them.
pub fn all() -> Router<Arc<Server>> {
    Router::new().route("/admin", get(home::get))
}
