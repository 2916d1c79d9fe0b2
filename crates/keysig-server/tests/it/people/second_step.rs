//! The second step of a sign-in.

use crate::actors::{PASSWORD, TestApp, user_id};
use crate::second_steps::{RECOVERY, SEED, code, code_of, set_up};
use keysig_core::account_event::AccountEvent;
use keysig_store::{account_events, sessions, users};

async fn app() -> TestApp {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    app
}

#[tokio::test]
async fn a_password_alone_signs_nobody_in_who_has_a_second_step() {
    let app = app().await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    page.assert_status(200);
    assert!(page.body.contains("autocomplete=\"one-time-code\"") && !ada.jar.contains_key("sid"));
    ada.get("/account").await.assert_status(303);
    let wrong = ada.second_step(&page, &[("code", "000000")]).await;
    assert!(wrong.assert_status(422).body.contains("That code is not right."));
    let spaced = format!(" {} {} ", &code(&app)[..3], &code(&app)[3..]);
    let answer = ada.second_step(&wrong, &[("code", &spaced)]).await;
    assert_eq!(answer.assert_status(303).header("location"), "/account");
    ada.get("/account").await.assert_status(200);
    let events = account_events::latest(&app.server.store, user_id("ada"), 9).await.unwrap();
    let told = events.iter().find(|told| told.event == AccountEvent::SignedIn).unwrap();
    assert_eq!(told.about, "password one-time-code");
}

#[tokio::test]
async fn the_request_survives_the_second_step() {
    let app = app().await;
    let mut ada = app.browser();
    let login = ada.open(&app.client("web").request().to_string()).await;
    let page = ada.fill_in(&login, "ada", PASSWORD).await;
    assert!(page.body.contains("Peek web"));
    let answer = ada.second_step(&page, &[("code", &code(&app))]).await;
    let consent = ada.open(answer.header("location")).await;
    assert!(consent.body.contains("name=\"decision\""));
}

#[tokio::test]
async fn a_code_works_once_whoever_shows_it() {
    let app = app().await;
    let (mut ada, mut thief) = (app.browser(), app.browser());
    let (hers, theirs) = (ada.first_step("ada").await, thief.first_step("ada").await);
    let shown = code(&app);
    ada.second_step(&hers, &[("code", &shown)]).await.assert_status(303);
    thief.second_step(&theirs, &[("code", &shown)]).await.assert_status(422);
    thief.second_step(&theirs, &[("code", &code_of(&app, SEED, -30))]).await.assert_status(422);
    assert!(!thief.jar.contains_key("sid"));
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_in_any_spelling() {
    let app = app().await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    let page = ada.second_step(&page, &[("code", ""), ("way", "recovery")]).await;
    assert!(page.assert_status(200).body.contains("name=\"recovery_code\""));
    let wrong = ada.second_step(&page, &[("recovery_code", "abcd-efgh-xxxx")]).await;
    assert!(wrong.assert_status(422).body.contains("name=\"recovery_code\""));
    let spelled = RECOVERY[0].to_uppercase().replace('-', " ");
    ada.second_step(&wrong, &[("recovery_code", &spelled)]).await.assert_status(303);
    assert!(ada.get("/account/security").await.body.contains("1 recovery code left"));
    let mut again = app.browser();
    let page = again.first_step("ada").await;
    again.second_step(&page, &[("recovery_code", RECOVERY[0])]).await.assert_status(422);
    assert!(!again.jar.contains_key("sid"));
    let events = account_events::latest(&app.server.store, user_id("ada"), 9).await.unwrap();
    assert_eq!(events.iter().filter(|told| told.event == AccountEvent::RecoveryCodeUsed).count(), 1);
}

#[tokio::test]
async fn no_step_is_skipped_by_an_empty_form_by_another_order_or_by_another_s_flow() {
    let app = app().await;
    set_up(&app, "bob").await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    let (csrf, step) = (page.field("csrf"), page.field("step"));
    let right = code(&app);
    // Empty, in parts, and with nothing of the first step.
    ada.post("/login/second-step", &[]).await.assert_status(403);
    for fields in [
        vec![("csrf", &*csrf)],
        vec![("csrf", &csrf), ("code", &right)],
        vec![("csrf", &csrf), ("code", &right), ("step", "")],
        vec![("csrf", &csrf), ("code", &right), ("step", &step[1..])],
    ] {
        assert_eq!(ada.post("/login/second-step", &fields).await.assert_status(303).header("location"), "/login");
    }
    for fields in [vec![], vec![("code", "")], vec![("code", "   ")], vec![("recovery_code", "")]] {
        ada.second_step(&page, &fields).await.assert_status(422);
    }
    // In another browser the first step is worth nothing, whoever sends it.
    let mut thief = app.browser();
    let theirs = thief.first_step("bob").await;
    let fields = [("csrf", theirs.field("csrf")), ("step", step.clone()), ("code", right.clone())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(thief.post("/login/second-step", &fields).await.header("location"), "/login");
    assert!(!ada.jar.contains_key("sid") && !thief.jar.contains_key("sid"));
    // Ten minutes later it is too late; the request goes on from the beginning.
    app.clock.advance(600);
    let late = ada.second_step(&page, &[("code", &code(&app)), ("tx", "00112233445566778899aabbccddeeff")]).await;
    assert_eq!(late.header("location"), "/login?tx=00112233445566778899aabbccddeeff");
    let late = ada.second_step(&page, &[("code", &code(&app)), ("tx", "//evil.example")]).await;
    assert_eq!(late.header("location"), "/login");
}

#[tokio::test]
async fn what_ends_an_account_s_sessions_ends_a_sign_in_half_way() {
    let app = app().await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    users::revoke_all(&app.server.store, user_id("ada"), app.server.keep_until()).await.unwrap();
    assert_eq!(ada.second_step(&page, &[("code", &code(&app))]).await.header("location"), "/login");
    assert!(!ada.jar.contains_key("sid"));
}

#[tokio::test]
async fn a_remembered_browser_is_not_asked_for_thirty_days_and_is_no_second_factor() {
    let app = app().await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    ada.second_step(&page, &[("code", &code(&app)), ("remember", "yes")]).await.assert_status(303);
    ada.jar.remove("sid");
    app.clock.advance(29 * 86_400);
    ada.first_step("ada").await;
    assert!(ada.jar.contains_key("sid"));
    let all = sessions::of_user(&app.server.store, user_id("ada")).await.unwrap();
    assert!(all.iter().any(|session| session.amr.has(keysig_core::grant::Amr::REMEMBERED_BROWSER)));
    assert!(all.iter().filter(|session| !session.amr.is_two_factors()).count() == 1);
    // Others are asked, and so is this one when its time is over.
    let mut other = app.browser();
    assert!(other.first_step("ada").await.body.contains("one-time-code"));
    app.clock.advance(86_400);
    ada.jar.remove("sid");
    assert!(ada.first_step("ada").await.body.contains("one-time-code"));
}

#[tokio::test]
async fn a_right_password_buys_no_guesses_at_the_second_step() {
    let app = app().await;
    let mut thief = app.browser();
    let mut evaluated = 0;
    for _ in 0..20 {
        let page = thief.first_step("ada").await;
        if page.status.as_u16() == 429 {
            continue;
        }
        evaluated += u32::from(thief.second_step(&page, &[("code", "000000")]).await.status.as_u16() == 422);
    }
    assert!(evaluated <= 6, "{evaluated}");
    assert_eq!(thief.first_step("ada").await.status.as_u16(), 429);
    app.clock.advance(3600 * 2);
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    ada.second_step(&page, &[("code", &code(&app))]).await.assert_status(303);
}
