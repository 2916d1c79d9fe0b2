//! What concerns several processes on one server, and a connection that breaks.

use std::sync::Arc;

use keysig_core::testing::SeededRng;
use keysig_store::{EngineConfig, Statement, Store, StoreConfig, StoreError, Write, params};

use crate::feed::{app, foreign_row, is_dead, revoking};
use crate::place::{INSERT, NOW, Place, beside, count, run_in};

macro_rules! on_postgres {
    ($($test:ident),* $(,)?) => { $(
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $test() {
            if let Some(place) = Place::postgres().await {
                run_in(place, tests::$test).await;
            }
        }
    )* };
}
on_postgres!(
    four_processes_open_an_empty_database_at_once,
    what_one_process_revokes_the_others_learn,
    a_commit_that_becomes_visible_late_is_applied_and_its_absence_closes,
    a_server_that_loses_commits_is_refused,
    a_commit_on_a_broken_connection_is_ambiguous_and_the_store_goes_on,
    a_dropped_call_returns_no_open_transaction_to_the_pool,
    who_gets_no_connection_is_told_to_come_back,
    a_value_of_the_wrong_type_is_refused_before_it_is_sent,
    tls_that_was_asked_for_is_never_done_without,
);

mod tests {
    use super::*;

    pub async fn four_processes_open_an_empty_database_at_once(place: Arc<Place>) {
        let (a, b, c, d) = tokio::join!(place.try_open(), place.try_open(), place.try_open(), place.try_open());
        let lives = [a, b, c, d].map(|store| store.unwrap().incarnation());
        assert!(lives.iter().all(|life| *life == lives[0]));
    }

    pub async fn what_one_process_revokes_the_others_learn(place: Arc<Place>) {
        let (one, other) = (place.open().await, place.open().await);
        for number in 1..=3 {
            one.write(revoking(number.into(), app(number))).await.unwrap();
        }
        assert!(!is_dead(&other, app(1)));
        other.poll_feed(NOW.plus_seconds(1)).await.unwrap();
        assert!((1..=3).all(|number| is_dead(&other, app(number))));
        other.write(revoking(4, app(4))).await.unwrap();
        one.poll_feed(NOW.plus_seconds(1)).await.unwrap();
        assert!(is_dead(&one, app(4)));
        assert!(one.feed_is_fresh(NOW.plus_seconds(11)));
        assert!(!one.feed_is_fresh(NOW.plus_seconds(12)), "who does not read accepts nothing");
        one.write(revoking(5, app(5))).await.unwrap();
        other.poll_feed(NOW.plus_seconds(7200)).await.unwrap();
        assert!(is_dead(&other, app(5)) && other.feed_is_fresh(NOW.plus_seconds(7200)), "after a long absence too");
    }

    pub async fn a_commit_that_becomes_visible_late_is_applied_and_its_absence_closes(place: Arc<Place>) {
        let store = place.open().await;
        store.write(foreign_row(2, 2)).await.unwrap();
        store.poll_feed(NOW.plus_seconds(1)).await.unwrap();
        assert!(is_dead(&store, app(2)) && store.feed_is_fresh(NOW.plus_seconds(2)));
        store.poll_feed(NOW.plus_seconds(12)).await.unwrap();
        assert!(!store.feed_is_fresh(NOW.plus_seconds(12)));
        store.write(foreign_row(1, 2)).await.unwrap();
        store.poll_feed(NOW.plus_seconds(60)).await.unwrap();
        assert!(is_dead(&store, app(1)) && store.feed_is_fresh(NOW.plus_seconds(60)));
        store.write(foreign_row(3, 99)).await.unwrap();
        assert!(store.poll_feed(NOW.plus_seconds(61)).await.is_err(), "an entry that cannot be read");
        assert!(!store.feed_is_fresh(NOW.plus_seconds(71)));
    }

