//! The name, the language, the address.

use keysig_store::users;

use super::letters::{digits, letters, link, newest, signs_in, without_tickets};
use crate::actors::{Answer, Browser, PASSWORD, TestApp, user_id};

const ADA: &str = "ada@example.test";
const NEW: &str = "countess@example.test";

/// Asks for another address; the page that takes the digits.
async fn ask(browser: &mut Browser, email: &str) -> Answer {
    let csrf = browser.get("/account/email").await.field("csrf");
    let asked = browser.post("/account/email", &[("csrf", &csrf), ("email", email)]).await;
    browser.get(asked.assert_status(303).header("location")).await
}

#[tokio::test]
async fn a_name_and_a_language_are_kept_and_a_name_that_is_none_is_not() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let csrf = ada.get("/account/profile").await.field("csrf");
    for bad in ["", " ", "Ada\u{200b}", &"x".repeat(81)] {
        let answer = ada.post("/account/profile", &[("csrf", &csrf), ("name", bad), ("locale", "de")]).await;
        assert!(answer.assert_status(422).body.contains("Enter a name"), "{bad:?}");
    }
    let fields = [("csrf", &*csrf), ("name", " Ada Lövelace "), ("locale", "de")];
    let saved = ada.post("/account/profile", &fields).await;
    let page = ada.get(saved.assert_status(303).header("location")).await;
    assert!(page.body.contains("Gespeichert.") && page.body.contains("<html lang=\"de\""), "{}", page.body);
    let user = users::by_id(&app.server.store, user_id("ada")).await.unwrap().unwrap();
    assert_eq!((&*user.display_name, user.locale.as_deref()), ("Ada Lövelace", Some("de")));
    ada.post("/account/profile", &[("csrf", &csrf), ("name", "Ada"), ("locale", "xx")]).await.assert_status(303);
    let user = users::by_id(&app.server.store, user_id("ada")).await.unwrap().unwrap();
    assert_eq!(user.locale.as_deref(), Some("de"), "a language that is not offered changes nothing");
    ada.post("/account/profile", &[("csrf", "x"), ("name", "Eve")]).await.assert_status(403);
}

