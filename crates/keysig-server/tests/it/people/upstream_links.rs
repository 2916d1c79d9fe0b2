//! Accounts elsewhere and accounts here: who may link what to what.

use keysig_core::password::PasswordHash;
use keysig_core::seal::{Keyring, MasterKey};
use keysig_store::{account_events, upstream, users};
use serde_json::json;
use std::sync::Arc;

use super::letters::assert_told;
use crate::actors::{Answer, Browser, PASSWORD, TestApp, user_id};
use crate::provider::{FakeProvider, Sent, with_openid, with_providers};

const SECURITY: &str = "/account/security";

async fn link_of(app: &TestApp, provider: &FakeProvider, subject: &str) -> Option<upstream::Linked> {
    upstream::find(&app.server.store, &provider.issuer, subject).await.unwrap()
}

/// Goes from the Security page to a provider and back, up to the question.
async fn goes_to_link(browser: &mut Browser, provider: &FakeProvider, id: &str) -> Answer {
    let path = format!("{SECURITY}/upstream/{id}/link");
    let csrf = browser.get(&path).await.assert_status(200).field("csrf");
    let address = browser.post(&path, &[("csrf", &csrf)]).await.assert_status(200).destination();
    browser.open(&provider.signs_in(&address)).await
}

/// The address of the one link's unlinking.
async fn unlinking(app: &TestApp, name: &str) -> String {
    let links = upstream::of_user(&app.server.store, user_id(name)).await.unwrap();
    let id = keysig_core::encoding::hex(&keysig_core::seal::sha256(links[0].provider.as_bytes())[..8]);
    format!("{SECURITY}/upstream/{id}/unlink")
}

#[tokio::test]
async fn the_same_address_links_nothing_by_itself() {
    let (app, provider) = with_openid().await;
    provider.set().person["email"] = json!("Ada@Example.test");
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "example", &app.client("web").request().to_string()).await;
    assert!(page.body.contains("You already have an account"), "{}", page.body);
    assert!(!browser.is_signed_in().await && link_of(&app, &provider, "u-1").await.is_none());

    // Neither does a decision that the page did not offer.
    for decision in ["link", "sign-up", "", "else"] {
        let page = browser.decides(&page, decision).await;
        assert!(page.body.contains("You already have an account"), "{decision}");
    }
    assert!(!browser.is_signed_in().await && link_of(&app, &provider, "u-1").await.is_none());

    // Proof of both: the password here, the account there.
    let login = browser.decides(&page, "sign-in").await;
    let tx = login.field("tx");
    let wrong = browser.fill_in(&login, "ada@example.test", "not-her-password").await;
    assert!(wrong.body.contains("is not right") && wrong.field("tx") == tx);
    let question = browser.fill_in(&wrong, "ada@example.test", PASSWORD).await;
    assert!(question.body.contains("value=\"link\""), "{}", question.body);
    assert!(link_of(&app, &provider, "u-1").await.is_none(), "not before they say so");
    let consent = browser.decides(&question, "link").await;
    assert!(consent.body.contains("value=\"allow\""), "{}", consent.body);
    assert_eq!(link_of(&app, &provider, "u-1").await.unwrap().user, user_id("ada"));
    let events = account_events::latest(&app.server.store, user_id("ada"), 9).await.unwrap();
    assert!(events.iter().any(|event| event.event.name() == "upstream-linked" && event.about == "Example ID"));
}

#[tokio::test]
async fn who_is_signed_in_to_another_account_signs_in_to_the_right_one() {
    let (app, provider) = with_openid().await;
    provider.set().person["email"] = json!("ada@example.test");
    let mut browser = app.signed_in("bob").await;
    let page = browser.comes_by(&provider, "example", "/login?account=new").await;
    assert!(page.body.contains("You already have an account"), "{}", page.body);
    let login = browser.decides(&page, "sign-in").await;
    let question = browser.fill_in(&login, "ada@example.test", PASSWORD).await;
    assert!(
        question.body.contains("value=\"link\"") && question.body.contains("ada@example.test"),
        "{}",
        question.body
    );
    browser.decides(&question, "link").await;
    assert_eq!(link_of(&app, &provider, "u-1").await.unwrap().user, user_id("ada"));

    // A way that leads nowhere ends on the page to sign in, not among the accounts to choose from.
    let address = browser.leaves_for("example", "/login?account=new").await;
    let callback = provider.signs_in(&address).replace("?code=code", "?error=access_denied&c");
    let csrf = browser.get("/logout").await.field("csrf");
    browser.post("/logout", &[("csrf", &csrf)]).await;
    let told = browser.open(&callback).await;
    assert!(told.body.contains("You are not signed in with"), "{}", told.body);
}

