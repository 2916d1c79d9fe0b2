//! Taking one's data along, and leaving for good.

use keysig_server::receipts;
use keysig_store::{grants, sessions, users};

use super::letters::assert_told;
use crate::actors::{Answer, Browser, PASSWORD, TestApp, user_id};

async fn export(browser: &mut Browser) -> Answer {
    let csrf = browser.get("/account/export").await.field("csrf");
    browser.post("/account/export", &[("csrf", &csrf)]).await
}

async fn delete(browser: &mut Browser, email: &str) -> Answer {
    let csrf = browser.get("/account/delete").await.field("csrf");
    browser.post("/account/delete", &[("csrf", &csrf), ("email", email)]).await
}

#[tokio::test]
async fn a_download_has_everything_and_no_secret() {
    let app = TestApp::new().await;
    let tokens = app.client("web").log_in("ada").await;
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    receipts::flush(&app.server).await;
    let mut ada = app.signed_in("ada").await;
    let answer = export(&mut ada).await;
    assert_eq!(answer.assert_status(200).header("content-disposition"), "attachment; filename=\"my-data.json\"");
    assert_eq!(answer.header("cache-control"), "no-store");
    let file = answer.json();
    assert_eq!(file["profile"][0]["email"], "ada@example.test");
    assert_eq!(file["apps"][0]["client_id"], "web");
    let permissions = file["apps"][0]["permissions"].as_str().unwrap();
    assert!(permissions.contains("user-read-email"), "{permissions}");
    assert!(file["receipts"].as_array().unwrap().len() >= 2);
    assert_eq!(file["sessions"].as_array().unwrap().len(), 2);
    assert!(file["events"].as_array().unwrap().iter().any(|event| event["what"] == "signed-in"));
    for secret in ["$argon2", "secret_mac", "salt", &tokens.access, &tokens.refresh, "bob@"] {
        assert!(!answer.body.contains(secret), "{secret}");
    }
    assert!(ada.get("/account/events").await.body.contains("Your data was downloaded"));
}

#[tokio::test]
async fn who_left_a_browser_open_gives_nobody_the_file_or_the_end() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let csrf = ada.get("/account/export").await.field("csrf");
    app.clock.advance(700);
    for path in ["/account/export", "/account/delete"] {
        let page = ada.get(path).await;
        assert!(page.body.contains("confirm_password"), "{path}: {}", page.body);
        let fields = [("csrf", csrf.as_str()), ("email", "ada@example.test")];
        let asked = ada.post(path, &fields).await;
        assert!(asked.body.contains("confirm_password"), "{path}: {}", asked.body);
        let forged = ada.post(path, &fields[1..]).await;
        assert!([400, 403].contains(&forged.status.as_u16()), "{path}");
    }
    assert!(users::by_id(&app.server.store, user_id("ada")).await.unwrap().is_some());
    let confirmed = [("csrf", csrf.as_str()), ("email", "ada@example.test"), ("confirm_password", PASSWORD)];
    let gone = ada.post("/account/delete", &confirmed).await;
    assert!(gone.assert_status(200).body.contains("Your account is deleted"), "the form goes on as it was");
}

#[tokio::test]
async fn another_address_deletes_nothing() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    for email in ["", "bob@example.test", "ada"] {
        let page = delete(&mut ada, email).await;
        assert!(page.assert_status(422).body.contains("That is not the email address"), "{email}");
        assert_eq!(page.field("email"), email, "what was typed is kept");
    }
    ada.get("/account").await.assert_status(200);
}

#[tokio::test]
async fn a_deleted_account_is_dead_everywhere_at_once() {
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = web.log_in("ada").await;
    let bobs = web.log_in("bob").await;
    let mut ada = app.signed_in("ada").await;
    let used = ada.code(&web.request()).await;
    web.exchange(&used).await.assert_status(200);
    let fresh = ada.code(&web.request()).await;
    let mut elsewhere = app.signed_in("ada").await;
    let page = delete(&mut ada, "Ada@example.test").await;
    assert!(page.assert_status(200).body.contains("Your account is deleted"), "{}", page.body);
    assert!(!ada.jar.contains_key("sid"));
    assert_told(&app, "account was deleted, as asked for").await;
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    web.refresh(&tokens.refresh).await.assert_status(400);
    // Invariant 1: a used code never finds its place free, and one that was not used is as dead.
    for code in [used, fresh] {
        let answer = web.exchange(&code).await;
        assert_eq!(answer.assert_status(400).text("error"), "invalid_grant");
    }
    elsewhere.get("/account").await.assert_status(303);
    app.api("/v1/me", &bobs.access).await.assert_status(200);
    let store = &app.server.store;
    assert!(sessions::of_user(store, user_id("ada")).await.unwrap().is_empty());
    let login = elsewhere.open("/login").await;
    let refused = elsewhere.fill_in(&login, "ada@example.test", PASSWORD).await;
    assert!(refused.body.contains("Email or password is not right"), "{}", refused.body);
}

#[tokio::test]
async fn who_takes_the_address_of_a_deleted_account_gets_nothing_of_it() {
    // Zitadel CVE-2026-55670: what hung on the old account hangs on no new one of the same name.
    let app = TestApp::new().await;
    let web = app.client("web");
    let tokens = web.log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    let stale = ada.code(&web.request()).await;
    let (old, hash) = users::by_identifier(&app.server.store, "ada@example.test").await.unwrap().unwrap();
    delete(&mut ada, "ada@example.test").await.assert_status(200);
    let heir = keysig_core::user::User { id: user_id("heir"), public_id: "heir".to_owned(), ..old };
    users::add(&app.server.store, &heir, &hash, app.server.now()).await.unwrap();
    let mut browser = app.signed_in("ada").await;
    assert!(browser.get("/account/apps").await.body.contains("No apps yet"));
    assert_eq!(grants::of_user(&app.server.store, heir.id).await.unwrap(), []);
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    web.exchange(&stale).await.assert_status(400);
    assert!(
        browser.open(&web.request().to_string()).await.body.contains("name=\"decision\""),
        "everybody is asked anew"
    );
}
