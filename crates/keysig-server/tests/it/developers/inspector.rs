//! What is written down of requests, and what is not.

use keysig_core::app::{App, ClientType, Mode};
use keysig_core::id::EventId;
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::inspector::{self, Reason};
use keysig_store::inspector::{InspectorRecord, Wanted, of_app};

use crate::actors::{CHALLENGE, ISSUER, REDIRECT_URI, TestApp, VERIFIER, app, app_id, user, user_id};
use crate::operators::measured::measure;

/// The records of an app, the latest first.
pub async fn records(server: &TestApp, client_id: &str) -> Vec<InspectorRecord> {
    inspector::flush(&server.server).await;
    of_app(&server.server.store, app_id(client_id), &Wanted::default(), 1000).await.unwrap()
}

#[tokio::test]
async fn each_refusal_is_written_down_with_its_reason_and_the_id_its_answer_had() {
    let server = TestApp::new().await;
    let mut browser = server.browser();
    let answer =
        browser.get("/authorize?client_id=web&response_type=code&redirect_uri=http://127.0.0.1:8888/callback/").await;
    let [record] = records(&server, "web").await.try_into().unwrap();
    assert_eq!((record.step.as_str(), record.outcome.as_str()), ("authorize", "refused"));
    assert_eq!(record.reason, Reason::RedirectUriNotRegistered.name());
    assert_eq!(record.request_id, answer.header("x-request-id"));
    assert!(record.body.contains("http://127.0.0.1/callback"), "the nearest one: {}", record.body);

    let answer =
        server.client("web").post("/api/token", &[("grant_type", "authorization_code"), ("code", "AQnone")]).await;
    let record = records(&server, "web").await.remove(0);
    assert_eq!((record.step.as_str(), record.reason.as_str()), ("token", Reason::CodeMalformed.name()));
    assert_eq!(record.request_id, answer.header("x-request-id"));
}

