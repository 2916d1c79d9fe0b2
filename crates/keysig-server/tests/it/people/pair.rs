//! Letting a device in (RFC 8628 §3.3).

use crate::actors::{Answer, Browser, TestApp};

const GONE: &str = "This code has run out or was used before";

/// A device begins to wait, and shows this code.
async fn user_code(app: &TestApp) -> String {
    let answer = app.client("standard").post("/oauth2/device/authorize", &[("scope", "user-read-email")]).await;
    answer.assert_status(200).text("user_code")
}

/// A person enters the code; the page that asks them.
async fn question(browser: &mut Browser, code: &str) -> Answer {
    let page = browser.get("/pair").await;
    let csrf = page.assert_status(200).field("csrf");
    let answer = browser.post("/pair", &[("csrf", &csrf), ("code", code)]).await;
    let tx = answer.assert_status(303).destination();
    browser.open(&tx).await
}

async fn assert_gone_and_nothing_agreed(browser: &mut Browser, page: &Answer) {
    let tx = page.field("tx");
    for answer in [browser.open(&format!("/consent?tx={tx}")).await, browser.decide(page, "allow").await] {
        assert!(answer.assert_status(400).body.contains(GONE), "{}", answer.body);
    }
    let apps = browser.get("/account/apps").await;
    assert!(apps.assert_status(200).body.contains("No apps yet."), "{}", apps.body);
}

#[tokio::test]
async fn a_device_that_ran_out_is_not_asked_about_and_nothing_is_agreed_to() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = question(&mut ada, &user_code(&app).await).await;
    app.clock.advance(601);
    assert_gone_and_nothing_agreed(&mut ada, &page).await;
}

#[tokio::test]
async fn a_device_that_was_decided_upon_is_not_asked_about_and_nothing_is_agreed_to() {
    let app = TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_in("ada").await, app.signed_in("bob").await);
    let code = user_code(&app).await;
    let (hers, his) = (question(&mut ada, &code).await, question(&mut bob, &code).await);
    assert!(bob.decide(&his, "allow").await.assert_status(200).body.contains("Your device is connected"));
    assert_gone_and_nothing_agreed(&mut ada, &hers).await;
    let again = bob.decide(&his, "allow").await;
    assert!(again.assert_status(200).body.contains("Your device is connected"), "a double click means the same");
}

#[tokio::test]
async fn whoever_signs_in_too_late_is_told_so() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    let page = question(&mut ada, &user_code(&app).await).await;
    app.clock.advance(601);
    let after = ada.fill_in(&page, "ada", crate::actors::PASSWORD).await;
    assert!(after.assert_status(400).body.contains(GONE), "{}", after.body);
}

#[tokio::test]
async fn a_change_of_colours_leads_back_to_the_code() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    let code = user_code(&app).await;
    for path in ["/pair".to_owned(), format!("/pair?code={code}")] {
        let back = ada.get(&path).await.field("back");
        let answer = ada.post("/theme", &[("theme", "dark"), ("back", &back)]).await;
        assert_eq!(answer.assert_status(303).destination(), path);
    }
}

#[tokio::test]
async fn without_cookies_the_page_says_so_and_keeps_the_code() {
    let app = TestApp::new().await;
    let code = user_code(&app).await;
    let mut ada = app.browser();
    let csrf = ada.get("/pair").await.field("csrf");
    ada.jar.clear();
    let answer = ada.post("/pair", &[("csrf", &csrf), ("code", &code)]).await;
    assert!(answer.assert_status(400).body.contains("Your browser is blocking cookies"), "{}", answer.body);
    assert_eq!(answer.field("code"), code);
}
