//! Signing in anew, and whom a hint names.

use super::*;

/// Asks without the session's cookie, then comes back with it: a thief of the cookie, or somebody at an open browser.
async fn hidden_until_asked(parameter: &str, value: &str) -> (Browser, Answer) {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    ada.code(&openid("standard", "openid")).await;
    app.clock.advance(100);
    let sid = ada.jar.remove("sid").unwrap();
    let page = ada.open(&openid("standard", "openid").with(parameter, value).to_string()).await;
    assert!(asks_to_sign_in(&page));
    ada.jar.insert("sid".to_owned(), sid);
    let tx = page.field("tx");
    let answer = ada.open(&format!("/consent?tx={tx}")).await;
    (ada, answer)
}

#[tokio::test]
async fn a_session_that_hides_while_prompt_login_is_asked_for_does_not_pass_for_a_new_sign_in() {
    let (mut ada, answer) = hidden_until_asked("prompt", "login").await;
    assert!(asks_to_sign_in(&answer), "{}", answer.body);
    let answer = ada.fill_in(&answer, "ada@example.test", crate::actors::PASSWORD).await;
    assert!(answer.destination().contains("code="), "a new sign-in will do");
}

#[tokio::test]
async fn a_session_that_hides_while_max_age_is_asked_for_does_not_pass_for_a_recent_one() {
    for age in ["0", "99"] {
        let (_, answer) = hidden_until_asked("max_age", age).await;
        assert!(asks_to_sign_in(&answer), "{age}: {}", answer.body);
    }
    let (_, answer) = hidden_until_asked("max_age", "101").await;
    assert!(answer.destination().contains("code="), "recent enough when it was asked for");
}

#[tokio::test]
async fn signing_in_again_makes_the_cookie_of_before_worthless() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let stolen = ada.clone();
    let page = ada.open(&openid("standard", "openid").with("prompt", "login").to_string()).await;
    ada.fill_in(&page, "ada@example.test", crate::actors::PASSWORD).await;
    let mut thief = stolen;
    assert!(asks_to_sign_in(&thief.open("/account").await));
    assert!(!asks_to_sign_in(&ada.open("/account").await));
}

#[tokio::test]
async fn a_form_of_another_request_does_not_stand_in_for_a_new_sign_in() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let mut other_tab = ada.clone();
    let asked = other_tab.open(&openid("standard", "openid").to_string()).await;
    app.clock.advance(1);
    let sign_in = ada.open(&openid("standard", "openid").with("prompt", "login").to_string()).await;
    let fields = [("tx", sign_in.field("tx")), ("csrf", asked.field("csrf")), ("decision", "allow".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let answer = ada.post("/consent", &fields).await;
    assert!(answer.header("location").starts_with("/login?tx="), "{}", answer.body);
}

#[tokio::test]
async fn a_hint_names_who_must_sign_in_and_is_the_app_s_own() {
    let app = TestApp::new().await;
    app.add(&pairwise("paired", "a.example")).await;
    for client_id in ["standard", "paired"] {
        let client = app.client(client_id);
        let mut ada = app.signed_in("ada").await;
        let code = ada.code(&openid(client_id, "openid")).await;
        let hint = redeem(&client, &code).await.text("id_token");
        app.clock.advance(86_400);
        let silent = |client_id: &str| {
            openid(client_id, "openid").with("id_token_hint", &hint).with("prompt", "none").to_string()
        };
        let answer = ada.open(&silent(client_id)).await;
        assert!(answer.destination().contains("code="), "expired, and still ada: {}", answer.destination());
        let mut bob = app.signed_in("bob").await;
        assert_eq!(parameters(&bob.open(&silent(client_id)).await.destination())["error"], "login_required");
        let page = bob.open(&openid(client_id, "openid").with("id_token_hint", &hint).to_string()).await;
        assert!(asks_to_sign_in(&page), "bob is not whom the app means");
        let foreign = parameters(&ada.open(&silent("legacy")).await.destination());
        assert_eq!(foreign["error"], "invalid_request");
    }
}
