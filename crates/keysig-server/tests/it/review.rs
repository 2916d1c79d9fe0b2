//! What an adversarial review tried: each test is one rule that an attacker, or bad luck, would bend.

use std::net::SocketAddr;

use axum::body::Body;
use http::{HeaderValue, Request};
use keysig_core::app::{App, ClientType};
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_server::net::Peer;
use keysig_store::{Statement, Write, params};

use crate::actors::{Answer, Browser, ClientApp, PASSWORD, TestApp, Tokens, app_id, form};

fn asks(answer: &Answer) -> bool {
    answer.body.contains("name=\"decision\"")
}

/// The app `web` asks for a token of its own, from an address of this block.
async fn with_secret(app: &TestApp, secret: &str, block: u8) -> Answer {
    let fields = [("grant_type", "client_credentials"), ("client_id", "web"), ("client_secret", secret)];
    let request = Request::post("/api/token")
        .extension(Peer(SocketAddr::from(([10, 0, block, 1], 1))))
        .header("content-type", "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(form(&fields))).unwrap()).await
}

/// Tries an empty password, which is counted and costs no hashing.
async fn guess(browser: &mut Browser, page: &Answer, identifier: &str) -> Answer {
    browser.fill_in(page, identifier, "").await
}

#[tokio::test]
async fn an_answer_that_came_too_late_agrees_to_nothing() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let request = app.client("web").request();
    let page = ada.open(&request.to_string()).await;
    assert!(ada.decide(&page, "deny").await.destination().contains("access_denied"));
    ada.decide(&page, "allow").await.assert_status(400);
    assert!(asks(&ada.open(&request.to_string()).await), "she said no, and is asked again");
}

#[tokio::test]
async fn an_answered_request_is_no_consent_of_the_next_person() {
    let app = TestApp::new().await;
    let mut browser = app.signed_in("ada").await;
    let request = app.client("web").request();
    let tx = browser.open(&request.to_string()).await.field("tx");
    let page = browser.open(&format!("/consent?tx={tx}")).await;
    browser.decide(&page, "allow").await;
    let csrf = browser.get("/logout").await.field("csrf");
    browser.post("/logout", &[("csrf", &csrf)]).await;
    browser.sign_in("bob").await;
    let csrf = browser.get("/account").await.field("csrf");
    browser.post("/consent", &[("tx", &tx), ("csrf", &csrf), ("decision", "allow")]).await.assert_status(400);
    assert!(asks(&browser.open(&request.to_string()).await), "bob agreed to nothing");
}

#[tokio::test]
async fn what_changed_after_the_page_was_shown_is_not_agreed_to() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let request = app.client("web").request();
    let page = ada.open(&request.to_string()).await;
    let rename = "UPDATE apps SET name = 'Your Bank', version = version + 1 WHERE id = $1";
    app.server.store.write(Write::one(Statement::new(rename, params![app_id("web")]))).await.unwrap();
    let answer = ada.decide(&page, "allow").await;
    assert!(!answer.body.contains("code="), "she allowed Peek web and never saw Your Bank");
}

#[tokio::test]
async fn a_host_that_was_agreed_to_is_no_scheme_of_the_same_name() {
    let app = TestApp::new().await;
    let uris = ["https://peek.example/cb", "peek.example://cb"];
    let both = App {
        redirect_uris: uris.map(|uri| RedirectUri::register(uri, &Profile::Spotify.policy()).unwrap()).to_vec(),
        ..crate::actors::app("both", ClientType::Confidential, Profile::Spotify)
    };
    app.add(&both).await;
    let mut ada = app.signed_in("ada").await;
    let request = app.client("both").request();
    ada.allow(&request.clone().with("redirect_uri", uris[0])).await;
    assert!(asks(&ada.open(&request.with("redirect_uri", uris[1]).to_string()).await));
}

