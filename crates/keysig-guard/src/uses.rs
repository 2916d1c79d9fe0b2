//! Receipts: how often each permission was used, without what was read or written.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use keysig_core::access_token::Holder;
use keysig_core::id::{GrantId, UserId};
use keysig_core::scope::{ScopeId, ScopeSet};
use keysig_core::time::Timestamp;

use crate::Bearer;

/// Callers on different cores seldom meet.
const SHARDS: usize = 16;
/// What waits to be written is bounded: with its keys about 100 bytes each, 6 MiB in all.
const MOST_PER_SHARD: usize = 4096;

/// What is counted by itself: one permission of one agreement on one day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct UseOf {
    /// Whose.
    pub user: UserId,
    /// By which agreement.
    pub grant: GrantId,
    /// Days since 1970, UTC.
    pub day: i64,
    /// Which permission; `None` where a call needed none.
    pub scope: Option<ScopeId>,
}

/// How often, and when last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counted {
    /// So many calls.
    pub times: u32,
    /// The latest of them.
    pub last_used_at: Timestamp,
}

/// Counts in memory until somebody takes the counts away and writes them down. Never waits for that.
pub struct Uses {
    shards: [Mutex<HashMap<UseOf, Counted>>; SHARDS],
    choice: RandomState,
    dropped: AtomicU64,
}

impl Default for Uses {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            choice: RandomState::new(),
            dropped: AtomicU64::new(0),
        }
    }
}

impl Uses {
    /// Counts a call that used these permissions; one that used none as such. An app's own token uses nobody's.
    pub fn count(&self, bearer: &Bearer, used: ScopeSet, now: Timestamp) {
        let Holder::User { user, grant, .. } = bearer.token().holder else { return };
        let day = now.unix_days();
        let once = Counted { times: 1, last_used_at: now };
        if used.is_empty() {
            return self.add(UseOf { user, grant, day, scope: None }, once);
        }
        for scope in used.intersection(bearer.token().scopes).iter() {
            self.add(UseOf { user, grant, day, scope: Some(scope) }, once);
        }
    }

    /// Adds a count: also one that was taken and could not be written. What finds no room is dropped, and that is counted.
    pub fn add(&self, of: UseOf, counted: Counted) {
        let index = self.choice.hash_one(of.grant) as usize % SHARDS;
        let Some(shard) = self.shards.get(index) else { return };
        let mut counts = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = counts.get_mut(&of) {
            known.times = known.times.saturating_add(counted.times);
            known.last_used_at = known.last_used_at.later(counted.last_used_at);
        } else if counts.len() < MOST_PER_SHARD {
            counts.insert(of, counted);
        } else {
            drop(counts);
            self.dropped.fetch_add(u64::from(counted.times), Ordering::Relaxed);
        }
    }

    /// Notes that counts are lost: nobody knows whether they were written, and writing them again might count them twice.
    pub fn lose(&self, calls: u64) {
        self.dropped.fetch_add(calls, Ordering::Relaxed);
    }

    /// Takes all counts away, in order of their keys: whoever writes rows in one order waits for nobody in a circle.
    pub fn take(&self) -> Vec<(UseOf, Counted)> {
        let mut taken = Vec::new();
        for shard in &self.shards {
            taken.extend(std::mem::take(&mut *shard.lock().unwrap_or_else(PoisonError::into_inner)));
        }
        taken.sort_unstable_by_key(|(of, _)| *of);
        taken
    }

    /// How many calls were not counted since this was last asked.
    pub fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use keysig_core::testing::SeededRng;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_795_435_200_000);

    fn of(grant: u64, day: i64) -> UseOf {
        let rng = SeededRng::new(grant);
        UseOf { user: UserId::generate(&rng), grant: GrantId::generate(NOW, &rng), day, scope: None }
    }

    #[test]
    fn counts_add_up_and_are_taken_once() {
        let uses = Uses::default();
        for second in [2, 1] {
            uses.add(of(1, 5), Counted { times: 1, last_used_at: NOW.plus_seconds(second) });
        }
        uses.add(of(1, 6), Counted { times: 3, last_used_at: NOW });
        let expected = [
            (of(1, 5), Counted { times: 2, last_used_at: NOW.plus_seconds(2) }),
            (of(1, 6), Counted { times: 3, last_used_at: NOW }),
        ];
        assert_eq!(uses.take(), expected);
        assert_eq!((uses.take(), uses.take_dropped()), (Vec::new(), 0));
    }

    #[test]
    fn what_waits_is_bounded_and_what_finds_no_room_is_counted() {
        let uses = Uses::default();
        let most = (SHARDS * MOST_PER_SHARD) as u64;
        // One agreement is in one shard.
        for day in 0..2 * MOST_PER_SHARD as i64 {
            uses.add(of(1, day), Counted { times: 1, last_used_at: NOW });
        }
        assert_eq!(uses.take_dropped(), MOST_PER_SHARD as u64);
        uses.add(of(1, 0), Counted { times: 1, last_used_at: NOW });
        assert_eq!(uses.take_dropped(), 0, "what is counted already goes on");
        assert!((uses.take().len() as u64) < most);
    }
}
