//! Connections to PostgreSQL: how they are made, checked, lent, and never returned in the middle of a transaction.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::value;
use crate::error::StoreError;

/// Who gets no connection within this time is told that the store is busy.
const WAIT: Duration = Duration::from_secs(3);
const CONNECT: Duration = Duration::from_secs(5);

/// Said to each new connection: nothing waits for ever, and a transaction that was forgotten ends.
const SETTINGS: &str = "SET statement_timeout = '3s'; SET lock_timeout = '3s';
    SET idle_in_transaction_session_timeout = '30s'; SET default_transaction_isolation = 'read committed'";
/// Where system certificates are kept.
const SYSTEM_CERTIFICATES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// Makes the pool. Connections are opened when they are needed.
pub(super) fn pool(url: &str, ca_file: Option<&Path>, connections: usize) -> Result<Pool, StoreError> {
    // The parser's own message may quote the URL, and with it the password.
    let mut config: Config =
        url.parse().map_err(|_| StoreError::Engine("the database URL cannot be read".to_owned()))?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    let fast = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = match config.get_ssl_mode() {
        SslMode::Require => Manager::from_config(config, tls(ca_file)?, fast),
        _ => Manager::from_config(config, NoTls, fast),
    };
    let prepare = Hook::async_fn(|client: &mut deadpool_postgres::ClientWrapper, _| {
        Box::pin(async move {
            client.batch_execute(SETTINGS).await.map_err(HookError::Backend)?;
            refuse_lost_commits(client).await
        })
    });
    Pool::builder(manager)
        .max_size(connections.max(2))
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(CONNECT))
        .post_create(prepare)
        .build()
        .map_err(|error| StoreError::Engine(error.to_string()))
}

/// A server that answers COMMIT before the disk has it would let a used code be used again after a crash.
async fn refuse_lost_commits(client: &tokio_postgres::Client) -> Result<(), HookError> {
    for setting in ["synchronous_commit", "fsync"] {
        let row = client.query_one("SELECT current_setting($1)", &[&setting]).await.map_err(HookError::Backend)?;
        if row.try_get::<_, &str>(0).map_err(HookError::Backend)? == "off" {
            return Err(HookError::message(format!("`{setting}` is off: commits would be lost in a crash")));
        }
    }
    Ok(())
}

fn tls(ca_file: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::Engine(format!("TLS to the database: {error}"));
    let system = || SYSTEM_CERTIFICATES.iter().map(PathBuf::from).find(|path| path.exists());
    let file = ca_file.map(Path::to_owned).or_else(system);
    let file = file.ok_or_else(|| failed(&"no certificates to trust, name a file of them"))?;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file).map_err(|error| failed(&error))? {
        // Bundles hold some certificates that no one can use; those that can be used decide.
        let _ = roots.add(certificate.map_err(|error| failed(&error))?);
    }
    if roots.is_empty() {
        return Err(failed(&"the certificate file holds no certificate"));
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Gets a connection from the pool.
pub(super) async fn get(pool: &Pool) -> Result<Object, StoreError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => StoreError::Busy,
        PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => value::error(error),
        PoolError::PostCreateHook(HookError::Message(message)) => StoreError::Engine(message.into_owned()),
        other => StoreError::Unavailable(other.to_string()),
    })
}

/// A connection that may be in a transaction. Dropped there, it is rolled back before anyone else gets it.
pub(super) struct Lease {
    client: Option<Object>,
    in_transaction: bool,
}

impl Lease {
    pub(super) fn new(client: Object) -> Self {
        Self { client: Some(client), in_transaction: false }
    }

    /// The connection, from now on in a transaction.
    pub(super) fn enter(&mut self) -> Result<&Object, StoreError> {
        self.in_transaction = true;
        self.client()
    }

    pub(super) fn client(&self) -> Result<&Object, StoreError> {
        self.client.as_ref().ok_or_else(|| StoreError::Unavailable("the connection was given up".to_owned()))
    }

    /// Commits. Of a transaction in which a statement failed never call this: the server would roll back and say
    /// that all is well.
    pub(super) async fn commit(mut self) -> Result<(), value::Failed> {
        let committed = self.client()?.batch_execute("COMMIT").await.map_err(value::Failed::from);
        match committed {
            Ok(()) => self.in_transaction = false,
            Err(value::Failed::Lost(_)) => {
                drop(self.client.take().map(Object::take));
                return Err(StoreError::AmbiguousCommit.into());
            }
            Err(_) => {}
        }
        committed
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(client) = self.client.take().filter(|_| self.in_transaction) else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                if client.batch_execute("ROLLBACK").await.is_err() {
                    drop(Object::take(client));
                }
            })),
            Err(_) => drop(Object::take(client)),
        }
    }
}
