//! What the checks of an app and of a pasted address say.

use keysig_core::app::{App, ClientType, Mode, StoredSecret};
use keysig_core::profile::Profile;
use keysig_core::scope::ScopeSet;
use keysig_core::secret::Secret;
use keysig_core::user::Role;
use serde_json::{Value, json};

use super::{call, key, refused};
use crate::actors::{TestApp, app as an_app, user_id};

async fn checks(app: &TestApp, key: &str, client_id: &str) -> Value {
    call(app, key, "GET", &format!("/apps/{client_id}/checks"), None).await.assert_status(200);
    call(app, key, "GET", &format!("/apps/{client_id}/checks"), None).await.json()
}

/// Verdict and words of a check.
fn check(found: &Value, name: &str) -> (String, String) {
    let check = found["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap();
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(text("verdict") == "ok", check["fix"].is_null(), "{check}");
    (text("verdict"), text("found"))
}

#[tokio::test]
async fn what_an_app_s_developer_should_mend_is_named() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Support).await;
    let catalogue = app.server.scopes();
    let scopes = ["user-read-email", "user-read-private"].map(|name| catalogue.find(name).unwrap());
    let retires_at = Some(app.server.now().plus_seconds(40 * 86_400));
    let peek = App {
        owner: Some(user_id("ada")),
        scopes: Some(scopes.into_iter().fold(ScopeSet::EMPTY, ScopeSet::with)),
        secrets: vec![StoredSecret { hash: Secret::new("peek-secret".to_owned()).hash(), retires_at }],
        ..an_app("peek", ClientType::Confidential, Profile::Spotify)
    };
    app.add(&peek).await;
    app.add(&App { mode: Mode::Development, ..an_app("public-one", ClientType::Public, Profile::Spotify) }).await;
    let found = checks(&app, &key, "peek").await;
    assert_eq!(found["verdict"], "ok", "{found}");

    let found = checks(&app, &key, "public-one").await;
    assert_eq!(check(&found, "mode").0, "look");
    assert_eq!(check(&found, "owner").0, "look");
    assert_eq!(check(&found, "secrets"), ("ok".to_owned(), "a public app has none".to_owned()));

    app.clock.advance(34 * 86_400);
    let found = checks(&app, &key, "peek").await;
    assert_eq!(check(&found, "scopes").0, "look");
    assert!(check(&found, "scopes").1.contains("user-read-email"), "{found}");
    assert_eq!(check(&found, "secrets").0, "look", "the last one stops within a week");
    app.clock.advance(7 * 86_400);
    assert_eq!(check(&checks(&app, &key, "peek").await, "secrets").0, "broken");

    call(&app, &key, "POST", "/apps/peek/pause", Some(&json!({"why": "It misleads."}))).await.assert_status(200);
    let found = checks(&app, &key, "peek").await;
    assert_eq!((check(&found, "state").0.as_str(), found["verdict"].as_str()), ("broken", Some("broken")));
    assert_eq!(refused(&call(&app, &key, "GET", "/apps/nobody/checks", None).await, 404).0, "not_found");
}

#[tokio::test]
async fn a_pasted_address_is_looked_at_by_the_rules_of_a_living_request() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Viewer).await;
    let inspect = |url: String| {
        let (app, key) = (app.clone(), key.clone());
        async move { call(&app, &key, "POST", "/inspect", Some(&json!({"url": url}))).await.assert_status(200).json() }
    };
    let good = app.client("web").request();
    let found = inspect(format!("https://id.example{good}")).await;
    assert_eq!((&found["passes"], &found["refused"]), (&true.into(), &Value::Null));
    assert!(
        found["warnings"].as_array().unwrap().iter().any(|said| said.as_str().unwrap().contains("PKCE")),
        "{found}"
    );
    for (request, reason) in [
        (good.clone().with("redirect_uri", "https://peek.example/cbx"), "redirect-uri-not-registered"),
        (good.clone().with("scope", "user-read-birthdate"), "scope-unknown"),
        (good.clone().with("response_type", "tocken"), "response-type"),
        (good.clone().with("client_id", "wep"), "unknown-client"),
        (good.and("state", "twice"), "parameter-twice"),
    ] {
        let found = inspect(format!("https://id.example{request}")).await;
        assert_eq!((&found["passes"], &found["refused"]["reason"]), (&false.into(), &reason.into()), "{found}");
        let words = ["title", "cause", "fix"].map(|part| found["refused"][part].as_str().unwrap().to_owned());
        assert!(words.iter().all(|words| !words.is_empty()), "{found}");
    }
}
