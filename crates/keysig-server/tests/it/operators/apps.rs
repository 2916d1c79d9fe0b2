//! What is done to apps: by whom, with what effect, and that it is recorded.

use keysig_core::audit::AuditAction;
use keysig_core::id::ReportId;
use keysig_core::user::Role;
use keysig_store::audit::{Filter, page};
use keysig_store::reports::{self, Report};

use super::at_work;
use crate::actors::{Answer, Browser, START, TestApp, app_id, user_id};

const DEEDS: [(&str, Role, AuditAction); 7] = [
    ("stop-logins", Role::Support, AuditAction::AppLoginsChanged),
    ("allow-logins", Role::Support, AuditAction::AppLoginsChanged),
    ("pause", Role::Support, AuditAction::AppPaused),
    ("resume", Role::Support, AuditAction::AppResumed),
    ("trust", Role::Operator, AuditAction::AppTrustChanged),
    ("distrust", Role::Operator, AuditAction::AppTrustChanged),
    ("reports-read", Role::Support, AuditAction::AppReportsHandled),
];

async fn act(browser: &mut Browser, deed: &str) -> Answer {
    let path = format!("/admin/apps/web/{deed}");
    let csrf = browser.get(&path).await.field("csrf");
    browser.post(&path, &[("csrf", &csrf), ("why", "It sends spam.")]).await
}

async fn recorded(app: &TestApp) -> Vec<AuditAction> {
    let entries = page(&app.server.store, &Filter::default(), None, 100).await.unwrap();
    entries.iter().map(|entry| entry.record.action).collect()
}

#[tokio::test]
async fn each_role_does_to_apps_what_it_may_and_no_more() {
    let app = TestApp::new().await;
    for (name, role) in [("vera", Role::Viewer), ("sam", Role::Support), ("olga", Role::Operator)] {
        let mut browser = at_work(&app, name, role).await;
        for (deed, needed, action) in DEEDS {
            // Records of one millisecond have no order.
            app.clock.advance(1);
            let before = recorded(&app).await.len();
            let answer = act(&mut browser, deed).await;
            let after = recorded(&app).await;
            if role >= needed {
                assert_eq!(answer.status.as_u16(), 303, "{name} {deed}: {}", answer.body);
                assert_eq!((after.len(), after[0]), (before + 1, action), "{name} {deed} is recorded once");
            } else {
                assert_eq!(answer.status.as_u16(), 403, "{name} {deed}: {}", answer.body);
                assert_eq!(after.len(), before, "{name} {deed}");
            }
        }
    }
    assert_eq!(keysig_store::audit::first_break(&app.server.store).await, Ok(None));
}

#[tokio::test]
async fn everything_of_a_stopped_app_is_dead_at_once() {
    let app = TestApp::new().await;
    let mut sam = at_work(&app, "sam", Role::Support).await;
    let tokens = app.client("web").log_in("ada").await;
    let csrf = sam.get("/admin/apps/web/pause").await.field("csrf");
    let silent = sam.post("/admin/apps/web/pause", &[("csrf", &csrf), ("why", " ")]).await;
    assert!(silent.assert_status(422).body.contains("role=\"alert\""));
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    act(&mut sam, "pause").await.assert_status(303);
    assert_ne!(app.api("/v1/me", &tokens.access).await.status.as_u16(), 200);
    assert_ne!(app.client("web").refresh(&tokens.refresh).await.status.as_u16(), 200);
    let refused = app.signed_in("ada").await.open(&app.client("web").request().to_string()).await;
    refused.assert_status(403);
    act(&mut sam, "pause").await.assert_status(409);
    act(&mut sam, "resume").await.assert_status(303);
    app.client("web").log_in("bob").await;
    assert_ne!(app.api("/v1/me", &tokens.access).await.status.as_u16(), 200, "what was dead stays dead");
}

#[tokio::test]
async fn apps_are_listed_by_reports_that_nobody_read() {
    let app = TestApp::new().await;
    let mut sam = at_work(&app, "sam", Role::Support).await;
    let report = Report {
        id: ReportId::from_bytes([1; 16]),
        app: app_id("web"),
        user: user_id("ada"),
        category: "spam".to_owned(),
        words: "It posts in my <name>.".to_owned(),
        created_at: START,
    };
    reports::add(&app.server.store, &report).await.unwrap();
    let reported = sam.get("/admin/apps?order=reported").await;
    assert!(reported.body.contains("/admin/apps/web\"") && !reported.body.contains("/admin/apps/other\""));
    assert!(sam.get("/admin/apps/web").await.body.contains("It posts in my &#60;name&#62;."));
    act(&mut sam, "reports-read").await.assert_status(303);
    assert!(!sam.get("/admin/apps?order=reported").await.body.contains("/admin/apps/web\""));
    let found = sam.get("/admin/apps?q=other").await;
    assert!(found.body.contains("/admin/apps/other\"") && !found.body.contains("/admin/apps/web\""));
}

#[tokio::test]
async fn home_says_how_the_server_is() {
    let app = TestApp::new().await;
    let mut vera = at_work(&app, "vera", Role::Viewer).await;
    let home = vera.get("/admin").await;
    let checks = keysig_server::health::all(&app.server).await;
    assert_eq!(keysig_server::health::worst(&checks), keysig_server::health::Verdict::Ok, "{checks:?}");
    assert!(home.assert_status(200).body.contains("Signing keys") && home.body.contains("Only one person"));
    app.clock.advance(94 * 86_400);
    let checks = keysig_server::health::all(&app.server).await;
    let keys = checks.iter().find(|check| check.name == "keys").unwrap();
    assert_eq!(keys.verdict, keysig_server::health::Verdict::Look);
    assert!(keys.fix.as_deref().unwrap().starts_with("keysig key rotate"));
}

#[tokio::test]
async fn where_new_logins_are_stopped_whoever_is_connected_goes_on() {
    let app = TestApp::new().await;
    let mut sam = at_work(&app, "sam", Role::Support).await;
    let tokens = app.client("web").log_in("ada").await;
    act(&mut sam, "stop-logins").await.assert_status(303);
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    app.client("web").log_in("ada").await;
    let refused = app.signed_in("bob").await.open(&app.client("web").request().to_string()).await;
    refused.assert_status(403);
    assert!(refused.body.contains("takes nobody new for now"), "{}", refused.body);
    act(&mut sam, "allow-logins").await.assert_status(303);
    app.client("web").log_in("bob").await;
    let home = sam.get("/admin").await;
    assert!(home.body.contains("Logins and refusals") && home.body.contains("per minute"), "{}", home.body);
}
