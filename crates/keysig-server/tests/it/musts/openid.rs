//! OpenID Connect.

use std::sync::Arc;

use keysig_core::app::{App, OpenIdSettings};
use keysig_core::encoding::base64url;
use keysig_core::parameters::percent_encode;
use keysig_server::logout_delivery::deliver_due;
use keysig_server::outbound::Outbound;
use serde_json::json;

use crate::actors::{AuthorizeUrl, ISSUER};
use crate::openid::back_channel::{heard, id_token, logout_token, sign_out, with_server_of_its_own};
use crate::relying_party::{
    AFTER_LOGOUT, FRONT_CHANNEL, NONCE, RP, Received, Via, answered_at_once, asks, asks_for_password, end_session,
    exchange, fetch, granted, half_hash, header_of, leads_to, log_in, provider, relying_party, signed, through,
    userinfo, verified,
};

#[tokio::test]
async fn o1_an_id_token_is_from_us_for_the_app_about_a_person_and_signed() {
    let server = provider().await;
    let login = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    let claims = &login.claims;
    assert_eq!((claims["iss"].as_str(), claims["aud"].as_str()), (Some(ISSUER), Some(RP)));
    let sub = claims["sub"].as_str().unwrap();
    assert!((1..=255).contains(&sub.len()) && sub.is_ascii());
    assert!(claims["exp"].is_i64() && claims["iat"].is_i64());
    // One audience needs no `azp`, and if it is there it is the app.
    assert!(claims["azp"].is_null() || claims["azp"] == RP);
    assert_ne!(header_of(&login.id_token)["alg"], "none");
}

#[tokio::test]
async fn o2_a_nonce_is_echoed_when_sent_and_absent_when_not() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    assert_eq!(log_in(&mut ada, &asks("code")).await.claims["nonce"], NONCE);
    let without = log_in(&mut ada, &asks("code").without("nonce")).await;
    assert!(without.claims.get("nonce").is_none());
}

#[tokio::test]
async fn o3_max_age_and_prompt_login_make_the_person_sign_in_again_and_say_when() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    granted(&mut ada, &asks("code")).await;
    for (name, value) in [("max_age", "1"), ("max_age", "0"), ("prompt", "login")] {
        server.clock.advance(10);
        let request = asks("code").with(name, value);
        assert!(asks_for_password(&ada.open(&request.to_string()).await), "{name}={value}");
        let login = log_in(&mut ada, &request).await;
        assert_eq!(login.claims["auth_time"], server.server.now().unix_seconds(), "{name}={value}");
    }
}

#[tokio::test]
async fn o4_a_silent_request_shows_no_page_whatever_is_missing() {
    let server = provider().await;
    let silent = asks("code").with("prompt", "none");
    answered_at_once(&mut server.browser(), &silent).await.assert_error("login_required");
    let mut ada = server.signed_in("ada").await;
    answered_at_once(&mut ada, &silent).await.assert_error("consent_required");
    let public = AuthorizeUrl::of("standard-public").with("scope", "openid");
    ada.allow(&public).await;
    answered_at_once(&mut ada, &public.with("prompt", "none")).await.assert_error("interaction_required");
    let both = asks("code").with("prompt", "none login");
    answered_at_once(&mut ada, &both).await.assert_error("invalid_request");
}

#[tokio::test]
async fn o5_at_hash_is_of_the_token_beside_it_wherever_it_is() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in ["id_token token", "code id_token token"] {
        let received = granted(&mut ada, &asks(response_type)).await;
        let claims = verified(&server, received.text("id_token"), RP).await;
        assert_eq!(claims["at_hash"], half_hash(received.text("id_token"), received.text("access_token")));
    }
    let login = log_in(&mut ada, &asks("code")).await;
    assert_eq!(login.claims["at_hash"], half_hash(&login.id_token, &login.access));
}