#[tokio::test]
async fn who_does_not_want_to_link_goes_on_without() {
    let (app, provider) = with_openid().await;
    provider.set().person["email"] = json!("ada@example.test");
    let web = app.client("web").request().to_string();
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "example", &web).await;
    let login = browser.decides(&page, "leave").await;
    assert!(login.field("tx").len() == 32, "{}", login.body);
    let consent = browser.fill_in(&login, "ada@example.test", PASSWORD).await;
    assert!(consent.body.contains("value=\"allow\""), "{}", consent.body);

    let page = app.browser().comes_by(&provider, "example", &web).await;
    assert!(page.body.contains("You already have an account"));
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "example", &web).await;
    let login = browser.decides(&page, "sign-in").await;
    let question = browser.fill_in(&login, "ada@example.test", PASSWORD).await;
    let consent = browser.decides(&question, "leave").await;
    assert!(consent.body.contains("value=\"allow\""), "{}", consent.body);
    assert!(link_of(&app, &provider, "u-1").await.is_none());
    browser.get("/account/linking").await.assert_status(303);
}

#[tokio::test]
async fn what_somebody_left_in_a_browser_is_not_asked_of_the_next() {
    let (app, provider) = with_openid().await;
    let mut browser = app.browser();
    browser.comes_by(&provider, "example", "/login").await;
    let after = browser.sign_in("bob").await;
    assert!(!after.body.contains("value=\"link\""), "they did not come to link: {}", after.body);
    app.clock.advance(1801);
    let answer = browser.get("/account/linking").await;
    answer.assert_status(303);
}

#[tokio::test]
async fn an_address_that_nobody_confirmed_is_no_address() {
    let (app, provider) = with_openid().await;
    for (email, verified) in [
        (json!("ada@example.test"), json!(false)),
        (json!("ada@example.test"), json!("true")),
        (json!("new@example.test"), json!(null)),
        (json!(null), json!(true)),
    ] {
        provider.set().person = json!({ "sub": "u-1", "name": "A", "email": email, "email_verified": verified });
        let mut browser = app.browser();
        let page = browser.comes_by(&provider, "example", "/login").await;
        // The same page whether or not the address has an account (enumeration), and no way to make one.
        assert!(page.body.contains("is not linked yet"), "{email} {verified}: {}", page.body);
        browser.decides(&page, "sign-up").await;
        assert!(!browser.is_signed_in().await);
    }
    let untrusted = keysig_server::upstream::Provider { trust_email: false, ..provider.openid() };
    let app = with_providers(app, vec![untrusted]).await;
    provider.set().person = json!({ "sub": "u-1", "email": "ada@example.test", "email_verified": true });
    let page = app.browser().comes_by(&provider, "example", "/login").await;
    assert!(page.body.contains("is not linked yet"), "the operator does not trust its word: {}", page.body);
}

#[tokio::test]
async fn where_no_accounts_are_made_none_is() {
    let (app, provider) = with_openid().await;
    let closed = keysig_server::upstream::Provider { sign_up: false, ..provider.openid() };
    let refuses = async |app: &TestApp| {
        let mut browser = app.browser();
        let page = browser.comes_by(&provider, "example", "/login").await;
        assert!(page.body.contains("is not linked yet") && !page.body.contains("value=\"sign-up\""), "{}", page.body);
        browser.decides(&page, "sign-up").await;
        assert!(!browser.is_signed_in().await);
        assert!(users::by_identifier(&app.server.store, "new@example.test").await.unwrap().is_none());
    };
    let app = with_providers(app, vec![closed]).await;
    refuses(&app).await;
    let open = Arc::new(provider.openid());
    let app = app
        .set_to(|settings| {
            settings.upstreams = vec![open];
            settings.defaults.sign_up = keysig_server::settings::SignUp::Off;
        })
        .await;
    refuses(&app).await;
}