#[tokio::test]
async fn access_can_be_removed_after_the_browser_was_restarted() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = web.log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    // The browser's own cookie ends with the browser, the session's does not.
    ada.jar.remove("browser");
    let list = ada.get("/account/apps").await;
    let path = list.body.split("/account/apps/").find(|part| part.contains("/remove\"")).unwrap();
    let path = format!("/account/apps/{}", path.split('"').next().unwrap());
    let csrf = ada.get(&path).await.field("csrf");
    ada.post(&path, &[("csrf", &csrf)]).await.assert_status(303);
    web.refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
}

#[tokio::test]
async fn a_session_can_be_ended_after_the_browser_was_restarted() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    ada.jar.remove("browser");
    let csrf = ada.get("/logout").await.field("csrf");
    ada.post("/logout", &[("csrf", &csrf)]).await.assert_status(200);
    assert!(!ada.jar.contains_key("sid"));
}

#[tokio::test]
async fn a_neighbour_s_cookie_in_another_alphabet_hides_none_of_ours() {
    let app = TestApp::new().await;
    let ada = app.signed_in("ada").await;
    let cookies = format!("caf\u{e9}=\u{e9}; sid={}; browser={}", ada.jar["sid"], ada.jar["browser"]);
    let cookies = HeaderValue::from_bytes(cookies.as_bytes()).unwrap();
    let request = Request::get("/account").header("cookie", cookies);
    app.send(request.body(Body::empty()).unwrap()).await.assert_status(200);
}

#[tokio::test]
async fn right_secrets_after_wrong_ones_are_not_slowed_for_ever() {
    let app = TestApp::new().await;
    // Somebody deploys with the old secret, and mends it.
    while with_secret(&app, "old", 1).await.status.as_u16() != 429 {}
    app.clock.advance(2);
    for _ in 0..10 {
        with_secret(&app, "web-secret", 1).await.assert_status(200);
    }
}

#[tokio::test]
async fn whoever_guesses_a_secret_slows_nobody_elsewhere() {
    let app = TestApp::new().await;
    while with_secret(&app, "guess", 1).await.status.as_u16() != 429 {}
    with_secret(&app, "web-secret", 1).await.assert_status(429);
    with_secret(&app, "web-secret", 2).await.assert_status(200);
}

#[tokio::test]
async fn people_who_share_an_address_with_a_guesser_still_sign_in_one_after_another() {
    let app = TestApp::new().await;
    let mut guesser = app.browser();
    let page = guesser.open("/login").await;
    for round in 0.. {
        if guess(&mut guesser, &page, &format!("nobody{round}")).await.status.as_u16() == 429 {
            break;
        }
    }
    app.clock.advance(31);
    app.signed_in("ada").await;
    app.signed_in("bob").await;
}

#[tokio::test]
async fn all_names_of_one_account_share_one_count() {
    let app = TestApp::new().await;
    let mut guesser = app.browser();
    let page = guesser.open("/login").await;
    for _ in 0..6 {
        guess(&mut guesser, &page, "ada@example.test").await.assert_status(422);
    }
    guess(&mut guesser, &page, "ada@example.test").await.assert_status(429);
    guess(&mut guesser, &page, "ada").await.assert_status(429);
}

#[tokio::test]
async fn a_try_that_nobody_had_time_to_check_is_no_failure() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    let csrf = ada.open("/login").await.field("csrf");
    let cookie = format!("browser={}", ada.jar["browser"]);
    let attempt = |block: u8, identifier: String| {
        let fields = [("csrf", csrf.as_str()), ("identifier", &identifier), ("password", PASSWORD)];
        let request = Request::post("/login")
            .extension(Peer(SocketAddr::from(([10, 0, block, 1], 1))))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", &cookie)
            .body(Body::from(form(&fields)))
            .unwrap();
        let app = app.clone();
        tokio::spawn(async move { app.send(request).await.status.as_u16() })
    };
    // More than any machine hashes and queues at once; then Ada, with the right password.
    let crowd: Vec<_> = (0..200).map(|n| attempt(n, format!("nobody{n}"))).collect();
    let mut refused = 0;
    for try_of_ada in (0..12).map(|n| attempt(200 + n, "ada".to_owned())).collect::<Vec<_>>() {
        let status = try_of_ada.await.unwrap();
        assert_ne!(status, 429, "she is told to wait though nobody looked at her password");
        refused += u32::from(status == 503);
    }
    for guess in crowd {
        guess.await.unwrap();
    }
    assert!(refused > 6, "the crowd was large enough");
}

