//! What a second adversarial review tried, of OpenID Connect, devices, other APIs and signing out: each test is one rule
//! that an attacker, or bad luck, would bend.

use axum::body::Body;
use http::Request;
use keysig_core::app::{App, ClientType, OpenIdSettings};
use keysig_core::encoding::base64url_decode;
use keysig_core::jose::SigningAlgorithm;
use keysig_core::profile::Profile;
use keysig_store::{Statement, Write, params};
use serde_json::Value;

use crate::actors::{
    Answer, AuthorizeUrl, Browser, ClientApp, ISSUER, JWT_API, OPAQUE_API, REDIRECT_URI, START, TestApp, Tokens,
    VERIFIER, app as an_app, app_id, form, parameters, user_id,
};

fn asks(answer: &Answer) -> bool {
    answer.body.contains("name=\"decision\"")
}

fn asks_to_sign_in(answer: &Answer) -> bool {
    answer.body.contains("name=\"password\"")
}

/// The claims of a JWT, unverified.
fn claims(jwt: &str) -> Value {
    serde_json::from_slice(&base64url_decode(jwt.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn openid(client_id: &str, scope: &str) -> AuthorizeUrl {
    AuthorizeUrl::of(client_id).with("scope", scope).with("nonce", "n-1")
}

/// Redeems a code with every proof that a request of [`openid`] needs.
async fn redeem(client: &ClientApp, code: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    client.post("/api/token", &fields).await
}

async fn userinfo(app: &TestApp, access_token: &str) -> Answer {
    app.api("/oidc/userinfo/v1", access_token).await
}

async fn introspect(client: &ClientApp, token: &str) -> Value {
    let answer = client.post("/oauth2/introspect/v1", &[("token", token)]).await;
    answer.assert_status(200).json()
}

async fn sign_out(browser: &mut Browser) {
    let csrf = browser.get("/logout").await.field("csrf");
    browser.post("/logout", &[("csrf", &csrf)]).await.assert_status(200);
}

/// An app of OpenID Connect that chose `openid`.
fn openid_app(client_id: &str, openid: OpenIdSettings) -> App {
    App { openid, ..an_app(client_id, ClientType::Confidential, Profile::Standard) }
}

async fn run(app: &TestApp, statement: Statement) {
    app.server.store.write(Write::one(statement)).await.unwrap();
}

async fn count(app: &TestApp, sql: &'static str) -> i64 {
    app.server.store.read(sql, Vec::new()).await.unwrap()[0].int(0).unwrap()
}

// Signing in anew.

/// Asks without the session's cookie, then comes back with it: a thief of the cookie, or somebody at an open browser.
async fn hidden_until_asked(parameter: &str, value: &str) -> (Browser, Answer) {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    ada.code(&openid("standard", "openid")).await;
    app.clock.advance(100);
    let sid = ada.jar.remove("sid").unwrap();
    let page = ada.open(&openid("standard", "openid").with(parameter, value).to_string()).await;
    assert!(asks_to_sign_in(&page));
    ada.jar.insert("sid".to_owned(), sid);
    let tx = page.field("tx");
    let answer = ada.open(&format!("/consent?tx={tx}")).await;
    (ada, answer)
}

#[tokio::test]
async fn a_session_that_hides_while_prompt_login_is_asked_for_does_not_pass_for_a_new_sign_in() {
    let (mut ada, answer) = hidden_until_asked("prompt", "login").await;
    assert!(asks_to_sign_in(&answer), "{}", answer.body);
    let answer = ada.fill_in(&answer, "ada@example.test", crate::actors::PASSWORD).await;
    assert!(answer.destination().contains("code="), "a new sign-in will do");
}

#[tokio::test]
async fn a_session_that_hides_while_max_age_is_asked_for_does_not_pass_for_a_recent_one() {
    for age in ["0", "99"] {
        let (_, answer) = hidden_until_asked("max_age", age).await;
        assert!(asks_to_sign_in(&answer), "{age}: {}", answer.body);
    }
    let (_, answer) = hidden_until_asked("max_age", "101").await;
    assert!(answer.destination().contains("code="), "recent enough when it was asked for");
}

#[tokio::test]
async fn signing_in_again_makes_the_cookie_of_before_worthless() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let stolen = ada.clone();
    let page = ada.open(&openid("standard", "openid").with("prompt", "login").to_string()).await;
    ada.fill_in(&page, "ada@example.test", crate::actors::PASSWORD).await;
    let mut thief = stolen;
    assert!(asks_to_sign_in(&thief.open("/account").await));
    assert!(!asks_to_sign_in(&ada.open("/account").await));
}

// Requests.

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

// What is signed is taken for nothing else.

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

// Pairwise names.

fn pairwise(client_id: &str, sector: &str) -> App {
    openid_app(client_id, OpenIdSettings { sector: Some(sector.to_owned()), ..OpenIdSettings::default() })
}

#[tokio::test]
async fn an_app_with_a_sector_knows_a_person_by_one_name_and_shares_none_with_others() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let mut seen = Vec::new();
    for (client_id, sector) in [("one", "a.example"), ("two", "b.example")] {
        app.add(&pairwise(client_id, sector)).await;
        let client = app.client(client_id);
        let code = ada.code(&openid(client_id, "openid")).await;
        let tokens = redeem(&client, &code).await;
        let id_token = claims(&tokens.text("id_token"));
        let sub = id_token["sub"].as_str().unwrap();
        let told = userinfo(&app, &tokens.text("access_token")).await.json();
        let introspected = introspect(&client, &tokens.text("access_token")).await;
        let refresh = introspect(&client, &tokens.text("refresh_token")).await;
        for place in [&told, &introspected, &refresh] {
            assert_eq!(place["sub"], sub);
        }
        let code = ada.code(&openid(client_id, "openid").with("resource", JWT_API)).await;
        let jwt = claims(&redeem(&client, &code).await.text("access_token"));
        assert_eq!(jwt["sub"], sub);
        let all = format!("{id_token}{told}{introspected}{refresh}{jwt}");
        assert!(!all.contains("ada"), "{all}");
        seen.push((sub.to_owned(), id_token["sid"].as_str().unwrap().to_owned()));
    }
    assert_ne!(seen[0].0, seen[1].0);
    assert_ne!(seen[0].1, seen[1].1, "one session under one name tells two apps that they share a person");
}

#[tokio::test]
async fn an_app_with_a_sector_is_told_of_the_end_of_the_session_it_knows() {
    let app = TestApp::new().await;
    let told = OpenIdSettings {
        sector: Some("a.example".to_owned()),
        frontchannel_logout_uri: Some("https://peek.example/front".to_owned()),
        ..OpenIdSettings::default()
    };
    app.add(&openid_app("told", told)).await;
    let mut ada = app.signed_in("ada").await;
    let code = ada.code(&openid("told", "openid")).await;
    let id_token = redeem(&app.client("told"), &code).await.text("id_token");
    let sid = claims(&id_token)["sid"].as_str().unwrap().to_owned();
    let page = ada.get(&format!("/oidc/logout/v1?id_token_hint={id_token}")).await;
    assert!(page.body.contains("You are signed out") && page.body.contains(&format!("sid={sid}")), "{}", page.body);
}

// Sessions that end.

#[tokio::test]
async fn a_code_of_openid_connect_dies_with_the_session_it_came_from() {
    let app = TestApp::new().await;
    app.add(&openid_app(
        "told",
        OpenIdSettings {
            backchannel_logout_uri: Some("http://127.0.0.1:9/out".to_owned()),
            ..OpenIdSettings::default()
        },
    ))
    .await;
    for scope in ["openid", "openid offline_access"] {
        let mut ada = app.signed_in("ada").await;
        let code = ada.code(&openid("told", scope)).await;
        sign_out(&mut ada).await;
        redeem(&app.client("told"), &code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
        assert_eq!(count(&app, "SELECT COUNT(*) FROM session_apps").await, 0, "nobody would ever tell it");
    }
    let mut ada = app.signed_in("ada").await;
    let code = ada.code(&app.client("web").request()).await;
    sign_out(&mut ada).await;
    app.client("web").exchange(&code).await.assert_status(200);
}

#[tokio::test]
async fn a_session_that_ended_unused_refreshes_nothing_and_introspection_says_so() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let mut ada = app.signed_in("ada").await;
    let code = ada.code(&openid("standard", "openid")).await;
    let mut tokens = Tokens::of(&redeem(&client, &code).await);
    let code = ada.code(&openid("standard", "openid offline_access")).await;
    let mut offline = Tokens::of(&redeem(&client, &code).await);
    for _ in 0..30 {
        app.clock.advance(86_400);
        tokens = Tokens::of(&client.refresh(&tokens.refresh).await);
        offline = Tokens::of(&client.refresh(&offline.refresh).await);
    }
    app.clock.advance(2 * 3600);
    assert!(asks_to_sign_in(&ada.open("/account").await), "idle for thirty days");
    assert_eq!(introspect(&client, &tokens.refresh).await, serde_json::json!({"active": false}));
    client.refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    assert_eq!(introspect(&client, &offline.refresh).await["active"], true);
    client.refresh(&offline.refresh).await.assert_status(200);
}

#[tokio::test]
async fn introspection_and_refresh_agree_about_every_way_a_login_ends() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let log_in = |scope: &'static str| {
        let (app, client) = (app.clone(), client.clone());
        async move {
            let mut ada = app.signed_in("ada").await;
            let code = ada.code(&openid("standard", scope)).await;
            (ada, Tokens::of(&redeem(&client, &code).await).refresh)
        }
    };
    let (mut ada, of_session) = log_in("openid").await;
    assert_eq!(introspect(&client, &of_session).await["active"], true);
    sign_out(&mut ada).await;
    assert_eq!(introspect(&client, &of_session).await, serde_json::json!({"active": false}));
    client.refresh(&of_session).await.assert_status(400);
    let (_, unused) = log_in("openid offline_access").await;
    app.clock.advance(61 * 86_400);
    assert_eq!(introspect(&client, &unused).await, serde_json::json!({"active": false}));
    client.refresh(&unused).await.assert_status(400);
}

