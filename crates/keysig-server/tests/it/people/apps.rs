//! Connected apps: pausing, turning a permission off, what was used, and reporting.

use keysig_core::account_event::AccountEvent;
use keysig_core::app::{App, ClientType, ConsentSettings};
use keysig_core::profile::Profile;
use keysig_store::{account_events, grants, reports};

use crate::actors::{Answer, Browser, TestApp, Tokens, app as app_of, app_id, parameters, user_id};

/// The id of the grant between Ada and an app.
async fn grant_id(app: &TestApp, client_id: &str) -> String {
    let grant = grants::in_force(&app.server.store, user_id("ada"), app_id(client_id)).await.unwrap().unwrap();
    grant.id.to_string()
}

/// Posts to a page of an app, with the ticket of the list, and follows to where it leads.
async fn act(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = browser.get("/account/apps").await.field("csrf");
    let answer = browser.post(path, &[&[("csrf", csrf.as_str())], fields].concat()).await;
    if answer.status.as_u16() == 303 { browser.open(&answer.destination()).await } else { answer }
}

async fn events(app: &TestApp) -> Vec<AccountEvent> {
    let latest = account_events::latest(&app.server.store, user_id("ada"), 20).await.unwrap();
    latest.iter().map(|happened| happened.event).collect()
}

#[tokio::test]
async fn a_paused_app_keeps_its_login_and_is_told_why_it_gets_nothing() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = web.log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    let grant = grant_id(&app, "web").await;
    app.clock.advance(1);
    let page = act(&mut ada, &format!("/account/apps/{grant}/pause"), &[]).await;
    assert!(page.body.contains("Paused. <bdi>Peek web</bdi> cannot use your account"), "{}", page.body);
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    let refreshed = Tokens::of(&web.refresh(&tokens.refresh).await);
    let refused = app.api("/v1/me", &refreshed.access).await;
    assert!(refused.assert_status(403).body.contains("The user paused this app"), "{}", refused.body);
    app.clock.advance(1);
    let page = act(&mut ada, &format!("/account/apps/{grant}/resume"), &[]).await;
    assert!(page.body.contains("Resumed. <bdi>Peek web</bdi> can use your account again"), "{}", page.body);
    let after = app.api("/v1/me", &refreshed.access).await;
    assert_ne!(after.status.as_u16(), 200, "what was made for a paused app stays worthless");
    let again = Tokens::of(&web.refresh(&tokens.refresh).await);
    app.api("/v1/me", &again.access).await.assert_status(200);
    assert_eq!(events(&app).await[..2], [AccountEvent::AppResumed, AccountEvent::AppPaused]);
}

#[tokio::test]
async fn nobody_pauses_resumes_or_reports_another_s_app() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let grant = grant_id(&app, "web").await;
    let mut bob = app.signed_in("bob").await;
    let csrf = bob.get("/account").await.field("csrf");
    for action in ["pause", "resume", "turn-off", "report"] {
        let path = format!("/account/apps/{grant}/{action}");
        let answer = bob.post(&path, &[("csrf", &csrf), ("scope", "0"), ("category", "data")]).await;
        answer.assert_status(404);
        // Without the ticket of a page of ours nothing is looked at.
        let forged = bob.post(&path, &[("scope", "0"), ("category", "data")]).await;
        assert!([400, 403].contains(&forged.status.as_u16()), "{action}: {}", forged.status);
    }
    bob.get(&format!("/account/apps/{grant}")).await.assert_status(404);
    app.api("/v1/me", &tokens.access).await.assert_status(200);
}

