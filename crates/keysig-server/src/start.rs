//! From settings to a running instance, and from a signal to its end: what `dev` and `serve` have in common.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use keysig_core::grant::REFRESH_TOKEN_LIFETIME_SECONDS;
use keysig_core::resource::ApiCatalogue;
use keysig_core::scope::{ScopeCatalogue, ScopeFile};
use keysig_core::seal::MasterKey;
use keysig_core::time::{Clock, Timestamp};
use keysig_core::webhook;
use keysig_store::catalogue::SharedCatalogue;
use keysig_store::{
    EngineConfig, Store, StoreConfig, StoreError, devices, logins, mail_proofs, mails, requests, test_users, upstream,
    webhooks,
};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::ambient::{OsRng, SystemClock};
use crate::config::Config;
use crate::control;
use crate::data_dir::{DataDir, Kind};
use crate::failure::{Failure, toml_mistake};
use crate::inspector;
use crate::language::Lang;
use crate::logout_delivery;
use crate::mail;
use crate::net::listen;
use crate::net::tls::Certificates;
use crate::receipts;
use crate::routes;
use crate::secret_uses;
use crate::server::{Parts, Server};
use crate::settings::Settings;
use crate::usage;
use crate::webhook_delivery;

/// The scopes that ship with this program.
const SCOPES: &str = include_str!("../../../seed/scopes.toml");

/// How often the expired is cleared away.
const TIDY_EVERY: Duration = Duration::from_secs(120);
/// Rows cleared away in one write, so that logins never wait long behind it.
const TIDY_BATCH: u32 = 500;
/// How often other nodes' revocations and settings are taken in: far below the 10 s after which nothing would be accepted any more.
const POLL_FEED_EVERY: Duration = Duration::from_millis(300);
/// How soon a key that another node made is published here, too: it signs only days later.
const KEEP_KEYS_EVERY: Duration = Duration::from_secs(60);
/// How soon an imported catalogue is used.
const LOOK_FOR_CATALOGUE_EVERY: Duration = Duration::from_secs(1);

/// The scope catalogue of `file`, or the one that ships with this program; each scope has words in all `languages`.
pub fn scopes(file: Option<&Path>, languages: &[Lang]) -> Result<ScopeCatalogue, Failure> {
    let (name, text) = match file {
        Some(file) => (
            file.display().to_string(),
            std::fs::read_to_string(file).map_err(|error| Failure::setup(format!("{}: {error}", file.display())))?,
        ),
        None => ("scopes.toml".to_owned(), SCOPES.to_owned()),
    };
    let parsed: ScopeFile =
        toml::from_str(&text).map_err(|error| Failure::setup(toml_mistake(&name, &text, &error)))?;
    ScopeCatalogue::new(parsed, &languages.iter().map(|lang| lang.tag()).collect::<Vec<_>>())
        .map_err(|error| Failure::setup(format!("{name}: {error}")))
}

/// What an instance is made of.
pub struct Ground {
    /// What it is set to.
    pub settings: Settings,
    /// Where its files are.
    pub data: DataDir,
    /// Where its rows are.
    pub engine: EngineConfig,
    /// From which its keys are derived.
    pub master_key: MasterKey,
    /// What apps can ask for.
    pub scopes: ScopeCatalogue,
    /// For which APIs.
    pub apis: ApiCatalogue,
}

impl Ground {
    /// Of a configuration. For an empty directory its master key is made now.
    pub fn of(config: Config) -> Result<Self, Failure> {
        // Nothing is made before everything is checked.
        let scopes = scopes(config.scopes.as_deref(), &config.settings.languages)?;
        let data = DataDir::prepare(&config.data, Kind::Real)?;
        Ok(Self {
            master_key: config.master_key(&data, &OsRng)?,
            engine: config.engine(&data),
            settings: config.settings,
            data,
            scopes,
            apis: config.apis,
        })
    }
}

/// An instance that is not yet reached by anybody.
pub struct Instance {
    /// What its handlers are handed.
    pub server: Arc<Server>,
    /// Its music.
    pub catalogue: Arc<SharedCatalogue>,
    data: DataDir,
    has_other_nodes: bool,
}

/// Opens the store.
pub async fn open_store(ground: &Ground) -> Result<Store, Failure> {
    let config = StoreConfig { engine: ground.engine.clone() };
    Store::open(config, SystemClock.now(), Arc::new(OsRng)).await.map_err(|error| match error {
        StoreError::AlreadyOpen => {
            Failure::failed(format!("another keysig is running on {}: stop it first", ground.data.path().display()))
        }
        error => Failure::failed(error.to_string()),
    })
}

