//! The audit on screen, its chains, and copies of it.

use keysig_core::audit::AuditAction;
use keysig_core::user::Role;
use keysig_store::audit::{Filter, page};
use keysig_store::{Statement, Write, params};

use super::{at_work, lock, sign_in};
use crate::actors::{TestApp, user_id};

#[tokio::test]
async fn records_are_found_by_who_what_and_whom() {
    let app = TestApp::new().await;
    let mut vera = at_work(&app, "vera", Role::Viewer).await;
    lock(&app, "ada").await;
    let all = vera.get("/admin/audit").await;
    assert!(all.assert_status(200).body.contains("ada@example.test"), "{}", all.body);
    for (query, is_there) in [
        ("user=ada%40example.test", true),
        ("user=bob%40example.test", false),
        ("action=user-locked", true),
        ("action=key-revoked", false),
        ("actor=vera%40example.test", false),
        ("from=2026-01-01&until=2030-01-01", true),
        ("from=2030-01-01", false),
    ] {
        let page = vera.get(&format!("/admin/audit?{query}")).await;
        let found = page.assert_status(200).body.contains(&format!("/admin/users/{}", user_id("ada")));
        assert_eq!(found, is_there, "{query}: {}", page.body);
    }
    for query in ["user=nobody", "action=x", "app=x", "from=tomorrow"] {
        let page = vera.get(&format!("/admin/audit?{query}")).await;
        assert!(page.assert_status(422).body.contains("role=\"alert\""), "{query}");
    }
}

#[tokio::test]
async fn a_copy_is_taken_by_operators_alone_and_recorded() {
    let app = TestApp::new().await;
    lock(&app, "ada").await;
    let mut vera = at_work(&app, "vera", Role::Viewer).await;
    let csrf = vera.get("/account").await.field("csrf");
    vera.post("/admin/audit/export", &[("csrf", &csrf)]).await.assert_status(403);
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let csrf = olga.get("/admin/audit").await.field("csrf");
    let copy = olga.post("/admin/audit/export", &[("csrf", &csrf), ("format", "ndjson")]).await;
    assert_eq!(copy.assert_status(200).header("content-type"), "application/x-ndjson");
    let lines: Vec<serde_json::Value> = copy.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "with the record of the copy itself");
    assert_eq!((&lines[0]["action"], &lines[1]["action"]), (&"audit-exported".into(), &"user-locked".into()));
    assert_eq!(lines[1]["user"], user_id("ada").to_string());
    let fields = [("csrf", csrf.as_str()), ("format", "csv"), ("action", "user-locked")];
    let copy = olga.post("/admin/audit/export", &fields).await;
    assert_eq!(copy.body.lines().count(), 2, "a head and what the filter finds: {}", copy.body);
    let entries = page(&app.server.store, &Filter::default(), None, 1).await.unwrap();
    assert_eq!(entries[0].record.action, AuditAction::AuditExported);
}

#[tokio::test]
async fn a_chain_that_was_cut_off_is_noticed_on_screen() {
    let app = TestApp::new().await;
    let mut vera = at_work(&app, "vera", Role::Viewer).await;
    lock(&app, "ada").await;
    lock(&app, "bob").await;
    app.server.keep_audit_checkpoints().await.unwrap();
    let holds = vera.get("/admin/audit/verify").await;
    assert!(holds.assert_status(200).body.contains("Every record and every checkpoint holds."), "{}", holds.body);
    for sql in
        ["DELETE FROM audit WHERE n = 2", "UPDATE audit_heads SET n = 1, hash = (SELECT hash FROM audit WHERE n = 1)"]
    {
        app.server.store.write(Write::one(Statement::new(sql, params![]))).await.unwrap();
    }
    let broken = vera.get("/admin/audit/verify").await;
    assert!(broken.body.contains("does not hold") && broken.body.contains("record 2"), "{}", broken.body);
}

#[tokio::test]
async fn a_checkpoint_is_made_once_a_day() {
    let app = TestApp::new().await;
    let made = |app: TestApp| async move {
        app.server.keep_audit_checkpoints().await.unwrap();
        keysig_store::audit::verify(&app.server.store, &|bytes| app.server.audit_mac(bytes)).await.unwrap().checkpoints
    };
    assert_eq!((made(app.clone()).await, made(app.clone()).await), (1, 1));
    app.clock.advance(86_400);
    assert_eq!(made(app.clone()).await, 2);
}

#[tokio::test]
async fn a_page_leads_to_the_next_one() {
    let app = TestApp::new().await;
    for index in 0..60 {
        let name = format!("many{index:02}");
        app.add_person(&crate::actors::user(&name, keysig_core::user::Product::Free)).await;
        lock(&app, &name).await;
        app.clock.advance_millis(5);
    }
    at_work(&app, "vera", Role::Viewer).await;
    let mut vera = sign_in(&app, "vera").await;
    let first = vera.get("/admin/audit?action=user-locked").await;
    assert!(first.body.contains("many59@") && !first.body.contains("many09@"));
    let at = first.body.find("/admin/audit?before=").unwrap();
    let older = crate::actors::unescape(first.body[at..].split('"').next().unwrap());
    assert!(older.contains("action=user-locked"));
    let second = vera.get(&older).await;
    assert!(second.body.contains("many09@") && !second.body.contains("many59@"));
}
