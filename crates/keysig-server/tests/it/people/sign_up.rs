//! Sign-up: nobody has an account before they read its address, and nobody learns who has one.

use keysig_core::id::ProofId;
use keysig_core::mail::Purpose;
use keysig_server::settings::SignUp;
use keysig_store::{mail_proofs, users};
use tokio::task::JoinSet;

use super::letters::{NEW_PASSWORD, digits, letters, link, newest, sign_up, signs_in, without_tickets, wrong};
use crate::actors::TestApp;

const EVE: &str = "eve@example.test";

/// Eve's sign-up up to the page that takes the digits: her browser, and that page's address.
async fn begun(app: &TestApp) -> (crate::actors::Browser, String) {
    let mut eve = app.browser();
    let sent = sign_up(&mut eve, "/signup", " Eve@Example.Test", "Eve L.", NEW_PASSWORD).await;
    let check = sent.assert_status(303).header("location").to_owned();
    (eve, check)
}

#[tokio::test]
async fn the_digits_make_the_account_and_go_on_to_the_app() {
    let app = TestApp::new().await;
    let mut eve = app.browser();
    let login = eve.open(&app.client("web").request().to_string()).await;
    let tx = login.field("tx");
    let sent = sign_up(&mut eve, &format!("/signup?tx={tx}"), EVE, "Eve L.", NEW_PASSWORD).await;
    let check = eve.get(sent.assert_status(303).header("location")).await;
    assert!(check.body.contains(EVE) && check.field("tx") == tx);
    assert!(users::by_identifier(&app.server.store, EVE).await.unwrap().is_none(), "not before it is confirmed");
    let letters = letters(&app).await;
    let code = digits(newest(&letters, EVE));
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let fields = [("csrf", &*check.field("csrf")), ("proof", &check.field("proof")), ("tx", &tx), ("code", &spaced)];
    let done = eve.post("/signup/check", &fields).await;
    assert_eq!(done.assert_status(303).header("location"), format!("/consent?tx={tx}"));
    assert!(eve.open(&format!("/consent?tx={tx}")).await.body.contains("name=\"decision\""));
    let (user, _) = users::by_identifier(&app.server.store, EVE).await.unwrap().unwrap();
    assert_eq!((&*user.display_name, user.email_verified, user.locale.as_deref()), ("Eve L.", true, Some("en")));
    assert!(signs_in(&app, EVE, NEW_PASSWORD).await);
}

#[tokio::test]
async fn opening_the_link_does_nothing_and_the_form_behind_it_works_once() {
    let app = TestApp::new().await;
    let (mut eve, _) = begun(&app).await;
    let letters = letters(&app).await;
    let link = link(newest(&letters, EVE), "/signup/confirm");
    // As scanners of mail do.
    for _ in 0..3 {
        app.browser().get(&link).await.assert_status(200);
    }
    assert!(users::by_identifier(&app.server.store, EVE).await.unwrap().is_none());
    let page = eve.get(&link).await;
    assert!(!page.body.contains("type=\"password\""), "the browser in which the password was chosen is not asked");
    let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof"))];
    eve.post("/signup/confirm", &fields).await.assert_status(303);
    assert!(eve.jar.contains_key("sid"));
    eve.get(&link).await.assert_status(410);
    eve.post("/signup/confirm", &fields).await.assert_status(410);
}

#[tokio::test]
async fn in_another_browser_the_one_who_confirms_is_the_one_who_chose_the_password() {
    // A stranger signs up with Eve's address and waits until she confirms the account they have the password of.
    let app = TestApp::new().await;
    begun(&app).await;
    let letters = letters(&app).await;
    let link = link(newest(&letters, EVE), "/signup/confirm");
    let mut phone = app.browser();
    let page = phone.get(&link).await;
    let (csrf, proof) = (page.field("csrf"), page.field("proof"));
    for password in ["", "correct-horse-battery", "x".repeat(200).as_str()] {
        let fields = [("csrf", &*csrf), ("proof", &*proof), ("password", password)];
        let answer = phone.post("/signup/confirm", &fields).await;
        assert!(answer.assert_status(422).body.contains("not the password that was chosen"));
    }
    assert!(users::by_identifier(&app.server.store, EVE).await.unwrap().is_none());
    let fields = [("csrf", &*csrf), ("proof", &*proof), ("password", NEW_PASSWORD)];
    phone.post("/signup/confirm", &fields).await.assert_status(303);
    assert!(phone.jar.contains_key("sid"));
}