impl Instance {
    /// Puts everything together.
    pub fn new(ground: Ground, store: Store) -> Result<Self, Failure> {
        let catalogue = SharedCatalogue::open(&ground.data.catalogue());
        let catalogue = catalogue.map_err(|error| Failure::failed(error.to_string()))?;
        let data = Some(ground.data.path().to_owned());
        let server = Server::new(Parts {
            settings: Settings { data, ..ground.settings },
            store: Arc::new(store),
            scopes: Arc::new(ground.scopes),
            apis: Arc::new(ground.apis),
            clock: Arc::new(SystemClock),
            rng: Arc::new(OsRng),
            master_key: ground.master_key,
        });
        let has_other_nodes = matches!(ground.engine, EngineConfig::Postgres { .. });
        Ok(Self { server: Arc::new(server), catalogue: Arc::new(catalogue), data: ground.data, has_other_nodes })
    }

    /// Everything the instance answers.
    pub fn router(&self) -> Router {
        routes::router(self.server.clone(), self.catalogue.clone())
    }

    /// Takes over what operators set: before anything is answered or sown.
    pub async fn follow_settings(&self) -> Result<(), Failure> {
        let followed = self.server.follow_settings().await;
        followed.map_err(|error| Failure::failed(format!("what operators set: {error}")))
    }

    /// Serves until a signal says stop: then `/ready` says no, for `drain_delay` new requests are still answered, those
    /// under way are finished, and what was said to be done is on the disk.
    pub async fn run(
        self,
        fronts: Fronts,
        mut signals: Signals,
        announce: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.follow_settings().await?;
        // Nothing is answered before ID tokens can be signed and verified.
        let keys = self.server.keep_signing_keys().await;
        keys.map_err(|error| Failure::failed(format!("signing keys: {error}")))?;
        let (stop, stopped) = watch::channel(false);
        let mut serving = JoinSet::new();
        for front in fronts.listeners {
            serving.spawn(listen::serve(front.listener, front.router, front.certificates, stopped.clone()));
        }
        let receipts = tokio::spawn(receipts::flush_now_and_then(self.server.clone(), stopped.clone()));
        let inspector = tokio::spawn(inspector::flush_now_and_then(self.server.clone(), stopped));
        let mut background = JoinSet::new();
        background.spawn(check_after_unclean_stop(self.server.clone()));
        background.spawn(tidy_now_and_then(self.server.clone()));
        background.spawn(keep_signing_keys(self.server.clone()));
        background.spawn(logout_delivery::deliver(self.server.clone()));
        background.spawn(mail::deliver(self.server.clone()));
        background.spawn(webhook_delivery::deliver(self.server.clone()));
        background.spawn(look_for_catalogue(self.catalogue.clone()));
        if self.has_other_nodes {
            background.spawn(follow_others(self.server.clone()));
        }
        let socket = self.data.socket();
        if fronts.has_control_socket {
            match control::listen(&socket) {
                Ok(door) => drop(background.spawn(control::serve(door, self.server.clone()))),
                // People can still log in; only commands on this machine have to wait until the server stops.
                Err(failure) => tracing::warn!("`keysig user add` and `app add` cannot reach this server: {failure}"),
            }
        }
        announce()?;

        signals.wait(&fronts.certificates).await;
        tracing::info!("stopping");
        self.server.stop();
        tokio::time::sleep(fronts.drain_delay).await;
        // Nobody listens any more only if every front is gone already.
        let _ = stop.send(true);
        while serving.join_next().await.is_some() {}
        background.shutdown().await;
        // What was counted until the last request.
        let _ = receipts.await;
        receipts::flush(&self.server).await;
        secret_uses::flush(&self.server).await;
        let _ = inspector.await;
        inspector::flush(&self.server).await;
        usage::flush(&self.server).await;
        if fronts.has_control_socket {
            let _ = std::fs::remove_file(&socket);
        }
        self.server.store.close().await;
        Ok(())
    }
}

/// A listener and what it answers.
pub struct Front {
    /// Bound already.
    pub listener: TcpListener,
    /// What answers there.
    pub router: Router,
    /// With which certificates, if by TLS.
    pub certificates: Option<Arc<Certificates>>,
}

/// How an instance is reached.
pub struct Fronts {
    /// Every listener.
    pub listeners: Vec<Front>,
    /// Read again at SIGHUP.
    pub certificates: Option<Arc<Certificates>>,
    /// Whether commands on this machine come in through a socket in the data directory.
    pub has_control_socket: bool,
    /// How long new requests are still answered after the signal to stop.
    pub drain_delay: Duration,
}

