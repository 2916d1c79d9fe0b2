//! Writes: all or nothing, one winner, visible when answered.

use std::sync::Arc;

use keysig_store::{Statement, Store, StoreError, Write, params};
use tokio::task::JoinSet;

use crate::place::{INSERT, Place, count};

on_both_engines!(
    a_write_that_affects_other_than_it_must_is_rolled_back_alone,
    a_single_statement_that_affects_too_many_is_rolled_back_alone,
    of_200_inserts_of_one_key_one_wins,
    of_200_claims_of_one_key_one_is_counted,
    what_was_answered_is_read,
    a_write_that_fails_leaves_nothing,
    a_statement_sees_those_before_it_and_returns_rows,
    a_write_may_be_empty,
    binds_are_numbers_not_places,
);

/// Keeps the writer of an engine that has one from beginning, so that what is spawned meanwhile is one batch.
async fn together(store: &Store, writes: Vec<Write>) -> Vec<Result<(), StoreError>> {
    let held = store.begin().await.unwrap();
    let mut tasks = Vec::new();
    for write in writes {
        let store = store.clone();
        tasks.push(tokio::spawn(async move { store.write(write).await.map(drop) }));
    }
    tokio::task::yield_now().await;
    drop(held);
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

async fn a_write_that_affects_other_than_it_must_is_rolled_back_alone(place: Arc<Place>) {
    let store = place.open().await;
    let nobody = "UPDATE things SET text = 'x' WHERE id = $1";
    let writes = (0..60).map(|id| {
        let insert = Write::one(Statement::new(INSERT, params![id, 0]));
        let two = insert.and(Statement::new(INSERT, params![id + 1000, 0]).must_affect(1));
        if id % 3 == 0 { two.and(Statement::new(nobody, params![-1]).must_affect(1)) } else { two }
    });
    let results = together(&store, writes.collect()).await;
    for (id, result) in results.iter().enumerate() {
        let expected = match id % 3 {
            0 => Err(StoreError::AffectedMismatch { statement: 2, expected: 1, affected: 0 }),
            _ => Ok(()),
        };
        assert_eq!(*result, expected, "{id}");
    }
    assert_eq!(count(&store, 0).await, 80);
}

async fn a_single_statement_that_affects_too_many_is_rolled_back_alone(place: Arc<Place>) {
    let store = place.open().await;
    for id in [1, 2] {
        store.write(Write::one(Statement::new(INSERT, params![id, 1]))).await.unwrap();
    }
    let update = "UPDATE things SET kind = 7 WHERE kind = $1";
    let returning = "UPDATE things SET kind = 7 WHERE kind = $1 RETURNING id";
    let mut writes: Vec<Write> =
        (10..30).map(|id| Write::one(Statement::new(INSERT, params![id, 2]).must_affect(1))).collect();
    writes.push(Write::one(Statement::new(update, params![1]).must_affect(1)));
    writes.push(Write::one(Statement::query(returning, params![1]).must_affect(1)));
    writes.extend((30..50).map(|id| Write::one(Statement::new(INSERT, params![id, 2]))));
    let results = together(&store, writes).await;
    let mismatch = Err(StoreError::AffectedMismatch { statement: 0, expected: 1, affected: 2 });
    assert_eq!(results.iter().filter(|result| **result == mismatch).count(), 2);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 40);
    assert_eq!((count(&store, 1).await, count(&store, 2).await, count(&store, 7).await), (2, 40, 0));
}

async fn of_200_inserts_of_one_key_one_wins(place: Arc<Place>) {
    let store = place.open().await;
    let writes = (0..200).map(|who| Write::one(Statement::new(INSERT, params![1, who]))).collect();
    let results = together(&store, writes).await;
    let winner = results.iter().position(Result::is_ok).expect("one wins");
    let conflicts = results.iter().filter(|result| **result == Err(StoreError::Conflict)).count();
    assert_eq!(conflicts, 199);
    assert_eq!(count(&store, winner as i64).await, 1, "the row is the winner's");
}

