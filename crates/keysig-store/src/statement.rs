//! What is asked of the store: statements, and writes made of them.

use keysig_core::feed::FeedEntry;
use keysig_core::time::Timestamp;

use crate::error::StoreError;
use crate::value::{Row, Value};

/// One SQL statement for both engines. Its text is a literal, so that no value can ever become part of it; values are
/// bound to `$1`, `$2`, ….
///
/// PostgreSQL types a bind by its place: where there is no column beside it, as in `$1 IS NULL`, say
/// `CAST($1 AS BIGINT)`. Results are BIGINT, TEXT, BLOB or a comparison (0 or 1); `SUM` of BIGINT is none of these
/// there, `CAST(SUM(n) AS BIGINT)` is.
#[derive(Clone, Debug)]
pub struct Statement {
    pub(crate) sql: &'static str,
    pub(crate) params: Vec<Value>,
    pub(crate) must_affect: Option<u64>,
    pub(crate) returns_rows: bool,
}

impl Statement {
    /// An INSERT, UPDATE or DELETE that returns no rows.
    pub fn new(sql: &'static str, params: Vec<Value>) -> Self {
        Self { sql, params, must_affect: None, returns_rows: false }
    }

    /// A statement with `RETURNING`, or a SELECT: its rows are in the result.
    pub fn query(sql: &'static str, params: Vec<Value>) -> Self {
        Self { returns_rows: true, ..Self::new(sql, params) }
    }

    /// Rolls the whole write back unless exactly `rows` rows are changed (or, of a query, returned).
    pub fn must_affect(self, rows: u64) -> Self {
        Self { must_affect: Some(rows), ..self }
    }

    /// Whether what it did is what it must do; `index` is its place in the write.
    pub(crate) fn check(&self, index: usize, affected: u64) -> Result<(), StoreError> {
        match self.must_affect {
            Some(expected) if expected != affected => {
                Err(StoreError::AffectedMismatch { statement: index, expected, affected })
            }
            _ => Ok(()),
        }
    }
}

/// Statements that happen together or not at all, with what they revoke.
#[derive(Clone, Debug, Default)]
pub struct Write {
    pub(crate) statements: Vec<Statement>,
    pub(crate) feed: Vec<(FeedEntry, Timestamp)>,
}

impl Write {
    /// A write of one statement.
    pub fn one(statement: Statement) -> Self {
        Self { statements: vec![statement], feed: Vec::new() }
    }

    /// Adds a statement, run after those before it.
    pub fn and(mut self, statement: Statement) -> Self {
        self.statements.push(statement);
        self
    }

    /// Adds an entry to the revocation feed, in the same transaction. Followers keep it until `keep_until`: the longest
    /// life of any token or code it may concern, and 2 minutes.
    pub fn revoke(mut self, entry: FeedEntry, keep_until: Timestamp) -> Self {
        self.feed.push((entry, keep_until));
        self
    }
}

/// What one statement did.
#[derive(Clone, Debug, Default)]
pub struct StatementResult {
    /// Rows changed; of a query, rows returned.
    pub affected: u64,
    /// The rows of a query.
    pub rows: Vec<Row>,
}

/// What a write did: one result per statement, in order.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// One result per statement.
    pub results: Vec<StatementResult>,
}

impl Written {
    /// How many rows the statement of this index changed; 0 if there is none.
    pub fn affected(&self, statement: usize) -> u64 {
        self.results.get(statement).map_or(0, |result| result.affected)
    }

    /// The rows the statement of this index returned.
    pub fn rows(&self, statement: usize) -> &[Row] {
        self.results.get(statement).map_or(&[], |result| &result.rows)
    }
}