#[tokio::test]
async fn o6_a_hybrid_id_token_binds_its_code_and_a_nonce_is_required() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in ["code id_token", "code id_token token"] {
        let received = granted(&mut ada, &asks(response_type)).await;
        let claims = verified(&server, received.text("id_token"), RP).await;
        assert_eq!(claims["c_hash"], half_hash(received.text("id_token"), received.text("code")));
        let without = answered_at_once(&mut ada, &asks(response_type).without("nonce")).await;
        without.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn o7_hybrid_answers_are_in_the_fragment_and_both_id_tokens_agree() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let received = granted(&mut ada, &asks("code id_token")).await;
    assert_eq!(received.via, Via::Fragment);
    let front = verified(&server, received.text("id_token"), RP).await;
    let back = exchange(&server, received.text("code")).await.claims;
    assert_eq!((&front["iss"], &front["sub"]), (&back["iss"], &back["sub"]));
    let query = answered_at_once(&mut ada, &asks("code id_token").with("response_mode", "query")).await;
    query.assert_error("invalid_request");
}

#[tokio::test]
async fn o8_a_form_post_is_escaped_kept_nowhere_and_may_go_to_the_app_only() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let state = "\"><script>alert(1)</script><form action=\"https://evil.example\">";
    let request = asks("code").with("response_mode", "form_post").with("state", state);
    let page = through(&mut ada, &request).await;
    assert!(!page.body.contains("<script>alert") && !page.body.contains("evil.example\">"), "{}", page.body);
    assert_eq!(Received::of(&page).text("state"), state);
    assert_eq!(page.header("cache-control"), "no-store");
    let policy = page.header("content-security-policy");
    assert!(policy.split(';').any(|part| part.trim() == "form-action http://127.0.0.1:8888"), "{policy}");
}

#[tokio::test]
async fn o9_no_access_token_comes_through_the_browser_unless_the_app_has_legacy_flows() {
    let server = provider().await;
    server.add(&App { legacy_flows: false, ..relying_party("modern") }).await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL.into_iter().filter(|name| name.split(' ').any(|value| value == "token")) {
        let request = asks(response_type).with("client_id", "modern");
        answered_at_once(&mut ada, &request).await.assert_error("unsupported_response_type");
    }
}

#[tokio::test]
async fn o10_user_information_is_about_the_id_token_s_subject_and_needs_openid() {
    let server = provider().await;
    let login = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    assert_eq!(userinfo(&server, &login.access).await.json()["sub"], login.claims["sub"]);
    let other = server.client("standard").log_in("ada").await;
    userinfo(&server, &other.access).await.assert_status(403);
}

#[tokio::test]
async fn o11_a_refreshed_id_token_is_about_the_first_sign_in() {
    let server = provider().await;
    let request = asks("code").with("scope", "openid offline_access").with("prompt", "consent");
    let first = log_in(&mut server.signed_in("ada").await, &request).await;
    server.clock.advance(600);
    let answer = server.client(RP).refresh(&first.refresh.unwrap()).await;
    let claims = verified(&server, &answer.text("id_token"), RP).await;
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(claims[same], first.claims[same], "{same}");
    }
    assert!(claims.get("nonce").is_none());
}

#[tokio::test]
async fn o12_a_hint_must_be_ours_and_this_app_s_and_may_be_old() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let hint = log_in(&mut ada, &asks("code")).await.id_token;
    let foreign =
        granted(&mut ada, &asks("id_token").with("client_id", "oidc-other")).await.text("id_token").to_owned();
    server.clock.advance(4000);
    let silent = |hint: &str| asks("code").with("prompt", "none").with("id_token_hint", hint);
    assert!(answered_at_once(&mut ada, &silent(&hint)).await.has("code"));
    let forged = format!("{}.{}", hint.rsplit_once('.').unwrap().0, base64url(&[1; 256]));
    for wrong in [forged, foreign] {
        answered_at_once(&mut ada, &silent(&wrong)).await.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn o13_hints_and_wishes_are_text_and_never_markup() {
    let server = provider().await;
    let hostile = "\"'><img src=x onerror=alert(1)>";
    for name in ["login_hint", "ui_locales", "display", "acr_values", "claims_locales"] {
        let page = server.browser().open(&asks("code").with(name, hostile).to_string()).await;
        assert!(asks_for_password(&page) && !page.body.contains("<img src=x"), "{name}: {}", page.body);
    }
    let claims = json!({ "userinfo": { hostile: null } }).to_string();
    let page = server.signed_in("ada").await.open(&asks("code").with("claims", &claims).to_string()).await;
    assert!(!page.body.contains("<img src=x"), "{}", page.body);
}

#[tokio::test]
async fn o14_the_metadata_is_of_the_issuer_it_was_fetched_from_and_its_keys_are_public() {
    let server = provider().await;
    let metadata = fetch(&server, "/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], ISSUER);
    for (name, value) in metadata.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            assert!(value.as_str().unwrap().starts_with(&format!("{ISSUER}/")), "{name}");
        }
    }
    let path = metadata["jwks_uri"].as_str().unwrap().strip_prefix(ISSUER).unwrap();
    for key in fetch(&server, path).await.json()["keys"].as_array().unwrap() {
        assert!(key["kid"].is_string() && key["alg"].is_string() && key["use"] == "sig", "{key}");
        assert!(key["d"].is_null() && key["k"].is_null() && key["p"].is_null());
    }
}