#[tokio::test]
async fn an_address_that_has_an_account_looks_like_one_that_has_none() {
    let app = TestApp::new().await;
    let mut pages = Vec::new();
    for email in ["ada@example.test", EVE] {
        let mut browser = app.browser();
        let sent = sign_up(&mut browser, "/signup", email, "Somebody", NEW_PASSWORD).await;
        let check = browser.get(sent.assert_status(303).header("location")).await;
        let fields = [("csrf", &*check.field("csrf")), ("proof", &check.field("proof")), ("code", "000000")];
        let mut seen = without_tickets(check.assert_status(200));
        for expected in [422, 422, 422, 422, 422, 422] {
            let wrong = browser.post("/signup/check", &fields).await;
            seen.push_str(&without_tickets(wrong.assert_status(expected)));
            // Not what this test is about: guesses are slowed, the same for both.
            app.clock.advance(120);
        }
        assert!(seen.contains("not right") && seen.contains("does not work any more"));
        pages.push(seen.replace(email, ""));
    }
    assert_eq!(pages[0], pages[1]);
    let letters = letters(&app).await;
    let ada = letters.iter().find(|letter| letter.to == "ada@example.test").unwrap();
    assert_eq!(ada.post.subject, "You already have a Demo Music account");
    assert!(
        ada.post.text.contains("/login") && ada.post.text.contains("/recover") && !ada.post.text.contains("proof=")
    );
    assert!(signs_in(&app, "ada", crate::actors::PASSWORD).await && !signs_in(&app, "ada", NEW_PASSWORD).await);
}

#[tokio::test]
async fn each_mistake_is_told_by_itself_and_nothing_typed_is_lost_but_the_password() {
    let app = TestApp::new().await;
    let long = "ä".repeat(129);
    let cases = [
        ("eve", "Eve", NEW_PASSWORD, "That is not an email address."),
        (EVE, " ", NEW_PASSWORD, "Enter a name of up to 80 characters"),
        (EVE, "Eve\u{202e}", NEW_PASSWORD, "Enter a name of up to 80 characters"),
        (EVE, "Eve", "tumbling pe", "The password is too short."),
        (EVE, "Eve", &long, "The password is too long."),
        (EVE, "Eve", "Password1234!", "one of the first that somebody would guess"),
        (EVE, "Eve", "Demo Music 2026", "one of the first that somebody would guess"),
        (EVE, "Evelyn Boyd", "boyd-evelyn-1924", "one of the first that somebody would guess"),
    ];
    for (email, name, password, words) in cases {
        let mut browser = app.browser();
        let answer = sign_up(&mut browser, "/signup", email, name, password).await;
        let body = &answer.assert_status(422).body;
        assert!(body.contains(words), "{words}: {body}");
        assert_eq!(body.matches("class=\"error\"").count(), 1, "{words} and no other");
        assert_eq!((answer.field("email"), answer.field("name")), (email.to_owned(), name.to_owned()));
        assert!(answer.field("password").is_empty() && !body.contains(password));
    }
    assert!(letters(&app).await.is_empty());
    // Twelve characters of any kind are enough.
    let mut browser = app.browser();
    sign_up(&mut browser, "/signup", EVE, "Eve", "ملح البحر وم").await.assert_status(303);
}

