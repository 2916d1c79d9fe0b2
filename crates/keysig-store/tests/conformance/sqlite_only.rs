//! What concerns a file on this machine.

use std::sync::Arc;

use keysig_store::{EngineConfig, Statement, StoreError, Write, params};
use tokio::task::JoinSet;

use crate::feed::{app, is_dead, revoking};
use crate::place::{INSERT, Place, count, run_in};

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_has_closed() {
    run_in(Place::sqlite(), |place: Arc<Place>| async move {
        let first = place.open().await;
        assert_eq!(place.try_open().await.map(drop), Err(StoreError::AlreadyOpen));
        first.close().await;
        place.open().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_does_not_fit_the_queue_is_refused_at_once_and_the_rest_is_done() {
    run_in(Place::sqlite(), |place: Arc<Place>| async move {
        let store = place.open().await;
        let held = store.begin().await.unwrap();
        let mut tasks = JoinSet::new();
        for id in 0..5000 {
            let store = store.clone();
            tasks.spawn(async move { store.write(Write::one(Statement::new(INSERT, params![id, 0]))).await.map(drop) });
        }
        let refused = tasks.join_next().await.unwrap().unwrap();
        assert_eq!(refused, Err(StoreError::Busy), "only a refusal is answered while nothing can be written");
        drop(held);
        let mut written = 0;
        for result in tasks.join_all().await {
            match result {
                Ok(()) => written += 1,
                Err(error) => assert_eq!(error, StoreError::Busy),
            }
        }
        assert!(written >= 4096, "{written}");
        assert_eq!(count(&store, 0).await, written);
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_machine_reads_the_files() {
    use std::os::unix::fs::PermissionsExt;
    run_in(Place::sqlite(), |place: Arc<Place>| async move {
        let store = place.open().await;
        store.write(Write::one(Statement::new(INSERT, params![1, 1]))).await.unwrap();
        let EngineConfig::Sqlite { path, .. } = &place.config.engine else { panic!("a file") };
        let directory = path.parent().unwrap();
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(directory), 0o700);
        let files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(files.len() >= 4, "database, log, its index, lock: {files:?}");
        for file in files {
            assert_eq!(mode(&file), 0o600, "{file:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_file_has_the_settings_that_durability_and_speed_rest_on() {
    run_in(Place::sqlite(), |place: Arc<Place>| async move {
        let store = place.open().await;
        let mut tx = store.begin().await.unwrap();
        for (pragma, value) in [
            ("PRAGMA page_size", 1024),
            ("PRAGMA synchronous", 2),
            ("PRAGMA foreign_keys", 1),
            ("PRAGMA wal_autocheckpoint", 0),
        ] {
            assert_eq!(tx.query(pragma, params![]).await.unwrap()[0].int(0), Ok(value), "{pragma}");
        }
        let mode = tx.query("PRAGMA journal_mode", params![]).await.unwrap();
        assert_eq!(mode[0].text(0), Ok("wal"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_log_does_not_grow_without_end_under_load() {
    run_in(Place::sqlite(), |place: Arc<Place>| async move {
        let store = place.open().await;
        let mut tasks = JoinSet::new();
        let sql = "INSERT INTO things (id, kind, bytes) VALUES ($1, 0, $2)";
        for task in 0..64 {
            let store = store.clone();
            tasks.spawn(async move {
                for id in 0..64 {
                    let params = params![task * 64 + id, vec![0_u8; 32 * 1024]];
                    store.write(Write::one(Statement::new(sql, params))).await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        let EngineConfig::Sqlite { path, .. } = &place.config.engine else { panic!("a file") };
        let log = path.with_extension("db-wal").metadata().unwrap().len();
        assert!(log < 100 * 1024 * 1024, "128 MiB were written, the log has {log} bytes");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_acknowledges_nothing_that_is_not_there() {
    run_in(Place::sqlite(), |place: Arc<Place>| async move {
        let store = place.open().await;
        let mut tx = store.begin().await.unwrap();
        let pages = tx.query("PRAGMA page_count", params![]).await.unwrap()[0].int(0).unwrap();
        let limit = format!("PRAGMA max_page_count = {}", pages + 200);
        tx.query(Box::leak(limit.into_boxed_str()), params![]).await.unwrap();
        drop(tx);
        let mut tasks = JoinSet::new();
        let sql = "INSERT INTO things (id, kind, bytes) VALUES ($1, 0, $2)";
        for id in 0..400 {
            let store = store.clone();
            tasks.spawn(async move {
                let params = params![id, vec![0_u8; 4096]];
                let write = Write::one(Statement::new(INSERT, params![id + 1000, 1])).and(Statement::new(sql, params));
                store.write(write).await.map(drop)
            });
        }
        let mut written = 0;
        for result in tasks.join_all().await {
            match result {
                Ok(()) => written += 1,
                Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
            }
        }
        assert!(written < 400);
        assert_eq!((count(&store, 0).await, count(&store, 1).await), (written, written));
    })
    .await;
}

/// The one way to make COMMIT itself fail that needs no broken disk.
async fn a_table_whose_check_comes_at_commit(store: &keysig_store::Store) -> Write {
    let table = "CREATE TABLE orphans (id BIGINT NOT NULL PRIMARY KEY,
        parent BIGINT NOT NULL REFERENCES things (id) DEFERRABLE INITIALLY DEFERRED)";
    store.write(Write::one(Statement::new(table, params![]))).await.unwrap();
    Write::one(Statement::new("INSERT INTO orphans (id, parent) VALUES (1, -1)", params![]))
}

#[tokio::test]
async fn after_a_commit_that_failed_nobody_is_told_that_it_happened_and_the_store_goes_on() {
    run_in(Place::sqlite(), |place: Arc<Place>| async move {
        let store = place.open().await;
        let orphan = a_table_whose_check_comes_at_commit(&store).await;
        store.write(revoking(1, app(1))).await.unwrap();
        // One thread runs this test: what is polled while the transaction is open is queued before the writer goes on.
        let held = store.begin().await.unwrap();
        let neighbour = revoking(2, app(2));
        let (first, second, ()) =
            tokio::join!(biased; store.write(neighbour), store.write(orphan.clone()), async { drop(held) });
        assert_eq!(first.map(drop), Err(StoreError::AmbiguousCommit));
        assert_eq!(second.map(drop), Err(StoreError::AmbiguousCommit));
        let mut tx = store.begin().await.unwrap();
        tx.run(&Statement::new("INSERT INTO orphans (id, parent) VALUES (1, -1)", params![])).await.unwrap();
        tx.revoke(keysig_core::feed::FeedEntry::App(app(3), 2), crate::place::NOW);
        assert_eq!(tx.commit().await, Err(StoreError::AmbiguousCommit));
        assert!(!is_dead(&store, app(2)) && !is_dead(&store, app(3)));
        store.write(revoking(4, app(4))).await.unwrap();
        assert_eq!(count(&store, 0).await, 2);
        let rows = store.read("SELECT n FROM revocations", params![]).await.unwrap();
        let numbers: Vec<i64> = rows.iter().map(|row| row.int(0).unwrap()).collect();
        assert_eq!(numbers, [1, 1], "in a new stream, because the old one's next number may be taken");
    })
    .await;
}
