//! OpenID Connect Core §5.3, §5.4, §5.5.

use std::collections::BTreeSet;

use axum::body::Body;
use http::{Method, Request};
use keysig_core::app::{App, OpenIdSettings};
use keysig_core::jose::SigningAlgorithm;
use serde_json::{Value, json};

use crate::actors::{Answer, TestApp, form};
use crate::relying_party::{
    RP, answered_at_once, asks, asks_for_consent, bearer, exchange, granted, log_in, provider, relying_party, signed,
    userinfo, verified,
};

const PATH: &str = "/oidc/userinfo/v1";

fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}

async fn post(server: &TestApp, header: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let mut request = Request::post(PATH).header("content-type", "application/x-www-form-urlencoded");
    if let Some(token) = header {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    server.send(request.body(Body::from(form(fields))).unwrap()).await
}

#[tokio::test]
async fn user_information_is_given_for_a_token_in_the_header() {
    let server = provider().await;
    let login = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    for answer in [userinfo(&server, &login.access).await, bearer(&server, Method::POST, PATH, &login.access).await] {
        assert!(answer.assert_status(200).header("content-type").starts_with("application/json"));
        assert_eq!(answer.json(), json!({ "sub": login.claims["sub"] }));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn user_information_is_given_for_a_token_in_the_form() {
    let server = provider().await;
    let login = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    let answer = post(&server, None, &[("access_token", &login.access)]).await;
    assert_eq!(answer.assert_status(200).text("sub"), "ada");
    // RFC 6750 §2: one way, once.
    post(&server, Some(&login.access), &[("access_token", &login.access)]).await.assert_status(400);
    let twice = [("access_token", login.access.as_str()), ("access_token", &login.access)];
    post(&server, None, &twice).await.assert_status(400);
    let query = format!("{PATH}?access_token={}", login.access);
    crate::relying_party::fetch(&server, &query).await.assert_status(401);
}

#[tokio::test]
async fn each_scope_brings_its_claims_and_no_others() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for (scope, expected) in [
        ("openid", vec!["sub"]),
        ("openid profile", vec!["name", "preferred_username", "sub"]),
        ("openid email", vec!["email", "email_verified", "sub"]),
        ("openid profile email", vec!["email", "email_verified", "name", "preferred_username", "sub"]),
    ] {
        let login = log_in(&mut ada, &asks("code").with("scope", scope)).await;
        let answer = userinfo(&server, &login.access).await.json();
        assert_eq!(names(&answer), expected.into_iter().collect(), "{scope}");
        assert!(answer["email"].is_null() || answer["email"] == "ada@example.test");
        assert!(answer["name"].is_null() || answer["name"] == "Ada");
    }
}

#[tokio::test]
async fn a_token_of_the_front_channel_is_as_good() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in ["id_token token", "code token", "code id_token token"] {
        let received = granted(&mut ada, &asks(response_type).with("scope", "openid email")).await;
        let answer = userinfo(&server, received.text("access_token")).await.json();
        assert_eq!((answer["sub"].as_str(), answer["email"].as_str()), (Some("ada"), Some("ada@example.test")));
        assert!(post(&server, None, &[("access_token", received.text("access_token"))]).await.status.is_success());
    }
}

#[tokio::test]
async fn a_token_without_openid_and_one_of_nobody_are_refused() {
    let server = provider().await;
    let tokens = server.client("web").log_in("ada").await;
    let answer = userinfo(&server, &tokens.access).await;
    answer.assert_status(403);
    assert!(answer.header("www-authenticate").contains("error=\"insufficient_scope\""));
    let nobodys = server.client(RP).client_credentials().await.text("access_token");
    userinfo(&server, &nobodys).await.assert_status(403);
    for not in ["x", tokens.refresh.as_str()] {
        let answer = userinfo(&server, not).await;
        answer.assert_status(401);
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
    }
}

#[tokio::test]
async fn a_claim_asked_for_by_name_is_shown_to_the_person_and_given() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    granted(&mut ada, &asks("code")).await;
    let claims = json!({ "userinfo": { "name": { "essential": true } } }).to_string();
    let request = asks("code").with("claims", &claims);
    let page = ada.open(&request.to_string()).await;
    assert!(asks_for_consent(&page), "more than before is asked for");
    let profile = ada.open(&asks("code").with("scope", "openid profile").to_string()).await;
    let line = |page: &Answer| page.body.split("<li").nth(1).map(str::to_owned);
    assert_eq!(line(&page), line(&profile), "in the words of the scope that brings it");
    let login = log_in(&mut ada, &request).await;
    assert_eq!(userinfo(&server, &login.access).await.json(), json!({ "sub": "ada", "name": "Ada" }));
    assert!(login.claims["name"].is_null(), "asked for at userinfo, not in the ID token");
}

