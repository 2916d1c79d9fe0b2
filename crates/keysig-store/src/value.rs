//! What goes into statements and what comes out of them: three column types, the same on both engines.

use std::fmt;

use keysig_core::grant::Amr;
use keysig_core::id::{
    ApiKeyId, AppId, DeliveryId, DeviceId, EventId, GrantId, Incarnation, LoginId, LogoId, MailId, PasskeyId, ProofId,
    ReportId, RequestId, SessionId, StreamId, TicketId, UserId,
};
use keysig_core::scope::ScopeSet;
use keysig_core::seal::KeyId;
use keysig_core::secret::SecretHash;
use keysig_core::time::Timestamp;

use crate::error::StoreError;

/// A value of a column. Its `Debug` form shows no content, because hashes of secrets are stored too.
#[derive(Clone)]
pub enum Value {
    /// No value.
    Null,
    /// BIGINT; also booleans (0 and 1) and times (Unix milliseconds).
    Int(i64),
    /// TEXT, without NUL (PostgreSQL refuses it).
    Text(String),
    /// BLOB or BYTEA.
    Blob(Vec<u8>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("Null"),
            Self::Int(_) => f.write_str("Int(..)"),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Blob(bytes) => write!(f, "Blob({} bytes)", bytes.len()),
        }
    }
}

/// The values bound to `$1`, `$2`, … of a statement, in order: `params![user_id, name, now]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { ::std::vec![$($crate::Value::from($value)),*] };
}

macro_rules! from_integer {
    ($($integer:ty),*) => { $(
        impl From<$integer> for Value {
            fn from(value: $integer) -> Self {
                Self::Int(i64::from(value))
            }
        }
    )* };
}
from_integer!(i64, i32, u32, u16, u8, bool);

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.unix_millis())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Blob(value.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A type that has a column of bytes of its own: ids, sets of scopes, hashes of secrets.
pub trait FromBlob: Sized {
    /// From the column's bytes; `None` if they are not one.
    fn from_blob(bytes: &[u8]) -> Option<Self>;
}

macro_rules! blob_column {
    ($($type:ty: $to:expr, $from:expr;)*) => { $(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let to: fn($type) -> Vec<u8> = $to;
                Self::Blob(to(value))
            }
        }

        impl FromBlob for $type {
            fn from_blob(bytes: &[u8]) -> Option<Self> {
                let from: fn(&[u8]) -> Option<Self> = $from;
                from(bytes)
            }
        }
    )* };
}
blob_column! {
    UserId: |id| id.as_bytes().to_vec(), Self::from_slice;
    AppId: |id| id.as_bytes().to_vec(), Self::from_slice;
    ApiKeyId: |id| id.as_bytes().to_vec(), Self::from_slice;
    LogoId: |id| id.as_bytes().to_vec(), Self::from_slice;
    GrantId: |id| id.as_bytes().to_vec(), Self::from_slice;
    LoginId: |id| id.as_bytes().to_vec(), Self::from_slice;
    SessionId: |id| id.as_bytes().to_vec(), Self::from_slice;
    DeviceId: |id| id.as_bytes().to_vec(), Self::from_slice;
    DeliveryId: |id| id.as_bytes().to_vec(), Self::from_slice;
    EventId: |id| id.as_bytes().to_vec(), Self::from_slice;
    MailId: |id| id.as_bytes().to_vec(), Self::from_slice;
    PasskeyId: |id| id.as_bytes().to_vec(), Self::from_slice;
    ProofId: |id| id.as_bytes().to_vec(), Self::from_slice;
    ReportId: |id| id.as_bytes().to_vec(), Self::from_slice;
    TicketId: |id| id.as_bytes().to_vec(), Self::from_slice;
    RequestId: |id| id.as_bytes().to_vec(), Self::from_slice;
    Incarnation: |id| id.as_bytes().to_vec(), Self::from_slice;
    StreamId: |id| id.as_bytes().to_vec(), Self::from_slice;
    KeyId: |id| id.to_bytes().to_vec(), Self::from_slice;
    ScopeSet: |set| set.to_bytes().to_vec(), |bytes| bytes.try_into().ok().map(Self::from_bytes);
    SecretHash: |hash| hash.as_bytes().to_vec(), |bytes| bytes.try_into().ok().map(Self::from_bytes);
}

