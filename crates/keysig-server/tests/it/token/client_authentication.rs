use axum::body::Body;
use http::Request;
use keysig_core::encoding::base64_encode;

use crate::actors::{Answer, TestApp};

async fn send(app: &TestApp, authorization: &[&str], body: &str) -> Answer {
    let mut request = Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
    for value in authorization {
        request = request.header("authorization", *value);
    }
    app.send(request.body(Body::from(format!("grant_type=client_credentials{body}"))).unwrap()).await
}

fn basic(credentials: &str) -> String {
    format!("Basic {}", base64_encode(credentials.as_bytes()))
}

#[tokio::test]
async fn header_and_body_are_both_accepted_and_the_header_in_both_encodings() {
    let app = TestApp::new().await;
    for header in
        [basic("web:web-secret"), basic("web:web%2Dsecret"), basic("web:web-secret").replace("Basic", "basic")]
    {
        send(&app, &[&header], "").await.assert_status(200);
        send(&app, &[&header], "&client_id=web").await.assert_status(200);
    }
    send(&app, &[], "&client_id=web&client_secret=web-secret").await.assert_status(200);
}

#[tokio::test]
async fn each_failure_has_its_words() {
    let app = TestApp::new().await;
    let good = basic("web:web-secret");
    for (headers, body, description) in [
        (vec![], "", ""),
        (vec!["Bearer abc"], "", ""),
        (vec!["Basic !!!"], "", ""),
        (vec!["Basic d2ViOndlYi1zZWNyZXR="], "", ""),
        (vec![good.as_str(), good.as_str()], "", ""),
        (vec![good.as_str()], "&client_secret=web-secret", ""),
        (vec![good.as_str()], "&client_id=other", ""),
        (vec![basic("nobody:x").as_str()], "", "Invalid client"),
        (vec![], "&client_id=nobody&client_secret=x", "Invalid client"),
        (vec![basic("web:wrong").as_str()], "", "Invalid client secret"),
        (vec![basic("web:").as_str()], "", "Invalid client secret"),
        (vec![], "&client_id=web", "Invalid client secret"),
        (vec![], "&client_id=public&client_secret=x", "Invalid client secret"),
    ] {
        send(&app, &headers, body).await.assert_refused(400, "invalid_client", description);
    }
}

#[tokio::test]
async fn a_standard_app_is_challenged() {
    let app = TestApp::new().await;
    let by_header = send(&app, &[&basic("standard:wrong")], "").await;
    by_header.assert_refused(401, "invalid_client", "Invalid client secret");
    assert!(by_header.header("www-authenticate").starts_with("Basic"));
    let by_body = send(&app, &[], "&client_id=standard&client_secret=wrong").await;
    by_body.assert_refused(401, "invalid_client", "Invalid client secret");
    assert_eq!(by_body.header("www-authenticate"), "");
}

#[tokio::test]
async fn guessing_a_secret_is_slowed_and_time_forgives() {
    let app = TestApp::new().await;
    let mut throttled = None;
    for _ in 0..30 {
        let answer = send(&app, &[&basic("web:wrong")], "").await;
        if answer.status.as_u16() == 429 {
            throttled = Some(answer);
            break;
        }
        answer.assert_status(400);
    }
    let throttled = throttled.expect("a burst of wrong secrets is slowed");
    assert!(throttled.header("retry-after").parse::<u32>().unwrap() >= 1);
    send(&app, &[&basic("other:other-secret")], "").await.assert_status(200);
    app.clock.advance(3700);
    send(&app, &[&basic("web:web-secret")], "").await.assert_status(200);
}

#[tokio::test]
async fn a_hundred_right_secrets_are_never_slowed() {
    let app = TestApp::new().await;
    for _ in 0..100 {
        send(&app, &[&basic("web:web-secret")], "").await.assert_status(200);
    }
}
