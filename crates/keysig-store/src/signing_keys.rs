//! Signing keys, private halves sealed by whoever hands them in.

use keysig_core::jose::SigningAlgorithm;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, params};

/// A signing key as stored.
#[derive(Clone, Debug)]
pub struct StoredKey {
    /// Its algorithm.
    pub algorithm: SigningAlgorithm,
    /// Which key of its algorithm, from 1.
    pub n: i64,
    /// Its name in the JWKS.
    pub kid: String,
    /// PKCS #8, sealed.
    pub private_key: Vec<u8>,
    /// When it was made.
    pub made_at: Timestamp,
    /// From when on it signs.
    pub signs_from: Timestamp,
}

fn stored(row: &Row) -> Result<StoredKey, StoreError> {
    Ok(StoredKey {
        algorithm: SigningAlgorithm::from_name(row.text(0)?).ok_or_else(|| row.corrupt(0))?,
        n: row.int(1)?,
        kid: row.text(2)?.to_owned(),
        private_key: row.blob(3)?.to_vec(),
        made_at: row.timestamp(4)?,
        signs_from: row.timestamp(5)?,
    })
}

/// All keys.
pub async fn all(store: &Store) -> Result<Vec<StoredKey>, StoreError> {
    let sql = "SELECT algorithm, n, kid, private_key, made_at, signs_from FROM signing_keys ORDER BY algorithm, n";
    store.read(sql, Vec::new()).await?.iter().map(stored).collect()
}

/// Adds keys; where another node was faster, its key stands.
pub async fn add(store: &Store, keys: &[StoredKey]) -> Result<(), StoreError> {
    let insert = |key: &StoredKey| {
        Statement::new(
            "INSERT INTO signing_keys (algorithm, n, kid, private_key, made_at, signs_from)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (algorithm, n) DO NOTHING",
            params![
                key.algorithm.name(),
                key.n,
                key.kid.as_str(),
                key.private_key.as_slice(),
                key.made_at,
                key.signs_from
            ],
        )
    };
    let write = keys.iter().fold(Write::default(), |write, key| write.and(insert(key)));
    store.write(write).await.map(|_| ())
}

/// Deletes keys that began to sign before `before`, unless they are the newest of their algorithm.
pub async fn forget(store: &Store, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM signing_keys WHERE signs_from < $1
               AND n < (SELECT MAX(k.n) FROM signing_keys k WHERE k.algorithm = signing_keys.algorithm)";
    store.write(Write::one(Statement::new(sql, params![before]))).await.map(|_| ())
}
