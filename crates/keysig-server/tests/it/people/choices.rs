//! Permissions that an app works without (ux B5), what it says of them, and pages that no longer tell the truth.

use keysig_core::app::{ConsentSettings, KeepsData};
use keysig_core::scope::Risk;
use keysig_server::mail;
use keysig_store::account_events;

use crate::actors::{TestApp, parameters, user_id};

const ASKED: &str = "user-read-private user-top-read streaming";

#[tokio::test]
async fn an_optional_permission_is_an_unticked_box_and_the_token_tells_the_choice() {
    let app = TestApp::new().await;
    let client = app.with_choices("user-top-read streaming").await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&client.asks(ASKED).to_string()).await;
    assert!(
        page.body.contains("Optional – your choice. <bdi>Peek choices</bdi> works without these."),
        "{}",
        page.body
    );
    assert_eq!(page.body.matches("type=\"checkbox\" name=\"scope\"").count(), 2);
    assert!(!page.body.contains("type=\"checkbox\" name=\"scope\" checked"));
    assert!(!page.body.contains("value=\"user-read-private\""), "what is required has no control");
    let callback = ada.allow_with(&page, &[("scope", "user-top-read")]).await.destination();
    assert_eq!(client.scope_of(&callback).await, "user-read-private user-top-read");
    let told = account_events::latest(&app.server.store, user_id("ada"), 9).await.unwrap();
    assert!(told.iter().any(|happened| happened.event.name() == "app-allowed" && happened.about == "Peek choices"));
}

#[tokio::test]
async fn what_was_declined_is_asked_for_again_only_when_the_app_insists() {
    let app = TestApp::new().await;
    let client = app.with_choices("user-top-read streaming").await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&client.asks(ASKED).to_string()).await;
    ada.allow_with(&page, &[]).await.destination();
    let again = ada.get(&client.asks(ASKED).to_string()).await;
    assert_eq!(client.scope_of(&again.assert_status(302).destination()).await, "user-read-private");
    let insists = ada.open(&client.asks(ASKED).with("show_dialog", "true").to_string()).await;
    assert!(insists.body.contains("asks for 2 more permissions"), "{}", insists.body);
    let callback = ada.allow_with(&insists, &[("scope", "streaming"), ("scope", "user-top-read")]).await.destination();
    assert_eq!(client.scope_of(&callback).await, "streaming user-read-private user-top-read");
}

#[tokio::test]
async fn a_form_gains_nothing_that_was_not_on_the_page() {
    let app = TestApp::new().await;
    let client = app.with_choices("user-top-read streaming").await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&client.asks("user-read-private user-top-read").to_string()).await;
    let more =
        ["streaming", "playlist-modify-private", "user-read-email", "nonsense", ""].map(|scope| ("scope", scope));
    let callback = ada.allow_with(&page, &more).await.destination();
    assert_eq!(client.scope_of(&callback).await, "user-read-private");
    let page = ada.open(&client.asks("user-read-private streaming").to_string()).await;
    assert!(page.body.contains("asks for 1 more permission"), "and it was not allowed by the way: {}", page.body);
    for odd in [[("until", "7"), ("scope", "streaming")], [("until", "30"), ("until", "1")], [("decision", "deny"); 2]]
    {
        let answer = ada.allow_with(&page, &odd).await;
        assert!(!answer.assert_status(400).body.contains("code="));
    }
}

#[tokio::test]
async fn nobody_agrees_to_what_the_page_did_not_say() {
    let app = TestApp::new().await;
    let client = app.with_choices("user-top-read").await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&client.asks(ASKED).to_string()).await;
    let app = app.with_scopes(|entry| {
        if entry.name == "user-read-private" {
            entry.risk = Risk::Change;
        }
    });
    let app = app.await;
    let client = app.client("choices");
    let mut ada = ada.before(&app);
    let again = ada.allow_with(&page, &[]).await;
    assert!(again.assert_status(409).body.contains("has changed since you opened this page"), "{}", again.body);
    let callback = ada.allow_with(&again, &[]).await.destination();
    assert_eq!(client.scope_of(&callback).await, "streaming user-read-private", "and nothing is lost");
}

