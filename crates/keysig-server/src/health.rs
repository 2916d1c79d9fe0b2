//! How the server is: each check says what it found, and the command that fixes it. The home of the operator area, the admin
//! API, `keysig health` and `keysig doctor` show the same.

use keysig_core::jose::SigningAlgorithm;
use keysig_store::{StoreError, mails, signing_keys};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::server::Server;

/// What a check came to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// Somebody should look.
    Look,
    /// Something does not work.
    Broken,
}

impl Verdict {
    /// Its name, as it is serialised.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Look => "look",
            Self::Broken => "broken",
        }
    }
}

/// One check.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What was looked at, such as `database`.
    pub name: String,
    /// What it came to.
    pub verdict: Verdict,
    /// What was found, in a few words.
    pub found: String,
    /// The command or page that fixes it, where something is to be fixed.
    pub fix: Option<String>,
}

/// A check; `fix` stands where something is to be fixed.
pub fn check(name: &str, verdict: Verdict, found: impl Into<String>, fix: impl Into<String>) -> Check {
    let fix = Some(fix.into()).filter(|fix| verdict != Verdict::Ok && !fix.is_empty());
    Check { name: name.to_owned(), verdict, found: found.into(), fix }
}

/// A mail that waits longer than this should be looked at, in seconds.
const MAIL_WAITS_SECONDS: i64 = 900;
/// A clock that is this far behind what the store has seen should be looked at, in milliseconds.
const CLOCK_BEHIND_MILLIS: i64 = 2_000;
/// A key older than this should have been followed by another: 90 days and the two in which the next one is published.
const KEY_AGE_DAYS: i64 = 93;
/// Bytes.
const GIB: u64 = 1 << 30;

/// All checks. None of them fails the others.
pub async fn all(server: &Server) -> Vec<Check> {
    let mut checks = vec![database(server).await];
    checks.push(or_broken("master-key", master_key(server).await));
    checks.push(match server.store.feed_is_fresh(server.now()) {
        true => check("feed", Verdict::Ok, "up to date", ""),
        false => check(
            "feed",
            Verdict::Broken,
            "revocations of other nodes were not read for 10 seconds: no token is accepted",
            "keysig doctor --config FILE",
        ),
    });
    checks.push(or_broken("mail", mail(server).await));
    checks.push(disk(server));
    checks.push(or_broken("clock", clock(server).await));
    checks.push(or_broken("keys", keys(server).await));
    checks.push(or_broken("audit", audit(server).await));
    checks
}

/// The worst of them.
pub fn worst(checks: &[Check]) -> Verdict {
    checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Ok)
}

/// Whether what is sealed in the store opens with the key we have: with another nothing of it can be read.
async fn master_key(server: &Server) -> Result<Check, StoreError> {
    let stored = signing_keys::all(&server.store).await?;
    let is_ours = stored.iter().all(|key| server.signing.is_ours(key));
    Ok(match (stored.is_empty(), is_ours) {
        (true, _) => check("master-key", Verdict::Ok, "nothing is sealed yet", ""),
        (_, true) => check("master-key", Verdict::Ok, "is the one of this store", ""),
        (_, false) => {
            let fix = "put back the key that this store was made with";
            check("master-key", Verdict::Broken, "is not the one that this store was sealed with", fix)
        }
    })
}

fn or_broken(name: &str, checked: Result<Check, StoreError>) -> Check {
    checked.unwrap_or_else(|error| {
        check(name, Verdict::Broken, format!("not known: {error}"), "keysig doctor --config FILE")
    })
}

async fn database(server: &Server) -> Check {
    match signing_keys::all(&server.store).await {
        Ok(_) => check("database", Verdict::Ok, "answers", ""),
        Err(error) => check("database", Verdict::Broken, error.to_string(), "keysig doctor --config FILE"),
    }
}

async fn mail(server: &Server) -> Result<Check, StoreError> {
    if !server.settings.sends_mail() {
        let found = "no mail server is set: nobody recovers a password";
        return Ok(check("mail", Verdict::Look, found, "set [mail] in the configuration, then restart"));
    }
    let (waiting, oldest) = mails::waiting(&server.store).await?;
    // The inbox of a test instance keeps its mail.
    let is_late = server.settings.mail.is_some()
        && oldest.is_some_and(|oldest| server.now() > oldest.plus_seconds(MAIL_WAITS_SECONDS));
    let verdict = if is_late { Verdict::Look } else { Verdict::Ok };
    Ok(check("mail", verdict, format!("{waiting} waiting"), "check [mail] in the configuration and the log"))
}

fn disk(server: &Server) -> Check {
    let fix = "make room: df -h, du";
    let Some(data) = &server.settings.data else { return check("disk", Verdict::Ok, "not looked at", "") };
    match rustix::fs::statvfs(data) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let verdict = match free {
                0..GIB => Verdict::Broken,
                free if free < 5 * GIB => Verdict::Look,
                _ => Verdict::Ok,
            };
            check("disk", verdict, format!("{} GiB free", free / GIB), fix)
        }
        Err(error) => check("disk", Verdict::Look, error.to_string(), fix),
    }
}

/// The store's newest record was made by somebody's clock: one that is ahead of this one tells that one of them is wrong.
async fn clock(server: &Server) -> Result<Check, StoreError> {
    let newest = keysig_store::audit::page(&server.store, &keysig_store::audit::Filter::default(), None, 1).await?;
    let behind = newest.first().map_or(0, |entry| entry.record.id.made_at().millis_since(server.now()));
    let verdict = if behind > CLOCK_BEHIND_MILLIS { Verdict::Look } else { Verdict::Ok };
    let found = if behind > CLOCK_BEHIND_MILLIS { format!("{behind} ms behind another node") } else { "agrees".into() };
    Ok(check("clock", verdict, found, "timedatectl status"))
}

async fn keys(server: &Server) -> Result<Check, StoreError> {
    let (stored, now) = (signing_keys::all(&server.store).await?, server.now());
    if stored.is_empty() {
        return Ok(check("keys", Verdict::Look, "there are none yet", "start keysig: keys are made at its start"));
    }
    let mut oldest = 0;
    for algorithm in SigningAlgorithm::ALL {
        let signs = stored.iter().filter(|key| key.algorithm == algorithm && key.signs_from <= now);
        let Some(current) = signs.max_by_key(|key| key.signs_from) else {
            let found = format!("no {} key signs", algorithm.name());
            return Ok(check("keys", Verdict::Broken, found, "restart keysig: keys are made at its start"));
        };
        oldest = oldest.max(now.millis_since(current.signs_from) / 86_400_000);
    }
    let verdict = if oldest > KEY_AGE_DAYS { Verdict::Look } else { Verdict::Ok };
    Ok(check(
        "keys",
        verdict,
        format!("the oldest signs for {oldest} days"),
        "keysig key rotate --algorithm ALG --config FILE",
    ))
}

async fn audit(server: &Server) -> Result<Check, StoreError> {
    let last = keysig_store::audit::last_checkpoint(&server.store).await?;
    let is_late = last.is_some_and(|last| server.now() > last.plus_seconds(2 * 86_400));
    let (verdict, found) = match (last, is_late) {
        (_, true) => (Verdict::Look, "no checkpoint for two days"),
        (None, _) => (Verdict::Ok, "no checkpoint yet"),
        _ => (Verdict::Ok, "checkpoints are made"),
    };
    Ok(check("audit", verdict, found, "look at the log, then: keysig audit verify --config FILE"))
}
