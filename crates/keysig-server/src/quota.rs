//! How much apps may ask of this node: calls of the Web API and token requests within 30 seconds, for an app and for all apps of
//! a developer together. Counted in memory, a moment's lock each, whether or not there is a quota (`docs/web-api.md`).

mod window;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use keysig_core::app::App;
use keysig_core::id::{AppId, UserId};
use keysig_core::time::Timestamp;
use keysig_guard::Bearer;

use self::window::{SLOTS, Window};
use crate::api::ApiError;
use crate::server::Server;
use crate::settings::LiveSettings;

pub use self::window::WINDOW_SECONDS;

/// Who is counted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Subject {
    /// Calls of an app.
    Calls(AppId),
    /// Calls of all apps of a developer, but those with a quota of their own.
    Developer(UserId),
    /// Token requests of an app.
    Tokens(AppId),
}

/// Which quota is used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quota {
    /// An app's calls.
    Calls,
    /// The calls of a developer's apps.
    Developer,
    /// An app's token requests.
    Tokens,
}

/// A request that is one too many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UsedUp {
    /// Of which quota.
    pub quota: Quota,
    /// How many there may be.
    pub most: u32,
    /// After so many whole seconds there is room.
    pub retry_after_seconds: u32,
}

/// Subjects that hash alike share a lock; no request waits for one of another shard.
const SHARDS: usize = 64;
/// So many subjects are counted in a shard, about 20 MB in all; what is beyond them is let through.
const MOST_PER_SHARD: usize = 512;
const HOUR_SECONDS: i64 = 3600;

/// What was asked for lately.
pub struct Quotas {
    shards: Vec<Mutex<HashMap<Subject, Window>>>,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }
}

fn second_of(now: Timestamp) -> i64 {
    now.unix_millis().div_euclid(1000)
}

/// Ids are chance: a byte of one is as good as a hash.
fn shard_of(subject: Subject) -> usize {
    let byte = match subject {
        Subject::Calls(app) | Subject::Tokens(app) => app.as_bytes().last().copied(),
        Subject::Developer(user) => user.as_bytes().last().copied(),
    };
    usize::from(byte.unwrap_or_default()) % SHARDS
}

impl Quotas {
    /// `None` where no more subjects are counted.
    fn with<T>(&self, subject: Subject, now: Timestamp, count: impl FnOnce(&mut Window, i64) -> T) -> Option<T> {
        let second = second_of(now);
        let shard = self.shards.get(shard_of(subject))?;
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(window) = shard.get_mut(&subject) {
            return Some(count(window, second));
        }
        for idle in [HOUR_SECONDS, WINDOW_SECONDS] {
            if shard.len() >= MOST_PER_SHARD {
                shard.retain(|_, window| second - window.latest() < idle);
            }
        }
        if shard.len() >= MOST_PER_SHARD {
            return None;
        }
        Some(count(shard.entry(subject).or_insert_with(|| Window::new(second)), second))
    }

    fn take(&self, subject: Subject, most: Option<u32>, now: Timestamp) -> Result<(), u32> {
        self.with(subject, now, |window, second| window.take(second, most)).unwrap_or(Ok(()))
    }

    /// How many requests came within the last 30 seconds.
    pub fn used(&self, subject: Subject, now: Timestamp) -> u32 {
        let total = |window: &mut Window, second| {
            window.advance(second);
            window.total()
        };
        self.with(subject, now, total).unwrap_or_default()
    }

    /// A call of an app: one more for it and for its developer, or for neither.
    fn call(&self, app: &App, live: &LiveSettings, now: Timestamp) -> Result<(), UsedUp> {
        let (calls, most) = (Subject::Calls(app.id), most_calls(app, live));
        self.take(calls, most, now).map_err(|retry_after_seconds| UsedUp {
            quota: Quota::Calls,
            most: most.unwrap_or_default(),
            retry_after_seconds,
        })?;
        let Some(developer) = app.owner.filter(|_| app.standing.quota.calls.is_none()) else { return Ok(()) };
        let most = live.quota_developer;
        self.take(Subject::Developer(developer), most, now).map_err(|retry_after_seconds| {
            self.with(calls, now, |window, _| window.give_back());
            UsedUp { quota: Quota::Developer, most: most.unwrap_or_default(), retry_after_seconds }
        })
    }

    /// Whether an app may ask for tokens. Where it has shown who it is, that is one more; whoever says they are an app
    /// without a secret uses up nothing of it before they have shown a code or token of its own ([`Self::token_made`]).
    pub fn token_request(&self, app: &App, is_proven: bool, live: &LiveSettings, now: Timestamp) -> Result<(), UsedUp> {
        let (tokens, most) = (Subject::Tokens(app.id), most_tokens(app, live));
        let room = match is_proven {
            true => self.take(tokens, most, now),
            false => self.with(tokens, now, |window, second| window.has_room(second, most)).unwrap_or(Ok(())),
        };
        room.map_err(|retry_after_seconds| UsedUp {
            quota: Quota::Tokens,
            most: most.unwrap_or_default(),
            retry_after_seconds,
        })
    }

