use crate::actors::TestApp;

#[tokio::test]
async fn an_app_gets_a_token_of_its_own_and_no_refresh_token() {
    let app = TestApp::new().await;
    let answer = app.client("web").client_credentials().await;
    answer.assert_status(200);
    let json = answer.json();
    assert_eq!(json.as_object().unwrap().len(), 3, "access_token, token_type, expires_in");
    assert_eq!((json["token_type"].as_str(), json["expires_in"].as_i64()), (Some("Bearer"), Some(3600)));
}

#[tokio::test]
async fn an_app_s_own_token_is_nobody() {
    let app = TestApp::new().await;
    let token = app.client("web").client_credentials().await.text("access_token");
    let answer = app.api("/v1/me", &token).await;
    answer.assert_status(401);
    assert!(answer.body.contains("\"message\": \"Valid user authentication required\""), "{}", answer.body);
}

#[tokio::test]
async fn scopes_that_are_asked_for_are_not_given() {
    let app = TestApp::new().await;
    let fields = [("grant_type", "client_credentials"), ("scope", "user-read-email")];
    let answer = app.client("web").post("/api/token", &fields).await;
    answer.assert_status(200);
    app.api("/v1/me/playlists", &answer.text("access_token")).await.assert_status(401);
}

#[tokio::test]
async fn an_app_without_a_secret_has_no_token_of_its_own() {
    let app = TestApp::new().await;
    let answer = app.client("public").client_credentials().await;
    answer.assert_refused(400, "unauthorized_client", "This app has no secret and no token of its own");
}

#[tokio::test]
async fn an_app_s_own_token_has_no_scopes_and_a_standard_app_is_told_so() {
    let app = TestApp::new().await;
    let fields = [("grant_type", "client_credentials"), ("scope", "user-read-email")];
    let said = "A token of the app itself has no scopes: they are permissions of a person";
    app.client("standard").post("/api/token", &fields).await.assert_refused(400, "invalid_scope", said);
    app.client("web").post("/api/token", &fields).await.assert_status(200);
    let empty = [("grant_type", "client_credentials"), ("scope", "")];
    app.client("standard").post("/api/token", &empty).await.assert_status(200);
}
