//! Access for a time only (docs/consent.md): nothing outlives it, and it ends without anybody doing anything.

use crate::actors::{ClientApp, TestApp, Tokens, parameters};

const DAY: i64 = 86_400;

async fn for_a_time(app: &TestApp, client: &ClientApp, until: &str) -> Tokens {
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&client.request().to_string()).await;
    let callback = ada.allow_with(&page, &[("until", until)]).await.destination();
    let code = parameters(&callback).remove("code").unwrap();
    Tokens::of(&client.exchange(&code).await)
}

#[tokio::test]
async fn access_for_a_day_is_over_after_a_day() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = for_a_time(&app, &web, "1").await;
    app.clock.advance(DAY - 60);
    let last = web.refresh(&tokens.refresh).await;
    assert_eq!(last.json()["expires_in"], 60, "no token outlives what it rests on");
    app.clock.advance(59);
    app.api("/v1/me", &last.text("access_token")).await.assert_status(200);
    app.clock.advance(1);
    app.api("/v1/me", &last.text("access_token")).await.assert_status(401);
    web.refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Refresh token expired");
}

#[tokio::test]
async fn who_is_asked_again_and_agrees_revives_nothing() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let before = for_a_time(&app, &web, "1").await;
    app.clock.advance(DAY);
    let mut ada = app.signed_in("ada").await;
    let silent = ada.get(&app.client("standard").request().with("prompt", "none").to_string()).await;
    assert_eq!(parameters(&silent.destination())["error"], "consent_required");
    let page = ada.open(&web.request().to_string()).await;
    assert!(page.body.contains("Let <bdi>Peek web</bdi> use your account?"), "{}", page.body);
    let callback = ada.decide(&page, "allow").await.destination();
    let code = parameters(&callback).remove("code").unwrap();
    Tokens::of(&web.exchange(&code).await);
    web.refresh(&before.refresh).await.assert_status(400);
}

#[tokio::test]
async fn a_code_is_worth_nothing_once_the_time_is_over() {
    let app = TestApp::new().await;
    let web = app.client("web");
    for_a_time(&app, &web, "1").await;
    app.clock.advance(DAY - 30);
    let code = app.signed_in("ada").await.code(&web.request()).await;
    app.clock.advance(30);
    web.exchange(&code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
}

#[tokio::test]
async fn a_later_answer_keeps_the_end_unless_another_is_chosen() {
    let app = TestApp::new().await;
    let web = app.client("web");
    for_a_time(&app, &web, "1").await;
    let mut ada = app.signed_in("ada").await;
    let more = web.request().with("scope", "user-top-read");
    let page = ada.open(&more.to_string()).await;
    assert!(page.body.contains("as before") && page.body.contains("value=\"removed\""), "{}", page.body);
    ada.decide(&page, "allow").await.destination();
    let insists = ada.open(&more.clone().with("show_dialog", "true").to_string()).await;
    let callback = ada.allow_with(&insists, &[("until", "30")]).await.destination();
    let code = parameters(&callback).remove("code").unwrap();
    let tokens = Tokens::of(&web.exchange(&code).await);
    app.clock.advance(29 * DAY);
    web.refresh(&tokens.refresh).await.assert_status(200);
    app.clock.advance(DAY);
    web.refresh(&tokens.refresh).await.assert_status(400);
}

#[tokio::test]
async fn until_i_remove_it_takes_an_end_away() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = for_a_time(&app, &web, "1").await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&web.request().with("show_dialog", "true").to_string()).await;
    ada.allow_with(&page, &[("until", "removed")]).await.destination();
    app.clock.advance(20 * DAY);
    web.refresh(&tokens.refresh).await.assert_status(200);
}

#[tokio::test]
async fn connected_apps_says_when_access_ends() {
    let app = TestApp::new().await;
    for_a_time(&app, &app.client("web"), "30").await;
    let page = app.signed_in("ada").await.get("/account/apps").await;
    assert!(page.body.contains("Its access ends by itself on"), "{}", page.body);
    app.clock.advance(30 * DAY);
    let page = app.signed_in("ada").await.get("/account/apps").await;
    assert!(page.body.contains("Its access ended on"), "{}", page.body);
}
