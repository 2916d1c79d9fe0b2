//! Forgotten passwords, and changed ones.

use axum::body::Body;
use http::Request;
use keysig_core::account_event::AccountEvent;
use keysig_store::{account_events, mails};

use super::letters::{NEW_PASSWORD, digits, forget, letters, link, newest, signs_in, without_tickets, wrong};
use crate::actors::{ISSUER, PASSWORD, TestApp, form, user_id};
use crate::second_steps::{code, set_up};

const ADA: &str = "ada@example.test";

#[tokio::test]
async fn the_digits_choose_a_new_password_once() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    let check = forget(&mut ada, " Ada@Example.Test ").await;
    app.clock.advance(1);
    let code = digits(newest(&letters(&app).await, ADA));
    let (csrf, proof) = (check.field("csrf"), check.field("proof"));
    let fields =
        [("csrf", &*csrf), ("proof", &*proof), ("code", &*code), ("password", NEW_PASSWORD), ("sign_out", "on")];
    ada.post("/recover/check", &fields).await.assert_status(303);
    assert!(ada.jar.contains_key("sid"));
    assert!(signs_in(&app, ADA, NEW_PASSWORD).await && !signs_in(&app, ADA, PASSWORD).await);
    let told = letters(&app).await;
    let told = newest(&told, ADA);
    assert_eq!(told.post.subject, "Your Demo Music password was changed");
    assert!(told.post.text.contains(&format!("{ISSUER}/account/apps")) && !told.post.text.contains(NEW_PASSWORD));
    let events = account_events::latest(&app.server.store, user_id("ada"), 9).await.unwrap();
    assert!(events.iter().any(|happened| happened.event == AccountEvent::PasswordChanged));
    let again = [("csrf", &*csrf), ("proof", &*proof), ("code", &*code), ("password", "another pebble sings")];
    ada.post("/recover/check", &again).await.assert_status(422);
    assert!(signs_in(&app, ADA, NEW_PASSWORD).await);
}

#[tokio::test]
async fn a_known_and_an_unknown_address_look_the_same_and_cost_the_same() {
    let app = TestApp::new().await;
    let mut pages = Vec::new();
    let mut rows = Vec::new();
    for email in [ADA, "nobody@example.test"] {
        let mut browser = app.browser();
        let check = forget(&mut browser, email).await;
        let fields = [
            ("csrf", &*check.field("csrf")),
            ("proof", &check.field("proof")),
            ("code", "000000"),
            ("password", NEW_PASSWORD),
        ];
        let mut seen = without_tickets(check.assert_status(200));
        for _ in 0..6 {
            seen.push_str(&without_tickets(browser.post("/recover/check", &fields).await.assert_status(422)));
            app.clock.advance(120);
        }
        pages.push(seen.replace(email, ""));
        rows.push(mails::newest(&app.server.store, 99).await.unwrap().len());
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(rows, [1, 2], "as much is written for both");
    let letters = letters(&app).await;
    assert_eq!((letters.len(), &*letters[0].to), (1, ADA), "but only one is sent");
}

#[tokio::test]
async fn opening_the_link_spends_nothing_and_its_form_works_once() {
    let app = TestApp::new().await;
    forget(&mut app.browser(), ADA).await;
    let link = link(newest(&letters(&app).await, ADA), "/recover/confirm");
    for _ in 0..3 {
        app.browser().get(&link).await.assert_status(200);
    }
    assert!(signs_in(&app, ADA, PASSWORD).await);
    // Another device than the one that asked.
    let mut phone = app.browser();
    let page = phone.get(&link).await;
    let (csrf, proof) = (page.field("csrf"), page.field("proof"));
    let short = [("csrf", &*csrf), ("proof", &*proof), ("password", "short")];
    let refused = phone.post("/recover/confirm", &short).await;
    assert!(refused.assert_status(422).body.contains("too short"), "and a mistake spends nothing either");
    assert!(refused.body.contains("name=\"sign_out\" value=\"on\">"), "the box stays as it was left");
    let fields = [("csrf", &*csrf), ("proof", &*proof), ("password", NEW_PASSWORD)];
    phone.post("/recover/confirm", &fields).await.assert_status(303);
    assert!(signs_in(&app, ADA, NEW_PASSWORD).await);
    phone.post("/recover/confirm", &fields).await.assert_status(410);
    phone.get(&link).await.assert_status(410);
}

#[tokio::test]
async fn a_second_mail_s_proof_dies_with_the_first_and_both_die_in_half_an_hour() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    forget(&mut ada, ADA).await;
    app.clock.advance(1);
    forget(&mut ada, ADA).await;
    let all = letters(&app).await;
    let links: Vec<String> = all.iter().map(|letter| link(letter, "/recover/confirm")).collect();
    let page = ada.get(&links[0]).await;
    let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof")), ("password", NEW_PASSWORD)];
    ada.post("/recover/confirm", &fields).await.assert_status(303);
    ada.get(&links[1]).await.assert_status(410);
    forget(&mut ada, ADA).await;
    let late = link(newest(&letters(&app).await, ADA), "/recover/confirm");
    app.clock.advance(1800);
    ada.get(&late).await.assert_status(410);
}

