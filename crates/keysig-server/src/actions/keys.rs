//! Signing and sealing keys: what there is, the next one sooner, and the end of one that was found out (`docs/keys.md`).

use keysig_core::audit::AuditAction;
use keysig_core::feed::FeedEntry;
use keysig_core::jose::SigningAlgorithm;
use keysig_core::seal::KeyId;
use keysig_core::time::Timestamp;
use keysig_core::user::Role;
use keysig_store::signing_keys::{self, StoredKey};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ActionRefused, Actor};
use crate::server::Server;

/// How long a key is published before it signs where somebody asked for it: longer than the JWKS may be cached (an hour).
const PUBLISHED_BEFORE_SECONDS: i64 = 2 * 3600;
/// How long after the next one began to sign the last statement of a key may live, with room for clocks and caches.
const PUBLISHED_AFTER_SECONDS: i64 = 2 * 3600;

/// Where a key is in its life.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Published, and does not sign yet.
    Next,
    /// Signs.
    Current,
    /// Signs no more; what it signed may still be alive.
    Retired,
    /// Nothing it signed is alive; it is known for old `id_token_hint`s.
    Over,
}

impl Stage {
    /// Its name, as it is serialised.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Retired => "retired",
            Self::Over => "over",
        }
    }
}

/// A signing key as operators see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// Its name in the JWKS.
    pub kid: String,
    /// What it signs by.
    pub algorithm: &'static str,
    /// Where it is in its life.
    pub stage: Stage,
    /// When it was made, in Unix milliseconds.
    pub made_at: i64,
    /// From when on it signs, in Unix milliseconds.
    pub signs_from: i64,
    /// When nothing needs it any more, in Unix milliseconds, where a later key ends it.
    pub may_go_at: Option<i64>,
}

/// All signing keys, by algorithm, the newest first.
pub async fn timeline(server: &Server, actor: &Actor) -> Result<Vec<Key>, ActionRefused> {
    actor.needs(Role::Viewer)?;
    let stored = signing_keys::all(&server.store).await?;
    Ok(laid_out(&stored, server.now()))
}

fn laid_out(stored: &[StoredKey], now: Timestamp) -> Vec<Key> {
    let mut keys = Vec::new();
    for algorithm in SigningAlgorithm::ALL {
        let mut later: Option<Timestamp> = None;
        for key in stored.iter().rev().filter(|key| key.algorithm == algorithm) {
            let ends = later.map(|later| later.plus_seconds(PUBLISHED_AFTER_SECONDS));
            let stage = match (key.signs_from > now, later) {
                (true, _) => Stage::Next,
                (false, Some(later)) if later <= now => {
                    if ends.is_some_and(|ends| ends <= now) {
                        Stage::Over
                    } else {
                        Stage::Retired
                    }
                }
                (false, _) => Stage::Current,
            };
            keys.push(Key {
                kid: key.kid.clone(),
                algorithm: algorithm.name(),
                stage,
                made_at: key.made_at.unix_millis(),
                signs_from: key.signs_from.unix_millis(),
                may_go_at: ends.map(Timestamp::unix_millis),
            });
            later = Some(key.signs_from);
        }
    }
    keys
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, ActionRefused> {
    let problem = || ActionRefused::Invalid { field: "algorithm", problem: "There is no such algorithm.".to_owned() };
    SigningAlgorithm::from_name(name).ok_or_else(problem)
}

/// Makes the next key of an algorithm, or lets the one that waits sign sooner. It is published at once and signs once every
/// cache of the JWKS is over. When that is, in Unix milliseconds.
pub async fn rotate(server: &Server, actor: &Actor, name: &str) -> Result<i64, ActionRefused> {
    actor.needs(Role::Operator)?;
    let algorithm = algorithm(name)?;
    let now = server.now();
    let stored = signing_keys::all(&server.store).await?;
    let newest = stored.iter().filter(|key| key.algorithm == algorithm).max_by_key(|key| key.n);
    let record = |kid: &str| actor.record(server, AuditAction::KeyRotated, &format!("{name} {kid}"));
    let signs_from = match newest.filter(|key| key.signs_from > now) {
        Some(waiting) => {
            let soonest = waiting.made_at.plus_seconds(PUBLISHED_BEFORE_SECONDS).later(now);
            if waiting.signs_from <= soonest {
                let problem = format!("The next key, {}, is published and signs as soon as it may.", waiting.kid);
                return Err(ActionRefused::Conflict(problem));
            }
            signing_keys::sign_from(&server.store, waiting, soonest, &record(&waiting.kid)).await?;
            soonest
        }
        None => {
            let signs_from = now.plus_seconds(PUBLISHED_BEFORE_SECONDS);
            let n = newest.map_or(1, |key| key.n + 1);
            let key = server.signing.new_key(server, algorithm, n, signs_from).await?;
            signing_keys::add_recorded(&server.store, &key, &record(&key.kid)).await?;
            signs_from
        }
    };
    server.keep_signing_keys().await?;
    Ok(signs_from.unix_millis())
}

/// What the end of a key does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reach {
    /// The key.
    pub kid: String,
    /// Whether it signs now: another one does at once, then.
    pub signs_now: bool,
    /// Logins that were given a token by any key within the life of one: no more tokens than theirs die.
    pub logins: u64,
}

