//! The revocation feed as it is stored: this process's numbered stream, and reading everyone's.

use keysig_core::feed::{FeedEntry, FeedRow, Follower, Revocations};
use keysig_core::id::StreamId;
use keysig_core::rng::Rng;
use keysig_core::time::Timestamp;

use crate::error::StoreError;
use crate::params;
use crate::value::{Row, Value};

/// A node that has not read the feed for longer than this accepts no access token (design §4.5).
pub(crate) const FRESH_SECONDS: i64 = 10;
/// Rows stay this long after `keep_until`, so that a follower that reads late finds no hole where one was deleted.
pub(crate) const FORGET_AFTER_SECONDS: i64 = 86_400;
/// A stream is not continued if its last row may be gone by then: whoever starts from a snapshot without that row would
/// wait for number 1 for ever. Keeping times grow with the clock, so their distance stands for the time between.
const CONTINUE_WITHIN_SECONDS: i64 = 3_600;
/// A follower that was away for longer may have missed rows that are deleted by now, and starts from a snapshot again.
const RELOAD_AFTER_SECONDS: i64 = 3_600;

pub(crate) const INSERT: &str =
    "INSERT INTO revocations (stream, n, kind, key, number, keep_until) VALUES ($1, $2, $3, $4, $5, $6)";
pub(crate) const SNAPSHOT: &str = "SELECT stream, n, kind, key, number, keep_until FROM revocations ORDER BY stream, n";
/// Each stream and its last number, by skipping from one to the next in the primary key.
pub(crate) const STREAMS: &str = "WITH RECURSIVE streams (stream) AS (
        SELECT (SELECT stream FROM revocations ORDER BY stream LIMIT 1)
        UNION ALL
        SELECT (SELECT stream FROM revocations WHERE stream > streams.stream ORDER BY stream LIMIT 1)
        FROM streams WHERE streams.stream IS NOT NULL
    )
    SELECT stream, (SELECT MAX(n) FROM revocations WHERE revocations.stream = streams.stream)
    FROM streams WHERE stream IS NOT NULL";
pub(crate) const AFTER: &str = "SELECT stream, n, kind, key, number, keep_until FROM revocations
    WHERE stream = $1 AND n > $2 ORDER BY n";
pub(crate) const FORGET: &str = "DELETE FROM revocations WHERE keep_until < $1";

/// The stream this process writes: numbers are dense, and the next one is drawn only when the one before is known to be
/// committed. Whoever cannot know that throws the stream away and opens another.
#[derive(Clone, Copy)]
pub(crate) struct OwnStream {
    id: StreamId,
    last_n: i64,
    last_keep_until: Timestamp,
}

impl OwnStream {
    pub(crate) fn open(rng: &dyn Rng) -> Self {
        Self { id: StreamId::generate(rng), last_n: 0, last_keep_until: Timestamp::default() }
    }

    /// Numbers an entry: the parameters of [`INSERT`].
    pub(crate) fn next(&mut self, entry: &FeedEntry, keep_until: Timestamp, rng: &dyn Rng) -> Vec<Value> {
        if self.last_n > 0 && keep_until.millis_since(self.last_keep_until) > CONTINUE_WITHIN_SECONDS * 1000 {
            *self = Self::open(rng);
        }
        self.last_n += 1;
        self.last_keep_until = keep_until;
        let (kind, key, number) = entry.to_columns();
        params![self.id, self.last_n, kind, key, number, keep_until]
    }
}

pub(crate) fn read_row(row: &Row) -> Result<FeedRow, StoreError> {
    let entry = FeedEntry::from_columns(row.int(2)?, row.blob(3)?, row.int(4)?);
    let entry = entry.ok_or(StoreError::Corrupt { query: SNAPSHOT, column: 2 })?;
    Ok(FeedRow { stream: row.id(0)?, n: row.int(1)?, entry, keep_until: row.timestamp(5)? })
}

pub(crate) fn read_rows(rows: &[Row]) -> Result<Vec<FeedRow>, StoreError> {
    rows.iter().map(read_row).collect()
}

pub(crate) fn apply_all(revocations: &Revocations, entries: &[(FeedEntry, Timestamp)]) {
    for (entry, keep_until) in entries {
        revocations.apply(entry, *keep_until);
    }
}

/// Where this process stands in everyone's streams.
pub(crate) struct Following {
    follower: Follower,
    last_read_at: Timestamp,
}

impl Following {
    pub(crate) fn start(rows: &[Row], read_began_at: Timestamp, into: &Revocations) -> Result<Self, StoreError> {
        let mut follower = Follower::new();
        follower.start(&read_rows(rows)?, read_began_at, into);
        Ok(Self { follower, last_read_at: read_began_at })
    }

    pub(crate) fn needs_snapshot(&self, now: Timestamp) -> bool {
        now.millis_since(self.last_read_at) > RELOAD_AFTER_SECONDS * 1000
    }

    /// Of the streams in `rows` of [`STREAMS`], those with more than was read: parameters of [`AFTER`].
    pub(crate) fn behind(&self, rows: &[Row]) -> Result<Vec<Vec<Value>>, StoreError> {
        let mut behind = Vec::new();
        for row in rows {
            let (stream, last): (StreamId, i64) = (row.id(0)?, row.int(1)?);
            let cursor = self.follower.cursor(stream);
            if last > cursor {
                behind.push(params![stream, cursor]);
            }
        }
        Ok(behind)
    }

    pub(crate) fn advance(&mut self, rows: &[FeedRow], read_began_at: Timestamp, into: &Revocations) {
        self.follower.advance(rows, read_began_at, into);
        self.last_read_at = read_began_at;
    }

    pub(crate) fn is_fresh(&self, now: Timestamp) -> bool {
        self.follower.is_fresh(now, FRESH_SECONDS)
    }
}
