//! Becoming a developer, and coming back to the page that was asked for.

use keysig_server::settings::Developers;

use crate::actors::TestApp;

#[tokio::test]
async fn somebody_becomes_a_developer_by_themselves() {
    let server = TestApp::new().await;
    let mut ada = server.signed_in("ada").await;
    assert_eq!(ada.get("/dashboard").await.header("location"), "/dashboard/join");
    let page = ada.get("/dashboard/join").await;
    page.assert_status(200);
    let joined = ada.post("/dashboard/join", &[("csrf", &page.field("csrf"))]).await;
    assert_eq!(joined.header("location"), "/dashboard");
    ada.get("/dashboard").await.assert_status(200);
    assert_eq!(keysig_store::audit::first_break(&server.server.store).await, Ok(None));
}

#[tokio::test]
async fn where_developers_are_invited_nobody_becomes_one_by_themselves() {
    let server = TestApp::new().await.set_to(|settings| settings.defaults.developers = Developers::Invited).await;
    let mut ada = server.signed_in("ada").await;
    let page = ada.get("/dashboard/join").await;
    assert!(page.body.contains("invitation"));
    let csrf = ada.get("/account").await.field("csrf");
    ada.post("/dashboard/join", &[("csrf", &csrf)]).await;
    assert_eq!(ada.get("/dashboard").await.header("location"), "/dashboard/join");
}

#[tokio::test]
async fn after_a_sign_in_somebody_is_where_they_wanted_to_be() {
    let server = TestApp::new().await;
    let mut browser = server.browser();
    assert_eq!(browser.get("/dashboard/join").await.header("location"), "/login");
    let signed_in = browser.sign_in("ada").await;
    assert!(signed_in.body.contains("action=\"/dashboard/join\""), "{}", signed_in.body);
    let again = server.signed_in("ada").await.get("/login").await;
    assert_eq!(again.header("location"), "/account", "what was not asked for is not gone to");
}
