//! An essential `acr` (OpenID Connect Core §5.5.1.1): two factors, or none of it.

use crate::actors::{Browser, PASSWORD, TestApp, parameters};
use crate::second_steps::{code, set_up};

const DEMANDED: &str = r#"{"id_token":{"acr":{"essential":true,"values":["urn:keysig:acr:2fa"]}}}"#;

fn asks(app: &TestApp) -> String {
    let request = app.client("standard").request().with("scope", "openid").with("nonce", "n");
    request.with("claims", DEMANDED).to_string()
}

async fn acr(app: &TestApp, browser: &mut Browser, page: crate::actors::Answer) -> String {
    claims(app, browser, page).await["acr"].as_str().unwrap().to_owned()
}

async fn claims(app: &TestApp, browser: &mut Browser, page: crate::actors::Answer) -> serde_json::Value {
    let page = if page.body.contains("name=\"decision\"") { browser.decide(&page, "allow").await } else { page };
    let code = parameters(&page.destination()).remove("code").unwrap();
    let id_token = app.client("standard").exchange(&code).await.text("id_token");
    let claims = keysig_core::encoding::base64url_decode(id_token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}

#[tokio::test]
async fn whoever_signed_in_by_one_factor_is_asked_for_the_second() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    set_up(&app, "ada").await;
    let signed_in_at = app.server.now().unix_seconds();
    app.clock.advance(100);
    let page = ada.open(&asks(&app)).await;
    assert!(
        page.body.contains("autocomplete=\"one-time-code\"") && page.body.contains("Peek standard"),
        "{}",
        page.body
    );
    ada.second_step(&page, &[("code", "000000")]).await.assert_status(422);
    let before = ada.jar["sid"].clone();
    let answer = ada.second_step(&page, &[("code", &code(&app))]).await;
    assert_ne!(ada.jar["sid"], before, "a stronger session has another secret");
    let page = ada.open(answer.header("location")).await;
    let told = claims(&app, &mut ada, page).await;
    assert_eq!((told["acr"].as_str(), told["auth_time"].as_i64()), (Some("urn:keysig:acr:2fa"), Some(signed_in_at)));
    // From now on this session is strong enough.
    let page = ada.open(&asks(&app)).await;
    assert_eq!(acr(&app, &mut ada, page).await, "urn:keysig:acr:2fa");
}

#[tokio::test]
async fn a_remembered_browser_is_not_enough() {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    ada.second_step(&page, &[("code", &code(&app)), ("remember", "yes")]).await.assert_status(303);
    ada.jar.remove("sid");
    ada.first_step("ada").await;
    app.clock.advance(30);
    let page = ada.open(&asks(&app)).await;
    assert!(page.body.contains("autocomplete=\"one-time-code\""));
    let answer = ada.second_step(&page, &[("code", &code(&app))]).await;
    let page = ada.open(answer.header("location")).await;
    assert_eq!(acr(&app, &mut ada, page).await, "urn:keysig:acr:2fa");
}

#[tokio::test]
async fn whoever_has_no_second_step_is_sent_back_and_not_in_circles() {
    let app = TestApp::new().await;
    let mut bob = app.browser();
    let login = bob.open(&asks(&app)).await;
    let page = bob.fill_in(&login, "bob", PASSWORD).await;
    let callback = parameters(&page.destination());
    assert_eq!(callback["error"], "unmet_authentication_requirements");
    assert_eq!(callback["state"], "s t/a+t&e");
    // Silently the same is refused, too.
    let silent = bob.open(&format!("{}&prompt=none", asks(&app))).await;
    assert_eq!(parameters(&silent.destination())["error"], "login_required");
}

#[tokio::test]
async fn a_step_up_is_of_this_session_alone() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    set_up(&app, "ada").await;
    let page = ada.open(&asks(&app)).await;
    // Signed out meanwhile: a code alone begins no session.
    ada.jar.remove("sid");
    let answer = ada.second_step(&page, &[("code", &code(&app))]).await;
    assert!(answer.header("location").starts_with("/login?tx="));
    assert!(!ada.jar.contains_key("sid"));
}
