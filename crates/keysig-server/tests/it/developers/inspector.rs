//! What is written down of requests, and what is not.

use keysig_core::id::EventId;
use keysig_server::inspector::{self, Reason};
use keysig_store::inspector::{InspectorRecord, Wanted, of_app};

use crate::actors::{CHALLENGE, REDIRECT_URI, TestApp, VERIFIER, app_id};

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
