//! The Inspector: what became of the requests of apps, so that their developers find out why one was refused
//! (`docs/inspector.md`). Handlers say what happened and go on; a task beside them writes it down.

pub mod asked;
pub mod call;
pub mod pasted;
mod reason;
pub mod replay;
mod sent;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keysig_core::app::App;
use keysig_core::id::{AppId, EventId, UserId};
use keysig_core::time::Timestamp;
use keysig_store::inspector::{self, InspectorRecord};
use keysig_store::{Store, StoreError};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

pub use reason::{Fact, Facts, Reason, Warning, facts_of_page, facts_of_redirect, facts_of_scope};
pub use sent::{Kept, Parameter, Sent, ShownHeader, Withheld, fingerprint};

use crate::server::Server;

/// What waits to be written; what finds no room is dropped, and that is counted.
const MOST_WAITING: usize = 2048;
/// A record is visible a second after it happened at the latest.
const FLUSH_EVERY: Duration = Duration::from_millis(500);
/// Records in one write, so that logins never wait long behind it.
const BATCH: usize = 200;
/// Of an app's requests that pass, and of those beyond its quota, one a second is kept for each step: enough to look at, and
/// what else was refused stays in sight.
const ALIKE_EVERY_MILLIS: i64 = 1000;
/// So many apps' last successes are remembered for that.
const APPS_REMEMBERED: usize = 10_000;
/// After so many new records of an app its oldest go.
const PRUNE_AFTER: u32 = 50;
/// Records are kept for so many days.
pub const KEPT_DAYS: i64 = 7;

/// Where a request came to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Step {
    /// `/authorize`, and the pages that it leads to.
    Authorize,
    /// `/api/token`.
    Token,
    /// `/oauth2/device/authorize`.
    Device,
    /// `/oauth2/revoke/v1`.
    Revoke,
    /// `/oauth2/introspect/v1`.
    Introspect,
    /// The Web API.
    Api,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Authorize, Self::Token, Self::Device, Self::Revoke, Self::Introspect, Self::Api];

    /// The name in columns and filters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Token => "token",
            Self::Device => "device",
            Self::Revoke => "revoke",
            Self::Introspect => "introspect",
            Self::Api => "api",
        }
    }

    /// From a column or a filter.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It got what it asked for.
    Passed,
    /// The person was shown a page of this name.
    Shown(&'static str),
    /// It was refused.
    Refused(Reason),
}

impl Outcome {
    /// The names that filters offer; `warned` is what passed and has something that should be mended.
    pub const NAMES: [&'static str; 4] = ["refused", "warned", "shown", "passed"];
}

/// Whose request it was, and what is known of it everywhere.
#[derive(Clone, Copy)]
pub struct About<'a> {
    /// The app's.
    pub app: &'a App,
    /// About this person, where that is known.
    pub user: Option<UserId>,
    /// Where it came to.
    pub step: Step,
    /// The id that its answer carries.
    pub request_id: &'a str,
}

/// What is written down besides.
#[derive(Clone, Default, Debug, Serialize, Deserialize)]
pub struct Details {
    /// The request without its secrets.
    pub sent: Sent,
    /// What the words about it name.
    #[serde(default)]
    pub facts: Facts,
    /// The check that it failed, or that waits for a person, by its name.
    #[serde(default)]
    pub check: Option<String>,
    /// What should be mended although it passed.
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// What happened and is not written yet.
#[derive(Default)]
pub struct Inspector {
    waiting: Mutex<Vec<InspectorRecord>>,
    dropped: AtomicU64,
    often: Mutex<HashMap<(AppId, Step, bool), Timestamp>>,
    written: Mutex<HashMap<AppId, u32>>,
    /// Held while records are on their way to the store, so that whoever flushes also waits for those that another took.
    flushing: tokio::sync::Mutex<()>,
}

impl Inspector {
    /// How many records found no room, or could not be written, since the start.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Whether one of many that are alike, passed or not, is one to be kept.
    fn keeps(&self, app: AppId, step: Step, has_passed: bool, now: Timestamp) -> bool {
        let mut often = self.often.lock().unwrap_or_else(PoisonError::into_inner);
        if often.len() >= APPS_REMEMBERED {
            often.clear();
        }
        let kind = (app, step, has_passed);
        match often.get(&kind) {
            Some(before) if now.millis_since(*before) < ALIKE_EVERY_MILLIS => false,
            _ => {
                often.insert(kind, now);
                true
            }
        }
    }

