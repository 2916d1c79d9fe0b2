//! Authentication and token requests (OpenID Connect Core §3.1.2.1, §6, §9; RFC 6749 §4.1).

use axum::body::Body;
use http::Request;
use keysig_core::encoding::base64url;
use serde_json::json;

use crate::actors::{AuthorizeUrl, CHALLENGE, REDIRECT_URI, VERIFIER, form, parameters};
use crate::relying_party::{
    FRONT_CHANNEL, RP, Received, answered_at_once, asks, asks_for_consent, exchange, fetch, granted, leads_to, log_in,
    provider, through, userinfo,
};

#[tokio::test]
async fn a_request_without_a_response_type_is_sent_back() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    answered_at_once(&mut ada, &asks("code").without("response_type")).await.assert_error("invalid_request");
}

#[tokio::test]
async fn a_request_for_a_code_needs_neither_nonce_nor_challenge_where_the_app_chose_so() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let login = log_in(&mut ada, &asks("code").without("nonce")).await;
    assert!(login.claims["nonce"].is_null());
    // An app that chose nothing is held to PKCE, and a public one could not choose.
    for client_id in ["standard", "standard-public"] {
        let request = asks("code").with("client_id", client_id);
        answered_at_once(&mut ada, &request).await.assert_error("invalid_request");
    }
}

#[tokio::test]
async fn a_challenge_that_was_sent_is_enforced_though_it_need_not_be_sent() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let code = granted(&mut ada, &asks("code").with_pkce()).await.text("code").to_owned();
    let post = |verifier: &'static str| {
        let fields = [("grant_type", "authorization_code"), ("redirect_uri", REDIRECT_URI)];
        let mut fields: Vec<_> = fields.into_iter().chain([("code", code.as_str())]).collect();
        if !verifier.is_empty() {
            fields.push(("code_verifier", verifier));
        }
        let body = form(&fields);
        let client = server.client(RP);
        let server = server.clone();
        async move {
            let request = Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
            server.send(request.header("authorization", client.basic()).body(Body::from(body)).unwrap()).await
        }
    };
    assert_eq!(post("").await.assert_status(400).text("error"), "invalid_grant");
    assert_eq!(post(CHALLENGE).await.assert_status(400).text("error"), "invalid_grant");
    assert!(post(VERIFIER).await.assert_status(200).json()["id_token"].is_string());
}

#[tokio::test]
async fn the_order_of_scopes_and_of_parameters_does_not_matter() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let mut request = asks("code").with("scope", "email openid");
    request.parameters.reverse();
    let login = log_in(&mut ada, &request).await;
    assert_eq!(userinfo(&server, &login.access).await.text("email"), "ada@example.test");
}

#[tokio::test]
async fn a_parameter_that_nobody_knows_is_ignored() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL.into_iter().chain(["code"]) {
        let received = granted(&mut ada, &asks(response_type).with("extra", "foobar")).await;
        assert!(!received.has("error") && !received.has("extra"), "{received:?}");
    }
}

#[tokio::test]
async fn every_display_gets_a_page_that_works() {
    let server = provider().await;
    for display in ["page", "popup", "touch", "wap", "hologram"] {
        let mut browser = server.browser();
        let received = granted(&mut browser, &asks("code").with("display", display)).await;
        exchange(&server, received.text("code")).await;
    }
}

#[tokio::test]
async fn languages_are_wishes() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for (name, wish) in [("ui_locales", "se"), ("ui_locales", "xx-YY \"><b>"), ("claims_locales", "se")] {
        let page = server.browser().open(&asks("code").with(name, wish).to_string()).await;
        assert!(!page.body.contains("><b>"));
        let login = log_in(&mut ada, &asks("code").with(name, wish)).await;
        assert_eq!(login.claims["sub"], "ada");
    }
}

/// An unsigned request object (OpenID Connect Core §6.1).
fn request_object(claims: &serde_json::Value) -> String {
    format!("{}.{}.", base64url(br#"{"alg":"none"}"#), base64url(claims.to_string().as_bytes()))
}

#[tokio::test]
async fn a_request_object_is_refused_and_nothing_in_it_is_read() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let inside = json!({
        "redirect_uri": "https://peek.example/cb", "state": "inside", "client_id": RP, "response_type": "code",
    });
    for response_type in ["code", "id_token", "code id_token"] {
        let request = asks(response_type).with("request", &request_object(&inside));
        answered_at_once(&mut ada, &request).await.assert_error("request_not_supported");
    }
}

#[tokio::test]
async fn a_redirect_uri_inside_a_request_object_leads_nowhere() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let object = request_object(&json!({ "redirect_uri": REDIRECT_URI }));
    let request = asks("code").with("request", &object).with("redirect_uri", "https://evil.example/cb");
    let page = ada.open(&request.to_string()).await;
    page.assert_status(400);
    assert_eq!(leads_to(&page), None, "neither to the one outside nor to the one inside");
}

#[tokio::test]
async fn a_request_by_reference_is_refused_and_nothing_is_fetched() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for uri in ["https://peek.example/request.jwt", "http://169.254.169.254/", "urn:example:1"] {
        let request = asks("code").with("request_uri", uri);
        answered_at_once(&mut ada, &request).await.assert_error("request_uri_not_supported");
    }
    answered_at_once(&mut ada, &asks("code").with("registration", "{}"))
        .await
        .assert_error("registration_not_supported");
}

