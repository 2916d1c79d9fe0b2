//! "Confirm it's you".

use crate::actors::{PASSWORD, TestApp, user_id};
use crate::second_steps::{code, set_up};
use keysig_core::account_event::AccountEvent;
use keysig_store::account_events;

const TEN_MINUTES: i64 = 600;

#[tokio::test]
async fn whoever_was_checked_lately_goes_on_and_others_are_asked() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let csrf = ada.get("/account").await.field("csrf");
    let fields = [("csrf", csrf.as_str()), ("next", "/account/apps")];
    app.clock.advance(TEN_MINUTES - 1);
    assert_eq!(ada.post("/account/confirm", &fields).await.header("location"), "/account/apps");
    app.clock.advance(1);
    let asked = ada.post("/account/confirm", &fields).await;
    asked.assert_status(200);
    assert!(asked.body.contains("Confirm it") && asked.field("next") == "/account/apps");
    let before = ada.clone();
    let answer = [("csrf", &*csrf), ("next", "/account/apps"), ("confirm_password", PASSWORD)];
    let answered = ada.post("/account/confirm", &answer).await;
    assert_eq!(answered.assert_status(303).header("location"), "/account/apps");
    assert_eq!(ada.post("/account/confirm", &fields).await.header("location"), "/account/apps", "for ten minutes");
    assert_ne!(ada.jar["sid"], before.jar["sid"]);
    // A cookie that was copied before is worth nothing now.
    before.clone().get("/account").await.assert_status(303);
}

#[tokio::test]
async fn a_wrong_or_empty_answer_confirms_nobody_and_counts_with_all_other_guesses() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let csrf = ada.get("/account").await.field("csrf");
    app.clock.advance(TEN_MINUTES);
    for wrong in ["wrong-password", "", "ada@example.test"] {
        let answer = ada.post("/account/confirm", &[("csrf", &csrf), ("confirm_password", wrong)]).await;
        answer.assert_status(422);
        assert!(answer.body.contains("The password is not right."));
        assert!(wrong.is_empty() || !answer.body.contains("wrong-password"), "a password is never given back");
    }
    let mut thief = app.browser();
    let page = thief.open("/login").await;
    for _ in 0..3 {
        thief.fill_in(&page, "ada", "wrong-password").await.assert_status(422);
    }
    let throttled = ada.post("/account/confirm", &[("csrf", &csrf), ("confirm_password", PASSWORD)]).await;
    assert_eq!(throttled.assert_status(429).header("retry-after"), "30");
    thief.fill_in(&page, "ada", PASSWORD).await.assert_status(429);
}

#[tokio::test]
async fn a_confirmed_person_is_led_to_pages_of_their_account_only() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let csrf = ada.get("/account").await.field("csrf");
    for next in ["//evil.example", "https://evil.example", "/accounts", "/account//../x?y", "/account\\evil", "/logout"]
    {
        let answer = ada.post("/account/confirm", &[("csrf", &csrf), ("next", next)]).await;
        assert_eq!(answer.header("location"), "/account", "{next}");
    }
    ada.post("/account/confirm", &[("csrf", "x"), ("confirm_password", PASSWORD)]).await.assert_status(403);
}

#[tokio::test]
async fn a_sign_in_is_told_to_the_account() {
    let app = TestApp::new().await;
    app.signed_in("ada").await;
    let events = account_events::latest(&app.server.store, user_id("ada"), 10).await.unwrap();
    let [event] = &events[..] else { panic!("{events:?}") };
    assert_eq!((event.event, &*event.about, &*event.address), (AccountEvent::SignedIn, "password", "0.0.0.0"));
}

#[tokio::test]
async fn a_code_of_the_app_confirms_as_well_and_once() {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    let mut ada = app.browser();
    let page = ada.first_step("ada").await;
    ada.second_step(&page, &[("code", &code(&app))]).await.assert_status(303);
    let csrf = ada.get("/account").await.field("csrf");
    app.clock.advance(TEN_MINUTES);
    let asked = ada.post("/account/confirm", &[("csrf", &csrf), ("next", "/account/apps")]).await;
    assert!(asked.body.contains("name=\"confirm_code\""));
    let with = |code: String| [("csrf", csrf.clone()), ("next", "/account/apps".to_owned()), ("confirm_code", code)];
    let wrong = with("000000".to_owned());
    let wrong = ada.post("/account/confirm", &wrong.each_ref().map(|(name, value)| (*name, value.as_str()))).await;
    assert!(wrong.assert_status(422).body.contains("That code is not right.") && !wrong.body.contains("000000"));
    let right = with(code(&app));
    let right = right.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(ada.post("/account/confirm", &right).await.header("location"), "/account/apps");
    app.clock.advance(TEN_MINUTES);
    ada.post("/account/confirm", &right).await.assert_status(422);
}