/// The signals this process heeds. From the moment this exists none of them ends it by itself.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Starts to listen. Needs the runtime.
    pub fn heed() -> Result<Self, Failure> {
        let heed = |kind| signal(kind).map_err(|error| Failure::failed(format!("signals cannot be heeded: {error}")));
        Ok(Self {
            terminate: heed(SignalKind::terminate())?,
            interrupt: heed(SignalKind::interrupt())?,
            hang_up: heed(SignalKind::hangup())?,
        })
    }

    async fn wait(&mut self, certificates: &Option<Arc<Certificates>>) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hang_up.recv() => match certificates.as_ref().map(|certificates| certificates.reload()) {
                    Some(Ok(())) => tracing::info!("the certificates were read again"),
                    Some(Err(error)) => tracing::error!(%error, "the old certificates stay in use"),
                    None => tracing::info!("SIGHUP: there are no certificates to read again"),
                },
            }
        }
    }
}

/// Binds an address.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            Failure::failed(format!("{address} is in use: choose another address or stop what uses it"))
        }
        _ => Failure::failed(format!("{address} cannot be listened on: {error}")),
    })
}

/// The address a listener really has.
pub fn address_of(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::failed(error.to_string()))
}

/// Writes the ready file, whole or not at all, for whoever waits for the start.
pub fn write_ready_file(file: &Path, issuer: &str, app: Option<&str>) -> Result<(), Failure> {
    let ready = json!({"issuer": issuer, "api": issuer, "app": app, "pid": std::process::id()});
    let mut beside = file.as_os_str().to_owned();
    beside.push(".part");
    let written = std::fs::write(&beside, format!("{ready}\n")).and_then(|()| std::fs::rename(&beside, file));
    written.map_err(|error| Failure::of_file(file, error))
}

/// Whether what a crash left behind is whole; nobody waits for it.
async fn check_after_unclean_stop(server: Arc<Server>) {
    match server.store.damage_of_unclean_stop().await {
        Ok(None) => {}
        Ok(Some(damage)) => tracing::error!(%damage, "the store is damaged: restore a backup"),
        Err(error) => tracing::warn!(%error, "the store could not be checked after an unclean stop"),
    }
}

async fn tidy_now_and_then(server: Arc<Server>) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        if let Err(error) = tidy(&server.store, server.now()).await {
            tracing::warn!(%error, "the expired was not cleared away; it is tried again later");
        }
    }
}

/// Clears away what can no longer matter.
async fn tidy(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    const DAY_SECONDS: i64 = 86_400;
    // A login lives that long from the moment its person agreed, which is at most an hour after it began.
    let begun_before = now.plus_seconds(-(REFRESH_TOKEN_LIFETIME_SECONDS + DAY_SECONDS));
    while logins::forget(store, begun_before, TIDY_BATCH).await? == u64::from(TIDY_BATCH) {}
    requests::forget_expired(store, now).await?;
    upstream::forget_expired(store, now).await?;
    receipts::forget_old(store, now.unix_days()).await?;
    secret_uses::forget_old(store, now).await?;
    inspector::forget_old(store, now).await?;
    usage::forget_old(store, now).await?;
    test_users::forget_invitations(store, now.plus_seconds(-30 * DAY_SECONDS)).await?;
    devices::forget(store, now.plus_seconds(-DAY_SECONDS)).await?;
    mail_proofs::forget_expired(store, now).await?;
    // Where a mail server is, a mail is given up before.
    mails::forget(store, now.plus_seconds(-2 * DAY_SECONDS)).await?;
    webhooks::forget(store, now.plus_seconds(-webhook::KEPT_SECONDS)).await?;
    store.forget_expired_feed(now).await
}

async fn keep_signing_keys(server: Arc<Server>) {
    loop {
        tokio::time::sleep(KEEP_KEYS_EVERY).await;
        if let Err(error) = server.keep_signing_keys().await {
            tracing::warn!(%error, "signing keys could not be looked after; it is tried again soon");
        }
        if let Err(error) = server.keep_audit_checkpoints().await {
            tracing::warn!(%error, "no checkpoint of the audit could be made; it is tried again soon");
        }
    }
}

/// What other nodes revoked, and what was set there.
async fn follow_others(server: Arc<Server>) {
    loop {
        tokio::time::sleep(POLL_FEED_EVERY).await;
        if let Err(error) = server.store.poll_feed(server.now()).await {
            tracing::warn!(%error, "other nodes' revocations could not be read");
        }
        if let Err(error) = server.follow_settings().await {
            tracing::warn!(%error, "what operators set could not be read; what was set before holds");
        }
    }
}

async fn look_for_catalogue(catalogue: Arc<SharedCatalogue>) {
    loop {
        tokio::time::sleep(LOOK_FOR_CATALOGUE_EVERY).await;
        match catalogue.reload_if_replaced() {
            Ok(true) => tracing::info!("the catalogue was replaced"),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "the new catalogue cannot be used; the old one stays"),
        }
    }
}
