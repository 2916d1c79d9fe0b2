//! `/authorize`: each refusal by the request that breaks only that rule.

use http::Request;

use crate::actors::{AuthorizeUrl, CHALLENGE, REDIRECT_URI, TestApp, app, parameters};
use axum::body::Body;
use keysig_core::app::{ClientType, Mode};
use keysig_core::profile::Profile;

async fn refused_on_a_page(request: AuthorizeUrl, text: &str) {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.get(&request.to_string()).await;
    page.assert_status(400);
    assert!(page.headers.get("location").is_none());
    assert!(page.body.contains(text), "{text} is not in {}", page.body);
    assert!(page.body.contains("<h1"));
    // Scripts that cannot read pages get the text alone.
    let plain = Request::get(request.to_string()).header("accept", "text/plain2, application/xml");
    let plain = app.send(plain.body(Body::empty()).unwrap()).await;
    assert_eq!((plain.status.as_u16(), plain.body.as_str()), (400, text));
}

async fn refused_to_the_app(request: AuthorizeUrl, expected: &[(&str, &str)]) {
    let app = TestApp::new().await;
    let answer = app.signed_in("ada").await.get(&request.to_string()).await;
    answer.assert_status(302);
    let destination = answer.destination();
    assert!(destination.starts_with(REDIRECT_URI), "{destination}");
    let found = parameters(&destination);
    for (name, value) in expected {
        assert_eq!(found.get(*name).map(String::as_str), Some(*value), "{destination}");
    }
    assert!(!found.contains_key("code"));
}

#[tokio::test]
async fn a_remembered_agreement_is_answered_with_a_redirect() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let web = app.client("web").request();
    ada.allow(&web).await;
    let answer = ada.get(&web.to_string()).await;
    answer.assert_status(302);
    let found = parameters(&answer.destination());
    assert_eq!(found["state"], "s t/a+t&e");
    assert!(found["code"].starts_with("AQ"));
    assert!(!found.contains_key("iss"), "clients of the Spotify kind refuse it");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn the_sign_in_page_comes_first_and_the_request_survives_it() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let sign_in = browser.open(&app.client("web").request().to_string()).await;
    assert!(sign_in.body.contains("Peek web"), "to continue to the app");
    let consent = browser.fill_in(&sign_in, "ada@example.test", "demo-password").await;
    assert!(consent.body.contains("name=\"decision\""));
    let found = parameters(&browser.decide(&consent, "allow").await.destination());
    assert_eq!(found["state"], "s t/a+t&e");
    assert!(found.contains_key("code"));
}

#[tokio::test]
async fn show_dialog_asks_again_in_any_spelling() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let web = app.client("web").request();
    ada.allow(&web).await;
    for spelling in ["true", "True", "TRUE"] {
        let page = ada.open(&web.clone().with("show_dialog", spelling).to_string()).await;
        assert!(page.body.contains("name=\"decision\""), "{spelling}");
    }
    for spelling in ["false", "False", "0"] {
        ada.get(&web.clone().with("show_dialog", spelling).to_string()).await.assert_status(302);
    }
}

#[tokio::test]
async fn denial_tells_the_app_error_and_state_and_nothing_else() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&app.client("web").request().to_string()).await;
    let destination = ada.decide(&page, "deny").await.destination();
    assert_eq!(destination, format!("{REDIRECT_URI}?error=access_denied&state=s%20t%2Fa%2Bt%26e"));
}

#[tokio::test]
async fn a_missing_client_id_is_refused_on_a_page() {
    refused_on_a_page(AuthorizeUrl::of("web").without("client_id"), "Missing required parameter: client_id").await;
}

#[tokio::test]
async fn an_unknown_client_is_refused_on_a_page() {
    refused_on_a_page(AuthorizeUrl::of("web").with("client_id", "nobody"), "INVALID_CLIENT: Invalid client").await;
}