    /// An app without a secret was given tokens.
    pub fn token_made(&self, app: AppId, now: Timestamp) {
        let _ = self.take(Subject::Tokens(app), None, now);
    }

    /// What each subject came to in the last hour, the largest peak first.
    pub fn busy(&self, now: Timestamp) -> Vec<Busy> {
        let second = second_of(now);
        let mut busy = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for (subject, window) in shard.iter_mut() {
                window.advance(second);
                busy.push(Busy::of(*subject, window));
            }
        }
        busy.retain(|busy| busy.peak > 0);
        busy.sort_unstable_by_key(|busy| (std::cmp::Reverse(busy.peak), busy.subject));
        busy
    }
}

/// What a subject came to in the last hour, in requests within 30 seconds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Busy {
    /// Whose.
    pub subject: Subject,
    /// Now.
    pub now: u32,
    /// In 95 of 100 half-minutes no more than this.
    pub percentile_95: u32,
    /// Never more than this.
    pub peak: u32,
    peaks: [u32; SLOTS],
}

impl Busy {
    fn of(subject: Subject, window: &Window) -> Self {
        let mut peaks = *window.peaks();
        peaks.sort_unstable();
        // 114 of 120 half-minutes came to no more.
        let percentile_95 = peaks.get(SLOTS * 95 / 100 - 1).copied().unwrap_or_default();
        let peak = peaks.last().copied().unwrap_or_default();
        Self { subject, now: window.total(), percentile_95, peak, peaks }
    }

    /// In how many half-minutes of the last hour it came to more than `most`.
    pub fn times_over(&self, most: u32) -> usize {
        self.peaks.iter().filter(|peak| **peak > most).count()
    }
}

/// A quota of an app's own goes over what is set for all: none at all, where it is 0.
fn own_or(own: Option<u32>, set: Option<u32>) -> Option<u32> {
    match own {
        Some(0) => None,
        Some(own) => Some(own),
        None => set,
    }
}

/// How many calls an app may make.
pub fn most_calls(app: &App, live: &LiveSettings) -> Option<u32> {
    own_or(app.standing.quota.calls, live.quota_app)
}

/// How many token requests an app may make.
pub fn most_tokens(app: &App, live: &LiveSettings) -> Option<u32> {
    own_or(app.standing.quota.tokens, live.quota_tokens)
}

/// Middleware behind the guard: whose calls are too many is told when to come back.
pub async fn hold(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    if let Some(bearer) = request.extensions().get::<Bearer>().copied() {
        let app = match server.app_by_id(bearer.token().app).await {
            Ok(app) => app,
            Err(error) => return ApiError::from(error).into_response(),
        };
        // Of an app that is gone no token works: whoever asks next says so.
        if let Some(app) = app
            && let Err(used_up) = server.quotas.call(&app, &server.live(), server.now())
        {
            return ApiError::UsedUp(used_up).into_response();
        }
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: usize) -> AppId {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        AppId::from_bytes(id)
    }

    #[test]
    fn memory_is_bounded_and_what_finds_no_place_is_let_through() {
        let quotas = Quotas::default();
        let at = |second: i64| Timestamp::from_unix_millis(second * 1000);
        let entries = || quotas.shards.iter().map(|shard| shard.lock().unwrap().len()).sum::<usize>();
        for n in 0..MOST_PER_SHARD + 10 {
            assert_eq!(quotas.take(Subject::Calls(id(n)), Some(1), at(0)), Ok(()));
        }
        assert_eq!(entries(), MOST_PER_SHARD, "all are of one shard");
        assert_eq!(quotas.take(Subject::Calls(id(MOST_PER_SHARD + 1)), Some(1), at(0)), Ok(()), "it is not counted");
        assert_eq!(quotas.take(Subject::Calls(id(1)), Some(1), at(0)), Err(30), "who is counted stays counted");
        quotas.take(Subject::Calls(id(MOST_PER_SHARD + 1)), Some(1), at(31)).unwrap();
        assert_eq!(entries(), 1, "those who were quiet make room");
    }

    #[test]
    fn the_percentile_leaves_out_the_six_busiest_half_minutes() {
        let quotas = Quotas::default();
        for slot in 0..120_i64 {
            for _ in 0..if slot < 6 { 50 } else { 3 } {
                let now = Timestamp::from_unix_millis(slot * 30_000);
                quotas.take(Subject::Tokens(id(1)), None, now).unwrap();
            }
        }
        let [busy] = quotas.busy(Timestamp::from_unix_millis(119 * 30_000)).try_into().unwrap();
        assert_eq!((busy.now, busy.percentile_95, busy.peak), (3, 3, 50));
        assert_eq!((busy.times_over(49), busy.times_over(50), busy.times_over(2)), (6, 0, 120));
    }
}
