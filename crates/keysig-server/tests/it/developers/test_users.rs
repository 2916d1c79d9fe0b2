//! Test users (screen D7): who may log in to an app in development, and accounts that its developer makes up.

use keysig_core::app::{App, ClientType, Mode};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::mail;
use keysig_server::settings::{Compat, SignUp};
use keysig_store::{audit, test_users, users};

use crate::actors::{Answer, Browser, PASSWORD, TestApp, Tokens, app, app_id, user, user_id};

pub const LIST: &str = "/dashboard/apps/graces/test-users";

/// Grace's app in development, which asks for no PKCE, and Grace at work.
pub async fn with_grace() -> (TestApp, Browser) {
    let server = TestApp::new().await;
    for name in ["grace", "eve"] {
        server.add_person(&User { role: Role::Developer, ..user(name, Product::Free) }).await;
    }
    for (client_id, owner) in [("graces", "grace"), ("second", "grace"), ("eves", "eve")] {
        let new = app(client_id, ClientType::Confidential, Profile::Spotify);
        server.add(&App { owner: Some(user_id(owner)), mode: Mode::Development, ..new }).await;
    }
    let grace = server.signed_in("grace").await;
    (server, grace)
}

/// Posts `fields` with the ticket of the list.
pub async fn post(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = browser.get(LIST).await.field("csrf");
    browser.post(path, &[&[("csrf", csrf.as_str())], fields].concat()).await
}

async fn add(grace: &mut Browser, address: &str) -> Answer {
    post(grace, LIST, &[("address", address)]).await
}

/// Whether somebody is asked, or refused.
async fn is_asked(browser: &mut Browser, server: &TestApp, client_id: &str) -> bool {
    let page = browser.open(&server.client(client_id).asks("user-read-private").to_string()).await;
    page.body.contains("name=\"decision\"")
}

async fn log_in(server: &TestApp, browser: &mut Browser, client_id: &str) -> Tokens {
    let client = server.client(client_id);
    let code = browser.code(&client.asks("user-read-private")).await;
    Tokens::of(&client.exchange(&code).await)
}

#[tokio::test]
async fn who_is_on_the_list_logs_in_and_who_is_taken_from_it_has_nothing_any_more() {
    let (server, mut grace) = with_grace().await;
    let mut ada = server.signed_in("ada").await;
    assert!(!is_asked(&mut ada, &server, "graces").await);
    assert_eq!(
        add(&mut grace, " Ada@Example.Test ").await.assert_status(303).header("location"),
        format!("{LIST}?done=added")
    );
    let tokens = log_in(&server, &mut ada, "graces").await;
    server.api("/v1/me", &tokens.access).await.assert_status(200);

    server.clock.advance(1);
    let page = grace.get(LIST).await;
    assert!(page.body.contains("ada@example.test") && !page.body.contains("bob@example.test"), "{}", page.body);
    let remove = format!("{LIST}/{}/remove", user_id("ada"));
    assert!(grace.get(&remove).await.assert_status(200).body.contains("ada@example.test"));
    post(&mut grace, &remove, &[]).await.assert_status(303);
    server.api("/v1/me", &tokens.access).await.assert_status(401);
    server.client("graces").refresh(&tokens.refresh).await.assert_refused(
        400,
        "invalid_grant",
        "Refresh token revoked",
    );
    assert!(!is_asked(&mut ada, &server, "graces").await);
    assert!(ada.get("/account/events").await.body.contains("Peek graces"), "it is in her history");
    let done: Vec<&str> = audit::of_app(&server.server.store, app_id("graces"), None, 10)
        .await
        .unwrap()
        .iter()
        .map(|entry| entry.action.name())
        .collect();
    assert_eq!(done, ["test-user-removed", "test-user-added"]);
}

#[tokio::test]
async fn nobody_finds_out_an_address_by_an_id_or_many_addresses_at_all() {
    let (server, mut grace) = with_grace().await;
    add(&mut grace, "ada").await.assert_status(422);
    let mut statuses = Vec::new();
    for n in 0..52 {
        statuses.push(add(&mut grace, &format!("ada{n}@example.test")).await);
    }
    let last = statuses.last().unwrap();
    last.assert_status(429);
    assert!(last.header("retry-after").parse::<u64>().unwrap() > 0);
    assert!(last.body.contains("ada51@example.test"), "what was typed is kept");
    server.clock.advance(3600 * 2);
    assert_ne!(add(&mut grace, "ada@example.test").await.status, 429);
}

