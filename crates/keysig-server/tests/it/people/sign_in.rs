use keysig_core::password::PasswordHash;
use keysig_store::users;

use super::letters::signs_in;
use crate::actors::{PASSWORD, TestApp, password_hash, user_id};

#[tokio::test]
async fn the_session_cookie_cannot_be_read_by_scripts_nor_sent_across_sites() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let page = browser.open("/login").await;
    let csrf = page.field("csrf");
    let fields = [("csrf", csrf.as_str()), ("identifier", "ada@example.test"), ("password", PASSWORD)];
    let answer = browser.post("/login", &fields).await;
    answer.assert_status(303);
    let cookie = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .find(|cookie| cookie.to_str().unwrap().starts_with("sid="))
        .unwrap();
    let cookie = cookie.to_str().unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    assert!(!cookie.contains("Domain"));
}

#[tokio::test]
async fn address_and_public_id_both_work_in_any_spelling() {
    let app = TestApp::new().await;
    for identifier in ["ada@example.test", " Ada@Example.Test ", "ada", "ADA"] {
        let mut browser = app.browser();
        let page = browser.open("/login").await;
        browser.fill_in(&page, identifier, PASSWORD).await;
        assert!(browser.jar.contains_key("sid"), "{identifier}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_person_look_the_same() {
    let app = TestApp::new().await;
    let mut pages = Vec::new();
    for (identifier, password) in [("ada@example.test", "wrong-password"), ("eve@example.test", PASSWORD)] {
        let mut browser = app.browser();
        let page = browser.open("/login").await;
        let answer = browser.fill_in(&page, identifier, password).await;
        answer.assert_status(422);
        assert!(answer.body.contains("Email or password is not right. Check both and try again."));
        assert!(answer.body.contains(identifier), "what was typed is kept");
        assert!(!answer.body.contains(password), "but for the password");
        let request_id = answer.header("x-request-id").to_owned();
        let csrf = answer.field("csrf");
        pages.push(answer.body.replace(identifier, "").replace(&request_id, "").replace(&csrf, ""));
    }
    assert_eq!(pages[0], pages[1]);
}

#[tokio::test]
async fn guessing_is_slowed_under_every_spelling_and_then_forgiven() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let page = browser.open("/login").await;
    let mut last = None;
    for identifier in [
        "ada@example.test",
        "ADA@example.test",
        " ada@example.test",
        "ada@EXAMPLE.test",
        "ada@example.test",
        "ada@example.test",
        "ada@example.test",
    ] {
        last = Some(browser.fill_in(&page, identifier, "wrong-password").await);
    }
    let last = last.unwrap();
    last.assert_status(429);
    assert_eq!(last.header("retry-after"), "30");
    assert!(last.body.contains("Too many tries. You can try again in 30 seconds."));
    browser.fill_in(&page, "ada@example.test", PASSWORD).await.assert_status(429);
    app.clock.advance(30);
    browser.fill_in(&page, "ada@example.test", PASSWORD).await;
    assert!(browser.jar.contains_key("sid"));
}

#[tokio::test]
async fn a_form_from_another_browser_or_another_site_is_refused() {
    let app = TestApp::new().await;
    let mut attacker = app.browser();
    let csrf = attacker.open("/login").await.field("csrf");
    let mut victim = app.browser();
    victim.open("/login").await;
    let fields = [("csrf", csrf.as_str()), ("identifier", "ada@example.test"), ("password", PASSWORD)];
    victim.post("/login", &fields).await.assert_status(403);
    assert!(!victim.jar.contains_key("sid"));

    let cookies = attacker.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    for (header, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let request = http::Request::post("/login")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", &cookies)
            .header(header, value);
        app.send(request.body(crate::actors::form(&fields).into()).unwrap()).await.assert_status(403);
    }
}

#[tokio::test]
async fn without_cookies_the_page_says_so() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let csrf = browser.open("/login").await.field("csrf");
    browser.jar.clear();
    let answer = browser.post("/login", &[("csrf", &csrf), ("identifier", "ada"), ("password", PASSWORD)]).await;
    answer.assert_status(400);
    assert!(answer.body.contains("Your browser is blocking cookies"));
}

#[tokio::test]
async fn signing_in_changes_the_session_and_another_person_s_waits() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let stale = browser.open("/login").await;
    browser.sign_in("ada").await;
    let before = browser.clone();
    // A stale form still works, and continues as whoever signs in now.
    browser.fill_in(&stale, "bob@example.test", PASSWORD).await;
    assert_ne!(before.jar["sid"], browser.jar["sid"]);
    assert!(browser.get("/account").await.body.contains("bob@example.test"));
    assert!(before.clone().get("/account").await.body.contains("ada@example.test"));
    // The same person again: one session, and the old cookie is worth nothing.
    browser.fill_in(&stale, "ada@example.test", PASSWORD).await;
    before.clone().get("/account").await.assert_status(303);
    assert!(browser.get("/account").await.body.contains("ada@example.test"));
}

#[tokio::test]
async fn sessions_end_when_idle_and_in_any_case() {
    let app = TestApp::new().await;
    let mut idle = app.signed_in("ada").await;
    app.clock.advance(31 * 86_400);
    idle.get("/account").await.assert_status(303);
    let mut busy = app.signed_in("ada").await;
    for _ in 0..4 {
        app.clock.advance(20 * 86_400);
        busy.get("/account").await.assert_status(200);
    }
    app.clock.advance(11 * 86_400);
    busy.get("/account").await.assert_status(303);
}

#[tokio::test]
async fn a_session_outlives_a_restart() {
    let app = TestApp::new().await;
    let jar = app.signed_in("ada").await.jar;
    let app = app.restart().await;
    let mut ada = app.browser();
    ada.jar = jar;
    ada.get("/account").await.assert_status(200);
}

#[tokio::test]
async fn no_address_ever_leads_elsewhere_after_sign_in() {
    let app = TestApp::new().await;
    for tx in ["//evil.example", "https://evil.example", "/\\evil.example", "..%2f"] {
        let mut browser = app.browser();
        let csrf = browser.open("/login").await.field("csrf");
        let fields = [("tx", tx), ("csrf", csrf.as_str()), ("identifier", "ada"), ("password", PASSWORD)];
        let answer = browser.post("/login", &fields).await;
        assert_eq!(answer.header("location"), "/account", "{tx}");
    }
}

#[tokio::test]
async fn a_dated_hash_is_made_anew_by_who_knows_its_password() {
    let app = TestApp::new().await;
    let store = &app.server.store;
    // The same hash with its parameters in another spelling: right, and not as they are written today.
    let dated = PasswordHash::from_phc(password_hash().as_phc().replace("m=19456", "m=019456"));
    assert!(dated.is_dated());
    users::rehash(store, user_id("ada"), &password_hash(), &dated).await.unwrap();
    let stored = || async { users::by_identifier(store, "ada@example.test").await.unwrap().unwrap().1 };
    assert!(!signs_in(&app, "ada@example.test", "not her password").await);
    assert_eq!(stored().await.as_phc(), dated.as_phc());
    assert!(signs_in(&app, "ada@example.test", PASSWORD).await);
    let new = stored().await;
    assert!(!new.is_dated() && new.as_phc() != password_hash().as_phc());
    assert!(signs_in(&app, "ada@example.test", PASSWORD).await);
    assert_eq!(stored().await.as_phc(), new.as_phc(), "once");
}
