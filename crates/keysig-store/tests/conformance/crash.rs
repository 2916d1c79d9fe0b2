//! A process that dies in the middle of its work has done everything it said it had done.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keysig_core::feed::FeedEntry;
use keysig_store::{EngineConfig, Statement, Write, params};

use crate::feed::{app, is_dead};
use crate::place::{INSERT, NOW, Place};

on_both_engines!(what_was_acknowledged_survives_the_death_of_the_process);

const WRITERS: i64 = 1000;
const WRITES_EACH: i64 = 5;
const DIES_AFTER: usize = 2000;
const PLACE: &str = "KEYSIG_TEST_CRASH_PLACE";

async fn what_was_acknowledged_survives_the_death_of_the_process(place: Arc<Place>) {
    // The process that dies is this test once more, told where.
    if let Ok(at) = std::env::var(PLACE) {
        return write_until_it_dies(at).await;
    }
    place.open().await.close().await;
    let at = match &place.config.engine {
        EngineConfig::Sqlite { path, .. } => path.to_str().unwrap().to_owned(),
        EngineConfig::Postgres { url, .. } => url.clone(),
    };
    let lines = tokio::task::spawn_blocking(move || {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "crash::on_sqlite::what_was_acknowledged_survives_the_death_of_the_process",
                "--nocapture",
            ])
            .env(PLACE, at)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap).collect();
        assert!(!child.wait().unwrap().success(), "it died");
        lines
    })
    .await
    .unwrap();
    let acknowledged: Vec<i64> =
        lines.iter().filter_map(|line| line.strip_prefix("done ")?.strip_suffix('.')?.parse().ok()).collect();
    let all = (WRITERS * WRITES_EACH) as usize;
    assert!((DIES_AFTER..all).contains(&acknowledged.len()), "in the middle: {}", acknowledged.len());

    let store = place.open().await;
    for id in acknowledged {
        let rows = store.read("SELECT kind FROM things WHERE id = $1", params![id]).await.unwrap();
        assert_eq!(rows.len(), 1, "{id} was acknowledged");
        if id % 100 == 0 {
            assert!(is_dead(&store, app((id / 100) as u8)), "{id} revoked");
        }
    }
    let sql = "SELECT COUNT(*), MAX(n) FROM revocations GROUP BY stream";
    for stream in store.read(sql, params![]).await.unwrap() {
        assert_eq!(stream.int(0), stream.int(1), "numbers are dense");
    }
}

async fn write_until_it_dies(at: String) {
    let place = if at.contains("://") { Place::postgres_at(at) } else { Place::sqlite_at(at.into()) };
    let store = place.open().await;
    let done = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, done) = (store.clone(), Arc::clone(&done));
        tasks.spawn(async move {
            for turn in 0..WRITES_EACH {
                let id = turn * WRITERS + writer;
                let mut write = Write::one(Statement::new(INSERT, params![id, turn]));
                if id % 100 == 0 {
                    let entry = FeedEntry::App(app((id / 100) as u8), 2);
                    write = write.revoke(entry, NOW.plus_seconds(3720));
                }
                if store.write(write).await.is_err() {
                    continue;
                }
                // The full stop proves that the line came whole.
                std::io::stdout().lock().write_all(format!("done {id}.\n").as_bytes()).unwrap();
                if done.fetch_add(1, Ordering::SeqCst) >= DIES_AFTER {
                    std::process::abort();
                }
            }
        });
    }
    tasks.join_all().await;
}
