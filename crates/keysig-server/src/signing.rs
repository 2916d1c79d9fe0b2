//! The instance's signing keys: kept sealed in the store, parsed here, renewed in time (`docs/keys.md`).

use std::sync::{Arc, PoisonError, RwLock};

use axum::body::Bytes;
use keysig_core::jose::{NotOurs, Scheduled, SigningAlgorithm, SigningKey, SigningKeys, next_due};
use keysig_core::seal::Keyring;
use keysig_core::time::Timestamp;
use keysig_store::signing_keys::{self, StoredKey};
use keysig_store::{Store, StoreError};
use serde::Serialize;
use serde_json::json;

use crate::ambient;
use crate::server::Server;

/// Keys that began to sign before this long ago are forgotten: nobody shows such an old `id_token_hint`.
const KEPT_SECONDS: i64 = 400 * 86_400;
/// How old the JWKS may be before what is published is looked at again, in milliseconds.
const JWKS_MILLIS: i64 = 60_000;

/// The keys as they were last read.
struct Held {
    keys: SigningKeys,
    /// What was read, to tell whether anything changed.
    read: Vec<(String, Timestamp)>,
}

/// The signing keys, and the JWKS made of them.
pub struct Signing {
    /// Seals private keys.
    columns: Keyring,
    test_mode: bool,
    held: RwLock<Arc<Held>>,
    jwks: RwLock<(Timestamp, Bytes)>,
}

fn about(algorithm: SigningAlgorithm, n: i64) -> String {
    format!("signing_keys|private_key|{}|{n}", algorithm.name())
}

/// `sig-` and the Unix time, as Spotify calls its keys; the others say what they are for.
fn kid(algorithm: SigningAlgorithm, now: Timestamp) -> String {
    let suffix = match algorithm {
        SigningAlgorithm::Rs256 => "",
        SigningAlgorithm::Es256 => "-es256",
        SigningAlgorithm::EdDsa => "-eddsa",
    };
    format!("sig-{}{suffix}", now.unix_seconds())
}

/// The key that test instances begin with: making an RSA key takes longer than starting.
#[cfg(feature = "dev")]
fn built_in(algorithm: SigningAlgorithm) -> Option<&'static [u8]> {
    Some(match algorithm {
        SigningAlgorithm::Rs256 => include_bytes!("../../../seed/keys/rs256.p8"),
        SigningAlgorithm::Es256 => include_bytes!("../../../seed/keys/es256.p8"),
        SigningAlgorithm::EdDsa => include_bytes!("../../../seed/keys/eddsa.p8"),
    })
}

#[cfg(not(feature = "dev"))]
fn built_in(_: SigningAlgorithm) -> Option<&'static [u8]> {
    None
}

impl Signing {
    /// No keys yet; call [`Self::keep`]. `columns` seals them.
    pub fn new(columns: Keyring, test_mode: bool) -> Self {
        let held = Held { keys: SigningKeys::default(), read: Vec::new() };
        let jwks = (Timestamp::default(), Bytes::new());
        Self { columns, test_mode, held: RwLock::new(Arc::new(held)), jwks: RwLock::new(jwks) }
    }

    fn held(&self) -> Arc<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks something up in the keys.
    pub fn with<T>(&self, look: impl FnOnce(&SigningKeys) -> T) -> T {
        look(&self.held().keys)
    }