#[tokio::test]
async fn an_account_without_a_password_has_none_that_could_be_guessed() {
    let (app, provider) = with_openid().await;
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "example", "/login").await;
    browser.decides(&page, "sign-up").await;
    for guess in ["", " ", "demo-password"] {
        let mut stranger = app.browser();
        let login = stranger.open("/login").await;
        let after = stranger.fill_in(&login, "new@example.test", guess).await;
        assert!(after.body.contains("is not right") && !stranger.is_signed_in().await, "{guess}");
    }
}

#[tokio::test]
async fn a_name_is_asked_for_and_checked() {
    let (app, provider) = with_openid().await;
    provider.set().person = json!({ "sub": "u-1", "email": "new@example.test", "email_verified": true });
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "example", "/login").await;
    let refused = browser.decides(&page, "sign-up").await;
    refused.assert_status(422);
    assert!(refused.body.contains("Enter a name of up to 80 characters."), "{}", refused.body);
    assert!(!browser.is_signed_in().await);
    let (csrf, id) = (refused.field("csrf"), refused.field("id"));
    let fields = [("csrf", csrf.as_str()), ("id", &id), ("decision", "sign-up"), ("display_name", "New Ada")];
    let answer = browser.post("/account/linking", &fields).await;
    assert_eq!(answer.assert_status(303).header("location"), "/account");
    assert!(browser.get("/account").await.body.contains("New Ada"));
    // A second click finds nothing that waits, and breaks nothing.
    browser.post("/account/linking", &fields).await;
    assert!(browser.is_signed_in().await);
}

#[tokio::test]
async fn linking_from_security_asks_and_then_lets_in() {
    let (app, provider) = with_openid().await;
    let mut ada = app.signed_in("ada").await;
    let security = ada.get(SECURITY).await;
    assert!(security.body.contains("href=\"/account/security/upstream/example/link\""), "{}", security.body);
    let question = goes_to_link(&mut ada, &provider, "example").await;
    assert!(question.body.contains("value=\"link\"") && question.body.contains("Ada There"), "{}", question.body);
    assert!(link_of(&app, &provider, "u-1").await.is_none());
    let security = ada.decides(&question, "link").await;
    assert_told(&app, "can be used to sign in to").await;
    assert!(security.body.contains("Unlink") && security.body.contains("Ada There"), "{}", security.body);
    assert_eq!(link_of(&app, &provider, "u-1").await.unwrap().user, user_id("ada"));
    let mut elsewhere = app.browser();
    elsewhere.comes_by(&provider, "example", "/login").await;
    assert!(elsewhere.get("/account").await.body.contains("ada@example.test"));

    let again = format!("{SECURITY}/upstream/example/link");
    let csrf = ada.get("/account").await.field("csrf");
    let answer = ada.post(&again, &[("csrf", &csrf)]).await;
    answer.assert_status(409);
    assert!(answer.body.contains("have linked another"), "{}", answer.body);
}

