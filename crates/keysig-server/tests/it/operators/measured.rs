//! How long pages take that read much. Nothing is asserted of time: `cargo test -p keysig-server --test it measured --
//! --ignored --nocapture` prints it.

use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::EventId;
use keysig_core::user::Role;
use keysig_store::audit::append;

use super::at_work;
use crate::actors::{Browser, TestApp, user_id};

/// So many records.
const RECORDS: i64 = 100_000;

#[expect(clippy::disallowed_methods, reason = "nothing decides by this clock: it is printed")]
pub async fn measure(browser: &mut Browser, what: &str, path: &str) -> String {
    let (mut took, mut body) = (Vec::new(), String::new());
    for _ in 0..20 {
        let before = std::time::Instant::now();
        let answer = browser.get(path).await;
        took.push(before.elapsed().as_secs_f64() * 1e3);
        answer.assert_status(200);
        body = answer.body;
    }
    took.sort_by(f64::total_cmp);
    println!("{what}: median {:.1} ms, most {:.1} ms", took[took.len() / 2], took[took.len() - 1]);
    body
}

/// Where "Older" leads.
fn older(body: &str) -> String {
    let before = body.split(">Older<").next().unwrap();
    crate::actors::unescape(before.rsplit("href=\"").next().unwrap().split('"').next().unwrap())
}

#[tokio::test]
#[ignore = "measures, and asserts nothing of it"]
async fn pages_of_a_long_audit() {
    let app = TestApp::new().await;
    let server = &app.server;
    let mut tx = server.store.begin().await.unwrap();
    for n in 0..RECORDS {
        let id = EventId::generate(server.now().plus_seconds(n - RECORDS), &*server.rng);
        let record = AuditRecord {
            id,
            actor: Some(user_id(if n % 100 == 0 { "bob" } else { "ada" })),
            action: AuditAction::ALL[n as usize % AuditAction::ALL.len()],
            app: None,
            user: (n % 1000 == 0).then(|| user_id("ada")),
            about: format!("record {n}"),
            address: "192.0.2.1".to_owned(),
            request_id: format!("req_{n}"),
            by_key: String::new(),
        };
        append(&server.store, &mut tx, &record).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut vera = at_work(&app, "vera", Role::Viewer).await;
    let first = measure(&mut vera, "the latest of 100,000", "/admin/audit").await;
    let mut page = older(&first);
    for _ in 0..20 {
        page = older(&vera.get(&page).await.body);
    }
    measure(&mut vera, "twenty pages back", &page).await;
    measure(&mut vera, "of one person of two, one in a hundred", "/admin/audit?actor=bob%40example.test").await;
    measure(&mut vera, "of one action", "/admin/audit?action=user-locked").await;
    measure(&mut vera, "to one account, one in a thousand", "/admin/audit?user=ada%40example.test").await;
    measure(&mut vera, "of some days", "/admin/audit?from=2026-11-20&until=2026-11-24").await;
}
