use axum::body::Body;
use http::Request;
use keysig_core::app::{App, ClientType};
use keysig_core::profile::Profile;

use crate::actors::{TestApp, Tokens, app};

#[tokio::test]
async fn a_spotify_app_gets_its_refresh_token_back_again_and_again() {
    let app = TestApp::new().await;
    for client in ["web", "public"] {
        let client = app.client(client);
        let tokens = client.log_in("ada").await;
        for _ in 0..5 {
            app.clock.advance(3600);
            let answer = client.refresh(&tokens.refresh).await;
            let fresh = Tokens::of(&answer);
            assert_eq!(fresh.refresh, tokens.refresh);
            assert_ne!(fresh.access, tokens.access);
            assert_eq!(answer.text("scope"), "user-read-email user-read-private");
            app.api("/v1/me", &fresh.access).await.assert_status(200);
            app.api("/v1/me", &tokens.access).await.assert_status(401);
        }
    }
}

#[tokio::test]
async fn a_scope_on_refresh_is_ignored_for_spotify_and_narrows_for_standard() {
    let app = TestApp::new().await;
    let narrow = |client: &'static str, scope: &'static str| {
        let app = app.clone();
        async move {
            let refresh = app.client(client).log_in("ada").await.refresh;
            let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str()), ("scope", scope)];
            app.client(client).post("/api/token", &fields).await
        }
    };
    assert_eq!(narrow("web", "user-read-email").await.text("scope"), "user-read-email user-read-private");
    assert_eq!(narrow("standard", "user-read-email").await.text("scope"), "user-read-email");
    let wider = narrow("standard", "user-read-email user-top-read").await;
    wider.assert_refused(400, "invalid_scope", "scope exceeds what was granted");
}

#[tokio::test]
async fn a_standard_app_s_refresh_token_rotates() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let first = client.log_in("ada").await;
    let second = Tokens::of(&client.refresh(&first.refresh).await);
    let third = Tokens::of(&client.refresh(&second.refresh).await);
    assert!(first.refresh != second.refresh && second.refresh != third.refresh);
    app.api("/v1/me", &third.access).await.assert_status(200);
}

#[tokio::test]
async fn a_lost_answer_costs_nobody_their_session() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let first = client.log_in("ada").await;
    let lost = Tokens::of(&client.refresh(&first.refresh).await);
    app.clock.advance(30);
    let again = Tokens::of(&client.refresh(&first.refresh).await);
    assert_eq!(lost.refresh, again.refresh, "the same successor, byte for byte");
    client.refresh(&again.refresh).await.assert_status(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_at_once_get_one_successor_and_the_login_lives() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let first = client.log_in("ada").await;
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..64 {
        let (client, refresh) = (client.clone(), first.refresh.clone());
        tries.spawn(async move { Tokens::of(&client.refresh(&refresh).await) });
    }
    let answers = tries.join_all().await;
    let successor = &answers[0].refresh;
    assert!(answers.iter().all(|tokens| tokens.refresh == *successor && tokens.refresh != first.refresh));
    for tokens in &answers {
        app.api("/v1/me", &tokens.access).await.assert_status(200);
    }
    let third = Tokens::of(&client.refresh(successor).await);
    // Used up: whoever still has the first is a thief, and the reason says so.
    client.refresh(&first.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    client.refresh(&third.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    app.api("/v1/me", &third.access).await.assert_status(401);
}

#[tokio::test]
async fn an_old_token_after_the_window_is_theft_and_ends_the_login() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let first = client.log_in("ada").await;
    let second = Tokens::of(&client.refresh(&first.refresh).await);
    app.clock.advance(31);
    client.refresh(&first.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    client.refresh(&second.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    app.api("/v1/me", &second.access).await.assert_status(401);
}

#[tokio::test]
async fn two_generations_back_is_theft_at_once() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let first = client.log_in("ada").await;
    let second = Tokens::of(&client.refresh(&first.refresh).await);
    let third = Tokens::of(&client.refresh(&second.refresh).await);
    client.refresh(&first.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    app.api("/v1/me", &third.access).await.assert_status(401);
}

#[tokio::test]
async fn the_fourth_replay_is_theft() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let first = client.log_in("ada").await;
    client.refresh(&first.refresh).await.assert_status(200);
    app.clock.advance(6);
    for _ in 0..3 {
        client.refresh(&first.refresh).await.assert_status(200);
    }
    client.refresh(&first.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
}

#[tokio::test]
async fn a_spotify_app_may_choose_rotation() {
    let server = TestApp::new().await;
    let rotating = App { rotates: true, ..app("rotating", ClientType::Confidential, Profile::Spotify) };
    server.add(&rotating).await;
    let client = server.client("rotating");
    let request =
        crate::actors::AuthorizeUrl::of("rotating").without("code_challenge").without("code_challenge_method");
    let code = server.signed_in("ada").await.code(&request).await;
    let first = Tokens::of(&client.exchange(&code).await);
    assert_ne!(Tokens::of(&client.refresh(&first.refresh).await).refresh, first.refresh);
}

#[tokio::test]
async fn a_refresh_token_is_its_own_app_s_only() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    app.client("other").refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Invalid refresh token");
    app.client("public").refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Invalid refresh token");
    app.client("web").refresh(&tokens.refresh).await.assert_status(200);
}

#[tokio::test]
async fn a_public_app_s_token_alone_names_its_app() {
    let app = TestApp::new().await;
    let send = |refresh: String| {
        let body = crate::actors::form(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
        let request = Request::post("/api/token").header("content-type", "application/x-www-form-urlencoded");
        let app = app.clone();
        async move { app.send(request.body(Body::from(body)).unwrap()).await }
    };
    send(app.client("public").log_in("ada").await.refresh).await.assert_status(200);
    send(app.client("web").log_in("ada").await.refresh).await.assert_refused(400, "invalid_client", "");
}

#[tokio::test]
async fn a_refresh_token_ends_180_days_after_consent_used_or_not() {
    let app = TestApp::new().await;
    let client = app.client("web");
    let tokens = client.log_in("ada").await;
    for _ in 0..179 {
        app.clock.advance(86_400);
        client.refresh(&tokens.refresh).await.assert_status(200);
    }
    app.clock.advance(86_400);
    client.refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Refresh token expired");
}

#[tokio::test]
async fn a_login_that_rotates_ends_when_it_is_not_used_for_too_long() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    let mut refresh = client.log_in("ada").await.refresh;
    for _ in 0..2 {
        app.clock.advance(59 * 86_400);
        refresh = Tokens::of(&client.refresh(&refresh).await).refresh;
    }
    app.clock.advance(60 * 86_400);
    client.refresh(&refresh).await.assert_refused(400, "invalid_grant", "Refresh token expired");
}

#[tokio::test]
async fn what_is_no_refresh_token_is_none() {
    let app = TestApp::new().await;
    let client = app.client("web");
    let tokens = client.log_in("ada").await;
    let code = app.signed_in("ada").await.code(&client.request()).await;
    let cut = &tokens.refresh[..tokens.refresh.len() - 1];
    let padded = format!("{}=", tokens.refresh);
    for not in ["x", "AQ", cut, &padded, &tokens.refresh.to_lowercase(), &tokens.access, &code] {
        client.refresh(not).await.assert_refused(400, "invalid_grant", "Invalid refresh token");
    }
    client.refresh("").await.assert_refused(400, "invalid_request", "refresh_token must be supplied");
}
