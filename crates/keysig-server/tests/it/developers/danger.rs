//! The danger zone of the dashboard (screen D14): pause, reset, hand over, delete.

use keysig_core::app::{App, ClientType, Mode};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_store::{Statement, Write, apps, audit, params};

use crate::actors::{Answer, Browser, TestApp, Tokens, app, app_id, location, user, user_id};

const PATH: &str = "/dashboard/apps/web/danger";

/// Grace owns the app that Ada is logged in to.
async fn with_grace() -> (TestApp, Browser, Tokens) {
    let server = TestApp::new().await;
    for name in ["grace", "heidi"] {
        server.add_person(&User { role: Role::Developer, ..user(name, Product::Free) }).await;
    }
    let owned = Statement::new(
        "UPDATE apps SET owner = $2, version = version + 1 WHERE id = $1",
        params![app_id("web"), user_id("grace")],
    );
    server.server.store.write(Write::one(owned)).await.unwrap();
    let grace = server.signed_in("grace").await;
    let tokens = server.client("web").log_in("ada").await;
    (server, grace, tokens)
}

async fn post(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = browser.get("/dashboard/new").await.field("csrf");
    browser.post(path, &[&[("csrf", csrf.as_str())], fields].concat()).await
}

async fn act(grace: &mut Browser, deed: &str, typed: &str) -> Answer {
    let page = grace.get(&format!("{PATH}/{deed}")).await;
    page.assert_status(200);
    grace.post(&format!("{PATH}/{deed}"), &[("csrf", &page.field("csrf")), ("typed", typed)]).await
}

async fn assert_dead(server: &TestApp, tokens: &Tokens) {
    server.api("/v1/me", &tokens.access).await.assert_status(401);
    server.client("web").refresh(&tokens.refresh).await.assert_status(400);
}

async fn actions(server: &TestApp) -> Vec<(&'static str, String)> {
    let all = audit::of_app(&server.server.store, app_id("web"), None, 10).await.unwrap();
    all.iter().map(|record| (record.action.name(), record.about.clone())).collect()
}

#[tokio::test]
async fn a_paused_app_is_dead_at_once_and_its_people_read_why() {
    let (server, mut grace, tokens) = with_grace().await;
    server.api("/v1/me", &tokens.access).await.assert_status(200);
    act(&mut grace, "pause", "").await.assert_status(303);
    assert_dead(&server, &tokens).await;
    let asked = server.signed_in("ada").await.open(&server.client("web").request().to_string()).await;
    asked.assert_status(403);
    assert!(asked.body.contains("is paused by its makers"), "{}", asked.body);

    act(&mut grace, "resume", "").await.assert_status(303);
    assert_dead(&server, &tokens).await;
    let again = server.client("web").log_in("ada").await;
    server.api("/v1/me", &again.access).await.assert_status(200);
    let actions = actions(&server).await;
    assert!(["app-resumed", "app-paused"].iter().all(|action| actions.iter().any(|(name, _)| name == action)));
}

#[tokio::test]
async fn servers_that_go_on_asking_while_their_app_is_paused_are_no_guessers() {
    let (server, mut grace, tokens) = with_grace().await;
    act(&mut grace, "pause", "").await.assert_status(303);
    for _ in 0..50 {
        server.client("web").refresh(&tokens.refresh).await.assert_refused(400, "invalid_client", "Invalid client");
    }
    act(&mut grace, "resume", "").await.assert_status(303);
    server.client("web").client_credentials().await.assert_status(200);
}

#[tokio::test]
async fn what_the_operator_paused_its_developer_cannot_resume() {
    use keysig_server::actions::{Actor, apps as actions};
    let (server, mut grace, _) = with_grace().await;
    act(&mut grace, "pause", "").await.assert_status(303);
    actions::pause(&server.server, &Actor::command_line(), "web", "it copies playlists").await.unwrap();
    let page = grace.get(PATH).await;
    assert!(page.body.contains("paused this app. Only the people who run the service"), "{}", page.body);
    assert!(!page.body.contains("danger/resume"));
    act(&mut grace, "resume", "").await.assert_status(303);
    assert!(apps::by_id(&server.server.store, app_id("web")).await.unwrap().unwrap().paused);
    actions::resume(&server.server, &Actor::command_line(), "web").await.unwrap();
    assert!(!apps::by_id(&server.server.store, app_id("web")).await.unwrap().unwrap().paused);
}

#[tokio::test]
async fn a_reset_ends_everybodys_access_and_asks_each_anew() {
    let (server, mut grace, tokens) = with_grace().await;
    act(&mut grace, "reset", "").await.assert_status(303);
    assert_dead(&server, &tokens).await;
    let asked = server.signed_in("ada").await.open(&server.client("web").request().to_string()).await;
    assert!(asked.body.contains("name=\"decision\""), "she is asked again");
    assert!(actions(&server).await.contains(&("app-grants-reset", "1".to_owned())));
}

