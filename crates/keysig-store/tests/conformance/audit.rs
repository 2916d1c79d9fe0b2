//! The audit: a chain that holds together, or says where it does not.

use std::sync::Arc;

use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::EventId;
use keysig_core::testing::SeededRng;
use keysig_store::{Statement, Store, StoreError, apps, audit, params};

use crate::domain::{app, with_people};
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

on_both_engines!(
    a_chain_says_where_it_was_broken,
    what_is_added_at_once_is_one_chain,
    a_change_that_is_not_made_leaves_no_record,
);