    pub async fn a_server_that_loses_commits_is_refused(place: Arc<Place>) {
        let (_, database) = place.url().trim_end_matches('?').rsplit_once('/').unwrap();
        beside(place.url(), &format!("ALTER DATABASE {database} SET synchronous_commit = off")).await;
        let refused = place.try_open().await.map(drop);
        assert!(matches!(refused, Err(StoreError::Engine(text)) if text.contains("synchronous_commit")));
    }

    const OTHERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";

    pub async fn a_commit_on_a_broken_connection_is_ambiguous_and_the_store_goes_on(place: Arc<Place>) {
        let store = place.open().await;
        let mut tx = store.begin().await.unwrap();
        tx.execute(INSERT, params![1, 1]).await.unwrap();
        tx.revoke(keysig_core::feed::FeedEntry::App(app(1), 2), NOW.plus_seconds(3720));
        let mut without_feed = store.begin().await.unwrap();
        without_feed.execute(INSERT, params![2, 1]).await.unwrap();
        beside(place.url(), OTHERS).await;
        assert_eq!(without_feed.commit().await, Err(StoreError::AmbiguousCommit));
        assert!(tx.commit().await.is_err());
        assert_eq!(count(&store, 1).await, 0);
        store.write(revoking(3, app(3))).await.unwrap();
        assert!(is_dead(&store, app(3)) && !is_dead(&store, app(1)));
    }

    pub async fn a_dropped_call_returns_no_open_transaction_to_the_pool(place: Arc<Place>) {
        let store = place.open().await;
        let mut held = store.begin().await.unwrap();
        held.execute(INSERT, params![1, 1]).await.unwrap();
        // These wait for the row that is held, in the middle of their transactions, and are given up there.
        for _ in 0..8 {
            let waiting = Write::one(Statement::new(INSERT, params![2, 2])).and(Statement::new(INSERT, params![1, 2]));
            let given_up = tokio::time::timeout(std::time::Duration::from_millis(50), store.write(waiting)).await;
            assert!(given_up.is_err());
        }
        held.commit().await.unwrap();
        for id in 10..30 {
            store.write(Write::one(Statement::new(INSERT, params![id, 3]))).await.unwrap();
        }
        let other = place.open().await;
        assert_eq!((count(&other, 2).await, count(&other, 3).await), (0, 20));
    }

    pub async fn who_gets_no_connection_is_told_to_come_back(place: Arc<Place>) {
        let engine = EngineConfig::Postgres { url: place.url().to_owned(), ca_file: None, connections: 2 };
        let store = Store::open(StoreConfig { engine }, NOW, Arc::new(SeededRng::new(1))).await.unwrap();
        let held = (store.begin().await.unwrap(), store.begin().await.unwrap());
        assert_eq!(store.write(Write::default()).await.map(drop), Err(StoreError::Busy));
        drop(held);
        store.write(Write::default()).await.unwrap();
    }

    pub async fn a_value_of_the_wrong_type_is_refused_before_it_is_sent(place: Arc<Place>) {
        let store = place.open().await;
        for params in [params!["1", 1], params![vec![1_u8], 1], params![1]] {
            let refused = store.write(Write::one(Statement::new(INSERT, params))).await.map(drop);
            assert!(matches!(refused, Err(StoreError::Engine(_))), "{refused:?}");
        }
        let numeric = store.read("SELECT 1.5", params![]).await.map(drop);
        assert!(matches!(numeric, Err(StoreError::Engine(_))), "{numeric:?}");
    }

    pub async fn tls_that_was_asked_for_is_never_done_without(place: Arc<Place>) {
        // The test server has no TLS, or a certificate that nobody trusts.
        let and = if place.url().ends_with('?') { "" } else { "&" };
        let opened = Place::postgres_at(format!("{}{and}sslmode=require", place.url())).try_open().await.map(drop);
        assert!(matches!(opened, Err(StoreError::Unavailable(_))), "{opened:?}");
    }
}