#[tokio::test]
async fn a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told() {
    for by_link in [true, false] {
        let app = TestApp::new().await;
        let mut ada = app.signed_in("ada").await;
        let check = ask(&mut ada, " Countess@Example.Test").await;
        assert!(signs_in(&app, ADA, PASSWORD).await && !signs_in(&app, NEW, PASSWORD).await, "not yet");
        app.clock.advance(1);
        let asked = letters(&app).await;
        let letter = newest(&asked, NEW);
        let done = if by_link {
            let link = link(letter, "/account/email/confirm");
            ada.get(&link).await.assert_status(200);
            assert!(signs_in(&app, ADA, PASSWORD).await, "opening it changes nothing");
            let page = ada.get(&link).await;
            let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof"))];
            ada.post("/account/email/confirm", &fields).await
        } else {
            let fields = [("csrf", &*check.field("csrf")), ("proof", &check.field("proof")), ("code", &digits(letter))];
            ada.post("/account/email/check", &fields).await
        };
        assert_eq!(done.assert_status(303).header("location"), "/account/profile?saved");
        assert!(!signs_in(&app, ADA, PASSWORD).await && signs_in(&app, NEW, PASSWORD).await);
        let told = letters(&app).await;
        assert_eq!(newest(&told, ADA).post.subject, "The email of your Demo Music account was changed");
        assert!(!newest(&told, ADA).post.text.contains(NEW));
        // The old address is free again.
        assert!(users::by_identifier(&app.server.store, ADA).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn an_address_that_has_an_account_looks_like_any_other_and_is_not_taken() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let mut pages = Vec::new();
    for email in ["bob@example.test", "free@example.test"] {
        let check = ask(&mut ada, email).await;
        let fields = [("csrf", &*check.field("csrf")), ("proof", &check.field("proof")), ("code", "000000")];
        let mut seen = without_tickets(check.assert_status(200));
        seen.push_str(&without_tickets(ada.post("/account/email/check", &fields).await.assert_status(422)));
        pages.push(seen.replace(email, ""));
    }
    assert_eq!(pages[0], pages[1]);
    let all = letters(&app).await;
    let bobs = all.iter().find(|letter| letter.to == "bob@example.test").unwrap();
    assert_eq!(bobs.post.subject, "This email already has a Demo Music account");
    assert!(!bobs.post.text.contains("proof="));
}

#[tokio::test]
async fn whoever_had_the_address_first_keeps_it() {
    let app = TestApp::new().await;
    let (mut ada, mut bob) = (app.signed_in("ada").await, app.signed_in("bob").await);
    ask(&mut ada, NEW).await;
    let adas = link(newest(&letters(&app).await, NEW), "/account/email/confirm");
    app.clock.advance(1);
    ask(&mut bob, NEW).await;
    let bobs = link(newest(&letters(&app).await, NEW), "/account/email/confirm");
    let page = bob.get(&bobs).await;
    let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof"))];
    bob.post("/account/email/confirm", &fields).await.assert_status(303);
    let page = ada.get(&adas).await;
    let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof"))];
    ada.post("/account/email/confirm", &fields).await.assert_status(410);
    assert!(signs_in(&app, ADA, PASSWORD).await);
    let (owner, _) = users::by_identifier(&app.server.store, NEW).await.unwrap().unwrap();
    assert_eq!(owner.id, user_id("bob"));
}

#[tokio::test]
async fn a_link_about_one_account_does_nothing_in_another_nor_where_nobody_is_signed_in() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let check = ask(&mut ada, NEW).await;
    let all = letters(&app).await;
    let (link, code) = (link(newest(&all, NEW), "/account/email/confirm"), digits(newest(&all, NEW)));
    let proof = link.split("proof=").nth(1).unwrap();
    let stranger = app.browser().get(&link).await;
    assert!(stranger.assert_status(410).body.contains("in which you are signed in"));
    let mut bob = app.signed_in("bob").await;
    bob.get(&link).await.assert_status(410);
    let csrf = bob.get("/account").await.field("csrf");
    bob.post("/account/email/confirm", &[("csrf", &csrf), ("proof", proof)]).await.assert_status(410);
    let fields = [("csrf", &*csrf), ("proof", &*check.field("proof")), ("code", &*code)];
    bob.post("/account/email/check", &fields).await.assert_status(410);
    app.clock.advance(1800);
    ada.get(&link).await.assert_status(410);
}

#[tokio::test]
async fn who_was_not_checked_lately_changes_no_address() {
    let app = TestApp::new().await;
    let mut thief = app.signed_in("ada").await;
    let csrf = thief.get("/account/email").await.field("csrf");
    app.clock.advance(600);
    assert!(thief.get("/account/email").await.body.contains("Confirm it"));
    thief.post("/account/email", &[("csrf", &csrf), ("email", NEW)]).await.assert_status(200);
    assert!(letters(&app).await.is_empty());
}

#[tokio::test]
async fn a_link_for_a_new_password_dies_with_the_old_address() {
    let app = TestApp::new().await;
    super::letters::forget(&mut app.browser(), ADA).await;
    let recover = link(newest(&letters(&app).await, ADA), "/recover/confirm");
    app.clock.advance(1);
    let mut ada = app.signed_in("ada").await;
    let check = ask(&mut ada, NEW).await;
    let code = digits(newest(&letters(&app).await, NEW));
    let fields = [("csrf", &*check.field("csrf")), ("proof", &check.field("proof")), ("code", &code)];
    ada.post("/account/email/check", &fields).await.assert_status(303);
    app.browser().get(&recover).await.assert_status(410);
}
