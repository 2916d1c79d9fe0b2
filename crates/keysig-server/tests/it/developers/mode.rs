//! Development and live: who may log in to an app, what a review has to do with it, and what ends when it is closed again.

use keysig_core::app::{App, ClientType, Mode, Review, Standing};
use keysig_core::profile::Profile;
use keysig_core::user::Product;
use keysig_server::actions::{Actor, policy};
use keysig_server::settings::SettingKey;

use super::inspector::records;
use super::test_users::{post, with_grace};
use crate::actors::{TestApp, Tokens, app, app_id, user};

const MODE: &str = "/dashboard/apps/graces/mode";

async fn set(server: &TestApp, key: SettingKey, value: &str) {
    policy::set(&server.server, &Actor::command_line(), &[(key, value.to_owned())]).await.unwrap();
}

/// What of Grace's app asks `name` for `scope`.
async fn log_in(server: &TestApp, client_id: &str, name: &str, scope: &str) -> Option<Tokens> {
    let client = server.client(client_id);
    let mut browser = server.signed_in(name).await;
    let page = browser.open(&client.asks(scope).to_string()).await;
    if page.status == 403 {
        return None;
    }
    let callback = match page.body.contains("name=\"decision\"") {
        true => browser.decide(&page, "allow").await.destination(),
        false => page.destination(),
    };
    let code = crate::actors::parameters(&callback).remove("code").unwrap();
    Some(Tokens::of(&client.exchange(&code).await))
}

#[tokio::test]
async fn an_app_goes_live_and_back_and_then_strangers_have_nothing_any_more() {
    let (server, mut grace) = with_grace().await;
    assert!(grace.get(MODE).await.body.contains("value=\"live\""));
    let opened = post(&mut grace, MODE, &[("mode", "live")]).await;
    assert_eq!(opened.assert_status(303).header("location"), format!("{MODE}?done=mode"));
    let tokens = log_in(&server, "graces", "ada", "user-read-private").await.unwrap();
    server.api("/v1/me", &tokens.access).await.assert_status(200);
    let page = grace.get(MODE).await;
    assert!(page.body.contains("One person has it connected") && page.body.contains("value=\"development\""));

    post(&mut grace, MODE, &[("mode", "development")]).await.assert_status(303);
    server.api("/v1/me", &tokens.access).await.assert_status(401);
    server.client("graces").refresh(&tokens.refresh).await.assert_status(400);
    assert!(log_in(&server, "graces", "ada", "user-read-private").await.is_none());
    assert!(log_in(&server, "graces", "grace", "user-read-private").await.is_some(), "its owner goes on");

    // What people agreed to is kept: nobody is asked anew.
    post(&mut grace, MODE, &[("mode", "live")]).await.assert_status(303);
    let again = server.signed_in("ada").await.get(&server.client("graces").asks("user-read-private").to_string()).await;
    again.assert_status(302);
}

#[tokio::test]
async fn whoever_found_an_open_session_changes_no_mode() {
    let (server, mut grace) = with_grace().await;
    server.clock.advance(601);
    let asked = post(&mut grace, MODE, &[("mode", "live")]).await;
    asked.assert_status(200);
    assert!(asked.body.contains("confirm_password"), "{}", asked.body);
    let found = keysig_store::apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap();
    assert_eq!(found.mode, Mode::Development);
}

#[tokio::test]
async fn where_a_review_is_needed_an_app_goes_live_after_it_and_as_it_was_then() {
    let (server, mut grace) = with_grace().await;
    set(&server, SettingKey::ReviewRequired, "yes").await;
    assert!(!grace.get(MODE).await.body.contains("value=\"live\""));
    let refused = post(&mut grace, MODE, &[("mode", "live")]).await;
    assert!(refused.assert_status(422).body.contains("role=\"alert\""), "{}", refused.body);
    set(&server, SettingKey::ReviewRequired, "no").await;
    post(&mut grace, MODE, &[("mode", "live")]).await.assert_status(303);
    // What is live stays so.
    set(&server, SettingKey::ReviewRequired, "yes").await;
    assert!(log_in(&server, "graces", "ada", "user-read-private").await.is_some());
}

/// A live app that may change things, with `standing` or without.
async fn small(server: &TestApp, client_id: &str, reviewed: bool) {
    let new = app(client_id, ClientType::Confidential, Profile::Spotify);
    let review = reviewed.then(|| Review { at: server.server.now(), of: new.reviewable() });
    server.add(&App { standing: Standing { review, ..Standing::default() }, ..new }).await;
}

#[tokio::test]
async fn an_app_that_nobody_reviewed_changes_things_of_so_many_people_and_no_more() {
    let server = TestApp::new().await;
    small(&server, "small", false).await;
    set(&server, SettingKey::UnreviewedPeople, "1").await;
    server.add_person(&user("carl", Product::Free)).await;
    assert!(log_in(&server, "small", "carl", "user-read-private").await.is_some(), "who sees only is not counted");
    assert!(log_in(&server, "small", "ada", "playlist-modify-private").await.is_some());
    assert!(log_in(&server, "small", "bob", "playlist-modify-private").await.is_none());
    assert!(log_in(&server, "small", "bob", "user-read-private").await.is_some(), "he gives it less");
    assert!(log_in(&server, "small", "ada", "playlist-modify-public").await.is_some(), "whoever has it goes on");
    let record = records(&server, "small").await.into_iter().find(|record| record.outcome == "refused").unwrap();
    assert_eq!(record.reason, "too-many-people");

    set(&server, SettingKey::UnreviewedPeople, "2").await;
    assert!(log_in(&server, "small", "bob", "playlist-modify-private").await.is_some());
    set(&server, SettingKey::UnreviewedPeople, "").await;
    assert!(log_in(&server, "small", "carl", "playlist-modify-private").await.is_some());
}

#[tokio::test]
async fn where_nobody_may_be_asked_the_app_is_told_that_there_is_something_to_show() {
    let server = TestApp::new().await;
    set(&server, SettingKey::UnreviewedPeople, "1").await;
    let request = server.client("standard").request().with("scope", "playlist-modify-private");
    server.signed_in("ada").await.allow(&request).await;
    let silent = request.with("prompt", "none");
    let mut bob = server.signed_in("bob").await;
    let callback = bob.open(&silent.to_string()).await.destination();
    assert!(callback.contains("error=interaction_required"), "{callback}");
}

#[tokio::test]
async fn a_reviewed_app_is_bounded_by_nothing_as_long_as_it_is_what_was_reviewed() {
    let server = TestApp::new().await;
    small(&server, "known", true).await;
    set(&server, SettingKey::UnreviewedPeople, "1").await;
    for name in ["ada", "bob"] {
        assert!(log_in(&server, "known", name, "playlist-modify-private").await.is_some(), "{name}");
    }
    server.add_person(&user("carl", Product::Free)).await;
    let store = &server.server.store;
    let sql = "UPDATE apps SET name = 'Another name', version = version + 1 WHERE client_id = 'known'";
    store.write(keysig_store::Write::one(keysig_store::Statement::new(sql, Vec::new()))).await.unwrap();
    server.clock.advance(2);
    assert!(log_in(&server, "known", "carl", "playlist-modify-private").await.is_none());
}