#[tokio::test]
async fn a_missing_redirect_uri_is_refused_on_a_page() {
    refused_on_a_page(AuthorizeUrl::of("web").without("redirect_uri"), "Missing required parameter: redirect_uri")
        .await;
}

#[tokio::test]
async fn an_unregistered_redirect_uri_is_refused_on_a_page_whatever_else_is_wrong() {
    for uri in [
        "https://evil.example/cb",
        "https://peek.example/cb/",
        "https://peek.example/CB",
        "https://peek.example:443/cb",
    ] {
        let request = AuthorizeUrl::of("web").with("redirect_uri", uri).with("response_type", "token");
        refused_on_a_page(request, "INVALID_CLIENT: Invalid redirect URI").await;
    }
}

#[tokio::test]
async fn plain_http_and_localhost_are_refused_as_insecure() {
    for uri in ["http://peek.example/cb", "http://localhost:8888/callback"] {
        let request = AuthorizeUrl::of("web").with("redirect_uri", uri);
        refused_on_a_page(request, "INVALID_CLIENT: Insecure redirect URI").await;
    }
}

#[tokio::test]
async fn every_response_type_but_code_is_refused_on_a_page() {
    for other in ["token", "id_token", "code token", "CODE"] {
        refused_on_a_page(AuthorizeUrl::of("web").with("response_type", other), "response_type must be code").await;
    }
    let missing = AuthorizeUrl::of("web").without("response_type");
    refused_on_a_page(missing, "Missing required parameter: response_type").await;
}

#[tokio::test]
async fn an_unknown_scope_is_refused_on_a_page() {
    for scope in ["user-read-birthdate", "openid", "user-read-email playlist-read"] {
        refused_on_a_page(AuthorizeUrl::of("web").with("scope", scope), "Illegal scope").await;
    }
}

#[tokio::test]
async fn a_scope_that_the_app_may_not_ask_for_is_refused() {
    let server = TestApp::new().await;
    let catalogue = &server.server.scopes();
    let narrow = keysig_core::app::App {
        scopes: Some(catalogue.parse("user-read-email").unwrap()),
        ..app("narrow", ClientType::Confidential, Profile::Spotify)
    };
    server.add(&narrow).await;
    let mut ada = server.signed_in("ada").await;
    let request = AuthorizeUrl::of("narrow");
    let page = ada.get(&request.to_string()).await;
    assert!(page.assert_status(400).body.contains("Illegal scope"));
    let page = ada.open(&request.with("scope", "user-read-email").to_string()).await;
    assert!(page.body.contains("name=\"decision\""));
}

