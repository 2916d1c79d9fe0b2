//! Where sign-in, recovery, agreements and leaving meet: what somebody tries who stands between two of them.

use keysig_server::mail;
use keysig_store::{grants, mails};

use crate::actors::{Answer, Browser, JWT_API, PASSWORD, TestApp, Tokens, app_id, user_id};
use crate::people::letters::{NEW_PASSWORD, digits, forget, letters, newest, sign_up, signs_in};
use crate::second_steps::{code, set_up};

const ADA: &str = "ada@example.test";

/// Posts to a page of the account, with the ticket of one.
async fn act(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = browser.get("/account").await.field("csrf");
    browser.post(path, &[&[("csrf", csrf.as_str())], fields].concat()).await
}

async fn change_password(browser: &mut Browser) {
    act(browser, "/account/password", &[("password", NEW_PASSWORD)]).await.assert_status(303);
}

async fn grant_of(app: &TestApp, client_id: &str) -> String {
    let grant = grants::in_force(&app.server.store, user_id("ada"), app_id(client_id)).await.unwrap().unwrap();
    grant.id.to_string()
}

#[tokio::test]
async fn a_sign_in_half_way_ends_with_the_password_it_began_with() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    set_up(&app, "ada").await;
    let mut thief = app.browser();
    let page = thief.first_step("ada").await;
    app.clock.advance(1);
    change_password(&mut ada).await;
    let answer = thief.second_step(&page, &[("code", &code(&app))]).await;
    assert_eq!(answer.assert_status(303).header("location"), "/login");
    assert!(!thief.jar.contains_key("sid"));
}

#[tokio::test]
async fn a_second_step_that_is_shown_again_gains_no_time() {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    let mut thief = app.browser();
    let mut page = thief.first_step("ada").await;
    for _ in 0..2 {
        app.clock.advance(299);
        page = thief.second_step(&page, &[("code", ""), ("way", "code")]).await;
        page.assert_status(200);
    }
    app.clock.advance(2);
    let late = thief.second_step(&page, &[("code", &code(&app))]).await;
    assert_eq!(late.assert_status(303).header("location"), "/login");
    assert!(!thief.jar.contains_key("sid"));
}

#[tokio::test]
async fn whoever_is_signed_out_from_elsewhere_is_asked_for_both_steps() {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    let (mut ada, mut thief) = (app.browser(), app.browser());
    for browser in [&mut ada, &mut thief] {
        let page = browser.first_step("ada").await;
        browser.second_step(&page, &[("code", &code(&app)), ("remember", "yes")]).await.assert_status(303);
        app.clock.advance(30);
    }
    act(&mut ada, "/account/devices/sign-out-others", &[]).await.assert_status(303);
    assert!(thief.first_step("ada").await.body.contains("one-time-code"));
    ada.jar.remove("sid");
    ada.first_step("ada").await;
    assert!(ada.jar.contains_key("sid"), "this one is still known");
}

#[tokio::test]
async fn a_paused_app_gets_no_token_that_an_api_would_take_by_itself() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let mut ada = app.signed_in("ada").await;
    let request =
        client.request().with_pkce().with("scope", "offline_access user-read-email").with("resource", JWT_API);
    let tokens = Tokens::of(&client.exchange(&ada.code(&request).await).await);
    assert_eq!(tokens.access.matches('.').count(), 2, "a JWT, which an API reads by itself");
    let waiting = ada.code(&request).await;
    let grant = grant_of(&app, "standard").await;
    app.clock.advance(1);
    act(&mut ada, &format!("/account/apps/{grant}/pause"), &[]).await.assert_status(303);
    let refreshed = Tokens::of(&client.refresh(&tokens.refresh).await);
    let late = Tokens::of(&client.exchange(&waiting).await);
    for token in [&refreshed.access, &late.access] {
        assert!(!token.contains('.'), "nothing to verify offline: {token}");
        let seen = client.post("/oauth2/introspect/v1", &[("token", token)]).await;
        assert_eq!(seen.json(), serde_json::json!({"active": false}));
    }
    app.clock.advance(1);
    act(&mut ada, &format!("/account/apps/{grant}/resume"), &[]).await.assert_status(303);
    let again = Tokens::of(&client.refresh(&refreshed.refresh).await);
    assert_eq!(again.access.matches('.').count(), 2);
}

#[tokio::test]
async fn a_form_of_one_account_does_nothing_in_another_of_the_same_browser() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("bob").await;
    let mut browser = app.signed_in("ada").await;
    let csrf = browser.get("/account").await.field("csrf");
    let page = browser.open("/login?account=new").await;
    browser.fill_in(&page, "bob", PASSWORD).await;
    assert!(browser.get("/account").await.body.contains("bob@example.test"));
    for path in ["/account/apps/remove-all", "/account/delete", "/account/password", "/account/devices/sign-out-others"]
    {
        let fields = [("csrf", csrf.as_str()), ("email", "bob@example.test"), ("password", NEW_PASSWORD)];
        browser.post(path, &fields).await.assert_status(403);
    }
    app.api("/v1/me", &tokens.access).await.assert_status(200);
}

