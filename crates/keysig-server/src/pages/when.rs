//! A point in time as people read it: relative and absolute, in UTC.

use jiff::Timestamp;

use super::count;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A point in time with its words, for `<time>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    machine: String,
    date: String,
    relative: String,
    full: String,
}

impl When {
    /// Both in unix milliseconds. A point ahead of `now_ms` (another node's clock) reads "just now"; one outside the
    /// calendar is clamped to its edge.
    #[must_use]
    pub fn new(at_ms: i64, now_ms: i64) -> Self {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX });
        let date = at.strftime("%-d %B %Y").to_string();
        let age_ms = now_ms.saturating_sub(at_ms).max(0);
        let ago =
            |unit_ms: i64, one, many| format!("{} ago", count(age_ms.div_euclid(unit_ms).unsigned_abs(), one, many));
        let (relative, absolute) = match age_ms {
            0..MINUTE_MS => ("just now".to_owned(), Some(at.strftime("%H:%M UTC").to_string())),
            MINUTE_MS..HOUR_MS => (ago(MINUTE_MS, "minute", "minutes"), Some(at.strftime("%H:%M UTC").to_string())),
            HOUR_MS..DAY_MS => (ago(HOUR_MS, "hour", "hours"), Some(at.strftime("%H:%M UTC").to_string())),
            _ if age_ms < 30 * DAY_MS => (ago(DAY_MS, "day", "days"), Some(date.clone())),
            _ => (format!("on {date}"), None),
        };
        let full = absolute.map_or_else(|| relative.clone(), |absolute| format!("{relative}, {absolute}"));
        Self { machine: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), date, relative, full }
    }

    /// For the `datetime` attribute: RFC 3339, UTC.
    #[must_use]
    pub fn machine(&self) -> &str {
        &self.machine
    }

    /// "3 May 2026".
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// "2 hours ago", or "on 3 May 2026" after 30 days.
    #[must_use]
    pub fn relative(&self) -> &str {
        &self.relative
    }

    /// "2 hours ago, 14:05 UTC".
    #[must_use]
    pub fn full(&self) -> &str {
        &self.full
    }
}
