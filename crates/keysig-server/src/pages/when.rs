//! A point in time as people read it: relative and absolute, in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::language::{Sentence, Words};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A point in time, seen from another, for `<time>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    at: Timestamp,
    age_ms: i64,
}

impl When {
    /// Both in unix milliseconds. A point ahead of `now_ms` (another node's clock) reads "just now"; one outside the
    /// calendar is clamped to its edge.
    #[must_use]
    pub fn new(at_ms: i64, now_ms: i64) -> Self {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX });
        Self { at, age_ms: now_ms.saturating_sub(at_ms).max(0) }
    }

    /// For the `datetime` attribute: RFC 3339, UTC.
    #[must_use]
    pub fn machine(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// "3 May 2026".
    #[must_use]
    pub fn date(&self, words: Words) -> Sentence {
        let date = TimeZone::UTC.to_datetime(self.at);
        let number = |n: i16| n.unsigned_abs();
        words
            .say("date")
            .count("day", date.day().unsigned_abs())
            .count("month", date.month().unsigned_abs())
            .count("year", number(date.year()))
    }

    /// "14:05", UTC.
    #[must_use]
    pub fn clock(&self) -> String {
        self.at.strftime("%H:%M").to_string()
    }

    /// "2 hours ago", or "on 3 May 2026" after 30 days.
    #[must_use]
    pub fn relative(&self, words: Words) -> Sentence {
        let ago =
            |key: &'static str, unit_ms: i64| words.say(key).count("n", self.age_ms.div_euclid(unit_ms).unsigned_abs());
        match self.age_ms {
            0..MINUTE_MS => words.say("just-now"),
            MINUTE_MS..HOUR_MS => ago("minutes-ago", MINUTE_MS),
            HOUR_MS..DAY_MS => ago("hours-ago", HOUR_MS),
            _ if self.age_ms < 30 * DAY_MS => ago("days-ago", DAY_MS),
            _ => words.say("on-date").text("date", self.date(words).plain()),
        }
    }

    /// "3 May 2026, 14:05 UTC": for what is still to come.
    #[must_use]
    pub fn absolute(&self, words: Words) -> Sentence {
        let time = words.say("time").text("time", self.at.strftime("%H:%M").to_string());
        words.say("when").text("relative", self.date(words).plain()).text("absolute", time.plain())
    }

    /// "2 hours ago, 14:05 UTC".
    #[must_use]
    pub fn full(&self, words: Words) -> Sentence {
        let absolute = match self.age_ms {
            0..DAY_MS => words.say("time").text("time", self.clock()),
            _ if self.age_ms < 30 * DAY_MS => self.date(words),
            _ => return self.relative(words),
        };
        words.say("when").text("relative", self.relative(words).plain()).text("absolute", absolute.plain())
    }
}
