//! Bearer tokens, revocation, introspection.

use axum::body::Body;
use http::Request;
use serde_json::json;

use crate::actors::{Answer, AuthorizeUrl, JWT_API, OPAQUE_API, TestApp, Tokens, form};
use crate::relying_party::{asks, fetch, log_in, provider, userinfo};

/// Where a person's token is presented.
const RESOURCES: [&str; 2] = ["/v1/me", "/oidc/userinfo/v1"];

async fn with_headers(server: &TestApp, path: &str, headers: &[&str]) -> Answer {
    let mut request = Request::get(path);
    for header in headers {
        request = request.header("authorization", *header);
    }
    server.send(request.body(Body::empty()).unwrap()).await
}

/// A token that opens both resources.
async fn token(server: &TestApp) -> String {
    let request = asks("code").with("scope", "openid user-read-private user-read-email");
    log_in(&mut server.signed_in("ada").await, &request).await.access
}

async fn introspect(server: &TestApp, client_id: &str, token: &str, hint: Option<&str>) -> Answer {
    let mut fields = vec![("token", token)];
    fields.extend(hint.map(|hint| ("token_type_hint", hint)));
    server.client(client_id).post("/oauth2/introspect/v1", &fields).await
}

#[tokio::test]
async fn r1_a_token_in_the_address_opens_nothing() {
    let server = provider().await;
    let token = token(&server).await;
    for path in RESOURCES {
        with_headers(&server, path, &[&format!("Bearer {token}")]).await.assert_status(200);
        fetch(&server, &format!("{path}?access_token={token}")).await.assert_status(401);
    }
}

#[tokio::test]
async fn r2_a_token_sent_in_two_ways_or_twice_opens_nothing() {
    let server = provider().await;
    let token = token(&server).await;
    let header = format!("Bearer {token}");
    for path in RESOURCES {
        for status in [
            with_headers(&server, path, &[&header, &header]).await.status,
            with_headers(&server, &format!("{path}?access_token={token}"), &[&header]).await.status,
            with_headers(&server, path, &[&format!("{header}, {header}")]).await.status,
        ] {
            assert!([400, 401].contains(&status.as_u16()), "{path}: {status}");
        }
    }
}

#[tokio::test]
async fn r3_no_token_a_bad_token_and_too_small_a_token_are_three_answers() {
    let server = provider().await;
    let small = log_in(&mut server.signed_in("ada").await, &asks("code")).await.access;
    let without_openid = server.client("standard").log_in("ada").await.access;
    for (path, too_small) in [("/v1/me/playlists", &small), ("/oidc/userinfo/v1", &without_openid)] {
        let none = fetch(&server, path).await;
        none.assert_status(401);
        assert!(none.header("www-authenticate").starts_with("Bearer"), "{path}");
        assert!(!none.header("www-authenticate").contains("error"), "{path}");
        let bad = with_headers(&server, path, &["Bearer nonsense"]).await;
        bad.assert_status(401);
        assert!(bad.header("www-authenticate").contains("error=\"invalid_token\""), "{path}");
        let narrow = with_headers(&server, path, &[&format!("Bearer {too_small}")]).await;
        narrow.assert_status(403);
        assert!(narrow.header("www-authenticate").contains("error=\"insufficient_scope\""), "{path}");
    }
}

#[tokio::test]
async fn r4_age_audience_scope_and_revocation_are_checked_each_time_a_token_is_used() {
    let server = provider().await;
    for path in RESOURCES {
        let expiring = token(&server).await;
        let revoked = token(&server).await;
        for token in [&expiring, &revoked] {
            with_headers(&server, path, &[&format!("Bearer {token}")]).await.assert_status(200);
        }
        server.client("oidc").revoke(&revoked).await.assert_status(200);
        with_headers(&server, path, &[&format!("Bearer {revoked}")]).await.assert_status(401);
        server.clock.advance(3600);
        with_headers(&server, path, &[&format!("Bearer {expiring}")]).await.assert_status(401);
    }
    for resource in [OPAQUE_API, JWT_API] {
        let client = server.client("standard");
        let request = client.request().with("scope", "openid user-read-email").with("resource", resource);
        let code = server.signed_in("ada").await.code(&request).await;
        let elsewhere = client.exchange(&code).await.assert_status(200).text("access_token");
        for path in RESOURCES {
            with_headers(&server, path, &[&format!("Bearer {elsewhere}")]).await.assert_status(401);
        }
    }
}