/// What would die with a key.
pub async fn reach(server: &Server, actor: &Actor, kid: &str) -> Result<Reach, ActionRefused> {
    actor.needs(Role::Viewer)?;
    let keys = laid_out(&signing_keys::all(&server.store).await?, server.now());
    let signs_now = match keys.iter().find(|key| key.kid == kid) {
        Some(key) => key.stage == Stage::Current,
        None => sealing_key(kid).map(|_| false).ok_or(ActionRefused::NotFound)?,
    };
    let since = server.now().plus_seconds(-i64::from(keysig_core::access_token::ACCESS_TOKEN_LIFETIME_SECONDS));
    let logins = signing_keys::logins_since(&server.store, since).await?;
    Ok(Reach { kid: kid.to_owned(), signs_now, logins })
}

/// Keys that seal have no row: they are named by their number, in hexadecimal.
fn sealing_key(kid: &str) -> Option<KeyId> {
    let is_hex = kid.len() == 8 && kid.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(kid, 16).ok()).flatten().map(KeyId::from_number)
}

/// Ends a key at once. A signing key goes from the JWKS, and if it signed another one does now, published or not: what it
/// signed no longer verifies. A sealing key ends what it sealed by one entry of the feed.
pub async fn revoke(server: &Server, actor: &Actor, kid: &str) -> Result<(), ActionRefused> {
    actor.needs(Role::Operator)?;
    let record = actor.record(server, AuditAction::KeyRevoked, kid);
    let stored = signing_keys::all(&server.store).await?;
    let Some(key) = stored.iter().find(|key| key.kid == kid) else {
        let id = sealing_key(kid).ok_or(ActionRefused::NotFound)?;
        signing_keys::revoke_sealing(&server.store, FeedEntry::Key(id), server.keep_until(), &record).await?;
        return Ok(());
    };
    let now = server.now();
    let of_algorithm = || stored.iter().filter(|other| other.algorithm == key.algorithm);
    let signs_after = of_algorithm().filter(|other| other.kid != kid && other.signs_from > key.signs_from);
    let next_signs = signs_after.clone().any(|other| other.signs_from <= now);
    let replacement = match next_signs {
        true => None,
        false => {
            let n = of_algorithm().map(|other| other.n).max().unwrap_or(0) + 1;
            Some(server.signing.new_key(server, key.algorithm, n, now).await?)
        }
    };
    signing_keys::revoke(&server.store, key, replacement.as_ref(), &record).await?;
    server.keep_signing_keys().await?;
    Ok(())
}
