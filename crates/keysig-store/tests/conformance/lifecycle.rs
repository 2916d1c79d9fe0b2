//! Opening, closing, and opening again.

use std::sync::Arc;

use keysig_store::{Statement, Store, StoreError, Write, params};
use tokio::task::JoinSet;

use crate::place::{INSERT, Place, count};

on_both_engines!(
    a_restart_keeps_rows_and_the_stores_life,
    a_newer_schema_is_refused,
    a_schema_is_found_without_changing_anything,
    closing_does_what_was_queued,
    a_closed_store_says_so,
);

async fn a_restart_keeps_rows_and_the_stores_life(place: Arc<Place>) {
    let store = place.open().await;
    store.write(Write::one(Statement::new(INSERT, params![1, 1]))).await.unwrap();
    let life = store.incarnation();
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.incarnation(), life);
    assert_eq!(count(&store, 1).await, 1);
}

async fn a_newer_schema_is_refused(place: Arc<Place>) {
    let store = place.open().await;
    let rows = store.read("SELECT version FROM schema_version", params![]).await.unwrap();
    let known = rows[0].int(0).unwrap();
    let newer = Statement::new("UPDATE schema_version SET version = $1", params![known + 1]).must_affect(1);
    store.write(Write::one(newer)).await.unwrap();
    store.close().await;
    let refused = place.try_open().await.map(drop);
    assert_eq!(refused, Err(StoreError::NewerSchema { found: known + 1, known }));
    assert_eq!(place.try_open().await.map(drop), refused, "and nothing was changed by the attempt");
}

async fn a_schema_is_found_without_changing_anything(place: Arc<Place>) {
    let schema = || async { Store::schema(&place.config.engine).await.unwrap() };
    assert_eq!(schema().await, None);
    assert_eq!(schema().await, None, "looking made none");
    let store = place.open().await;
    assert_eq!(schema().await, Some(Store::KNOWN_SCHEMA), "beside whoever has it open");
    let other = Statement::new("UPDATE schema_version SET version = $1", params![3]).must_affect(1);
    store.write(Write::one(other)).await.unwrap();
    store.close().await;
    assert_eq!((schema().await, schema().await), (Some(3), Some(3)));
}

async fn closing_does_what_was_queued(place: Arc<Place>) {
    let store = place.open().await;
    let mut tasks = JoinSet::new();
    for id in 0..500 {
        let store = store.clone();
        tasks.spawn(async move { store.write(Write::one(Statement::new(INSERT, params![id, 0]))).await.map(drop) });
    }
    tokio::task::yield_now().await;
    store.close().await;
    let mut written = 0;
    for result in tasks.join_all().await {
        match result {
            Ok(()) => written += 1,
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
        }
    }
    let store = place.open().await;
    assert_eq!(count(&store, 0).await, written);
}

async fn a_closed_store_says_so(place: Arc<Place>) {
    let store = place.open().await;
    store.close().await;
    let closed = |error: StoreError| matches!(error, StoreError::Unavailable(_));
    assert!(closed(store.read("SELECT 1", params![]).await.unwrap_err()));
    assert!(closed(store.read_heavy("SELECT 1", params![]).await.unwrap_err()));
    assert!(closed(store.write(Write::default()).await.unwrap_err()));
    assert!(store.begin().await.map(drop).is_err_and(closed));
    store.close().await;
}
