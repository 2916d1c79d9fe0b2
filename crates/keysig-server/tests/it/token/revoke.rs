use axum::body::Body;
use http::Request;

use crate::actors::{TestApp, Tokens};

#[tokio::test]
async fn revoking_a_refresh_token_ends_the_login_and_its_access_tokens() {
    let app = TestApp::new().await;
    for client in ["web", "public", "standard"] {
        let client = app.client(client);
        let tokens = client.log_in("ada").await;
        let fresh = Tokens::of(&client.refresh(&tokens.refresh).await);
        client.revoke(&fresh.refresh).await.assert_status(200);
        app.api("/v1/me", &tokens.access).await.assert_status(401);
        app.api("/v1/me", &fresh.access).await.assert_status(401);
        client.refresh(&fresh.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    }
}

#[tokio::test]
async fn revoking_an_access_token_ends_that_one() {
    let app = TestApp::new().await;
    let client = app.client("web");
    let tokens = client.log_in("ada").await;
    let fresh = Tokens::of(&client.refresh(&tokens.refresh).await);
    client.revoke(&tokens.access).await.assert_status(200);
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    app.api("/v1/me", &fresh.access).await.assert_status(200);
    client.refresh(&tokens.refresh).await.assert_status(200);
}

#[tokio::test]
async fn a_wrong_hint_hides_nothing() {
    let app = TestApp::new().await;
    let client = app.client("web");
    let tokens = client.log_in("ada").await;
    let fields = [("token", tokens.refresh.as_str()), ("token_type_hint", "access_token")];
    client.post("/oauth2/revoke/v1", &fields).await.assert_status(200);
    client.refresh(&tokens.refresh).await.assert_status(400);
}

#[tokio::test]
async fn a_token_that_never_was_is_as_good_as_revoked() {
    let app = TestApp::new().await;
    for token in ["x", "BQE", "AQI"] {
        app.client("web").revoke(token).await.assert_status(200);
    }
}

#[tokio::test]
async fn a_foreign_client_revokes_nothing() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    for token in [&tokens.refresh, &tokens.access] {
        let answer = app.client("other").revoke(token).await;
        answer.assert_refused(400, "invalid_grant", "The token was issued to another client");
    }
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    let request = Request::post("/oauth2/revoke/v1").header("content-type", "application/x-www-form-urlencoded");
    let answer = app.send(request.body(Body::from(format!("token={}", tokens.refresh))).unwrap()).await;
    answer.assert_refused(400, "invalid_client", "");
}

#[tokio::test]
async fn a_revocation_outlives_a_restart() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    let other = app.client("web").log_in("bob").await;
    app.client("web").revoke(&tokens.refresh).await.assert_status(200);
    app.client("web").revoke(&other.access).await.assert_status(200);
    let app = app.restart().await;
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    app.api("/v1/me", &other.access).await.assert_status(401);
    app.client("web").refresh(&tokens.refresh).await.assert_refused(400, "invalid_grant", "Refresh token revoked");
    app.client("web").refresh(&other.refresh).await.assert_status(200);
}
