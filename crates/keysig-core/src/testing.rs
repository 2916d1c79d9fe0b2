//! A clock that tests move by hand and randomness that repeats: for tests here and in the crates above, never for a
//! server that faces people.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};

use crate::rng::Rng;
use crate::time::{Clock, Timestamp};

/// A clock that stands still until it is advanced. Clones share the time.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// Starts at `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(now.unix_millis())))
    }

    /// Moves on by `seconds`; negative jumps back, as a real clock may.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Moves on by `millis` milliseconds.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Ordering::SeqCst))
    }
}

/// Bytes that look random and are the same in each run with the same seed.
pub struct SeededRng {
    seed: u64,
    drawn: AtomicU64,
}

impl SeededRng {
    /// A generator whose whole output follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let counter = self.drawn.fetch_add(1, Ordering::SeqCst);
            let mut input = self.seed.to_be_bytes().to_vec();
            input.extend_from_slice(&counter.to_be_bytes());
            let block = digest(&SHA256, &input);
            for (slot, byte) in chunk.iter_mut().zip(block.as_ref()) {
                *slot = *byte;
            }
        }
    }
}

/// What is not `https://app.example/cb`, though some parser or other thinks so.
pub const OTHER_SPELLINGS: &[&str] = &[
    "https://app.example/cb/",
    "https://app.example/CB",
    "HTTPS://app.example/cb",
    "https://APP.example/cb",
    "https://app.example:443/cb",
    "https://app.example:8443/cb",
    "https://app.example./cb",
    "https://app.example/cb?x=1",
    "https://app.example/cb?",
    "https://app.example/cb#",
    "https://app.example/cb#x",
    "https://app.example/cb%20",
    "https://app.example/%63b",
    "https://app.example//cb",
    "https://app.example/./cb",
    "https://app.example/cb/../x",
    "https://app.example/cb/%2e%2e/x",
    "https://app.example/cb/..%2fx",
    "https://app.example/cb/..;/x",
    "https://app.example/cb;a=b",
    "https://app.example/cbevil",
    "https://app.example/cb%0d%0aX:1",
    "https://app.example@evil.example/cb",
    "https://app.example:443@evil.example/cb",
    "https://evil.example@app.example/cb",
    "https://app.example%40evil.example/cb",
    "https://evil.example\\@app.example/cb",
    "https://app.example\\.evil.example/cb",
    "https:\\\\app.example\\cb",
    "https://app.example.evil.example/cb",
    "https://evilapp.example/cb",
    "https://x.app.example/cb",
    "https://evil.example/app.example/cb",
    "https://evil.example?https://app.example/cb",
    "https://evil.example#https://app.example/cb",
    "//app.example/cb",
    "/cb",
    "https:app.example/cb",
    "https:///app.example/cb",
    "javascript://app.example/%0aalert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "blob:https://app.example/cb",
    "https://\u{430}pp.example/cb",
    "https://app\u{3002}example/cb",
    "https://app.example/cb\u{200b}",
    "https://app.exam\u{ad}ple/cb",
    "https://xn--app-.example/cb",
    " https://app.example/cb",
    "https://app.example/cb\t",
    "https://app.example/cb\0",
    "https://*.example/cb",
    "https://app.example/cb https://evil.example",
];
