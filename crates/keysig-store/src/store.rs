//! The store: one concrete type, two engines.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keysig_core::feed::Revocations;
use keysig_core::id::Incarnation;
use keysig_core::rng::{Rng, random};
use keysig_core::time::Timestamp;

use crate::error::StoreError;
use crate::feed;
use crate::params;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::statement::{Statement, Write, Written};
use crate::tx::{EngineTx, Tx};
use crate::value::{Row, Value};

/// Where the data is.
#[derive(Clone)]
pub struct StoreConfig {
    /// Which engine, and where.
    pub engine: EngineConfig,
}

/// Which engine, and where.
#[derive(Clone)]
pub enum EngineConfig {
    /// One file on this machine.
    Sqlite {
        /// The database file; its directory is made (0700) if there is none.
        path: PathBuf,
        /// Memory for pages, all connections together.
        cache_bytes: u64,
    },
    /// A PostgreSQL server, or several hosts of which one may be written.
    Postgres {
        /// `postgresql://user:password@host/database`; `sslmode=require` for TLS. A secret: it may hold a password.
        url: String,
        /// Certificates (PEM) that the server's must come from; without, those the system trusts.
        ca_file: Option<PathBuf>,
        /// Connections at most.
        connections: usize,
    },
}

impl EngineConfig {
    /// The usual page cache.
    pub const DEFAULT_CACHE_BYTES: u64 = 16 * 1024 * 1024;
    /// The usual number of connections to PostgreSQL.
    pub const DEFAULT_CONNECTIONS: usize = 16;
}

/// The store. Clones are the same store.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    incarnation: Incarnation,
    revocations: Arc<Revocations>,
    /// Counts changes of apps made through this store.
    apps_changed: Arc<AtomicU64>,
    /// Names the chain of the audit that this process adds to.
    audit_node: [u8; 16],
}

#[derive(Clone)]
enum Engine {
    Sqlite(Arc<Sqlite>),
    Postgres(Arc<Postgres>),
}

impl Store {
    /// Opens the store: brings its schema up to date, reads which life it is in, and takes in the revocation feed.
    /// Errors: [`StoreError::NewerSchema`], [`StoreError::AlreadyOpen`], [`StoreError::Unavailable`], and
    /// [`StoreError::Engine`] for a server set up to lose commits.
    pub async fn open(config: StoreConfig, now: Timestamp, rng: Arc<dyn Rng>) -> Result<Self, StoreError> {
        let revocations = Arc::new(Revocations::new());
        let applied = Arc::clone(&revocations);
        // The one file has one chain, which goes on after a restart; beside others each process has its own.
        let audit_node = match config.engine {
            EngineConfig::Sqlite { .. } => [0; 16],
            EngineConfig::Postgres { .. } => random(&*rng),
        };
        let (engine, incarnation) = match config.engine {
            EngineConfig::Sqlite { path, cache_bytes } => {
                let open = move || Sqlite::open(path, cache_bytes, now, rng, applied);
                let opened = tokio::task::spawn_blocking(open).await;
                let (sqlite, incarnation) = opened.map_err(|error| StoreError::Unavailable(error.to_string()))??;
                (Engine::Sqlite(Arc::new(sqlite)), incarnation)
            }
            EngineConfig::Postgres { url, ca_file, connections } => {
                let (postgres, incarnation) =
                    Postgres::open(&url, ca_file.as_deref(), connections, now, rng, applied).await?;
                (Engine::Postgres(Arc::new(postgres)), incarnation)
            }
        };
        revocations.forget_expired(now);
        Ok(Self { engine, incarnation, revocations, apps_changed: Arc::default(), audit_node })
    }

    /// The newest schema that this program knows.
    pub const KNOWN_SCHEMA: i64 = crate::migrate::KNOWN;

    /// Which schema a store has, found without changing anything in it; `None` where there is no store yet.
    pub async fn schema(engine: &EngineConfig) -> Result<Option<i64>, StoreError> {
        match engine.clone() {
            EngineConfig::Sqlite { path, .. } => {
                let looked = tokio::task::spawn_blocking(move || Sqlite::schema(&path)).await;
                looked.map_err(|error| StoreError::Unavailable(error.to_string()))?
            }
            EngineConfig::Postgres { url, ca_file, .. } => Postgres::schema(&url, ca_file.as_deref()).await,
        }
    }

