//! OAuth 2.0 Multiple Response Type Encoding Practices, OAuth 2.0 Form Post Response Mode, OpenID Connect Core §3.2, §3.3.

use std::collections::BTreeSet;

use keysig_core::app::App;

use crate::actors::{ISSUER, REDIRECT_URI};
use crate::relying_party::{
    FRONT_CHANNEL, NONCE, RP, Received, Via, answered_at_once, asks, asks_for_consent, exchange, granted, half_hash,
    provider, relying_party, signed, through, userinfo, verified,
};

/// What a response type brings, besides `state` and `iss`.
fn brought_by(response_type: &str) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    for value in response_type.split(' ') {
        match value {
            "code" => names.extend(["code"]),
            "id_token" => names.extend(["id_token"]),
            _ => names.extend(["access_token", "token_type", "expires_in"]),
        }
    }
    names
}

fn assert_brings(received: &Received, response_type: &str) {
    // The scope may be said where a token is given (RFC 6749 §4.2.2).
    let found: BTreeSet<&str> = received.values.keys().map(String::as_str).filter(|name| *name != "scope").collect();
    let mut expected = brought_by(response_type);
    expected.extend(["state", "iss"]);
    assert_eq!(found, expected, "{response_type}");
    assert_eq!((received.text("state"), received.text("iss")), ("s t/a+t&e", ISSUER));
    if received.has("access_token") {
        assert_eq!((received.text("token_type"), received.text("expires_in")), ("Bearer", "3600"));
    }
}

#[tokio::test]
async fn each_response_type_brings_what_it_names_in_the_fragment() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL {
        let received = granted(&mut ada, &asks(response_type)).await;
        assert_eq!((received.via, received.to.as_str()), (Via::Fragment, REDIRECT_URI), "{response_type}");
        assert_brings(&received, response_type);
    }
    let received = granted(&mut ada, &asks("code")).await;
    assert_eq!(received.via, Via::Query);
    assert_brings(&received, "code");
}

#[tokio::test]
async fn each_answer_may_be_posted_as_a_form() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL.into_iter().chain(["code"]) {
        let received = granted(&mut ada, &asks(response_type).with("response_mode", "form_post")).await;
        assert_eq!((received.via, received.to.as_str()), (Via::Form, REDIRECT_URI), "{response_type}");
        assert_brings(&received, response_type);
    }
}

#[tokio::test]
async fn a_form_goes_to_the_app_s_origin_only_and_is_kept_nowhere() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let request =
        asks("code id_token").with("response_mode", "form_post").with("redirect_uri", "https://peek.example/cb");
    for page in [through(&mut ada, &request).await, ada.get(&request.to_string()).await] {
        page.assert_status(200);
        let policy = page.header("content-security-policy");
        let targets = policy.split(';').find_map(|part| part.trim().strip_prefix("form-action ")).unwrap();
        assert_eq!(targets, "https://peek.example");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
        assert!(page.body.contains("<button"), "people without scripts press it");
    }
}

#[tokio::test]
async fn nothing_that_was_asked_for_becomes_markup_in_the_form() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for state in ["\"><script>alert(1)</script>", "'/><form action=https://evil.example>", "a&quot;b&#34;c", "\u{202e}"]
    {
        let request = asks("code").with("response_mode", "form_post").with("state", state);
        let page = through(&mut ada, &request).await;
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<form action=https"), "{}", page.body);
        assert_eq!(page.body.matches("<form id=\"answer\"").count(), 1);
        assert_eq!(Received::of(&page).text("state"), state);
    }
}

#[tokio::test]
async fn refusals_and_denials_take_the_way_of_the_answer() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for (mode, via) in [("", Via::Fragment), ("form_post", Via::Form), ("fragment", Via::Fragment)] {
        let with_mode = |request: crate::actors::AuthorizeUrl| match mode {
            "" => request,
            mode => request.with("response_mode", mode),
        };
        let wrong = answered_at_once(&mut ada, &with_mode(asks("code id_token").with("scope", "nonsense"))).await;
        assert_eq!(wrong.assert_error("invalid_scope").via, via);
        let page = ada.open(&with_mode(asks("code id_token")).to_string()).await;
        assert!(asks_for_consent(&page));
        let denied = Received::of(&ada.decide(&page, "deny").await);
        assert_eq!(denied.assert_error("access_denied").via, via);
    }
}

#[tokio::test]
async fn what_comes_in_the_fragment_never_comes_in_the_query() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL {
        let received = answered_at_once(&mut ada, &asks(response_type).with("response_mode", "query")).await;
        assert_eq!(received.assert_error("invalid_request").via, Via::Fragment, "{response_type}");
    }
    answered_at_once(&mut ada, &asks("code").with("response_mode", "web_message"))
        .await
        .assert_error("invalid_request");
}

