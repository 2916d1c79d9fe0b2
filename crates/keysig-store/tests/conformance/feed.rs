//! The revocation feed: dense, durable, applied before the answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use keysig_core::access_token::{AccessToken, Audience, Holder};
use keysig_core::feed::{FeedEntry, Revoked};
use keysig_core::id::{AppId, Incarnation, StreamId};
use keysig_core::scope::ScopeSet;
use keysig_core::seal::KeyId;
use keysig_store::{Statement, Store, StoreError, Write, params};
use tokio::task::JoinSet;

use crate::place::{INSERT, NOW, Place, count};

on_both_engines!(
    numbers_are_dense_under_64_concurrent_revoking_writes,
    what_fails_or_is_dropped_revokes_nothing,
    a_transaction_revokes_when_it_commits,
    a_restart_keeps_what_was_revoked_and_opens_a_new_stream,
    a_stream_that_rested_is_not_continued,
    what_no_token_can_need_is_forgotten,
    an_unknown_kind_of_entry_stops_the_opening,
);

pub fn app(number: u8) -> AppId {
    AppId::from_bytes([number; 16])
}

/// A token of the app's, made before anything was revoked.
pub fn token_of(app: AppId) -> AccessToken {
    AccessToken {
        key: KeyId::from_number(1),
        nonce: [0; 12],
        app,
        app_epoch: 1,
        holder: Holder::App,
        scopes: ScopeSet::EMPTY,
        audience: Audience::OwnApi,
        incarnation: Incarnation::from_bytes([0; 16]),
        issued_at: NOW,
        lifetime_seconds: 3600,
    }
}

pub fn is_dead(store: &Store, app: AppId) -> bool {
    store.revocations().check(&token_of(app)) == Err(Revoked::App)
}

/// The numbers of each stream, in order.
async fn streams(store: &Store) -> BTreeMap<StreamId, Vec<i64>> {
    let mut streams: BTreeMap<StreamId, Vec<i64>> = BTreeMap::new();
    for row in store.read("SELECT stream, n FROM revocations ORDER BY stream, n", params![]).await.unwrap() {
        streams.entry(row.id(0).unwrap()).or_default().push(row.int(1).unwrap());
    }
    streams
}

pub fn revoking(id: i64, app: AppId) -> Write {
    Write::one(Statement::new(INSERT, params![id, 0])).revoke(FeedEntry::App(app, 2), NOW.plus_seconds(3720))
}

async fn numbers_are_dense_under_64_concurrent_revoking_writes(place: Arc<Place>) {
    let store = place.open().await;
    let mut tasks = JoinSet::new();
    for number in 0..64_u8 {
        let store = store.clone();
        tasks.spawn(async move {
            let write = revoking(number.into(), app(number));
            let nobody = Statement::new("DELETE FROM things WHERE id = $1", params![-1]).must_affect(1);
            if number % 4 == 0 {
                assert!(store.write(write.and(nobody)).await.is_err());
            } else if number % 4 == 1 {
                let mut tx = store.begin().await.unwrap();
                tx.execute(INSERT, params![number, 0]).await.unwrap();
                tx.revoke(FeedEntry::App(app(number), 2), NOW.plus_seconds(3720));
                tx.commit().await.unwrap();
            } else {
                store.write(write).await.unwrap();
            }
            assert_eq!(is_dead(&store, app(number)), number % 4 != 0, "known when it is answered");
        });
    }
    tasks.join_all().await;
    let streams = streams(&store).await;
    assert_eq!(streams.into_values().collect::<Vec<_>>(), [(1..=48).collect::<Vec<i64>>()]);
    assert_eq!(count(&store, 0).await, 48);
}

