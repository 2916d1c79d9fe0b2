//! An interactive transaction on PostgreSQL.

use std::sync::Arc;

use keysig_core::feed::FeedEntry;
use keysig_core::time::Timestamp;

use super::connection::{self, Lease};
use super::{Postgres, value};
use crate::error::StoreError;
use crate::statement::{Statement, StatementResult};

pub(crate) struct PostgresTx {
    postgres: Arc<Postgres>,
    lease: Lease,
}

impl PostgresTx {
    pub(super) async fn begin(postgres: Arc<Postgres>) -> Result<Self, StoreError> {
        let mut lease = Lease::new(connection::get(&postgres.pool).await?);
        lease.enter()?.batch_execute("BEGIN").await.map_err(value::error)?;
        Ok(Self { postgres, lease })
    }

    pub(crate) async fn run(&mut self, statement: &Statement) -> Result<StatementResult, StoreError> {
        Ok(super::run(self.lease.client()?, statement).await?)
    }

    /// Goes on if the caller goes away.
    pub(crate) async fn commit(self, entries: Vec<(FeedEntry, Timestamp)>) -> Result<(), StoreError> {
        let commit = tokio::spawn(async move { self.postgres.commit(self.lease, &entries).await });
        Ok(commit.await.map_err(|_| StoreError::AmbiguousCommit)??)
    }
}