impl<const N: usize> FromBlob for [u8; N] {
    fn from_blob(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok()
    }
}

/// A row, read by column index from 0. A column that holds another type than is asked for, or NULL where a value must
/// be, is [`StoreError::Corrupt`].
#[derive(Clone, Debug)]
pub struct Row {
    query: &'static str,
    values: Vec<Value>,
}

impl Row {
    pub(crate) fn new(query: &'static str, values: Vec<Value>) -> Self {
        Self { query, values }
    }

    pub(crate) fn corrupt(&self, column: usize) -> StoreError {
        StoreError::Corrupt { query: self.query, column }
    }

    fn required<T>(&self, column: usize, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(column))
    }

    /// A BIGINT, or nothing if it is NULL.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.values.get(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Int(value)) => Ok(Some(*value)),
            _ => Err(self.corrupt(column)),
        }
    }

    /// A BIGINT.
    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.required(column, self.opt_int(column)?)
    }

    /// How a person proved who they are.
    pub fn amr(&self, column: usize) -> Result<Amr, StoreError> {
        self.required(column, u8::try_from(self.int(column)?).ok()).map(Amr::from_bits)
    }

    /// A BIGINT that is an epoch, a count, or another number from 0 to 2^32 − 1.
    pub fn u32(&self, column: usize) -> Result<u32, StoreError> {
        u32::try_from(self.int(column)?).map_err(|_| self.corrupt(column))
    }

    /// A BIGINT that is 0 or 1.
    pub fn bool(&self, column: usize) -> Result<bool, StoreError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt(column)),
        }
    }

    /// A TEXT, or nothing if it is NULL.
    pub fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
        match self.values.get(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Text(value)) => Ok(Some(value)),
            _ => Err(self.corrupt(column)),
        }
    }

    /// A TEXT.
    pub fn text(&self, column: usize) -> Result<&str, StoreError> {
        self.required(column, self.opt_text(column)?)
    }

    /// A BLOB, or nothing if it is NULL.
    pub fn opt_blob(&self, column: usize) -> Result<Option<&[u8]>, StoreError> {
        match self.values.get(column) {
            Some(Value::Null) => Ok(None),
            Some(Value::Blob(value)) => Ok(Some(value)),
            _ => Err(self.corrupt(column)),
        }
    }

    /// A BLOB.
    pub fn blob(&self, column: usize) -> Result<&[u8], StoreError> {
        self.required(column, self.opt_blob(column)?)
    }

    /// A time in Unix milliseconds, or nothing if it is NULL.
    pub fn opt_timestamp(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_unix_millis))
    }

    /// A time in Unix milliseconds.
    pub fn timestamp(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_unix_millis)
    }

    /// An id, a set of scopes, a hash or `[u8; N]`, or nothing if it is NULL.
    pub fn opt_id<T: FromBlob>(&self, column: usize) -> Result<Option<T>, StoreError> {
        let blob = self.opt_blob(column)?;
        blob.map(|bytes| self.required(column, T::from_blob(bytes))).transpose()
    }

    /// An id, a set of scopes, a hash or `[u8; N]`.
    pub fn id<T: FromBlob>(&self, column: usize) -> Result<T, StoreError> {
        self.required(column, self.opt_id(column)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_does_not_show_what_it_holds() {
        let values = params!["hunter2", b"hunter2", 5_i64, None::<i64>];
        assert_eq!(format!("{values:?}"), "[Text(7 bytes), Blob(7 bytes), Int(..), Null]");
    }

    #[test]
    fn a_column_of_another_type_is_corrupt_not_zero() {
        let row = Row::new("SELECT a", params!["text", None::<i64>, vec![1_u8; 15], 2]);
        let corrupt = |column| StoreError::Corrupt { query: "SELECT a", column };
        assert_eq!(row.int(0), Err(corrupt(0)));
        assert_eq!(row.int(1), Err(corrupt(1)));
        assert_eq!(row.opt_int(1), Ok(None));
        assert_eq!(row.id::<UserId>(2), Err(corrupt(2)));
        assert_eq!(row.bool(3), Err(corrupt(3)));
        assert_eq!(row.text(4), Err(corrupt(4)));
    }
}
