//! Permissions in the dashboard (screen D5): what an app may ask for, and the page on which it asks.

use keysig_core::app::{App, ClientType, Mode};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::receipts;
use keysig_store::{apps, audit};

use crate::actors::{Answer, AuthorizeUrl, Browser, TestApp, app, app_id, location, user, user_id};

const PATH: &str = "/dashboard/apps/graces/permissions";

async fn with_grace() -> (TestApp, Browser) {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let graces = app("graces", ClientType::Confidential, Profile::Spotify);
    server.add(&App { owner: Some(user_id("grace")), mode: Mode::Live, ..graces }).await;
    let grace = server.signed_in("grace").await;
    (server, grace)
}

async fn post(grace: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let csrf = grace.get(PATH).await.field("csrf");
    grace.post(PATH, &[&[("csrf", csrf.as_str())], fields].concat()).await
}

async fn save(grace: &mut Browser, fields: &[(&str, &str)]) {
    let answer = post(grace, &[fields, &[("do", "save")]].concat()).await;
    answer.assert_status(303);
    assert!(grace.get(&location(&answer).unwrap()).await.body.contains("Saved."));
}

#[tokio::test]
async fn an_app_asks_for_what_it_was_given_and_for_nothing_else() {
    let (server, mut grace) = with_grace().await;
    save(&mut grace, &[("use.user-read-email", "required"), ("use.playlist-read-private", "optional")]).await;
    let known = apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap();
    let scopes = server.server.scopes();
    assert_eq!(scopes.print(known.scopes.unwrap()), "playlist-read-private user-read-email");
    assert_eq!(scopes.print(known.consent.optional), "playlist-read-private");

    let mut ada = server.signed_in("ada").await;
    let asked = ada.open(&AuthorizeUrl::of("graces").with("scope", "user-library-read").to_string()).await;
    asked.assert_status(400);
    assert!(asked.body.contains("user-library-read"), "it is named");
    let asked =
        ada.open(&AuthorizeUrl::of("graces").with("scope", "user-read-email playlist-read-private").to_string()).await;
    asked.assert_status(200);
    assert!(asked.body.contains("name=\"scope\" value=\"playlist-read-private\""), "a box to tick");

    let audit = audit::of_app(&server.server.store, app_id("graces"), None, 10).await.unwrap();
    assert_eq!(audit[0].about, "playlist-read-private user-read-email");
}

#[tokio::test]
async fn an_old_app_may_go_on_asking_for_everything() {
    let (server, mut grace) = with_grace().await;
    save(&mut grace, &[("all", "yes"), ("use.user-read-email", "required")]).await;
    assert_eq!(apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap().scopes, None);
}

#[tokio::test]
async fn the_preview_is_the_consent_page_and_saves_nothing() {
    let (server, mut grace) = with_grace().await;
    let why = ("why.user-read-email", "to write to you <b>");
    let shown = post(&mut grace, &[("do", "preview"), ("use.user-read-email", "required"), why]).await;
    shown.assert_status(200);
    let preview = shown.body.split("id=\"preview\"").nth(1).unwrap();
    assert!(preview.contains("Your email address"), "{preview}");
    assert!(preview.contains("to write to you &#60;b&#62;"), "{preview}");
    let page = post(&mut grace, &[("do", "page"), ("use.user-read-email", "required"), why]).await;
    page.assert_status(200);
    assert!(page.body.contains("use your account?</h1>"), "{}", page.body);
    assert_eq!(apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap().scopes, None);
}

#[tokio::test]
async fn a_reason_that_nobody_should_read_is_refused_and_kept() {
    let (_, mut grace) = with_grace().await;
    for (why, words) in [("x".repeat(121), "120 characters"), ("turned \u{202e}around".to_owned(), "nobody can see")] {
        let fields = [("do", "save"), ("use.user-read-email", "optional"), ("why.user-read-email", why.as_str())];
        let refused = post(&mut grace, &fields).await;
        refused.assert_status(422);
        assert!(refused.body.contains(words), "{}", refused.body);
        assert!(
            refused.body.contains(&why) && refused.body.contains("value=\"optional\" checked"),
            "what was typed is kept"
        );
    }
}

#[tokio::test]
async fn sign_in_itself_is_no_choice() {
    let (server, mut grace) = with_grace().await;
    save(&mut grace, &[("use.openid", "optional")]).await;
    let known = apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap();
    assert!(known.scopes.unwrap().is_openid() && !known.consent.optional.is_openid());
}

#[tokio::test]
async fn what_nobody_used_for_thirty_days_is_named() {
    const IDLE: &str = "account was used by this in 30 days.";
    let (server, mut grace) = with_grace().await;
    save(&mut grace, &[("use.user-read-email", "required"), ("use.user-read-private", "required")]).await;
    assert!(!grace.get(PATH).await.body.contains(IDLE), "the app is new");
    server.clock.advance(40 * 86_400);
    let mut grace = server.signed_in("grace").await;
    assert!(!grace.get(PATH).await.body.contains(IDLE), "nobody has it connected");
    let mut ada = server.signed_in("ada").await;
    let asked = AuthorizeUrl::of("graces").with("scope", "user-read-email user-read-private");
    let asked = asked.without("code_challenge").without("code_challenge_method");
    let code = ada.code(&asked).await;
    let tokens = server.client("graces").exchange(&code).await;
    assert_eq!(grace.get(PATH).await.body.matches(IDLE).count(), 2);
    server.api("/v1/me", &tokens.text("access_token")).await.assert_status(200);
    receipts::flush(&server.server).await;
    let page = grace.get(PATH).await;
    assert!(page.body.matches(IDLE).count() < 2, "the profile was read");
}

#[tokio::test]
async fn every_scope_there_can_be_fits_into_the_form() {
    let (_, mut grace) = with_grace().await;
    let names: Vec<[String; 2]> = (0..124).map(|n| [format!("use.scope-{n}"), format!("why.scope-{n}")]).collect();
    let mut fields: Vec<(&str, &str)> = vec![("use.user-read-email", "required")];
    fields.extend(names.iter().flatten().map(|name| (name.as_str(), "")));
    save(&mut grace, &fields).await;
}