#[tokio::test]
async fn what_was_sealed_in_another_life_of_the_store_is_worth_nothing() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let code = app.signed_in("ada").await.code(&web.request()).await;
    let tokens = web.log_in("ada").await;
    let own = web.client_credentials().await.text("access_token");
    // What a restored backup has (design: an incarnation is one life of a store).
    let restored = "UPDATE store_life SET incarnation = $1";
    app.server.store.write(Write::one(Statement::new(restored, params![[7u8; 16]]))).await.unwrap();
    let app = app.restart().await;
    app.client("web").exchange(&code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    app.api("/v1/search?q=a&type=track", &own).await.assert_status(401);
}

#[tokio::test]
async fn an_expired_code_stays_dead_when_a_restart_finds_the_clock_set_back() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("web").request()).await;
    app.clock.advance(601);
    app.clock.advance(-3600);
    let app = app.restart().await;
    app.client("web").exchange(&code).await.assert_status(400);
}

#[tokio::test]
async fn a_standard_app_s_refresh_token_in_the_address_is_not_read() {
    let app = TestApp::new().await;
    let tokens = app.client("standard-public").log_in("ada").await;
    let path = format!("/api/token?grant_type=refresh_token&refresh_token={}", tokens.refresh);
    app.send(Request::post(path).body(Body::empty()).unwrap()).await.assert_status(400);
}

#[tokio::test]
async fn revoking_again_and_again_writes_once() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = web.log_in("ada").await;
    for token in [&tokens.access, &tokens.refresh] {
        for _ in 0..5 {
            web.revoke(token).await.assert_status(200);
        }
    }
    let rows = app.server.store.read("SELECT COUNT(*) FROM revocations", params![]).await.unwrap();
    assert_eq!(rows[0].int(0).unwrap(), 2, "no client fills the feed");
}

#[tokio::test]
async fn a_code_of_one_app_and_profile_is_worth_nothing_to_any_other() {
    let app = TestApp::new().await;
    let clients = ["web", "other", "public", "standard", "standard-public"].map(|id| app.client(id));
    for owner in &clients {
        let code = app.signed_in("ada").await.code(&owner.request()).await;
        for stranger in clients.iter().filter(|client| client.client_id != owner.client_id) {
            let answer = exchange_with_verifier(stranger, &code).await;
            answer.assert_refused(400, "invalid_grant", "Invalid authorization code");
        }
        let refresh = Tokens::of(&owner.exchange(&code).await).refresh;
        for stranger in clients.iter().filter(|client| client.client_id != owner.client_id) {
            stranger.refresh(&refresh).await.assert_refused(400, "invalid_grant", "Invalid refresh token");
        }
        owner.refresh(&refresh).await.assert_status(200);
    }
}

#[tokio::test]
async fn every_refusal_of_the_token_endpoint_is_json_that_a_page_can_read() {
    let app = TestApp::new().await;
    let request =
        Request::post(format!("/api/token?state={}", "a".repeat(17_000))).header("origin", "https://a.example");
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    answer.assert_status(414);
    assert!(answer.json()["error"].is_string());
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[tokio::test]
async fn an_address_that_is_no_text_gets_a_page_of_ours() {
    let app = TestApp::new().await;
    let answer = app.signed_in("ada").await.get("/account/apps/%ff/remove").await;
    assert!(answer.status.is_client_error());
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
}

async fn exchange_with_verifier(client: &ClientApp, code: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", crate::actors::REDIRECT_URI),
        ("code_verifier", crate::actors::VERIFIER),
    ];
    client.post("/api/token", &fields).await
}