    /// Which life of the store this is; codes and tokens sealed in another are refused.
    pub fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// What is known to be dead. What this process revokes is in it before the write is answered.
    pub fn revocations(&self) -> Arc<Revocations> {
        Arc::clone(&self.revocations)
    }

    /// Rises with every change of an app made through this store: caches of apps compare it. What other processes change
    /// is seen by asking again after a while.
    pub fn apps_changed(&self) -> u64 {
        self.apps_changed.load(Ordering::SeqCst)
    }

    /// Which chain of the audit this process adds to.
    pub(crate) fn audit_node(&self) -> [u8; 16] {
        self.audit_node
    }

    /// To be called after a change of an app is durable.
    pub(crate) fn note_apps_changed(&self) {
        self.apps_changed.fetch_add(1, Ordering::SeqCst);
    }

    /// Whether everything that other processes revoked more than 10 seconds ago is known here. If not, no access token
    /// may be accepted (fail closed). On SQLite there are no other processes.
    pub fn feed_is_fresh(&self, now: Timestamp) -> bool {
        match &self.engine {
            Engine::Sqlite(_) => true,
            Engine::Postgres(postgres) => postgres.feed_is_fresh(now),
        }
    }

    /// Takes in what other processes revoked since the last time; `now` is the time before the call. For a background
    /// task, several times a second. On SQLite there is nothing to do.
    pub async fn poll_feed(&self, now: Timestamp) -> Result<(), StoreError> {
        match &self.engine {
            Engine::Sqlite(_) => Ok(()),
            Engine::Postgres(postgres) => postgres.poll_feed(now).await,
        }
    }

    /// Forgets feed entries that no living token can be concerned by. For a background task, now and then.
    pub async fn forget_expired_feed(&self, now: Timestamp) -> Result<(), StoreError> {
        let before = now.plus_seconds(-feed::FORGET_AFTER_SECONDS);
        self.write(Write::one(Statement::new(feed::FORGET, params![before]))).await?;
        self.revocations.forget_expired(now);
        Ok(())
    }

    /// Reads rows by key, or a page of them; on SQLite on the calling thread. Sees every write that was answered.
    pub async fn read(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read(sql, &params),
            Engine::Postgres(postgres) => postgres.read(sql, params).await,
        }
    }

    /// Reads what takes longer than a millisecond: lists without a limit, counts, scans.
    pub async fn read_heavy(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.read_heavy(sql, params).await,
            Engine::Postgres(postgres) => postgres.read(sql, params).await,
        }
    }

    /// After an unclean stop, reads the whole file and says what is damaged in it; `None` where nothing is, or there was
    /// nothing to fear. For a background task at the start: it may take minutes. PostgreSQL looks after its own files.
    pub async fn damage_of_unclean_stop(&self) -> Result<Option<String>, StoreError> {
        let Engine::Sqlite(sqlite) = &self.engine else { return Ok(None) };
        if !sqlite.left_unclean {
            return Ok(None);
        }
        let rows = sqlite.read_heavy("PRAGMA quick_check(1)", Vec::new()).await?;
        let found = rows.first().map_or(Ok("nothing was read"), |row| row.text(0))?;
        Ok((found != "ok").then(|| found.to_owned()))
    }

    /// Does a write: all of it or nothing, durable when this returns. A caller that goes away meanwhile does not learn
    /// whether it happened. On PostgreSQL a single statement without `must_affect` is one round trip, all else three or
    /// more: where the whole primary key is named, look at [`Written::affected`] instead.
    pub async fn write(&self, write: Write) -> Result<Written, StoreError> {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.write(write).await,
            Engine::Postgres(postgres) => Arc::clone(postgres).write(write).await,
        }
    }

    /// Begins an interactive transaction.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx::new(match &self.engine {
            Engine::Sqlite(sqlite) => EngineTx::Sqlite(sqlite.begin().await?),
            Engine::Postgres(postgres) => EngineTx::Postgres(Box::new(Arc::clone(postgres).begin().await?)),
        }))
    }

    /// Does what is queued, then closes; whatever is asked afterwards is [`StoreError::Unavailable`].
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite(sqlite) => sqlite.close().await,
            Engine::Postgres(postgres) => postgres.close(),
        }
    }
}