#[tokio::test]
async fn no_code_token_verifier_or_secret_is_in_what_is_written_down() {
    let server = TestApp::new().await;
    let client = server.client("web");
    let mut ada = server.signed_in("ada").await;
    let query = format!(
        "/authorize?client_id=web&response_type=code&redirect_uri={REDIRECT_URI}&state=secret-state&code_challenge={CHALLENGE}\
         &code_challenge_method=S256&login_hint=ada@example.test&colour=blue-ish"
    );
    ada.get(&query).await;
    let bad =
        "/authorize?client_id=web&redirect_uri=https://a:hunter2@peek.example/cb?code=AQcode%26state=secret-state";
    ada.get(bad).await;
    let wrong = [("grant_type", "authorization_code"), ("code", "AQcode"), ("code_verifier", VERIFIER)];
    client.post("/api/token", &wrong).await;
    let all: String = records(&server, "web").await.into_iter().map(|record| record.body).collect();
    for secret in
        ["AQcode", VERIFIER, "web-secret", "secret-state", CHALLENGE, "hunter2", "blue-ish", "ada@example.test"]
    {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
    for telling in ["response_type", "colour", "S256"] {
        assert!(all.contains(telling), "{telling} is not in {all}");
    }
}

#[tokio::test]
async fn what_finds_no_room_is_counted_and_never_waited_for() {
    let server = TestApp::new().await;
    let mut browser = server.browser();
    for _ in 0..2100 {
        browser.get("/authorize?client_id=web").await;
    }
    assert_eq!(server.server.inspector.dropped(), 2100 - 2048);
    let kept = records(&server, "web").await;
    assert_eq!(kept.len(), 1000, "and the latest are kept");
    assert!(kept.windows(2).all(|pair| EventId::as_bytes(&pair[0].id) > EventId::as_bytes(&pair[1].id)));
}

#[tokio::test]
async fn of_requests_that_pass_one_a_second_is_kept() {
    let server = TestApp::new().await;
    let grant = [("grant_type", "client_credentials")];
    for _ in 0..5 {
        server.client("web").post("/api/token", &grant).await.assert_status(200);
    }
    assert_eq!(records(&server, "web").await.len(), 1);
    server.clock.advance(1);
    server.client("web").post("/api/token", &grant).await.assert_status(200);
    assert_eq!(records(&server, "web").await.len(), 2);
}

/// Grace, a developer, with an app that is still in development and may ask for one scope.
async fn with_grace() -> TestApp {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let graces = app("graces", ClientType::Confidential, Profile::Spotify);
    let scopes = server.server.scopes().parse("user-read-email").unwrap();
    let (owner, mode) = (Some(user_id("grace")), Mode::Development);
    server.add(&App { owner, mode, scopes: Some(scopes), ..graces }).await;
    server
}

const GRACES: &str = "/authorize?client_id=graces&response_type=code&redirect_uri=";

#[tokio::test]
async fn the_cause_the_difference_and_the_checks_are_on_the_page_and_the_button_mends_it() {
    let server = with_grace().await;
    let broken = format!("{GRACES}https://peek.example/cb/");
    server.browser().get(&broken).await.assert_status(400);
    let mut grace = server.signed_in("grace").await;
    let list = grace.get("/dashboard/apps/graces/inspector?outcome=refused&step=authorize").await;
    assert!(list.body.contains("The redirect URI is not registered"), "{}", list.body);
    let id = records(&server, "graces").await[0].id;
    let path = format!("/dashboard/apps/graces/inspector/{id}");
    let page = grace.get(&path).await;
    for part in
        ["<mark>/</mark>", "class=\"failed\"", "class=\"passed\"", "class=\"unreached\"", "would be refused now"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let fix = [("csrf", page.field("csrf")), ("fix", "register-uri".to_owned())];
    let fix = fix.each_ref().map(|(name, value)| (*name, value.as_str()));
    grace.post(&path, &fix).await.assert_status(303);
    let after = grace.get(&format!("{path}?done=fix")).await;
    assert!(after.body.contains("It would pass now"), "{}", after.body);
    server.browser().get(&broken).await.assert_status(303);
    let events = grace.get("/dashboard/apps/graces/events").await;
    assert!(events.body.contains("Redirect URI added"), "{}", events.body);
    grace.post(&path, &fix).await.assert_status(422);
}

#[tokio::test]
async fn a_scope_is_enabled_and_no_other_with_it() {
    let server = with_grace().await;
    server.browser().get(&format!("{GRACES}https://peek.example/cb&scope=user-top-read")).await.assert_status(400);
    let mut grace = server.signed_in("grace").await;
    let path = format!("/dashboard/apps/graces/inspector/{}", records(&server, "graces").await[0].id);
    let csrf = grace.get(&path).await.field("csrf");
    grace.post(&path, &[("csrf", &csrf), ("fix", "enable-scopes")]).await.assert_status(303);
    let scopes = server.server.app("graces").await.unwrap().unwrap().scopes.unwrap();
    assert_eq!(server.server.scopes().print(scopes), "user-read-email user-top-read");
}

#[tokio::test]
async fn who_was_merely_led_to_an_app_is_nobody_to_its_developer_and_is_added_by_address() {
    let server = with_grace().await;
    let mut ada = server.signed_in("ada").await;
    ada.get(&format!("{GRACES}https://peek.example/cb&scope=user-read-email")).await.assert_status(303);
    let mut grace = server.signed_in("grace").await;
    let path = format!("/dashboard/apps/graces/inspector/{}", records(&server, "graces").await[0].id);
    let pages = [grace.get(&path).await, grace.get("/dashboard/apps/graces/inspector").await];
    for page in &pages {
        assert!(page.body.contains("Not a test user"), "{}", page.body);
        assert!(!page.body.contains("Ada") && !page.body.contains("ada@example.test"), "{}", page.body);
    }
    let csrf = pages[0].field("csrf");
    let fix = |address| [("csrf", csrf.as_str()), ("fix", "add-test-user"), ("address", address)];
    grace.post(&path, &fix("bob@example.test")).await.assert_status(422);
    grace.post(&path, &fix("ada@example.test")).await.assert_status(303);
    assert!(grace.get(&path).await.body.contains("It would pass now"));
}

#[tokio::test]
async fn a_json_error_of_a_standard_app_says_where_to_look_on_a_test_server_only() {
    let server = TestApp::new().await;
    let bad = [("grant_type", "authorization_code"), ("code", "x")];
    let told = server.client("standard").post("/api/token", &bad).await.text("error_uri");
    let id = records(&server, "standard").await[0].id;
    assert_eq!(told, format!("{ISSUER}/dashboard/apps/standard/inspector/{id}"));
    assert!(server.client("web").post("/api/token", &bad).await.json().get("error_uri").is_none());
    let server = server.set_to(|settings| settings.test_mode = false).await;
    assert!(server.client("standard").post("/api/token", &bad).await.json().get("error_uri").is_none());
}

#[tokio::test]
async fn a_pasted_address_is_looked_at_without_signing_in_and_tells_nothing_of_an_app() {
    let server = with_grace().await;
    let mut nobody = server.browser();
    let csrf = nobody.get("/dashboard/inspect").await.field("csrf");
    let broken = format!("{ISSUER}{GRACES}https://peek.example/nowhere");
    let said = nobody.post("/dashboard/inspect", &[("csrf", &csrf), ("address", &broken)]).await;
    assert!(said.body.contains("The redirect URI is not registered"), "{}", said.body);
    assert!(!said.body.contains("https://peek.example/cb"), "its list is its developer's: {}", said.body);
    let unknown = format!("{ISSUER}/authorize?client_id=grace");
    let mut grace = server.signed_in("grace").await;
    let csrf = grace.get("/dashboard/inspect").await.field("csrf");
    let said = grace.post("/dashboard/inspect", &[("csrf", &csrf), ("address", &unknown)]).await;
    assert!(said.body.contains("graces"), "the nearest of her own: {}", said.body);
    grace.post("/dashboard/inspect", &[("csrf", &csrf), ("address", "hello")]).await.assert_status(422);
    assert!(records(&server, "graces").await.is_empty(), "nothing came");
}

#[tokio::test]
async fn a_call_without_the_scope_is_written_down_for_its_app() {
    let server = TestApp::new().await;
    let tokens = server.client("web").log_in("ada").await;
    server.clock.advance(1);
    server.api("/v1/me/top/artists", &tokens.access).await.assert_status(403);
    let record = records(&server, "web").await.remove(0);
    assert_eq!((record.step.as_str(), record.reason.as_str()), ("api", Reason::ScopeMissing.name()));
    assert!(record.body.contains("user-top-read") && !record.body.contains(&tokens.access), "{}", record.body);
    server.clock.advance(3700);
    server.api("/v1/me", &tokens.access).await.assert_status(401);
    assert_eq!(records(&server, "web").await[0].reason, Reason::TokenExpired.name());
}

#[tokio::test]
async fn a_full_list_is_paged_to_its_end() {
    let server = with_grace().await;
    let mut browser = server.browser();
    for _ in 0..1000 {
        server.clock.advance(1);
        browser.get(&format!("{GRACES}https://peek.example/nowhere")).await;
    }
    assert_eq!(records(&server, "graces").await.len(), 1000);
    let mut grace = server.signed_in("grace").await;
    let mut path = "/dashboard/apps/graces/inspector".to_owned();
    let mut pages = 0;
    loop {
        let page = grace.get(&path).await;
        page.assert_status(200);
        pages += 1;
        let Some(at) = page.body.find("/dashboard/apps/graces/inspector?before=") else { break };
        path = page.body[at..].split('"').next().unwrap().to_owned();
    }
    assert_eq!(pages, 20);
}

#[tokio::test]
#[ignore = "measures, and asserts nothing of it"]
async fn measured_pages_of_a_full_list() {
    let server = with_grace().await;
    let mut browser = server.browser();
    for _ in 0..1000 {
        server.clock.advance(1);
        browser.get(&format!("{GRACES}https://peek.example/nowhere")).await;
    }
    let mut grace = server.signed_in("grace").await;
    let path = "/dashboard/apps/graces/inspector";
    let first = measure(&mut grace, "the latest of 1,000", path).await;
    let at = first.find("/dashboard/apps/graces/inspector?before=").unwrap();
    let older = first[at..].split('"').next().unwrap().to_owned();
    measure(&mut grace, "the page after it", &older).await;
    measure(&mut grace, "those refused", &format!("{path}?outcome=refused")).await;
}
