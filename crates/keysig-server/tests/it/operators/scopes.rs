//! The scopes: made with words in every language, never silently widened, never reused.

use keysig_core::user::Role;
use keysig_server::actions::{Actor, scopes};

use super::{at_work, submit};
use crate::actors::TestApp;

const WORDS: [(&str, &str); 6] = [
    ("title.en", "Your radio stations"),
    ("detail.en", "Which you follow"),
    ("title.de", "Ihre Sender"),
    ("detail.de", "Welchen Sie folgen"),
    ("title.ar", "محطاتك"),
    ("detail.ar", "التي تتابعها"),
];

fn new<'a>(name: &'a str, words: &'a [(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [("name", name), ("group", "see"), ("risk", "S")].into_iter().chain(words.iter().copied()).collect()
}

#[tokio::test]
async fn a_scope_without_words_in_every_language_is_refused_and_the_languages_named() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let page = submit(&mut olga, "/admin/scopes/new", &new("radio-read", &WORDS[..2])).await;
    assert!(page.assert_status(422).body.contains("title and detail are missing in: de, ar"), "{}", page.body);
    assert!(page.body.contains("value=\"Your radio stations\""), "what was typed stays");
    assert_eq!(app.server.scopes().find("radio-read"), None);
}

#[tokio::test]
async fn a_new_scope_can_be_asked_for_at_once_and_is_told_of() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    submit(&mut olga, "/admin/scopes/new", &new("radio-read", &WORDS)).await.assert_status(303);
    let discovery = app.browser().get("/.well-known/openid-configuration").await;
    assert!(discovery.body.contains("radio-read"));
    let request = app.client("web").request().with("scope", "radio-read");
    let page = app.signed_in("ada").await.open(&request.to_string()).await;
    assert!(page.assert_status(200).body.contains("Your radio stations"), "{}", page.body);
    let number = app.server.scopes().find("radio-read").unwrap();
    let app = app.restart().await;
    assert_eq!(app.server.scopes().find("radio-read"), Some(number), "its number is stable");
}

#[tokio::test]
async fn the_preview_is_the_consent_page_and_saves_nothing() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let mut fields = new("radio-read", &WORDS);
    fields.push(("preview", "de"));
    let page = submit(&mut olga, "/admin/scopes/new", &fields).await;
    assert!(page.assert_status(200).body.contains("Ihre Sender"), "{}", page.body);
    assert!(page.body.contains("lang=\"de\""));
    assert_eq!(app.server.scopes().find("radio-read"), None);
}

/// The form of a scope that exists, as it is.
async fn form_of(app: &TestApp, name: &str) -> (String, Vec<(String, String)>) {
    let scopes = app.server.scopes();
    let entry = scopes.entry(scopes.find(name).unwrap()).unwrap();
    let mut fields = vec![("group".to_owned(), "see".to_owned()), ("risk".to_owned(), "P".to_owned())];
    for (language, text) in &entry.text {
        fields.push((format!("title.{language}"), text.title.clone()));
        fields.push((format!("detail.{language}"), text.detail.clone()));
        fields.push((format!("will_not.{language}"), text.will_not.clone()));
    }
    (format!("/admin/scopes/{}", entry.id), fields)
}

fn with<'a>(fields: &'a [(String, String)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = fields.iter().filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    kept.map(|(name, value)| (name.as_str(), value.as_str())).chain(changes.iter().copied()).collect()
}

#[tokio::test]
async fn rewording_asks_nobody_again_and_a_higher_risk_asks_everybody() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let (path, fields) = form_of(&app, "user-read-email").await;
    let request = app.client("web").request().with("scope", "user-read-email");
    let mut ada = app.signed_in("ada").await;
    ada.allow(&request).await;
    submit(&mut olga, &path, &with(&fields, &[("title.en", "Your e-mail")])).await.assert_status(303);
    ada.get(&request.to_string()).await.assert_status(302);
    submit(&mut olga, &path, &with(&fields, &[("title.en", "Your e-mail"), ("risk", "W")])).await.assert_status(303);
    let page = ada.open(&request.to_string()).await;
    assert!(page.body.contains("Your e-mail") && page.body.contains("use your account?"), "{}", page.body);
}

#[tokio::test]
async fn a_published_scope_is_not_silently_widened() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let (path, fields) = form_of(&app, "user-read-email").await;
    let before = app.server.settings_version();
    for wider in [&[("group", "change")][..], &[("can_delete", "yes")], &[("risk", "S")]] {
        let page = submit(&mut olga, &path, &with(&fields, wider)).await;
        assert!(page.assert_status(422).body.contains("id=\"risk\""), "{wider:?}");
    }
    assert_eq!(app.server.settings_version(), before);
    // With a higher risk, about which everybody is asked.
    let risen = with(&fields, &[("group", "change"), ("risk", "W")]);
    submit(&mut olga, &path, &risen).await.assert_status(303);
}

#[tokio::test]
async fn a_retired_scope_is_asked_for_by_nobody_and_kept_by_whoever_agreed() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let (path, _) = form_of(&app, "user-read-email").await;
    let client = app.client("web");
    let tokens = client.log_in("ada").await;
    let retire = format!("{path}/retire");
    assert!(olga.get(&retire).await.assert_status(200).body.contains("One person has agreed to it"));
    submit(&mut olga, &retire, &[("retired", "yes")]).await.assert_status(303);
    let request = client.request().with("scope", "user-read-email");
    let refused = app.signed_in("bob").await.get(&request.to_string()).await;
    assert!(refused.status.as_u16() == 400 || refused.header("location").contains("invalid_scope"), "{}", refused.body);
    let refreshed = client.refresh(&tokens.refresh).await;
    assert!(refreshed.assert_status(200).text("scope").contains("user-read-email"), "{}", refreshed.body);
    submit(&mut olga, &retire, &[("retired", "no")]).await.assert_status(303);
    app.signed_in("bob").await.open(&request.to_string()).await.assert_status(200);
}

#[tokio::test]
async fn a_number_is_never_given_twice_and_a_name_neither() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    submit(&mut olga, "/admin/scopes/new", &new("radio-read", &WORDS)).await.assert_status(303);
    let first = app.server.scopes().find("radio-read").unwrap();
    scopes::retire(&app.server, &Actor::command_line(), first.number(), true).await.unwrap();
    submit(&mut olga, "/admin/scopes/new", &new("radio-read", &WORDS)).await.assert_status(422);
    submit(&mut olga, "/admin/scopes/new", &new("radio-write", &WORDS)).await.assert_status(303);
    assert_eq!(app.server.scopes().find("radio-write").unwrap().number(), first.number() + 1);
    submit(&mut olga, "/admin/scopes/new", &new("openid", &WORDS)).await.assert_status(422);
}
