//! What can go wrong in the store, as far as callers have to tell it apart.

/// Why the store did not do what was asked. Texts are for logs: no column's value is ever in one.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreError {
    /// More is queued than can be served soon; nothing was done. 503 with `Retry-After`.
    #[error("the store is busy")]
    Busy,
    /// The store cannot be reached or cannot write; nothing was done. 503.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The connection broke while committing: the write may have happened or not. Never sent again by the store. 503.
    #[error("the outcome of a commit is unknown")]
    AmbiguousCommit,
    /// A statement changed (or returned) another number of rows than [`crate::Statement::must_affect`] asks for; the
    /// whole write was rolled back.
    #[error("statement {statement} affected {affected} rows instead of {expected}")]
    AffectedMismatch {
        /// Which statement of the write, from 0.
        statement: usize,
        /// How many rows it must affect.
        expected: u64,
        /// How many it did.
        affected: u64,
    },
    /// A primary key or unique constraint says that this exists already; the whole write was rolled back.
    #[error("a row with this key exists already")]
    Conflict,
    /// A column holds what this version cannot read.
    #[error("column {column} of `{query}` holds an unexpected value")]
    Corrupt {
        /// The statement that read it.
        query: &'static str,
        /// Which column of its rows, from 0.
        column: usize,
    },
    /// The store was written by a newer version of this program, which this one would damage.
    #[error("the store has schema {found}, this program knows {known}: start the newer version")]
    NewerSchema {
        /// The store's schema version.
        found: i64,
        /// The newest this program has migrations for.
        known: i64,
    },
    /// Another process (or another `Store` in this one) holds the SQLite file.
    #[error("the store is open in another process")]
    AlreadyOpen,
    /// The engine refused: a fault in a statement, a broken constraint, a setting that would lose data.
    #[error("the store's engine refused: {0}")]
    Engine(String),
}
