//! What an app says of itself, and its logo (screen D12).

use axum::body::Body;
use http::Request;
use http::header::{CONTENT_TYPE, COOKIE};
use keysig_core::app::{App, ClientType, KeepsData, Review, Standing};
use keysig_core::audit::AuditAction;
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_store::{apps, audit};
use tower::ServiceExt;

use crate::actors::{Answer, Browser, TestApp, app, app_id, unescape, user, user_id};
use crate::pictures;

const PATH: &str = "/dashboard/apps/graces/profile";
const GOOD: [(&str, &str); 8] = [
    ("name", "Playlist Peek"),
    ("description", "Shows what is in your playlists."),
    ("homepage", "https://peek.example/"),
    ("privacy", "https://peek.example/privacy"),
    ("terms", "https://peek.example/terms"),
    ("support", "https://peek.example/help"),
    ("keeps", "days"),
    ("days", "30"),
];

/// Grace and her app.
async fn graces() -> (TestApp, Browser) {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let graces = app("graces", ClientType::Confidential, Profile::Spotify);
    server.add(&App { owner: Some(user_id("grace")), ..graces }).await;
    let grace = server.signed_in("grace").await;
    (server, grace)
}

async fn kept(server: &TestApp) -> App {
    apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap()
}

async fn save(grace: &mut Browser, changed: &[(&str, &str)]) -> Answer {
    let csrf = grace.get(PATH).await.field("csrf");
    let mut fields = vec![("csrf", csrf.as_str())];
    fields.extend(GOOD.map(|(name, value)| {
        let changed = changed.iter().find(|(other, _)| *other == name);
        changed.copied().unwrap_or((name, value))
    }));
    grace.post(PATH, &fields).await
}

/// Sends a file as a browser does.
pub async fn send_logo(browser: &mut Browser, path: &str, file: &[u8], filename: &str, said: &str) -> Answer {
    let csrf = browser.get(path).await.field("csrf");
    upload(browser, path, &csrf, file, filename, said).await
}

