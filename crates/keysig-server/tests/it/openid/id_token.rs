//! OpenID Connect Core §2, §3.1.3.

use std::collections::BTreeSet;

use keysig_core::app::{App, OpenIdSettings};
use keysig_core::jose::SigningAlgorithm;
use serde_json::Value;

use crate::actors::{ISSUER, TestApp};
use crate::relying_party::{Login, relying_party};
use crate::relying_party::{
    NONCE, RP, answered_at_once, asks, exchange, granted, half_hash, header_of, log_in, provider, verified,
};

fn names(claims: &Value) -> BTreeSet<&str> {
    claims.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn a_code_brings_an_id_token_that_says_who_signed_in_where_for_whom_and_until_when() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let signed_in_at = server.server.now().unix_seconds();
    server.clock.advance(20);
    let login = log_in(&mut ada, &asks("code")).await;
    let claims = &login.claims;
    assert_eq!((claims["iss"].as_str(), claims["sub"].as_str()), (Some(ISSUER), Some("ada")));
    assert_eq!(claims["aud"], RP);
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert_eq!(claims["iat"], server.server.now().unix_seconds());
    assert_eq!(claims["auth_time"], signed_in_at);
    assert_eq!(claims["acr"], "urn:keysig:acr:1fa");
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
    assert_eq!(login.answer.json()["token_type"], "Bearer");
    assert_eq!(login.answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn an_id_token_holds_no_claim_that_nobody_asked_for() {
    let server = provider().await;
    let login = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    let known = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];
    let strange: Vec<_> = names(&login.claims).into_iter().filter(|name| !known.contains(name)).collect();
    assert_eq!(strange, Vec::<&str>::new());
}

#[tokio::test]
async fn an_id_token_is_signed_with_rs256_unless_the_app_chose_otherwise() {
    let server = provider().await;
    let login = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    let header = header_of(&login.id_token);
    assert_eq!(header["alg"], "RS256");
    assert!(header["kid"].is_string());
    for foreign in ["jku", "jwk", "x5u", "x5c"] {
        assert!(header[foreign].is_null(), "{header}");
    }
}

#[tokio::test]
async fn an_app_s_choice_of_algorithm_signs_and_hashes() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for (client_id, id_token_algorithm) in [("oidc-es", SigningAlgorithm::Es256), ("oidc-ed", SigningAlgorithm::EdDsa)]
    {
        let algorithm = id_token_algorithm.name();
        let settings = OpenIdSettings { id_token_algorithm, ..OpenIdSettings::default() };
        server.add(&App { openid: settings, ..relying_party(client_id) }).await;
        let received = granted(&mut ada, &asks("code id_token token").with("client_id", client_id)).await;
        let front = received.text("id_token");
        assert_eq!(header_of(front)["alg"], algorithm);
        let claims = verified(&server, front, client_id).await;
        assert_eq!(claims["at_hash"], half_hash(front, received.text("access_token")));
        assert_eq!(claims["c_hash"], half_hash(front, received.text("code")));
        let answer = server.client(client_id).exchange(received.text("code")).await;
        assert_eq!(header_of(&answer.text("id_token"))["alg"], algorithm);
        verified(&server, &answer.text("id_token"), client_id).await;
    }
}

#[tokio::test]
async fn a_nonce_comes_back_byte_for_byte_and_none_comes_when_none_was_sent() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    assert_eq!(log_in(&mut ada, &asks("code")).await.claims["nonce"], NONCE);
    for nonce in ["%41", "a+b", "🎵", "<script>", &"n".repeat(256)] {
        assert_eq!(log_in(&mut ada, &asks("code").with("nonce", nonce)).await.claims["nonce"], *nonce);
    }
    assert!(!names(&log_in(&mut ada, &asks("code").without("nonce")).await.claims).contains("nonce"));
}

#[tokio::test]
async fn a_nonce_that_no_code_can_carry_is_refused_before_anybody_is_asked() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let too_long = asks("code").with("nonce", &"n".repeat(257));
    answered_at_once(&mut ada, &too_long).await.assert_error("invalid_request");
}

#[tokio::test]
async fn the_hash_of_the_access_token_beside_it_is_in_the_id_token() {
    let server = provider().await;
    let Login { access, id_token, claims, .. } = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    assert_eq!(claims["at_hash"], half_hash(&id_token, &access));
}

#[tokio::test]
async fn claims_of_scopes_are_at_userinfo_and_not_in_an_id_token_that_has_an_access_token_beside_it() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let request = asks("code id_token token").with("scope", "openid profile email");
    let received = granted(&mut ada, &request).await;
    let front = verified(&server, received.text("id_token"), RP).await;
    let back = exchange(&server, received.text("code")).await.claims;
    for claims in [&front, &back] {
        for name in ["name", "preferred_username", "email", "email_verified"] {
            assert!(!names(claims).contains(name), "{claims}");
        }
    }
}

#[tokio::test]
async fn claims_of_scopes_are_in_the_id_token_when_it_is_all_there_is() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let received = granted(&mut ada, &asks("id_token").with("scope", "openid profile email")).await;
    let claims = verified(&server, received.text("id_token"), RP).await;
    assert_eq!((claims["name"].as_str(), claims["preferred_username"].as_str()), (Some("Ada"), Some("ada")));
    assert_eq!(claims["email"], "ada@example.test");
    assert!(claims["email_verified"].is_boolean());
}

#[tokio::test]
async fn without_openid_there_is_no_id_token() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let received = granted(&mut ada, &asks("code").with("scope", "user-read-email")).await;
    let answer = server.client(RP).exchange(received.text("code")).await;
    answer.assert_status(200);
    assert!(answer.json()["id_token"].is_null());
    let without = asks("id_token").with("scope", "user-read-email");
    answered_at_once(&mut ada, &without).await.assert_error("invalid_request");
}

#[tokio::test]
async fn an_id_token_of_a_refresh_is_about_the_same_sign_in_and_has_no_nonce() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let request = asks("code").with("scope", "openid offline_access").with("prompt", "consent");
    let first = log_in(&mut ada, &request).await;
    server.clock.advance(1800);
    let answer = server.client(RP).refresh(first.refresh.as_ref().unwrap()).await;
    let id_token = answer.assert_status(200).text("id_token");
    let claims = verified(&server, &id_token, RP).await;
    for same in ["iss", "sub", "aud", "auth_time", "acr", "amr", "sid"] {
        assert_eq!(claims[same], first.claims[same], "{same}");
    }
    assert_eq!(claims["iat"], server.server.now().unix_seconds());
    assert_eq!(claims["at_hash"], half_hash(&id_token, &answer.text("access_token")));
    assert!(!names(&claims).contains("nonce"));
}

#[tokio::test]
async fn an_id_token_survives_a_restart_of_the_server_that_signed_it() {
    let server = provider().await;
    let before = log_in(&mut server.signed_in("ada").await, &asks("code")).await.id_token;
    let server: TestApp = server.restart().await;
    verified(&server, &before, RP).await;
}