#[tokio::test]
async fn an_app_is_handed_over_to_whoever_accepts_it() {
    let (server, mut grace, tokens) = with_grace().await;
    for (typed, words) in [("heidi", "no email address"), ("GRACE@example.test", "your own address")] {
        let refused = act(&mut grace, "transfer", typed).await;
        refused.assert_status(422);
        assert!(
            refused.body.contains(words) && refused.body.contains(&format!("value=\"{typed}\"")),
            "{}",
            refused.body
        );
    }
    let offered = act(&mut grace, "transfer", "Heidi@example.test").await;
    let unknown = location(&offered);
    assert_eq!(
        location(&act(&mut grace, "transfer", "nobody@example.test").await),
        unknown,
        "nothing is told of accounts"
    );
    act(&mut grace, "transfer", "heidi@example.test").await.assert_status(303);
    assert!(grace.get(PATH).await.body.contains("heidi@example.test"));

    let mut heidi = server.signed_in("heidi").await;
    assert!(heidi.get("/dashboard").await.body.contains("is offered to you"));
    heidi.get(PATH).await.assert_status(404);
    let mut ada = server.signed_in("ada").await;
    post(&mut heidi, "/dashboard/offers/web", &[("do", "accept")]).await.assert_status(303);
    heidi.get(PATH).await.assert_status(200);
    grace.get(PATH).await.assert_status(404);
    server.api("/v1/me", &tokens.access).await.assert_status(200);
    let asked = ada.open(&server.client("web").request().to_string()).await;
    assert!(asked.body.contains("name=\"decision\""), "another developer stands behind it");
    assert!(actions(&server).await.iter().any(|(_, about)| about == "accepted by heidi@example.test"));
}

#[tokio::test]
async fn an_offer_ends_when_it_is_taken_back_turned_down_or_old() {
    let (server, mut grace, _) = with_grace().await;
    let mut heidi = server.signed_in("heidi").await;
    let accept = [("do", "accept")];
    act(&mut grace, "transfer", "heidi@example.test").await.assert_status(303);
    act(&mut grace, "withdraw", "").await.assert_status(303);
    post(&mut heidi, "/dashboard/offers/web", &accept).await.assert_status(404);
    act(&mut grace, "transfer", "heidi@example.test").await.assert_status(303);
    post(&mut heidi, "/dashboard/offers/web", &[("do", "decline")]).await.assert_status(303);
    post(&mut heidi, "/dashboard/offers/web", &accept).await.assert_status(404);
    act(&mut grace, "transfer", "heidi@example.test").await.assert_status(303);
    server.clock.advance(7 * 86_400);
    let mut heidi = server.signed_in("heidi").await;
    post(&mut heidi, "/dashboard/offers/web", &accept).await.assert_status(404);
}

#[tokio::test]
async fn a_deleted_app_is_gone_and_its_client_id_is_never_used_again() {
    let (server, mut grace, tokens) = with_grace().await;
    let wrong = act(&mut grace, "delete", "web").await;
    wrong.assert_status(422);
    assert!(wrong.body.contains("This is not its name."));
    let name = apps::by_id(&server.server.store, app_id("web")).await.unwrap().unwrap().name;
    let deleted = act(&mut grace, "delete", &name).await;
    assert!(grace.get(&location(&deleted).unwrap()).await.body.contains("The app is deleted."));
    server.api("/v1/me", &tokens.access).await.assert_status(401);
    server.client("web").refresh(&tokens.refresh).await.assert_status(400);
    let mut ada = server.signed_in("ada").await;
    assert!(!ada.get("/account/apps").await.body.contains(&name));
    ada.get(&server.client("web").request().to_string()).await.assert_status(400);
    let again = App { mode: Mode::Live, ..app("web", ClientType::Confidential, Profile::Spotify) };
    assert!(apps::add(&server.server.store, &again, "").await.is_err(), "the client ID is taken for ever");
    assert!(actions(&server).await.contains(&("app-deleted", name)));
}

#[tokio::test]
async fn nobody_but_the_owner_comes_near() {
    let (server, _, _) = with_grace().await;
    let mut heidi = server.signed_in("heidi").await;
    heidi.get(PATH).await.assert_status(404);
    for deed in ["pause", "resume", "reset", "transfer", "withdraw", "delete"] {
        heidi.get(&format!("{PATH}/{deed}")).await.assert_status(404);
        post(&mut heidi, &format!("{PATH}/{deed}"), &[]).await.assert_status(404);
    }
    assert!(!apps::by_id(&server.server.store, app_id("web")).await.unwrap().unwrap().paused);
}
