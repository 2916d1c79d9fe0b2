//! Sessions and logins that end, signing out, and what apps know of each other's.

use super::*;

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

#[tokio::test]
async fn an_id_token_of_a_session_that_has_ended_signs_nobody_out() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let code = ada.code(&openid("standard", "openid")).await;
    let of_before = redeem(&app.client("standard"), &code).await.text("id_token");
    sign_out(&mut ada).await;
    ada.sign_in("ada").await;
    let page = ada.get(&format!("/oidc/logout/v1?id_token_hint={of_before}")).await;
    assert!(page.body.contains("Sign out?"), "{}", page.body);
}
