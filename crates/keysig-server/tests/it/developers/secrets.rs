//! Secrets in the dashboard (screen D6): exchanged without an outage, ended when they leak.

use keysig_core::app::{App, ClientType};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::secret_uses;
use keysig_store::audit;

use crate::actors::{Answer, Browser, PASSWORD, TestApp, Tokens, app, app_id, user, user_id};

const PATH: &str = "/dashboard/apps/graces/secrets";

async fn with_grace(client_type: ClientType) -> (TestApp, Browser) {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    server.add(&App { owner: Some(user_id("grace")), ..app("graces", client_type, Profile::Spotify) }).await;
    let grace = server.signed_in("grace").await;
    (server, grace)
}

async fn post(grace: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    // That page has a form whether or not there may be one more secret.
    let csrf = grace.get("/dashboard/apps/graces/redirect-uris").await.field("csrf");
    grace.post(path, &[&[("csrf", csrf.as_str())], fields].concat()).await
}

/// Adds a secret and reads it off the page.
async fn add(grace: &mut Browser) -> String {
    let answer = post(grace, PATH, &[]).await;
    answer.assert_status(200);
    let at = answer.body.split("id=\"new-secret\">").nth(1).unwrap_or_else(|| panic!("{}", answer.body));
    at.split('<').next().unwrap().to_owned()
}

/// The addresses of the secrets that work, the newest first.
async fn keys(grace: &mut Browser) -> Vec<String> {
    let page = grace.get(PATH).await.body;
    let links = page.split("/retire\"").filter_map(|before| before.rsplit('/').next().map(str::to_owned));
    let mut keys: Vec<String> = links.collect();
    keys.pop();
    keys
}

async fn get_token(server: &TestApp, secret: &str) -> Answer {
    use axum::body::Body;
    let body = format!("grant_type=client_credentials&client_id=graces&client_secret={secret}");
    let request = http::Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
    server.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn two_secrets_work_until_the_old_one_is_retired() {
    let (server, mut grace) = with_grace(ClientType::Confidential).await;
    let new = add(&mut grace).await;
    for secret in ["graces-secret", &new] {
        get_token(&server, secret).await.assert_status(200);
    }
    let full = post(&mut grace, PATH, &[]).await;
    full.assert_status(422);
    assert!(full.body.contains("Two secrets work already."));
    let page = grace.get(PATH).await;
    assert!(!page.body.contains(&new), "it is shown once");
    assert!(page.body.contains(&new[28..]), "and then by its end");

    let keys = keys(&mut grace).await;
    assert_eq!(keys.len(), 2);
    // Both were made in the same second of the test's clock, so which is which is read off the page that asks.
    let mut old = None;
    for key in keys {
        let asked = grace.get(&format!("{PATH}/{key}/retire")).await;
        asked.assert_status(200);
        if !asked.body.contains(&new[28..]) {
            old = Some(key);
        }
    }
    let old = old.unwrap();
    post(&mut grace, &format!("{PATH}/{old}/retire"), &[("when", "in-an-hour")]).await.assert_status(303);
    server.clock.advance(3599);
    get_token(&server, "graces-secret").await.assert_status(200);
    server.clock.advance(1);
    get_token(&server, "graces-secret").await.assert_refused(400, "invalid_client", "Invalid client secret");
    get_token(&server, &new).await.assert_status(200);
    let records = audit::of_app(&server.server.store, app_id("graces"), None, 9).await.unwrap();
    let abouts: Vec<&str> = records.iter().map(|record| record.about.as_str()).collect();
    assert_eq!(abouts, ["cret, in-an-hour", &new[28..]]);
    assert!(records.iter().all(|record| !record.about.contains(&new)));
}

#[tokio::test]
async fn a_secret_is_never_given_a_longer_life() {
    let (server, mut grace) = with_grace(ClientType::Confidential).await;
    add(&mut grace).await;
    let key = keys(&mut grace).await.pop().unwrap();
    post(&mut grace, &format!("{PATH}/{key}/retire"), &[("when", "in-an-hour")]).await.assert_status(303);
    post(&mut grace, &format!("{PATH}/{key}/retire"), &[("when", "in-a-week")]).await.assert_status(303);
    server.clock.advance(3600);
    assert_eq!(keys(&mut grace).await.len(), 1);
}

#[tokio::test]
async fn retiring_the_old_secret_signs_nobody_out_and_a_leak_does_where_it_is_asked_for() {
    let (server, mut grace) = with_grace(ClientType::Confidential).await;
    let client = server.client("graces");
    let request = client.request().without("code_challenge").without("code_challenge_method");
    let code = server.signed_in("ada").await.code(&request).await;
    let tokens = Tokens::of(&client.exchange(&code).await);
    let new = add(&mut grace).await;
    let mut leaked = None;
    for key in keys(&mut grace).await {
        let asked = grace.get(&format!("{PATH}/{key}/leaked")).await;
        if !asked.body.contains(&new[28..]) {
            leaked = Some(key);
        }
    }
    let leaked = format!("{PATH}/{}/leaked", leaked.unwrap());
    post(&mut grace, &leaked, &[]).await.assert_status(303);
    get_token(&server, "graces-secret").await.assert_status(400);
    server.api("/v1/me", &tokens.access).await.assert_status(200);
    let left = keys(&mut grace).await.pop().unwrap();
    post(&mut grace, &format!("{PATH}/{left}/leaked"), &[("tokens", "end")]).await.assert_status(303);
    get_token(&server, &new).await.assert_status(400);
    server.api("/v1/me", &tokens.access).await.assert_status(401);
}

#[tokio::test]
async fn whoever_retires_a_secret_sees_how_often_it_was_used() {
    let (server, mut grace) = with_grace(ClientType::Confidential).await;
    let key = keys(&mut grace).await.pop().unwrap();
    let asked = format!("{PATH}/{key}/retire");
    assert!(grace.get(&asked).await.body.contains("No request used it in the last 24 hours."));
    for _ in 0..3 {
        get_token(&server, "graces-secret").await.assert_status(200);
    }
    get_token(&server, "a-wrong-one").await.assert_status(400);
    secret_uses::flush(&server.server).await;
    let page = grace.get(&asked).await;
    assert!(page.body.contains("3 requests used it in the last 24 hours."), "{}", page.body);
    assert!(page.body.contains("No other secret works."), "{}", page.body);
    assert!(!grace.get(PATH).await.body.contains("Never"));
    server.clock.advance(25 * 3600);
    let mut grace = server.signed_in("grace").await;
    assert!(grace.get(&asked).await.body.contains("No request used it in the last 24 hours."));
}

#[tokio::test]
async fn a_session_left_open_is_not_enough() {
    let (server, mut grace) = with_grace(ClientType::Confidential).await;
    server.clock.advance(601);
    let asked = post(&mut grace, PATH, &[]).await;
    assert!(asked.body.contains("confirm_password") && !asked.body.contains("new-secret"), "{}", asked.body);
    let csrf = asked.field("csrf");
    let made = grace.post(PATH, &[("csrf", &csrf), ("confirm_password", PASSWORD)]).await;
    assert!(made.body.contains("new-secret"), "{}", made.body);
}

#[tokio::test]
async fn an_app_in_people_s_hands_has_none() {
    let (_, mut grace) = with_grace(ClientType::Public).await;
    let page = grace.get(PATH).await;
    assert!(page.body.contains("proves itself by PKCE"));
    let csrf = grace.get("/dashboard/apps/graces/redirect-uris").await.field("csrf");
    grace.post(PATH, &[("csrf", &csrf)]).await.assert_status(303);
    assert!(keys(&mut grace).await.is_empty());
}
