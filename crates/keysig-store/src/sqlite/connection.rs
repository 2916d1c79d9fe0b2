//! One SQLite connection: pragmas, prepared statements, and values in and out.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, OpenFlags, ToSql, ffi};

use crate::error::StoreError;
use crate::statement::StatementResult;
use crate::value::{Row, Value};

/// Waits this long for another connection's lock: only a checkpoint and the recovery after a crash take one.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// More than all statements of the program, so that none is ever compiled twice.
const STATEMENT_CACHE: usize = 512;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Blob(value) => ValueRef::Blob(value),
        }))
    }
}

pub(super) fn error(error: rusqlite::Error) -> StoreError {
    let Some(code) = error.sqlite_error().copied() else {
        return StoreError::Engine(error.to_string());
    };
    match code.code {
        ErrorCode::ConstraintViolation
            if [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY, ffi::SQLITE_CONSTRAINT_ROWID]
                .contains(&code.extended_code) =>
        {
            StoreError::Conflict
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DiskFull
        | ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied => StoreError::Unavailable(error.to_string()),
        _ => StoreError::Engine(error.to_string()),
    }
}

/// `$1` is a *named* parameter to SQLite, numbered by first appearance: `SELECT $2, $1` bound with (a, b) would give
/// (a, b). `?1` is a number. Quoted text stays as it is.
fn rewrite_binds(sql: &str) -> Box<str> {
    let mut rewritten = String::with_capacity(sql.len());
    let mut quoted = false;
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        quoted ^= character == '\'';
        let bind = character == '$' && !quoted && characters.peek().is_some_and(char::is_ascii_digit);
        rewritten.push(if bind { '?' } else { character });
    }
    rewritten.into()
}

pub(super) struct Connection {
    raw: rusqlite::Connection,
    /// Statements as SQLite wants them, by the address of their text, which is a literal and never moves.
    rewritten: HashMap<(usize, usize), Box<str>>,
}

impl Connection {
    /// Opens for reading and writing, and makes the file if there is none.
    pub(super) fn open_writer(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let connection = Self::open(path, flags, cache_bytes)?;
        // The page size can only be chosen before the first table; 1024 was measured (stack §2).
        connection.batch("PRAGMA page_size = 1024")?;
        let mode: String =
            connection.raw.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(error)?;
        if mode != "wal" {
            return Err(StoreError::Engine(format!("the file system allows journal mode {mode} only, not WAL")));
        }
        // FULL: a commit is on the disk before it is answered. The writer makes the checkpoints itself, so that no
        // commit pays for one. Rollback data of savepoints stays in memory: it is never needed after a crash.
        connection.batch(
            "PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
             PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON",
        )?;
        Ok(connection)
    }

    /// Opens for reading only.
    pub(super) fn open_reader(path: &Path, cache_bytes: u64) -> Result<Self, StoreError> {
        Self::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY, cache_bytes)
    }

    fn open(path: &Path, flags: OpenFlags, cache_bytes: u64) -> Result<Self, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let raw = rusqlite::Connection::open_with_flags(path, flags).map_err(error)?;
        raw.busy_timeout(BUSY_TIMEOUT).map_err(error)?;
        raw.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
        // A join is otherwise parsed and planned again each time a value is bound: 30 µs for a read of 5.
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(error)?;
        let connection = Self { raw, rewritten: HashMap::new() };
        let cache_kib = i64::try_from(cache_bytes / 1024).unwrap_or(i64::MAX).max(256);
        connection.raw.pragma_update(None, "cache_size", -cache_kib).map_err(error)?;
        connection.batch("PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF")?;
        Ok(connection)
    }

    /// Runs statements without parameters or rows, not kept prepared.
    pub(super) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.raw.execute_batch(sql).map_err(error)
    }

    /// Runs BEGIN, COMMIT, SAVEPOINT and their like.
    pub(super) fn control(&self, sql: &'static str) -> Result<(), StoreError> {
        self.raw.prepare_cached(sql).and_then(|mut statement| statement.raw_execute()).map_err(error)?;
        Ok(())
    }

    /// Whether no transaction is open (any more: some errors end one).
    pub(super) fn is_autocommit(&self) -> bool {
        self.raw.is_autocommit()
    }

    /// Runs one statement.
    pub(super) fn run(
        &mut self,
        sql: &'static str,
        params: &[Value],
        returns_rows: bool,
    ) -> Result<StatementResult, StoreError> {
        let text = self.rewritten.entry((sql.as_ptr().addr(), sql.len())).or_insert_with(|| rewrite_binds(sql));
        let mut statement = self.raw.prepare_cached(text).map_err(error)?;
        if statement.parameter_count() != params.len() {
            return Err(StoreError::Engine(format!("`{sql}` is bound to {} values", params.len())));
        }
        for (index, value) in params.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value).map_err(error)?;
        }
        if !returns_rows {
            let affected = statement.raw_execute().map_err(error)?;
            return Ok(StatementResult { affected: affected as u64, rows: Vec::new() });
        }
        let columns = statement.column_count();
        let mut found = statement.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = found.next().map_err(error)? {
            let values: Result<Vec<Value>, StoreError> = (0..columns).map(|column| read(row, column, sql)).collect();
            rows.push(Row::new(sql, values?));
        }
        Ok(StatementResult { affected: rows.len() as u64, rows })
    }

    /// Pages in the write-ahead log, and how many of them are not yet in the database file. `mode` is NOOP to look,
    /// PASSIVE to move what readers allow, TRUNCATE to move everything and empty the log.
    pub(super) fn checkpoint(&self, mode: CheckpointMode) -> Result<Log, StoreError> {
        let sql = match mode {
            CheckpointMode::Noop => "PRAGMA wal_checkpoint(NOOP)",
            CheckpointMode::Passive => "PRAGMA wal_checkpoint(PASSIVE)",
            CheckpointMode::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
        };
        let mut statement = self.raw.prepare_cached(sql).map_err(error)?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?));
        let (busy, pages, moved) = statement.query_row([], read).map_err(error)?;
        if mode == CheckpointMode::Truncate && busy != 0 {
            return Err(StoreError::Busy);
        }
        Ok(Log { pages, waiting: pages - moved })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CheckpointMode {
    Noop,
    Passive,
    Truncate,
}

pub(super) struct Log {
    pub(super) pages: i64,
    pub(super) waiting: i64,
}

fn read(row: &rusqlite::Row<'_>, column: usize, query: &'static str) -> Result<Value, StoreError> {
    Ok(match row.get_ref(column).map_err(error)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Text(value) => {
            let text = std::str::from_utf8(value).map_err(|_| StoreError::Corrupt { query, column })?;
            Value::Text(text.to_owned())
        }
        ValueRef::Blob(value) => Value::Blob(value.to_vec()),
        ValueRef::Real(_) => return Err(StoreError::Corrupt { query, column }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binds_become_numbers_and_quoted_text_stays() {
        assert_eq!(&*rewrite_binds("SELECT $2, $1, '$3', 'it''s $4', $x"), "SELECT ?2, ?1, '$3', 'it''s $4', $x");
    }
}
