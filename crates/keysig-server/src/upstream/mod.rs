//! Sign-in through other providers (`docs/upstream.md`): where people are sent, and what comes back with them.

mod client;
mod provider;
mod state;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use keysig_core::seal::{Keyring, MasterKey};
use keysig_core::time::Timestamp;
use keysig_core::upstream::{Person, ProviderKeys};
use keysig_store::upstream::Linked;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use crate::outbound::Outbound;
use crate::server::Server;

pub use client::UpstreamError;
pub use provider::{Kind, OAuth2, Provider};
pub use state::{Begun, PROOF_SECONDS, Proof, Purpose};

/// How many people are looked up at once: one slow provider must not hold all of us up.
const AT_ONCE: usize = 64;

/// All providers, and what is remembered of them.
pub struct Upstreams {
    providers: Vec<Arc<Provider>>,
    outbound: Option<Outbound>,
    learned: RwLock<HashMap<String, Arc<Learned>>>,
    room: Semaphore,
    /// Seals what travels through browsers, and what waits for them.
    keys: Keyring,
    /// Seals tokens in their column, under whatever address we are reached.
    columns: Keyring,
    callback: String,
}

/// What an OpenID provider said of itself.
struct Learned {
    endpoints: client::Endpoints,
    at: Timestamp,
    keys: RwLock<Option<Fetched>>,
}

#[derive(Clone)]
struct Fetched {
    keys: Arc<ProviderKeys>,
    at: Timestamp,
}

/// A provider's tokens.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tokens {
    /// Good for its APIs.
    pub access_token: String,
    /// Good for new ones.
    pub refresh_token: Option<String>,
}

impl Upstreams {
    /// Of these providers; `test_mode` lets us talk to this machine.
    pub fn new(providers: &[Arc<Provider>], test_mode: bool, public_url: &str, master_key: &Arc<MasterKey>) -> Self {
        // Without a provider nobody is talked to, and no client is made.
        let outbound = if providers.is_empty() { None } else { Outbound::new(test_mode).ok() };
        Self {
            providers: providers.to_vec(),
            outbound,
            learned: RwLock::default(),
            room: Semaphore::new(AT_ONCE),
            keys: Keyring::new(master_key.clone(), "upstream", public_url, 1),
            columns: Keyring::new(master_key.clone(), "column", "", 1),
            callback: format!("{public_url}/login/upstream"),
        }
    }

    /// All of them, in the order of the configuration.
    pub fn all(&self) -> &[Arc<Provider>] {
        &self.providers
    }

    /// The one of this name.
    pub fn find(&self, id: &str) -> Option<Arc<Provider>> {
        self.providers.iter().find(|provider| provider.id == id).cloned()
    }

    /// The one that a link is to.
    pub fn of_realm(&self, realm: &str) -> Option<Arc<Provider>> {
        self.providers.iter().find(|provider| provider.realm() == realm).cloned()
    }

    /// What links are kept under, of all.
    pub fn realms(&self) -> Vec<&str> {
        self.providers.iter().map(|provider| provider.realm()).collect()
    }

    /// Where a provider sends people back to. Each has its own, so that one cannot pass its answers for another's
    /// (mix-up, RFC 9700 §4.4.2).
    pub fn redirect_uri(&self, provider: &Provider) -> String {
        format!("{}/{}/callback", self.callback, provider.id)
    }

    /// Tokens as they are kept with a link; nothing where none are to be kept.
    pub fn seal_tokens(&self, server: &Server, provider: &Provider, link: &Linked, tokens: &Tokens) -> Option<Vec<u8>> {
        if !provider.keep_tokens {
            return None;
        }
        let plain = serde_json::to_vec(tokens).ok()?;
        Some(self.columns.seal_column(&tokens_column(link), plain, &*server.rng))
    }

    /// The kept tokens of a link.
    pub fn open_tokens(&self, link: &Linked) -> Option<Tokens> {
        let plain = self.columns.open_column(&tokens_column(link), link.tokens.as_ref()?)?;
        serde_json::from_slice(&plain).ok()
    }

    fn learned(&self, issuer: &str) -> Option<Arc<Learned>> {
        self.learned.read().unwrap_or_else(PoisonError::into_inner).get(issuer).cloned()
    }

    fn learn(&self, issuer: &str, learned: Learned) -> Arc<Learned> {
        let learned = Arc::new(learned);
        self.learned.write().unwrap_or_else(PoisonError::into_inner).insert(issuer.to_owned(), learned.clone());
        learned
    }
}

/// Table, column and row: a sealed value that is moved to another row opens nowhere.
fn tokens_column(link: &Linked) -> Vec<u8> {
    let row = [link.user.as_bytes(), link.provider.as_bytes(), b"|", link.subject.as_bytes()].concat();
    [b"upstream_accounts|tokens|".as_slice(), &row].concat()
}

/// Somebody came back, and who a provider says they are.
pub struct Returned {
    /// Who.
    pub person: Person,
    /// The provider's tokens.
    pub tokens: Tokens,
}