#[tokio::test]
async fn a_parameter_sent_twice_is_refused_even_with_one_value_and_even_if_unknown() {
    for name in ["client_id", "redirect_uri", "state", "scope", "response_type", "x-unknown"] {
        let request = AuthorizeUrl::of("web").with("x-unknown", "1");
        let value = request.parameters.iter().find(|(known, _)| known == name).unwrap().1.clone();
        let server = TestApp::new().await;
        let page = server.browser().get(&request.and(name, &value).to_string()).await;
        page.assert_status(400);
        assert!(page.headers.get("location").is_none());
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored() {
    let app = TestApp::new().await;
    let request = app.client("web").request().with("utm_source", "spotify-sdk").with("prompt", "x");
    assert!(app.signed_in("ada").await.open(&request.to_string()).await.body.contains("name=\"decision\""));
}

#[tokio::test]
async fn a_public_app_without_a_challenge_is_sent_back() {
    let request = AuthorizeUrl::of("public").without("code_challenge").without("code_challenge_method");
    refused_to_the_app(request, &[("error", "invalid_request"), ("state", "s t/a+t&e")]).await;
}

#[tokio::test]
async fn only_s256_is_a_method() {
    for method in ["plain", "s256", "S512", "none"] {
        let request = AuthorizeUrl::of("public").with("code_challenge_method", method);
        refused_to_the_app(request, &[("error", "invalid_request")]).await;
    }
    let request = AuthorizeUrl::of("web").with("code_challenge", CHALLENGE);
    refused_to_the_app(request, &[("error", "invalid_request")]).await;
}

#[tokio::test]
async fn a_challenge_that_no_verifier_can_meet_is_sent_back() {
    for challenge in [&CHALLENGE[..42], &format!("{CHALLENGE}="), &"a".repeat(129)] {
        let request = AuthorizeUrl::of("public").with("code_challenge", challenge);
        refused_to_the_app(request, &[("error", "invalid_request")]).await;
    }
}

#[tokio::test]
async fn a_standard_app_gets_its_errors_back_with_issuer_and_description() {
    let issuer = ("iss", crate::actors::ISSUER);
    for (request, error) in [
        (AuthorizeUrl::of("standard").with("scope", "nonsense"), "invalid_scope"),
        (AuthorizeUrl::of("standard").with("response_type", "token"), "unsupported_response_type"),
        (AuthorizeUrl::of("standard").without("response_type"), "invalid_request"),
        (AuthorizeUrl::of("standard").and("scope", "user-read-email"), "invalid_request"),
        (AuthorizeUrl::of("standard").without("code_challenge").without("code_challenge_method"), "invalid_request"),
        (AuthorizeUrl::of("standard").with("request", "x"), "request_not_supported"),
        (AuthorizeUrl::of("standard").with("request_uri", "x"), "request_uri_not_supported"),
    ] {
        refused_to_the_app(request, &[("error", error), ("state", "s t/a+t&e"), issuer]).await;
    }
}

#[tokio::test]
async fn state_comes_back_byte_for_byte() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    for state in ["\"quotes'", "a+b", "%41", "🎵", "  spaces ", "<script>", &"x".repeat(4096)] {
        let request = app.client("web").request().with("state", state);
        assert_eq!(parameters(&ada.allow(&request).await)["state"], state);
    }
    let callback = ada.allow(&app.client("web").request().without("state")).await;
    assert!(!callback.contains("state"), "none sent, none returned");
}

#[tokio::test]
async fn a_state_that_does_not_fit_is_refused_before_anybody_is_asked() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let request = app.client("web").request();
    let too_long = ada.get(&request.clone().with("state", &"x".repeat(4097)).to_string()).await;
    too_long.assert_status(400);
    // Within its limit, but three times as long once it is percent-encoded: the redirect would pass 8 KiB.
    let too_wide = ada.get(&request.with("state", &"{".repeat(3000)).to_string()).await;
    too_wide.assert_status(400);
}

#[tokio::test]
async fn with_every_limit_at_its_maximum_a_redirect_stays_within_8_kib() {
    let server = TestApp::new().await;
    let long_uri = format!("https://peek.example/{}", "a".repeat(2048 - 21));
    let long = keysig_core::app::App {
        redirect_uris: vec![
            keysig_core::redirect_uri::RedirectUri::register(&long_uri, &Profile::Spotify.policy()).unwrap(),
        ],
        ..app("long", ClientType::Confidential, Profile::Spotify)
    };
    server.add(&long).await;
    let request = AuthorizeUrl::of("long")
        .with_pkce()
        .with("redirect_uri", &long_uri)
        .with("state", &"x".repeat(4096))
        .with("nonce", &"n".repeat(256));
    let callback = server.signed_in("ada").await.allow(&request).await;
    assert!(callback.len() <= 8192, "{}", callback.len());
    assert!(parameters(&callback)["code"].len() <= 1024);
}

#[tokio::test]
async fn what_cannot_be_read_one_way_only_is_refused_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let good = app.client("web").request().to_string();
    for broken in ["&x=%zz", "&x=%4", "&x=%ff", "&x=%00", "&x=%0d%0aSet-Cookie:a", &"&a=1".repeat(101)] {
        let mut browser = app.browser();
        browser.get(&format!("{good}{broken}")).await.assert_status(400);
        assert!(browser.jar.is_empty(), "nothing is kept for it");
    }
    app.browser().get(&format!("{good}&x={}", "a".repeat(17 * 1024))).await.assert_status(414);
}

