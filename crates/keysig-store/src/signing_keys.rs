//! Signing keys, private halves sealed by whoever hands them in.

use keysig_core::audit::AuditRecord;
use keysig_core::feed::FeedEntry;
use keysig_core::jose::SigningAlgorithm;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, audit, params, time_bound};

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
    let write = keys.iter().fold(Write::default(), |write, key| write.and(insertion(key)));
    store.write(write).await.map(|_| ())
}

fn insertion(key: &StoredKey) -> Statement {
    Statement::new(
        "INSERT INTO signing_keys (algorithm, n, kid, private_key, made_at, signs_from)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (algorithm, n) DO NOTHING",
        params![key.algorithm.name(), key.n, key.kid.as_str(), key.private_key.as_slice(), key.made_at, key.signs_from],
    )
}

/// Adds a key that somebody asked for. `StoreError::Conflict` where another node was faster.
pub async fn add_recorded(store: &Store, key: &StoredKey, record: &AuditRecord) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.run(&insertion(key).must_affect(1)).await?;
    audit::append(store, &mut tx, record).await?;
    tx.commit().await
}

/// Lets a key that waits sign sooner.
pub async fn sign_from(
    store: &Store,
    key: &StoredKey,
    signs_from: Timestamp,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE signing_keys SET signs_from = $3 WHERE algorithm = $1 AND n = $2 AND signs_from > $3";
    tx.run(&Statement::new(sql, params![key.algorithm.name(), key.n, signs_from]).must_affect(1)).await?;
    audit::append(store, &mut tx, record).await?;
    tx.commit().await
}

/// Takes a key away, and puts another in its place where nothing else would sign.
pub async fn revoke(
    store: &Store,
    key: &StoredKey,
    replacement: Option<&StoredKey>,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let sql = "DELETE FROM signing_keys WHERE algorithm = $1 AND n = $2 AND kid = $3";
    let delete = Statement::new(sql, params![key.algorithm.name(), key.n, key.kid.as_str()]).must_affect(1);
    tx.run(&delete).await?;
    if let Some(replacement) = replacement {
        tx.run(&insertion(replacement).must_affect(1)).await?;
    }
    audit::append(store, &mut tx, record).await?;
    tx.commit().await
}

/// Ends what a sealing key sealed, by one entry of the feed.
pub async fn revoke_sealing(
    store: &Store,
    entry: FeedEntry,
    keep_until: Timestamp,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.revoke(entry, keep_until);
    audit::append(store, &mut tx, record).await?;
    tx.commit().await
}

/// Logins that were made or refreshed since then. It looks at every login: for a page that is opened in an emergency.
pub async fn logins_since(store: &Store, since: Timestamp) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM logins WHERE id >= $1 OR rotated_at >= $2";
    let rows = store.read_heavy(sql, params![time_bound(since), since]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0)).map(i64::unsigned_abs)
}

/// Deletes keys that began to sign before `before`, unless they are the newest of their algorithm.
pub async fn forget(store: &Store, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM signing_keys WHERE signs_from < $1
               AND n < (SELECT MAX(k.n) FROM signing_keys k WHERE k.algorithm = signing_keys.algorithm)";
    store.write(Write::one(Statement::new(sql, params![before]))).await.map(|_| ())
}