// Signing out.

#[tokio::test]
async fn a_sign_out_that_leads_to_a_paused_app_leads_nowhere() {
    let app = TestApp::new().await;
    run(
        &app,
        Statement::new("UPDATE apps SET paused = 1, version = version + 1 WHERE id = $1", params![app_id("standard")]),
    )
    .await;
    app.clock.advance(2);
    let path = format!(
        "/oidc/logout/v1?{}",
        form(&[("client_id", "standard"), ("post_logout_redirect_uri", "https://peek.example/cb")])
    );
    let answer = app.browser().get(&path).await;
    assert!(!answer.headers.contains_key("location"), "{:?}", answer.headers);
    assert!(!answer.body.contains("peek.example/cb\""), "{}", answer.body);
}

#[tokio::test]
async fn only_a_hint_of_this_very_session_signs_out_unasked() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let mut ada = app.signed_in("ada").await;
    let code = ada.code(&openid("standard", "openid")).await;
    let of_this_session = redeem(&client, &code).await.text("id_token");
    let mut elsewhere = app.signed_in("ada").await;
    let code = elsewhere.code(&openid("standard", "openid")).await;
    let of_another_session = redeem(&client, &code).await.text("id_token");
    let mut bob = app.signed_in("bob").await;
    let back = "&post_logout_redirect_uri=https%3A%2F%2Fpeek.example%2Fcb&state=s";
    for (browser, hint) in [(&mut ada, &of_another_session), (&mut bob, &of_this_session)] {
        let page = browser.get(&format!("/oidc/logout/v1?id_token_hint={hint}{back}")).await;
        assert!(page.body.contains("Sign out?"), "{}", page.body);
        assert!(!asks_to_sign_in(&browser.open("/account").await), "still signed in");
    }
    let cross_site = Request::post("/logout")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .header("cookie", format!("sid={}; browser={}", ada.jar["sid"], ada.jar["browser"]));
    let csrf = ada.get("/logout").await.field("csrf");
    app.send(cross_site.body(Body::from(form(&[("csrf", &csrf)]))).unwrap()).await.assert_status(403);
    for evil in [
        "https://evil.example/",
        "https://peek.example/cb/",
        "https://peek.example/cb%23",
        "//peek.example/cb",
        "javascript:alert(1)",
    ] {
        let evil =
            format!("/oidc/logout/v1?id_token_hint={of_this_session}&{}", form(&[("post_logout_redirect_uri", evil)]));
        let answer = ada.get(&evil).await;
        assert!(!answer.headers.contains_key("location"));
        assert!(!asks_to_sign_in(&ada.open("/account").await), "refused as a whole");
    }
    let answer = ada.get(&format!("/oidc/logout/v1?id_token_hint={of_this_session}{back}")).await;
    assert_eq!(answer.destination(), "https://peek.example/cb?state=s");
    assert!(asks_to_sign_in(&ada.open("/account").await));
}

