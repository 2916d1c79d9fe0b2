//! Keys: the next one sooner, and the end of one.

use keysig_core::audit::AuditAction;
use keysig_core::jose::SigningAlgorithm;
use keysig_core::user::Role;
use keysig_store::audit::{Filter, page};
use keysig_store::signing_keys;

use super::at_work;
use crate::actors::{Browser, TestApp};

async fn rotate(browser: &mut Browser) -> u16 {
    let csrf = browser.get("/admin/keys").await.field("csrf");
    browser.post("/admin/keys/rotate", &[("csrf", &csrf), ("algorithm", "ES256")]).await.status.as_u16()
}

async fn published(app: &TestApp) -> Vec<String> {
    let request = http::Request::get("/oidc/certs/v1").body(axum::body::Body::empty()).unwrap();
    let set = app.send(request).await.json();
    set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn current(app: &TestApp) -> String {
    let now = app.server.now();
    app.server.signing.with(|keys| keys.current(SigningAlgorithm::Es256, now).unwrap().public().kid.clone())
}

#[tokio::test]
async fn the_next_key_is_published_first_and_signs_when_no_cache_lacks_it() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let (before, old) = (published(&app).await, current(&app));
    assert_eq!(rotate(&mut olga).await, 303);
    assert_eq!((published(&app).await.len(), current(&app)), (before.len() + 1, old.clone()));
    assert_eq!(rotate(&mut olga).await, 409, "one that waits is enough");
    app.clock.advance(2 * 3600);
    assert_ne!(current(&app), old);
    assert!(published(&app).await.contains(&old), "what it signed is verified on");
    app.clock.advance(2 * 3600 + 61);
    assert!(!published(&app).await.contains(&old));
    let entries = page(&app.server.store, &Filter::default(), None, 9).await.unwrap();
    assert_eq!(entries.iter().map(|entry| entry.record.action).collect::<Vec<_>>(), [AuditAction::KeyRotated]);
}

#[tokio::test]
async fn a_revoked_key_is_gone_at_once_and_another_signs() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let old = current(&app);
    let path = format!("/admin/keys/{old}/revoke");
    let asked = olga.get(&path).await;
    assert!(asked.assert_status(200).body.contains("signs now"), "{}", asked.body);
    olga.post(&path, &[("csrf", &asked.field("csrf"))]).await.assert_status(303);
    assert!(!published(&app).await.contains(&old) && current(&app) != old);
    let stored = signing_keys::all(&app.server.store).await.unwrap();
    assert!(stored.iter().all(|key| key.kid != old));
    olga.get(&path).await.assert_status(404);
    let mut vera = at_work(&app, "vera", Role::Viewer).await;
    let path = format!("/admin/keys/{}/revoke", current(&app));
    let csrf = vera.get("/account").await.field("csrf");
    vera.post(&path, &[("csrf", &csrf)]).await.assert_status(403);
    vera.post("/admin/keys/rotate", &[("csrf", &csrf), ("algorithm", "ES256")]).await.assert_status(403);
}
