//! PostgreSQL: each write is one transaction; several server processes may share one database.

mod connection;
mod tx;
mod value;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use keysig_core::feed::{FeedEntry, Revocations};
use keysig_core::id::Incarnation;
use keysig_core::rng::{Rng, random};
use keysig_core::time::Timestamp;
use tokio_postgres::error::SqlState;

use crate::error::StoreError;
use crate::feed::{self, Following, OwnStream};
use crate::migrate;
use crate::params;
use crate::statement::{Statement, StatementResult, Write, Written};
use crate::value::{Row, Value};
use connection::Lease;
pub(crate) use tx::PostgresTx;
use value::Failed;

/// How often a write that the server took back (40001, 40P01) is tried again.
const RETRIES: u32 = 5;

pub(crate) struct Postgres {
    pool: Pool,
    rng: Arc<dyn Rng>,
    revocations: Arc<Revocations>,
    /// Locked from the drawing of a number until its outcome is known; empty while that is open, so that whoever finds
    /// it empty knows that the last outcome was lost, and opens a new stream.
    own_stream: tokio::sync::Mutex<Option<OwnStream>>,
    following: Mutex<Following>,
}

impl Postgres {
    pub(crate) async fn open(
        url: &str,
        ca_file: Option<&Path>,
        connections: usize,
        now: Timestamp,
        rng: Arc<dyn Rng>,
        revocations: Arc<Revocations>,
    ) -> Result<(Self, Incarnation), StoreError> {
        let pool = connection::pool(url, ca_file, connections)?;
        migrate(&pool).await?;
        let client = connection::get(&pool).await?;
        let begin_life = Statement::new(migrate::BEGIN_LIFE, params![Incarnation::generate(&rng), now]);
        run(&client, &begin_life).await?;
        let life = run(&client, &Statement::query(migrate::READ_LIFE, Vec::new())).await?;
        let unknown = || StoreError::Unavailable("it has no incarnation".to_owned());
        let incarnation = life.rows.first().ok_or_else(unknown)?.id(0)?;
        let snapshot = run(&client, &Statement::query(feed::SNAPSHOT, Vec::new())).await?;
        let following = Mutex::new(Following::start(&snapshot.rows, now, &revocations)?);
        let own_stream = tokio::sync::Mutex::new(None);
        Ok((Self { pool, rng, revocations, own_stream, following }, incarnation))
    }

    /// The schema of the database, if a store is there.
    pub(crate) async fn schema(url: &str, ca_file: Option<&Path>) -> Result<Option<i64>, StoreError> {
        let pool = connection::pool(url, ca_file, 1)?;
        let client = connection::get(&pool).await?;
        let tables = "SELECT COUNT(*) FROM pg_catalog.pg_class
                      WHERE relname = 'schema_version' AND pg_catalog.pg_table_is_visible(oid)";
        let found = run(&client, &Statement::query(tables, Vec::new())).await?;
        if found.rows.first().map_or(Ok(0), |row| row.int(0))? == 0 {
            return Ok(None);
        }
        let read = run(&client, &Statement::query(migrate::READ, Vec::new())).await?;
        read.rows.first().map(|row| row.int(0)).transpose()
    }

    pub(crate) async fn read(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let client = connection::get(&self.pool).await?;
        Ok(run(&client, &Statement::query(sql, params)).await?.rows)
    }

    pub(crate) async fn write(self: Arc<Self>, write: Write) -> Result<Written, StoreError> {
        if write.feed.is_empty() {
            return self.write_with_retries(&write).await;
        }
        // A caller that goes away in the middle would leave the outcome unknown, and cost a stream each time.
        let revoking = tokio::spawn(async move { self.write_with_retries(&write).await });
        revoking.await.unwrap_or(Err(StoreError::AmbiguousCommit))
    }

    async fn write_with_retries(&self, write: &Write) -> Result<Written, StoreError> {
        let mut tries = 0;
        loop {
            let client = connection::get(&self.pool).await?;
            let result = match write.statements.as_slice() {
                [statement] if statement.must_affect.is_none() && write.feed.is_empty() => {
                    run_alone(&client, statement).await
                }
                _ => self.run_together(client, write).await,
            };
            match result {
                Ok(written) => return Ok(written),
                Err(Failed::Retry) if tries < RETRIES => tries += 1,
                Err(failed) => return Err(failed.into()),
            }
            let [jitter] = random::<1>(&*self.rng);
            tokio::time::sleep(Duration::from_millis((u64::from(jitter) % 8 + 1) << tries)).await;
        }
    }