#[tokio::test]
async fn five_wrong_codes_close_a_sign_up_and_half_an_hour_does_too() {
    let app = TestApp::new().await;
    let (mut eve, check) = begun(&app).await;
    let page = eve.get(&check).await;
    let letters = letters(&app).await;
    let code = digits(newest(&letters, EVE));
    let (csrf, proof) = (page.field("csrf"), page.field("proof"));
    let fields = |code: &str| {
        vec![("csrf".to_owned(), csrf.clone()), ("proof".into(), proof.clone()), ("code".into(), code.into())]
    };
    let post = |fields: Vec<(String, String)>, mut eve: crate::actors::Browser| async move {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        eve.post("/signup/check", &fields).await
    };
    // What is no six digits is no try.
    for _ in 0..9 {
        post(fields("12345"), eve.clone()).await.assert_status(422);
    }
    for _ in 0..5 {
        post(fields(&wrong(&code)), eve.clone()).await.assert_status(422);
    }
    app.clock.advance(120);
    let closed = post(fields(&code), eve.clone()).await;
    assert!(closed.assert_status(422).body.contains("does not work any more"), "{}", closed.body);
    assert!(users::by_identifier(&app.server.store, EVE).await.unwrap().is_none());

    let (mut late, check) = begun(&app).await;
    let page = late.get(&check).await;
    let all = super::letters::letters(&app).await;
    let (code, link) = (digits(newest(&all, EVE)), link(newest(&all, EVE), "/signup/confirm"));
    app.clock.advance(1800);
    late.get(&link).await.assert_status(410);
    let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof")), ("code", &code)];
    late.post("/signup/check", &fields).await.assert_status(422);
    assert!(!late.jar.contains_key("sid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_25_who_show_one_code_at_once_one_has_the_account() {
    let app = TestApp::new().await;
    let (mut eve, check) = begun(&app).await;
    let page = eve.get(&check).await;
    let letters = letters(&app).await;
    let link = link(newest(&letters, EVE), "/signup/confirm");
    let csrf = page.field("csrf");
    let proof = eve.get(&link).await.field("proof");
    let mut all = JoinSet::new();
    for _ in 0..25 {
        let (mut eve, csrf, proof) = (eve.clone(), csrf.clone(), proof.clone());
        all.spawn(async move {
            eve.post("/signup/confirm", &[("csrf", &csrf), ("proof", &proof)]).await;
            u32::from(eve.jar.contains_key("sid"))
        });
    }
    assert_eq!(all.join_all().await.into_iter().sum::<u32>(), 1);
}

#[tokio::test]
async fn a_form_of_another_browser_or_without_its_ticket_signs_nobody_up() {
    let app = TestApp::new().await;
    let (mut eve, check) = begun(&app).await;
    let page = eve.get(&check).await;
    let letters = letters(&app).await;
    let code = digits(newest(&letters, EVE));
    let mut stranger = app.browser();
    stranger.get("/login").await;
    let fields = [("csrf", &*page.field("csrf")), ("proof", &page.field("proof")), ("code", &code)];
    stranger.post("/signup/check", &fields).await.assert_status(403);
    app.browser().post("/signup/check", &fields).await.assert_status(400);
    eve.post("/signup/check", &fields[1..]).await.assert_status(403);
    eve.post("/signup/check", &fields).await.assert_status(303);
}

#[tokio::test]
async fn five_mails_an_hour_go_to_one_address_and_nobody_is_told() {
    let app = TestApp::new().await;
    for n in 1..=7 {
        let mut browser = app.browser();
        sign_up(&mut browser, "/signup", EVE, "Eve", NEW_PASSWORD).await.assert_status(303);
        assert_eq!(letters(&app).await.len(), n.min(5), "{n}");
    }
    // A block of addresses has asked for its thirty by then.
    for n in 0..23 {
        let mut browser = app.browser();
        let answer = sign_up(&mut browser, "/signup", &format!("p{n}@example.test"), "P", NEW_PASSWORD).await;
        answer.assert_status(303);
    }
    let mut browser = app.browser();
    let refused = sign_up(&mut browser, "/signup", "q@example.test", "Q", NEW_PASSWORD).await;
    assert_eq!(refused.assert_status(429).header("retry-after"), "120");
    assert_eq!((refused.field("email"), refused.field("name")), ("q@example.test".into(), "Q".into()));
    app.clock.advance(7200);
    sign_up(&mut browser, "/signup", EVE, "Eve", NEW_PASSWORD).await.assert_status(303);
    newest(&letters(&app).await, EVE);
}

#[tokio::test]
async fn a_proof_of_one_purpose_does_not_serve_another() {
    let app = TestApp::new().await;
    begun(&app).await;
    let letters = letters(&app).await;
    let link = link(newest(&letters, EVE), "/signup/confirm");
    let proof = link.split("proof=").nth(1).unwrap();
    let mut eve = app.browser();
    eve.get(&format!("/recover/confirm?proof={proof}")).await.assert_status(410);
    let invited = eve.get(&format!("/signup?invite={proof}")).await;
    assert!(!invited.body.contains("readonly"), "no invitation");
    // The id alone, or the secret of another, is nothing.
    let id = proof.split('.').next().unwrap();
    eve.get(&format!("/signup/confirm?proof={id}")).await.assert_status(410);
    eve.get(&format!("/signup/confirm?proof={id}.{}", "A".repeat(43))).await.assert_status(410);
    let stored = mail_proofs::find(&app.server.store, ProofId::parse(id).unwrap(), Purpose::SignUp).await.unwrap();
    let stored = format!("{:?}", stored.unwrap());
    assert!(!stored.contains(proof.split('.').nth(1).unwrap()) && !stored.contains(NEW_PASSWORD));
}

#[tokio::test]
async fn where_nobody_signs_up_by_themselves_the_page_says_so() {
    for (mode, words) in [(SignUp::Off, "does not take new accounts"), (SignUp::Invite, "by invitation")] {
        let app = TestApp::new().await.set_to(|settings| settings.defaults.sign_up = mode).await;
        let mut eve = app.browser();
        let page = eve.get("/signup").await;
        assert!(page.assert_status(403).body.contains(words), "{}", page.body);
        let login = eve.get("/login").await.field("csrf");
        let fields = [("csrf", &*login), ("email", EVE), ("name", "Eve"), ("password", NEW_PASSWORD)];
        eve.post("/signup", &fields).await.assert_status(403);
        assert!(letters(&app).await.is_empty());
    }
}

#[tokio::test]
async fn an_invitation_signs_up_its_address_once_whatever_is_typed() {
    use keysig_core::user::Role;
    use keysig_server::register::invitation::{Invitation, add};
    let app = TestApp::new().await.set_to(|settings| settings.defaults.sign_up = SignUp::Invite).await;
    let server = &app.server;
    let made = Invitation::new(&server.mail_keys, EVE, Role::Developer, server.now(), &*server.rng).unwrap();
    add(&server.store, &made.0, server.now(), &*server.rng).await.unwrap();
    let path = format!("/signup?invite={}", made.1.expose());
    let mut eve = app.browser();
    sign_up(&mut eve, &path, "other@example.test", "Eve", NEW_PASSWORD).await.assert_status(303);
    let (user, _) = users::by_identifier(&server.store, EVE).await.unwrap().unwrap();
    assert_eq!((user.role, user.email_verified), (Role::Developer, true));
    assert!(users::by_identifier(&server.store, "other@example.test").await.unwrap().is_none());
    app.browser().get(&path).await.assert_status(403);
    let again = Invitation::new(&server.mail_keys, EVE, Role::User, server.now(), &*server.rng).unwrap();
    assert!(add(&server.store, &again.0, server.now(), &*server.rng).await.is_err(), "there is an account");
    let late = Invitation::new(&server.mail_keys, "l@example.test", Role::User, server.now(), &*server.rng).unwrap();
    add(&server.store, &late.0, server.now(), &*server.rng).await.unwrap();
    let path = format!("/signup?invite={}", late.1.expose());
    app.browser().get(&path).await.assert_status(200);
    app.clock.advance(7 * 86_400);
    app.browser().get(&path).await.assert_status(403);
}
