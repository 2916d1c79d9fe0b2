//! Notes of when a thing was last used, for people to read: written at most hourly for each thing.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use keysig_core::time::Timestamp;

const HOUR_SECONDS: i64 = 3600;
/// Beyond that all are forgotten, and written again.
const MOST: usize = 10_000;

/// When each thing was last written.
pub struct Hourly<K> {
    written: Mutex<HashMap<K, Timestamp>>,
}

impl<K> Default for Hourly<K> {
    fn default() -> Self {
        Self { written: Mutex::default() }
    }
}

impl<K: Eq + Hash> Hourly<K> {
    /// Whether the use of a thing is to be written now; it is, once, for an hour.
    pub fn is_due(&self, thing: K, now: Timestamp) -> bool {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.get(&thing).is_some_and(|at| now < at.plus_seconds(HOUR_SECONDS)) {
            return false;
        }
        if written.len() >= MOST {
            written.clear();
        }
        written.insert(thing, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_an_hour_for_each_thing() {
        let (hourly, at) = (Hourly::default(), Timestamp::from_unix_millis);
        assert!(hourly.is_due("a", at(0)));
        assert!(!hourly.is_due("a", at(3_599_999)));
        assert!(hourly.is_due("b", at(0)));
        assert!(hourly.is_due("a", at(3_600_000)));
    }
}
