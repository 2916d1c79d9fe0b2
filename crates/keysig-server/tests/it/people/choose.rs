//! Several accounts in one browser.

use crate::actors::{Answer, Browser, PASSWORD, START, TestApp, location, password_hash, user, user_id};
use keysig_core::user::Product;
use keysig_store::{sessions, users};

/// A browser in which ada signed in, and then bob.
async fn both(app: &TestApp) -> Browser {
    let mut browser = app.signed_in("ada").await;
    let page = browser.open("/login?account=new").await;
    browser.fill_in(&page, "bob", PASSWORD).await;
    browser
}

/// The session of `name` on the chooser.
fn session_of(page: &Answer, name: &str) -> String {
    let button = page.body.split("name=\"account\" value=\"").skip(1).find(|rest| rest.contains(name));
    button.unwrap_or_else(|| panic!("{name} is not in {}", page.body)).split('"').next().unwrap().to_owned()
}

async fn press(browser: &mut Browser, page: &Answer, button: &str, name: &str) -> Answer {
    let (csrf, session) = (page.field("csrf"), session_of(page, name));
    let tx = if page.body.contains("name=\"tx\"") { page.field("tx") } else { String::new() };
    browser.post("/login/choose", &[("csrf", &csrf), ("tx", &tx), (button, &session)]).await
}

