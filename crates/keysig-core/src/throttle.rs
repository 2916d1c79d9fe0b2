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

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last_at: Timestamp,
    wait_until: Timestamp,
}

/// A try that was let through and counted in advance; given back by [`Throttle::take_back`] if it was right.
#[must_use]
pub struct Try {
    before: Option<Failures>,
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

    /// Counts a try as failed before it is made, so that parallel tries cannot slip past the count. `Err` holds the whole
    /// seconds to wait.
    pub fn try_once(&self, subject: K, now: Timestamp) -> Result<Try, u32> {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        self.make_room(&mut subjects, now);
        let before = subjects.get(&subject).copied().filter(|failures| !self.is_forgiven(failures, now));
        // A wait that another try has just set, and that is within the free ones, stops nobody: right secrets in parallel.
        if let Some(failures) =
            before.filter(|failures| failures.count > self.rule.free_failures && now < failures.wait_until)
        {
            let millis = failures.wait_until.millis_since(now);
            return Err(u32::try_from((millis + 999) / 1000).unwrap_or(u32::MAX));
        }
        let count = before.map_or(0, |failures| failures.count) + 1;
        let mut wait_until = now;
        if count > self.rule.free_failures {
            let doublings = (count - self.rule.free_failures - 1).min(16);
            let wait = self.rule.first_wait_seconds.saturating_mul(1 << doublings).min(self.rule.longest_wait_seconds);
            wait_until = now.plus_seconds(i64::from(wait));
        }
        subjects.insert(subject, Failures { count, last_at: now, wait_until });
        Ok(Try { before })
    }

    fn is_forgiven(&self, failures: &Failures, now: Timestamp) -> bool {
        let forgiven_after_millis = i64::from(self.rule.forgiven_after_seconds) * 1000;
        now.millis_since(failures.last_at.later(failures.wait_until)) > forgiven_after_millis
    }

    fn make_room(&self, subjects: &mut HashMap<K, Failures>, now: Timestamp) {
        if subjects.len() < MAX_SUBJECTS {
            return;
        }
        subjects.retain(|_, failures| now < failures.wait_until);
        if subjects.len() >= MAX_SUBJECTS {
            subjects.clear();
        }
    }

    /// The try was right: the subject starts anew.
    pub fn succeeded(&self, subject: &K) {
        self.subjects.lock().unwrap_or_else(PoisonError::into_inner).remove(subject);
    }

    /// The try was right, or nobody looked at it: it never happened. Failures of others meanwhile stay counted.
    pub fn take_back(&self, subject: K, counted: Try) {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(now) = subjects.get_mut(&subject) else { return };
        let before = counted.before.map_or(0, |failures| failures.count);
        if now.count != before + 1 {
            now.count = now.count.saturating_sub(1);
        } else if let Some(before) = counted.before {
            *now = before;
        } else {
            subjects.remove(&subject);
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

    fn tries(throttle: &Throttle<&'static str>, subject: &'static str, now: Timestamp) -> Result<(), u32> {
        throttle.try_once(subject, now).map(|_| ())
    }

    #[test]
    fn waits_begin_after_the_free_failures_double_and_end() {
        let throttle = throttle();
        for _ in 0..4 {
            assert_eq!(tries(&throttle, "ada", NOW), Ok(()));
        }
        assert_eq!(tries(&throttle, "ada", NOW), Err(30));
        assert_eq!(tries(&throttle, "ada", NOW.plus_seconds(29)), Err(1));
        assert_eq!(tries(&throttle, "bob", NOW), Ok(()), "others are not concerned");
        assert_eq!(tries(&throttle, "ada", NOW.plus_seconds(30)), Ok(()));
        assert_eq!(tries(&throttle, "ada", NOW.plus_seconds(30)), Err(60));
        assert_eq!(tries(&throttle, "ada", NOW.plus_seconds(2000)), Ok(()), "time forgives");
        assert_eq!(tries(&throttle, "ada", NOW.plus_seconds(2000)), Ok(()));
    }

    #[test]
    fn success_forgives_all_and_what_is_taken_back_never_happened() {
        let throttle = throttle();
        for _ in 0..3 {
            assert_eq!(tries(&throttle, "ada", NOW), Ok(()));
        }
        for seconds in 0..10 {
            let right = throttle.try_once("ada", NOW.plus_seconds(seconds * 100)).expect("no wait is on");
            throttle.take_back("ada", right);
        }
        assert_eq!(
            tries(&throttle, "ada", NOW.plus_seconds(901)),
            Ok(()),
            "tries that were right put off no forgiveness"
        );
        throttle.succeeded(&"ada");
        for _ in 0..4 {
            assert_eq!(tries(&throttle, "ada", NOW), Ok(()));
        }
    }

    #[test]
    fn a_failure_meanwhile_stays_counted() {
        let throttle = throttle();
        let right = throttle.try_once("ada", NOW).expect("the first");
        for _ in 0..4 {
            let _ = tries(&throttle, "ada", NOW);
        }
        throttle.take_back("ada", right);
        assert_eq!(tries(&throttle, "ada", NOW), Ok(()), "three failures are free, and three it were");
        assert_eq!(tries(&throttle, "ada", NOW), Err(30), "the fourth is not");
    }
}
