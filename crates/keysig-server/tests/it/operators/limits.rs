//! Limits: what is set, who asks for most, and who would be held back by a number before it is set.

use keysig_core::audit::AuditAction;
use keysig_core::user::Role;
use keysig_server::settings::SettingKey;
use keysig_store::audit::{Filter, page as page_of};

use super::{at_work, submit};
use crate::actors::TestApp;

const LIMITS: &str = "/admin/limits";

/// What of a page is said of a rule that was tried.
fn tried(page: &str) -> &str {
    let said = page.rsplit_once("in the last hour: Token requests of an app").map_or("", |(_, after)| after);
    said.split("</section>").next().unwrap()
}

#[tokio::test]
async fn who_would_be_hit_is_seen_before_a_number_is_set() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    for _ in 0..5 {
        app.client("web").client_credentials().await.assert_status(200);
    }
    app.client("other").client_credentials().await.assert_status(200);

    let page = olga.get(LIMITS).await;
    assert!(page.body.contains("Peek web") && page.body.contains("any number"), "{}", page.body);
    let page = olga.get(&format!("{LIMITS}?quota_tokens_per_30s=4")).await.body;
    assert!(tried(&page).contains("Peek web") && !tried(&page).contains("Peek other"), "{page}");
    assert_eq!(app.server.live().quota_tokens, None, "looking sets nothing");
    let page = olga.get(&format!("{LIMITS}?quota_tokens_per_30s=5")).await.body;
    assert!(!tried(&page).contains("Peek web"), "{page}");

    let page = olga.get(&format!("{LIMITS}?quota_tokens_per_30s=4")).await;
    let fields = [("csrf", &*page.field("csrf")), ("quota_tokens_per_30s", "4")];
    let done = olga.post(LIMITS, &fields).await;
    assert!(olga.get(done.assert_status(303).header("location")).await.body.contains("role=\"status\""));
    app.client("web").client_credentials().await.assert_status(429);
    let changed = Filter { action: Some(AuditAction::LimitChanged), ..Filter::default() };
    let entries = page_of(&app.server.store, &changed, None, 10).await.unwrap();
    assert_eq!(entries.len(), 1);
}

#[tokio::test]
async fn a_wrong_number_changes_nothing_and_stays_in_the_form() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let page = olga.get(&format!("{LIMITS}?quota_app_per_30s=many")).await;
    let body = &page.assert_status(422).body;
    assert!(body.contains("value=\"many\"") && body.contains("role=\"alert\""), "{body}");
    assert!(!body.contains("method=\"post\" action=\"/admin/limits\""), "there is nothing to set");
}

#[tokio::test]
async fn what_the_configuration_has_is_not_changed() {
    let app = TestApp::new().await.set_to(|settings| {
        settings.defaults.quota_app = Some(600);
        settings.fixed.push(SettingKey::QuotaApp);
    });
    let app = app.await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let page = olga.get(LIMITS).await;
    assert!(page.body.contains("Set in the configuration") && !page.body.contains("name=\"quota_app_per_30s\""));
}

#[tokio::test]
async fn an_app_is_given_a_quota_of_its_own_on_its_page() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let page = submit(&mut olga, "/admin/apps/web/quota", &[("calls", "a lot"), ("tokens", "1")]).await;
    assert!(page.assert_status(422).body.contains("value=\"a lot\""), "{}", page.body);
    submit(&mut olga, "/admin/apps/web/quota", &[("calls", ""), ("tokens", "1")]).await.assert_status(303);
    let page = olga.get("/admin/apps/web").await;
    assert!(page.body.contains("A quota of its own") && page.body.contains("0 of 1"), "{}", page.body);
    app.client("web").client_credentials().await.assert_status(200);
    app.client("web").client_credentials().await.assert_status(429);
    let mut sam = at_work(&app, "sam", Role::Support).await;
    submit(&mut sam, "/admin/apps/web/quota", &[("calls", "0")]).await.assert_status(403);
}
