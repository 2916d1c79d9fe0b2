//! The authorization endpoint.

use axum::body::Body;
use http::{Method, Request};
use keysig_core::encoding::base64url;

use crate::actors::{AuthorizeUrl, Browser, CHALLENGE, ISSUER, PASSWORD, REDIRECT_URI, TestApp, location, parameters};
use crate::relying_party::{answered_at_once, asks, fetch, granted, provider};

/// The error and everything beside it that the app is told.
async fn told(browser: &mut Browser, request: &AuthorizeUrl) -> std::collections::HashMap<String, String> {
    let answer = browser.get(&request.to_string()).await;
    answer.assert_status(302);
    let destination = answer.destination();
    assert!(destination.starts_with(REDIRECT_URI), "{destination}");
    parameters(&destination)
}

#[tokio::test]
async fn a1_an_unproven_client_or_redirect_uri_is_answered_on_our_page_and_before_every_other_check() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    for client_id in ["web", "standard"] {
        let wrong = AuthorizeUrl::of(client_id)
            .with("response_type", "nonsense")
            .with("response_mode", "nonsense")
            .with("scope", "nonsense")
            .with("prompt", "none")
            .with("code_challenge", "x")
            .and("state", "twice");
        for request in [
            wrong.clone().with("client_id", "nobody"),
            wrong.clone().without("client_id"),
            wrong.clone().with("redirect_uri", "https://evil.example/cb"),
            wrong.without("redirect_uri"),
        ] {
            let page = ada.get(&request.to_string()).await;
            page.assert_status(400);
            assert_eq!(location(&page), None, "{request}");
            assert!(page.body.contains("<h1") && !page.body.contains("id=\"continue\""));
        }
    }
}

#[tokio::test]
async fn a4_a_parameter_sent_twice_is_refused_and_an_empty_one_is_not_there() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let request = asks("code").with_pkce().with("prompt", "consent").with("max_age", "9").with("x-unknown", "1");
    for (name, value) in &request.parameters {
        for again in [value.as_str(), "other"] {
            let answer = ada.get(&request.clone().and(name, again).to_string()).await;
            // Of two states neither is the one to send back.
            if ["client_id", "redirect_uri", "state"].contains(&name.as_str()) {
                assert_eq!((answer.status.as_u16(), location(&answer)), (400, None), "{name}");
            } else {
                assert_eq!(parameters(&answer.assert_status(302).destination())["error"], "invalid_request", "{name}");
            }
        }
    }
    let empty = asks("code").and("prompt", "").and("max_age", "").and("response_mode", "").and("code_challenge", "");
    assert!(granted(&mut ada, &empty).await.has("code"));
    let omitted = answered_at_once(&mut ada, &asks("code").with("response_type", "")).await;
    omitted.assert_error("invalid_request");
    assert!(granted(&mut ada, &asks("code").with("x-unknown", "1")).await.has("code"));
}

#[tokio::test]
async fn a5_state_is_returned_byte_for_byte_in_answer_and_error() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    for client_id in ["web", "standard"] {
        for state in ["\"'`", "a+b", "%41%2541", "🎵", "  two", "\u{2028}", "<b>&amp;", "a&error=x", "#code=1"] {
            let request = AuthorizeUrl::of(client_id).with("state", state);
            let callback = ada.allow(&request).await;
            assert_eq!(parameters(&callback)["state"], state);
            assert!(callback.bytes().all(|byte| byte.is_ascii_graphic()), "percent-encoded: {callback}");
            let error = told(&mut ada, &request.with("code_challenge", "short")).await;
            assert_eq!(error["state"], state);
        }
    }
}

#[tokio::test]
async fn a6_a_missing_response_type_and_an_unknown_one_are_two_errors() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    let request = AuthorizeUrl::of("standard");
    for (request, error) in [
        (request.clone().without("response_type"), "invalid_request"),
        (request.with("response_type", "magic"), "unsupported_response_type"),
    ] {
        let found = told(&mut ada, &request).await;
        assert_eq!((found["error"].as_str(), found["state"].as_str()), (error, "s t/a+t&e"));
        assert_eq!(found["iss"], ISSUER);
    }
}

#[tokio::test]
async fn a7_a_challenge_is_never_forgotten_because_its_method_was_not_understood() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    for client_id in ["public", "standard-public"] {
        let request = AuthorizeUrl::of(client_id);
        let without = request.clone().without("code_challenge").without("code_challenge_method");
        assert_eq!(told(&mut ada, &without).await["error"], "invalid_request");
        for method in ["s256", "S512", "none", "S256 "] {
            let found = told(&mut ada, &request.clone().with("code_challenge_method", method)).await;
            assert_eq!(found["error"], "invalid_request", "{method}");
        }
        let alone = request.without("code_challenge");
        assert_eq!(told(&mut ada, &alone).await["error"], "invalid_request");
    }
}

