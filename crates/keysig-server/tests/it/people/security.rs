//! Setting up a second step, and taking it away.

use super::letters::assert_told;
use crate::actors::{Answer, Browser, PASSWORD, TestApp, user_id};
use crate::second_steps::{code, code_of, set_up};
use keysig_core::account_event::AccountEvent;
use keysig_store::account_events;

const AUTHENTICATOR: &str = "/account/security/authenticator";

/// The seed that the page shows as text.
fn seed_of(page: &Answer) -> Vec<u8> {
    let text = page.body.split("class=\"shown\"><bdi>").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    totp_rs::Secret::try_from_base32(text).unwrap().as_bytes().to_vec()
}

async fn turn_on(browser: &mut Browser, page: &Answer, code: &str) -> Answer {
    let (csrf, setup) = (page.field("csrf"), page.field("setup"));
    browser.post(AUTHENTICATOR, &[("csrf", &csrf), ("setup", &setup), ("code", code)]).await
}

/// The codes that a page shows.
fn codes_of(page: &Answer) -> Vec<String> {
    let codes = page.body.split("class=\"code\"><bdi>").skip(1);
    codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_app_is_set_up_by_its_code_and_the_recovery_codes_are_shown_once() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    assert!(ada.get("/account/security").await.body.contains("Set up a second step"));
    let page = ada.get(AUTHENTICATOR).await;
    page.assert_status(200);
    assert!(page.body.contains("<svg") && !page.body.contains("otpauth:"), "the key stands there once, as text");
    let seed = seed_of(&page);
    assert_eq!(seed.len(), 20);
    let wrong = turn_on(&mut ada, &page, "000000").await;
    assert!(wrong.assert_status(422).body.contains("That code does not fit this key."));
    assert_eq!(seed_of(&wrong), seed, "it is still the same key");
    let right = code_of(&app, &seed, 0);
    let shown = turn_on(&mut ada, &wrong, &right).await;
    let codes = codes_of(shown.assert_status(200));
    assert_told(&app, "Two-step sign-in is on").await;
    assert_eq!((codes.len(), shown.header("cache-control")), (10, "no-store"));
    assert!(!ada.get("/account/security").await.body.contains(&codes[0]));
    assert_eq!(turn_on(&mut ada, &wrong, &right).await.header("location"), "/account/security", "once");

    let mut later = app.browser();
    let page = later.first_step("ada").await;
    later.second_step(&page, &[("code", &right)]).await.assert_status(422);
    later.second_step(&page, &[("code", &code_of(&app, &seed, 30))]).await.assert_status(303);
    let mut lost = app.browser();
    let page = lost.first_step("ada").await;
    lost.second_step(&page, &[("recovery_code", &codes[9])]).await.assert_status(303);
    let events = account_events::latest(&app.server.store, user_id("ada"), 10).await.unwrap();
    assert!(events.iter().any(|told| told.event == AccountEvent::SecondStepAdded));
}

#[tokio::test]
async fn a_set_up_is_of_one_person_in_one_browser_for_an_hour() {
    let app = TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_in("ada").await, app.signed_in("bob").await);
    let page = ada.get(AUTHENTICATOR).await;
    let (seed, setup) = (seed_of(&page), page.field("setup"));
    let bobs = bob.get(AUTHENTICATOR).await;
    let fields = [("csrf", bobs.field("csrf")), ("setup", setup), ("code", code_of(&app, &seed, 0))];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(bob.post(AUTHENTICATOR, &fields).await.header("location"), AUTHENTICATOR);
    assert!(bob.get("/account/security").await.body.contains("Set up a second step"));
    app.clock.advance(3600);
    let fields = [("csrf", page.field("csrf")), ("setup", page.field("setup")), ("code", code_of(&app, &seed, 0))];
    let mut fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("confirm_password", PASSWORD));
    assert_eq!(ada.post(AUTHENTICATOR, &fields).await.header("location"), AUTHENTICATOR);
    assert!(ada.get("/account/security").await.body.contains("Set up a second step"));
}

#[tokio::test]
async fn whoever_was_not_checked_lately_is_asked_and_the_form_is_carried_along() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.get(AUTHENTICATOR).await;
    app.clock.advance(600);
    assert!(ada.get(AUTHENTICATOR).await.body.contains("Confirm it"));
    let right = code_of(&app, &seed_of(&page), 0);
    let asked = turn_on(&mut ada, &page, &right).await;
    assert!(asked.body.contains("Confirm it") && asked.body.contains(&format!("action=\"{AUTHENTICATOR}\"")));
    let fields = ["csrf", "setup", "code"].map(|name| (name, asked.field(name)));
    let mut fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.push(("confirm_password", PASSWORD));
    assert_eq!(codes_of(&ada.post(AUTHENTICATOR, &fields).await).len(), 10);
}

#[tokio::test]
async fn a_second_step_is_removed_after_a_check_and_browsers_are_forgotten_with_it() {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    ada.second_step(&page, &[("code", &code(&app)), ("remember", "yes")]).await.assert_status(303);
    let path = "/account/security/authenticator/remove";
    let csrf = ada.get(path).await.field("csrf");
    app.clock.advance(600);
    assert!(ada.get(path).await.body.contains("Confirm it"));
    assert!(ada.post(path, &[("csrf", &csrf)]).await.body.contains("Confirm it"));
    ada.post(path, &[("csrf", "x"), ("confirm_password", PASSWORD)]).await.assert_status(403);
    let done = ada.post(path, &[("csrf", &csrf), ("confirm_password", PASSWORD)]).await;
    assert_told(&app, "Two-step sign-in is off").await;
    let security = ada.open(done.header("location")).await;
    assert!(security.body.contains("The second step is off.") && security.body.contains("Set up a second step"));
    app.browser().first_step("ada").await;
    set_up(&app, "ada").await;
    ada.jar.remove("sid");
    assert!(ada.first_step("ada").await.body.contains("one-time-code"), "nothing is remembered");
}

#[tokio::test]
async fn new_recovery_codes_replace_the_old_ones_and_can_be_had_as_a_file() {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    ada.second_step(&page, &[("code", &code(&app))]).await.assert_status(303);
    let csrf = ada.get("/account/security/recovery-codes").await.field("csrf");
    let shown = ada.post("/account/security/recovery-codes", &[("csrf", &csrf)]).await;
    let codes = codes_of(shown.assert_status(200));
    assert_eq!(codes.len(), 10);
    let mut fields = vec![("csrf", csrf.as_str()), ("code", "<script>alert(1)"), ("code", "https://evil.example")];
    fields.extend(codes.iter().map(|code| ("code", code.as_str())));
    let file = ada.post("/account/security/recovery-codes/file", &fields).await;
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert!(file.header("content-type").starts_with("text/plain"));
    assert_eq!(file.body, format!("Demo Music\n\n{}\n", codes.join("\n")), "codes and nothing else");
    let mut lost = app.browser();
    let page = lost.first_step("ada").await;
    lost.second_step(&page, &[("recovery_code", crate::second_steps::RECOVERY[0])]).await.assert_status(422);
    lost.second_step(&page, &[("recovery_code", &codes[0])]).await.assert_status(303);
}