#[tokio::test]
async fn r5_revocation_asks_who_calls_and_whose_the_token_is_and_no_hint_hides_it() {
    let server = TestApp::new().await;
    for client_id in ["web", "public", "standard", "standard-public"] {
        let client = server.client(client_id);
        let tokens = client.log_in("ada").await;
        let stranger = server.client(if client_id == "web" { "other" } else { "web" });
        for token in [&tokens.access, &tokens.refresh] {
            assert_eq!(stranger.revoke(token).await.assert_status(400).text("error"), "invalid_grant");
        }
        server.api("/v1/me", &tokens.access).await.assert_status(200);
        client.revoke("nonsense").await.assert_status(200);
        let wrong_hint = [("token", tokens.access.as_str()), ("token_type_hint", "refresh_token")];
        client.post("/oauth2/revoke/v1", &wrong_hint).await.assert_status(200);
        server.api("/v1/me", &tokens.access).await.assert_status(401);
        let unknown_hint = [("token", tokens.refresh.as_str()), ("token_type_hint", "magic")];
        client.post("/oauth2/revoke/v1", &unknown_hint).await.assert_status(200);
        client.refresh(&tokens.refresh).await.assert_status(400);
    }
    let tokens = server.client("standard").log_in("ada").await;
    let unproven = form(&[("token", &tokens.refresh), ("client_id", "standard"), ("client_secret", "wrong")]);
    let request = Request::post("/oauth2/revoke/v1").header("content-type", "application/x-www-form-urlencoded");
    let answer = server.send(request.body(Body::from(unproven)).unwrap()).await;
    assert_eq!(answer.assert_status(401).text("error"), "invalid_client");
    server.client("standard").refresh(&tokens.refresh).await.assert_status(200);
}

#[tokio::test]
async fn r6_with_a_refresh_token_its_access_tokens_end_and_that_is_durable() {
    let server = TestApp::new().await;
    let client = server.client("standard");
    let first = client.log_in("ada").await;
    let second = Tokens::of(&client.refresh(&first.refresh).await);
    client.revoke(&second.refresh).await.assert_status(200);
    for access in [&first.access, &second.access] {
        server.api("/v1/me", access).await.assert_status(401);
    }
    let server = server.restart().await;
    server.api("/v1/me", &second.access).await.assert_status(401);
    server.client("standard").refresh(&second.refresh).await.assert_status(400);
}

#[tokio::test]
async fn r7_introspection_tells_a_proven_client_about_its_own_tokens_and_nobody_about_others() {
    let server = provider().await;
    let login = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    let about = introspect(&server, "oidc", &login.access, None).await.assert_status(200).json();
    assert_eq!((about["active"].as_bool(), about["client_id"].as_str()), (Some(true), Some("oidc")));
    assert_eq!(about["scope"], "openid");
    for hint in ["refresh_token", "magic"] {
        assert_eq!(introspect(&server, "oidc", &login.access, Some(hint)).await.json()["active"], true, "{hint}");
    }
    for stranger in ["oidc-other", "standard"] {
        let answer = introspect(&server, stranger, &login.access, None).await;
        assert_eq!(answer.assert_status(200).json(), json!({ "active": false }));
    }
    assert_eq!(introspect(&server, "oidc", "nonsense", None).await.json(), json!({ "active": false }));
    server.client("oidc").revoke(&login.access).await.assert_status(200);
    assert_eq!(introspect(&server, "oidc", &login.access, None).await.json(), json!({ "active": false }));
    let public = introspect(&server, "standard-public", &login.access, None).await;
    assert_eq!(public.assert_status(400).text("error"), "unauthorized_client", "who has no secret has proven nothing");
    let nobody = Request::post("/oauth2/introspect/v1").header("content-type", "application/x-www-form-urlencoded");
    let answer = server.send(nobody.body(Body::from(form(&[("token", &login.access)]))).unwrap()).await;
    assert!(answer.status.is_client_error() && answer.json()["active"].is_null());
}

#[tokio::test]
async fn r8_what_tells_about_people_and_tokens_is_kept_by_nobody_and_no_token_is_in_an_address() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let login = log_in(&mut ada, &asks("code")).await;
    for answer in [
        userinfo(&server, &login.access).await,
        userinfo(&server, "nonsense").await,
        introspect(&server, "oidc", &login.access, None).await,
        introspect(&server, "oidc", "nonsense", None).await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let callback = ada.allow(&AuthorizeUrl::of("standard").with("scope", "openid")).await;
    assert!(callback.contains("code=") && !callback.contains("token"), "{callback}");
}
