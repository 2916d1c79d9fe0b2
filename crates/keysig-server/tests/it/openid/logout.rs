//! OpenID Connect RP-Initiated Logout 1.0 §2, §3, §6; Front-Channel Logout 1.0 §2, §3.

use keysig_core::encoding::base64url;

use crate::actors::{Answer, Browser, ISSUER, TestApp};
use crate::relying_party::{
    AFTER_LOGOUT, FRONT_CHANNEL_LOGOUT, Login, OTHER_RP, RP, answered_at_once, asks, end_session, granted, leads_to,
    log_in, provider,
};

struct Scene {
    server: TestApp,
    ada: Browser,
    login: Login,
}

async fn scene() -> Scene {
    let server = provider().await;
    let mut ada = server.signed_in("ada").await;
    let login = log_in(&mut ada, &asks("code")).await;
    Scene { server, ada, login }
}

async fn is_signed_out(browser: &mut Browser) -> bool {
    let silent = answered_at_once(browser, &asks("code").with("prompt", "none")).await;
    if silent.has("code") {
        return false;
    }
    silent.assert_error("login_required");
    true
}

/// Whether the page wants to know if the person means it.
fn asks_to_sign_out(page: &Answer) -> bool {
    page.body.contains("action=\"/logout\"") && leads_to(page).is_none()
}