#[tokio::test]
async fn the_state_of_a_sign_out_comes_back_whole_or_not_at_all() {
    let app = TestApp::new().await;
    let request = |state: &str| {
        let fields =
            [("client_id", "standard"), ("post_logout_redirect_uri", "https://peek.example/cb"), ("state", state)];
        format!("/oidc/logout/v1?{}", form(&fields))
    };
    let state = "s".repeat(4096);
    let answer = app.browser().get(&request(&state)).await;
    assert_eq!(answer.destination(), format!("https://peek.example/cb?state={state}"));
    app.browser().get(&request(&"s".repeat(4097))).await.assert_status(400);
}

// Devices.

async fn device(client: &ClientApp, scope: &str) -> Answer {
    let answer = client.post("/oauth2/device/authorize", &[("scope", scope)]).await;
    answer.assert_status(200);
    answer
}

async fn poll(client: &ClientApp, device_code: &str) -> Answer {
    let grant_type = "urn:ietf:params:oauth:grant-type:device_code";
    client.post("/api/token", &[("grant_type", grant_type), ("device_code", device_code)]).await
}

/// Types the code; the page that asks.
async fn pair(browser: &mut Browser, user_code: &str) -> Answer {
    let csrf = browser.get("/pair").await.field("csrf");
    let answer = browser.post("/pair", &[("csrf", &csrf), ("code", user_code)]).await;
    match answer.headers.get("location") {
        Some(to) => browser.open(to.to_str().unwrap()).await,
        None => answer,
    }
}

