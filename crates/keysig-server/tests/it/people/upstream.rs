//! Signing in by an account elsewhere: the good ways.

use keysig_core::grant::Amr;
use keysig_core::user::canonical_email;
use keysig_store::{account_events, sessions, upstream, users};
use serde_json::json;

use crate::actors::{Browser, TestApp, parameters, user_id};
use crate::provider::{FakeProvider, Sent, with_openid, with_providers};

/// The session a browser is in.
pub async fn amr_of(browser: &Browser, name: &str) -> Amr {
    let cookie = keysig_core::encoding::base64url_decode(&browser.jar["sid"]).unwrap();
    let id = keysig_core::id::SessionId::from_slice(&cookie[..16]).unwrap();
    let user = users::by_identifier(&browser.app.server.store, &canonical_email(name)).await.unwrap().unwrap().0;
    sessions::find(&browser.app.server.store, user.id, id).await.unwrap().unwrap().amr
}

#[tokio::test]
async fn somebody_new_makes_an_account_goes_on_to_the_app_and_next_time_just_signs_in() {
    let (app, provider) = with_openid().await;
    let web = app.client("web");
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "example", &web.request().to_string()).await;
    assert!(page.body.contains("value=\"sign-up\"") && page.body.contains("new@example.test"), "{}", page.body);
    assert!(!browser.is_signed_in().await, "nothing is done before they say so");
    assert_eq!(page.field("display_name"), "Ada There");
    let consent = browser.decides(&page, "sign-up").await;
    assert!(consent.body.contains("name=\"decision\" value=\"allow\""), "{}", consent.body);
    let callback = browser.decide(&consent, "allow").await.destination();
    web.exchange(&parameters(&callback)["code"]).await.assert_status(200);
    let (user, hash) =
        users::by_identifier(&app.server.store, "new@example.test").await.unwrap().expect("there is an account");
    assert!(user.email_verified && !hash.is_set());
    assert_eq!(amr_of(&browser, "new@example.test").await, Amr::UPSTREAM);
    let events = account_events::latest(&app.server.store, user.id, 9).await.unwrap();
    assert!(events.iter().any(|event| event.event.name() == "upstream-linked" && event.about == "Example ID"));

    let mut again = app.browser();
    provider.set().person["email"] = json!("moved@example.test");
    let page = again.comes_by(&provider, "example", &web.request().to_string()).await;
    let callback = page.destination();
    assert!(parameters(&callback).contains_key("code"), "signed in and remembered: {callback}");
    let mut alone = app.browser();
    alone.comes_by(&provider, "example", "/login").await.assert_status(200);
    assert!(alone.is_signed_in().await);
}

#[tokio::test]
async fn what_is_asked_of_a_provider_is_bound_to_this_journey() {
    let (app, provider) = with_openid().await;
    let mut browser = app.browser();
    let first = browser.leaves_for("example", "/login").await;
    let second = browser.leaves_for("example", "/login").await;
    assert!(first.starts_with(&format!("{}/authorize?", provider.issuer)));
    let (first, second) = (Sent::read(&first), Sent::read(&second));
    for name in ["state", "nonce", "code_challenge"] {
        assert!(first.get(name).len() >= 20 && first.get(name) != second.get(name), "{name}");
    }
    assert_eq!(first.get("scope"), "openid profile email");
    assert!(first.get("redirect_uri").ends_with("/login/upstream/example/callback"));
    assert!(!first.get("state").contains(first.get("nonce")), "sealed");
}

#[tokio::test]
async fn who_must_sign_in_again_must_do_so_there() {
    let (app, provider) = with_openid().await;
    let mut ada = app.signed_in("ada").await;
    let request = app.client("standard").request().with("scope", "openid").with("prompt", "login");
    let address = ada.leaves_for("example", &request.to_string()).await;
    assert_eq!(Sent::read(&address).get("prompt"), "login");
    let usual = app.browser().leaves_for("example", "/login").await;
    assert_eq!(Sent::read(&usual).get("prompt"), "");
    drop(provider);
}