    fn push(&self, record: InspectorRecord) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push(record);
        } else {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn take(&self) -> Vec<InspectorRecord> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Counts what was written of an app; whether some of it should go now.
    fn note_written(&self, app: AppId) -> bool {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let count = written.entry(app).or_default();
        *count += 1;
        if *count >= PRUNE_AFTER {
            written.remove(&app);
            return true;
        }
        false
    }
}

/// Something happened. Every end of every request of an app comes through here; `details` is asked only for what is kept.
/// The id under which it can be looked at, if it is kept.
pub fn observe(
    server: &Server,
    about: About<'_>,
    outcome: Outcome,
    details: impl FnOnce() -> Details,
) -> Option<EventId> {
    let now = server.now();
    server.usage.observe(&about, outcome, now);
    // One a second tells as much as all of them, and leaves room for what is worth knowing.
    let comes_often = match outcome {
        Outcome::Passed => true,
        Outcome::Refused(reason) => reason.is_quota(),
        Outcome::Shown(_) => false,
    };
    if comes_often && !server.inspector.keeps(about.app.id, about.step, outcome == Outcome::Passed, now) {
        return None;
    }
    let details = details();
    let (name, reason) = match outcome {
        Outcome::Passed if details.warnings.is_empty() => ("passed", ""),
        Outcome::Passed => ("warned", ""),
        Outcome::Shown(page) => ("shown", page),
        Outcome::Refused(reason) => ("refused", reason.name()),
    };
    let id = EventId::generate(now, &*server.rng);
    server.inspector.push(InspectorRecord {
        id,
        app: about.app.id,
        request_id: about.request_id.to_owned(),
        step: about.step.name().to_owned(),
        outcome: name.to_owned(),
        reason: reason.to_owned(),
        user: about.user,
        body: serde_json::to_string(&details).unwrap_or_default(),
    });
    Some(id)
}

/// Writes down what happened. Never part of a request that it tells of.
pub async fn flush(server: &Server) {
    let _alone = server.inspector.flushing.lock().await;
    let taken = server.inspector.take();
    for batch in taken.chunks(BATCH) {
        if let Err(error) = inspector::add(&server.store, batch).await {
            tracing::warn!(%error, records = batch.len(), "what happened could not be written down for the Inspector");
            server.inspector.dropped.fetch_add(batch.len() as u64, Ordering::Relaxed);
            continue;
        }
        for record in batch {
            if server.inspector.note_written(record.app)
                && let Err(error) = inspector::prune(&server.store, record.app).await
            {
                tracing::warn!(%error, "old records of the Inspector could not be cleared away");
            }
        }
    }
}

/// Writes down what happened until the server stops. It is not torn off in the middle: what it took would be lost.
pub async fn flush_now_and_then(server: Arc<Server>, mut stopped: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            () = tokio::time::sleep(FLUSH_EVERY) => flush(&server).await,
        }
    }
}

/// Forgets what is older than records are kept.
pub async fn forget_old(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    inspector::forget(store, now.plus_seconds(-KEPT_DAYS * 86_400)).await.map(|_| ())
}

/// How many requests of an app were refused since then, of those that are kept.
pub async fn errors_since(server: &Server, app: AppId, since: Timestamp) -> Result<u64, StoreError> {
    flush(server).await;
    inspector::refused_since(&server.store, app, since).await
}
