//! Receipts on their way from memory into the store (`docs/connected-apps.md`), and the figures of apps beside them.

use std::sync::Arc;
use std::time::Duration;

use keysig_guard::{Counted, UseOf};
use keysig_store::uses::{self, GrantUse};
use keysig_store::{Store, StoreError};
use tokio::sync::watch;

use crate::secret_uses;
use crate::server::Server;
use crate::usage;

/// The page shows a call within a minute; this leaves room for a busy store.
const FLUSH_EVERY: Duration = Duration::from_secs(15);
/// Counts in one write, so that logins never wait long behind it.
const BATCH: usize = 500;
/// Receipts are kept for so many days: a year to compare with, and a month.
pub const KEPT_DAYS: i64 = 400;

fn row(of: UseOf, counted: Counted) -> GrantUse {
    GrantUse {
        user: of.user,
        grant: of.grant,
        scope: of.scope,
        day: of.day,
        uses: i64::from(counted.times),
        last_used_at: counted.last_used_at,
    }
}

/// Writes down what was counted. Never part of a request: those only count.
pub async fn flush(server: &Server) {
    let uses = server.guard.uses();
    let taken = uses.take();
    for batch in taken.chunks(BATCH) {
        let rows: Vec<GrantUse> = batch.iter().map(|(of, counted)| row(*of, *counted)).collect();
        match uses::add(&server.store, &rows).await {
            Ok(()) => {}
            // Nobody knows whether it was written: a call too few on a page is better than one that never was.
            Err(error @ StoreError::AmbiguousCommit) => {
                tracing::warn!(%error, "it is not known whether some receipts were written");
                uses.lose(batch.iter().map(|(_, counted)| u64::from(counted.times)).sum());
            }
            Err(error) => {
                tracing::warn!(%error, "receipts could not be written; it is tried again");
                batch.iter().for_each(|(of, counted)| uses.add(*of, *counted));
            }
        }
    }
    match uses.take_dropped() {
        0 => {}
        calls => tracing::warn!(calls, "more was used than receipts could be kept of"),
    }
}

/// Writes down what was counted until the server stops. It is not torn off in the middle: what it took would be lost.
pub async fn flush_now_and_then(server: Arc<Server>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(FLUSH_EVERY) => {
                flush(&server).await;
                secret_uses::flush(&server).await;
                usage::flush(&server).await;
            }
        }
    }
}

/// Forgets what is older than receipts are kept.
pub async fn forget_old(store: &Store, today: i64) -> Result<(), StoreError> {
    uses::forget(store, today - KEPT_DAYS).await.map(|_| ())
}
