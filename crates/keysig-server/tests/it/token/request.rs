use axum::body::Body;
use http::Request;

use crate::actors::{Answer, TestApp};

async fn send(app: &TestApp, method: &str, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder().method(method).uri(path).header("authorization", app.client("web").basic());
    app.send(request.header("content-type", content_type).body(body.into()).unwrap()).await
}

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn grant_types_that_do_not_exist_here_are_named() {
    let app = TestApp::new().await;
    let missing = send(&app, "POST", "/api/token", FORM, "").await;
    missing.assert_refused(400, "unsupported_grant_type", "grant_type parameter is missing");
    for (sent, echoed) in
        [("password", "password"), ("client_credentials%20", "client_credentials "), ("a%22%5C%C3%A9b", "ab")]
    {
        let answer = send(&app, "POST", "/api/token", FORM, format!("grant_type={sent}")).await;
        answer.assert_refused(400, "unsupported_grant_type", &format!("grant_type {echoed} is not supported"));
    }
}

#[tokio::test]
async fn only_a_form_is_read() {
    let app = TestApp::new().await;
    for other in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let answer = send(&app, "POST", "/api/token", other, "{\"grant_type\":\"client_credentials\"}").await;
        answer.assert_refused(415, "server_error", "Unexpected status: 415");
    }
    for form in [FORM, "application/x-www-form-urlencoded;charset=UTF-8", "Application/X-WWW-Form-Urlencoded"] {
        send(&app, "POST", "/api/token", form, "grant_type=client_credentials").await.assert_status(200);
    }
}

#[tokio::test]
async fn only_post_is_answered() {
    let app = TestApp::new().await;
    for method in ["GET", "PUT", "DELETE"] {
        let answer = send(&app, method, "/api/token?grant_type=client_credentials", FORM, "").await;
        answer.assert_refused(405, "invalid_request", "Use POST");
        assert_eq!(answer.header("allow"), "POST");
    }
}

#[tokio::test]
async fn parameters_may_be_in_the_query_for_spotify_apps_but_never_a_secret() {
    let app = TestApp::new().await;
    send(&app, "POST", "/api/token?grant_type=client_credentials", FORM, "").await.assert_status(200);
    let path = "/api/token?client_id=web&client_secret=web-secret";
    let answer = send(&app, "POST", path, FORM, "grant_type=client_credentials").await;
    answer.assert_refused(400, "invalid_request", "client_secret must not be in the query");
    let request = Request::post("/api/token?grant_type=client_credentials").header("content-type", FORM);
    let request = request.header("authorization", app.client("standard").basic());
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    answer.assert_refused(400, "unsupported_grant_type", "grant_type parameter is missing");
}

#[tokio::test]
async fn a_parameter_sent_twice_is_refused_also_across_query_and_body() {
    let app = TestApp::new().await;
    let twice = "A parameter was sent more than once";
    for body in ["grant_type=client_credentials&grant_type=client_credentials", "grant_type=client_credentials&x=1&x=2"]
    {
        send(&app, "POST", "/api/token", FORM, body).await.assert_refused(400, "invalid_request", twice);
    }
    let path = "/api/token?grant_type=client_credentials";
    send(&app, "POST", path, FORM, "grant_type=client_credentials").await.assert_refused(400, "invalid_request", twice);
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let app = TestApp::new().await;
    send(&app, "POST", "/api/token", FORM, "grant_type=client_credentials&state=x&scope=").await.assert_status(200);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let app = TestApp::new().await;
    let malformed = "The body is not a well-formed form";
    for body in ["grant_type=%zz", "grant_type=%ff", "grant_type=client_credentials%00"] {
        send(&app, "POST", "/api/token", FORM, body).await.assert_refused(400, "invalid_request", malformed);
    }
    let raw = Body::from(vec![b'g', b'=', 0xff]);
    send(&app, "POST", "/api/token", FORM, raw).await.assert_refused(400, "invalid_request", malformed);
    let long = format!("grant_type=client_credentials&x={}", "a".repeat(64 * 1024));
    send(&app, "POST", "/api/token", FORM, long).await.assert_refused(
        413,
        "invalid_request",
        "The body is longer than 64 KiB",
    );
}

#[tokio::test]
async fn with_a_final_slash_it_is_the_same_endpoint() {
    let app = TestApp::new().await;
    send(&app, "POST", "/api/token/", FORM, "grant_type=client_credentials").await.assert_status(200);
}

#[tokio::test]
async fn any_origin_may_call_and_read_errors_too() {
    let app = TestApp::new().await;
    for body in ["grant_type=client_credentials", "grant_type=x"] {
        let request = Request::post("/api/token").header("content-type", FORM).header("origin", "https://app.example");
        let answer = app.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    let preflight = Request::options("/api/token")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type");
    let answer = app.send(preflight.body(Body::empty()).unwrap()).await;
    answer.assert_status(200);
    assert!(answer.header("access-control-allow-headers").contains("authorization"));
}

#[tokio::test]
async fn every_answer_carries_a_request_id() {
    let app = TestApp::new().await;
    let answer = send(&app, "POST", "/api/token", FORM, "grant_type=x").await;
    assert!(answer.header("x-request-id").starts_with("req_"));
}