#[tokio::test]
async fn a8_a_challenge_is_43_to_128_unreserved_characters_and_s256() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    for client_id in ["public", "standard"] {
        let request = AuthorizeUrl::of(client_id);
        let padded = format!("{CHALLENGE}=");
        let spaced = format!("{} ", &CHALLENGE[..42]);
        for challenge in [&CHALLENGE[..42], &"a".repeat(129), &padded, &spaced, &format!("{}+", &CHALLENGE[..42])] {
            let found = told(&mut ada, &request.clone().with("code_challenge", challenge)).await;
            assert_eq!(found["error"], "invalid_request", "{challenge}");
        }
        for plain in [request.clone().with("code_challenge_method", "plain"), request.without("code_challenge_method")]
        {
            assert_eq!(told(&mut ada, &plain).await["error"], "invalid_request");
        }
    }
}

#[tokio::test]
async fn a9_a_code_is_good_once_for_a_minute_for_what_it_was_asked_for() {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let standard = server.client("standard");
    let request = standard.request().with("scope", "openid user-read-email").with("nonce", "n-1");
    let code = ada.code(&request).await;
    let answer = standard.exchange(&code).await;
    assert_eq!(answer.assert_status(200).text("scope"), "openid user-read-email");
    let claims = crate::relying_party::verified(&server, &answer.text("id_token"), "standard").await;
    assert_eq!((claims["sub"].as_str(), claims["nonce"].as_str()), (Some("ada"), Some("n-1")));
    standard.exchange(&code).await.assert_status(400);

    let late = ada.code(&request).await;
    server.clock.advance(60);
    standard.exchange(&late).await.assert_status(400);
    let old = ada.code(&server.client("web").request()).await;
    server.clock.advance(600);
    server.client("web").exchange(&old).await.assert_status(400);
}

#[tokio::test]
async fn a10_no_other_origin_reads_the_authorization_endpoint() {
    let server = TestApp::new().await;
    let good = AuthorizeUrl::of("standard");
    for request in [good.clone(), good.clone().with("scope", "nonsense"), good.with("client_id", "nobody")] {
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            for origin in ["https://evil.example", "null", ISSUER] {
                let request = Request::builder()
                    .method(method.clone())
                    .uri(request.to_string())
                    .header("origin", origin)
                    .header("access-control-request-method", "GET");
                let answer = server.send(request.body(Body::empty()).unwrap()).await;
                let allowed = answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-"));
                assert_eq!(allowed.count(), 0, "{method} {origin}");
            }
        }
    }
}

/// Pages of every kind that a login shows.
async fn pages(server: &TestApp) -> Vec<(&'static str, crate::actors::Answer)> {
    let mut browser = server.browser();
    let request = asks("code").with("response_mode", "form_post");
    let sign_in = browser.open(&request.to_string()).await;
    let wrong = browser.fill_in(&sign_in, "ada", "wrong-password").await;
    let consent = browser.fill_in(&wrong, "ada", PASSWORD).await;
    let error = browser.open(&AuthorizeUrl::of("standard").with("client_id", "nobody").to_string()).await;
    let device = browser.open("/pair").await;
    let form = browser.decide(&consent, "allow").await;
    let other = browser.open(&AuthorizeUrl::of("standard").to_string()).await;
    let leaving = browser.decide(&other, "allow").await;
    let sign_out = browser.open("/oidc/logout/v1").await;
    vec![
        ("sign-in", sign_in),
        ("wrong password", wrong),
        ("consent", consent),
        ("error", error),
        ("device", device),
        ("form", form),
        ("leaving", leaving),
        ("sign-out", sign_out),
    ]
}

#[tokio::test]
async fn a11_no_page_can_be_framed() {
    let server = provider().await;
    for (name, page) in pages(&server).await {
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{name}");
        assert_eq!(page.header("x-frame-options"), "DENY", "{name}");
    }
}

#[tokio::test]
async fn a12_no_post_is_answered_with_a_redirect_that_posts_again() {
    let server = provider().await;
    let mut browser = server.browser();
    let request = AuthorizeUrl::of("standard").with("scope", "openid");
    let fields: Vec<_> = request.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let posted = browser.post("/authorize", &fields).await;
    let sign_in = browser.open(&posted.destination()).await;
    let (tx, csrf) = (sign_in.field("tx"), sign_in.field("csrf"));
    let credentials = [("tx", tx.as_str()), ("csrf", &csrf), ("identifier", "ada"), ("password", PASSWORD)];
    let signed_in = browser.post("/login", &credentials).await;
    let consent = browser.open(&signed_in.destination()).await;
    let decided = browser.decide(&consent, "allow").await;
    let csrf = browser.get("/logout").await.field("csrf");
    let signed_out = browser.post("/logout", &[("csrf", &csrf)]).await;
    let ended = browser.post("/oidc/logout/v1", &[("state", "x")]).await;
    for (name, answer) in [
        ("authorize", posted),
        ("login", signed_in),
        ("consent", decided),
        ("logout", signed_out),
        ("end session", ended),
    ] {
        assert!([200, 303].contains(&answer.status.as_u16()), "{name}: {}", answer.status);
        if let Some(to) = location(&answer) {
            assert!(to.starts_with('/') && !to.starts_with("//"), "{name} leads off to {to}");
        }
    }
}

