//! Devices (RFC 8628).

use super::*;

#[tokio::test]
async fn a_device_that_ran_out_while_the_page_was_open_is_not_said_to_be_connected() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let waiting = device(&client, "openid").await;
    let mut ada = app.signed_in("ada").await;
    let page = pair(&mut ada, &waiting.text("user_code")).await;
    app.clock.advance(601);
    let answer = ada.decide(&page, "allow").await;
    assert!(!answer.body.contains("is connected"), "{}", answer.body);
    poll(&client, &waiting.text("device_code")).await.assert_refused(
        400,
        "expired_token",
        "Nobody decided in time: start again",
    );
    assert!(!ada.open("/account/apps").await.body.contains("Peek standard"), "nor is anything agreed to");
}

#[tokio::test]
async fn a_device_is_asked_about_every_time_and_shows_its_code() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let mut ada = app.signed_in("ada").await;
    for _ in 0..2 {
        let waiting = device(&client, "openid").await;
        let page = pair(&mut ada, &waiting.text("user_code")).await;
        assert!(asks(&page) && page.body.contains(&waiting.text("user_code")), "{}", page.body);
        ada.decide(&page, "allow").await.assert_status(200);
        let tokens = poll(&client, &waiting.text("device_code")).await;
        tokens.assert_status(200);
        assert_eq!(claims(&tokens.text("id_token"))["sub"], "ada");
    }
}

#[tokio::test]
async fn of_twenty_five_polls_at_once_one_gets_tokens() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let waiting = device(&client, "openid").await;
    let mut ada = app.signed_in("ada").await;
    let page = pair(&mut ada, &waiting.text("user_code")).await;
    ada.decide(&page, "allow").await.assert_status(200);
    let device_code = waiting.text("device_code");
    app.client("legacy").post("/api/token", &[]).await;
    let other = poll(&app.client("legacy"), &device_code).await;
    other.assert_refused(400, "invalid_grant", "Invalid device code");
    let mut polls = tokio::task::JoinSet::new();
    for _ in 0..25 {
        let (client, device_code) = (client.clone(), device_code.clone());
        polls.spawn(async move { poll(&client, &device_code).await.status.as_u16() });
    }
    let statuses = polls.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn what_was_taken_back_after_a_device_was_let_in_is_taken_back() {
    for taken_back in [
        "UPDATE users SET epoch = epoch + 1 WHERE id = $1",
        "UPDATE users SET disabled_at = 1 WHERE id = $1",
        "UPDATE grants SET removed_at = 1, login_epoch = login_epoch + 1 WHERE user_id = $1",
        "UPDATE apps SET epoch = epoch + 1 WHERE client_id = 'standard' AND $1 IS NOT NULL",
    ] {
        let app = TestApp::new().await;
        let client = app.client("standard");
        let waiting = device(&client, "openid").await;
        let mut ada = app.signed_in("ada").await;
        let page = pair(&mut ada, &waiting.text("user_code")).await;
        ada.decide(&page, "allow").await.assert_status(200);
        run(&app, Statement::new(taken_back, params![user_id("ada")])).await;
        let answer = poll(&client, &waiting.text("device_code")).await;
        answer.assert_refused(400, "invalid_grant", "Invalid device code");
    }
}

#[tokio::test]
async fn forty_guesses_at_user_codes_are_slowed_and_a_right_one_forgives_none() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let mut browser = app.signed_in("bob").await;
    let own = device(&client, "openid").await.text("user_code");
    let (mut wrong, mut slowed) = (0, 0);
    for guess in 0..40 {
        if guess % 5 == 4 {
            pair(&mut browser, &own).await;
        }
        match pair(&mut browser, "BBBB-BBBB").await.status.as_u16() {
            422 => wrong += 1,
            429 => slowed += 1,
            other => panic!("{other}"),
        }
    }
    assert!(wrong <= 11 && slowed >= 29, "{wrong} looked up, {slowed} not");
}

#[tokio::test]
async fn a_spotify_app_s_device_asks_for_no_scope_of_openid_connect() {
    let app = TestApp::new().await;
    let answer = app.client("web").post("/oauth2/device/authorize", &[("scope", "openid")]).await;
    answer.assert_refused(400, "invalid_scope", "A scope is unknown or not open to this app");
    device(&app.client("web"), "user-read-email").await;
}