#[tokio::test]
async fn a_device_that_ran_out_while_the_page_was_open_is_not_said_to_be_connected() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let waiting = device(&client, "openid").await;
    let mut ada = app.signed_in("ada").await;
    let page = pair(&mut ada, &waiting.text("user_code")).await;
    app.clock.advance(601);
    let answer = ada.decide(&page, "allow").await;
    assert!(!answer.body.contains("is connected"), "{}", answer.body);
    poll(&client, &waiting.text("device_code")).await.assert_refused(
        400,
        "expired_token",
        "Nobody decided in time: start again",
    );
    assert!(!ada.open("/account/apps").await.body.contains("Peek standard"), "nor is anything agreed to");
}

#[tokio::test]
async fn a_device_is_asked_about_every_time_and_shows_its_code() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let mut ada = app.signed_in("ada").await;
    for _ in 0..2 {
        let waiting = device(&client, "openid").await;
        let page = pair(&mut ada, &waiting.text("user_code")).await;
        assert!(asks(&page) && page.body.contains(&waiting.text("user_code")), "{}", page.body);
        ada.decide(&page, "allow").await.assert_status(200);
        let tokens = poll(&client, &waiting.text("device_code")).await;
        tokens.assert_status(200);
        assert_eq!(claims(&tokens.text("id_token"))["sub"], "ada");
    }
}

