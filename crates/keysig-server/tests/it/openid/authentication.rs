//! Who is asked, and when (OpenID Connect Core §3.1.2.1, §3.1.2.3, §3.1.2.6).

use keysig_core::encoding::base64url;
use serde_json::json;

use crate::actors::{AuthorizeUrl, PASSWORD};
use crate::relying_party::{
    OTHER_RP, RP, Received, answered_at_once, asks, asks_for_consent, asks_for_password, exchange, granted, leads_to,
    log_in, provider, through, verified,
};

#[tokio::test]
async fn a_silent_request_without_a_session_shows_no_page() {
    let server = provider().await;
    for response_type in ["code", "id_token", "code id_token"] {
        let request = asks(response_type).with("prompt", "none");
        answered_at_once(&mut server.browser(), &request).await.assert_error("login_required");
    }
}

#[tokio::test]
async fn a_silent_request_of_somebody_who_agreed_is_answered_about_the_same_sign_in() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let first = log_in(&mut ada, &asks("code")).await;
    server.clock.advance(60);
    let received = answered_at_once(&mut ada, &asks("code").with("prompt", "none")).await;
    let second = exchange(&server, received.text("code")).await;
    for same in ["sub", "auth_time", "sid"] {
        assert_eq!(first.claims[same], second.claims[same], "{same}");
    }
}

#[tokio::test]
async fn a_silent_request_of_somebody_who_did_not_agree_is_refused() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let request = asks("code").with("prompt", "none");
    answered_at_once(&mut ada, &request).await.assert_error("consent_required");
    granted(&mut ada, &asks("code")).await;
    let more = request.with("scope", "openid email");
    answered_at_once(&mut ada, &more).await.assert_error("consent_required");
}

#[tokio::test]
async fn a_silent_request_of_an_app_that_anybody_may_claim_to_be_needs_a_page() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let request = AuthorizeUrl::of("standard-public").with("scope", "openid");
    ada.allow(&request).await;
    answered_at_once(&mut ada, &request.with("prompt", "none")).await.assert_error("interaction_required");
}

#[tokio::test]
async fn silence_and_a_page_cannot_both_be_asked_for() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    granted(&mut ada, &asks("code")).await;
    for prompt in ["none login", "consent none", "none select_account"] {
        let received = answered_at_once(&mut ada, &asks("code").with("prompt", prompt)).await;
        received.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn prompt_login_asks_for_the_password_again_and_the_id_token_says_when() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let first = log_in(&mut ada, &asks("code")).await;
    server.clock.advance(100);
    let request = asks("code").with("prompt", "login");
    let page = ada.open(&request.to_string()).await;
    assert!(asks_for_password(&page), "{}", page.body);
    let again = log_in(&mut ada, &request).await;
    assert_eq!(again.claims["auth_time"].as_i64().unwrap(), first.claims["auth_time"].as_i64().unwrap() + 100);
    assert_eq!(again.claims["sub"], first.claims["sub"]);
}

#[tokio::test]
async fn prompt_login_is_not_answered_by_going_round_the_page() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    granted(&mut ada, &asks("code")).await;
    server.clock.advance(100);
    let page = ada.open(&asks("code").with("prompt", "login").to_string()).await;
    let tx = page.field("tx");
    let consent = ada.open(&format!("/consent?tx={tx}")).await;
    assert!(asks_for_password(&consent) || consent.status.is_client_error(), "{}", consent.body);
    let csrf = page.field("csrf");
    let skipped = ada.post("/consent", &[("tx", &tx), ("csrf", &csrf), ("decision", "allow")]).await;
    assert!(!skipped.body.contains("code="), "{}", skipped.body);
    let wrong = ada.fill_in(&page, "ada@example.test", "not-her-password").await;
    wrong.assert_status(422);
}

#[tokio::test]
async fn prompt_consent_asks_for_a_decision_that_was_made_before() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    granted(&mut ada, &asks("code")).await;
    let page = ada.open(&asks("code").with("prompt", "consent").to_string()).await;
    assert!(asks_for_consent(&page), "{}", page.body);
    let page = ada.open(&asks("code").with("prompt", "login consent").to_string()).await;
    let page = ada.fill_in(&page, "ada@example.test", PASSWORD).await;
    assert!(asks_for_consent(&page), "{}", page.body);
}

#[tokio::test]
async fn an_unknown_prompt_is_refused() {
    let server = provider().await;
    for prompt in ["create", "Login", "login,consent"] {
        let received = answered_at_once(&mut server.browser(), &asks("code").with("prompt", prompt)).await;
        received.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn a_person_may_choose_another_account_and_the_answer_is_about_that_one() {
    let server = provider().await;
    let mut browser = server.signed_in("ada").await;
    granted(&mut browser, &asks("code")).await;
    let page = browser.open(&asks("code").with("prompt", "select_account").to_string()).await;
    assert!(page.body.contains("Choose an account") && leads_to(&page).is_none(), "{}", page.body);
    let sign_in = browser.open(&format!("/login?account=new&tx={}", page.field("tx"))).await;
    let consent = browser.fill_in(&sign_in, "bob@example.test", PASSWORD).await;
    let received = Received::of(&browser.decide(&consent, "allow").await);
    assert_eq!(exchange(&server, received.text("code")).await.claims["sub"], "bob");
}

#[tokio::test]
async fn a_sign_in_older_than_max_age_is_not_good_enough() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let first = log_in(&mut ada, &asks("code")).await;
    server.clock.advance(2);
    let request = asks("code").with("max_age", "1");
    assert!(asks_for_password(&ada.open(&request.to_string()).await));
    let silent = request.clone().with("prompt", "none");
    answered_at_once(&mut ada, &silent).await.assert_error("login_required");
    let again = log_in(&mut ada, &request).await;
    assert_eq!(again.claims["auth_time"].as_i64().unwrap(), first.claims["auth_time"].as_i64().unwrap() + 2);
}

#[tokio::test]
async fn a_sign_in_younger_than_max_age_is_used_and_its_time_is_said() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let first = log_in(&mut ada, &asks("code")).await;
    server.clock.advance(100);
    let received = answered_at_once(&mut ada, &asks("code").with("max_age", "10000")).await;
    let second = exchange(&server, received.text("code")).await;
    assert_eq!(second.claims["auth_time"], first.claims["auth_time"]);
}

