//! Other APIs (RFC 8707), and what is introspected.

use super::*;

#[tokio::test]
async fn an_api_sees_tokens_that_name_it_and_a_stranger_sees_none() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    for api in [OPAQUE_API, JWT_API] {
        let request = openid("legacy", "openid").with("resource", api);
        let code = ada.code(&request).await;
        let tokens = Tokens::of(&redeem(&app.client("legacy"), &code).await);
        let inactive = serde_json::json!({"active": false});
        assert_eq!(introspect(&app.client("standard"), &tokens.access).await["aud"], api, "listed for it");
        assert_eq!(introspect(&app.client("legacy"), &tokens.access).await["active"], true, "its own");
        assert_eq!(introspect(&app.client("standard"), &tokens.refresh).await, inactive, "no API's business");
        assert_eq!(introspect(&app.client("other"), &tokens.access).await, inactive);
        app.client("standard-public")
            .post("/oauth2/introspect/v1", &[("token", &tokens.access)])
            .await
            .assert_status(400);
        app.client("other").revoke(&tokens.access).await.assert_status(400);
        assert_eq!(introspect(&app.client("standard"), &tokens.access).await["active"], true, "and ends none");
        app.client("legacy").revoke(&tokens.access).await.assert_status(200);
        assert_eq!(introspect(&app.client("standard"), &tokens.access).await, inactive, "revoked, JWT or not");
    }
}

#[tokio::test]
async fn what_ends_a_login_ends_its_tokens_at_every_api() {
    let app = TestApp::new().await;
    let client = app.client("standard");
    for api in [OPAQUE_API, JWT_API] {
        let mut ada = app.signed_in("ada").await;
        let code = ada.code(&openid("standard", "openid").with("resource", api)).await;
        let tokens = Tokens::of(&redeem(&client, &code).await);
        let page = ada.open("/account/apps").await;
        let mut links = page.body.split("href=\"").map(|rest| rest.split('"').next().unwrap());
        let path =
            links.find(|link| link.starts_with("/account/apps/") && link.ends_with("/remove")).unwrap().to_owned();
        let csrf = ada.get(&path).await.field("csrf");
        ada.post(&path, &[("csrf", &csrf)]).await;
        for token in [&tokens.access, &tokens.refresh] {
            assert_eq!(introspect(&client, token).await, serde_json::json!({"active": false}), "{api}");
        }
    }
}

#[tokio::test]
async fn what_was_allowed_at_one_api_is_asked_for_at_another() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let plain = openid("standard", "openid user-read-email");
    ada.code(&plain).await;
    for api in [OPAQUE_API, JWT_API] {
        let request = plain.clone().with("resource", api);
        let silent = ada.open(&request.clone().with("prompt", "none").to_string()).await;
        assert_eq!(parameters(&silent.destination())["error"], "consent_required", "{api}");
        let page = ada.open(&request.to_string()).await;
        assert!(asks(&page) && page.body.contains(api), "{}", page.body);
        assert!(ada.decide(&page, "allow").await.destination().contains("code="));
        assert!(ada.open(&request.to_string()).await.destination().contains("code="), "once each");
    }
    assert!(ada.open(&plain.to_string()).await.destination().contains("code="));
    let client = app.client("standard");
    let fields = [("scope", "openid"), ("resource", OPAQUE_API)];
    let waiting = client.post("/oauth2/device/authorize", &fields).await;
    let page = pair(&mut ada, &waiting.text("user_code")).await;
    assert!(page.body.contains(OPAQUE_API), "whoever lets a device in sees it too");
}

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
    let long = Statement::new(
        "UPDATE users SET display_name = $2, email = $3 WHERE id = $1",
        params![user_id("ada"), "\u{1d11e}".repeat(80), format!("{}@{}", "a".repeat(64), "b".repeat(189))],
    );
    run(&app, long).await;
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
    assert!((5000..=8192).contains(&longest), "{longest}");
}
