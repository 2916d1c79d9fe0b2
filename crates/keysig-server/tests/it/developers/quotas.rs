//! Quotas: how much an app, and all apps of a developer, may ask for within 30 seconds.

use keysig_core::app::{App, ClientType, OwnQuota, Standing};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::actions::{Actor, apps, limits};
use keysig_server::settings::SettingKey;
use keysig_server::usage;

use super::inspector::records;
use crate::actors::{Answer, TestApp, app, user, user_id};

async fn set(server: &TestApp, key: SettingKey, value: &str) {
    limits::set(&server.server, &Actor::command_line(), &[(key, value.to_owned())]).await.unwrap();
}

/// Two apps of Grace, of which each has a token of Ada's.
async fn with_graces() -> (TestApp, [String; 2]) {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let mut tokens = Vec::new();
    for client_id in ["graces", "second"] {
        let new = app(client_id, ClientType::Confidential, Profile::Spotify);
        server.add(&App { owner: Some(user_id("grace")), ..new }).await;
        let client = server.client(client_id);
        let code = server.signed_in("ada").await.code(&client.asks("user-read-private")).await;
        tokens.push(client.exchange(&code).await.text("access_token"));
    }
    (server, tokens.try_into().unwrap())
}

/// The seconds that somebody is told to wait.
#[track_caller]
fn wait(answer: &Answer) -> i64 {
    answer.assert_status(429);
    let seconds = answer.header("retry-after");
    assert!(seconds.bytes().all(|byte| byte.is_ascii_digit()), "Java and .NET read an integer: {seconds}");
    seconds.parse().unwrap()
}

#[tokio::test]
async fn an_app_that_calls_too_often_is_told_when_to_come_back_and_gets_through_then() {
    let (server, [token, other]) = with_graces().await;
    set(&server, SettingKey::QuotaApp, "3").await;
    for _ in 0..3 {
        server.api("/v1/me", &token).await.assert_status(200);
        server.clock.advance(4);
    }
    let refused = server.api("/v1/me", &token).await;
    assert_eq!(wait(&refused), 18);
    assert_eq!(
        refused.body,
        "{\n  \"error\": {\n    \"status\": 429,\n    \"message\": \"Too many requests\",\n    \
         \"reason\": \"QUOTA_EXCEEDED\"\n  }\n}"
    );
    assert_eq!(refused.header("access-control-allow-origin"), "*", "a page can read why");
    assert!(refused.header("access-control-expose-headers").contains("retry-after"));
    server.api("/v1/me", &other).await.assert_status(200);
    // Whoever asks in vain waits no longer for it.
    server.clock.advance(17);
    assert_eq!(wait(&server.api("/v1/me", &token).await), 1);
    server.clock.advance(1);
    server.api("/v1/me", &token).await.assert_status(200);
}

#[tokio::test]
async fn all_apps_of_a_developer_share_one_quota() {
    let (server, [token, other]) = with_graces().await;
    set(&server, SettingKey::QuotaDeveloper, "2").await;
    server.api("/v1/me", &token).await.assert_status(200);
    server.api("/v1/me", &other).await.assert_status(200);
    for token in [&token, &other] {
        assert_eq!(wait(&server.api("/v1/me", token).await), 30);
    }
    let bobs = server.client("web").log_in("bob").await;
    for _ in 0..3 {
        server.api("/v1/me", &bobs.access).await.assert_status(200);
    }
    assert_eq!(records(&server, "second").await[0].reason, "developer-quota");
    server.clock.advance(30);
    server.api("/v1/me", &other).await.assert_status(200);
}

