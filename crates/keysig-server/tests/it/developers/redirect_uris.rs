//! Redirect URIs in the dashboard (screen D4).

use keysig_core::app::{App, ClientType, OpenIdSettings};
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::user::{Product, Role, User};
use keysig_store::{apps, audit, redirect_uris};

use crate::actors::{Answer, AuthorizeUrl, Browser, CHALLENGE, TestApp, app, app_id, unescape, user, user_id};

const PATH: &str = "/dashboard/apps/graces/redirect-uris";

/// Grace and her app, which may return to these.
async fn with_uris(uris: &[&str]) -> (TestApp, Browser) {
    let server = TestApp::new().await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let policy = Profile::Spotify.policy();
    let redirect_uris = uris.iter().map(|uri| RedirectUri::register(uri, &policy).unwrap()).collect();
    let graces = app("graces", ClientType::Confidential, Profile::Spotify);
    server.add(&App { owner: Some(user_id("grace")), redirect_uris, ..graces }).await;
    let grace = server.signed_in("grace").await;
    (server, grace)
}

async fn post(grace: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = grace.get(PATH).await.field("csrf");
    let answer = grace.post(path, &[&[("csrf", csrf.as_str())], fields].concat()).await;
    match answer.headers.get("location") {
        Some(location) => grace.get(location.to_str().unwrap()).await,
        None => answer,
    }
}

async fn add(grace: &mut Browser, uri: &str) -> Answer {
    post(grace, PATH, &[("uri", uri)]).await
}

#[tokio::test]
async fn each_mistake_has_its_words_and_its_remedy() {
    let (server, mut grace) = with_uris(&["https://peek.example/cb"]).await;
    for (typed, words, offered) in [
        (
            "http://localhost:8888/callback",
            "\"localhost\" is not accepted. Use 127.0.0.1 instead.",
            Some("http://127.0.0.1:8888/callback"),
        ),
        (
            "http://other.example/cb",
            "Needs https. Only 127.0.0.1 and [::1] may use http.",
            Some("https://other.example/cb"),
        ),
        (
            "http://192.168.1.2/cb",
            "Needs https. Only 127.0.0.1 and [::1] may use http.",
            Some("https://192.168.1.2/cb"),
        ),
        ("other.example/cb", "Start with https:// or http://127.0.0.1.", Some("https://other.example/cb")),
        (
            "https://other.example/cb` ",
            "There is an invisible or stray character at the end.",
            Some("https://other.example/cb"),
        ),
        (
            "https://other.example/cb\u{200b}",
            "There is an invisible or stray character at the end.",
            Some("https://other.example/cb"),
        ),
        ("https://other.example/cb#x", "Remove the part after #.", Some("https://other.example/cb")),
        ("https://*.other.example/cb", "Write each address out, stars are not supported.", None),
        ("https://ada:pw@other.example/cb", "Remove the sign-in part.", Some("https://other.example/cb")),
        ("https://other.example/a/../cb", "Write the path without \"..\".", Some("https://other.example/cb")),
        ("javascript:alert(1)", "This kind of address can't be used.", None),
        ("data:text/html,x", "This kind of address can't be used.", None),
        ("file:///etc/passwd", "This kind of address can't be used.", None),
        ("blob:https://other.example/1", "This kind of address can't be used.", None),
        ("https://peek.example/cb", "You already have this one.", None),
        ("", "Enter an address.", None),
    ] {
        let answer = add(&mut grace, typed).await;
        answer.assert_status(422);
        let page = unescape(&answer.body);
        assert!(page.contains(words), "{typed}: {page}");
        assert!(page.contains("<title>Error: "), "{typed}");
        assert!(page.contains(&format!("required value=\"{typed}\"")), "{typed}: what was typed is kept: {page}");
        match offered {
            Some(offered) => assert!(page.contains(&format!("name=\"uri\" value=\"{offered}\"")), "{typed}: {page}"),
            None => assert!(!page.contains("<button>Use"), "{typed}"),
        }
    }
    let kept = apps::by_id(&server.server.store, app_id("graces")).await.unwrap().unwrap();
    assert_eq!(kept.redirect_uris.len(), 1, "nothing refused was saved");
}

#[tokio::test]
async fn what_is_saved_is_said_with_what_is_to_be_known_of_it() {
    let (server, mut grace) = with_uris(&["https://peek.example/cb"]).await;
    for (uri, words) in [
        ("https://peek.example/other", "Saved."),
        (
            "https://peek.example/cb/",
            "Saved. You also have one without the last slash; they count as different addresses.",
        ),
        (
            "https://peek.example/CB",
            "Saved. You also have one in other letter case; they count as different addresses.",
        ),
        ("http://127.0.0.1/callback", "Saved. Matches any port on 127.0.0.1 (for command-line apps)."),
        (
            "myapp://callback",
            "Saved (Spotify's own phone samples use such names). Any app on a phone can claim <bdi>myapp:</bdi>; an https \
             app link or a reversed domain you own is safer.",
        ),
    ] {
        let answer = add(&mut grace, uri).await;
        answer.assert_status(200);
        assert!(unescape(&answer.body).contains(words), "{uri}: {}", answer.body);
    }
    let records = audit::of_app(&server.server.store, app_id("graces"), None, 50).await.unwrap();
    assert_eq!(records.len(), 5, "each is recorded");
    let events = grace.get("/dashboard/apps/graces/events").await;
    assert!(events.body.contains("myapp://callback") && events.body.contains("Grace"), "{}", events.body);
}