#[tokio::test]
async fn an_address_without_an_account_is_invited_and_counts_once_it_is_proven() {
    let (server, mut grace) = with_grace().await;
    for done in ["invited", "invited-before"] {
        assert_eq!(add(&mut grace, "new@example.test").await.header("location"), format!("{LIST}?done={done}"));
    }
    let letters = mail::inbox(&server.server).await.unwrap();
    let [letter] = letters.as_slice() else { panic!("one letter, not {}", letters.len()) };
    assert!(letter.to == "new@example.test" && letter.post.text.contains("/signup"), "{letter:?}");
    assert!(letter.post.subject.contains("Peek graces"), "{letter:?}");
    assert!(grace.get(LIST).await.body.contains("new@example.test"));

    // Where no mail goes out, people sign in without proving their address.
    let server = server.set_to(|settings| settings.test_mode = false).await;
    server.add_person(&User { email_verified: false, ..user("new", Product::Free) }).await;
    let mut new = server.signed_in("new").await;
    assert!(!is_asked(&mut new, &server, "graces").await, "anybody could have typed that address");
    let proven = keysig_store::Write::one(users::confirmed(user_id("new"), "new@example.test"));
    server.server.store.write(proven).await.unwrap();
    let mut new = server.signed_in("new").await;
    log_in(&server, &mut new, "graces").await;
    assert!(test_users::one(&server.server.store, app_id("graces"), user_id("new")).await.unwrap().is_some());
    assert!(!test_users::is_invited(&server.server.store, app_id("graces"), "new@example.test").await.unwrap());
}

#[tokio::test]
async fn an_invitation_can_be_taken_back_and_ends_by_itself() {
    let (server, mut grace) = with_grace().await;
    let store = server.server.store.clone();
    let is_invited = |email: &'static str| test_users::is_invited(&store, app_id("graces"), email);
    add(&mut grace, "one@example.test").await;
    add(&mut grace, "two@example.test").await;
    post(&mut grace, &format!("{LIST}/uninvite"), &[("address", "one@example.test")]).await.assert_status(303);
    assert!(!is_invited("one@example.test").await.unwrap() && is_invited("two@example.test").await.unwrap());
    test_users::forget_invitations(&store, server.server.now().plus_seconds(1)).await.unwrap();
    assert!(!is_invited("two@example.test").await.unwrap());
}

#[tokio::test]
async fn where_sign_up_is_closed_nobody_is_invited() {
    let (server, _) = with_grace().await;
    let server = server.set_to(|settings| settings.defaults.sign_up = SignUp::Invite).await;
    let mut grace = server.signed_in("grace").await;
    let answer = add(&mut grace, "new@example.test").await;
    assert!(answer.assert_status(422).body.contains("sign-up is not open here"), "{}", answer.body);
    assert!(mail::inbox(&server.server).await.unwrap().is_empty());
}

/// Makes an account up; its address and password.
async fn make(grace: &mut Browser, list: &str) -> (String, String) {
    let form = grace.get(&format!("{list}/new")).await;
    let (csrf, key) = (form.field("csrf"), form.field("key"));
    let fields = [
        ("csrf", csrf.as_str()),
        ("key", &key),
        ("name", "Test Listener"),
        ("plan", "premium"),
        ("country", "se"),
        ("library", "yes"),
    ];
    let made = grace.post(&format!("{list}/new"), &fields).await;
    let read = |made: &Answer, id: &str| {
        let at = made.body.split(&format!("id=\"{id}\">")).nth(1).unwrap_or_else(|| panic!("{}", made.body));
        at.split('<').next().unwrap().to_owned()
    };
    made.assert_status(200);
    let again = grace.post(&format!("{list}/new"), &fields).await;
    let fake = (read(&made, "fake-address"), read(&made, "fake-password"));
    assert_eq!((read(&again, "fake-address"), read(&again, "fake-password")), fake, "a double click makes one");
    fake
}