#[tokio::test]
async fn a_code_comes_in_the_fragment_when_the_app_asks_for_that() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let received = granted(&mut ada, &asks("code").with("response_mode", "fragment")).await;
    assert_eq!(received.via, Via::Fragment);
    exchange(&server, received.text("code")).await;
}

#[tokio::test]
async fn the_order_of_the_values_of_a_response_type_does_not_matter() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for (written, means) in [("token id_token", "id_token token"), ("token id_token code", "code id_token token")] {
        assert_brings(&granted(&mut ada, &asks(written)).await, means);
    }
}

#[tokio::test]
async fn values_that_are_no_response_type_are_unsupported() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for unknown in ["none", "CODE", "code code", "id_token token token", "code saml", "device"] {
        answered_at_once(&mut ada, &asks(unknown)).await.assert_error("unsupported_response_type");
    }
}

#[tokio::test]
async fn an_app_without_legacy_flows_gets_codes_only() {
    let server = provider().await;
    server.add(&App { legacy_flows: false, ..relying_party("modern") }).await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL {
        let received = answered_at_once(&mut ada, &asks(response_type).with("client_id", "modern")).await;
        assert_eq!(received.assert_error("unsupported_response_type").via, Via::Fragment, "{response_type}");
    }
    assert!(granted(&mut ada, &asks("code").with("client_id", "modern")).await.has("code"));
}

#[tokio::test]
async fn a_nonce_is_required_wherever_an_id_token_comes_through_the_browser() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL {
        let request = asks(response_type).without("nonce");
        if response_type.contains("id_token") {
            let received = answered_at_once(&mut ada, &request).await;
            assert_eq!(received.assert_error("invalid_request").via, Via::Fragment, "{response_type}");
        } else {
            assert_brings(&granted(&mut ada, &request).await, response_type);
        }
    }
}

#[tokio::test]
async fn a_front_channel_id_token_binds_what_came_beside_it() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL.into_iter().filter(|name| name.contains("id_token")) {
        let received = granted(&mut ada, &asks(response_type)).await;
        let id_token = received.text("id_token");
        let claims = verified(&server, id_token, RP).await;
        for (hash, of) in [("at_hash", "access_token"), ("c_hash", "code")] {
            let expected = received.values.get(of).map(|value| half_hash(id_token, value));
            assert_eq!(claims[hash].as_str(), expected.as_deref(), "{response_type}: {hash}");
        }
        assert_eq!(claims["nonce"], NONCE);
    }
}

#[tokio::test]
async fn the_code_of_a_hybrid_answer_brings_an_id_token_about_the_same_person() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL.into_iter().filter(|name| name.contains("code")) {
        let received = granted(&mut ada, &asks(response_type)).await;
        let back = exchange(&server, received.text("code")).await;
        assert_eq!(back.claims["nonce"], NONCE);
        if received.has("id_token") {
            let front = signed(&server, received.text("id_token"), RP).await;
            for same in ["iss", "sub", "aud", "auth_time"] {
                assert_eq!(front[same], back.claims[same], "{response_type}: {same}");
            }
        }
        assert_ne!(received.values.get("access_token"), Some(&back.access));
    }
}

#[tokio::test]
async fn the_code_of_a_hybrid_answer_is_good_once() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL.into_iter().filter(|name| name.contains("code")) {
        let received = granted(&mut ada, &asks(response_type)).await;
        let login = exchange(&server, received.text("code")).await;
        server.clock.advance(30);
        server.client(RP).exchange(received.text("code")).await.assert_status(400);
        userinfo(&server, &login.access).await.assert_status(401);
    }
}

#[tokio::test]
async fn a_front_channel_access_token_is_a_login_of_its_own_and_never_refreshed() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let received = granted(&mut ada, &asks("code token")).await;
    let front = received.text("access_token").to_owned();
    userinfo(&server, &front).await.assert_status(200);
    let back = exchange(&server, received.text("code")).await;
    server.client(RP).revoke(&front).await.assert_status(200);
    userinfo(&server, &front).await.assert_status(401);
    userinfo(&server, &back.access).await.assert_status(200);

    let lone = granted(&mut ada, &asks("id_token token")).await.text("access_token").to_owned();
    server.clock.advance(3599);
    userinfo(&server, &lone).await.assert_status(200);
    server.clock.advance(1);
    userinfo(&server, &lone).await.assert_status(401);
}

#[tokio::test]
async fn a_front_channel_access_token_dies_with_the_person_s_agreement() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let token = granted(&mut ada, &asks("id_token token")).await.text("access_token").to_owned();
    crate::people::remove(&mut ada, "Peek oidc").await;
    userinfo(&server, &token).await.assert_status(401);
}
