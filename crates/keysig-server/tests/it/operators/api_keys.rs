//! Keys of the admin API, on their page.

use keysig_core::audit::AuditAction;
use keysig_core::user::Role;
use keysig_store::api_keys;
use keysig_store::audit::{Filter, page};

use super::{at_work, submit};
use crate::actors::TestApp;

const PAGE: &str = "/admin/api-keys";

#[tokio::test]
async fn a_key_is_shown_once_and_ended_at_once() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let made = submit(&mut olga, PAGE, &[("name", "Nightly report"), ("role", "viewer"), ("days", "7")]).await;
    let key = made.assert_status(200).body.split("id=\"new-secret\">").nth(1).unwrap().split('<').next().unwrap();
    assert!(key.starts_with("ks_") && key.len() == 46, "{key}");
    let call = || crate::admin_api::call(&app, key, "GET", "/users", None);
    call().await.assert_status(200);
    let list = olga.get(PAGE).await;
    assert!(list.body.contains("Nightly report") && list.body.contains(&key[42..]) && !list.body.contains(key));
    let kept = api_keys::all(&app.server.store).await.unwrap();
    submit(&mut olga, &format!("{PAGE}/{}/revoke", kept[0].id), &[]).await.assert_status(303);
    call().await.assert_status(401);
    let entries = page(&app.server.store, &Filter::default(), None, 2).await.unwrap();
    let mut actions: Vec<_> = entries.iter().map(|entry| entry.record.action.name()).collect();
    actions.sort_unstable();
    assert_eq!(actions, [AuditAction::ApiKeyEnded.name(), AuditAction::ApiKeyMade.name()]);
}

#[tokio::test]
async fn what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    for (name, role, days, field) in [
        ("", "viewer", "7", "name"),
        ("Nightly", "user", "7", "role"),
        ("Nightly", "viewer", "400", "days"),
        ("Nightly", "viewer", "a week", "days"),
    ] {
        let page = submit(&mut olga, PAGE, &[("name", name), ("role", role), ("days", days)]).await;
        assert!(page.assert_status(422).body.contains(&format!("id=\"{field}-error\"")), "{field}: {}", page.body);
        assert_eq!((page.field("name").as_str(), page.field("days").as_str()), (name, days));
    }
    assert!(api_keys::all(&app.server.store).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_operators_make_and_end_keys_and_with_a_second_factor_of_just_now() {
    let app = TestApp::new().await;
    let fields =
        |csrf: &str| [("csrf", csrf.to_owned()), ("name", "x".into()), ("role", "viewer".into()), ("days", "1".into())];
    for (name, role) in [("vera", Role::Viewer), ("sam", Role::Support)] {
        let mut browser = at_work(&app, name, role).await;
        assert!(!browser.get(PAGE).await.assert_status(200).body.contains("name=\"days\""));
        let csrf = browser.get("/account").await.field("csrf");
        let fields = fields(&csrf);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(PAGE, &fields).await.assert_status(403);
    }
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let csrf = olga.get(PAGE).await.field("csrf");
    app.clock.advance(601);
    let fields = fields(&csrf);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let asked = olga.post(PAGE, &fields).await;
    assert!(asked.body.contains("confirm_code"), "{}", asked.body);
    assert!(api_keys::all(&app.server.store).await.unwrap().is_empty());
}
