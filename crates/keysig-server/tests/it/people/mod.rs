//! Signing in, deciding, connected apps, leaving.

mod apps;
mod choices;
mod choose;
mod confirm_email;
mod consent;
mod devices;
mod incremental;
mod languages;
pub mod letters;
mod mail;
mod pair;
mod passkeys;
mod profile;
mod receipts;
mod recheck;
mod recover;
mod second_step;
mod security;
mod sign_in;
mod sign_up;
mod throttling;
mod time_box;
mod trusted;
mod upstream;
mod upstream_answers;
mod upstream_links;
mod your_data;

use crate::actors::{Answer, Browser, TestApp};

/// Removes an app on the connected-apps page, by its two pages.
pub async fn remove(browser: &mut Browser, name: &str) -> Answer {
    let list = browser.get("/account/apps").await;
    let list = list.assert_status(200).body.clone();
    let card =
        list.split("/remove\"").find(|part| part.contains(name)).unwrap_or_else(|| panic!("{name} is not in {list}"));
    let grant_id = card.rsplit("/account/apps/").next().unwrap();
    let path = format!("/account/apps/{grant_id}/remove");
    let page = browser.get(&path).await;
    let csrf = page.assert_status(200).field("csrf");
    let answer = browser.post(&path, &[("csrf", &csrf)]).await;
    browser.open(&answer.destination()).await
}

#[tokio::test]
async fn removing_an_app_ends_access_and_refresh_tokens_at_once() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = web.log_in("ada").await;
    let others = app.client("other").log_in("ada").await;
    let bobs = web.log_in("bob").await;
    let page = remove(&mut app.signed_in("ada").await, "Peek web").await;
    assert!(page.body.contains("Access removed"), "{}", page.body);
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    web.refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    app.api("/v1/me", &others.access).await.assert_status(200);
    app.api("/v1/me", &bobs.access).await.assert_status(200);
    let app = app.restart().await;
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    app.client("web").refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
}

#[tokio::test]
async fn an_app_that_was_removed_asks_anew() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    ada.allow(&app.client("web").request()).await;
    remove(&mut ada, "Peek web").await;
    assert!(ada.open(&app.client("web").request().to_string()).await.body.contains("name=\"decision\""));
}

#[tokio::test]
async fn remove_all_removes_all() {
    let app = TestApp::new().await;
    let (web, other) = (app.client("web").log_in("ada").await, app.client("other").log_in("ada").await);
    let mut ada = app.signed_in("ada").await;
    let csrf = ada.get("/account/apps/remove-all").await.field("csrf");
    ada.post("/account/apps/remove-all", &[("csrf", &csrf)]).await.assert_status(303);
    app.api("/v1/me", &web.access).await.assert_status(401);
    app.api("/v1/me", &other.access).await.assert_status(401);
}

#[tokio::test]
async fn one_person_cannot_remove_another_s_app() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let list = app.signed_in("ada").await.get("/account/apps").await.body;
    let grant_id = list.split("/remove\"").next().unwrap().rsplit("/account/apps/").next().unwrap().to_owned();
    let mut bob = app.signed_in("bob").await;
    bob.get(&format!("/account/apps/{grant_id}/remove")).await.assert_status(404);
    let csrf = bob.get("/account").await.field("csrf");
    bob.post(&format!("/account/apps/{grant_id}/remove"), &[("csrf", &csrf)]).await;
    app.api("/v1/me", &tokens.access).await.assert_status(200);
}

#[tokio::test]
async fn pages_of_the_account_lead_strangers_to_sign_in() {
    let app = TestApp::new().await;
    for path in ["/account", "/account/apps", "/account/apps/remove-all"] {
        let answer = app.browser().get(path).await;
        answer.assert_status(303);
        assert_eq!(answer.destination(), "/login");
    }
}

#[tokio::test]
async fn signing_out_makes_the_old_cookie_worthless() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let stolen = ada.clone();
    let csrf = ada.get("/logout").await.field("csrf");
    ada.post("/logout", &[("csrf", &csrf)]).await.assert_status(200);
    assert!(!ada.jar.contains_key("sid"));
    stolen.clone().get("/account").await.assert_status(303);
}

#[tokio::test]
async fn every_page_carries_its_headers() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let consent = app.client("web").request().to_string();
    for path in ["/", "/login", "/account", "/account/apps", "/logout", "/nowhere", "/authorize", &consent] {
        let page = ada.open(path).await;
        assert!(page.header("content-security-policy").contains("form-action 'self'"), "{path}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
    }
}
