//! How often each secret of an app is used, on its way from memory into the store: whoever is to retire a secret sees
//! whether something still uses it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use keysig_core::id::AppId;
use keysig_core::secret::SecretHash;
use keysig_core::time::Timestamp;
use keysig_store::secrets::{self, SecretUse};
use keysig_store::{Store, StoreError};

use crate::server::Server;

const HOUR_MILLIS: i64 = 3_600_000;
/// So many different secrets are counted between two writes; what is beyond them is not.
const MOST: usize = 10_000;
/// Secrets that stopped are kept for as long as the Inspector may name them, and then some.
const KEPT_SECONDS: i64 = 90 * 86_400;

/// A secret of an app, by its hash, and an hour.
type SecretHour = (AppId, [u8; 32], i64);

/// Counts since the last write: so many requests, and the last of them.
#[derive(Default)]
pub struct SecretUses {
    counts: Mutex<HashMap<SecretHour, (i64, Timestamp)>>,
}

/// The hour of a time, since 1970.
pub fn hour_of(at: Timestamp) -> i64 {
    at.unix_millis().div_euclid(HOUR_MILLIS)
}

impl SecretUses {
    /// A secret authenticated a request.
    pub fn count(&self, app: AppId, hash: &SecretHash, now: Timestamp) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (app, *hash.as_bytes(), hour_of(now));
        if counts.len() < MOST || counts.contains_key(&key) {
            let (uses, last) = counts.entry(key).or_insert((0, now));
            *uses += 1;
            *last = last.later(now);
        }
    }
}

/// Writes down what was counted. What cannot be written is lost: it is a figure, and nothing rests on it.
pub async fn flush(server: &Server) {
    let taken = std::mem::take(&mut *server.secret_uses.counts.lock().unwrap_or_else(PoisonError::into_inner));
    let row = |((app, hash, hour), (uses, last_used_at))| SecretUse {
        app,
        hash: SecretHash::from_bytes(hash),
        hour,
        uses,
        last_used_at,
    };
    let mut rows: Vec<SecretUse> = taken.into_iter().map(row).collect();
    // Two nodes that write the same rows in the same order do not wait for each other in a circle.
    rows.sort_by_key(|used| (used.app, *used.hash.as_bytes(), used.hour));
    if let Err(error) = secrets::add_uses(&server.store, &rows).await {
        tracing::warn!(%error, "the uses of secrets could not be written");
    }
}

/// Forgets counts of the day before yesterday, and secrets that stopped long ago.
pub async fn forget_old(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    secrets::forget_old(store, hour_of(now) - 48, now.plus_seconds(-KEPT_SECONDS)).await
}
