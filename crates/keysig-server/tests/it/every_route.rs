//! Knocking on every door: with nothing, with rubbish, with the wrong method. A route that is not in the list fails.

use axum::body::Body;
use http::Request;
use keysig_guard::{Denied, SignInWanted};

use crate::actors::TestApp;

/// Path as routed, a path to call, what GET answers to a stranger, what POST does.
const DOORS: &[(&str, &str, u16, u16)] = &[
    ("/", "/", 200, 405),
    ("/authorize", "/authorize", 400, 303),
    ("/authorize/posted", "/authorize/posted", 400, 405),
    ("/oauth2/v2/auth", "/oauth2/v2/auth", 400, 303),
    ("/login", "/login", 200, 400),
    ("/login/choose", "/login/choose", 303, 403),
    ("/login/email", "/login/email", 303, 410),
    ("/login/passkey", "/login/passkey", 405, 400),
    ("/login/second-step", "/login/second-step", 303, 403),
    ("/login/upstream/{id}", "/login/upstream/nobody", 405, 303),
    ("/login/upstream/{id}/callback", "/login/upstream/nobody/callback", 303, 405),
    ("/dashboard/inspect", "/dashboard/inspect", 200, 403),
    ("/consent", "/consent", 400, 400),
    ("/logout", "/logout", 200, 200),
    ("/oidc/logout/v1", "/oidc/logout/v1", 200, 303),
    ("/pair", "/pair", 200, 400),
    ("/pair/qr", "/pair/qr", 404, 405),
    ("/theme", "/theme", 405, 400),
    ("/language", "/language", 405, 400),
    ("/signup", "/signup", 200, 400),
    ("/signup/check", "/signup/check", 410, 410),
    ("/signup/confirm", "/signup/confirm", 410, 410),
    ("/recover", "/recover", 200, 400),
    ("/recover/check", "/recover/check", 410, 410),
    ("/recover/confirm", "/recover/confirm", 410, 410),
    ("/account", "/account", 303, 405),
    ("/account/profile", "/account/profile", 303, 303),
    ("/account/email", "/account/email", 303, 303),
    ("/account/email/check", "/account/email/check", 303, 303),
    ("/account/email/confirm", "/account/email/confirm", 410, 303),
    ("/account/password", "/account/password", 303, 303),
    ("/account/confirm", "/account/confirm", 405, 303),
    ("/account/confirm/upstream/{id}", "/account/confirm/upstream/nobody", 405, 303),
    ("/account/linking", "/account/linking", 303, 403),
    ("/account/security/upstream/{id}/link", "/account/security/upstream/x/link", 303, 303),
    ("/account/security/upstream/{id}/unlink", "/account/security/upstream/x/unlink", 303, 303),
    ("/account/apps", "/account/apps", 303, 405),
    ("/account/apps/remove-all", "/account/apps/remove-all", 303, 303),
    ("/account/apps/{grant_id}", "/account/apps/0", 303, 405),
    ("/account/apps/{grant_id}/pause", "/account/apps/0/pause", 405, 303),
    ("/account/apps/{grant_id}/resume", "/account/apps/0/resume", 405, 303),
    ("/account/apps/{grant_id}/turn-off", "/account/apps/0/turn-off", 405, 303),
    ("/account/apps/{grant_id}/report", "/account/apps/0/report", 303, 303),
    ("/account/apps/{grant_id}/remove", "/account/apps/0/remove", 303, 303),
    ("/account/passkeys", "/account/passkeys", 405, 303),
    ("/account/passkeys/new", "/account/passkeys/new", 303, 405),
    ("/account/passkeys/{passkey_id}", "/account/passkeys/0", 303, 303),
    ("/account/passkeys/{passkey_id}/remove", "/account/passkeys/0/remove", 303, 303),
    ("/account/security", "/account/security", 303, 405),
    ("/account/security/authenticator", "/account/security/authenticator", 303, 303),
    ("/account/security/authenticator/remove", "/account/security/authenticator/remove", 303, 303),
    ("/account/security/recovery-codes", "/account/security/recovery-codes", 303, 303),
    ("/account/security/recovery-codes/file", "/account/security/recovery-codes/file", 405, 303),
    ("/account/devices", "/account/devices", 303, 405),
    ("/account/devices/sign-out-others", "/account/devices/sign-out-others", 405, 303),
    ("/account/devices/{session_id}/sign-out", "/account/devices/0/sign-out", 405, 303),
    ("/account/events", "/account/events", 303, 405),
    ("/account/export", "/account/export", 303, 303),
    ("/account/delete", "/account/delete", 303, 303),
    ("/logo/{file}", "/logo/nothing.png", 404, 405),
    ("/static/{*path}", "/static/nothing", 404, 405),
    ("/favicon.ico", "/favicon.ico", 200, 405),
    ("/api/token", "/api/token", 405, 400),
    ("/oauth2/revoke/v1", "/oauth2/revoke/v1", 405, 400),
    ("/oidc/userinfo/v1", "/oidc/userinfo/v1", 401, 401),
    ("/oidc/certs/v1", "/oidc/certs/v1", 200, 405),
    ("/.well-known/openid-configuration", "/.well-known/openid-configuration", 200, 405),
    ("/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server", 200, 405),
    ("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource", 200, 405),
    ("/.well-known/oauth-protected-resource/v1", "/.well-known/oauth-protected-resource/v1", 200, 405),
    ("/oauth2/introspect/v1", "/oauth2/introspect/v1", 405, 400),
    ("/oauth2/device/authorize", "/oauth2/device/authorize", 405, 400),
    ("/dev/mail", "/dev/mail", 200, 405),
    ("/dev/mail/{mail_id}", "/dev/mail/0", 404, 405),
    ("/dev/login/{user}/{ticket}", "/dev/login/0/0", 404, 405),
    ("/health", "/health", 200, 405),
    ("/ready", "/ready", 200, 405),
];