#[tokio::test]
async fn a_claim_asked_for_in_the_id_token_is_there() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let claims = json!({ "id_token": { "email": null, "auth_time": { "essential": true } } }).to_string();
    for response_type in ["code", "code id_token"] {
        let login = log_in(&mut ada, &asks(response_type).with("claims", &claims)).await;
        assert_eq!(login.claims["email"], "ada@example.test");
        assert!(login.claims["auth_time"].is_i64());
        assert!(userinfo(&server, &login.access).await.json()["email"].is_null());
    }
    let received = granted(&mut ada, &asks("id_token").with("claims", &claims)).await;
    assert_eq!(verified(&server, received.text("id_token"), RP).await["email"], "ada@example.test");
}

#[tokio::test]
async fn a_claim_that_is_unknown_is_left_out_and_claims_that_cannot_be_read_are_refused() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let odd = json!({ "userinfo": { "shoe_size": null, "iss": null, "scope": null }, "elsewhere": {} }).to_string();
    let login = log_in(&mut ada, &asks("code").with("claims", &odd)).await;
    assert_eq!(userinfo(&server, &login.access).await.json(), json!({ "sub": "ada" }));
    for unreadable in ["{", "[]", "\"name\"", "{\"userinfo\":3}", "{\"userinfo\":{},\"userinfo\":{\"name\":null}}"] {
        let received = answered_at_once(&mut ada, &asks("code").with("claims", unreadable)).await;
        received.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn a_request_for_another_person_is_never_answered_about_this_one() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    granted(&mut ada, &asks("code")).await;
    let about = |people: &[&str]| json!({ "id_token": { "sub": { "values": people } } }).to_string();
    let request = asks("code").with("prompt", "none");
    for (people, are_answered_about) in [(&["bob"][..], false), (&["ada"], true), (&["bob", "ada"], true)] {
        let received = answered_at_once(&mut ada, &request.clone().with("claims", &about(people))).await;
        if are_answered_about {
            assert!(received.has("code"));
        } else {
            received.assert_error("login_required");
        }
    }
    let one = json!({ "id_token": { "sub": { "value": "bob" } } }).to_string();
    answered_at_once(&mut ada, &request.with("claims", &one)).await.assert_error("login_required");
}

#[tokio::test]
async fn user_information_is_signed_for_an_app_that_chose_so() {
    let server = provider().await;
    let settings = OpenIdSettings { userinfo_algorithm: Some(SigningAlgorithm::Es256), ..OpenIdSettings::default() };
    server.add(&App { openid: settings, ..relying_party("oidc-signed") }).await;
    let mut ada = server.signed_in("ada").await;
    let received =
        granted(&mut ada, &asks("code").with("client_id", "oidc-signed").with("scope", "openid email")).await;
    let access = server.client("oidc-signed").exchange(received.text("code")).await.text("access_token");
    let answer = userinfo(&server, &access).await;
    assert!(answer.assert_status(200).header("content-type").starts_with("application/jwt"));
    let claims = signed(&server, &answer.body, "oidc-signed").await;
    assert_eq!((claims["sub"].as_str(), claims["email"].as_str()), (Some("ada"), Some("ada@example.test")));
}

#[tokio::test]
async fn any_origin_may_ask_without_credentials() {
    let server = provider().await;
    let preflight = Request::options(PATH)
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    let answer = server.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let refused = Request::get(PATH).header("origin", "https://app.example").body(Body::empty()).unwrap();
    let refused = server.send(refused).await;
    refused.assert_status(401);
    assert_eq!(refused.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn a_new_name_is_told_at_the_next_question() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let received = granted(&mut ada, &asks("code").with("scope", "openid profile")).await;
    let login = exchange(&server, received.text("code")).await;
    let rename = keysig_store::Statement::new(
        "UPDATE users SET display_name = 'Ada L.' WHERE public_id = $1",
        keysig_store::params!["ada"],
    );
    server.server.store.write(keysig_store::Write::one(rename)).await.unwrap();
    assert_eq!(userinfo(&server, &login.access).await.text("name"), "Ada L.");
}