#[tokio::test]
async fn what_is_not_supported_is_not_advertised() {
    let server = provider().await;
    let metadata = fetch(&server, "/.well-known/openid-configuration").await.json();
    // Absent means true for request_uri (OpenID Connect Discovery §3).
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    assert_ne!(metadata["request_parameter_supported"], true);
    assert!(metadata["registration_endpoint"].is_null());
}

#[tokio::test]
async fn a_redirect_uri_that_is_not_registered_is_refused_on_a_page() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in FRONT_CHANNEL.into_iter().chain(["code"]) {
        for mode in ["", "form_post", "fragment"] {
            let request = asks(response_type).with("redirect_uri", "https://peek.example/cb/elsewhere");
            let request = if mode.is_empty() { request } else { request.with("response_mode", mode) };
            let page = ada.open(&request.to_string()).await;
            page.assert_status(400);
            assert_eq!(leads_to(&page), None);
            assert!(!page.body.contains("id=\"answer\"") && page.body.contains("<h1"), "{}", page.body);
        }
    }
}

#[tokio::test]
async fn an_authentication_request_may_be_posted() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for response_type in ["code", "code id_token"] {
        let request = asks(response_type);
        let fields: Vec<_> = request.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let led = ada.post("/authorize", &fields).await;
        let mut page = ada.open(&led.assert_status(303).destination()).await;
        if asks_for_consent(&page) {
            page = ada.decide(&page, "allow").await;
        }
        page.assert_status(200);
        exchange(&server, Received::of(&page).text("code")).await;
    }
}

#[tokio::test]
async fn a_secret_is_accepted_in_the_header_and_in_the_body() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let metadata = fetch(&server, "/.well-known/openid-configuration").await.json();
    for response_type in ["code", "code id_token", "code token", "code id_token token"] {
        exchange(&server, granted(&mut ada, &asks(response_type)).await.text("code")).await;
        let received = granted(&mut ada, &asks(response_type)).await;
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("code", received.text("code")),
            ("redirect_uri", REDIRECT_URI),
            ("client_id", RP),
            ("client_secret", "oidc-secret"),
        ]);
        let request = Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
        let answer = server.send(request.body(Body::from(body)).unwrap()).await;
        assert!(answer.assert_status(200).json()["id_token"].is_string());
    }
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array().unwrap();
    for method in ["client_secret_basic", "client_secret_post", "none"] {
        assert!(methods.iter().any(|known| known == method), "{methods:?}");
    }
}

#[tokio::test]
async fn a_code_is_refused_the_second_time() {
    let server = provider().await;
    let received = granted(&mut server.signed_in("ada").await, &asks("code")).await;
    let login = exchange(&server, received.text("code")).await;
    let again = server.client(RP).exchange(received.text("code")).await;
    assert_eq!(again.assert_status(400).text("error"), "invalid_grant");
    // A callback that ran twice is no theft.
    userinfo(&server, &login.access).await.assert_status(200);
}

#[tokio::test]
async fn a_code_that_comes_again_half_a_minute_later_ends_what_its_first_use_gave() {
    let server = provider().await;
    let received = granted(&mut server.signed_in("ada").await, &asks("code")).await;
    let login = exchange(&server, received.text("code")).await;
    server.clock.advance(30);
    let again = server.client(RP).exchange(received.text("code")).await;
    assert_eq!(again.assert_status(400).text("error"), "invalid_grant");
    userinfo(&server, &login.access).await.assert_status(401);
}

#[tokio::test]
async fn offline_access_brings_a_refresh_token_that_its_own_app_alone_may_use() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let request = asks("code").with("scope", "openid offline_access").with("prompt", "consent");
    for response_type in ["code", "code id_token", "code token"] {
        let login = log_in(&mut ada, &request.clone().with("response_type", response_type)).await;
        let refresh = login.refresh.expect("offline access was granted");
        let other = server.client(crate::relying_party::OTHER_RP).refresh(&refresh).await;
        assert_eq!(other.assert_status(400).text("error"), "invalid_grant");
        let answer = server.client(RP).refresh(&refresh).await;
        let fresh = answer.assert_status(200).text("access_token");
        assert_eq!(userinfo(&server, &fresh).await.text("sub"), "ada");
    }
}

#[tokio::test]
async fn a_scope_that_does_not_exist_here_is_refused_to_the_app() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    for scope in ["openid address", "openid phone", "openid profile email address phone"] {
        answered_at_once(&mut ada, &asks("code").with("scope", scope)).await.assert_error("invalid_scope");
    }
    let metadata = fetch(&server, "/.well-known/openid-configuration").await.json();
    let scopes: Vec<_> = metadata["scopes_supported"].as_array().unwrap().clone();
    for scope in ["address", "phone"] {
        assert!(!scopes.iter().any(|known| known == scope), "what is refused is not advertised");
    }
}

#[tokio::test]
async fn the_answer_of_a_posted_request_is_a_page_and_not_a_redirect() {
    let server = provider().await;
    let mut browser = server.browser();
    let page = through(&mut browser, &AuthorizeUrl::of("standard").with("scope", "openid")).await;
    page.assert_status(200);
    assert!(parameters(&page.destination()).contains_key("code"));
}