#[tokio::test]
async fn wrong_digits_count_and_close_and_a_bad_password_beside_them_does_not() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    let check = forget(&mut ada, ADA).await;
    let code = digits(newest(&letters(&app).await, ADA));
    let (csrf, proof, bad) = (check.field("csrf"), check.field("proof"), wrong(&code));
    for _ in 0..9 {
        let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", &*bad), ("password", "short")];
        ada.post("/recover/check", &fields).await.assert_status(422);
    }
    for _ in 0..5 {
        let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", &*bad), ("password", NEW_PASSWORD)];
        let answer = ada.post("/recover/check", &fields).await;
        assert!(answer.assert_status(422).body.contains("That code is not right."));
    }
    let right = [("csrf", &*csrf), ("proof", &*proof), ("code", &*code), ("password", NEW_PASSWORD)];
    assert!(ada.post("/recover/check", &right).await.assert_status(422).body.contains("does not work any more"));
    // They count with every other guess at the account, whatever mail they are of.
    let mut thief = app.browser();
    let check = forget(&mut thief, ADA).await;
    let (csrf, proof) = (check.field("csrf"), check.field("proof"));
    let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", "000000"), ("password", NEW_PASSWORD)];
    thief.post("/recover/check", &fields).await.assert_status(422);
    let throttled = thief.post("/recover/check", &fields).await;
    assert_eq!(throttled.assert_status(429).header("retry-after"), "30");
    assert!(throttled.body.contains("Too many tries. You can try again in 30 seconds."));
    app.clock.advance(31);
    assert!(signs_in(&app, ADA, PASSWORD).await);
}

#[tokio::test]
async fn other_devices_are_signed_out_unless_that_is_not_wanted_and_apps_stay() {
    for (sign_out, stays) in [(true, false), (false, true)] {
        let app = TestApp::new().await;
        let tokens = app.client("web").log_in("ada").await;
        let mut thief = app.signed_in("ada").await;
        let mut bob = app.signed_in("bob").await;
        let mut ada = app.browser();
        // Two letters of one millisecond have no order.
        app.clock.advance(1);
        forget(&mut ada, ADA).await;
        let link = link(newest(&letters(&app).await, ADA), "/recover/confirm");
        let page = ada.get(&link).await;
        assert!(page.body.contains("value=\"on\" checked"), "ticked at first");
        assert!(page.body.contains("Check which apps are connected"));
        let mut fields = vec![("csrf", page.field("csrf")), ("proof", page.field("proof"))];
        fields.push(("password", NEW_PASSWORD.to_owned()));
        if sign_out {
            fields.push(("sign_out", "on".to_owned()));
        }
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
        ada.post("/recover/confirm", &fields).await.assert_status(303);
        let status = |stays| if stays { 200 } else { 303 };
        thief.get("/account").await.assert_status(status(stays));
        ada.get("/account").await.assert_status(200);
        bob.get("/account").await.assert_status(200);
        app.api("/v1/me", &tokens.access).await.assert_status(200);
        app.client("web").refresh(&tokens.refresh).await.assert_status(200);
    }
}