#[tokio::test]
async fn who_signs_in_beside_another_ends_nobody_s_session_and_each_can_be_chosen_again() {
    let app = TestApp::new().await;
    let mut browser = both(&app).await;
    assert!(browser.get("/account").await.body.contains("bob@example.test"));
    let chooser = browser.get("/login/choose").await;
    assert!(chooser.body.contains("ada@example.test") && chooser.body.contains("bob@example.test"));
    assert_eq!(press(&mut browser, &chooser, "account", "ada@").await.header("location"), "/account");
    assert!(browser.get("/account").await.body.contains("ada@example.test"));
    let chooser = browser.get("/login/choose").await;
    press(&mut browser, &chooser, "account", "bob@").await.assert_status(303);
    assert!(browser.get("/account").await.body.contains("bob@example.test"));
    // The same person again is the same session.
    let page = browser.open("/login?account=new").await;
    browser.fill_in(&page, "ada", PASSWORD).await;
    for name in ["ada", "bob"] {
        assert_eq!(sessions::of_user(&app.server.store, user_id(name)).await.unwrap().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn a_wrong_account_is_fixed_in_two_clicks_with_the_request_intact() {
    let app = TestApp::new().await;
    let mut browser = both(&app).await;
    let first = browser.open(&app.client("web").request().to_string()).await;
    assert!(first.body.contains("Choose an account") && first.body.contains("Peek web"), "nobody is taken for granted");
    let chosen = press(&mut browser, &first, "account", "bob@").await;
    let consent = browser.open(chosen.header("location")).await;
    assert!(consent.body.contains("bob@example.test"));
    let not_you = consent.body.split("href=\"").find(|rest| rest.starts_with("/login/choose?tx=")).unwrap();
    let chooser = browser.get(not_you.split('"').next().unwrap()).await;
    let chosen = press(&mut browser, &chooser, "account", "ada@").await;
    let consent = browser.open(chosen.header("location")).await;
    assert!(consent.body.contains("ada@example.test"));
    let code =
        crate::actors::parameters(&browser.decide(&consent, "allow").await.destination()).remove("code").unwrap();
    let tokens = crate::actors::Tokens::of(&app.client("web").exchange(&code).await);
    assert!(app.api("/v1/me", &tokens.access).await.body.contains("\"ada\""));
}

#[tokio::test]
async fn an_account_is_removed_from_this_browser_alone() {
    let app = TestApp::new().await;
    let mut elsewhere = app.signed_in("ada").await;
    let mut browser = both(&app).await;
    let before = browser.clone();
    let chooser = browser.get("/login/choose").await;
    assert_eq!(press(&mut browser, &chooser, "remove", "ada@").await.header("location"), "/login/choose");
    let chooser = browser.get("/login/choose").await;
    assert!(!chooser.body.contains("ada@example.test") && chooser.body.contains("bob@example.test"));
    elsewhere.get("/account").await.assert_status(200);
    assert_eq!(sessions::of_user(&app.server.store, user_id("ada")).await.unwrap().len(), 1);
    // A copied cookie brings nobody back.
    assert!(!before.clone().get("/login/choose").await.body.contains("ada@example.test"));
}

#[tokio::test]
async fn nobody_s_session_is_chosen_or_ended_without_its_cookie() {
    let app = TestApp::new().await;
    let adas = app.signed_in("ada").await;
    let ada = sessions::of_user(&app.server.store, user_id("ada")).await.unwrap().remove(0).id.to_string();
    let mut bob = app.signed_in("bob").await;
    let csrf = bob.get("/login/choose").await.field("csrf");
    let chosen = bob.post("/login/choose", &[("csrf", &csrf), ("account", &ada)]).await;
    assert_eq!(chosen.header("location"), "/login?account=new");
    bob.post("/login/choose", &[("csrf", &csrf), ("remove", &ada)]).await.assert_status(303);
    adas.clone().get("/account").await.assert_status(200);
    assert!(bob.get("/account").await.body.contains("bob@example.test"));
    bob.post("/login/choose", &[("csrf", "x"), ("account", &ada)]).await.assert_status(403);
    // Rubbish in the cookie is nobody.
    bob.jar.insert("accounts".to_owned(), "x.AAAA..%00".to_owned());
    bob.get("/login/choose").await.assert_status(200);
}

#[tokio::test]
async fn who_is_signed_out_leaves_the_others_and_all_can_be_at_once() {
    let app = TestApp::new().await;
    let mut browser = both(&app).await;
    let confirm = browser.get("/logout").await;
    assert!(confirm.body.contains("bob@example.test"));
    assert!(confirm.body.contains("Sign out of all accounts in this browser"));
    let gone = browser.post("/logout", &[("csrf", &confirm.field("csrf"))]).await;
    assert!(gone.body.contains("bob@example.test") && gone.body.contains("Sign in again"));
    let chooser = browser.open("/login").await;
    assert!(chooser.body.contains("ada@example.test") && !chooser.body.contains("bob@example.test"));
    press(&mut browser, &chooser, "account", "ada@").await;
    assert!(browser.get("/account").await.body.contains("ada@example.test"));

    let mut browser = both(&app).await;
    let csrf = browser.get("/logout").await.field("csrf");
    browser.post("/logout", &[("csrf", &csrf), ("all", "yes")]).await.assert_status(200);
    assert!(!browser.jar.contains_key("sid") && !browser.jar.contains_key("accounts"));
    assert!(browser.open("/login").await.body.contains("name=\"password\""));
    assert_eq!(sessions::of_user(&app.server.store, user_id("bob")).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_sixth_account_signs_the_longest_waiting_one_out() {
    let app = TestApp::new().await;
    for name in ["cleo", "dora", "emil", "fred"] {
        let person = user(name, Product::Free);
        users::add(&app.server.store, &person, &password_hash(), START).await.unwrap();
    }
    let mut browser = app.signed_in("ada").await;
    for name in ["bob", "cleo", "dora", "emil", "fred"] {
        let page = browser.open("/login?account=new").await;
        browser.fill_in(&page, name, PASSWORD).await;
    }
    let chooser = browser.get("/login/choose").await;
    assert_eq!(chooser.body.matches("name=\"account\"").count(), 5);
    assert!(!chooser.body.contains("ada@example.test"));
    assert_eq!(sessions::of_user(&app.server.store, user_id("ada")).await.unwrap().len(), 0);
}

#[tokio::test]
async fn five_tabs_opened_at_once_all_finish() {
    let app = TestApp::new().await;
    let mut browser = app.browser();
    let request = app.client("web").request();
    let mut tabs = Vec::new();
    for n in 0..5 {
        tabs.push(browser.open(&request.clone().with("state", &n.to_string()).to_string()).await);
    }
    for (n, tab) in tabs.iter().enumerate() {
        // The stale form of a tab goes on like any other.
        let mut page = browser.fill_in(tab, "ada", PASSWORD).await;
        if page.body.contains("name=\"decision\"") {
            page = browser.decide(&page, "allow").await;
        }
        let callback = crate::actors::parameters(&page.destination());
        assert_eq!(callback["state"], n.to_string());
        app.client("web").exchange(&callback["code"]).await.assert_status(200);
    }
}

#[tokio::test]
async fn tabs_that_come_to_a_new_browser_at_once_all_keep_their_request() {
    let app = TestApp::new().await;
    let request = |n: u8| app.client("web").request().with("state", &n.to_string()).to_string();
    let mut first = app.browser();
    let mut second = app.browser();
    let mut tabs = vec![location(&first.get(&request(0)).await).unwrap()];
    // The third is sent with what the first was given, before the browser hears that the second was given something else.
    let mut third = first.clone();
    tabs.push(location(&third.get(&request(2)).await).unwrap());
    tabs.push(location(&second.get(&request(1)).await).unwrap());
    let mut browser = app.browser();
    browser.jar = first.jar.into_iter().chain(third.jar).chain(second.jar).collect();
    for tab in tabs {
        let page = browser.open(&tab).await;
        page.assert_status(200);
        assert!(page.body.contains("name=\"identifier\""), "{}", page.body);
    }
}