#[test]
fn the_list_of_doors_is_the_list_of_routes() {
    let routes: Vec<&str> = include_str!("../../src/routes.rs")
        .split(".route(")
        .skip(1)
        .map(|rest| rest.split('"').nth(1).unwrap())
        .collect();
    let doors: Vec<&str> = DOORS.iter().map(|(route, ..)| *route).collect();
    assert_eq!(routes, doors);
}

#[tokio::test]
async fn a_stranger_gets_nowhere() {
    let app = TestApp::new().await;
    for (_, path, get, post) in DOORS {
        for (method, expected) in [("GET", *get), ("POST", *post)] {
            for cookie in ["", "sid=x; browser=y", "sid=AAAA; sid=BBBB"] {
                let request = Request::builder()
                    .method(method)
                    .uri(*path)
                    .header("cookie", cookie)
                    .header("content-type", "application/x-www-form-urlencoded");
                let answer = app.send(request.body(Body::empty()).unwrap()).await;
                assert_eq!(answer.status.as_u16(), expected, "{method} {path} {cookie}: {}", answer.body);
                assert!(answer.header("x-request-id").starts_with("req_"));
            }
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_reads_what_pages_call_and_nothing_else() {
    let app = TestApp::new().await;
    let for_pages = ["/api/token", "/oauth2/revoke/v1", "/oidc/userinfo/v1", "/oidc/certs/v1"];
    for (_, path, ..) in DOORS {
        let request = Request::get(*path).header("origin", "https://app.example");
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        let may_read = answer.headers.get("access-control-allow-origin").is_some_and(|origin| origin == "*");
        assert_eq!(may_read, for_pages.contains(path) || path.starts_with("/.well-known/"), "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{path}");
    }
}

#[tokio::test]
async fn a_token_is_accepted_in_the_header_only_and_once() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let bearer = format!("Bearer {}", tokens.access);
    let call = |path: String, headers: Vec<String>| {
        let app = app.clone();
        async move {
            let mut request = Request::get(path);
            for header in headers {
                request = request.header("authorization", header);
            }
            app.send(request.body(Body::empty()).unwrap()).await
        }
    };
    let none = call("/v1/me".into(), vec![]).await;
    none.assert_status(401);
    assert_eq!(none.header("www-authenticate"), "Bearer realm=\"spotify\"");
    assert_eq!(none.body, "{\n  \"error\": {\n    \"status\": 401,\n    \"message\": \"No token provided\"\n  }\n}");
    call(format!("/v1/me?access_token={}", tokens.access), vec![]).await.assert_status(401);
    call(format!("/v1/me?access_token={}", tokens.access), vec![bearer.clone()]).await.assert_status(400);
    call("/v1/me".into(), vec![bearer.clone(), bearer.clone()]).await.assert_status(400);
    call("/v1/me".into(), vec!["Basic d2ViOng=".into()]).await.assert_status(400);
    for not in
        ["Bearer x".to_owned(), format!("Bearer {}", tokens.refresh), format!("{bearer}A"), bearer[..80].to_owned()]
    {
        let answer = call("/v1/me".into(), vec![not]).await;
        answer.assert_status(401);
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
        assert!(answer.body.contains("\"message\": \"Invalid access token\""));
    }
    app.clock.advance(3600);
    let expired = call("/v1/me".into(), vec![bearer]).await;
    assert!(expired.body.contains("\"message\": \"The access token expired\""));
}

#[tokio::test]
async fn an_api_that_wants_a_recent_sign_in_asks_for_one() {
    // RFC 9470 §3.
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let bearer = app.server.guard.verify(&tokens.access).unwrap();
    let within = |seconds| SignInWanted { max_age_seconds: Some(seconds), acr: None };
    let by = |acr| SignInWanted { max_age_seconds: None, acr: Some(acr) };
    let suits = |wanted| bearer.require_sign_in(wanted, app.server.now());
    assert_eq!(suits(SignInWanted::default()), Ok(()));
    assert_eq!(suits(by("urn:keysig:acr:1fa")), Ok(()));
    assert_eq!(suits(by("urn:keysig:acr:2fa")), Err(Denied::InsufficientAuthentication(by("urn:keysig:acr:2fa"))));
    app.clock.advance(299);
    assert_eq!(suits(within(300)), Ok(()));
    app.clock.advance(1);
    assert_eq!(suits(within(300)), Err(Denied::InsufficientAuthentication(within(300))));
    let own = app.client("web").client_credentials().await.text("access_token");
    let own = app.server.guard.verify(&own).unwrap();
    assert_eq!(own.require_sign_in(within(300), app.server.now()), Err(Denied::UserRequired));
}

#[tokio::test]
async fn strict_lets_strangers_log_in_and_refuses_them_at_the_api() {
    use keysig_core::app::{App, ClientType, Mode};
    let server = TestApp::new().await.strict().await;
    let development = App {
        mode: Mode::Development,
        ..crate::actors::app("development", ClientType::Confidential, keysig_core::profile::Profile::Spotify)
    };
    server.add(&development).await;
    let client = server.client("development");
    let request = client.request().without("code_challenge").without("code_challenge_method");
    let code = server.signed_in("ada").await.code(&request).await;
    let tokens = crate::actors::Tokens::of(&client.exchange(&code).await);
    let answer = server.api("/v1/me", &tokens.access).await;
    answer.assert_status(403);
    assert!(answer.body.contains("User not registered in the Developer Dashboard"));
}

#[tokio::test]
async fn a_foreign_host_header_changes_no_address() {
    let app = TestApp::new().await;
    let request = Request::get("/v1/nothing").header("host", "evil.example").header("x-forwarded-host", "evil.example");
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    assert!(!answer.body.contains("evil"));
    let tokens = app.client("web").log_in("ada").await;
    let request = Request::get("/v1/me")
        .header("host", "evil.example")
        .header("authorization", format!("Bearer {}", tokens.access));
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    assert!(answer.assert_status(200).body.contains("127.0.0.1:8080") && !answer.body.contains("evil"));
}
