//! What operators set while the server runs, as it holds now: read once, changed here at once, and taken over from other
//! nodes within a second.

use std::sync::{Arc, PoisonError, RwLock};

use keysig_core::scope::{ScopeCatalogue, ScopeEntry};
use keysig_store::{Store, StoreError, settings};

use crate::oauth::discovery::Documents;
use crate::server::Server;
use crate::settings::{LiveSettings, SettingKey, Settings};

/// The scopes that exist now.
pub struct Scopes(RwLock<Arc<ScopeCatalogue>>);

impl Scopes {
    /// These, until they change.
    pub fn new(scopes: Arc<ScopeCatalogue>) -> Self {
        Self(RwLock::new(scopes))
    }

    /// As they are now. One request looks once: between two looks they may change.
    pub fn now(&self) -> Arc<ScopeCatalogue> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Everything that follows from what is set.
pub struct Live {
    shipped: Arc<ScopeCatalogue>,
    scopes: Arc<Scopes>,
    rest: RwLock<Rest>,
}

#[derive(Clone)]
struct Rest {
    version: i64,
    settings: Arc<LiveSettings>,
    documents: Arc<Documents>,
}

impl Live {
    /// As the configuration has it, until something is read.
    pub fn new(settings: &Settings, scopes: Arc<ScopeCatalogue>) -> Self {
        let documents = Documents::new(&settings.public_url, &scopes, &settings.languages);
        let live = Arc::new(settings.defaults.clone());
        Self {
            shipped: scopes.clone(),
            scopes: Arc::new(Scopes::new(scopes)),
            rest: RwLock::new(Rest { version: 0, settings: live, documents: Arc::new(documents) }),
        }
    }

    fn rest(&self) -> Rest {
        self.rest.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The settings as `stored` has them, over those of the configuration, where that does not fix them.
fn settings_of(stored: &settings::Stored, configured: &Settings) -> LiveSettings {
    let mut live = configured.defaults.clone();
    for (name, value) in &stored.settings {
        let Some(key) = SettingKey::from_name(name) else {
            // Another version of this program wrote it, and runs beside this one.
            tracing::warn!(name, "a setting of another version is left alone");
            continue;
        };
        if configured.fixed.contains(&key) {
            continue;
        }
        if let Err(problem) = live.set(key, value) {
            tracing::error!(name, problem, "a stored setting cannot be used; the configuration's holds");
        }
    }
    live
}

/// A stored scope in all `languages`. A language that came since it was written lends the words of another: a permission
/// without words would be one that nobody is asked about.
fn with_words(mut entry: ScopeEntry, shipped: &ScopeCatalogue, languages: &[&str]) -> ScopeEntry {
    let shipped = shipped.find(&entry.name).and_then(|scope| shipped.entry(scope));
    for language in languages {
        if entry.text.get(*language).is_some_and(|text| text.is_said()) {
            continue;
        }
        let other = shipped.and_then(|entry| entry.text.get(*language)).or_else(|| entry.text.get("en"));
        if let Some(text) = other.or_else(|| entry.text.values().next()).cloned() {
            entry.text.insert((*language).to_owned(), text);
        }
    }
    entry
}

/// The scopes as `stored` has them, over `shipped`.
fn scopes_of(
    stored: &settings::Stored,
    shipped: &ScopeCatalogue,
    configured: &Settings,
) -> Result<ScopeCatalogue, StoreError> {
    let languages: Vec<&str> = configured.languages.iter().map(|lang| lang.tag()).collect();
    let read = |(number, definition): &(u8, String)| {
        let entry = serde_json::from_str::<ScopeEntry>(definition);
        let entry = entry.map_err(|error| StoreError::Engine(format!("scope {number} cannot be read: {error}")))?;
        Ok(with_words(entry, shipped, &languages))
    };
    let changed = stored.scopes.iter().map(read).collect::<Result<Vec<_>, StoreError>>()?;
    let scopes = shipped.with(changed, &languages);
    scopes.map_err(|error| StoreError::Engine(format!("the stored scopes do not go with those of the file: {error}")))
}

/// What is set in this store, for a command that finds no server running.
pub async fn read(
    store: &Store,
    configured: &Settings,
    shipped: &ScopeCatalogue,
) -> Result<(LiveSettings, ScopeCatalogue), StoreError> {
    let stored = settings::all(store).await?;
    Ok((settings_of(&stored, configured), scopes_of(&stored, shipped, configured)?))
}

impl Server {
    /// What operators set, as it is now. One request looks once.
    pub fn live(&self) -> Arc<LiveSettings> {
        self.live.rest().settings
    }

    /// The scopes, as they are now. One request looks once.
    pub fn scopes(&self) -> Arc<ScopeCatalogue> {
        self.live.scopes.now()
    }

    /// The scopes, for whoever lives as long as the server does.
    pub fn live_scopes(&self) -> Arc<Scopes> {
        self.live.scopes.clone()
    }

    /// What clients learn by themselves.
    pub fn documents(&self) -> Arc<Documents> {
        self.live.rest().documents
    }

    /// The version of what is set.
    pub fn settings_version(&self) -> i64 {
        self.live.rest().version
    }

    /// Takes over what is set in the store, if that changed: at the start, after a change here, and several times a second
    /// for what other nodes change. What cannot be read leaves everything as it is.
    pub async fn follow_settings(&self) -> Result<(), StoreError> {
        if settings::version(&self.store).await? == self.settings_version() {
            return Ok(());
        }
        let stored = settings::all(&self.store).await?;
        let settings = Arc::new(settings_of(&stored, &self.settings));
        let scopes = Arc::new(scopes_of(&stored, &self.live.shipped, &self.settings)?);
        let documents = Documents::new(&self.settings.public_url, &scopes, &self.settings.languages);
        let mut rest = self.live.rest.write().unwrap_or_else(PoisonError::into_inner);
        // Two readings at once: the later one stays.
        if stored.version > rest.version {
            *self.live.scopes.0.write().unwrap_or_else(PoisonError::into_inner) = scopes;
            *rest = Rest { version: stored.version, settings, documents: Arc::new(documents) };
        }
        Ok(())
    }
}