#[tokio::test]
async fn max_age_zero_always_asks_and_nonsense_is_refused() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    granted(&mut ada, &asks("code")).await;
    assert!(asks_for_password(&ada.open(&asks("code").with("max_age", "0").to_string()).await));
    for nonsense in ["-1", "1.5", "soon", "99999999999999999999"] {
        let received = answered_at_once(&mut ada, &asks("code").with("max_age", nonsense)).await;
        received.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn a_hint_at_the_person_who_is_signed_in_is_silent_and_at_another_it_is_not() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let hint = log_in(&mut ada, &asks("code")).await.id_token;
    let request = asks("code").with("prompt", "none").with("id_token_hint", &hint);
    let received = answered_at_once(&mut ada, &request).await;
    assert_eq!(exchange(&server, received.text("code")).await.claims["sub"], "ada");

    let mut bob = server.signed_in("bob").await;
    bob.allow(&asks("code")).await;
    answered_at_once(&mut bob, &request).await.assert_error("login_required");
    // Without `prompt=none` Bob is asked to sign in as who is meant.
    assert!(asks_for_password(&bob.open(&request.without("prompt").to_string()).await));
}

#[tokio::test]
async fn a_hint_may_have_expired_but_not_be_forged_or_another_app_s() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let hint = log_in(&mut ada, &asks("code")).await.id_token;
    let others = granted(&mut ada, &asks("id_token").with("client_id", OTHER_RP)).await.text("id_token").to_owned();
    server.clock.advance(7200);
    let silent = asks("code").with("prompt", "none");
    assert!(answered_at_once(&mut ada, &silent.clone().with("id_token_hint", &hint)).await.has("code"));

    let parts: Vec<&str> = hint.split('.').collect();
    let unsigned = format!("{}.{}.", base64url(br#"{"alg":"none"}"#), parts[1]);
    let changed = format!("{}.{}.{}", parts[0], base64url(br#"{"sub":"bob"}"#), parts[2]);
    for forged in [unsigned.as_str(), &changed, &others, "x", "a.b.c"] {
        let received = answered_at_once(&mut ada, &silent.clone().with("id_token_hint", forged)).await;
        received.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn a_login_hint_fills_in_the_form_and_is_nothing_but_text() {
    let server = provider().await;
    let page = server.browser().open(&asks("code").with("login_hint", "ada@example.test").to_string()).await;
    assert_eq!(page.field("identifier"), "ada@example.test");
    let hostile = "\"><script>alert(1)</script>";
    let page = server.browser().open(&asks("code").with("login_hint", hostile).to_string()).await;
    assert!(asks_for_password(&page) && !page.body.contains("<script>"), "{}", page.body);
    // A hint signs nobody in: Bob's session is not Ada's.
    let mut bob = server.signed_in("bob").await;
    let received = granted(&mut bob, &asks("code").with("login_hint", "bob")).await;
    assert_eq!(exchange(&server, received.text("code")).await.claims["sub"], "bob");
}

#[tokio::test]
async fn the_context_that_was_asked_for_is_named_when_it_was_reached() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let advertised = crate::relying_party::fetch(&server, "/.well-known/openid-configuration").await.json();
    let values = advertised["acr_values_supported"].as_array().unwrap();
    let asked = values.iter().map(|value| value.as_str().unwrap()).collect::<Vec<_>>().join(" ");
    let login = log_in(&mut ada, &asks("code").with("acr_values", &asked)).await;
    assert!(values.contains(&login.claims["acr"]), "{}", login.claims);
    let must = json!({ "id_token": { "acr": { "essential": true, "values": ["urn:example:vault"] } } }).to_string();
    let refused = answered_at_once(&mut ada, &asks("code").with("claims", &must)).await;
    refused.assert_error("unmet_authentication_requirements");
    // A wish is no condition.
    let login = log_in(&mut ada, &asks("code").with("acr_values", "urn:example:vault")).await;
    assert_eq!(login.claims["acr"], "urn:keysig:acr:1fa");
}

#[tokio::test]
async fn the_id_token_through_the_browser_knows_the_sign_in_too() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    server.clock.advance(50);
    let request = asks("id_token").with("max_age", "10000");
    let claims = verified(&server, granted(&mut ada, &request).await.text("id_token"), RP).await;
    assert_eq!(claims["auth_time"].as_i64().unwrap(), server.server.now().unix_seconds() - 50);
    server.clock.advance(50);
    let again = Received::of(&through(&mut ada, &request.with("max_age", "1")).await);
    let claims = verified(&server, again.text("id_token"), RP).await;
    assert_eq!(claims["auth_time"], server.server.now().unix_seconds());
}
