//! The routes of the dashboard. To a stranger each is the sign-in, to everybody but an app's owner nothing is there.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::{
    apps, create, danger, events, fake_users, inspector, join, mode, offers, permissions, profile, quickstart,
    redirect_uris, review, secrets, settings, test_users, usage, webhooks,
};
use crate::server::Server;

/// All of them.
pub fn all() -> Router<Arc<Server>> {
    Router::new()
        .route("/dashboard", get(apps::get))
        .route("/dashboard/join", get(join::get).post(join::post))
        .route("/dashboard/new", get(create::get).post(create::post))
        .route("/dashboard/apps/{client_id}", get(quickstart::get))
        .route("/dashboard/apps/{client_id}/redirect-uris", get(redirect_uris::get).post(redirect_uris::add))
        .route("/dashboard/apps/{client_id}/redirect-uris/remove", post(redirect_uris::remove))
        .route("/dashboard/apps/{client_id}/redirect-uris/test", post(redirect_uris::test))
        .route("/dashboard/apps/{client_id}/permissions", get(permissions::get).post(permissions::post))
        .route("/dashboard/apps/{client_id}/secrets", get(secrets::get).post(secrets::add))
        .route("/dashboard/apps/{client_id}/secrets/{key}/retire", get(secrets::ask_when).post(secrets::retire))
        .route("/dashboard/apps/{client_id}/secrets/{key}/leaked", get(secrets::ask_leaked).post(secrets::leaked))
        .route("/dashboard/apps/{client_id}/profile", get(profile::get).post(profile::post))
        .route("/dashboard/apps/{client_id}/profile/logo", post(profile::set_logo).layer(upload()))
        .route("/dashboard/apps/{client_id}/profile/logo/remove", post(profile::remove_logo))
        .route("/dashboard/apps/{client_id}/test-users", get(test_users::get).post(test_users::add))
        .route("/dashboard/apps/{client_id}/test-users/new", get(fake_users::get).post(fake_users::post))
        .route("/dashboard/apps/{client_id}/test-users/me", post(test_users::add_me))
        .route("/dashboard/apps/{client_id}/test-users/uninvite", post(test_users::uninvite))
        .route("/dashboard/apps/{client_id}/test-users/{user}/remove", get(test_users::ask).post(test_users::remove))
        .route("/dashboard/apps/{client_id}/mode", get(mode::get).post(mode::post))
        .route("/dashboard/apps/{client_id}/review", get(review::get).post(review::post))
        .route("/dashboard/apps/{client_id}/settings", get(settings::get).post(settings::post))
        .route("/dashboard/apps/{client_id}/danger", get(danger::get))
        .route("/dashboard/apps/{client_id}/danger/{deed}", get(danger::ask).post(danger::post))
        .route("/dashboard/offers/{client_id}", post(offers::post))
        .route("/dashboard/apps/{client_id}/events", get(events::get))
        .route("/dashboard/apps/{client_id}/inspector", get(inspector::get))
        .route("/dashboard/apps/{client_id}/inspector/{record_id}", get(inspector::record).post(inspector::fix))
        .route("/dashboard/apps/{client_id}/usage", get(usage::get))
        .route("/dashboard/apps/{client_id}/usage.csv", get(usage::csv))
        .route("/dashboard/apps/{client_id}/webhooks", get(webhooks::get).post(webhooks::set))
        .route("/dashboard/apps/{client_id}/webhooks/secret", post(webhooks::rotate))
        .route("/dashboard/apps/{client_id}/webhooks/test", post(webhooks::test))
        .route("/dashboard/apps/{client_id}/webhooks/deliveries/{delivery}/retry", post(webhooks::retry))
        .route("/dashboard/apps/{client_id}/webhooks/remove", get(webhooks::confirm_removal).post(webhooks::remove))
}

/// The one body that is larger than a form's.
fn upload() -> DefaultBodyLimit {
    DefaultBodyLimit::max(profile::MAX_UPLOAD_BYTES)
}