#[tokio::test]
async fn the_twenty_first_is_refused() {
    let uris: Vec<String> = (0..20).map(|n| format!("https://peek.example/{n}")).collect();
    let (_, mut grace) = with_uris(&uris.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let answer = add(&mut grace, "https://peek.example/20").await;
    answer.assert_status(422);
    assert!(unescape(&answer.body).contains("You can have 20; remove one you don't use."));
}

#[tokio::test]
async fn an_address_works_from_the_moment_it_is_saved_until_it_is_removed() {
    let (server, mut grace) = with_uris(&["https://peek.example/cb"]).await;
    let request = AuthorizeUrl::of("graces").with("redirect_uri", "https://peek.example/new");
    let mut browser = server.signed_in("ada").await;
    browser.get(&request.to_string()).await.assert_status(400);
    add(&mut grace, "https://peek.example/new").await.assert_status(200);
    assert_ne!(browser.get(&request.to_string()).await.status, 400);
    let removed = post(&mut grace, &format!("{PATH}/remove"), &[("uri", "https://peek.example/new")]).await;
    assert!(removed.body.contains("Removed."));
    browser.get(&request.to_string()).await.assert_status(400);
}

#[tokio::test]
async fn an_address_in_use_and_the_last_one_are_removed_only_by_whoever_is_sure() {
    let (server, mut grace) = with_uris(&["https://peek.example/cb", "http://127.0.0.1/callback"]).await;
    let request = AuthorizeUrl::of("graces").with("code_challenge", CHALLENGE).with("code_challenge_method", "S256");
    server.signed_in("ada").await.code(&request).await;
    let used = || redirect_uris::of_app(&server.server.store, app_id("graces"));
    for _ in 0..200 {
        if used().await.unwrap()[1].1.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(used().await.unwrap()[1].1, Some(server.server.now()), "the address it matched by any port");
    let remove = format!("{PATH}/remove");
    let asked = post(&mut grace, &remove, &[("uri", "http://127.0.0.1/callback")]).await;
    assert!(asked.body.contains("in the last 30 days"), "{}", asked.body);
    assert_eq!(used().await.unwrap().len(), 2);
    post(&mut grace, &remove, &[("uri", "http://127.0.0.1/callback"), ("sure", "yes")]).await;
    assert_eq!(used().await.unwrap().len(), 1);
    let asked = post(&mut grace, &remove, &[("uri", "https://peek.example/cb")]).await;
    assert!(asked.body.contains("It is the only one."), "{}", asked.body);
    post(&mut grace, &remove, &[("uri", "https://peek.example/cb"), ("sure", "yes")]).await;
    assert_eq!(used().await.unwrap().len(), 0);
}

#[tokio::test]
async fn what_is_framed_at_a_sign_out_goes_with_the_last_address_of_its_host() {
    let (server, mut grace) = with_uris(&["https://peek.example/cb"]).await;
    let store = &server.server.store;
    let openid = OpenIdSettings {
        frontchannel_logout_uri: Some("https://old.example/out".to_owned()),
        ..OpenIdSettings::default()
    };
    let policy = Profile::Standard.policy();
    let redirect_uris = ["https://old.example/cb", "https://new.example/cb"];
    let redirect_uris = redirect_uris.map(|uri| RedirectUri::register(uri, &policy).unwrap()).to_vec();
    let framed = app("framed", ClientType::Confidential, Profile::Standard);
    server.add(&App { owner: Some(user_id("grace")), openid, redirect_uris, ..framed }).await;
    let frame =
        || async { apps::by_id(store, app_id("framed")).await.unwrap().unwrap().openid.frontchannel_logout_uri };
    let remove = "/dashboard/apps/framed/redirect-uris/remove";
    let asked = post(&mut grace, remove, &[("uri", "https://old.example/cb")]).await;
    assert!(asked.body.contains("It is removed with it."), "{}", asked.body);
    assert!(frame().await.is_some());
    post(&mut grace, remove, &[("uri", "https://old.example/cb"), ("sure", "yes")]).await;
    assert_eq!(frame().await, None);
}

#[tokio::test]
async fn a_pasted_address_is_told_which_rule_it_meets() {
    let (_, mut grace) = with_uris(&["https://peek.example/cb", "http://127.0.0.1/callback"]).await;
    let test = format!("{PATH}/test");
    let whole = "http://127.0.0.1:8080/authorize?client_id=graces&redirect_uri=https%3A%2F%2Fpeek.example%2Fcb&state=x";
    for (pasted, words) in [
        ("https://peek.example/cb", "It matches: it is registered just so."),
        (whole, "It matches: it is registered just so."),
        ("http://127.0.0.1:3000/callback", "It matches: the port is free."),
        ("https://peek.example/cb/", "<code>https://peek.example/cb<mark>/</mark></code>"),
        ("http://localhost:3000/callback", "\"localhost\" is not accepted. Use 127.0.0.1 instead."),
    ] {
        let answer = post(&mut grace, &test, &[("uri", pasted)]).await;
        answer.assert_status(200);
        assert!(unescape(&answer.body).contains(words), "{pasted}: {}", answer.body);
    }
}

#[tokio::test]
async fn people_are_asked_again_where_an_app_returns_to_another_host() {
    let (server, mut grace) = with_uris(&["https://peek.example/cb"]).await;
    let to = |uri: &str| AuthorizeUrl::of("graces").with("redirect_uri", uri);
    let mut ada = server.signed_in("ada").await;
    ada.code(&to("https://peek.example/cb")).await;
    let asked = |page: &Answer| page.body.contains("name=\"decision\"");
    assert!(!asked(&ada.open(&to("https://peek.example/cb").to_string()).await), "what was allowed is remembered");
    add(&mut grace, "https://evil.example/cb").await.assert_status(200);
    assert!(asked(&ada.open(&to("https://evil.example/cb").to_string()).await));
}