#[tokio::test]
async fn a_provider_like_github_signs_people_in() {
    let app = TestApp::new().await;
    let provider = FakeProvider::start(&app.clock).await;
    let app = with_providers(app, vec![provider.github()]).await;
    provider.set().names_itself = false;
    provider.set().person = json!({ "id": 583_231, "login": "octo", "email": "shown@example.test" });
    provider.set().emails = json!([
        { "email": "shown@example.test", "primary": false, "verified": true },
        { "email": "Octo@Example.test", "primary": true, "verified": true },
    ]);
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "github", "/login").await;
    assert!(page.body.contains("value=\"sign-up\"") && page.body.contains("octo@example.test"), "{}", page.body);
    browser.decides(&page, "sign-up").await;
    assert!(browser.is_signed_in().await);
    let realm = provider.github().realm().to_owned();
    assert!(upstream::find(&app.server.store, &realm, "583231").await.unwrap().is_some());
    let heard = provider.set().heard.iter().map(|(path, ..)| path.clone()).collect::<Vec<_>>();
    assert_eq!(heard, ["/token", "/user", "/emails"]);
    let (_, authorization, body) = provider.set().heard.remove(0);
    assert!(authorization.is_empty() && body.contains("client_secret=s3cret") && body.contains("code_verifier="));
    let mut again = app.browser();
    provider.set().person = json!({ "id": 583_231, "login": "renamed" });
    again.comes_by(&provider, "github", "/login").await;
    assert!(again.is_signed_in().await);
}

#[tokio::test]
async fn a_provider_like_spotify_is_linked_by_who_has_both_accounts() {
    let app = TestApp::new().await;
    let provider = FakeProvider::start(&app.clock).await;
    let app = with_providers(app, vec![provider.spotify()]).await;
    provider.set().person = json!({ "id": "ada31", "display_name": "Ada", "email": "ada@example.test" });
    let web = app.client("web");
    let mut browser = app.browser();
    let page = browser.comes_by(&provider, "spotify", &web.request().to_string()).await;
    assert!(
        page.body.contains("Spotify is not linked yet".replace("Spotify", "<bdi>Spotify</bdi>").as_str()),
        "{}",
        page.body
    );
    let login = browser.decides(&page, "sign-in").await;
    let page = browser.fill_in(&login, "ada@example.test", crate::actors::PASSWORD).await;
    assert!(page.body.contains("value=\"link\"") && page.body.contains("Ada"), "{}", page.body);
    let realm = provider.spotify().realm().to_owned();
    assert!(upstream::find(&app.server.store, &realm, "ada31").await.unwrap().is_none(), "not before they say so");
    let consent = browser.decides(&page, "link").await;
    assert!(consent.body.contains("value=\"allow\""), "the request is still there: {}", consent.body);
    assert_eq!(upstream::find(&app.server.store, &realm, "ada31").await.unwrap().unwrap().user, user_id("ada"));
    let mut again = app.browser();
    again.comes_by(&provider, "spotify", "/login").await;
    assert_eq!(amr_of(&again, "ada@example.test").await, Amr::UPSTREAM);
    assert!(provider.set().heard[0].1.starts_with("Basic "));
}

#[tokio::test]
async fn keysig_signs_in_by_keysig() {
    use keysig_core::app::{App, ClientType};
    use keysig_core::profile::Profile;
    use keysig_core::redirect_uri::RedirectUri;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let elsewhere = TestApp::new().await.on(&issuer).await;
    let callback = format!("{}/login/upstream/example/callback", crate::actors::ISSUER);
    let client = crate::actors::app("keysig", ClientType::Confidential, Profile::Standard);
    let redirect_uris = vec![RedirectUri::register(&callback, &Profile::Standard.policy()).unwrap()];
    elsewhere.add(&App { redirect_uris, ..client }).await;
    let router = elsewhere.router();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let app = TestApp::with_seed(9).await;
    let mut provider = FakeProvider::start(&app.clock).await.openid();
    provider.kind = keysig_server::upstream::Kind::OpenId { issuer };
    provider.client_secret = keysig_core::secret::Secret::new("keysig-secret".to_owned());
    let app = with_providers(app, vec![provider]).await;
    let mut here = app.browser();
    let mut there = elsewhere.signed_in("bob").await;
    let address = here.leaves_for("example", "/login").await;
    let path = address.split_once("/authorize").map(|(_, query)| format!("/authorize{query}")).unwrap();
    let asked = there.open(&path).await;
    let back = there.decide(&asked, "allow").await.destination();
    let page = here.open(back.strip_prefix(crate::actors::ISSUER).unwrap()).await;
    assert!(
        page.body.contains("You already have an account") && page.body.contains("bob@example.test"),
        "{}",
        page.body
    );
}