#[tokio::test]
async fn o15_keys_may_be_cached_and_a_signature_outlives_the_server_s_restart() {
    let server = provider().await;
    let before = log_in(&mut server.signed_in("ada").await, &asks("code")).await.id_token;
    let answer = fetch(&server, "/oidc/certs/v1").await;
    assert!(answer.header("cache-control").contains("max-age="), "{:?}", answer.headers);
    let server = server.restart().await;
    verified(&server, &before, RP).await;
}

#[tokio::test]
async fn o16_a_logout_leads_to_registered_addresses_only_and_asks_where_nobody_is_proven() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let hint = log_in(&mut ada, &asks("code")).await.id_token;
    let evil = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", "https://evil.example/")];
    assert_eq!(leads_to(&ada.open(&end_session(&evil)).await), None);
    let bare = ada.open("/oidc/logout/v1").await;
    assert!(bare.body.contains("<form") && leads_to(&bare).is_none());
    assert!(answered_at_once(&mut ada, &asks("code").with("prompt", "none")).await.has("code"), "asked first");
    let good = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    assert_eq!(leads_to(&ada.open(&end_session(&good)).await).as_deref(), Some(AFTER_LOGOUT));
    answered_at_once(&mut ada, &asks("code").with("prompt", "none")).await.assert_error("login_required");
}

#[tokio::test]
async fn o17_a_logout_token_cannot_pass_as_another_and_goes_where_anybody_may_send() {
    let server = provider().await;
    let listener = with_server_of_its_own(&server, "told").await;
    let mut ada = server.signed_in("ada").await;
    id_token(&server, &mut ada, "told").await;
    sign_out(&mut ada).await;
    let (body, _) = tokio::join!(heard(&listener, "200 OK"), async { deliver_due(&server.server, &mut None).await });
    let token = logout_token(&body);
    let claims = signed(&server, &token, "told").await;
    assert_eq!(header_of(&token)["typ"], "logout+jwt");
    assert!(claims["events"].is_object() && claims["jti"].is_string() && claims["iat"].is_i64());
    assert!((claims["sub"].is_string() || claims["sid"].is_string()) && claims.get("nonce").is_none());

    // What a real server does with an address that only it can reach: nothing.
    let mut ada = server.signed_in("ada").await;
    id_token(&server, &mut ada, "told").await;
    sign_out(&mut ada).await;
    let mut guarded = Some(Arc::new(Outbound::new(false).unwrap()));
    assert_eq!(deliver_due(&server.server, &mut guarded).await.unwrap(), 1);
    tokio::select! {
        biased;
        _ = listener.accept() => panic!("a machine of our own was talked to"),
        () = std::future::ready(()) => {}
    }
    server.clock.advance(600);
    assert_eq!(deliver_due(&server.server, &mut guarded).await.unwrap(), 0, "and it is not tried again");
}

#[tokio::test]
async fn o18_a_subject_is_not_the_address_and_a_pairwise_one_tells_apps_of_two_sectors_apart() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let mut found = Vec::new();
    for (client_id, sector) in [("pair-1", "one.example"), ("pair-2", "two.example")] {
        let openid = OpenIdSettings { sector: Some(sector.to_owned()), ..OpenIdSettings::default() };
        server.add(&App { openid, ..relying_party(client_id) }).await;
        let received = granted(&mut ada, &asks("id_token").with("client_id", client_id)).await;
        found.push(verified(&server, received.text("id_token"), client_id).await["sub"].clone());
    }
    assert_ne!(found[0], found[1]);
    let public = log_in(&mut ada, &asks("code")).await.claims["sub"].clone();
    assert!(!found.contains(&public) && !public.as_str().unwrap().contains('@'));
    assert!(!percent_encode(public.as_str().unwrap()).contains('%'));
}