#[tokio::test]
async fn a_poisoned_host_is_in_no_link() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    let csrf = ada.get("/recover").await.field("csrf");
    let cookies = ada.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
    let request = Request::post("/recover")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookies)
        .header("content-type", "application/x-www-form-urlencoded");
    let body = Body::from(form(&[("csrf", &csrf), ("email", ADA)]));
    app.send(request.body(body).unwrap()).await.assert_status(303);
    let letters = letters(&app).await;
    let text = &newest(&letters, ADA).post.text;
    assert!(text.contains(ISSUER) && !text.contains("evil"), "{text}");
}

#[tokio::test]
async fn a_mail_is_in_the_language_its_reader_chose_or_else_in_the_one_that_asks() {
    let app = TestApp::new().await;
    let mut ada = app.browser();
    let csrf = ada.get("/recover").await.field("csrf");
    ada.post("/language", &[("lang", "de"), ("back", "/")]).await;
    ada.post("/recover", &[("csrf", &csrf), ("email", ADA)]).await.assert_status(303);
    assert_eq!(newest(&letters(&app).await, ADA).post.subject, "Neues Passwort für Demo Music");
    keysig_store::users::set_profile(&app.server.store, user_id("ada"), "Ada", Some("ar")).await.unwrap();
    app.clock.advance(1);
    ada.post("/recover", &[("csrf", &csrf), ("email", ADA)]).await.assert_status(303);
    let letters = letters(&app).await;
    assert!(newest(&letters, ADA).post.subject.contains("كلمة مرور"));
}

#[tokio::test]
async fn a_changed_password_ends_other_sessions_and_keeps_this_one() {
    let app = TestApp::new().await;
    let mut ada = app.signed_in("ada").await;
    let mut other = app.signed_in("ada").await;
    let page = ada.get("/account/password").await;
    let csrf = page.assert_status(200).field("csrf");
    assert!(page.body.contains("value=\"on\" checked"));
    for (password, words) in [("short", "too short"), ("example-Music-1", "one of the first")] {
        let answer = ada.post("/account/password", &[("csrf", &csrf), ("password", password)]).await;
        assert!(answer.assert_status(422).body.contains(words), "{}", answer.body);
    }
    other.get("/account").await.assert_status(200);
    let fields = [("csrf", &*csrf), ("password", NEW_PASSWORD), ("sign_out", "on")];
    let changed = ada.post("/account/password", &fields).await;
    let after = ada.get(changed.assert_status(303).header("location")).await;
    assert!(after.assert_status(200).body.contains("Your password was changed"));
    other.get("/account").await.assert_status(303);
    assert!(signs_in(&app, ADA, NEW_PASSWORD).await && !signs_in(&app, ADA, PASSWORD).await);
    assert_eq!(newest(&letters(&app).await, ADA).post.subject, "Your Demo Music password was changed");
}

#[tokio::test]
async fn who_was_not_checked_lately_changes_no_password() {
    let app = TestApp::new().await;
    let mut thief = app.signed_in("ada").await;
    let csrf = thief.get("/account/password").await.field("csrf");
    app.clock.advance(600);
    assert!(thief.get("/account/password").await.body.contains("Confirm it"));
    let fields = [("csrf", &*csrf), ("password", NEW_PASSWORD)];
    assert!(thief.post("/account/password", &fields).await.assert_status(200).body.contains("Confirm it"));
    assert!(signs_in(&app, ADA, PASSWORD).await);
    thief.post("/account/password", &[("csrf", "x"), ("password", NEW_PASSWORD)]).await.assert_status(403);
}

#[tokio::test]
async fn a_mail_is_no_way_around_a_second_step() {
    let app = TestApp::new().await;
    set_up(&app, "ada").await;
    let mut ada = app.browser();
    forget(&mut ada, ADA).await;
    let link = link(newest(&letters(&app).await, ADA), "/recover/confirm");
    let page = ada.get(&link).await;
    let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof")), ("password", NEW_PASSWORD)];
    let asked = ada.post("/recover/confirm", &fields).await;
    assert!(asked.assert_status(200).body.contains("autocomplete=\"one-time-code\""), "{}", asked.body);
    assert!(!ada.jar.contains_key("sid"));
    ada.get("/account").await.assert_status(303);
    ada.second_step(&asked, &[("code", &code(&app))]).await.assert_status(303);
    ada.get("/account").await.assert_status(200);
}
