//! Values, rows and errors as tokio-postgres has them.

use std::error::Error;

use bytes::BytesMut;
use tokio_postgres::Statement as Prepared;
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::error::StoreError;
use crate::statement::{Statement, StatementResult};
use crate::value::{Row, Value};

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Self::Int(value) => value.to_sql(ty, out),
            Self::Text(value) => value.to_sql(ty, out),
            Self::Blob(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::INT4, Type::TEXT, Type::VARCHAR, Type::BYTEA].contains(ty)
    }

    to_sql_checked!();
}

fn fits(value: &Value, ty: &Type) -> bool {
    match value {
        Value::Null => true,
        Value::Int(value) => *ty == Type::INT8 || (*ty == Type::INT4 && i32::try_from(*value).is_ok()),
        Value::Text(_) => *ty == Type::TEXT || *ty == Type::VARCHAR,
        Value::Blob(_) => *ty == Type::BYTEA,
    }
}

/// Finds out before anything is sent whether the values fit and the rows can be read. An error of the driver
/// afterwards can then only mean a broken connection.
pub(super) fn check(prepared: &Prepared, sql: &str, params: &[Value]) -> Result<(), StoreError> {
    let types = prepared.params();
    if types.len() != params.len() {
        return Err(StoreError::Engine(format!("`{sql}` is bound to {} values", params.len())));
    }
    for (index, (value, ty)) in params.iter().zip(types).enumerate() {
        if !fits(value, ty) {
            return Err(StoreError::Engine(format!("`{sql}`: ${} is {ty}, bound is {value:?}", index + 1)));
        }
    }
    let readable = [Type::INT8, Type::INT4, Type::BOOL, Type::TEXT, Type::VARCHAR, Type::BYTEA];
    match prepared.columns().iter().find(|column| !readable.contains(column.type_())) {
        Some(column) => Err(StoreError::Engine(format!("`{sql}`: a {} cannot be read, CAST it", column.type_()))),
        None => Ok(()),
    }
}

/// Runs a statement that was prepared and checked.
pub(super) async fn run(
    client: &tokio_postgres::Client,
    prepared: &Prepared,
    statement: &Statement,
) -> Result<StatementResult, Failed> {
    let params: Vec<&(dyn ToSql + Sync)> = statement.params.iter().map(|value| value as _).collect();
    if !statement.returns_rows {
        return Ok(StatementResult { affected: client.execute(prepared, &params).await?, rows: Vec::new() });
    }
    let rows = read_all(&client.query(prepared, &params).await?, statement.sql)?;
    Ok(StatementResult { affected: rows.len() as u64, rows })
}

pub(super) fn read_all(rows: &[tokio_postgres::Row], sql: &'static str) -> Result<Vec<Row>, StoreError> {
    rows.iter()
        .map(|row| {
            let value = |column| read(row, column).ok_or(StoreError::Corrupt { query: sql, column });
            let values: Result<Vec<Value>, StoreError> = (0..row.len()).map(value).collect();
            Ok(Row::new(sql, values?))
        })
        .collect()
}

fn read(row: &tokio_postgres::Row, column: usize) -> Option<Value> {
    let ty = row.columns().get(column)?.type_();
    Some(if *ty == Type::INT8 {
        row.try_get::<_, Option<i64>>(column).ok()?.into()
    } else if *ty == Type::INT4 {
        row.try_get::<_, Option<i32>>(column).ok()?.into()
    } else if *ty == Type::BOOL {
        row.try_get::<_, Option<bool>>(column).ok()?.into()
    } else if *ty == Type::BYTEA {
        row.try_get::<_, Option<Vec<u8>>>(column).ok()?.into()
    } else {
        row.try_get::<_, Option<String>>(column).ok()?.into()
    })
}

/// Why an operation failed, and whether the whole of it may be tried again.
pub(super) enum Failed {
    /// The server took it back because of another transaction (40001, 40P01).
    Retry,
    /// No answer came, or one that leaves open what happened: a backend that is ended (FATAL) while it waits for a
    /// standby has committed.
    Lost(String),
    /// Anything else; it did not happen.
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<tokio_postgres::Error> for Failed {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refused) = error.as_db_error() else {
            return Self::Lost(error.source().map_or(error.to_string(), |source| format!("{error}: {source}")));
        };
        // DETAIL is left out, because it quotes values.
        let code = refused.code();
        let text = format!("{} ({})", refused.message(), code.code());
        if refused.parsed_severity() != Some(Severity::Error) {
            return Self::Lost(text);
        }
        // Out of resources, shutting down or cancelled, input and output, and a server that became a standby.
        let unavailable = ["53", "57", "58"].iter().any(|class| code.code().starts_with(class));
        match *code {
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Self::Retry,
            SqlState::UNIQUE_VIOLATION => Self::Store(StoreError::Conflict),
            SqlState::LOCK_NOT_AVAILABLE => Self::Store(StoreError::Busy),
            SqlState::READ_ONLY_SQL_TRANSACTION => Self::Store(StoreError::Unavailable(text)),
            _ if unavailable => Self::Store(StoreError::Unavailable(text)),
            _ => Self::Store(StoreError::Engine(text)),
        }
    }
}

impl From<Failed> for StoreError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Retry => Self::Busy,
            Failed::Lost(text) => Self::Unavailable(text),
            Failed::Store(error) => error,
        }
    }
}

/// What callers are told of an error before anything was committed.
pub(super) fn error(error: tokio_postgres::Error) -> StoreError {
    Failed::from(error).into()
}