#[tokio::test]
async fn who_goes_on_as_another_is_not_checked_by_the_first_one_s_check() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in("ada").await;
    app.clock.advance(700);
    let page = browser.open("/login?account=new").await;
    browser.fill_in(&page, "bob", PASSWORD).await;
    let chooser = browser.get("/login/choose").await;
    let entry = chooser.body.split("name=\"account\" value=\"").skip(1).find(|rest| rest.contains(ADA)).unwrap();
    let (csrf, session) = (chooser.field("csrf"), entry.split('"').next().unwrap().to_owned());
    browser.post("/login/choose", &[("csrf", &csrf), ("account", &session)]).await.assert_status(303);
    assert!(browser.get("/account").await.body.contains(ADA));
    for path in ["/account/password", "/account/email", "/account/delete", "/account/export"] {
        assert!(browser.get(path).await.body.contains("confirm_password"), "{path}");
    }
}

#[tokio::test]
async fn what_was_turned_off_comes_back_by_no_old_form_and_by_no_silent_request() {
    let app = TestApp::new().await;
    let client = app.with_choices("user-read-email").await;
    let mut ada = app.signed_in("ada").await;
    let all = client.asks("user-read-private user-read-email");
    let page = ada.open(&all.to_string()).await;
    ada.allow_with(&page, &[("scope", "user-read-email")]).await.assert_status(200);
    // Another tab asks for more, with all that was granted.
    let more = client.asks("user-top-read").with("include_granted_scopes", "true");
    let stale = ada.open(&more.to_string()).await;
    let number = app.server.scopes().find("user-read-email").unwrap().number().to_string();
    let path = format!("/account/apps/{}/turn-off", grant_of(&app, "choices").await);
    app.clock.advance(1);
    act(&mut ada, &path, &[("scope", &number)]).await.assert_status(303);
    let callback = ada.allow_with(&stale, &[]).await.destination();
    assert_eq!(client.scope_of(&callback).await, "user-read-private user-top-read");
    let silent = ada.open(&all.with("include_granted_scopes", "true").with("prompt", "none").to_string()).await;
    assert_eq!(client.scope_of(&silent.destination()).await, "user-read-private user-top-read");
}

#[tokio::test]
async fn who_left_leaves_no_code_and_no_half_sign_in_behind() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let mut ada = app.signed_in("ada").await;
    let waiting = ada.code(&web.request()).await;
    set_up(&app, "ada").await;
    let mut elsewhere = app.browser();
    let half = elsewhere.first_step("ada").await;
    let shown = code(&app);
    // Two letters of one millisecond have no order.
    app.clock.advance(1);
    let check = forget(&mut elsewhere, ADA).await;
    let sent = digits(newest(&letters(&app).await, ADA));
    act(&mut ada, "/account/delete", &[("email", ADA)]).await.assert_status(200);
    web.exchange(&waiting).await.assert_status(400);
    assert_eq!(elsewhere.second_step(&half, &[("code", &shown)]).await.header("location"), "/login");
    let (csrf, proof) = (check.field("csrf"), check.field("proof"));
    let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", &*sent), ("password", NEW_PASSWORD)];
    elsewhere.post("/recover/check", &fields).await.assert_status(410);
    assert!(!elsewhere.jar.contains_key("sid") && !signs_in(&app, ADA, PASSWORD).await);
    app.clock.advance(1);
    // The address is free, and whoever reads it has an account that knows nothing of the first.
    let mut eve = app.browser();
    let check = sign_up(&mut eve, "/signup", ADA, "Eve", NEW_PASSWORD).await.header("location").to_owned();
    let check = eve.get(&check).await;
    let sent = digits(newest(&letters(&app).await, ADA));
    let fields = [("csrf", &*check.field("csrf")), ("proof", &check.field("proof")), ("code", &sent)];
    eve.post("/signup/check", &fields).await.assert_status(303);
    assert!(!eve.get("/account/apps").await.assert_status(200).body.contains("Peek web"));
    assert!(!eve.get("/account/security").await.body.contains("recovery code"));
}

#[tokio::test]
async fn a_proof_of_one_purpose_is_none_of_another() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let check = forget(&mut browser, ADA).await;
    let sent = digits(newest(&letters(&app).await, ADA));
    let (csrf, proof) = (check.field("csrf"), check.field("proof"));
    let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", &*sent), ("password", NEW_PASSWORD)];
    browser.post("/signup/check", &fields).await.assert_status(410);
    let mut bob = app.signed_in("bob").await;
    act(&mut bob, "/account/email/check", &[("proof", &proof), ("code", &sent)]).await.assert_status(410);
    assert!(!browser.jar.contains_key("sid") && signs_in(&app, ADA, PASSWORD).await);
}

#[tokio::test]
async fn digits_that_were_sent_to_nobody_are_right_for_nobody() {
    let app = TestApp::new().await;
    let mut thief = app.browser();
    let mut check = forget(&mut thief, ADA).await;
    while letters(&app).await.len() == mails::newest(&app.server.store, 99).await.unwrap().len() {
        app.clock.advance(1);
        check = forget(&mut thief, ADA).await;
    }
    assert_eq!(letters(&app).await.len(), 5, "the sixth is not sent");
    let unsent = mail::open(&app.server, &mails::newest(&app.server.store, 1).await.unwrap()[0]).unwrap();
    assert_eq!(unsent.to, None);
    let guess = unsent.text.lines().find(|line| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit()));
    let (csrf, proof) = (check.field("csrf"), check.field("proof"));
    let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", guess.unwrap()), ("password", NEW_PASSWORD)];
    thief.post("/recover/check", &fields).await.assert_status(422);
    assert!(signs_in(&app, ADA, PASSWORD).await && !thief.jar.contains_key("sid"));
}
