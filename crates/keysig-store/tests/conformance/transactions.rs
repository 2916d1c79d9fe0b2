//! Interactive transactions.

use std::sync::Arc;

use keysig_store::{Statement, StoreError, Write, params};
use tokio::task::JoinSet;

use crate::place::{INSERT, Place, count};

on_both_engines!(
    what_was_committed_is_there_and_what_was_dropped_is_not,
    a_transaction_sees_its_own_rows_and_nobody_else_does,
    after_an_error_nothing_can_be_committed,
    transactions_and_writes_interleave_without_loss,
);

async fn what_was_committed_is_there_and_what_was_dropped_is_not(place: Arc<Place>) {
    let store = place.open().await;
    let mut dropped = store.begin().await.unwrap();
    assert_eq!(dropped.execute(INSERT, params![1, 1]).await, Ok(1));
    drop(dropped);
    let mut committed = store.begin().await.unwrap();
    assert_eq!(committed.execute(INSERT, params![1, 2]).await, Ok(1));
    committed.commit().await.unwrap();
    assert_eq!((count(&store, 1).await, count(&store, 2).await), (0, 1));
}

async fn a_transaction_sees_its_own_rows_and_nobody_else_does(place: Arc<Place>) {
    let store = place.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.execute(INSERT, params![1, 1]).await.unwrap();
    let own = tx.query("SELECT kind FROM things WHERE id = $1", params![1]).await.unwrap();
    assert_eq!(own[0].int(0), Ok(1));
    assert_eq!(count(&store, 1).await, 0);
    tx.commit().await.unwrap();
    assert_eq!(count(&store, 1).await, 1);
}

async fn after_an_error_nothing_can_be_committed(place: Arc<Place>) {
    let store = place.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.execute(INSERT, params![1, 1]).await.unwrap();
    assert_eq!(tx.execute(INSERT, params![1, 1]).await, Err(StoreError::Conflict));
    assert!(tx.execute(INSERT, params![2, 1]).await.is_err());
    assert!(tx.commit().await.is_err());
    assert_eq!(count(&store, 1).await, 0);

    let mut tx = store.begin().await.unwrap();
    tx.execute(INSERT, params![1, 1]).await.unwrap();
    let mismatch = tx.run(&Statement::new("DELETE FROM things WHERE id = $1", params![1]).must_affect(2)).await;
    assert!(matches!(mismatch, Err(StoreError::AffectedMismatch { expected: 2, affected: 1, .. })));
    assert!(tx.commit().await.is_err());
    assert_eq!(count(&store, 1).await, 0);
}

async fn transactions_and_writes_interleave_without_loss(place: Arc<Place>) {
    let store = place.open().await;
    store.write(Write::one(Statement::new(INSERT, params![1, 0]))).await.unwrap();
    let raise = "UPDATE things SET kind = kind + 1 WHERE id = $1";
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let store = store.clone();
        tasks.spawn(async move {
            for _ in 0..25 {
                if task % 2 == 0 {
                    store.write(Write::one(Statement::new(raise, params![1]).must_affect(1))).await.unwrap();
                } else {
                    let mut tx = store.begin().await.unwrap();
                    tx.execute(raise, params![1]).await.unwrap();
                    tokio::task::yield_now().await;
                    tx.commit().await.unwrap();
                }
            }
        });
    }
    tasks.join_all().await;
    let rows = store.read("SELECT kind FROM things WHERE id = $1", params![1]).await.unwrap();
    assert_eq!(rows[0].int(0), Ok(200));
}