#[tokio::test]
async fn an_app_with_a_quota_of_its_own_has_that_and_leaves_the_others_theirs() {
    let (server, [token, other]) = with_graces().await;
    set(&server, SettingKey::QuotaApp, "1").await;
    set(&server, SettingKey::QuotaDeveloper, "1").await;
    let own = |calls: &'static str| apps::set_quota(&server.server, &ACTOR, "graces", [calls, ""]);
    static ACTOR: std::sync::LazyLock<Actor> = std::sync::LazyLock::new(Actor::command_line);
    own("4").await.unwrap();
    for _ in 0..4 {
        server.api("/v1/me", &token).await.assert_status(200);
    }
    wait(&server.api("/v1/me", &token).await);
    server.api("/v1/me", &other).await.assert_status(200);
    wait(&server.api("/v1/me", &other).await);
    own("0").await.unwrap();
    for _ in 0..20 {
        server.api("/v1/me", &token).await.assert_status(200);
    }
    own("").await.unwrap();
    wait(&server.api("/v1/me", &token).await);
    for wrong in ["-1", "many", "10000001"] {
        assert!(own(wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn token_requests_are_refused_in_the_words_of_that_endpoint() {
    let server = TestApp::new().await;
    set(&server, SettingKey::QuotaTokens, "2").await;
    let client = server.client("web");
    for _ in 0..2 {
        client.client_credentials().await.assert_status(200);
    }
    let refused = client.client_credentials().await;
    assert_eq!(wait(&refused), 30);
    refused.assert_refused(429, "slow_down", "This app may make 2 token requests within 30 seconds");
    let found = records(&server, "web").await;
    assert!(found.iter().any(|record| record.reason == "token-quota" && record.step == "token"));
    server.client("standard").client_credentials().await.assert_status(200);
    // No token is lost by it.
    server.clock.advance(30);
    let tokens = client.log_in("ada").await;
    client.client_credentials().await.assert_status(200);
    wait(&client.refresh(&tokens.refresh).await);
    server.clock.advance(30);
    client.refresh(&tokens.refresh).await.assert_status(200);
}

#[tokio::test]
async fn whoever_only_says_that_they_are_an_app_uses_up_nothing_of_its_quota() {
    let server = TestApp::new().await;
    set(&server, SettingKey::QuotaTokens, "2").await;
    let public = server.client("public");
    for _ in 0..5 {
        let answer = public.refresh("AQnone").await;
        answer.assert_status(400);
        let body = "grant_type=client_credentials&client_id=web&client_secret=guess";
        let request = http::Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
        server.send(request.body(body.into()).unwrap()).await.assert_status(400);
    }
    let tokens = public.log_in("ada").await;
    public.refresh(&tokens.refresh).await.assert_status(200);
    wait(&public.refresh(&tokens.refresh).await);
    server.client("web").client_credentials().await.assert_status(200);
}

#[tokio::test]
async fn its_developer_sees_the_quota_how_much_is_used_and_what_was_refused() {
    let (server, [token, _]) = with_graces().await;
    set(&server, SettingKey::QuotaApp, "3").await;
    for _ in 0..50 {
        server.api("/v1/me", &token).await;
    }
    let found = records(&server, "graces").await;
    let refused: Vec<_> = found.iter().filter(|record| record.reason == "app-quota").collect();
    assert_eq!(refused.len(), 1, "one a second, or nothing else could be found");
    assert!(refused[0].body.contains("\"limit\"") && refused[0].body.contains("\"3\""), "{}", refused[0].body);
    let mut grace = server.signed_in("grace").await;
    let page = grace.get(&format!("/dashboard/apps/graces/inspector/{}", refused[0].id)).await;
    assert!(page.body.contains("within 30 seconds as it may"), "{}", page.body);
    usage::flush(&server.server).await;
    let page = grace.get("/dashboard/apps/graces/usage").await;
    assert!(page.body.contains("3 of 3") && page.body.contains("Rate limited (429): 47"), "{}", page.body);
}

#[tokio::test]
async fn a_quota_that_comes_with_the_app_is_kept_with_it() {
    let server = TestApp::new().await;
    let own = OwnQuota { calls: Some(1), tokens: Some(1) };
    let new = app("small", ClientType::Confidential, Profile::Spotify);
    server.add(&App { standing: Standing { quota: own, ..Standing::default() }, ..new }).await;
    let small = server.client("small");
    let token = small.client_credentials().await.text("access_token");
    wait(&small.client_credentials().await);
    server.api("/v1/search?q=a&type=track", &token).await;
    wait(&server.api("/v1/search?q=a&type=track", &token).await);
}
