//! The one connection that writes, shared by the writer thread and interactive transactions, one at a time.

use std::borrow::Borrow;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use keysig_core::feed::{FeedEntry, Revocations};
use keysig_core::rng::Rng;
use keysig_core::time::Timestamp;

use super::connection::{CheckpointMode, Connection};
use crate::error::StoreError;
use crate::feed::{self, OwnStream};
use crate::statement::{Write, Written};

/// The log is moved to the database file when it has this many pages (32 MiB), whatever the load.
const LOG_PAGES: i64 = 32 * 1024 * 1024 / (1024 + 24);
/// When a reader kept the log from being moved whole, the next attempt comes this many pages later.
const LOG_PAGES_AGAIN: i64 = LOG_PAGES / 8;

pub(super) struct WriteSide {
    path: PathBuf,
    cache_bytes: u64,
    /// None after an unknown outcome (opened again at the next use) and after closing.
    connection: Option<Connection>,
    /// Held as long as the store is open; a second process that opens the file is refused.
    lock: Option<File>,
    pub(super) stream: OwnStream,
    rng: Arc<dyn Rng>,
    pub(super) revocations: Arc<Revocations>,
    /// The size of the log at which the next checkpoint is due.
    checkpoint_at: i64,
}

/// Why a batch was not committed.
enum BatchFailed {
    /// A write that ran without a savepoint has to be taken back: run all again, each in one.
    NeedsSavepoints,
    /// None of it happened, or nobody knows.
    Failed(StoreError),
}

impl From<StoreError> for BatchFailed {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl WriteSide {
    /// Opens the file, which nobody else has, as `lock` proves.
    pub(super) fn open(
        path: PathBuf,
        cache_bytes: u64,
        lock: File,
        rng: Arc<dyn Rng>,
        revocations: Arc<Revocations>,
    ) -> Result<Self, StoreError> {
        let stream = OwnStream::open(&*rng);
        let lock = Some(lock);
        let mut side =
            Self { path, cache_bytes, connection: None, lock, stream, rng, revocations, checkpoint_at: LOG_PAGES };
        side.connection()?;
        Ok(side)
    }

    pub(super) fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        if self.lock.is_none() {
            return Err(super::closed());
        }
        if self.connection.is_none() {
            let connection = Connection::open_writer(&self.path, self.cache_bytes)?;
            // After a failed fsync the log may be in the page cache and not on the disk; what is committed behind it
            // would be lost with it. Nothing is accepted before the log is emptied into the synced database file.
            connection.checkpoint(CheckpointMode::Truncate)?;
            self.connection = Some(connection);
        }
        self.connection.as_mut().ok_or_else(super::closed)
    }