    /// Signs by `algorithm`; nothing if there is no key (the store was never read).
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: &impl Serialize,
        now: Timestamp,
    ) -> Option<String> {
        self.held().keys.sign(algorithm, typ, claims, now)
    }

    /// The published keys as JSON (RFC 7517 §5).
    pub fn jwks(&self, now: Timestamp) -> Bytes {
        let (made_at, bytes) = self.jwks.read().unwrap_or_else(PoisonError::into_inner).clone();
        if now.millis_since(made_at) < JWKS_MILLIS {
            return bytes;
        }
        self.publish(now)
    }

    fn publish(&self, now: Timestamp) -> Bytes {
        let bytes = Bytes::from(json!({"keys": self.held().keys.published(now)}).to_string());
        *self.jwks.write().unwrap_or_else(PoisonError::into_inner) = (now, bytes.clone());
        bytes
    }

    /// Whether a key was sealed with the master key we have.
    pub fn is_ours(&self, stored: &StoredKey) -> bool {
        self.open(stored).is_ok()
    }

    fn open(&self, stored: &StoredKey) -> Result<SigningKey, NotOurs> {
        let der = self.columns.open_column(about(stored.algorithm, stored.n).as_bytes(), &stored.private_key);
        der.and_then(|der| SigningKey::from_pkcs8(stored.algorithm, &stored.kid, &der)).ok_or(NotOurs)
    }

    fn hold(&self, stored: &[StoredKey], now: Timestamp) -> Result<(), StoreError> {
        let read: Vec<_> = stored.iter().map(|key| (key.kid.clone(), key.signs_from)).collect();
        if self.held().read == read {
            return Ok(());
        }
        let parse = |stored: &StoredKey| {
            let key = self.open(stored).map_err(|_| {
                StoreError::Engine(format!("signing key {} was sealed with another master key", stored.kid))
            })?;
            Ok(Scheduled { key, signs_from: stored.signs_from })
        };
        let keys = SigningKeys::new(stored.iter().map(parse).collect::<Result<_, StoreError>>()?);
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Held { keys, read });
        self.publish(now);
        Ok(())
    }

    async fn make(&self, algorithm: SigningAlgorithm, first: bool) -> Result<Vec<u8>, StoreError> {
        if let Some(der) = built_in(algorithm).filter(|_| first && self.test_mode) {
            return Ok(der.to_vec());
        }
        // An RSA key takes a good part of a second.
        let made = tokio::task::spawn_blocking(move || ambient::make_signing_key(algorithm)).await;
        made.ok().flatten().ok_or_else(|| StoreError::Unavailable("a signing key could not be made".to_owned()))
    }

    /// A new key, sealed, the `n`th of its algorithm.
    pub async fn new_key(
        &self,
        server: &Server,
        algorithm: SigningAlgorithm,
        n: i64,
        signs_from: Timestamp,
    ) -> Result<StoredKey, StoreError> {
        let der = self.make(algorithm, n == 1).await?;
        let private_key = self.columns.seal_column(about(algorithm, n).as_bytes(), der, &*server.rng);
        let made_at = server.now();
        // Two of one second are told apart by their number.
        let name = kid(algorithm, made_at);
        let is_taken = self.held().read.iter().any(|(other, _)| *other == name);
        let kid = if is_taken { format!("{name}-{n}") } else { name };
        Ok(StoredKey { algorithm, n, kid, private_key, made_at, signs_from })
    }

    /// Reads the keys, and makes those that are due. At the start, then once a minute.
    pub async fn keep(&self, store: &Store, server: &Server) -> Result<(), StoreError> {
        let now = server.now();
        let mut stored = signing_keys::all(store).await?;
        let mut new = Vec::new();
        for algorithm in SigningAlgorithm::ALL {
            let newest = stored.iter().filter(|key| key.algorithm == algorithm).max_by_key(|key| key.n);
            let Some(due) = next_due(algorithm, newest.map(|key| key.signs_from), now) else { continue };
            let n = newest.map_or(1, |key| key.n + 1);
            new.push(self.new_key(server, algorithm, n, due.signs_from).await?);
        }
        if !new.is_empty() {
            signing_keys::add(store, &new).await?;
            signing_keys::forget(store, now.plus_seconds(-KEPT_SECONDS)).await?;
            // Where another node was faster, its keys stand and ours are nobody's.
            stored = signing_keys::all(store).await?;
        }
        self.hold(&stored, now)
    }
}
