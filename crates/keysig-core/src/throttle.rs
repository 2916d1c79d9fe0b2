//! Slowing down those who guess: failures are counted per subject (an account, a client, an address block), each after
//! the first few doubles the wait, and success or time forgives. There is no permanent lock that an attacker could
//! trigger.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use crate::time::Timestamp;

/// How a throttle behaves.
#[derive(Clone, Copy, Debug)]
pub struct ThrottleRule {
    /// Failures that cost nothing.
    pub free_failures: u32,
    /// The first wait, in seconds; each further failure doubles it.
    pub first_wait_seconds: u32,
    /// The longest wait, in seconds.
    pub longest_wait_seconds: u32,
    /// After this long without a failure all is forgiven, in seconds.
    pub forgiven_after_seconds: u32,
}

struct Failures {
    count: u32,
    last_at: Timestamp,
    wait_until: Timestamp,
}

/// Counts failures per subject.
pub struct Throttle<K> {
    rule: ThrottleRule,
    subjects: Mutex<HashMap<K, Failures>>,
}

/// Subjects beyond this number make room by forgetting the forgiven ones, so that an attacker cannot fill memory.
const MAX_SUBJECTS: usize = 100_000;

impl<K: Hash + Eq> Throttle<K> {
    /// Nobody has failed yet.
    pub fn new(rule: ThrottleRule) -> Self {
        Self { rule, subjects: Mutex::new(HashMap::new()) }
    }

    /// Counts a try as failed before it is made, so that parallel tries cannot slip past the count; [`Self::succeeded`]
    /// takes it back. `Err` holds the whole seconds to wait.
    pub fn try_once(&self, subject: K, now: Timestamp) -> Result<(), u32> {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        let forgiven = |failures: &Failures| {
            now.millis_since(failures.last_at.later(failures.wait_until))
                > i64::from(self.rule.forgiven_after_seconds) * 1000
        };
        if subjects.len() >= MAX_SUBJECTS {
            subjects.retain(|_, failures| !forgiven(failures));
        }
        let failures = subjects.entry(subject).or_insert(Failures { count: 0, last_at: now, wait_until: now });
        if forgiven(failures) {
            *failures = Failures { count: 0, last_at: now, wait_until: now };
        }
        if now < failures.wait_until {
            let millis = failures.wait_until.millis_since(now);
            return Err(u32::try_from((millis + 999) / 1000).unwrap_or(u32::MAX));
        }
        failures.count += 1;
        failures.last_at = now;
        if failures.count > self.rule.free_failures {
            let doublings = (failures.count - self.rule.free_failures - 1).min(16);
            let wait = self.rule.first_wait_seconds.saturating_mul(1 << doublings).min(self.rule.longest_wait_seconds);
            failures.wait_until = now.plus_seconds(i64::from(wait));
        }
        Ok(())
    }

    /// The try was right: the subject starts anew.
    pub fn succeeded(&self, subject: &K) {
        self.subjects.lock().unwrap_or_else(PoisonError::into_inner).remove(subject);
    }

    /// Takes back the one try that was counted in advance, and no earlier one.
    pub fn take_back(&self, subject: &K) {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = subjects.get_mut(subject) {
            failures.count = failures.count.saturating_sub(1);
            if failures.count < self.rule.free_failures {
                failures.wait_until = failures.last_at;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_millis(0);

    fn throttle() -> Throttle<&'static str> {
        Throttle::new(ThrottleRule {
            free_failures: 3,
            first_wait_seconds: 30,
            longest_wait_seconds: 120,
            forgiven_after_seconds: 900,
        })
    }

    #[test]
    fn waits_begin_after_the_free_failures_double_and_end() {
        let throttle = throttle();
        for _ in 0..4 {
            assert_eq!(throttle.try_once("ada", NOW), Ok(()));
        }
        assert_eq!(throttle.try_once("ada", NOW), Err(30));
        assert_eq!(throttle.try_once("ada", NOW.plus_seconds(29)), Err(1));
        assert_eq!(throttle.try_once("bob", NOW), Ok(()), "others are not concerned");
        assert_eq!(throttle.try_once("ada", NOW.plus_seconds(30)), Ok(()));
        assert_eq!(throttle.try_once("ada", NOW.plus_seconds(30)), Err(60));
        assert_eq!(throttle.try_once("ada", NOW.plus_seconds(2000)), Ok(()), "time forgives");
        assert_eq!(throttle.try_once("ada", NOW.plus_seconds(2000)), Ok(()));
    }

    #[test]
    fn success_forgives_all_and_a_take_back_only_the_last() {
        let throttle = throttle();
        for _ in 0..3 {
            assert_eq!(throttle.try_once("ada", NOW), Ok(()));
        }
        throttle.succeeded(&"ada");
        for _ in 0..10 {
            assert_eq!(throttle.try_once("ada", NOW), Ok(()));
            throttle.take_back(&"ada");
        }
    }
}
