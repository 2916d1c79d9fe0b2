//! Figures for developers (`docs/usage.md`): counted in memory where something happens, written down by a task beside it.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use keysig_core::id::{AppId, UserId};
use keysig_core::time::Timestamp;
use keysig_store::usage::{self, Active, Usage};
use keysig_store::{Store, StoreError};

use crate::inspector::{About, Outcome, Reason, Step};
use crate::server::Server;

/// Figures by the hour are kept for so many days: a month to look at, and where it began.
pub const KEPT_DAYS: i64 = 32;
/// What waits to be written is bounded: with its keys about 100 bytes each.
const MOST_WAITING: usize = 20_000;
/// Rows in one write, so that logins never wait long behind it.
const BATCH: usize = 500;
const HOUR_MILLIS: i64 = 3_600_000;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Metric {
    /// Somebody went back to the app with an answer that lets it in.
    Logins,
    /// A request for tokens, whatever came of it.
    TokenRequests,
    /// A call of the Web API, whatever came of it.
    ApiCalls,
    /// A request that was answered with 429.
    Limited,
    /// A request that was refused, for the reason of this name.
    Refused(&'static str),
}

/// In front of a reason's name in the column.
const REFUSED: &str = "refused:";

impl Metric {
    /// The name in its column.
    pub fn name(self) -> String {
        match self {
            Self::Logins => "logins".to_owned(),
            Self::TokenRequests => "token_requests".to_owned(),
            Self::ApiCalls => "api_calls".to_owned(),
            Self::Limited => "limited".to_owned(),
            Self::Refused(reason) => format!("{REFUSED}{reason}"),
        }
    }

    /// The reason of a refusal, from its column.
    pub fn reason(name: &str) -> Option<&str> {
        name.strip_prefix(REFUSED)
    }
}

/// The hour of a moment, since 1970, UTC.
pub fn hour_of(at: Timestamp) -> i64 {
    at.unix_millis().div_euclid(HOUR_MILLIS)
}

#[derive(Default)]
struct Waiting {
    counts: HashMap<(AppId, i64, Metric), i64>,
    active: BTreeSet<Active>,
}

/// What was counted and is not written yet.
#[derive(Default)]
pub struct UsageCounts {
    waiting: Mutex<Waiting>,
    dropped: AtomicU64,
}

impl UsageCounts {
    fn with(&self, count: impl FnOnce(&mut Waiting) -> bool) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !count(&mut waiting) {
            drop(waiting);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn add(&self, key: (AppId, i64, Metric), amount: i64) {
        self.with(|waiting| {
            let has_room = waiting.counts.len() < MOST_WAITING;
            if let Some(known) = waiting.counts.get_mut(&key) {
                *known += amount;
            } else if has_room {
                waiting.counts.insert(key, amount);
            } else {
                return false;
            }
            true
        });
    }

    fn note(&self, active: Active) {
        self.with(|waiting| {
            let has_room = waiting.active.len() < MOST_WAITING;
            (has_room && waiting.active.insert(active)) || waiting.active.contains(&active)
        });
    }

    /// Something happened. Never waits for the store; what finds no room is dropped, and that is counted.
    pub fn count(&self, app: AppId, metric: Metric, now: Timestamp) {
        self.add((app, hour_of(now), metric), 1);
    }

    /// Somebody used the app.
    pub fn used(&self, app: AppId, user: UserId, now: Timestamp) {
        self.note(Active { user, app, day: now.unix_days() });
    }

    /// What the Inspector sees, too. What a person is shown, and what they decide, is nobody's refusal.
    pub fn observe(&self, about: &About<'_>, outcome: Outcome, now: Timestamp) {
        let app = about.app.id;
        if about.step == Step::Token {
            self.count(app, Metric::TokenRequests, now);
        }
        match outcome {
            Outcome::Refused(reason) => {
                self.count(app, Metric::Refused(reason.name()), now);
                if reason.is_quota() || matches!(reason, Reason::TooMany | Reason::SecretThrottled) {
                    self.count(app, Metric::Limited, now);
                }
            }
            Outcome::Passed => {
                if about.step == Step::Authorize {
                    self.count(app, Metric::Logins, now);
                }
                if let Some(user) = about.user {
                    self.used(app, user, now);
                }
            }
            Outcome::Shown(_) => {}
        }
    }

    fn take(&self) -> Waiting {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How much was not counted since this was last asked.
    pub fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}

/// Writes down what was counted. Never part of a request: those only count.
pub async fn flush(server: &Server) {
    let Waiting { counts, active } = server.usage.take();
    let mut counts: Vec<_> = counts.into_iter().collect();
    // Whoever writes rows in one order waits for nobody in a circle.
    counts.sort_unstable_by_key(|((app, hour, metric), _)| (*app, *hour, metric.name()));
    for batch in counts.chunks(BATCH) {
        let rows: Vec<Usage> = batch
            .iter()
            .map(|((app, hour, metric), amount)| Usage {
                app: *app,
                hour: *hour,
                metric: metric.name(),
                amount: *amount,
            })
            .collect();
        match usage::add(&server.store, &rows, &[]).await {
            Ok(()) => {}
            // Nobody knows whether it was written: a figure too low is better than one that never was.
            Err(error @ StoreError::AmbiguousCommit) => {
                tracing::warn!(%error, "it is not known whether some figures were written");
                let lost = batch.iter().map(|(_, amount)| amount.unsigned_abs()).sum();
                server.usage.dropped.fetch_add(lost, Ordering::Relaxed);
            }
            Err(error) => {
                tracing::warn!(%error, "figures could not be written; it is tried again");
                batch.iter().for_each(|(key, amount)| server.usage.add(*key, *amount));
            }
        }
    }
    let active: Vec<Active> = active.into_iter().collect();
    for batch in active.chunks(BATCH) {
        if let Err(error) = usage::add(&server.store, &[], batch).await {
            // Written twice is written once, so it may always be tried again.
            tracing::warn!(%error, "figures could not be written; it is tried again");
            batch.iter().for_each(|active| server.usage.note(*active));
        }
    }
    match server.usage.take_dropped() {
        0 => {}
        times => tracing::warn!(times, "more happened than could be counted"),
    }
}

/// Forgets figures that are older than they are kept.
pub async fn forget_old(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let first_day = now.unix_days() - KEPT_DAYS;
    usage::forget(store, first_day * 24, first_day).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_finds_no_room_is_counted_as_dropped() {
        let usage = UsageCounts::default();
        let app = AppId::from_bytes([1; 16]);
        let at = |n: usize| Timestamp::from_unix_millis(i64::try_from(n).unwrap() * HOUR_MILLIS);
        for n in 0..MOST_WAITING + 3 {
            usage.count(app, Metric::Logins, at(n));
        }
        usage.count(app, Metric::Logins, at(0));
        assert_eq!(usage.take_dropped(), 3);
        let user = |n: usize| {
            let mut id = [0; 16];
            id[..8].copy_from_slice(&n.to_be_bytes());
            UserId::from_bytes(id)
        };
        for n in 0..MOST_WAITING + 2 {
            usage.used(app, user(n), at(0));
        }
        usage.used(app, user(1), at(0));
        assert_eq!((usage.take_dropped(), usage.take_dropped()), (2, 0));
        let taken = usage.take();
        assert_eq!((taken.counts.len(), taken.active.len()), (MOST_WAITING, MOST_WAITING));
        assert_eq!(taken.counts.get(&(app, 0, Metric::Logins)), Some(&2));
    }

    #[test]
    fn a_reason_is_read_from_its_column() {
        assert_eq!(Metric::reason(&Metric::Refused("redirect-uri").name()), Some("redirect-uri"));
        assert_eq!(Metric::reason(&Metric::Logins.name()), None);
    }
}