#[tokio::test]
async fn of_twenty_five_polls_at_once_one_gets_tokens() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let waiting = device(&client, "openid").await;
    let mut ada = app.signed_in("ada").await;
    let page = pair(&mut ada, &waiting.text("user_code")).await;
    ada.decide(&page, "allow").await.assert_status(200);
    let device_code = waiting.text("device_code");
    app.client("legacy").post("/api/token", &[]).await;
    let other = poll(&app.client("legacy"), &device_code).await;
    other.assert_refused(400, "invalid_grant", "Invalid device code");
    let mut polls = tokio::task::JoinSet::new();
    for _ in 0..25 {
        let (client, device_code) = (client.clone(), device_code.clone());
        polls.spawn(async move { poll(&client, &device_code).await.status.as_u16() });
    }
    let statuses = polls.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}

#[tokio::test]
async fn what_was_taken_back_after_a_device_was_let_in_is_taken_back() {
    for taken_back in [
        "UPDATE users SET epoch = epoch + 1 WHERE id = $1",
        "UPDATE users SET disabled_at = 1 WHERE id = $1",
        "UPDATE grants SET removed_at = 1, login_epoch = login_epoch + 1 WHERE user_id = $1",
        "UPDATE apps SET epoch = epoch + 1 WHERE client_id = 'standard' AND $1 IS NOT NULL",
    ] {
        let app = TestApp::new().await;
        let client = app.client("standard");
        let waiting = device(&client, "openid").await;
        let mut ada = app.signed_in("ada").await;
        let page = pair(&mut ada, &waiting.text("user_code")).await;
        ada.decide(&page, "allow").await.assert_status(200);
        run(&app, Statement::new(taken_back, params![user_id("ada")])).await;
        let answer = poll(&client, &waiting.text("device_code")).await;
        answer.assert_refused(400, "invalid_grant", "Invalid device code");
    }
}

// Other APIs.

#[tokio::test]
async fn an_api_that_was_taken_off_the_list_costs_nobody_their_login() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let mut ada = app.signed_in("ada").await;
    let mut refresh = Vec::new();
    for api in [OPAQUE_API, JWT_API] {
        let code = ada.code(&openid("standard", "openid offline_access").with("resource", api)).await;
        refresh.push(Tokens::of(&redeem(&client, &code).await).refresh);
    }
    let code = ada.code(&openid("standard", "openid").with("resource", JWT_API)).await;
    let app = app.without_apis().await;
    let client = app.client("standard");
    for _ in 0..2 {
        for refresh in &refresh {
            let said = "resource must name one API that the token may be for";
            client.refresh(refresh).await.assert_refused(400, "invalid_target", said);
        }
        redeem(&client, &code).await.assert_status(400);
        app.clock.advance(40);
    }
    let app = app.restart().await;
    let client = app.client("standard");
    for refresh in &refresh {
        client.refresh(refresh).await.assert_status(200);
    }
}

#[tokio::test]
async fn an_answer_stays_within_8_kib_whatever_it_carries() {
    let app = TestApp::new().await;
    let all = "openid profile email playlist-modify-private playlist-modify-public playlist-read-collaborative \
               playlist-read-private user-follow-modify user-follow-read user-library-modify user-library-read \
               user-modify-playback-state user-read-currently-playing user-read-email user-read-playback-position \
               user-read-playback-state user-read-private user-read-recently-played user-top-read";
    let mut ada = app.signed_in("ada").await;
    let claims = r#"{"id_token":{"name":null,"email":null,"email_verified":null,"preferred_username":null}}"#;
    let nonce = "\"".repeat(256);
    let request = openid("legacy", all)
        .with("response_type", "code id_token token")
        .with("resource", JWT_API)
        .with("nonce", &nonce)
        .with("claims", claims);
    let mut longest = 0;
    for state in (1..=4096).step_by(64) {
        let request = request.clone().with("state", &"s".repeat(state));
        let page = ada.open(&request.to_string()).await;
        if page.status.as_u16() == 400 {
            break;
        }
        let answer = match asks(&page) {
            true => ada.decide(&page, "allow").await.destination(),
            false => page.destination(),
        };
        longest = longest.max(answer.len());
    }
    assert!((6000..=8192).contains(&longest), "{longest}");
}