#[tokio::test]
async fn an_optional_permission_is_turned_off_and_the_login_lives_with_less() {
    let app = TestApp::new().await;
    let optional = app.server.scopes().parse("user-read-email").unwrap();
    let consent = ConsentSettings { optional, ..ConsentSettings::default() };
    app.add(&App { consent, ..app_of("choice-public", ClientType::Public, Profile::Spotify) }).await;
    let client = app.client("choice-public");
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&client.request().to_string()).await;
    let callback = ada.allow_with(&page, &[("scope", "user-read-email")]).await.destination();
    let tokens = Tokens::of(&client.exchange(&parameters(&callback)["code"]).await);
    let waiting = ada.code(&client.request()).await;
    let email = |answer: &Answer| answer.body.contains("\"email\"");
    assert!(email(app.api("/v1/me", &tokens.access).await.assert_status(200)));
    let grant = grant_id(&app, "choice-public").await;
    let list = ada.get("/account/apps").await.body;
    let number = app.server.scopes().find("user-read-email").unwrap().number().to_string();
    assert_eq!(list.matches("<button name=\"scope\"").count(), 1, "only what is optional: {list}");
    let page = act(&mut ada, &format!("/account/apps/{grant}/turn-off"), &[("scope", &number)]).await;
    assert!(page.body.contains("Turned off. <bdi>Peek choice-public</bdi> can do less now."), "{}", page.body);
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    let refreshed = client.refresh(&tokens.refresh).await;
    assert_eq!(refreshed.assert_status(200).text("scope"), "user-read-private");
    assert!(!email(app.api("/v1/me", &refreshed.text("access_token")).await.assert_status(200)));
    let late = client.exchange(&waiting).await;
    assert_eq!(late.assert_status(200).text("scope"), "user-read-private", "a code on its way gives less, too");
    assert!(events(&app).await.contains(&AccountEvent::AppReduced));
}

#[tokio::test]
async fn a_permission_that_the_app_needs_cannot_be_turned_off() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    let path = format!("/account/apps/{}/turn-off", grant_id(&app, "web").await);
    let email = app.server.scopes().find("user-read-email").unwrap().number().to_string();
    for scope in [email.as_str(), "200", "x", ""] {
        act(&mut ada, &path, &[("scope", scope)]).await.assert_status(404);
    }
    assert!(app.api("/v1/me", &tokens.access).await.assert_status(200).body.contains("\"email\""));
}

#[tokio::test]
async fn apps_that_are_not_used_are_offered_for_review() {
    let app = TestApp::new().await;
    app.client("web").log_in("ada").await;
    app.clock.advance(90 * 86_400);
    app.client("other").log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    let all = ada.get("/account/apps").await.body;
    assert!(all.contains("1 app was not used for 90 days") && all.contains("Peek other"), "{all}");
    let review = ada.get("/account/apps?filter=unused").await.body;
    assert!(review.contains("Peek web") && !review.contains("Peek other"), "{review}");
}

#[tokio::test]
async fn an_address_says_what_was_done_only_in_our_words() {
    let app = TestApp::new().await;
    app.client("web").log_in("ada").await;
    let grant = grant_id(&app, "web").await;
    let mut ada = app.signed_in("ada").await;
    for query in ["done=", "done=evil", "done=paused", "done=paused&app=x", "done=removed&app=%3Cb%3E", "done=%zz"] {
        let page = ada.get(&format!("/account/apps?{query}")).await;
        assert!(!page.assert_status(200).body.contains("role=\"status\""), "{query}");
    }
    assert!(ada.get(&format!("/account/apps?done=paused&app={grant}")).await.body.contains("role=\"status\""));
    let bobs = app.signed_in("bob").await.get(&format!("/account/apps?done=paused&app={grant}")).await;
    assert!(!bobs.body.contains("Peek web"), "what others use is not told");
}

#[tokio::test]
async fn a_report_is_kept_with_its_words_and_nobody_floods() {
    let app = TestApp::new().await;
    app.client("web").log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    let path = format!("/account/apps/{}/report", grant_id(&app, "web").await);
    let missing = act(&mut ada, &path, &[("words", "It sings <b>loudly</b>")]).await;
    assert!(missing.assert_status(422).body.contains("It sings &#60;b&#62;loudly"), "nothing typed is lost");
    let long = "x".repeat(2001);
    act(&mut ada, &path, &[("category", "data"), ("words", &long)]).await.assert_status(422);
    let sent = act(&mut ada, &path, &[("category", "data"), ("words", "It sings")]).await;
    assert!(sent.assert_status(200).body.contains("Thank you for your report"));
    let kept = reports::of_app(&app.server.store, app_id("web"), 10).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].category.as_str(), kept[0].words.as_str()), ("data", "It sings"));
    let mut last = sent;
    for _ in 0..12 {
        last = act(&mut ada, &path, &[("category", "data")]).await;
    }
    assert_eq!(last.assert_status(429).header("retry-after"), "60");
}

#[tokio::test]
async fn who_last_confirmed_long_ago_does_so_before_all_apps_go() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    let csrf = ada.get("/account/apps/remove-all").await.field("csrf");
    app.clock.advance(700);
    let asked = ada.post("/account/apps/remove-all", &[("csrf", &csrf)]).await;
    assert!(asked.body.contains("confirm_password"), "{}", asked.body);
    app.api("/v1/me", &tokens.access).await.assert_status(200);
}
