use crate::actors::{CHALLENGE, REDIRECT_URI, TestApp, Tokens, VERIFIER};

#[tokio::test]
async fn a_code_becomes_tokens_in_the_shape_clients_know() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("web").request()).await;
    let answer = app.client("web").exchange(&code).await;
    answer.assert_status(200);
    let keys: Vec<_> = answer
        .body
        .split('"')
        .filter(|part| part.contains("token") || *part == "scope" || *part == "expires_in")
        .collect();
    assert_eq!(keys, ["access_token", "token_type", "expires_in", "refresh_token", "scope"]);
    let json = answer.json();
    assert_eq!((json["token_type"].as_str(), json["expires_in"].as_i64()), (Some("Bearer"), Some(3600)));
    assert_eq!(json["scope"], "user-read-email user-read-private");
    assert!(answer.text("access_token").starts_with("BQ") && answer.text("access_token").len() <= 512);
    assert!(answer.text("refresh_token").starts_with("AQ") && answer.text("refresh_token").len() <= 512);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    app.api("/v1/me", &answer.text("access_token")).await.assert_status(200);
}

#[tokio::test]
async fn without_a_scope_the_scope_is_empty_and_still_there() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("web").request().without("scope")).await;
    assert_eq!(app.client("web").exchange(&code).await.json()["scope"], "");
}

#[tokio::test]
async fn public_clients_prove_themselves_by_the_verifier_alone() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("public").request()).await;
    app.client("public").exchange(&code).await.assert_status(200);
}

#[tokio::test]
async fn a_confidential_client_that_sent_a_challenge_needs_both_proofs() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let code = app.signed_in("ada").await.code(&web.request().with_pkce()).await;
    let with = |verifier: &'static str| {
        let fields =
            [("grant_type", "authorization_code"), ("code", code.clone().leak()), ("redirect_uri", REDIRECT_URI)];
        let mut fields = fields.to_vec();
        if !verifier.is_empty() {
            fields.push(("code_verifier", verifier));
        }
        let web = web.clone();
        async move { web.post("/api/token", &fields).await }
    };
    with("").await.assert_refused(400, "invalid_grant", "code_verifier was incorrect");
    with(CHALLENGE).await.assert_refused(400, "invalid_grant", "code_verifier was incorrect");
    with("short").await.assert_refused(400, "invalid_grant", "code_verifier was invalid");
    with(VERIFIER).await.assert_status(200);
}

#[tokio::test]
async fn a_verifier_without_a_challenge_is_refused() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("web").request()).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let answer = app.client("web").post("/api/token", &fields).await;
    answer.assert_refused(400, "invalid_grant", "code_verifier was incorrect");
}

#[tokio::test]
async fn another_redirect_uri_is_refused_and_the_code_stays_unspent() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let code = app.signed_in("ada").await.code(&web.request()).await;
    for uri in ["http://127.0.0.1:9999/callback", "https://peek.example/cb", "http://127.0.0.1:8888/callback/", ""] {
        let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", uri)];
        web.post("/api/token", &fields).await.assert_refused(400, "invalid_grant", "Invalid redirect URI");
    }
    web.exchange(&code).await.assert_status(200);
}

#[tokio::test]
async fn a_foreign_client_cannot_use_or_burn_a_code() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("web").request()).await;
    app.client("other").exchange(&code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
    app.client("web").exchange(&code).await.assert_status(200);
}

#[tokio::test]
async fn a_failed_client_authentication_does_not_spend_the_code() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("web").request()).await;
    let body = crate::actors::form(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT_URI),
        ("client_id", "web"),
        ("client_secret", "wrong"),
    ]);
    let request = http::Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
    let answer = app.send(request.body(body.into()).unwrap()).await;
    answer.assert_refused(400, "invalid_client", "Invalid client secret");
    app.client("web").exchange(&code).await.assert_status(200);
}

#[tokio::test]
async fn an_expired_code_is_refused() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("web").request()).await;
    app.clock.advance(599);
    let late = app.signed_in("bob").await.code(&app.client("web").request()).await;
    app.clock.advance(1);
    app.client("web").exchange(&code).await.assert_refused(400, "invalid_grant", "Authorization code expired");
    app.client("web").exchange(&late).await.assert_status(200);
}

#[tokio::test]
async fn a_standard_code_lives_a_minute() {
    let app = TestApp::new().await;
    let code = app.signed_in("ada").await.code(&app.client("standard").request()).await;
    app.clock.advance(60);
    let answer = app.client("standard").exchange(&code).await;
    answer.assert_refused(400, "invalid_grant", "Authorization code expired");
}

#[tokio::test]
async fn what_is_no_code_is_no_code() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = web.log_in("ada").await;
    let code = app.signed_in("ada").await.code(&web.request()).await;
    let cut = &code[..code.len() - 1];
    let padded = format!("{code}=");
    for not in ["x", "AQ", cut, &padded, &code.to_lowercase(), &tokens.access, &tokens.refresh] {
        web.exchange(not).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
    }
    web.exchange("").await.assert_refused(400, "invalid_request", "code must be supplied");
}

#[tokio::test]
async fn a_page_that_runs_its_callback_twice_keeps_its_first_login() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let code = app.signed_in("ada").await.code(&web.request()).await;
    let tokens = Tokens::of(&web.exchange(&code).await);
    app.clock.advance(9);
    web.exchange(&code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    web.refresh(&tokens.refresh).await.assert_status(200);
}

#[tokio::test]
async fn a_code_used_again_later_ends_the_login_of_its_first_use() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let code = app.signed_in("ada").await.code(&web.request()).await;
    let tokens = Tokens::of(&web.exchange(&code).await);
    app.clock.advance(11);
    web.exchange(&code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    web.refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
}

#[tokio::test]
async fn a_replay_that_is_wrong_in_another_check_revokes_nothing() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let code = app.signed_in("ada").await.code(&web.request()).await;
    let tokens = Tokens::of(&web.exchange(&code).await);
    app.clock.advance(60);
    app.client("other").exchange(&code).await.assert_status(400);
    let fields =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "https://peek.example/cb")];
    web.post("/api/token", &fields).await.assert_status(400);
    app.api("/v1/me", &tokens.access).await.assert_status(200);
}

#[tokio::test]
async fn a_code_is_worth_one_token_however_many_ask_at_once() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let code = app.signed_in("ada").await.code(&web.request()).await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (web, code) = (web.clone(), code.clone());
        tries.spawn(async move { web.exchange(&code).await.status.as_u16() });
    }
    let answers = tries.join_all().await;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [200, 400].contains(status)));
}

#[tokio::test]
async fn a_code_of_removed_access_is_refused_even_after_a_new_agreement() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let mut ada = app.signed_in("ada").await;
    let code = ada.code(&web.request()).await;
    crate::people::remove(&mut ada, "Peek web").await;
    web.exchange(&code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
    ada.allow(&web.request()).await;
    web.exchange(&code).await.assert_refused(400, "invalid_grant", "Invalid authorization code");
}
