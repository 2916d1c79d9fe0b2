//! Permissions that grow (`include_granted_scopes`, docs/consent.md): the page shows what is new, the token says the truth.

use crate::actors::{ClientApp, OPAQUE_API, TestApp, Tokens, parameters};

const FIRST: &str = "user-read-private user-read-email";
const MORE: &str = "user-top-read";
const ALL: &str = "user-read-email user-read-private user-top-read";

async fn with_first(app: &TestApp, client: &ClientApp) -> Tokens {
    let code = app.signed_in("ada").await.code(&client.asks(FIRST)).await;
    Tokens::of(&client.exchange(&code).await)
}

#[tokio::test]
async fn a_second_request_shows_what_is_new_and_its_token_holds_what_was_granted_too() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let before = with_first(&app, &web).await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&web.asks(MORE).with("include_granted_scopes", "true").to_string()).await;
    assert!(
        page.body.contains("asks for 1 more permission") && page.body.contains("Already allowed (2)"),
        "{}",
        page.body
    );
    let callback = ada.decide(&page, "allow").await.destination();
    let code = parameters(&callback).remove("code").unwrap();
    let answer = web.exchange(&code).await;
    assert_eq!(answer.text("scope"), ALL);
    app.api("/v1/me/top/tracks", &answer.text("access_token")).await.assert_status(200);
    let refreshed = web.refresh(&answer.text("refresh_token")).await;
    assert_eq!(refreshed.text("scope"), ALL);
    // What was there before is as it was: nothing widened by itself.
    app.api("/v1/me/top/tracks", &before.access).await.assert_status(403);
    assert_eq!(web.refresh(&before.refresh).await.text("scope"), "user-read-email user-read-private");
}

#[tokio::test]
async fn without_the_parameter_a_token_holds_what_was_asked_for() {
    let app = TestApp::new().await;
    let web = app.client("web");
    with_first(&app, &web).await;
    let mut ada = app.signed_in("ada").await;
    for (value, expected) in [("false", MORE), ("TRUE", MORE), ("1", MORE), ("true", ALL)] {
        let callback = ada.allow(&web.asks(MORE).with("include_granted_scopes", value)).await;
        assert_eq!(web.scope_of(&callback).await, expected, "{value}");
    }
}

#[tokio::test]
async fn declining_more_keeps_what_was_and_says_so_to_the_app() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let before = with_first(&app, &web).await;
    let mut ada = app.signed_in("ada").await;
    let more = web.asks(MORE).with("include_granted_scopes", "true");
    let page = ada.open(&more.to_string()).await;
    assert!(page.body.contains("Keep as it is"), "{}", page.body);
    let declined = ada.decide(&page, "deny").await.destination();
    assert_eq!(parameters(&declined)["error"], "access_denied");
    app.api("/v1/me", &before.access).await.assert_status(200);
    web.refresh(&before.refresh).await.assert_status(200);
    let again = ada.open(&more.to_string()).await;
    assert!(again.body.contains("name=\"decision\""), "a retry asks again");
}

#[tokio::test]
async fn what_was_allowed_here_was_not_allowed_at_another_api() {
    let app = TestApp::new().await;
    let standard = app.client("standard");
    let mut ada = app.signed_in("ada").await;
    ada.allow(&standard.request().with("scope", FIRST)).await;
    let elsewhere = standard.request().with("scope", MORE).with("resource", OPAQUE_API);
    let code = ada.code(&elsewhere.with("include_granted_scopes", "true")).await;
    assert_eq!(standard.exchange(&code).await.text("scope"), MORE);
}

#[tokio::test]
async fn a_token_that_grew_into_openid_says_who_it_is_about() {
    let app = TestApp::new().await;
    let standard = app.client("standard");
    let mut ada = app.signed_in("ada").await;
    ada.allow(&standard.request().with("scope", "openid")).await;
    let more = standard.request().with("scope", MORE).with("include_granted_scopes", "true");
    let code = ada.code(&more).await;
    let answer = standard.exchange(&code).await;
    assert_eq!(answer.text("scope"), "openid user-top-read");
    assert!(!answer.text("id_token").is_empty());
}
