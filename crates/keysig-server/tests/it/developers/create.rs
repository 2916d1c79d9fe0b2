//! A new app in three answers, and its quickstart.

use keysig_core::app::{ClientType, Mode};
use keysig_core::audit::AuditAction;
use keysig_core::profile::Profile;
use keysig_core::secret::Secret;
use keysig_core::user::{Product, Role, User};
use keysig_store::audit;

use crate::actors::{Answer, AuthorizeUrl, Browser, TestApp, unescape, user};

const ANSWERS: [(&str, &str); 4] = [
    ("name", "Playlist Peek"),
    ("kind", "web"),
    ("redirect_uri", "http://127.0.0.1:8888/callback"),
    ("profile", "spotify"),
];

async fn with_grace() -> (TestApp, Browser) {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let grace = server.signed_in("grace").await;
    (server, grace)
}

/// Posts the form of this page with these answers in place of the usual ones.
async fn answer(browser: &mut Browser, page: &Answer, instead: &[(&str, &str)]) -> Answer {
    let (csrf, key) = (page.field("csrf"), page.field("key"));
    let usual = ANSWERS.iter().filter(|(name, _)| instead.iter().all(|(other, _)| other != name));
    let fields: Vec<_> = [("csrf", csrf.as_str()), ("key", key.as_str())].into_iter().chain(usual.copied()).collect();
    browser.post("/dashboard/new", &[&fields, instead].concat()).await
}

async fn create(browser: &mut Browser, instead: &[(&str, &str)]) -> Answer {
    let page = browser.get("/dashboard/new").await;
    page.assert_status(200);
    answer(browser, &page, instead).await
}

/// The text of the element with this id.
fn text(page: &Answer, id: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("id=\"{id}\">"))?;
    Some(unescape(rest.split("</code>").next().unwrap()))
}

#[tokio::test]
async fn three_answers_make_an_app_whose_secret_is_shown_once() {
    let (server, mut grace) = with_grace().await;
    let made = create(&mut grace, &[]).await;
    made.assert_status(200);
    let (client_id, secret) = (text(&made, "client-id").unwrap(), text(&made, "client-secret").unwrap());
    assert!(text(&made, "commands").unwrap().contains(&format!("export CLIENT_SECRET='{secret}'")));

    let app = server.server.app(&client_id).await.unwrap().unwrap();
    let owner = grace_id(&server).await;
    assert_eq!((app.name.as_str(), app.owner, app.mode), ("Playlist Peek", Some(owner), Mode::Development));
    assert_eq!((app.profile, app.client_type), (Profile::Spotify, ClientType::Confidential));
    assert_eq!(app.secrets[0].hash.as_bytes(), Secret::new(secret.clone()).hash().as_bytes());
    let records = audit::of_app(&server.server.store, app.id, None, 10).await.unwrap();
    let told: Vec<_> = records.iter().map(|record| (record.action, record.actor, record.about.as_str())).collect();
    assert_eq!(told, [(AuditAction::AppCreated, Some(owner), "Playlist Peek")]);

    let later = grace.get(&format!("/dashboard/apps/{client_id}")).await;
    later.assert_status(200);
    assert!(!later.body.contains(&secret));
    let listed = grace.get("/dashboard").await;
    assert!(listed.body.contains(&format!("/dashboard/apps/{client_id}\"")));
}

async fn grace_id(server: &TestApp) -> keysig_core::id::UserId {
    let found = keysig_store::users::by_identifier(&server.server.store, "grace@example.test").await.unwrap();
    found.unwrap().0.id
}

#[tokio::test]
async fn what_runs_in_people_s_hands_has_no_secret() {
    let (server, mut grace) = with_grace().await;
    for kind in ["browser", "terminal"] {
        let made = create(&mut grace, &[("kind", kind)]).await;
        made.assert_status(200);
        assert_eq!(text(&made, "client-secret"), None);
        let app = server.server.app(&text(&made, "client-id").unwrap()).await.unwrap().unwrap();
        assert_eq!((app.client_type, app.secrets.len()), (ClientType::Public, 0));
    }
}

#[tokio::test]
async fn an_app_speaks_openid_connect_where_that_is_chosen() {
    let (server, mut grace) = with_grace().await;
    let page = grace.get("/dashboard/new?profile=standard").await;
    assert_eq!(page.field("profile"), "standard");
    let made = answer(&mut grace, &page, &[("profile", "standard")]).await;
    let app = server.server.app(&text(&made, "client-id").unwrap()).await.unwrap().unwrap();
    assert_eq!(app.profile, Profile::Standard);
    assert!(text(&made, "program").unwrap().contains("openid profile"));
}

