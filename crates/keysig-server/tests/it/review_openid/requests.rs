//! Requests, their errors, and what discovery says of them.

use super::*;

#[tokio::test]
async fn a_spotify_app_s_request_knows_nothing_of_openid_connect() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let client = app.client("web");
    ada.code(&client.request()).await;
    app.clock.advance(100);
    let plain = ada.open(&client.request().to_string()).await;
    for (name, value) in [
        ("prompt", "none"),
        ("prompt", "login"),
        ("prompt", "rubbish"),
        ("max_age", "0"),
        ("max_age", "x"),
        ("claims", "{"),
        ("claims", r#"{"userinfo":{"email":null}}"#),
        ("id_token_hint", "x"),
        ("request", "x"),
        ("request_uri", "https://x.example"),
        ("registration", "x"),
        ("response_mode", "form_post"),
        ("response_mode", "fragment"),
        ("resource", JWT_API),
        ("resource", "rubbish"),
        ("acr_values", "x"),
    ] {
        let answer = ada.open(&client.request().with(name, value).to_string()).await;
        assert_eq!(answer.status, plain.status, "{name}={value}");
        let destination = answer.destination();
        assert!(destination.starts_with(&format!("{REDIRECT_URI}?code=")), "{name}={value}: {destination}");
        let tokens = client.exchange(&parameters(&destination)["code"]).await;
        let keys: Vec<String> = tokens.json().as_object().unwrap().keys().cloned().collect();
        let mut expected = ["access_token", "token_type", "expires_in", "refresh_token", "scope"];
        expected.sort_unstable();
        assert_eq!(keys, expected, "{name}={value}");
        app.api("/v1/me", &tokens.text("access_token")).await.assert_status(200);
    }
    let unsigned = app.browser().open(&client.request().with("prompt", "none").to_string()).await;
    assert!(asks_to_sign_in(&unsigned));
    for scope in ["openid", "email", "profile", "offline_access", "user-read-email openid"] {
        let answer = ada.open(&client.request().with("scope", scope).to_string()).await;
        answer.assert_status(400);
        assert!(answer.body.contains("Illegal scope"), "{scope}: {}", answer.body);
    }
}

#[tokio::test]
async fn an_error_reaches_a_program_on_the_device_though_a_form_could_not() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let request =
        openid("standard", "openid").with("redirect_uri", "myapp.example://cb").with("response_mode", "form_post");
    for request in [request.clone(), request.clone().and("x", "1").and("x", "2"), request.with("prompt", "none")] {
        let answer = ada.open(&request.to_string()).await;
        assert!(answer.destination().starts_with("myapp.example://cb?error=invalid_request"), "{}", answer.body);
    }
}

#[tokio::test]
async fn offline_access_means_nothing_where_no_code_is_asked_for() {
    // OpenID Connect Core §11.
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let request = openid("legacy", "openid offline_access").with("response_type", "id_token token");
    let page = ada.open(&request.to_string()).await;
    assert!(!page.body.contains("while you are away"));
    let answer = parameters(&ada.decide(&page, "allow").await.destination());
    assert_eq!(answer["scope"], "openid");
    let request = openid("legacy", "openid offline_access");
    assert!(asks(&ada.open(&request.to_string()).await), "she never agreed to that");
}

