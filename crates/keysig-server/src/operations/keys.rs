//! Signing keys, and the end of those that seal.

use keysig_core::jose::SigningAlgorithm;
use keysig_core::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Nothing, time};
use crate::actions::keys::{self, Stage};
use crate::actions::{ActionRefused, Actor};
use crate::server::Server;

/// A signing key.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Key {
    /// Its name in the JWKS.
    kid: String,
    /// What it signs by.
    #[schemars(extend("enum" = algorithms()))]
    algorithm: &'static str,
    /// Where it is in its life.
    stage: Stage,
    /// When it was made.
    made_at: String,
    /// From when on it signs.
    signs_from: String,
    /// When nothing needs it any more, where a later key ends it.
    may_go_at: Option<String>,
}

/// All signing keys.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Keys {
    /// Them, by algorithm, the newest first.
    keys: Vec<Key>,
}

/// Which key.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// The name of a signing key in the JWKS, or the number of one that seals, in eight hexadecimal digits.
    kid: String,
}

/// Of what a new key is made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// What it signs by.
    #[schemars(extend("enum" = algorithms()))]
    algorithm: String,
}

/// What would die with a key.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Reach {
    /// The key.
    kid: String,
    /// Whether it signs now: another one does at once, then.
    signs_now: bool,
    /// Logins that were given a token within the life of one: no more tokens than theirs die.
    logins: u64,
}

fn algorithms() -> Vec<&'static str> {
    SigningAlgorithm::ALL.iter().map(|algorithm| algorithm.name()).collect()
}

async fn all(server: &Server, actor: &Actor) -> Result<Keys, ActionRefused> {
    let at = |millis| time(Timestamp::from_unix_millis(millis));
    let key = |key: keys::Key| Key {
        kid: key.kid,
        algorithm: key.algorithm,
        stage: key.stage,
        made_at: at(key.made_at),
        signs_from: at(key.signs_from),
        may_go_at: key.may_go_at.map(at),
    };
    Ok(Keys { keys: keys::timeline(server, actor).await?.into_iter().map(key).collect() })
}

pub(super) async fn list(server: &Server, actor: &Actor, _: Nothing) -> Result<Keys, ActionRefused> {
    all(server, actor).await
}

pub(super) async fn rotate(server: &Server, actor: &Actor, given: Rotation) -> Result<Keys, ActionRefused> {
    keys::rotate(server, actor, &given.algorithm).await?;
    all(server, actor).await
}

pub(super) async fn show(server: &Server, actor: &Actor, which: Which) -> Result<Reach, ActionRefused> {
    let keys::Reach { kid, signs_now, logins } = keys::reach(server, actor, &which.kid).await?;
    Ok(Reach { kid, signs_now, logins })
}

pub(super) async fn revoke(server: &Server, actor: &Actor, which: Which) -> Result<Keys, ActionRefused> {
    keys::revoke(server, actor, &which.kid).await?;
    all(server, actor).await
}