    async fn run_together(&self, client: Object, write: &Write) -> Result<Written, Failed> {
        let mut prepared = Vec::with_capacity(write.statements.len());
        for statement in &write.statements {
            prepared.push(prepare(&client, statement).await?);
        }
        let mut lease = Lease::new(client);
        let mut statements = write.statements.iter().zip(&prepared).enumerate();
        let mut written = Written { results: Vec::with_capacity(prepared.len()) };
        let client = lease.enter()?;
        match statements.next() {
            Some((_, (first, prepared))) => {
                // Sent in one go: the transaction holds its locks for one round trip less.
                let begin = client.batch_execute("BEGIN");
                let (begun, result) = tokio::join!(biased; begin, value::run(client, prepared, first));
                begun?;
                let result = result?;
                first.check(0, result.affected)?;
                written.results.push(result);
            }
            None => client.batch_execute("BEGIN").await?,
        }
        for (index, (statement, prepared)) in statements {
            let result = value::run(client, prepared, statement).await?;
            statement.check(index, result.affected)?;
            written.results.push(result);
        }
        self.commit(lease, &write.feed).await?;
        Ok(written)
    }

    /// Adds entries to the feed and commits; applies them here before it returns.
    async fn commit(&self, lease: Lease, entries: &[(FeedEntry, Timestamp)]) -> Result<(), Failed> {
        if entries.is_empty() {
            return lease.commit().await;
        }
        let mut own_stream = self.own_stream.lock().await;
        let before = own_stream.take().unwrap_or_else(|| OwnStream::open(&*self.rng));
        let mut stream = before;
        for (entry, keep_until) in entries {
            let insert = Statement::new(feed::INSERT, stream.next(entry, *keep_until, &*self.rng));
            if let Err(failed) = run(lease.client()?, &insert).await {
                *own_stream = Some(before);
                return Err(failed);
            }
        }
        match lease.commit().await {
            Ok(()) => *own_stream = Some(stream),
            Err(Failed::Store(StoreError::AmbiguousCommit)) => return Err(StoreError::AmbiguousCommit.into()),
            Err(known) => {
                *own_stream = Some(before);
                return Err(known);
            }
        }
        feed::apply_all(&self.revocations, entries);
        Ok(())
    }

    pub(crate) async fn begin(self: Arc<Self>) -> Result<PostgresTx, StoreError> {
        PostgresTx::begin(self).await
    }

    pub(crate) fn feed_is_fresh(&self, now: Timestamp) -> bool {
        self.following().is_fresh(now)
    }

    pub(crate) async fn poll_feed(&self, now: Timestamp) -> Result<(), StoreError> {
        if self.following().needs_snapshot(now) {
            let snapshot = self.read(feed::SNAPSHOT, Vec::new()).await?;
            *self.following() = Following::start(&snapshot, now, &self.revocations)?;
            return Ok(());
        }
        let streams = self.read(feed::STREAMS, Vec::new()).await?;
        let behind = self.following().behind(&streams)?;
        let mut rows = Vec::new();
        for cursor in behind {
            rows.extend(feed::read_rows(&self.read(feed::AFTER, cursor).await?)?);
        }
        self.following().advance(&rows, now, &self.revocations);
        Ok(())
    }

    fn following(&self) -> MutexGuard<'_, Following> {
        self.following.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn close(&self) {
        self.pool.close();
    }
}

async fn prepare(client: &Object, statement: &Statement) -> Result<tokio_postgres::Statement, Failed> {
    let prepared = client.prepare_cached(statement.sql).await?;
    value::check(&prepared, statement.sql, &statement.params)?;
    Ok(prepared)
}

async fn run(client: &Object, statement: &Statement) -> Result<StatementResult, Failed> {
    value::run(client, &prepare(client, statement).await?, statement).await
}

/// A statement that is its own transaction.
async fn run_alone(client: &Object, statement: &Statement) -> Result<Written, Failed> {
    let prepared = prepare(client, statement).await?;
    match value::run(client, &prepared, statement).await {
        Ok(result) => Ok(Written { results: vec![result] }),
        // Sent, and no answer: it may have been committed.
        Err(Failed::Lost(_)) => Err(StoreError::AmbiguousCommit.into()),
        Err(failed) => Err(failed),
    }
}

async fn migrate(pool: &Pool) -> Result<(), StoreError> {
    let mut lease = Lease::new(connection::get(pool).await?);
    bootstrap(lease.client()?).await?;
    let client = lease.enter()?;
    client
        .batch_execute("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s'")
        .await
        .map_err(value::error)?;
    let version = run(client, &Statement::query(migrate::LOCK, Vec::new())).await?;
    let unknown = || StoreError::Unavailable("it has no schema version".to_owned());
    let found = version.rows.first().ok_or_else(unknown)?.int(0)?;
    for sql in migrate::pending(found)? {
        client.batch_execute(&migrate::for_postgres(sql)).await.map_err(value::error)?;
    }
    run(client, &Statement::new(migrate::SET, params![migrate::KNOWN])).await?;
    Ok(lease.commit().await?)
}

/// `CREATE TABLE IF NOT EXISTS` of two nodes at once may fail for one of them; the table is there the next time.
async fn bootstrap(client: &Object) -> Result<(), StoreError> {
    let by_another = [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT];
    for _ in 0..RETRIES {
        match client.batch_execute(migrate::BOOTSTRAP).await {
            Err(error) if error.code().is_some_and(|code| by_another.contains(code)) => {}
            done => return done.map_err(value::error),
        }
    }
    Err(StoreError::Busy)
}