pub async fn upload(browser: &mut Browser, path: &str, csrf: &str, file: &[u8], filename: &str, said: &str) -> Answer {
    let line = "----a-line-between";
    let mut body = format!("--{line}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n").into_bytes();
    let begin = format!(
        "--{line}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\nContent-Type: {said}\r\n\r\n"
    );
    body.extend_from_slice(begin.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{line}--\r\n").as_bytes());
    let cookies: Vec<_> = browser.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let request = Request::post(format!("{path}/logo"))
        .header(CONTENT_TYPE, format!("multipart/form-data; boundary={line}"))
        .header("sec-fetch-site", "same-origin")
        .header(COOKIE, cookies.join("; "));
    browser.app.send(request.body(Body::from(body)).unwrap()).await
}

/// A logo as anybody gets it.
pub async fn fetch(server: &TestApp, path: &str) -> http::Response<Vec<u8>> {
    let answer = server.router().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    http::Response::from_parts(parts, axum::body::to_bytes(body, 1 << 20).await.unwrap().to_vec())
}

#[tokio::test]
async fn what_an_app_says_is_saved_and_recorded_and_people_read_it() {
    let (server, mut grace) = graces().await;
    assert_eq!(save(&mut grace, &[]).await.header("location"), format!("{PATH}?done=saved"));
    let app = kept(&server).await;
    assert_eq!((app.name.as_str(), app.homepage.as_deref()), ("Playlist Peek", Some("https://peek.example/")));
    assert_eq!(app.about.description.as_deref(), Some("Shows what is in your playlists."));
    assert_eq!(app.about.terms_url.as_deref(), Some("https://peek.example/terms"));
    assert_eq!(app.about.support_url.as_deref(), Some("https://peek.example/help"));
    assert_eq!(app.consent.privacy_url.as_deref(), Some("https://peek.example/privacy"));
    assert_eq!(app.consent.keeps_data, Some(KeepsData::Days(30)));
    let page = grace.get(&format!("{PATH}?done=saved")).await;
    for (_, value) in GOOD {
        assert!(page.body.contains(value), "{value} is in the form again");
    }
    let records = audit::of_app(&server.server.store, app_id("graces"), None, 50).await.unwrap();
    assert_eq!(records[0].action, AuditAction::AppProfileChanged);
    assert!(records[0].about.contains("(was: Peek graces)"), "{}", records[0].about);
    save(&mut grace, &[]).await;
    let after = audit::of_app(&server.server.store, app_id("graces"), None, 50).await.unwrap();
    assert_eq!(after.len(), records.len(), "what changes nothing is no change");
    let consent = server.signed_in("ada").await.open(&server.client("graces").request().with_pkce().to_string()).await;
    assert!(consent.body.contains("Playlist Peek") && consent.body.contains("https://peek.example/privacy"));
}

#[tokio::test]
async fn each_field_has_its_words_and_what_was_typed_is_kept() {
    let (server, mut grace) = graces().await;
    let long = format!("https://peek.example/{}", "a".repeat(500));
    let wordy = "ä".repeat(301);
    for (field, typed, words) in [
        ("name", "", "Enter a name of 1 to 80 characters, none of them invisible."),
        ("name", "Peek\u{202e}", "Enter a name of 1 to 80 characters, none of them invisible."),
        ("name", "Sp\u{43e}t", "This may be taken for another name."),
        ("description", wordy.as_str(), "This is too long."),
        ("description", "a\u{200b}b", "There is a character in it that nobody sees."),
        ("homepage", "http://peek.example/", "The address must begin with https://."),
        ("privacy", "javascript:alert(1)", "Enter a whole address, such as https://peek.example/."),
        ("terms", "https://peek.example@evil.example/", "Remove the sign-in part in front of the host."),
        ("support", long.as_str(), "This is too long."),
        ("days", "-1", "Enter a number of days, 1 to 3650."),
    ] {
        let answer = save(&mut grace, &[(field, typed)]).await;
        let page = unescape(&answer.assert_status(422).body);
        assert!(page.contains(words), "{field}: {page}");
        assert!(page.contains(&format!("id=\"{field}-error\"")), "{field} has its own words");
        assert!(page.contains(typed), "{field}: what was typed is kept");
        for (other, value) in GOOD {
            assert!(other == field || page.contains(value), "{field}: {other} is kept");
        }
    }
    assert_eq!(kept(&server).await.name, "Peek graces", "nothing refused was saved");
}

#[tokio::test]
async fn the_name_of_the_service_is_nobody_s() {
    let (_, mut grace) = graces().await;
    let brand = grace.app.server.live().brand.clone();
    save(&mut grace, &[("name", &brand)]).await.assert_status(422);
}

#[tokio::test]
async fn a_name_that_reads_like_a_reviewed_app_s_is_refused() {
    let (server, mut grace) = graces().await;
    let known = App { name: "Train Tunes".to_owned(), ..app("known", ClientType::Confidential, Profile::Spotify) };
    let review = Some(Review { at: server.server.now(), of: known.reviewable() });
    server.add(&App { standing: Standing { review, ..Standing::default() }, ..known }).await;
    for name in ["Train Tunes", "train-tunes", "Tra1n Tunes"] {
        let answer = save(&mut grace, &[("name", name)]).await;
        assert!(answer.assert_status(422).body.contains("of a reviewed app"), "{name}: {}", answer.body);
    }
    let new = grace.get("/dashboard/new").await;
    let fields = [("csrf", new.field("csrf")), ("key", new.field("key"))];
    let mut fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend([("name", "Train Tunes"), ("kind", "web"), ("redirect_uri", "https://peek.example/cb")]);
    grace.post("/dashboard/new", &fields).await.assert_status(422);
    save(&mut grace, &[("name", "Tram Tunes")]).await.assert_status(303);
}

#[tokio::test]
async fn a_logo_is_drawn_anew_and_shown_wherever_the_app_is() {
    let (server, mut grace) = graces().await;
    let file = pictures::png(400, 100);
    let sent = send_logo(&mut grace, PATH, &file, "logo.svg", "image/svg+xml").await;
    assert_eq!(sent.header("location"), format!("{PATH}?done=logo"), "what it is counts, not what it is called");
    let logo = kept(&server).await.about.logo.unwrap();
    let path = format!("/logo/{logo}.png");
    let picture = fetch(&server, &path).await;
    assert_eq!(picture.status().as_u16(), 200);
    let header = |name| picture.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").contains("sandbox") && header("cache-control").contains("immutable"));
    assert_ne!(picture.body(), &file);
    let shown = format!("src=\"{path}\" alt=\"\" width=\"48\" height=\"48\"");
    let request = server.client("graces").request().with_pkce().to_string();
    let mut ada = server.browser();
    let login = ada.open(&request).await;
    assert!(login.body.contains(&shown), "at the sign-in: {}", login.body);
    let consent = ada.fill_in(&login, "ada@example.test", crate::actors::PASSWORD).await;
    assert!(consent.body.contains(&shown), "at consent");
    ada.decide(&consent, "allow").await;
    assert!(ada.get("/account/apps").await.body.contains(&shown), "under Connected apps");
    assert!(grace.get("/dashboard").await.body.contains(&shown) && grace.get(PATH).await.body.contains(&shown));
    let csrf = grace.get(PATH).await.field("csrf");
    grace.post(&format!("{PATH}/logo/remove"), &[("csrf", &csrf)]).await.assert_status(303);
    assert_eq!(kept(&server).await.about.logo, None);
    assert_eq!(fetch(&server, &path).await.status().as_u16(), 404);
    assert!(!ada.get("/account/apps").await.body.contains("/logo/"));
}

#[tokio::test]
async fn a_logo_comes_as_png_jpeg_or_webp() {
    let (server, mut grace) = graces().await;
    let mut before = None;
    for file in [pictures::png(30, 20), pictures::jpeg(30, 20), pictures::webp(20, 30)] {
        send_logo(&mut grace, PATH, &file, "logo", "application/octet-stream").await.assert_status(303);
        let logo = kept(&server).await.about.logo;
        assert!(logo.is_some() && logo != before, "another picture has another address");
        before = logo;
    }
}

#[tokio::test]
async fn people_are_asked_again_when_a_logo_is_there_that_they_did_not_see() {
    let (server, mut grace) = graces().await;
    let request = server.client("graces").request().with_pkce();
    let mut ada = server.signed_in("ada").await;
    ada.code(&request).await;
    let asks = |page: &Answer| page.body.contains("name=\"decision\"");
    assert!(!asks(&ada.open(&request.to_string()).await), "it was agreed to");
    send_logo(&mut grace, PATH, &pictures::png(64, 64), "logo.png", "image/png").await.assert_status(303);
    let page = ada.open(&request.to_string()).await;
    assert!(asks(&page), "with another face it is asked about anew");
    ada.decide(&page, "allow").await;
    assert!(!asks(&ada.open(&request.to_string()).await));
    let csrf = grace.get(PATH).await.field("csrf");
    grace.post(&format!("{PATH}/logo/remove"), &[("csrf", &csrf)]).await.assert_status(303);
    assert!(!asks(&ada.open(&request.to_string()).await), "less than was seen is nothing new");
}

#[tokio::test]
async fn a_form_that_another_page_sends_changes_nothing() {
    let (server, mut grace) = graces().await;
    let file = pictures::png(8, 8);
    upload(&mut grace, PATH, "guessed", &file, "a.png", "image/png").await.assert_status(403);
    let mut bob = server.signed_in("bob").await;
    upload(&mut bob, PATH, "guessed", &file, "a.png", "image/png").await.assert_status(303);
    let mut nobody = server.browser();
    let answer = upload(&mut nobody, PATH, "x", &file, "a.png", "image/png").await;
    assert_eq!(answer.header("location"), "/login");
    assert_eq!(kept(&server).await.about.logo, None);
}

#[tokio::test]
async fn only_this_form_may_be_as_large_as_a_picture() {
    let (_, mut grace) = graces().await;
    let large = vec![0_u8; 512 * 1024 + 1];
    let answer = send_logo(&mut grace, PATH, &large, "a.png", "image/png").await;
    assert!(answer.assert_status(413).body.contains("The file is larger than 512 kB."), "{}", answer.body);
    let answer = send_logo(&mut grace, PATH, &vec![0; 17 << 20], "a.png", "image/png").await;
    assert!(answer.assert_status(413).body.contains("The file is larger than 512 kB."), "{}", answer.body);
    save(&mut grace, &[("description", &"a".repeat(100 * 1024))]).await.assert_status(400);
}
