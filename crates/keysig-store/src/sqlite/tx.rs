//! An interactive transaction on SQLite: it holds the writing connection until it ends.

use keysig_core::feed::FeedEntry;
use keysig_core::time::Timestamp;
use tokio::sync::OwnedMutexGuard;

use super::write_side::WriteSide;
use crate::error::StoreError;
use crate::feed;
use crate::statement::StatementResult;
use crate::value::Value;

pub(crate) struct SqliteTx {
    side: OwnedMutexGuard<WriteSide>,
}

impl SqliteTx {
    pub(super) fn begin(mut side: OwnedMutexGuard<WriteSide>) -> Result<Self, StoreError> {
        side.begin()?;
        Ok(Self { side })
    }

    pub(crate) fn run(
        &mut self,
        sql: &'static str,
        params: &[Value],
        returns_rows: bool,
    ) -> Result<StatementResult, StoreError> {
        let connection = self.side.connection()?;
        // A full disk ends the transaction by itself; what followed would be outside it.
        if connection.is_autocommit() {
            return Err(super::unavailable("the transaction was ended by an earlier error"));
        }
        connection.run(sql, params, returns_rows)
    }

    /// Commits on a thread that may block: the commit waits for the disk. Goes on if the caller goes away.
    pub(crate) async fn commit(mut self, entries: Vec<(FeedEntry, Timestamp)>) -> Result<(), StoreError> {
        let commit = move || {
            let mut stream = self.side.stream;
            self.side.insert_feed(&mut stream, &entries)?;
            self.side.commit(stream)?;
            feed::apply_all(&self.side.revocations, &entries);
            Ok(())
        };
        tokio::task::spawn_blocking(commit).await.unwrap_or(Err(StoreError::AmbiguousCommit))
    }
}

impl Drop for SqliteTx {
    fn drop(&mut self) {
        self.side.rollback();
    }
}
