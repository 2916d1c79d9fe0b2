//! SQLite: one file, one writing connection, group commit.

mod connection;
mod readers;
mod tx;
mod write_side;
mod writer;

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};

use keysig_core::feed::Revocations;
use keysig_core::id::Incarnation;
use keysig_core::rng::Rng;
use keysig_core::time::Timestamp;
use tokio::sync::{Mutex, oneshot};

use crate::error::StoreError;
use crate::feed;
use crate::migrate;
use crate::params;
use crate::statement::{Write, Written};
use crate::value::{Row, Value};
use connection::Connection;
use readers::Readers;
pub(crate) use tx::SqliteTx;
use write_side::WriteSide;
use writer::{Job, Message};

/// Of the page cache, the share of the connections that read; they drop theirs at each commit anyway.
const READERS_SHARE: u64 = 4;

pub(crate) struct Sqlite {
    queue: SyncSender<Message>,
    side: Arc<Mutex<WriteSide>>,
    readers: Arc<Readers>,
    /// The process before this one did not close the file: it left a log behind.
    pub(crate) left_unclean: bool,
}

fn closed() -> StoreError {
    StoreError::Unavailable("it was closed".to_owned())
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

impl Sqlite {
    /// Opens the file, makes it if there is none, and brings its schema up to date. Blocks.
    pub(crate) fn open(
        path: PathBuf,
        cache_bytes: u64,
        now: Timestamp,
        rng: Arc<dyn Rng>,
        revocations: Arc<Revocations>,
    ) -> Result<(Self, Incarnation), StoreError> {
        let lock = lock(&path)?;
        let log = PathBuf::from(format!("{}-wal", path.display()));
        let left_unclean = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
        let for_readers = cache_bytes / READERS_SHARE;
        let for_writer = cache_bytes - for_readers;
        let mut side = WriteSide::open(path.clone(), for_writer, lock, Arc::clone(&rng), Arc::clone(&revocations))?;
        let connection = side.connection()?;
        migrate(connection)?;
        connection.run(migrate::BEGIN_LIFE, &params![Incarnation::generate(&rng), now], false)?;
        let life = connection.run(migrate::READ_LIFE, &[], true)?;
        let incarnation = life.rows.first().ok_or_else(|| unavailable("it has no incarnation"))?.id(0)?;
        for row in feed::read_rows(&connection.run(feed::SNAPSHOT, &[], true)?.rows)? {
            revocations.apply(&row.entry, row.keep_until);
        }
        let readers = Arc::new(Readers::open(&path, for_readers)?);
        let side = Arc::new(Mutex::new(side));
        let (queue, messages) = sync_channel(writer::QUEUE);
        let writer_side = Arc::clone(&side);
        std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || writer::run(messages, &writer_side))
            .map_err(unavailable)?;
        Ok((Self { queue, side, readers, left_unclean }, incarnation))
    }

    /// The schema of the file, if there is one. Blocks.
    pub(crate) fn schema(path: &Path) -> Result<Option<i64>, StoreError> {
        if !path.try_exists().map_err(unavailable)? {
            return Ok(None);
        }
        let mut connection = Connection::open_reader(path, 1 << 20)?;
        let tables = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_version'";
        let found = connection.run(tables, &[], true)?;
        if found.rows.first().map_or(Ok(0), |row| row.int(0))? == 0 {
            return Ok(None);
        }
        connection.run(migrate::READ, &[], true)?.rows.first().map(|row| row.int(0)).transpose()
    }

    pub(crate) fn read(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.readers.read(sql, params)
    }

    pub(crate) async fn read_heavy(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, StoreError> {
        let readers = Arc::clone(&self.readers);
        tokio::task::spawn_blocking(move || readers.read_heavy(sql, &params)).await.map_err(unavailable)?
    }

    pub(crate) async fn write(&self, write: Write) -> Result<Written, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queue.try_send(Message::Write(Job::new(write, reply))).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => closed(),
        })?;
        // No answer: the thread died, perhaps with the write in its hands.
        answer.await.unwrap_or(Err(StoreError::AmbiguousCommit))
    }

    pub(crate) async fn begin(&self) -> Result<SqliteTx, StoreError> {
        SqliteTx::begin(Arc::clone(&self.side).lock_owned().await)
    }

    pub(crate) async fn close(&self) {
        let (reply, answer) = oneshot::channel();
        let queue = self.queue.clone();
        self.readers.close();
        // A full queue is waited for, which blocks.
        let sent = tokio::task::spawn_blocking(move || queue.send(Message::Close(reply)).is_ok()).await;
        if sent.unwrap_or(false) {
            let _ = answer.await;
        }
    }
}

fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    connection.control("BEGIN IMMEDIATE")?;
    // On an error the connection is dropped, which rolls back.
    connection.batch(migrate::BOOTSTRAP)?;
    let row = connection.run(migrate::LOCK, &[], true)?;
    let found = row.rows.first().ok_or_else(|| unavailable("it has no schema version"))?.int(0)?;
    for sql in migrate::pending(found)? {
        connection.batch(sql)?;
    }
    connection.run(migrate::SET, &params![migrate::KNOWN], false)?;
    connection.control("COMMIT")
}

/// Makes the directory and the file for their owner alone, and takes the lock that keeps a second process out: it would
/// number its revocations and answer from its memory without knowing of the first.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut directory = DirBuilder::new();
    let mut file = OpenOptions::new();
    file.read(true).write(true).create(true).truncate(false);
    directory.recursive(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut directory, 0o700);
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        directory.create(parent).map_err(unavailable)?;
    }
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock = file.open(lock_path).map_err(unavailable)?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::AlreadyOpen,
        TryLockError::Error(error) => unavailable(error),
    })?;
    // SQLite gives its log the permissions of the database file.
    let database = file.open(path).map_err(unavailable)?;
    #[cfg(unix)]
    {
        let only_owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        database.set_permissions(only_owner).map_err(unavailable)?;
    }
    drop(database);
    Ok(lock)
}
