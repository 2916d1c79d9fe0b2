//! An interactive transaction, for operations that look before they write.

use keysig_core::feed::FeedEntry;
use keysig_core::time::Timestamp;

use crate::error::StoreError;
use crate::postgres::PostgresTx;
use crate::sqlite::SqliteTx;
use crate::statement::{Statement, StatementResult};
use crate::value::{Row, Value};

/// A transaction as a value: committed by [`Tx::commit`], rolled back when dropped.
///
/// On SQLite it holds the only writing connection, so nothing else is written meanwhile: never await anything but the
/// store while one is open. On PostgreSQL it is READ COMMITTED: what must hold when a row changes stands in the
/// statement (`WHERE epoch = $2`, and the count of affected rows), not in a SELECT before it.
///
/// After an error every further call fails and nothing can be committed.
pub struct Tx {
    engine: EngineTx,
    feed: Vec<(FeedEntry, Timestamp)>,
    failed: bool,
}

pub(crate) enum EngineTx {
    Sqlite(SqliteTx),
    Postgres(Box<PostgresTx>),
}

impl Tx {
    pub(crate) fn new(engine: EngineTx) -> Self {
        Self { engine, feed: Vec::new(), failed: false }
    }

    /// Runs an INSERT, UPDATE or DELETE; how many rows it changed.
    pub async fn execute(&mut self, sql: &'static str, params: Vec<Value>) -> Result<u64, StoreError> {
        self.run(&Statement::new(sql, params)).await.map(|result| result.affected)
    }

    /// Runs a SELECT, or a statement with RETURNING; its rows.
    pub async fn query(&mut self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        self.run(&Statement::query(sql, params)).await.map(|result| result.rows)
    }

    /// Runs a statement as it would run in a [`crate::Write`], with its `must_affect`.
    pub async fn run(&mut self, statement: &Statement) -> Result<StatementResult, StoreError> {
        self.check()?;
        // A call that is dropped half-way leaves a statement whose outcome nobody saw: nothing is committed then.
        self.failed = true;
        let result = match &mut self.engine {
            EngineTx::Sqlite(tx) => tx.run(statement.sql, &statement.params, statement.returns_rows)?,
            EngineTx::Postgres(tx) => tx.run(statement).await?,
        };
        statement.check(0, result.affected)?;
        self.failed = false;
        Ok(result)
    }

    /// Adds an entry to the revocation feed; see [`crate::Write::revoke`].
    pub fn revoke(&mut self, entry: FeedEntry, keep_until: Timestamp) {
        self.feed.push((entry, keep_until));
    }

    /// Commits durably, then applies what was revoked.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.check()?;
        match self.engine {
            EngineTx::Sqlite(tx) => tx.commit(self.feed).await,
            EngineTx::Postgres(tx) => tx.commit(self.feed).await,
        }
    }

    fn check(&self) -> Result<(), StoreError> {
        match self.failed {
            true => Err(StoreError::Engine("the transaction has failed".to_owned())),
            false => Ok(()),
        }
    }
}