#[tokio::test]
async fn a13_pages_load_nothing_from_elsewhere_and_tell_nobody_where_they_were() {
    let server = provider().await;
    for (name, page) in pages(&server).await {
        assert_eq!(page.header("referrer-policy"), "no-referrer", "{name}");
        let sources = page.body.split(" src=\"").skip(1);
        let links = page.body.split("<link ").skip(1).map(|link| link.split("href=\"").nth(1).unwrap());
        for source in sources.chain(links) {
            let address = source.split('"').next().unwrap();
            assert!(address.starts_with('/') && !address.starts_with("//"), "{name}: {address}");
        }
    }
}

#[tokio::test]
async fn a14_the_issuer_is_in_every_answer_and_is_the_one_of_the_metadata() {
    let server = TestApp::new().await;
    let metadata = fetch(&server, "/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
    let issuer = metadata["issuer"].as_str().unwrap();
    let mut ada = server.signed_in("ada").await;
    let request = AuthorizeUrl::of("standard");
    assert_eq!(told(&mut ada, &request.clone().with("scope", "nonsense")).await["iss"], issuer);
    let page = ada.open(&request.to_string()).await;
    assert_eq!(parameters(&ada.decide(&page, "deny").await.destination())["iss"], issuer);
    assert_eq!(parameters(&ada.allow(&request).await)["iss"], issuer);
    assert_eq!(told(&mut ada, &request).await["iss"], issuer);
}

#[tokio::test]
async fn a15_what_was_granted_is_said_when_it_is_not_what_was_asked() {
    let server = TestApp::new().await;
    let standard = server.client("standard");
    let tokens = standard.log_in("ada").await;
    let fields =
        [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh.as_str()), ("scope", "user-read-email")];
    let narrowed = standard.post("/api/token", &fields).await;
    assert_eq!(narrowed.assert_status(200).text("scope"), "user-read-email");
    let commas = standard.request().with("scope", "user-read-email user-read-email");
    let code = server.signed_in("ada").await.code(&commas).await;
    assert_eq!(standard.exchange(&code).await.text("scope"), "user-read-email");
}

#[tokio::test]
async fn a16_an_app_that_anybody_may_claim_to_be_is_confirmed_each_time() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    for uri in [REDIRECT_URI, "myapp.example://cb"] {
        let request = AuthorizeUrl::of("standard-public").with("redirect_uri", uri);
        ada.allow(&request).await;
        assert!(ada.open(&request.to_string()).await.body.contains("name=\"decision\""), "{uri}");
    }
}

#[tokio::test]
async fn a17_a_denial_is_told_with_the_state() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    for client_id in ["web", "public", "standard", "standard-public"] {
        let page = ada.open(&AuthorizeUrl::of(client_id).to_string()).await;
        let found = parameters(&ada.decide(&page, "deny").await.destination());
        assert_eq!((found["error"].as_str(), found["state"].as_str()), ("access_denied", "s t/a+t&e"));
        assert!(!found.contains_key("code"));
    }
}

#[tokio::test]
async fn a18_the_person_reads_who_asks_for_what_for_which_account_and_where_it_leads() {
    let server = provider().await;
    let request = asks("code").with("scope", "openid profile email offline_access");
    let page = server.signed_in("ada").await.open(&request.to_string()).await;
    for words in ["Peek oidc", "Grace H.", "127.0.0.1:8888", "ada@example.test"] {
        assert!(page.body.contains(words), "{words} is not in {}", page.body);
    }
    for raw in ["offline_access", "openid"] {
        assert!(!page.body.contains(raw), "{raw} is no word for people");
    }
}

#[tokio::test]
async fn a19_a_request_object_is_refused_and_never_overrides_the_query() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    let claims = br#"{"client_id":"other","redirect_uri":"https://evil.example/cb","state":"inside","scope":"openid"}"#;
    let object = format!("{}.{}.", base64url(br#"{"alg":"none"}"#), base64url(claims));
    for (name, value, error) in [
        ("request", object.as_str(), "request_not_supported"),
        ("request_uri", "https://evil.example/object", "request_uri_not_supported"),
    ] {
        let found = told(&mut ada, &AuthorizeUrl::of("standard").with(name, value)).await;
        assert_eq!((found["error"].as_str(), found["state"].as_str()), (error, "s t/a+t&e"));
        // Where the wire knows no such thing it means nothing.
        let callback = ada.allow(&AuthorizeUrl::of("web").with(name, value)).await;
        assert_eq!(parameters(&callback)["state"], "s t/a+t&e");
    }
}