#[tokio::test]
async fn a_loopback_address_takes_any_port_and_a_registered_query_is_kept() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    for port in [1, 8000, 65535] {
        let uri = format!("http://127.0.0.1:{port}/callback");
        let callback = ada.allow(&app.client("web").request().with("redirect_uri", &uri)).await;
        assert!(callback.starts_with(&format!("{uri}?code=")), "{callback}");
    }
    let callback = ada.allow(&app.client("web").request().with("redirect_uri", "https://peek.example/cb?keep=1")).await;
    assert!(callback.starts_with("https://peek.example/cb?keep=1&code="), "{callback}");
}

#[tokio::test]
async fn commas_separate_scopes_too() {
    let app = TestApp::new().await;
    let request = app.client("web").request().with("scope", "user-read-email,user-read-private");
    let code = app.signed_in("ada").await.code(&request).await;
    let answer = app.client("web").exchange(&code).await;
    assert_eq!(answer.text("scope"), "user-read-email user-read-private");
}

#[tokio::test]
async fn post_opens_a_request_too_and_answers_with_a_page() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let request = app.client("web").request();
    ada.allow(&request).await;
    let pairs: Vec<_> = request.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let led = ada.post("/authorize", &pairs).await;
    led.assert_status(303);
    assert!(led.headers.get("set-cookie").is_none(), "a POST from another site brings no cookie and sets none");
    let answer = ada.get(&led.destination()).await;
    answer.assert_status(200);
    assert!(parameters(&answer.destination()).contains_key("code"));
    let twice = ada.post("/authorize?state=x", &pairs).await;
    ada.get(&twice.destination()).await.assert_status(400);
    let long = "x".repeat(17 * 1024);
    ada.post("/authorize", &[("state", &long)]).await.assert_status(413);
}

#[tokio::test]
async fn with_and_without_a_final_slash() {
    let app = TestApp::new().await;
    let query = app.client("web").request().query();
    for path in ["/authorize", "/authorize/", "/oauth2/v2/auth"] {
        app.browser().get(&format!("{path}?{query}")).await.assert_status(303);
    }
}

#[tokio::test]
async fn no_other_origin_may_read_it() {
    let app = TestApp::new().await;
    let request = Request::get(app.client("web").request().to_string()).header("origin", "https://evil.example");
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    assert!(answer.headers.get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn a_public_app_on_the_device_is_confirmed_each_time_with_one_button() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let public = app.client("public").request();
    ada.allow(&public).await;
    let page = ada.open(&public.to_string()).await;
    assert!(page.body.contains("Continue as"), "{}", page.body);
    assert!(parameters(&ada.decide(&page, "allow").await.destination()).contains_key("code"));
}

#[tokio::test]
async fn an_app_in_development_is_closed_to_strangers() {
    let server = TestApp::new().await;
    let development = keysig_core::app::App {
        mode: Mode::Development,
        test_users: vec![crate::actors::user_id("bob")],
        ..app("development", ClientType::Confidential, Profile::Spotify)
    };
    server.add(&development).await;
    let request = AuthorizeUrl::of("development").with_pkce();
    let page = server.signed_in("ada").await.open(&request.to_string()).await;
    page.assert_status(403);
    assert!(server.signed_in("bob").await.open(&request.to_string()).await.body.contains("name=\"decision\""));
}

#[tokio::test]
async fn a_paused_app_is_refused_on_a_page() {
    let server = TestApp::new().await;
    let id = crate::actors::app_id("web");
    keysig_store::apps::set_paused(&server.server.store, id, true, server.server.keep_until()).await.unwrap();
    let page = server.signed_in("ada").await.get(&AuthorizeUrl::of("web").to_string()).await;
    assert!(page.status.is_client_error());
    assert!(page.headers.get("location").is_none());
}