async fn of_200_claims_of_one_key_one_is_counted(place: Arc<Place>) {
    let store = place.open().await;
    let claim = "INSERT INTO things (id, kind) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    let mut tasks = JoinSet::new();
    for who in 0..200 {
        let store = store.clone();
        tasks.spawn(async move {
            let mut statement = Statement::new(claim, params![1, who]);
            if who % 2 == 0 {
                statement = statement.must_affect(1);
            }
            match store.write(Write::one(statement)).await {
                Ok(written) => written.affected(0),
                Err(StoreError::AffectedMismatch { affected: 0, .. }) => 0,
                Err(error) => panic!("{error}"),
            }
        });
    }
    let won: u64 = tasks.join_all().await.into_iter().sum();
    assert_eq!(won, 1);
}

async fn what_was_answered_is_read(place: Arc<Place>) {
    let store = place.open().await;
    let mut tasks = JoinSet::new();
    for task in 0..16 {
        let store = store.clone();
        tasks.spawn(async move {
            for id in (task * 50)..(task + 1) * 50 {
                store.write(Write::one(Statement::new(INSERT, params![id, 0]))).await.unwrap();
                let rows = store.read("SELECT id FROM things WHERE id = $1", params![id]).await.unwrap();
                assert_eq!(rows.len(), 1, "{id}");
            }
        });
    }
    tasks.join_all().await;
    let all = store.read_heavy("SELECT id FROM things ORDER BY id", params![]).await.unwrap();
    assert_eq!(all.iter().map(|row| row.int(0).unwrap()).collect::<Vec<_>>(), (0..800).collect::<Vec<_>>());
}

async fn a_write_that_fails_leaves_nothing(place: Arc<Place>) {
    let store = place.open().await;
    let first = || Write::one(Statement::new(INSERT, params![1, 1]));
    let failures = [
        first().and(Statement::new(INSERT, params![1, 1])),
        first().and(Statement::new(INSERT, params![2, None::<i64>])),
        first().and(Statement::new(INSERT, params![2])),
        first().and(Statement::new("INSERT INTO nothing (id) VALUES ($1)", params![2])),
        first().and(Statement::new("not SQL", params![])),
    ];
    for (index, failure) in failures.into_iter().enumerate() {
        let error = store.write(failure).await.unwrap_err();
        match index {
            0 => assert_eq!(error, StoreError::Conflict),
            _ => assert!(matches!(error, StoreError::Engine(_)), "{index}: {error}"),
        }
        assert_eq!(count(&store, 1).await, 0, "{index}");
    }
    store.write(first()).await.expect("and nothing stands in the way");
}

async fn a_statement_sees_those_before_it_and_returns_rows(place: Arc<Place>) {
    let store = place.open().await;
    let write = Write::one(Statement::new(INSERT, params![1, 5]))
        .and(Statement::query("UPDATE things SET kind = kind + 1 WHERE id = $1 RETURNING kind, id", params![1]))
        .and(Statement::query("SELECT kind FROM things WHERE kind > $1", params![5]).must_affect(1));
    let written = store.write(write).await.unwrap();
    assert_eq!((written.affected(0), written.affected(1), written.affected(2)), (1, 1, 1));
    assert_eq!(written.rows(1)[0].int(0), Ok(6));
    assert_eq!(written.rows(2)[0].int(0), Ok(6));
    assert!(written.rows(0).is_empty() && written.rows(9).is_empty());
}

async fn a_write_may_be_empty(place: Arc<Place>) {
    let store = place.open().await;
    assert!(store.write(Write::default()).await.unwrap().results.is_empty());
}

async fn binds_are_numbers_not_places(place: Arc<Place>) {
    let store = place.open().await;
    let sql = "SELECT CAST($2 AS TEXT), CAST($1 AS TEXT), '$1', CAST($2 AS TEXT)";
    let rows = store.read(sql, params!["a", "b"]).await.unwrap();
    let texts: Vec<&str> = (0..4).map(|column| rows[0].text(column).unwrap()).collect();
    assert_eq!(texts, ["b", "a", "$1", "b"]);
}
