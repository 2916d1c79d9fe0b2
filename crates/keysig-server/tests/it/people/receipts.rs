//! Receipts: what an app used is counted without contents, and its page shows it.

use http::Request;
use keysig_server::receipts::{KEPT_DAYS, flush, forget_old};
use keysig_store::{grants, uses};

use crate::actors::{TestApp, Tokens, app_id, user_id};

async fn counts(app: &TestApp) -> Vec<(Option<String>, i64)> {
    let store = &app.server.store;
    let grant = grants::in_force(store, user_id("ada"), app_id("web")).await.unwrap().unwrap();
    let name = |scope| app.server.scopes().entry(scope).unwrap().name.clone();
    let used = uses::of_grant(store, grant.user, grant.id, 0).await.unwrap();
    used.into_iter().map(|used| (used.scope.map(name), used.uses)).collect()
}

async fn log_in(app: &TestApp, scope: &str) -> Tokens {
    let web = app.client("web");
    let code = app.signed_in("ada").await.code(&web.request().with("scope", scope)).await;
    Tokens::of(&web.exchange(&code).await)
}

#[tokio::test]
async fn a_call_is_counted_by_what_it_used() {
    let app = TestApp::new().await;
    let tokens = log_in(&app, "user-read-email user-library-read user-library-modify").await;
    for path in ["/v1/me", "/v1/me", "/v1/me/tracks", "/v1/search?q=x&type=track"] {
        app.api(path, &tokens.access).await.assert_status(200);
    }
    assert_eq!(counts(&app).await, [], "no request waits for a receipt to be written");
    flush(&app.server).await;
    flush(&app.server).await;
    let mut counted = counts(&app).await;
    counted.sort();
    let expected = [(None, 1), (Some("user-library-read".to_owned()), 1), (Some("user-read-email".to_owned()), 2)];
    assert_eq!(counted, expected, "of what the token could have done besides nothing was used");
}

#[tokio::test]
async fn what_was_refused_used_nothing() {
    let app = TestApp::new().await;
    let tokens = log_in(&app, "user-read-email").await;
    app.api("/v1/me/tracks", &tokens.access).await.assert_status(403);
    app.api("/v1/me/tracks", "BQnothing").await.assert_status(401);
    let own = app.client("web").client_credentials().await.text("access_token");
    app.api("/v1/search?q=x&type=track", &own).await.assert_status(200);
    flush(&app.server).await;
    assert_eq!(counts(&app).await, []);
}

#[tokio::test]
async fn the_page_shows_what_was_used_and_when() {
    let app = TestApp::new().await;
    let tokens = log_in(&app, "user-read-email").await;
    app.clock.advance(60);
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    flush(&app.server).await;
    let mut ada = app.signed_in("ada").await;
    let list = ada.get("/account/apps").await.body;
    assert!(list.contains("Used 1 time in the last 30 days."), "{list}");
    assert!(!list.contains("not used yet"), "the list knows when it was used last: {list}");
    let grant = grants::in_force(&app.server.store, user_id("ada"), app_id("web")).await.unwrap().unwrap();
    let page = ada.get(&format!("/account/apps/{}", grant.id)).await;
    assert!(page.assert_status(200).body.contains("<rect "), "{}", page.body);
    app.clock.advance(31 * 86_400);
    let mut ada = app.signed_in("ada").await;
    assert!(ada.get("/account/apps").await.body.contains("Not used in the last 30 days."));
}

#[tokio::test]
async fn what_an_app_is_told_about_a_person_is_a_use_too() {
    let app = TestApp::new().await;
    let standard = app.client("standard");
    let code = app.signed_in("ada").await.code(&standard.request().with("scope", "openid email")).await;
    let tokens = Tokens { access: standard.exchange(&code).await.text("access_token"), refresh: String::new() };
    let request = Request::get("/oidc/userinfo/v1").header("authorization", format!("Bearer {}", tokens.access));
    app.send(request.body(axum::body::Body::empty()).unwrap()).await.assert_status(200);
    flush(&app.server).await;
    let store = &app.server.store;
    let used = uses::of_user(store, user_id("ada"), 0).await.unwrap();
    assert_eq!(used.len(), 2, "{used:?}");
}

#[tokio::test]
async fn receipts_are_forgotten_after_400_days() {
    let app = TestApp::new().await;
    let tokens = log_in(&app, "user-read-email").await;
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    flush(&app.server).await;
    app.clock.advance(KEPT_DAYS * 86_400);
    forget_old(&app.server.store, app.server.now().unix_days()).await.unwrap();
    assert_eq!(counts(&app).await.len(), 1);
    forget_old(&app.server.store, app.server.now().unix_days() + 1).await.unwrap();
    assert_eq!(counts(&app).await, []);
}
