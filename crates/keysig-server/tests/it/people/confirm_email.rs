//! Accounts whose address nobody vouches for.

use keysig_core::id::UserId;
use keysig_core::user::User;
use keysig_store::users;

use super::letters::{NEW_PASSWORD, digits, forget, letters, link, newest, wrong};
use crate::actors::{Answer, Browser, PASSWORD, START, TestApp, password_hash, user_id};

const EVE: &str = "eve@example.test";
const FIRST: &str = "Confirm your email first. We sent a new message to <bdi>e•••@example.test</bdi>.";

async fn with_eve() -> TestApp {
    let app = TestApp::new().await;
    let ada = users::by_id(&app.server.store, user_id("ada")).await.unwrap().unwrap();
    let eve = User {
        id: UserId::from_bytes([7; 16]),
        public_id: "eve".into(),
        email: EVE.into(),
        email_verified: false,
        ..ada
    };
    users::add(&app.server.store, &eve, &password_hash(), START).await.unwrap();
    app
}

/// Types the password; what comes back, not followed.
async fn knock(browser: &mut Browser, path: &str, password: &str) -> Answer {
    let page = browser.open(path).await;
    let tx = if page.body.contains("name=\"tx\"") { page.field("tx") } else { String::new() };
    let csrf = page.field("csrf");
    let mut fields = vec![("csrf", &*csrf), ("identifier", EVE), ("password", password)];
    if !tx.is_empty() {
        fields.push(("tx", &tx));
    }
    browser.post("/login", &fields).await
}

async fn is_confirmed(app: &TestApp) -> bool {
    users::by_identifier(&app.server.store, EVE).await.unwrap().unwrap().0.email_verified
}

#[tokio::test]
async fn who_signs_in_to_an_unconfirmed_account_types_the_code_of_a_mail_and_goes_on_to_the_app() {
    let app = with_eve().await;
    let mut eve = app.browser();
    let refused = knock(&mut eve, "/login", "not her password").await;
    assert!(
        refused.assert_status(422).body.contains("Email or password is not right.") && letters(&app).await.is_empty()
    );
    let page = knock(&mut eve, &app.client("web").request().to_string(), PASSWORD).await;
    assert!(page.assert_status(403).body.contains(FIRST), "{}", page.body);
    assert!(!page.body.contains(EVE) && !eve.jar.contains_key("sid"));
    let code = digits(newest(&letters(&app).await, EVE));
    let (csrf, proof) = (page.field("csrf"), page.field("proof"));
    let bad = [("csrf", &*csrf), ("proof", &*proof), ("code", &*wrong(&code))];
    let refused = eve.post("/login/email", &bad).await;
    assert!(refused.assert_status(422).body.contains("That code is not right.") && !is_confirmed(&app).await);
    let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", &*code)];
    let done = eve.post("/login/email", &fields).await;
    assert!(done.assert_status(303).header("location").starts_with("/consent?tx="), "{}", done.header("location"));
    assert!(eve.jar.contains_key("sid") && is_confirmed(&app).await);
    // Once: the next sign-in asks for nothing, and the code does nothing more.
    knock(&mut app.browser(), "/login", PASSWORD).await.assert_status(303);
    assert_eq!(eve.post("/login/email", &fields).await.assert_status(303).header("location"), "/login");
}

#[tokio::test]
async fn the_link_signs_in_where_the_password_was_typed_and_nobody_elsewhere() {
    for here in [true, false] {
        let app = with_eve().await;
        let mut eve = app.browser();
        knock(&mut eve, "/login", PASSWORD).await.assert_status(403);
        let link = link(newest(&letters(&app).await, EVE), "/login/email");
        let mut reader = if here { eve } else { app.browser() };
        let page = reader.get(&link).await;
        assert!(page.assert_status(200).body.contains(EVE) && !is_confirmed(&app).await, "opening proves nothing");
        let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof"))];
        let forged = [("csrf", "x"), ("proof", fields[1].1)];
        reader.post("/login/email", &forged).await.assert_status(403);
        let done = reader.post("/login/email", &fields).await;
        assert!(is_confirmed(&app).await);
        assert_eq!(reader.jar.contains_key("sid"), here);
        if !here {
            assert!(done.assert_status(200).body.contains("Your email is confirmed"));
        }
        reader.post("/login/email", &fields).await.assert_status(410);
        reader.get(&link).await.assert_status(410);
    }
}

#[tokio::test]
async fn a_code_read_to_another_browser_signs_nobody_in_there() {
    let app = with_eve().await;
    let page = knock(&mut app.browser(), "/login", PASSWORD).await;
    let code = digits(newest(&letters(&app).await, EVE));
    let mut thief = app.browser();
    let csrf = thief.get("/login").await.field("csrf");
    let fields = [("csrf", &*csrf), ("proof", &*page.field("proof")), ("code", &*code)];
    thief.post("/login/email", &fields).await.assert_status(200);
    assert!(!thief.jar.contains_key("sid"));
}

#[tokio::test]
async fn where_no_mail_goes_out_nobody_is_locked_out() {
    let app = with_eve().await.set_to(|settings| settings.test_mode = false).await;
    let mut eve = app.browser();
    knock(&mut eve, "/login", PASSWORD).await.assert_status(303);
    assert!(eve.jar.contains_key("sid") && !is_confirmed(&app).await);
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_signs_nobody_in_by_a_later_code() {
    let app = with_eve().await;
    let mut before = app.browser();
    let page = knock(&mut before, "/login", PASSWORD).await;
    let code = digits(newest(&letters(&app).await, EVE));
    app.clock.advance(1);
    let mut eve = app.browser();
    let check = forget(&mut eve, EVE).await;
    let sent = digits(newest(&letters(&app).await, EVE));
    app.clock.advance(1);
    let (csrf, proof) = (check.field("csrf"), check.field("proof"));
    let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", &*sent), ("password", NEW_PASSWORD)];
    eve.post("/recover/check", &fields).await.assert_status(303);
    let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof")), ("code", &code)];
    before.post("/login/email", &fields).await.assert_status(200);
    assert!(!before.jar.contains_key("sid"));
}
