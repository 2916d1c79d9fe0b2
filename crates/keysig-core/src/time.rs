//! Time as a parameter: nothing in the core asks the machine what time it is.

use serde::{Deserialize, Serialize};

/// A point in time, in milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_unix_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn unix_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Days since the Unix epoch, rounded down.
    pub const fn unix_days(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }

    /// This time plus `seconds` (which may be negative), saturating.
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1000)))
    }

    /// Milliseconds from `earlier` to `self`; negative if `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The later of two times: window arithmetic never trusts a clock that jumped back (design §4.3).
    pub fn later(self, other: Self) -> Self {
        self.max(other)
    }
}

/// Where the time comes from. The server has the machine's clock; tests advance one by hand.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}

/// A clock that stands still while the one below it jumps back: no jump turns what is dead into something alive.
pub struct SteadyClock<C> {
    below: C,
    latest_millis: std::sync::atomic::AtomicI64,
}

impl<C: Clock> SteadyClock<C> {
    /// Above `below`.
    pub fn above(below: C) -> Self {
        let latest_millis = below.now().unix_millis().into();
        Self { below, latest_millis }
    }
}

impl<C: Clock> Clock for SteadyClock<C> {
    fn now(&self) -> Timestamp {
        let millis = self.below.now().unix_millis();
        let before = self.latest_millis.fetch_max(millis, std::sync::atomic::Ordering::SeqCst);
        Timestamp::from_unix_millis(before.max(millis))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestClock;

    #[test]
    fn a_steady_clock_never_goes_back() {
        let below = TestClock::at(Timestamp::from_unix_millis(1_000_000));
        let steady = SteadyClock::above(below.clone());
        below.advance(-3600);
        assert_eq!(steady.now().unix_millis(), 1_000_000);
        below.advance(3601);
        assert_eq!(steady.now().unix_millis(), 1_001_000);
    }
}