async fn what_fails_or_is_dropped_revokes_nothing(place: Arc<Place>) {
    let store = place.open().await;
    store.write(revoking(1, app(1))).await.unwrap();
    assert_eq!(store.write(revoking(1, app(2))).await.map(drop), Err(StoreError::Conflict));
    let mut dropped = store.begin().await.unwrap();
    dropped.revoke(FeedEntry::App(app(3), 2), NOW.plus_seconds(3720));
    drop(dropped);
    assert!(!is_dead(&store, app(2)) && !is_dead(&store, app(3)));
    store.write(revoking(4, app(4))).await.unwrap();
    assert_eq!(streams(&store).await.into_values().collect::<Vec<_>>(), [vec![1, 2]]);
}

async fn a_transaction_revokes_when_it_commits(place: Arc<Place>) {
    let store = place.open().await;
    let mut tx = store.begin().await.unwrap();
    tx.execute(INSERT, params![1, 0]).await.unwrap();
    tx.revoke(FeedEntry::App(app(1), 2), NOW.plus_seconds(3720));
    tx.revoke(FeedEntry::App(app(2), 2), NOW.plus_seconds(3720));
    assert!(!is_dead(&store, app(1)));
    tx.commit().await.unwrap();
    assert!(is_dead(&store, app(1)) && is_dead(&store, app(2)));
    assert_eq!(streams(&store).await.into_values().collect::<Vec<_>>(), [vec![1, 2]]);
}

async fn a_restart_keeps_what_was_revoked_and_opens_a_new_stream(place: Arc<Place>) {
    let store = place.open().await;
    store.write(revoking(1, app(1))).await.unwrap();
    store.write(revoking(2, app(2))).await.unwrap();
    store.close().await;
    let store = place.open().await;
    assert!(is_dead(&store, app(1)) && is_dead(&store, app(2)) && !is_dead(&store, app(3)));
    assert!(store.feed_is_fresh(NOW));
    store.write(revoking(3, app(3))).await.unwrap();
    let mut streams: Vec<_> = streams(&store).await.into_values().collect();
    streams.sort();
    assert_eq!(streams, [vec![1], vec![1, 2]]);
}

async fn a_stream_that_rested_is_not_continued(place: Arc<Place>) {
    let store = place.open().await;
    for minutes in [0, 30, 60, 180, 181] {
        let keep_until = NOW.plus_seconds(3720 + minutes * 60);
        store.write(Write::default().revoke(FeedEntry::App(app(1), 2), keep_until)).await.unwrap();
    }
    let mut streams: Vec<_> = streams(&store).await.into_values().collect();
    streams.sort();
    assert_eq!(streams, [vec![1, 2], vec![1, 2, 3]]);
}

async fn what_no_token_can_need_is_forgotten(place: Arc<Place>) {
    let store = place.open().await;
    store.write(revoking(1, app(1))).await.unwrap();
    store.forget_expired_feed(NOW.plus_seconds(3719)).await.unwrap();
    assert!(is_dead(&store, app(1)));
    store.forget_expired_feed(NOW.plus_seconds(3721)).await.unwrap();
    assert!(!is_dead(&store, app(1)), "its tokens have expired");
    assert_eq!(streams(&store).await.len(), 1, "the row stays for those who read late");
    store.forget_expired_feed(NOW.plus_seconds(3721 + 86_400)).await.unwrap();
    assert!(streams(&store).await.is_empty());
}

async fn an_unknown_kind_of_entry_stops_the_opening(place: Arc<Place>) {
    let store = place.open().await;
    store.write(foreign_row(1, 99)).await.unwrap();
    store.close().await;
    assert!(matches!(place.try_open().await.map(drop), Err(StoreError::Corrupt { .. })));
}

/// A row as another process writes it, in a stream of its own.
pub fn foreign_row(n: u8, kind: i64) -> Write {
    let sql = "INSERT INTO revocations (stream, n, kind, key, number, keep_until) VALUES ($1, $2, $3, $4, $5, $6)";
    let params = params![StreamId::from_bytes([7; 16]), n, kind, app(n), 2, NOW.plus_seconds(3720)];
    Write::one(Statement::new(sql, params))
}