#[tokio::test]
async fn prompt_none_shows_nothing_and_leaves_nothing_behind() {
    let app = TestApp::new().await;
    let requests = "SELECT COUNT(*) FROM authorization_requests";
    let error = |answer: Answer| parameters(&answer.destination()).remove("error").unwrap_or_default();
    let silent = |client: &str| openid(client, "openid").with("prompt", "none").to_string();

    let mut nobody = app.browser();
    assert_eq!(error(nobody.open(&silent("standard")).await), "login_required");
    assert!(nobody.jar.is_empty(), "not even a cookie");
    let mut ada = app.signed_in("ada").await;
    assert_eq!(error(ada.open(&silent("standard")).await), "consent_required");
    let dialog = openid("standard", "openid").with("prompt", "none").with("show_dialog", "true");
    ada.code(&openid("standard", "openid")).await;
    let before = count(&app, requests).await;
    assert_eq!(error(ada.open(&dialog.to_string()).await), "consent_required");
    let old = openid("standard", "openid").with("prompt", "none").with("max_age", "0");
    assert_eq!(error(ada.open(&old.to_string()).await), "login_required");
    for more in ["openid email", "openid user-read-email"] {
        let more = openid("standard", more).with("prompt", "none");
        assert_eq!(error(ada.open(&more.to_string()).await), "consent_required");
    }
    for wanted in [r#"{"userinfo":{"email":null}}"#, r#"{"id_token":{"name":{"essential":true}}}"#] {
        let claims = openid("standard", "openid").with("prompt", "none").with("claims", wanted);
        assert_eq!(error(ada.open(&claims.to_string()).await), "consent_required", "{wanted}");
    }
    let bob =
        openid("standard", "openid").with("prompt", "none").with("claims", r#"{"id_token":{"sub":{"value":"bob"}}}"#);
    assert_eq!(error(ada.open(&bob.to_string()).await), "login_required");
    assert_eq!(error(ada.open(&silent("standard")).await), "");
    assert_eq!(count(&app, requests).await, before);
}

#[tokio::test]
async fn no_statement_of_ours_passes_for_another() {
    let app = TestApp::new().await;
    app.add(&openid_app(
        "signed",
        OpenIdSettings { userinfo_algorithm: Some(SigningAlgorithm::EdDsa), ..OpenIdSettings::default() },
    ))
    .await;
    let client = app.client("signed");
    let mut ada = app.signed_in("ada").await;
    let code = ada.code(&openid("signed", "openid").with("resource", JWT_API)).await;
    let jwt_access = redeem(&client, &code).await.text("access_token");
    let code = ada.code(&openid("signed", "openid")).await;
    let tokens = redeem(&client, &code).await;
    let (id_token, access) = (tokens.text("id_token"), tokens.text("access_token"));
    let request = Request::post("/oauth2/introspect/v1")
        .header("authorization", client.basic())
        .header("accept", "application/token-introspection+jwt")
        .header("content-type", "application/x-www-form-urlencoded");
    let signed = app.send(request.body(Body::from(form(&[("token", &access)]))).unwrap()).await.body;
    let about = userinfo(&app, &access).await.assert_status(200).body.clone();
    assert!(claims(&about)["exp"].is_null(), "no client takes it for an ID token");
    let logout = app.server.signing.sign(
        SigningAlgorithm::Rs256,
        keysig_core::openid::logout::TYPE,
        &serde_json::json!({"iss": ISSUER, "aud": "signed", "sub": "ada"}),
        START,
    );

    for (what, text) in [("access", jwt_access.clone()), ("introspection", signed.clone()), ("logout", logout.unwrap())]
    {
        let hinted = openid("signed", "openid").with("id_token_hint", &text).with("prompt", "none");
        let answer = ada.open(&hinted.to_string()).await;
        assert_eq!(parameters(&answer.destination())["error"], "invalid_request", "{what} as a hint");
        let mut other = ada.clone();
        let page = other.get(&format!("/oidc/logout/v1?id_token_hint={text}")).await;
        assert!(page.body.contains("Sign out?"), "{what} signs nobody out");
    }
    for (what, text) in [
        ("ID token", &id_token),
        ("userinfo", &about),
        ("introspection", &signed),
        ("jti", &claims(&jwt_access)["jti"].as_str().unwrap().to_owned()),
    ] {
        userinfo(&app, text).await.assert_status(401);
        app.api("/v1/me", text).await.assert_status(401);
        assert_eq!(introspect(&client, text).await, serde_json::json!({"active": false}), "{what}");
        client.refresh(text).await.assert_refused(400, "invalid_grant", "Invalid refresh token");
    }
    userinfo(&app, &jwt_access).await.assert_status(401);
    app.api("/v1/me", &jwt_access).await.assert_status(401);
    assert_eq!(introspect(&client, &jwt_access).await["active"], true);
}

#[tokio::test]
async fn a_token_in_the_query_beside_one_in_the_form_is_a_second_one() {
    // RFC 6750 §2.
    let app = TestApp::new().await;
    let client = app.client("standard");
    let code = app.signed_in("ada").await.code(&openid("standard", "openid")).await;
    let token = redeem(&client, &code).await.text("access_token");
    let post = |path: &str| {
        let request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        app.send(request.body(Body::from(form(&[("access_token", &token)]))).unwrap())
    };
    post("/oidc/userinfo/v1").await.assert_status(200);
    post(&format!("/oidc/userinfo/v1?access_token={token}")).await.assert_status(400);
}

#[tokio::test]
async fn what_discovery_promises_is_kept() {
    let app = TestApp::new().await;
    let told = get(&app, "/.well-known/openid-configuration").await.json();
    let list = |name: &str| -> Vec<String> {
        told[name].as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
    };
    for (name, value) in told.as_object().unwrap() {
        if name.ends_with("_endpoint") || name == "jwks_uri" {
            let path = value.as_str().unwrap().strip_prefix(ISSUER).unwrap();
            assert_ne!(get(&app, path).await.status.as_u16(), 404, "{name}");
        }
    }
    let mut ada = app.signed_in("ada").await;
    let web = |request: AuthorizeUrl| request.with("redirect_uri", "https://peek.example/cb");
    for response_type in list("response_types_supported") {
        for mode in list("response_modes_supported") {
            let request =
                web(openid("legacy", "openid")).with("response_type", &response_type).with("response_mode", &mode);
            let page = ada.open(&request.to_string()).await;
            let answer = if asks(&page) { ada.decide(&page, "allow").await } else { page };
            if mode == "form_post" {
                assert!(answer.body.contains("action=\"https://peek.example/cb\""), "{response_type}: {}", answer.body);
                continue;
            }
            let address = answer.destination();
            let answered = parameters(&address);
            let in_query = mode == "query" && response_type != "code";
            assert_eq!(answered.contains_key("error"), in_query, "{response_type} {mode}: {address}");
            for (asked, brought) in [("code", "code"), ("id_token", "id_token"), ("token", "access_token")] {
                let asked = response_type.split(' ').any(|part| part == asked);
                assert_eq!(answered.contains_key(brought), asked && !in_query, "{response_type} {mode}: {address}");
            }
            assert_eq!(address.contains('#'), response_type != "code" || mode == "fragment", "{address}");
            assert_eq!(answered["iss"], ISSUER);
        }
    }
    for prompt in list("prompt_values_supported") {
        let answer = ada.open(&web(openid("legacy", "openid")).with("prompt", &prompt).to_string()).await;
        assert!(!answer.body.contains("invalid_request") && answer.status.as_u16() != 400, "{prompt}");
    }
    let scopes = list("scopes_supported").join(" ");
    assert!(asks(&ada.open(&web(openid("legacy", &scopes)).to_string()).await));
    for algorithm in list("id_token_signing_alg_values_supported") {
        let algorithm = SigningAlgorithm::from_name(&algorithm).unwrap();
        let chosen = OpenIdSettings {
            id_token_algorithm: algorithm,
            userinfo_algorithm: Some(algorithm),
            ..OpenIdSettings::default()
        };
        app.add(&openid_app(algorithm.name(), chosen)).await;
        let code = ada.code(&openid(algorithm.name(), "openid")).await;
        let tokens = redeem(&app.client(algorithm.name()), &code).await;
        for jwt in [tokens.text("id_token"), userinfo(&app, &tokens.text("access_token")).await.body] {
            let header: Value =
                serde_json::from_slice(&base64url_decode(jwt.split('.').next().unwrap()).unwrap()).unwrap();
            assert_eq!(header["alg"], algorithm.name());
            let keys = get(&app, "/oidc/certs/v1").await.json();
            assert!(keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == header["kid"]));
        }
    }
}
