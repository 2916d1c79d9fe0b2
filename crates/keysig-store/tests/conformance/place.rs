//! A place for a store: a directory or a database of a test's own.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keysig_core::testing::SeededRng;
use keysig_core::time::Timestamp;
use keysig_store::{EngineConfig, Statement, Store, StoreConfig, StoreError, Write};

pub const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

/// A number no other test process or earlier call has had.
fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    (u64::from(std::process::id()) << 20) | NEXT.fetch_add(1, Ordering::Relaxed)
}

pub struct Place {
    pub config: StoreConfig,
    pub is_sqlite: bool,
    _directory: Option<tempfile::TempDir>,
    database: Option<String>,
}

impl Place {
    pub fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("data").join("keysig.db");
        Self { _directory: Some(directory), ..Self::sqlite_at(path) }
    }

    pub fn sqlite_at(path: std::path::PathBuf) -> Self {
        let engine = EngineConfig::Sqlite { path, cache_bytes: EngineConfig::DEFAULT_CACHE_BYTES };
        Self { config: StoreConfig { engine }, is_sqlite: true, _directory: None, database: None }
    }

    pub fn postgres_at(url: String) -> Self {
        let engine = EngineConfig::Postgres { url, ca_file: None, connections: 4 };
        Self { config: StoreConfig { engine }, is_sqlite: false, _directory: None, database: None }
    }

    /// A new database, or nothing where no server was named.
    pub async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("KEYSIG_TEST_POSTGRES") else {
            let required = std::env::var("KEYSIG_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "KEYSIG_REQUIRE_POSTGRES=1, but KEYSIG_TEST_POSTGRES names no server");
            static SAID: std::sync::Once = std::sync::Once::new();
            // Past the harness, which hides what tests print that pass.
            let say = || drop(writeln!(std::io::stderr(), "SKIPPED on PostgreSQL: KEYSIG_TEST_POSTGRES is not set"));
            SAID.call_once(say);
            return None;
        };
        let database = format!("keysig_test_{}", unique());
        administer(&format!("CREATE DATABASE {database}")).await;
        let (address, query) = server.split_once('?').map_or((&*server, ""), |(address, query)| (address, query));
        let (host, _) = address.rsplit_once('/').expect("a URL that names a database");
        let place = Self::postgres_at(format!("{host}/{database}?{query}"));
        Some(Self { database: Some(database), ..place })
    }

    pub async fn remove(self) {
        if let Some(database) = self.database {
            administer(&format!("DROP DATABASE {database} WITH (FORCE)")).await;
        }
    }

    pub async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(self.config.clone(), NOW, Arc::new(SeededRng::new(unique()))).await
    }

    /// Opens the store, with a table to try things on.
    pub async fn open(&self) -> Store {
        let store = self.try_open().await.expect("opens");
        let table = "CREATE TABLE IF NOT EXISTS things (
            id BIGINT NOT NULL PRIMARY KEY, kind BIGINT NOT NULL, text TEXT, blob BLOB)";
        // No name of a column may hold the word that is replaced.
        let table = table.replace("blob BLOB", if self.is_sqlite { "bytes BLOB" } else { "bytes BYTEA" });
        store.write(Write::one(Statement::new(Box::leak(table.into_boxed_str()), vec![]))).await.unwrap();
        store
    }

    pub fn url(&self) -> &str {
        match &self.config.engine {
            EngineConfig::Postgres { url, .. } => url,
            EngineConfig::Sqlite { .. } => panic!("a file has no URL"),
        }
    }
}

/// Runs a statement beside the store, on the server's own database.
pub async fn administer(sql: &str) {
    let server = std::env::var("KEYSIG_TEST_POSTGRES").unwrap();
    beside(&server, sql).await;
}

/// Runs a statement beside the store.
pub async fn beside(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

/// Runs `test` in a place and removes the place, whatever came of it.
pub async fn run_in<F>(place: Place, test: impl FnOnce(Arc<Place>) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let place = Arc::new(place);
    let outcome = tokio::spawn(test(Arc::clone(&place))).await;
    if let Some(place) = Arc::into_inner(place) {
        place.remove().await;
    }
    if let Err(failed) = outcome {
        std::panic::resume_unwind(failed.into_panic());
    }
}

/// Makes a test on each engine of each function that takes a place.
macro_rules! on_both_engines {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                crate::place::run_in(crate::place::Place::sqlite(), super::$test).await;
            }
        )* }
        mod on_postgres { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $test() {
                if let Some(place) = crate::place::Place::postgres().await {
                    crate::place::run_in(place, super::$test).await;
                }
            }
        )* }
    };
}

pub const INSERT: &str = "INSERT INTO things (id, kind) VALUES ($1, $2)";

/// How many things there are of a kind.
pub async fn count(store: &Store, kind: i64) -> i64 {
    let rows = store.read("SELECT COUNT(*) FROM things WHERE kind = $1", keysig_store::params![kind]).await.unwrap();
    rows[0].int(0).unwrap()
}
