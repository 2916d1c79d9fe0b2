//! Asking for the badge "Reviewed" (screen D12).

use keysig_core::app::{App, ClientType};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::actions::Actor;
use keysig_server::actions::review::{self, Verdict};
use keysig_store::{apps, reviews};

use super::profile::send_logo;
use crate::actors::{Answer, Browser, TestApp, Tokens, app, app_id, unescape, user, user_id};
use crate::pictures;

const PATH: &str = "/dashboard/apps/graces/review";

/// Grace and her app.
pub async fn graces() -> (TestApp, Browser) {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let graces = app("graces", ClientType::Confidential, Profile::Spotify);
    server.add(&App { owner: Some(user_id("grace")), ..graces }).await;
    let grace = server.signed_in("grace").await;
    (server, grace)
}

pub async fn kept(server: &TestApp) -> App {
    apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap()
}

pub async fn ask(grace: &mut Browser, words: &str) -> Answer {
    let csrf = grace.get("/dashboard/apps/graces/profile").await.field("csrf");
    grace.post(PATH, &[("csrf", &csrf), ("words", words)]).await
}

pub async fn answer(server: &TestApp, verdict: Verdict, words: &str) {
    let seen = review::seen(&kept(server).await);
    let actor = Actor::command_line();
    review::decide(&server.server, &actor, "graces", (verdict, &seen), words).await.unwrap();
}

#[tokio::test]
async fn a_review_goes_back_and_forth_until_it_is_over() {
    let (server, mut grace) = graces().await;
    let says = async |grace: &mut Browser, words: &str| {
        let page = unescape(&grace.get(PATH).await.body);
        assert!(page.contains(words), "{words}: {page}");
    };
    says(&mut grace, "Not asked for").await;
    assert_eq!(ask(&mut grace, "").await.header("location"), format!("{PATH}?done=sent"));
    says(&mut grace, "Waiting").await;
    server.clock.advance(1);
    answer(&server, Verdict::Ask, "Who are you?\nAnd why?").await;
    says(&mut grace, "They asked you").await;
    says(&mut grace, "Who are you?\nAnd why?").await;
    ask(&mut grace, " ").await.assert_status(422);
    server.clock.advance(1);
    ask(&mut grace, "Grace. Because <b>.").await.assert_status(303);
    says(&mut grace, "Grace. Because <b>.").await;
    answer(&server, Verdict::Refuse, "Not yet.").await;
    says(&mut grace, "It was not found good").await;
    server.clock.advance(1);
    ask(&mut grace, "And now?").await.assert_status(303);
    answer(&server, Verdict::Approve, "").await;
    says(&mut grace, "People read \"Reviewed\" beside your app's name.").await;
    ask(&mut grace, "Thanks").await.assert_status(422);
    assert!(kept(&server).await.is_reviewed());
}

#[tokio::test]
async fn people_read_reviewed_until_the_app_is_another() {
    let (server, mut grace) = graces().await;
    let request = server.client("graces").request().with_pkce().to_string();
    let badge = async || server.signed_in("ada").await.open(&request).await.body.contains(">Reviewed</span>");
    ask(&mut grace, "").await.assert_status(303);
    assert!(!badge().await);
    answer(&server, Verdict::Approve, "").await;
    assert!(badge().await);
    let profile = "/dashboard/apps/graces/profile";
    send_logo(&mut grace, profile, &pictures::png(9, 9), "a.png", "image/png").await.assert_status(303);
    assert!(!badge().await, "with another face it is another app");
    assert!(grace.get(PATH).await.body.contains("Changed since"));
    ask(&mut grace, "").await.assert_status(303);
    answer(&server, Verdict::Approve, "").await;
    assert!(badge().await);
}

#[tokio::test]
async fn the_list_says_what_is_open() {
    let (server, mut grace) = graces().await;
    let page = grace.get(PATH).await;
    let body = unescape(&page.body);
    for open in ["Say what you need", "http://127.0.0.1/callback", "myapp.example://cb", "user-read-email"] {
        assert!(open == "Say what you need" || body.contains(open), "{open}: {body}");
    }
    let met = page.body.matches("class=\"passed\"").count();
    assert_eq!(met, 1, "the home page");
    assert!(
        body.contains("https://peek.example/.well-known/keysig-app.txt")
            && body.contains("<pre tabindex=\"0\">graces</pre>")
    );
    let request = server.client("graces").request().without("code_challenge").without("code_challenge_method");
    let code = server.signed_in("ada").await.code(&request).await;
    let tokens = Tokens::of(&server.client("graces").exchange(&code).await);
    let uses = async || {
        let app = kept(&server).await;
        keysig_server::checklist::unused(&server.server, &app).await.unwrap()
    };
    let email = server.server.scopes().find("user-read-email").unwrap();
    assert!(uses().await.has(email));
    server.api("/v1/me", &tokens.access).await.assert_status(200);
    keysig_server::receipts::flush(&server.server).await;
    assert!(!uses().await.has(email), "what was used is not named");
    server.clock.advance(31 * 86_400);
    assert!(uses().await.has(email), "what was used long ago is");
}

#[tokio::test]
async fn nobody_writes_on_and_on_before_somebody_has_answered() {
    let (server, mut grace) = graces().await;
    for n in 0..10 {
        server.clock.advance(1);
        ask(&mut grace, &format!("message {n}")).await.assert_status(303);
    }
    let refused = ask(&mut grace, "one more").await;
    assert!(refused.assert_status(422).body.contains("one more"), "what was typed is kept");
    server.clock.advance(1);
    answer(&server, Verdict::Ask, "Slowly.").await;
    server.clock.advance(1);
    ask(&mut grace, "one more").await.assert_status(303);
}

#[tokio::test]
async fn a_message_is_plain_text_of_a_length() {
    let (server, mut grace) = graces().await;
    for bad in ["x".repeat(2001), "a\u{202e}b".to_owned(), "a\u{200b}b".to_owned()] {
        ask(&mut grace, &bad).await.assert_status(422);
    }
    assert_eq!(reviews::of_app(&server.server.store, app_id("graces")).await.unwrap(), None, "nothing was asked for");
    let mut other = server.signed_in("ada").await;
    let csrf = other.get("/account").await.field("csrf");
    let foreign = other.post(PATH, &[("csrf", &csrf), ("words", "mine")]).await;
    assert_ne!(foreign.header("location"), format!("{PATH}?done=sent"));
}