#[tokio::test]
async fn a_permission_that_became_riskier_asks_again_and_one_that_became_harmless_does_not() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    ada.allow(&app.client("web").request()).await;
    let app = app.with_scopes(|entry| entry.risk = Risk::Little).await;
    let mut ada = ada.before(&app);
    ada.get(&app.client("web").request().to_string()).await.assert_status(302);
    let app = app.with_scopes(|entry| entry.risk = Risk::Change).await;
    let mut ada = ada.before(&app);
    let page = ada.open(&app.client("web").request().to_string()).await;
    assert!(page.body.contains("Let <bdi>Peek web</bdi> use your account?"), "{}", page.body);
    ada.decide(&page, "allow").await.destination();
    ada.get(&app.client("web").request().to_string()).await.assert_status(302);
}

#[tokio::test]
async fn the_page_says_what_the_app_says_and_no_more_of_it_than_text() {
    let app = TestApp::new().await;
    let scope = app.server.scopes().find("user-top-read").unwrap();
    let client = app.with_settings(ConsentSettings {
        reasons: [(scope, "to <b>rank</b> songs".to_owned())].into(),
        keeps_data: Some(KeepsData::Days(30)),
        privacy_url: Some("https://peek.example/privacy".to_owned()),
        ..ConsentSettings::default()
    });
    let client = client.await;
    let page = app.signed_in("ada").await.open(&client.asks(ASKED).to_string()).await;
    for said in [
        "App says: <q><bdi>to &#60;b&#62;rank&#60;/b&#62; songs</bdi></q>",
        "says it keeps your data for 30 days.",
        "href=\"https://peek.example/privacy\"",
    ] {
        assert!(page.body.contains(said), "{said} is not in {}", page.body);
    }
}

#[tokio::test]
async fn five_tabs_opened_at_once_all_finish() {
    let app = TestApp::new().await;
    let client = app.with_choices("user-top-read").await;
    let mut browser = app.browser();
    let mut tabs = Vec::new();
    for _ in 0..5 {
        tabs.push(browser.open(&client.asks(ASKED).to_string()).await);
    }
    let mut pages = Vec::new();
    for sign_in in &tabs {
        // All but the first are posted by somebody who is signed in already.
        pages.push(browser.fill_in(sign_in, "ada@example.test", "demo-password").await);
    }
    let mut finished = 0;
    for page in &pages {
        let callback = match page.body.contains("name=\"decision\"") {
            true => browser.allow_with(page, &[]).await.destination(),
            false => page.destination(),
        };
        assert!(parameters(&callback).contains_key("code"), "{callback}");
        finished += 1;
    }
    assert_eq!(finished, 5);
}

#[tokio::test]
async fn whoever_connects_an_app_is_written_to_if_it_sees_more_than_a_little() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let mut ada = app.signed_in("ada").await;
    ada.allow(&web.asks("user-read-private")).await;
    assert_eq!(mail::inbox(&app.server).await.unwrap().len(), 0, "a little");
    ada.allow(&web.asks("user-read-private user-top-read")).await;
    ada.allow(&web.asks("user-read-private user-top-read")).await;
    let inbox = mail::inbox(&app.server).await.unwrap();
    assert_eq!(inbox.len(), 1, "once");
    assert_eq!(inbox[0].to, "ada@example.test");
    assert_eq!(inbox[0].post.subject, "Peek web was connected to your Demo Music account");
    for said in ["- Your most played", "/account/apps", "12:00 UTC"] {
        assert!(inbox[0].post.text.contains(said), "{said} is not in {}", inbox[0].post.text);
    }
    assert!(!inbox[0].post.text.contains("Your country"), "only what is new: {}", inbox[0].post.text);
}