#[tokio::test]
async fn one_account_elsewhere_belongs_to_one_person_here() {
    let (app, provider) = with_openid().await;
    let mut ada = app.signed_in("ada").await;
    let question = goes_to_link(&mut ada, &provider, "example").await;
    // Bob comes with the same account elsewhere before ada has decided.
    let mut bob = app.signed_in("bob").await;
    let bobs = goes_to_link(&mut bob, &provider, "example").await;
    ada.decides(&question, "link").await;
    let refused = bob.decides(&bobs, "link").await;
    refused.assert_status(409);
    assert!(refused.body.contains("is linked to another account here"), "{}", refused.body);
    let refused = goes_to_link(&mut bob, &provider, "example").await;
    assert!(refused.body.contains("is linked to another account here"), "{}", refused.body);
    assert_eq!(link_of(&app, &provider, "u-1").await.unwrap().user, user_id("ada"));
    assert!(upstream::of_user(&app.server.store, user_id("bob")).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_link_is_begun_and_ended_by_one_person_in_one_session() {
    let (app, provider) = with_openid().await;
    let mut ada = app.signed_in("ada").await;
    let path = format!("{SECURITY}/upstream/example/link");
    for bad in ["", "x"] {
        ada.post(&path, &[("csrf", bad)]).await.assert_status(403);
    }
    let csrf = ada.get(&path).await.field("csrf");
    let address = ada.post(&path, &[("csrf", &csrf)]).await.destination();
    assert_eq!(Sent::read(&address).get("prompt"), "login", "not whoever is signed in there by chance");
    // Meanwhile bob signs in in the same browser.
    ada.get("/logout").await;
    let csrf = ada.get("/logout").await.field("csrf");
    ada.post("/logout", &[("csrf", &csrf)]).await;
    ada.sign_in("bob").await;
    let page = ada.open(&provider.signs_in(&address)).await;
    assert!(page.body.contains("took too long or was used already"), "{}", page.body);
    ada.get("/account/linking").await.assert_status(303);
    assert!(link_of(&app, &provider, "u-1").await.is_none());
}

#[tokio::test]
async fn what_the_page_did_not_show_is_not_linked() {
    let (app, provider) = with_openid().await;
    let mut ada = app.signed_in("ada").await;
    let first = goes_to_link(&mut ada, &provider, "example").await;
    provider.set().person["sub"] = json!("u-2");
    let second = goes_to_link(&mut ada, &provider, "example").await;
    let shown = ada.decides(&first, "link").await;
    assert!(shown.body.contains("value=\"link\""), "what waits now is shown instead: {}", shown.body);
    assert!(upstream::of_user(&app.server.store, user_id("ada")).await.unwrap().is_empty());
    let mut other = app.signed_in("ada").await;
    let csrf = other.get("/account").await.field("csrf");
    let fields = [("csrf", csrf.as_str()), ("id", &second.field("id")), ("decision", "link")];
    other.post("/account/linking", &fields).await;
    assert!(upstream::of_user(&app.server.store, user_id("ada")).await.unwrap().is_empty(), "another browser");
    ada.decides(&second, "link").await;
    assert!(link_of(&app, &provider, "u-2").await.is_some());
}

#[tokio::test]
async fn linking_and_unlinking_are_for_who_was_just_checked() {
    let (app, provider) = with_openid().await;
    let mut ada = app.signed_in("ada").await;
    let question = goes_to_link(&mut ada, &provider, "example").await;
    app.clock.advance(660);
    let link = format!("{SECURITY}/upstream/example/link");
    assert!(ada.get(&link).await.body.contains("confirm_password"));
    assert!(ada.decides(&question, "link").await.body.contains("confirm_password"));
    assert!(link_of(&app, &provider, "u-1").await.is_none());
    let (csrf, id) = (question.field("csrf"), question.field("id"));
    let fields = [("csrf", csrf.as_str()), ("id", &id), ("decision", "link"), ("confirm_password", PASSWORD)];
    ada.post("/account/linking", &fields).await.assert_status(303);
    assert!(link_of(&app, &provider, "u-1").await.is_some());
    app.clock.advance(660);
    let path = unlinking(&app, "ada").await;
    assert!(ada.get(&path).await.body.contains("confirm_password"));
    let csrf = ada.get("/account").await.field("csrf");
    assert!(ada.post(&path, &[("csrf", &csrf)]).await.body.contains("confirm_password"));
    assert!(link_of(&app, &provider, "u-1").await.is_some());
}

#[tokio::test]
async fn unlinking_asks_ends_it_and_never_takes_the_last_way() {
    let (app, provider) = with_openid().await;
    let mut ada = app.signed_in("ada").await;
    let question = goes_to_link(&mut ada, &provider, "example").await;
    ada.decides(&question, "link").await;
    let path = unlinking(&app, "ada").await;
    let mut bob = app.signed_in("bob").await;
    assert_eq!(bob.get(&path).await.assert_status(303).header("location"), SECURITY, "not his");
    let page = ada.get(&path).await;
    assert!(page.body.contains("You can no longer sign in here with"), "{}", page.body);
    ada.post(&path, &[("csrf", "x")]).await.assert_status(403);
    assert!(link_of(&app, &provider, "u-1").await.is_some());
    let csrf = page.field("csrf");
    let answer = ada.post(&path, &[("csrf", &csrf)]).await;
    assert_eq!(answer.assert_status(303).header("location"), "/account/security?done=upstream-unlinked");
    assert!(link_of(&app, &provider, "u-1").await.is_none());
    let events = account_events::latest(&app.server.store, user_id("ada"), 9).await.unwrap();
    assert!(events.iter().any(|event| event.event.name() == "upstream-unlinked"));
    assert_told(&app, "A linked account was removed").await;
    let back = app.browser().comes_by(&provider, "example", "/login").await;
    assert!(back.body.contains("value=\"sign-up\""), "nobody's again: {}", back.body);

    // Somebody who has nothing else.
    let mut new = app.browser();
    let page = new.comes_by(&provider, "example", "/login").await;
    new.decides(&page, "sign-up").await;
    let (user, _) = users::by_identifier(&app.server.store, "new@example.test").await.unwrap().unwrap();
    let csrf = new.get(&path).await.assert_status(200).field("csrf");
    let refused = new.post(&path, &[("csrf", &csrf)]).await;
    refused.assert_status(409);
    assert!(refused.body.contains("Set a password or add a passkey first"), "{}", refused.body);
    assert_eq!(upstream::of_user(&app.server.store, user.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_closed_account_stays_closed_by_every_way() {
    let (app, provider) = with_openid().await;
    let mut closed = users::by_id(&app.server.store, user_id("ada")).await.unwrap().unwrap();
    closed.id = user_id("eve");
    (closed.public_id, closed.email) = ("eve".to_owned(), "eve@example.test".to_owned());
    users::add(&app.server.store, &closed, &PasswordHash::none(), app.server.now()).await.unwrap();
    let mut eve = app.signed_in("ada").await;
    let question = goes_to_link(&mut eve, &provider, "example").await;
    eve.decides(&question, "link").await;
    app.server
        .store
        .write(keysig_store::Write::one(keysig_store::Statement::new(
            "UPDATE users SET disabled_at = 1 WHERE id = $1",
            keysig_store::params![user_id("ada")],
        )))
        .await
        .unwrap();
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "example", "/login").await;
    assert!(page.body.contains("This account is closed") && !browser.is_signed_in().await, "{}", page.body);
}

#[tokio::test]
async fn tokens_are_kept_where_they_are_to_be_sealed_in_their_row_and_gone_with_the_link() {
    let (app, provider) = with_openid().await;
    let app =
        with_providers(app, vec![keysig_server::upstream::Provider { keep_tokens: true, ..provider.openid() }]).await;
    let mut ada = app.signed_in("ada").await;
    let question = goes_to_link(&mut ada, &provider, "example").await;
    ada.decides(&question, "link").await;
    let link = link_of(&app, &provider, "u-1").await.unwrap();
    let sealed = link.tokens.clone().unwrap();
    assert!(!sealed.windows(8).any(|piece| piece == b"upstream"), "nothing is in the clear");
    let kept = app.server.upstreams.open_tokens(&link).unwrap();
    assert_eq!(
        (kept.access_token.as_str(), kept.refresh_token.as_deref()),
        ("upstream-access", Some("upstream-refresh"))
    );
    let moved = upstream::Linked { user: user_id("bob"), ..link.clone() };
    assert!(app.server.upstreams.open_tokens(&moved).is_none(), "another row's");
    let other = Keyring::new(Arc::new(MasterKey::new([43; 32], 0, true)), "column", "", 1);
    assert!(other.open_column(b"", &sealed).is_none());

    app.browser().comes_by(&provider, "example", "/login").await;
    assert_ne!(link_of(&app, &provider, "u-1").await.unwrap().tokens, Some(sealed), "the new ones");
    let path = unlinking(&app, "ada").await;
    let csrf = ada.get(&path).await.field("csrf");
    ada.post(&path, &[("csrf", &csrf)]).await.assert_status(303);
    assert!(upstream::of_user(&app.server.store, user_id("ada")).await.unwrap().is_empty());

    let app = with_providers(app, vec![provider.openid()]).await;
    let mut ada = app.signed_in("ada").await;
    let question = goes_to_link(&mut ada, &provider, "example").await;
    ada.decides(&question, "link").await;
    assert_eq!(link_of(&app, &provider, "u-1").await.unwrap().tokens, None, "not asked to");
}

#[tokio::test]
async fn who_has_no_password_confirms_by_the_account_elsewhere() {
    let (app, provider) = with_openid().await;
    let mut new = app.browser();
    let page = new.comes_by(&provider, "example", "/login").await;
    new.decides(&page, "sign-up").await;
    let (user, _) = users::by_identifier(&app.server.store, "new@example.test").await.unwrap().unwrap();
    let link = upstream::of_user(&app.server.store, user.id).await.unwrap().remove(0);
    let id = keysig_core::encoding::hex(&keysig_core::seal::sha256(link.provider.as_bytes())[..8]);
    let path = format!("{SECURITY}/upstream/{id}/unlink");
    app.clock.advance(660);
    let confirm = "/account/confirm/upstream/example";
    let asked = new.get(&path).await;
    assert!(asked.body.contains(confirm) && asked.field("next") == path, "{}", asked.body);
    let csrf = asked.field("csrf");
    let out = [("csrf", csrf.as_str()), ("next", path.as_str())];

    // By another account there it is not them; nor from another browser, nor to another address.
    provider.set().person["sub"] = json!("u-2");
    let address = new.post(confirm, &out).await.destination();
    assert_eq!(Sent::read(&address).get("prompt"), "login");
    let refused = new.open(&provider.signs_in(&address)).await;
    refused.assert_status(403);
    assert!(refused.body.contains("another account than the one that is linked"), "{}", refused.body);
    assert!(new.get(&path).await.body.contains(confirm), "asked still");
    provider.set().person["sub"] = json!("u-1");
    new.post(confirm, &[("csrf", "x"), ("next", &path)]).await.assert_status(403);
    let elsewhere = [("csrf", csrf.as_str()), ("next", "https://evil.example/account")];
    let address = new.post(confirm, &elsewhere).await.destination();
    let mut bob = app.signed_in("bob").await;
    assert!(bob.get(&provider.signs_in(&address)).await.header("location").contains("problem=stale"));
    let answer = new.get(&provider.signs_in(&address)).await;
    assert_eq!(answer.assert_status(303).header("location"), "/account");

    app.clock.advance(660);
    let csrf = new.get(&path).await.field("csrf");
    let address = new.post(confirm, &[("csrf", &csrf), ("next", &path)]).await.destination();
    let answer = new.open(&provider.signs_in(&address)).await;
    assert!(answer.body.contains("You can no longer sign in here with"), "{}", answer.body);
    assert!(app.signed_in("ada").await.get(&path).await.header("location") == SECURITY, "not hers");
}

#[tokio::test]
async fn who_may_sign_up_by_mail_links_after_that() {
    let app = TestApp::new().await;
    let provider = FakeProvider::start(&app.clock).await;
    provider.set().person = json!({ "id": "ada31", "display_name": "Ada", "email": "ada@example.test" });
    let spotify = keysig_server::upstream::Provider { sign_up: false, ..provider.spotify() };
    let spotify = Arc::new(spotify);
    let closed = app
        .set_to(|settings| {
            settings.upstreams = vec![spotify];
            settings.defaults.sign_up = keysig_server::settings::SignUp::Invite;
        })
        .await;
    let page = closed.browser().comes_by(&provider, "spotify", "/login").await;
    assert!(!page.body.contains("sign-up-by-mail"), "{}", page.body);
    let providers = closed.server.settings.upstreams.clone();
    let app = closed
        .set_to(|settings| {
            settings.upstreams = providers;
            settings.defaults.sign_up = keysig_server::settings::SignUp::Open;
        })
        .await;
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "spotify", &app.client("web").request().to_string()).await;
    assert!(page.body.contains("sign-up-by-mail"), "{}", page.body);
    let (csrf, id) = (page.field("csrf"), page.field("id"));
    let fields = [("csrf", csrf.as_str()), ("id", &id), ("decision", "sign-up-by-mail")];
    let answer = browser.post("/account/linking", &fields).await;
    let location = answer.assert_status(303).header("location").to_owned();
    let tx = location.strip_prefix("/signup?tx=").unwrap();
    let form = browser.open(&location).await;
    assert!(form.assert_status(200).field("tx") == tx && form.body.contains("name=\"password\""), "{}", form.body);
    let login = browser.open(&format!("/login?tx={tx}")).await;
    let question = browser.fill_in(&login, "bob@example.test", PASSWORD).await;
    assert!(
        question.body.contains("value=\"link\"") && question.body.contains("bob@example.test"),
        "{}",
        question.body
    );
    browser.decides(&question, "link").await;
    let realm = provider.spotify().realm().to_owned();
    assert_eq!(upstream::find(&app.server.store, &realm, "ada31").await.unwrap().unwrap().user, user_id("bob"));
}