    /// Begins a transaction.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        let begun = self.connection()?.control("BEGIN IMMEDIATE");
        begun.map_err(|error| {
            self.connection = None;
            StoreError::Unavailable(error.to_string())
        })
    }

    /// Rolls the open transaction back, if there is one.
    pub(super) fn rollback(&mut self) {
        let rolled_back = match &self.connection {
            Some(connection) if !connection.is_autocommit() => connection.control("ROLLBACK"),
            _ => Ok(()),
        };
        if rolled_back.is_err() {
            self.connection = None;
        }
    }

    /// Commits the open transaction durably. If that fails nobody knows the outcome: the connection and the stream are
    /// given up, and nothing is tried again.
    pub(super) fn commit(&mut self, stream: OwnStream) -> Result<(), StoreError> {
        match self.connection()?.control("COMMIT") {
            Ok(()) => {
                self.stream = stream;
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed, its outcome is unknown");
                self.connection = None;
                self.stream = OwnStream::open(&*self.rng);
                Err(StoreError::AmbiguousCommit)
            }
        }
    }

    /// Adds entries to the feed in the open transaction.
    pub(super) fn insert_feed(
        &mut self,
        stream: &mut OwnStream,
        entries: &[(FeedEntry, Timestamp)],
    ) -> Result<(), StoreError> {
        for (entry, keep_until) in entries {
            let params = stream.next(entry, *keep_until, &*self.rng);
            self.connection()?.run(feed::INSERT, &params, false)?;
        }
        Ok(())
    }

    /// Runs writes in one durable transaction and leaves one result per write in `results`. What they revoke is applied
    /// before this returns.
    pub(super) fn write_batch<W: Borrow<Write>>(
        &mut self,
        writes: &[W],
        results: &mut Vec<Result<Written, StoreError>>,
    ) {
        let mut outcome = self.attempt(writes, results, false);
        if let Err(BatchFailed::NeedsSavepoints) = outcome {
            self.rollback();
            outcome = self.attempt(writes, results, true);
        }
        match outcome {
            Ok(()) => {
                for (write, _) in writes.iter().zip(results.iter()).filter(|(_, result)| result.is_ok()) {
                    feed::apply_all(&self.revocations, &write.borrow().feed);
                }
            }
            Err(failed) => {
                self.rollback();
                let error = match failed {
                    BatchFailed::Failed(error) => error,
                    BatchFailed::NeedsSavepoints => StoreError::Engine("a savepoint was not enough".to_owned()),
                };
                results.clear();
                results.resize_with(writes.len(), || Err(error.clone()));
            }
        }
    }

    fn attempt<W: Borrow<Write>>(
        &mut self,
        writes: &[W],
        results: &mut Vec<Result<Written, StoreError>>,
        always_savepoint: bool,
    ) -> Result<(), BatchFailed> {
        results.clear();
        self.begin()?;
        let mut stream = self.stream;
        for write in writes.iter().map(W::borrow) {
            let stream_before = stream;
            let savepoint = always_savepoint || write.statements.len() > 1 || !write.feed.is_empty();
            if savepoint {
                self.connection()?.control("SAVEPOINT one_write")?;
            }
            let result = self.run(write, &mut stream);
            if let Err(error) = &result {
                stream = stream_before;
                // A full disk or a read error ends the whole transaction: nothing of the batch is left to commit.
                if self.connection()?.is_autocommit() {
                    return Err(StoreError::Unavailable(error.to_string()).into());
                }
                if savepoint {
                    self.connection()?.control("ROLLBACK TO one_write")?;
                } else if !matches!(error, StoreError::Conflict | StoreError::AffectedMismatch { affected: 0, .. }) {
                    return Err(BatchFailed::NeedsSavepoints);
                }
            }
            if savepoint {
                self.connection()?.control("RELEASE one_write")?;
            }
            results.push(result);
        }
        Ok(self.commit(stream)?)
    }

    fn run(&mut self, write: &Write, stream: &mut OwnStream) -> Result<Written, StoreError> {
        let mut written = Written { results: Vec::with_capacity(write.statements.len()) };
        for (index, statement) in write.statements.iter().enumerate() {
            let result = self.connection()?.run(statement.sql, &statement.params, statement.returns_rows)?;
            statement.check(index, result.affected)?;
            written.results.push(result);
        }
        self.insert_feed(stream, &write.feed)?;
        Ok(written)
    }

    /// Moves the log to the database file if it has grown large.
    pub(super) fn checkpoint_if_large(&mut self) {
        let Some(connection) = &self.connection else { return };
        let log = connection.checkpoint(CheckpointMode::Noop);
        let due = log.is_ok_and(|log| log.waiting > 0 && log.pages >= self.checkpoint_at);
        if due {
            self.checkpoint();
        }
    }

    /// Moves the log to the database file as far as readers allow. An error is no loss: the log is as durable.
    pub(super) fn checkpoint(&mut self) {
        let Some(connection) = &self.connection else { return };
        match connection.checkpoint(CheckpointMode::Passive) {
            Ok(log) if log.waiting == 0 => self.checkpoint_at = LOG_PAGES,
            Ok(log) => self.checkpoint_at = log.pages.max(LOG_PAGES) + LOG_PAGES_AGAIN,
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be moved to the database file"),
        }
    }

    /// Closes the connection and lets other processes open the file.
    pub(super) fn close(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.checkpoint(CheckpointMode::Truncate)
        {
            tracing::warn!(%error, "the write-ahead log stays until the store is opened again");
        }
        self.lock = None;
    }
}
