//! The routes of the operator area. To a stranger each is the sign-in, to everybody but operators nothing is there.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::{api_keys, apps, audit, brand, home, keys, limits, policy, quota, reviews, scopes, users};
use crate::server::Server;

/// All of them.
pub fn all() -> Router<Arc<Server>> {
    Router::new()
        .route("/admin", get(home::get))
        .route("/admin/users", get(users::list))
        .route("/admin/users/{user}", get(users::one))
        .route("/admin/users/{user}/{deed}", get(users::ask).post(users::act))
        .route("/admin/apps", get(apps::list))
        .route("/admin/apps/{client_id}", get(apps::one))
        .route("/admin/apps/{client_id}/quota", get(quota::get).post(quota::post))
        .route("/admin/apps/{client_id}/{deed}", get(apps::ask).post(apps::act))
        .route("/admin/reviews", get(reviews::list))
        .route("/admin/reviews/{client_id}", get(reviews::one))
        .route("/admin/reviews/{client_id}/consent", get(reviews::consent))
        .route("/admin/reviews/{client_id}/host", post(reviews::check_host))
        .route("/admin/reviews/{client_id}/{verdict}", post(reviews::decide))
        .route("/admin/invite", get(users::invitation).post(users::invite))
        .route("/admin/roles", get(users::roles))
        .route("/admin/keys", get(keys::list))
        .route("/admin/keys/rotate", post(keys::rotate))
        .route("/admin/keys/{kid}/revoke", get(keys::ask).post(keys::revoke))
        .route("/admin/audit", get(audit::list))
        .route("/admin/audit/verify", get(audit::verify))
        .route("/admin/audit/export", post(audit::export))
        .route("/admin/scopes", get(scopes::list))
        .route("/admin/scopes/new", get(scopes::new).post(scopes::create))
        .route("/admin/scopes/{number}", get(scopes::one).post(scopes::save))
        .route("/admin/scopes/{number}/retire", get(scopes::retire).post(scopes::retired))
        .route("/admin/brand", get(brand::get).post(brand::post))
        .route("/admin/brand/preview", post(brand::preview))
        .route("/admin/api-keys", get(api_keys::list).post(api_keys::make))
        .route("/admin/api-keys/{id}/revoke", get(api_keys::ask).post(api_keys::revoke))
        .route("/admin/limits", get(limits::get).post(limits::post))
        .route("/admin/policy", get(policy::get).post(policy::post))
}