#[tokio::test]
async fn a_wrong_answer_is_named_and_everything_typed_is_kept() {
    let (_server, mut grace) = with_grace().await;
    for (name, typed, words) in [
        ("name", "", "Give your app a name"),
        ("name", "Demo Mus\u{456}c", "People could take this name for another one"),
        ("kind", "fridge", "Say what kind of app it is"),
        ("redirect_uri", "", "Start with https:// or http://127.0.0.1."),
        ("redirect_uri", "http://localhost:8888/callback", "is not accepted. Use 127.0.0.1 instead."),
        ("redirect_uri", "http://192.168.0.7/cb", "Needs https. Only 127.0.0.1 and [::1] may use http."),
        ("redirect_uri", "javascript:alert(1)", "This kind of address can&#39;t be used."),
    ] {
        let again = create(&mut grace, &[(name, typed)]).await;
        again.assert_status(422);
        assert!(again.body.contains(words), "{words}: {}", again.body);
        assert!(again.body.contains("<title>Error: Create an app"));
        assert_eq!(again.field("redirect_uri"), if name == "redirect_uri" { typed } else { ANSWERS[2].1 });
        assert_eq!(again.field("name"), if name == "name" { typed } else { "Playlist Peek" });
    }
    assert!(grace.get("/dashboard").await.body.contains("Create your first app"), "nothing was made");
}

#[tokio::test]
async fn a_double_click_makes_one_app_and_a_late_one_tells_no_secret() {
    let (server, mut grace) = with_grace().await;
    let page = grace.get("/dashboard/new").await;
    let first = answer(&mut grace, &page, &[]).await;
    let second = answer(&mut grace, &page, &[]).await;
    assert_eq!(text(&first, "client-id"), text(&second, "client-id"));
    assert_eq!(text(&first, "client-secret"), text(&second, "client-secret"));

    server.clock.advance(11);
    let late = answer(&mut grace, &page, &[]).await;
    let client_id = text(&first, "client-id").unwrap();
    assert_eq!(late.header("location"), format!("/dashboard/apps/{client_id}?done=made-before"));
    let told = grace.get(late.header("location")).await;
    assert!(told.body.contains("Your first click made this app already"));
}

#[tokio::test]
async fn a_form_of_another_page_makes_no_app() {
    let (_server, mut grace) = with_grace().await;
    let page = grace.get("/dashboard/new").await;
    let forged = grace.post("/dashboard/new", &[("csrf", "x"), ("key", &page.field("key")), ANSWERS[0]]).await;
    forged.assert_status(403);
}

#[tokio::test]
async fn the_quickstart_says_whether_the_first_login_worked() {
    let (server, mut grace) = with_grace().await;
    let made = create(&mut grace, &[]).await;
    let client_id = text(&made, "client-id").unwrap();
    let path = format!("/dashboard/apps/{client_id}");
    assert!(grace.get(&path).await.body.contains("Waiting for your first login…"));
    let broken = AuthorizeUrl::of(&client_id).with("redirect_uri", "https://elsewhere.example/");
    grace.get(&broken.to_string()).await.assert_status(400);
    let inspector = format!("{path}/inspector\"");
    assert!(grace.get(&path).await.body.contains("The latest request of your app was refused."));
    assert!(grace.get(&path).await.body.contains(&inspector));
    let listed = grace.get("/dashboard").await.body;
    assert!(listed.contains(&format!("{inspector}>1</a>")), "{listed}");
    server.clock.advance(1);
    grace.allow(&AuthorizeUrl::of(&client_id)).await;
    assert!(grace.get(&path).await.body.contains("It worked: 1 person"));
}

#[tokio::test]
async fn programs_carry_the_app_s_own_values() {
    let (_server, mut grace) = with_grace().await;
    for (instead, marks) in [
        (vec![], vec!["SpotifyOAuth", "http://127.0.0.1:8888/callback"]),
        (vec![("kind", "browser"), ("redirect_uri", "http://127.0.0.1/cb")], vec!["PKCE", "http://127.0.0.1:8888/cb"]),
        (vec![("redirect_uri", "https://peek.example/cb")], vec!["http://127.0.0.1:8888/callback"]),
    ] {
        let made = create(&mut grace, &instead).await;
        let client_id = text(&made, "client-id").unwrap();
        for tab in ["curl", "python", "javascript", "rust", "go", "button"] {
            let page = grace.get(&format!("/dashboard/apps/{client_id}?tab={tab}")).await;
            let program = text(&page, "program").unwrap();
            assert!(program.contains(&client_id) && program.contains("http://127.0.0.1:8080"), "{tab}: {program}");
            assert!(program.contains(marks.last().unwrap()), "{tab}: {program}");
            assert!(tab != "python" || program.contains(marks[0]), "{program}");
            let warns = instead.iter().any(|(_, value)| value.starts_with("https"));
            assert_eq!(page.body.contains("This app has no redirect URI on your own machine"), warns);
        }
    }
}
