//! Passkeys through the public door: the good way, and each lie an authenticator, a page or a person could tell.

use keysig_core::encoding::base64url;
use keysig_core::password::PasswordHash;
use keysig_store::{Statement, Write, account_events, params, passkeys};
use serde_json::Value;

use super::letters::{NEW_PASSWORD, assert_told, digits, forget, letters, newest};
use crate::actors::{Answer, Browser, TestApp, user_id};
use crate::authenticator::{Authenticator, Ceremony, LOCALHOST, post, with_passkey};
use crate::second_steps::set_up;

const UNKNOWN: &str = "We don&#39;t recognise that passkey. Sign in another way, then add it in Security.";
const TOO_LATE: &str = "That took too long. Try again.";

#[track_caller]
fn assert_refused(browser: &Browser, answer: &Answer, words: &str) {
    answer.assert_status(422);
    assert!(answer.body.contains(words), "{}", answer.body);
    assert!(answer.body.contains("typed@example.test"), "what was typed is kept");
    assert!(!browser.jar.contains_key("sid"), "nobody is signed in");
}

async fn the_only_passkey(app: &TestApp, name: &str) -> passkeys::StoredPasskey {
    let mut all = passkeys::of_user(&app.server.store, user_id(name)).await.unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[tokio::test]
async fn a_passkey_signs_in_and_counts_as_two_factors() {
    let (app, _, mut device) = with_passkey().await;
    let mut browser = app.browser();
    let answer = device.sign_in(&mut browser).await;
    answer.assert_status(303);
    assert_eq!(answer.destination(), "/account");
    assert!(browser.get("/account").await.body.contains("ada@example.test"));
    let tokens = {
        let request = app.client("standard").request().with("scope", "openid");
        let code = browser.code(&request).await;
        app.client("standard").exchange(&code).await
    };
    let claims = tokens.text("id_token").split('.').nth(1).map(str::to_owned).unwrap();
    let claims: Value = serde_json::from_slice(&keysig_core::encoding::base64url_decode(&claims).unwrap()).unwrap();
    let methods = claims["amr"].as_array().unwrap();
    assert!(methods.iter().any(|method| method == "mfa"), "{claims}");
}

#[tokio::test]
async fn the_request_that_waits_goes_on_after_a_passkey() {
    let (app, _, mut device) = with_passkey().await;
    let mut browser = app.browser();
    let page = browser.open(&app.client("web").request().to_string()).await;
    let tx = page.field("tx");
    let answer = device.answer(&mut browser, &Ceremony::on(&page), &tx).await;
    assert_eq!(answer.destination(), format!("/consent?tx={tx}"));
    assert!(browser.open(&answer.destination()).await.body.contains("name=\"decision\""));
}

#[tokio::test]
async fn a_passkey_is_the_second_step_too_and_needs_none() {
    let (app, _, mut device) = with_passkey().await;
    set_up(&app, "ada").await;
    let mut browser = app.browser();
    let login = browser.open(&app.client("web").request().to_string()).await;
    let tx = login.field("tx");
    let second = browser.fill_in(&login, "ada", crate::actors::PASSWORD).await;
    assert!(second.body.contains("one-time-code") && !browser.jar.contains_key("sid"), "{}", second.body);
    let answer = device.answer(&mut browser, &Ceremony::on(&second), &tx).await;
    assert_eq!(answer.destination(), format!("/consent?tx={tx}"));
    let mut another = app.browser();
    assert_eq!(device.sign_in(&mut another).await.destination(), "/account");
    assert!(another.jar.contains_key("sid"));
}

#[tokio::test]
async fn what_a_browser_is_asked_for() {
    let app = TestApp::new().await.on(LOCALHOST).await;
    let mut ada = app.signed_in("ada").await;
    let offer = Ceremony::on(&ada.open("/account/passkeys/new").await).options;
    assert_eq!(offer["rp"]["id"], "localhost");
    assert_eq!(offer["user"]["id"], base64url(user_id("ada").as_bytes()));
    assert_eq!(offer["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(offer["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(offer["attestation"], "none");
    let algorithms: Vec<_> =
        offer["pubKeyCredParams"].as_array().unwrap().iter().map(|one| one["alg"].as_i64()).collect();
    assert_eq!(algorithms, [Some(-7), Some(-257)]);
    let (device, _) = Authenticator::register(&mut ada).await;
    let again = Ceremony::on(&ada.open("/account/passkeys/new").await).options;
    assert_eq!(again["excludeCredentials"][0]["id"], base64url(&device.credential_id));
    let asked = Ceremony::on(&app.browser().open("/login").await).options;
    assert_eq!(asked["userVerification"], "required");
    assert_eq!(asked["rpId"], "localhost");
    assert_eq!(
        asked["allowCredentials"].as_array().map(Vec::len),
        Some(0),
        "the page says nothing of anybody's passkeys"
    );
    assert_ne!(asked["challenge"], Ceremony::on(&app.browser().open("/login").await).options["challenge"]);
}

#[tokio::test]
async fn an_address_without_a_name_has_no_passkeys_and_says_why() {
    let app = TestApp::new().await;
    assert!(!app.browser().open("/login").await.body.contains("passkey"));
    let mut ada = app.signed_in("ada").await;
    let page = ada.get("/account/passkeys/new").await;
    page.assert_status(200);
    assert!(page.body.contains("Passkeys work only at addresses with a name") && !page.body.contains("data-passkey"));
    assert!(ada.get("/account/security").await.body.contains("Passkeys work only at addresses with a name"));
}

#[tokio::test]
async fn an_answer_is_good_once() {
    let (app, _, mut device) = with_passkey().await;
    let mut browser = app.browser();
    let ceremony = Ceremony::on(&browser.open("/login").await);
    let overheard = device.get(ceremony.options["challenge"].as_str().unwrap());
    let mut before = browser.clone();
    post(&mut browser, &ceremony, &overheard, "").await.assert_status(303);
    let replayed = post(&mut before, &ceremony, &overheard, "").await;
    assert_refused(&before, &replayed, TOO_LATE);
    // A wrong answer uses it up as well.
    let mut other = app.browser();
    let ceremony = Ceremony::on(&other.open("/login").await);
    post(&mut other, &ceremony, "{}", "").await.assert_status(422);
    let late = device.answer(&mut other, &ceremony, "").await;
    assert_refused(&other, &late, TOO_LATE);
}

#[tokio::test]
async fn a_ticket_is_one_browser_s_and_one_purpose_s() {
    let (app, mut ada, mut device) = with_passkey().await;
    let (mut victim, mut attacker) = (app.browser(), app.browser());
    let of_victim = Ceremony::on(&victim.open("/login").await);
    let of_attacker = Ceremony::on(&attacker.open("/login").await);
    let answer = device.get(of_attacker.options["challenge"].as_str().unwrap());
    let mixed = Ceremony { csrf: of_victim.csrf, ..of_attacker };
    let refused = post(&mut victim, &mixed, &answer, "").await;
    assert_refused(&victim, &refused, TOO_LATE);
    // What was sealed to add a passkey signs nobody in, and the other way round.
    let offer = Ceremony::on(&ada.open("/account/passkeys/new").await);
    let csrf = Ceremony::on(&attacker.open("/login").await).csrf;
    let answer = device.get(offer.options["challenge"].as_str().unwrap());
    let refused = post(&mut attacker, &Ceremony { csrf, ..offer.clone() }, &answer, "").await;
    assert_refused(&attacker, &refused, TOO_LATE);
    let mut bob = app.signed_in("bob").await;
    let csrf = Ceremony::on(&bob.open("/account/passkeys/new").await).csrf;
    let foreign = Authenticator::for_options(&offer.options).add(&mut bob, &Ceremony { csrf, ..offer }).await;
    foreign.assert_status(422);
    assert!(passkeys::of_user(&app.server.store, user_id("bob")).await.unwrap().is_empty());
}

#[tokio::test]
async fn forms_of_passkeys_are_taken_from_our_own_pages_only() {
    let (app, mut ada, mut device) = with_passkey().await;
    let passkey = the_only_passkey(&app, "ada").await;
    let (mut victim, mut attacker) = (app.browser(), app.browser());
    let ceremony = Ceremony::on(&victim.open("/login").await);
    let csrf = Ceremony::on(&attacker.open("/login").await).csrf;
    device.answer(&mut victim, &Ceremony { csrf: csrf.clone(), ..ceremony.clone() }, "").await.assert_status(403);
    // Nothing was spent by it.
    device.answer(&mut victim, &ceremony, "").await.assert_status(303);
    let (path, remove) =
        (format!("/account/passkeys/{}", passkey.id), format!("/account/passkeys/{}/remove", passkey.id));
    for path in ["/account/passkeys", &path, &remove] {
        for csrf in ["", &csrf, &ceremony.csrf] {
            ada.post(path, &[("csrf", csrf), ("name", "Theirs")]).await.assert_status(403);
        }
    }
    assert_eq!(the_only_passkey(&app, "ada").await.name, passkey.name);
    let mut blocked = app.browser();
    let ceremony = Ceremony::on(&blocked.open("/login").await);
    blocked.jar.clear();
    let answer = device.answer(&mut blocked, &ceremony, "").await;
    assert!(answer.assert_status(400).body.contains("Your browser is blocking cookies"));
}

#[tokio::test]
async fn a_ticket_runs_out_after_five_minutes_and_a_fresh_one_comes_with_the_words() {
    let (app, _, mut device) = with_passkey().await;
    let mut browser = app.browser();
    let ceremony = Ceremony::on(&browser.open("/login").await);
    app.clock.advance(301);
    let late = device.answer(&mut browser, &ceremony, "").await;
    assert_refused(&browser, &late, TOO_LATE);
    device.answer(&mut browser, &Ceremony::on(&late), "").await.assert_status(303);
}

#[tokio::test]
async fn a_challenge_origin_or_relying_party_of_somebody_else_is_refused() {
    let (app, _, device) = with_passkey().await;
    let with = |change: fn(&mut Authenticator)| {
        let mut device = device.clone();
        change(&mut device);
        device
    };
    for mut liar in [
        with(|device| device.origin = "http://localhost:9999".to_owned()),
        with(|device| device.origin = "https://localhost:8080".to_owned()),
        with(|device| device.origin = "http://evil.localhost:8080".to_owned()),
        with(|device| device.rp_id = "evil.example".to_owned()),
        with(|device| device.verifies = false),
    ] {
        let mut browser = app.browser();
        let answer = liar.sign_in(&mut browser).await;
        assert_refused(&browser, &answer, UNKNOWN);
    }
    let (mut browser, mut device) = (app.browser(), device);
    let ceremony = Ceremony::on(&browser.open("/login").await);
    let of_another = Ceremony::on(&app.browser().open("/login").await);
    let answer = device.get(of_another.options["challenge"].as_str().unwrap());
    let refused = post(&mut browser, &ceremony, &answer, "").await;
    assert_refused(&browser, &refused, UNKNOWN);
}

#[tokio::test]
async fn a_signature_of_another_key_and_a_counter_that_does_not_grow_are_refused() {
    let (app, mut ada, mut device) = with_passkey().await;
    let offer = Ceremony::on(&ada.open("/account/passkeys/new").await);
    let mut forger = Authenticator::for_options(&offer.options);
    forger.credential_id = device.credential_id.clone();
    let mut browser = app.browser();
    let refused = forger.sign_in(&mut browser).await;
    assert_refused(&browser, &refused, UNKNOWN);
    // A copy of the key knows an older count than the original (Web Authentication Level 2 §6.1.1).
    let mut copy = device.clone();
    device.sign_in(&mut app.browser()).await.assert_status(303);
    device.sign_in(&mut app.browser()).await.assert_status(303);
    let refused = copy.sign_in(&mut browser).await;
    assert_refused(&browser, &refused, UNKNOWN);
}

#[tokio::test]
async fn the_handle_of_another_person_or_none_lets_nobody_in() {
    let (app, _, device) = with_passkey().await;
    for handle in [user_id("bob").as_bytes().to_vec(), vec![], vec![7; 16], vec![7; 64]] {
        let mut device = Authenticator { user_handle: handle, ..device.clone() };
        let mut browser = app.browser();
        let refused = device.sign_in(&mut browser).await;
        assert_refused(&browser, &refused, UNKNOWN);
    }
}

#[tokio::test]
async fn one_credential_is_one_account_s() {
    let (app, _, mut device) = with_passkey().await;
    let mut bob = app.signed_in("bob").await;
    let offer = Ceremony::on(&bob.open("/account/passkeys/new").await);
    let taken = device.add(&mut bob, &offer).await;
    taken.assert_status(200);
    assert!(taken.body.contains("This device already has a passkey"), "{}", taken.body);
    assert!(passkeys::of_user(&app.server.store, user_id("bob")).await.unwrap().is_empty());
    device.sign_in(&mut app.browser()).await.assert_status(303);
}

#[tokio::test]
async fn a_removed_passkey_and_one_nobody_added_are_not_known() {
    let (app, mut ada, mut device) = with_passkey().await;
    let passkey = the_only_passkey(&app, "ada").await;
    let path = format!("/account/passkeys/{}/remove", passkey.id);
    app.clock.advance(1);
    let csrf = ada.get(&path).await.field("csrf");
    let removed = ada.post(&path, &[("csrf", &csrf)]).await;
    removed.assert_status(200);
    assert!(removed.body.contains("Passkey removed"));
    assert_told(&app, "A passkey was removed").await;
    let mut browser = app.browser();
    let refused = device.sign_in(&mut browser).await;
    assert_refused(&browser, &refused, UNKNOWN);
    let events: Vec<_> = account_events::latest(&app.server.store, user_id("ada"), 10)
        .await
        .unwrap()
        .into_iter()
        .map(|one| one.event.name())
        .collect();
    assert_eq!(events[..2], ["passkey-removed", "passkey-added"]);
}

#[tokio::test]
async fn a_closed_account_is_not_opened_by_its_passkey() {
    let (app, _, mut device) = with_passkey().await;
    let close = Statement::new("UPDATE users SET disabled_at = 1 WHERE id = $1", params![user_id("ada")]);
    app.server.store.write(Write::one(close)).await.unwrap();
    let mut browser = app.browser();
    let refused = device.sign_in(&mut browser).await;
    assert!(refused.body.contains("This account is closed"), "{}", refused.body);
    assert!(!browser.jar.contains_key("sid"));
}

#[tokio::test]
async fn ten_thousand_wrong_passwords_do_not_keep_the_owner_s_passkey_out() {
    let (app, _, mut device) = with_passkey().await;
    let mut attacker = app.browser();
    let page = attacker.open("/login").await;
    let mut looked_at = 0;
    for _ in 0..10_000 {
        let answer = attacker.fill_in(&page, "ada@example.test", "wrong-password").await;
        looked_at += usize::from(answer.status == 422);
    }
    assert!(looked_at <= 10, "{looked_at} of 10,000 guesses in a minute were looked at");
    attacker.fill_in(&page, "ada@example.test", crate::actors::PASSWORD).await.assert_status(429);
    let mut owner = app.browser();
    device.sign_in(&mut owner).await.assert_status(303);
    assert!(owner.jar.contains_key("sid"));
}

#[tokio::test]
async fn wrong_passkeys_are_slowed_by_themselves() {
    let (app, _, _) = with_passkey().await;
    let mut browser = app.browser();
    let mut last = None;
    for _ in 0..40 {
        let ceremony = Ceremony::on(&browser.open("/login").await);
        last = Some(post(&mut browser, &ceremony, "{}", "").await);
    }
    let last = last.unwrap();
    last.assert_status(429);
    assert!(!last.header("retry-after").is_empty());
    browser.sign_in("ada").await;
}

#[tokio::test]
async fn a_passkey_is_named_when_it_is_made_and_later() {
    let (app, mut ada, _) = with_passkey().await;
    let (_, answer) = Authenticator::register(&mut ada).await;
    assert_told(&app, "A passkey was added").await;
    let address = answer.destination();
    let made = ada.get(&address).await;
    assert!(made.body.contains("Passkey created") && made.field("name") == "Passkey", "{}", made.body);
    let path = address.split('?').next().unwrap().to_owned();
    let csrf = made.field("csrf");
    for wrong in ["", "   ", &"x".repeat(61), "turned\u{202e}round"] {
        let refused = ada.post(&path, &[("csrf", &csrf), ("name", wrong)]).await;
        refused.assert_status(422);
        assert!(refused.body.contains("Enter a name of 1 to 60 characters"));
    }
    let renamed = ada.post(&path, &[("csrf", &csrf), ("name", " My <phone> ")]).await;
    assert_eq!(renamed.destination(), "/account/security");
    assert!(ada.get("/account/security").await.body.contains("<bdi>My &#60;phone&#62;</bdi>"));
    let mut bob = app.signed_in("bob").await;
    bob.get(&path).await.assert_status(404);
    let csrf = bob.get("/account/passkeys/new").await.field("csrf");
    bob.post(&path, &[("csrf", &csrf), ("name", "Mine")]).await.assert_status(404);
    bob.get(&format!("{path}/remove")).await.assert_status(404);
    bob.post(&format!("{path}/remove"), &[("csrf", &csrf)]).await.assert_status(303);
    assert_eq!(passkeys::of_user(&app.server.store, user_id("ada")).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_recovery_leads_by_the_offer_of_a_passkey_to_whoever_has_none() {
    let app = TestApp::new().await.on(LOCALHOST).await;
    for onward in ["/account/passkeys/new", "/account"] {
        let mut ada = app.browser();
        let check = forget(&mut ada, "ada@example.test").await;
        app.clock.advance(1);
        let code = digits(newest(&letters(&app).await, "ada@example.test"));
        let (csrf, proof) = (check.field("csrf"), check.field("proof"));
        let fields = [("csrf", &*csrf), ("proof", &*proof), ("code", &*code), ("password", NEW_PASSWORD)];
        let answer = ada.post("/recover/check", &fields).await;
        assert_eq!(answer.assert_status(303).destination(), onward);
        if onward.ends_with("new") {
            Authenticator::register(&mut ada).await.1.assert_status(303);
        }
        app.clock.advance(3600);
    }
}

#[tokio::test]
async fn what_came_of_the_dialog_is_always_said() {
    let app = TestApp::new().await.on(LOCALHOST).await;
    let mut ada = app.signed_in("ada").await;
    for (outcome, status, words) in [
        ("NotAllowedError", 200, "No passkey was created"),
        ("InvalidStateError", 200, "This device already has a passkey"),
        ("UnknownError", 422, "a passkey that we can&#39;t use"),
    ] {
        let csrf = ada.get("/account/passkeys/new").await.field("csrf");
        let said = ada.post("/account/passkeys", &[("csrf", &csrf), ("outcome", outcome), ("credential", "")]).await;
        said.assert_status(status);
        assert!(said.body.contains(words), "{}", said.body);
        Ceremony::on(&said);
    }
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let (app, mut ada, mut device) = with_passkey().await;
    let nobody = PasswordHash::of_nobody();
    let forget =
        Statement::new("UPDATE users SET password_hash = $2 WHERE id = $1", params![user_id("ada"), nobody.as_phc()]);
    app.server.store.write(Write::one(forget)).await.unwrap();
    let path = format!("/account/passkeys/{}/remove", the_only_passkey(&app, "ada").await.id);
    let csrf = ada.get(&path).await.field("csrf");
    let refused = ada.post(&path, &[("csrf", &csrf)]).await;
    refused.assert_status(409);
    assert!(refused.body.contains("it is your only way to sign in"), "{}", refused.body);
    device.sign_in(&mut app.browser()).await.assert_status(303);
}

#[tokio::test]
async fn an_old_session_adds_and_removes_no_passkey_without_a_check() {
    let (app, mut ada, _) = with_passkey().await;
    let passkey = the_only_passkey(&app, "ada").await;
    let offer = Ceremony::on(&ada.open("/account/passkeys/new").await);
    let remove = format!("/account/passkeys/{}/remove", passkey.id);
    let csrf = ada.get(&remove).await.field("csrf");
    app.clock.advance(601);
    for path in ["/account/passkeys/new", &remove] {
        assert!(ada.get(path).await.body.contains("Confirm it"), "{path}");
    }
    let asked = Authenticator::for_options(&offer.options).add(&mut ada, &offer).await;
    assert!(asked.body.contains("Confirm it"));
    assert!(ada.post(&remove, &[("csrf", &csrf)]).await.body.contains("Confirm it"));
    assert_eq!(the_only_passkey(&app, "ada").await, passkey);
}

#[tokio::test]
async fn a_passkey_confirms_that_it_is_you_and_only_your_own_does() {
    let (app, mut ada, device) = with_passkey().await;
    let mut bob = app.signed_in("bob").await;
    let (bobs, _) = Authenticator::register(&mut bob).await;
    app.clock.advance(601);
    let confirm = async |ada: &mut Browser, mut device: Authenticator| {
        let page = ada.get("/account/passkeys/new").await;
        let ceremony = Ceremony::on(&page);
        let answer = device.get(ceremony.options["challenge"].as_str().unwrap());
        let fields = [
            ("csrf", &*ceremony.csrf),
            ("next", "/account/passkeys/new"),
            ("passkey_ticket", &ceremony.ticket),
            ("passkey", &answer),
        ];
        ada.post("/account/confirm", &fields).await
    };
    let refused = confirm(&mut ada, bobs).await;
    refused.assert_status(422);
    assert!(ada.get("/account/passkeys/new").await.body.contains("Confirm it"));
    assert_eq!(confirm(&mut ada, device).await.destination(), "/account/passkeys/new");
    assert!(ada.get("/account/passkeys/new").await.body.contains("Create passkey"));
}