async fn sign_in(server: &TestApp, address: &str, password: &str) -> Browser {
    let mut browser = server.browser();
    let page = browser.open("/login").await;
    let after = browser.fill_in(&page, address, password).await;
    assert!(browser.jar.contains_key("sid"), "{}", after.body);
    browser
}

#[tokio::test]
async fn an_account_that_was_made_up_logs_in_to_apps_of_its_maker_and_no_others() {
    let (server, mut grace) = with_grace().await;
    let (address, password) = make(&mut grace, LIST).await;
    assert!(address.starts_with("testlistener.") && address.ends_with("@test.invalid"), "{address}");
    let mut fake = sign_in(&server, &address, &password).await;
    let tokens = log_in(&server, &mut fake, "graces").await;
    let me = server.api("/v1/me", &tokens.access).await;
    assert_eq!(me.text("display_name"), "Test Listener");
    assert_eq!((me.text("product"), me.text("country")), ("premium".to_owned(), "SE".to_owned()));
    // Grace's other app has not put it on its list; everybody's apps are not hers.
    assert!(!is_asked(&mut fake, &server, "second").await);
    add_to(&mut grace, "second", &address).await.assert_status(303);
    assert!(is_asked(&mut fake, &server, "second").await);
    let refused = fake.open(&server.client("web").request().to_string()).await;
    assert!(refused.assert_status(403).body.contains("test account"), "{}", refused.body);
    // Eve cannot take it either.
    let mut eve = server.signed_in("eve").await;
    assert!(add_to(&mut eve, "eves", &address).await.assert_status(422).body.contains("another developer"));
    // It becomes no developer.
    let csrf = fake.get("/account").await.field("csrf");
    fake.post("/dashboard/join", &[("csrf", &csrf)]).await;
    assert_eq!(fake.get("/dashboard").await.header("location"), "/dashboard/join");
}

async fn add_to(browser: &mut Browser, client_id: &str, address: &str) -> Answer {
    let list = format!("/dashboard/apps/{client_id}/test-users");
    let csrf = browser.get(&list).await.field("csrf");
    browser.post(&list, &[("csrf", &csrf), ("address", address)]).await
}

#[tokio::test]
async fn strict_keeps_made_up_accounts_out_of_others_apps_too() {
    let (server, mut grace) = with_grace().await;
    let (address, password) = make(&mut grace, LIST).await;
    let server = server.set_to(|settings| settings.defaults.compat = Compat::Strict).await;
    let mut fake = sign_in(&server, &address, &password).await;
    assert!(is_asked(&mut fake, &server, "graces").await);
    assert!(!is_asked(&mut fake, &server, "eves").await && !is_asked(&mut fake, &server, "web").await);
}