/// Presses the button of the page that asks.
async fn confirm(browser: &mut Browser, page: &Answer) -> Answer {
    let mut fields = vec![("csrf", page.field("csrf"))];
    for name in ["tx", "client_id", "post_logout_redirect_uri", "state"] {
        if page.body.contains(&format!("name=\"{name}\"")) {
            fields.push((name, page.field(name)));
        }
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/logout", &fields).await
}

#[tokio::test]
async fn an_app_that_knows_who_signed_in_may_end_the_session_and_get_its_state_back() {
    let Scene { mut ada, login, .. } = scene().await;
    let fields =
        [("id_token_hint", login.id_token.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "a+ b&c")];
    let answer = ada.open(&end_session(&fields)).await;
    assert_eq!(leads_to(&answer).as_deref(), Some("https://peek.example/bye?state=a%2B%20b%26c"));
    assert!(is_signed_out(&mut ada).await);
}

#[tokio::test]
async fn without_a_state_the_app_is_returned_to_without_one() {
    let Scene { mut ada, login, .. } = scene().await;
    let fields = [("id_token_hint", login.id_token.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    let answer = ada.open(&end_session(&fields)).await;
    assert_eq!(leads_to(&answer).as_deref(), Some(AFTER_LOGOUT));
    assert!(is_signed_out(&mut ada).await);
}

#[tokio::test]
async fn a_request_to_end_the_session_may_be_posted() {
    let Scene { mut ada, login, .. } = scene().await;
    let fields = [("id_token_hint", login.id_token.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    // A POST from another site brings no cookie of ours, a GET does.
    let led = ada.post("/oidc/logout/v1", &fields).await;
    let answer = ada.open(&led.assert_status(303).destination()).await;
    assert_eq!(leads_to(&answer).as_deref(), Some(AFTER_LOGOUT));
    assert!(is_signed_out(&mut ada).await);
}

#[tokio::test]
async fn an_expired_hint_is_as_good() {
    let Scene { server, mut ada, login } = scene().await;
    server.clock.advance(86_400);
    let fields = [("id_token_hint", login.id_token.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    assert_eq!(leads_to(&ada.open(&end_session(&fields)).await).as_deref(), Some(AFTER_LOGOUT));
}

#[tokio::test]
async fn nobody_is_led_to_an_address_that_is_not_registered_for_this() {
    for uri in [
        "https://evil.example/bye",
        "https://peek.example/bye?foo=bar",
        "https://peek.example/bye/",
        "https://peek.example/cb",
        "//peek.example/bye",
        "https://peek.example/bye#x",
    ] {
        let Scene { mut ada, login, .. } = scene().await;
        let fields = [("id_token_hint", login.id_token.as_str()), ("post_logout_redirect_uri", uri), ("state", "x")];
        let page = ada.open(&end_session(&fields)).await;
        assert_eq!(leads_to(&page), None, "{uri}");
        assert!(page.body.contains("<h1") && !page.body.contains(&format!("href=\"{uri}")), "{}", page.body);
    }
}

#[tokio::test]
async fn a_hint_that_we_did_not_sign_ends_nothing_by_itself_and_leads_nowhere() {
    let Scene { mut ada, login, .. } = scene().await;
    let parts: Vec<&str> = login.id_token.split('.').collect();
    let unsigned = format!("{}.{}.", base64url(br#"{"alg":"none"}"#), parts[1]);
    let foreign = format!("{}.{}.{}", parts[0], parts[1], base64url(&[7; 256]));
    let changed = format!("{}.{}.{}", parts[0], base64url(br#"{"aud":"oidc","sub":"ada"}"#), parts[2]);
    for hint in [unsigned.as_str(), &foreign, &changed, "x"] {
        let fields = [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER_LOGOUT)];
        let page = ada.open(&end_session(&fields)).await;
        assert_eq!(leads_to(&page), None, "{hint}");
        assert!(!is_signed_out(&mut ada).await, "{hint}");
    }
}

#[tokio::test]
async fn an_address_without_a_hint_or_an_app_leads_nowhere() {
    let Scene { mut ada, .. } = scene().await;
    let page = ada.open(&end_session(&[("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "x")])).await;
    page.assert_status(400);
    assert_eq!(leads_to(&page), None);
    assert!(!is_signed_out(&mut ada).await);
}

#[tokio::test]
async fn an_app_that_only_says_who_it_is_gets_the_browser_back_when_the_person_agrees() {
    let Scene { mut ada, .. } = scene().await;
    let fields = [("client_id", RP), ("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "x")];
    let page = ada.open(&end_session(&fields)).await;
    assert_eq!(leads_to(&page), None);
    assert!(asks_to_sign_out(&page) && page.body.contains("Peek oidc"), "{}", page.body);
    assert!(!is_signed_out(&mut ada).await);
    let after = confirm(&mut ada, &page).await;
    assert_eq!(leads_to(&after).as_deref(), Some("https://peek.example/bye?state=x"));
    assert!(is_signed_out(&mut ada).await);
    // What the form carries is proven anew.
    let Scene { mut ada, .. } = scene().await;
    let page = ada.open(&end_session(&fields)).await;
    let csrf = page.field("csrf");
    let evil = [("csrf", csrf.as_str()), ("client_id", RP), ("post_logout_redirect_uri", "https://evil.example/")];
    assert_eq!(leads_to(&ada.post("/logout", &evil).await), None);
}

#[tokio::test]
async fn with_nothing_or_a_state_alone_the_person_is_asked_and_then_signed_out() {
    for fields in [vec![], vec![("state", "x")]] {
        let Scene { mut ada, .. } = scene().await;
        let page = ada.open(&end_session(&fields)).await;
        assert!(asks_to_sign_out(&page), "{}", page.body);
        let after = confirm(&mut ada, &page).await;
        after.assert_status(200);
        assert!(after.body.to_lowercase().contains("signed out"), "{}", after.body);
        assert!(is_signed_out(&mut ada).await);
    }
}

#[tokio::test]
async fn with_a_hint_and_no_address_the_session_ends_on_a_page_of_ours() {
    let Scene { mut ada, login, .. } = scene().await;
    let page = ada.open(&end_session(&[("id_token_hint", login.id_token.as_str())])).await;
    page.assert_status(200);
    assert_eq!(leads_to(&page), None);
    assert!(page.body.to_lowercase().contains("signed out"), "{}", page.body);
    assert!(is_signed_out(&mut ada).await);
}

#[tokio::test]
async fn a_client_id_that_contradicts_the_hint_is_refused() {
    let Scene { mut ada, login, .. } = scene().await;
    let fields = [
        ("id_token_hint", login.id_token.as_str()),
        ("client_id", OTHER_RP),
        ("post_logout_redirect_uri", AFTER_LOGOUT),
    ];
    let page = ada.open(&end_session(&fields)).await;
    assert_eq!(leads_to(&page), None);
    assert!(!is_signed_out(&mut ada).await);
}

#[tokio::test]
async fn a_hint_about_somebody_else_does_not_end_this_session_unasked() {
    let Scene { server, login, .. } = scene().await;
    let mut bob = server.signed_in("bob").await;
    bob.allow(&asks("code")).await;
    let fields = [("id_token_hint", login.id_token.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    bob.open(&end_session(&fields)).await;
    assert!(!is_signed_out(&mut bob).await);
}

#[tokio::test]
async fn the_apps_of_the_session_are_told_by_frames_that_name_issuer_and_session() {
    let Scene { mut ada, login, .. } = scene().await;
    let sid = login.claims["sid"].as_str().expect("a session has a name").to_owned();
    let fields =
        [("id_token_hint", login.id_token.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "x")];
    let page = ada.open(&end_session(&fields)).await;
    page.assert_status(200);
    let frame = page.body.split("<iframe").nth(1).unwrap_or_else(|| panic!("no frame: {}", page.body));
    let source = frame.split("src=\"").nth(1).unwrap().split('"').next().unwrap();
    let source = crate::actors::unescape(source);
    let query = source.strip_prefix(FRONT_CHANNEL_LOGOUT).unwrap_or_else(|| panic!("{source}"));
    let told = keysig_core::parameters::Parameters::parse(query.trim_start_matches('&').as_bytes()).unwrap();
    assert_eq!((told.get("iss"), told.get("sid")), (Some(ISSUER), Some(sid.as_str())));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("frame-src https://peek.example"), "{policy}");
    assert_eq!(leads_to(&page).as_deref(), Some("https://peek.example/bye?state=x"));
    assert!(is_signed_out(&mut ada).await);
}

#[tokio::test]
async fn apps_of_other_sessions_are_not_told() {
    let Scene { server, mut ada, login } = scene().await;
    let mut phone = server.signed_in("ada").await;
    granted(&mut phone, &asks("code").with("client_id", OTHER_RP)).await;
    let page = ada.open(&end_session(&[("id_token_hint", login.id_token.as_str())])).await;
    assert_eq!(page.body.matches("<iframe").count(), 1, "one app was used in this session: {}", page.body);
    assert!(!is_signed_out(&mut phone).await);
}

#[tokio::test]
async fn signing_out_on_our_own_page_tells_the_apps_too() {
    let Scene { mut ada, .. } = scene().await;
    let page = ada.get("/logout").await;
    let after = confirm(&mut ada, &page).await;
    assert_eq!(after.body.matches("<iframe").count(), 1, "{}", after.body);
}

#[tokio::test]
async fn one_session_is_one_sid_in_every_id_token_and_two_are_two() {
    let Scene { server, mut ada, login } = scene().await;
    let again = log_in(&mut ada, &asks("code")).await;
    assert_eq!(login.claims["sid"], again.claims["sid"]);
    let elsewhere = log_in(&mut server.signed_in("ada").await, &asks("code")).await;
    assert_ne!(login.claims["sid"], elsewhere.claims["sid"]);
    assert_eq!(elsewhere.claims["aud"], RP);
}

#[tokio::test]
async fn a_login_ends_with_its_browser_session_unless_it_has_offline_access() {
    let Scene { server, mut ada, login } = scene().await;
    let offline = asks("code").with("scope", "openid offline_access").with("prompt", "consent");
    let offline = log_in(&mut ada, &offline).await;
    let fields = [("id_token_hint", login.id_token.as_str()), ("post_logout_redirect_uri", AFTER_LOGOUT)];
    ada.open(&end_session(&fields)).await;
    let bound = server.client(RP).refresh(&login.refresh.unwrap()).await;
    assert_eq!(bound.assert_status(400).text("error"), "invalid_grant");
    server.client(RP).refresh(&offline.refresh.unwrap()).await.assert_status(200);
}
