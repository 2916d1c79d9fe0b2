//! The audit: a chain that holds together, or says where it does not.

use std::sync::Arc;

use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::{EventId, UserId};
use keysig_core::testing::SeededRng;
use keysig_store::{Statement, Store, StoreError, apps, audit, params};

use crate::domain::{app, user, with_people};
use crate::place::{NOW, Place};

fn record(n: i64) -> AuditRecord {
    AuditRecord {
        id: EventId::generate(NOW.plus_seconds(n), &SeededRng::new(n.unsigned_abs())),
        actor: None,
        action: AuditAction::RedirectUriAdded,
        app: Some(app().id),
        user: None,
        about: format!("https://peek.example/{n}"),
        address: "192.0.2.7".to_owned(),
        request_id: "req_1".to_owned(),
        by_key: String::new(),
    }
}

async fn append(store: &Store, n: i64) {
    let mut tx = store.begin().await.unwrap();
    audit::append(store, &mut tx, &record(n)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn a_chain_says_where_it_was_broken(place: Arc<Place>) {
    let store = with_people(&place).await;
    assert_eq!(audit::first_break(&store).await.unwrap(), None);
    for n in 1..=4 {
        append(&store, n).await;
    }
    assert_eq!(audit::first_break(&store).await.unwrap(), None);
    let change = |sql: &'static str| {
        let store = store.clone();
        async move {
            store.write(keysig_store::Write::one(Statement::new(sql, params![]))).await.unwrap();
            audit::first_break(&store).await.unwrap()
        }
    };
    assert_eq!(change("UPDATE audit SET about = 'another' WHERE n = 3").await, Some(3));
    assert_eq!(change("UPDATE audit SET about = 'https://peek.example/3' WHERE n = 3").await, None);
    assert_eq!(change("DELETE FROM audit WHERE n = 4").await, Some(4), "what is missing at the end is missed");
}

async fn what_is_added_at_once_is_one_chain(place: Arc<Place>) {
    let store = with_people(&place).await;
    let all = (1..=20).map(|n| {
        let store = store.clone();
        tokio::spawn(async move { append(&store, n).await })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    assert_eq!(audit::first_break(&store).await.unwrap(), None);
    let of_app = |before, most| {
        let store = store.clone();
        async move { audit::of_app(&store, app().id, before, most).await.unwrap() }
    };
    let latest = of_app(None, 15).await;
    assert_eq!((latest.len(), &*latest[0].about), (15, "https://peek.example/20"));
    assert_eq!(of_app(Some(latest[14].id), 15).await.len(), 5);
}

async fn a_change_that_is_not_made_leaves_no_record(place: Arc<Place>) {
    let store = with_people(&place).await;
    let id = app().id;
    let uri = "INSERT INTO app_redirect_uris (app_id, uri, position) VALUES ($1, $2, 0)";
    let add = Statement::new(uri, params![id, "https://peek.example/new"]).must_affect(1);
    apps::change(&store, id, std::slice::from_ref(&add), &record(1)).await.unwrap();
    let app = apps::by_id(&store, id).await.unwrap().unwrap();
    assert!(app.redirect_uris.iter().any(|uri| uri.as_str() == "https://peek.example/new"));
    assert_eq!(apps::change(&store, id, &[add], &record(2)).await, Err(StoreError::Conflict));
    assert_eq!(audit::of_app(&store, id, None, 9).await.unwrap(), [record(1)]);
}

/// A MAC as a server would make it.
fn mac(bytes: &[u8]) -> [u8; 32] {
    keysig_core::seal::mac_with_key(b"key", &[bytes])
}

async fn a_checkpoint_misses_what_was_cut_off(place: Arc<Place>) {
    let store = with_people(&place).await;
    for n in 1..=4 {
        append(&store, n).await;
    }
    audit::checkpoint(&store, NOW, &mac).await.unwrap();
    append(&store, 5).await;
    audit::checkpoint(&store, NOW.plus_seconds(9), &mac).await.unwrap();
    let verified = audit::verify(&store, &mac).await.unwrap();
    assert_eq!((verified.records, verified.chains, verified.checkpoints, verified.first_break), (5, 1, 2, None));
    assert_eq!(verified.last_checkpoint_at, Some(NOW.plus_seconds(9)));
    let forged = audit::verify(&store, &|_: &[u8]| [0; 32]).await.unwrap();
    assert_eq!(forged.first_break, Some(audit::Break::Checkpoint { n: 1 }));
    // Whoever cuts off the end, and makes the chain say that it never was longer.
    for sql in
        ["DELETE FROM audit WHERE n = 5", "UPDATE audit_heads SET n = 4, hash = (SELECT hash FROM audit WHERE n = 4)"]
    {
        store.write(keysig_store::Write::one(Statement::new(sql, params![]))).await.unwrap();
    }
    assert_eq!(audit::first_break(&store).await.unwrap(), None, "the chain alone does not tell");
    let node = audit::heads(&store).await.unwrap()[0].node;
    let verified = audit::verify(&store, &mac).await.unwrap();
    assert_eq!(verified.first_break, Some(audit::Break::Cut { node, n: 5 }));
}

async fn a_filter_finds_what_it_asks_for_and_pages(place: Arc<Place>) {
    let store = with_people(&place).await;
    let (ada, bob) = (user("ada").id, UserId::from_bytes([9; 16]));
    for n in 1..=30 {
        let mut one = record(n);
        one.actor = (n % 2 == 0).then_some(ada);
        one.action = if n % 3 == 0 { AuditAction::UserLocked } else { AuditAction::RedirectUriAdded };
        one.user = (n % 5 == 0).then_some(bob);
        one.app = (n % 3 != 0).then_some(app().id);
        let mut tx = store.begin().await.unwrap();
        audit::append(&store, &mut tx, &one).await.unwrap();
        tx.commit().await.unwrap();
    }
    let count = |filter: audit::Filter| {
        let store = store.clone();
        async move {
            let (mut seen, mut before) = (Vec::new(), None);
            loop {
                let page = audit::page(&store, &filter, before, 4).await.unwrap();
                let Some(last) = page.last() else { break seen };
                before = Some(last.record.id);
                seen.extend(page.iter().map(|entry| entry.n));
            }
        }
    };
    let all = audit::Filter::default;
    let expected = |keep: fn(u64) -> bool| (1..=30).rev().filter(|n| keep(*n)).collect::<Vec<u64>>();
    assert_eq!(count(all()).await, expected(|_| true));
    assert_eq!(count(audit::Filter { actor: Some(ada), ..all() }).await, expected(|n| n % 2 == 0));
    let locked = Some(AuditAction::UserLocked);
    assert_eq!(count(audit::Filter { action: locked, ..all() }).await, expected(|n| n % 3 == 0));
    assert_eq!(count(audit::Filter { user: Some(bob), ..all() }).await, expected(|n| n % 5 == 0));
    assert_eq!(count(audit::Filter { app: Some(app().id), ..all() }).await, expected(|n| n % 3 != 0));
    let both = audit::Filter { actor: Some(ada), action: locked, user: Some(bob), ..all() };
    assert_eq!(count(both).await, [30]);
    let (from, until) = (Some(NOW.plus_seconds(7)), Some(NOW.plus_seconds(9)));
    assert_eq!(count(audit::Filter { from, until, ..all() }).await, [8, 7]);
    assert_eq!(audit::people_of_request(&store, "req_1").await.unwrap(), [ada, bob]);
}

on_both_engines!(
    a_checkpoint_misses_what_was_cut_off,
    a_filter_finds_what_it_asks_for_and_pages,
    a_chain_says_where_it_was_broken,
    what_is_added_at_once_is_one_chain,
    a_change_that_is_not_made_leaves_no_record,
);