#[tokio::test]
async fn a_made_up_account_is_deleted_by_the_button() {
    let (server, mut grace) = with_grace().await;
    let (address, password) = make(&mut grace, LIST).await;
    let mut fake = sign_in(&server, &address, &password).await;
    let tokens = log_in(&server, &mut fake, "graces").await;
    let (fake, _) = users::by_identifier(&server.server.store, &address).await.unwrap().unwrap();
    post(&mut grace, &format!("{LIST}/{}/remove", fake.id), &[]).await.assert_status(303);
    server.api("/v1/me", &tokens.access).await.assert_status(401);
    assert!(users::by_identifier(&server.server.store, &address).await.unwrap().is_none());
    assert!(test_users::fake(&server.server.store, fake.id).await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_wrong_with_a_made_up_account_is_said_and_what_was_typed_stays() {
    let (_, mut grace) = with_grace().await;
    let form = grace.get(&format!("{LIST}/new")).await;
    let (csrf, key) = (form.field("csrf"), form.field("key"));
    for (name, country) in [("", "SE"), ("Test Listener", "Sweden")] {
        let fields = [("csrf", csrf.as_str()), ("key", &key), ("name", name), ("country", country)];
        let answer = grace.post(&format!("{LIST}/new"), &fields).await;
        answer.assert_status(422);
        assert!(answer.field("name") == name && answer.field("country") == country.to_uppercase(), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_owner_at_the_same_browser_opens_the_app_to_whoever_is_refused() {
    let (server, _) = with_grace().await;
    // Grace signed in first, and then Ada, in one browser.
    let mut both = server.signed_in("grace").await;
    let page = both.open("/login?account=new").await;
    both.fill_in(&page, "ada@example.test", PASSWORD).await;
    let request = server.client("graces").asks("user-read-private").with("prompt", "select_account");
    let chooser = both.open(&request.to_string()).await;
    let session = chooser.body.split("name=\"account\" value=\"").skip(1).find(|rest| rest.contains("ada@")).unwrap();
    let session = session.split('"').next().unwrap().to_owned();
    let (csrf, tx) = (chooser.field("csrf"), chooser.field("tx"));
    let chosen = both.post("/login/choose", &[("csrf", &csrf), ("tx", &tx), ("account", &session)]).await;
    let refused = both.open(chosen.header("location")).await;
    refused.assert_status(403);
    assert!(refused.body.contains("Add") && refused.body.contains("ada@example.test"), "{}", refused.body);
    let fields = [("csrf", &*refused.field("csrf")), ("tx", &refused.field("tx"))];
    // Somebody else's click is nobody's.
    server.signed_in("bob").await.post(&format!("{LIST}/me"), &fields).await.assert_status(404);
    let added = both.post(&format!("{LIST}/me"), &fields).await;
    let asked = both.open(added.assert_status(303).header("location")).await;
    assert!(asked.body.contains("name=\"decision\""), "{}", asked.body);

    // Alone, a stranger is told, and finds where its makers mend it.
    let alone =
        server.signed_in("bob").await.open(&server.client("graces").asks("user-read-private").to_string()).await;
    assert!(!alone.assert_status(403).body.contains("<form method=\"post\" action=\"/dashboard"), "{}", alone.body);
    assert!(alone.body.contains(LIST) && alone.body.contains("is being tested"), "{}", alone.body);
}

#[tokio::test]
async fn strict_refuses_strangers_at_the_web_api_and_gives_no_token_for_other_apis() {
    let (server, mut grace) = with_grace().await;
    add(&mut grace, "ada@example.test").await;
    let apis = app("apis", ClientType::Confidential, Profile::Standard);
    server.add(&App { mode: Mode::Development, test_users: vec![user_id("ada")], ..apis }).await;
    let server = server.strict().await;
    for (name, status) in [("ada", 200), ("bob", 403)] {
        let tokens = log_in(&server, &mut server.signed_in(name).await, "graces").await;
        let answer = server.api("/v1/me", &tokens.access).await;
        answer.assert_status(status);
        let said = answer.body.contains("User not registered in the Developer Dashboard");
        assert_eq!(said, name == "bob");
        // An API beside ours looks at tokens by itself, and knows no list: none is made for it of strangers.
        let request = server.client("apis").request().with("resource", crate::actors::JWT_API);
        let page = server.signed_in(name).await.open(&request.to_string()).await;
        assert_eq!(page.body.contains("name=\"decision\""), name == "ada", "{}", page.body);
    }
}

#[tokio::test]
async fn a_link_signs_a_test_user_in_on_a_test_instance_alone() {
    let (server, mut grace) = with_grace().await;
    add(&mut grace, "ada@example.test").await;
    let page = grace.get(LIST).await;
    let link = page.body.split("href=\"").find(|rest| rest.contains("/dev/login/")).unwrap();
    let link = link.split('"').next().unwrap().to_owned();
    let mut other = server.browser();
    other.get(&link).await.assert_status(303);
    assert!(other.get("/account").await.body.contains("ada@example.test"));
    let forged = link.replace(&user_id("ada").to_string(), &user_id("bob").to_string());
    server.browser().get(&forged).await.assert_status(404);
    server.clock.advance(2 * 86_400);
    server.browser().get(&link).await.assert_status(404);
    let server = server.set_to(|settings| settings.test_mode = false).await;
    assert!(!server.signed_in("grace").await.get(LIST).await.body.contains("/dev/login/"));
    server.browser().get(&link).await.assert_status(404);
}
