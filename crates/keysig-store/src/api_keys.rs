//! Keys of the admin API. What is kept is a hash: nobody reads a key out of the store.

use keysig_core::audit::AuditRecord;
use keysig_core::id::{ApiKeyId, UserId};
use keysig_core::secret::SecretHash;
use keysig_core::time::Timestamp;
use keysig_core::user::Role;

use crate::{Row, Statement, Store, StoreError, Write, audit, params};

/// A key, as far as anybody knows it who did not write it down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApiKey {
    /// Its id, which holds when it was made.
    pub id: ApiKeyId,
    /// Who made it; nobody where it was the command line.
    pub user: Option<UserId>,
    /// Its last four characters.
    pub last_four: String,
    /// What it is for.
    pub name: String,
    /// What may be done with it, at most.
    pub role: Role,
    /// From when on it opens nothing.
    pub expires_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_used_at: Option<Timestamp>,
}

/// Whom a key rests on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Maker {
    /// What they may do now.
    pub role: Role,
    /// Whether their account is closed.
    pub locked: bool,
}

fn role(row: &Row, column: usize) -> Result<Role, StoreError> {
    Role::from_name(row.text(column)?).ok_or_else(|| row.corrupt(column))
}

fn key(row: &Row) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: row.id(0)?,
        user: row.opt_id(1)?,
        last_four: row.text(2)?.to_owned(),
        name: row.text(3)?.to_owned(),
        role: role(row, 4)?,
        expires_at: row.timestamp(5)?,
        last_used_at: row.opt_timestamp(6)?,
    })
}

/// Keeps a new one; `false` where `most` are kept already.
pub async fn add(
    store: &Store,
    key: &ApiKey,
    hash: &SecretHash,
    most: i64,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let kept = tx.query("SELECT COUNT(*) FROM api_keys", params![]).await?;
    if kept.first().map_or(Ok(0), |row| row.int(0))? >= most {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO api_keys (id, user_id, hash, last_four, name, role, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            key.id,
            key.user,
            *hash.as_bytes(),
            key.last_four.as_str(),
            key.name.as_str(),
            key.role.name(),
            key.expires_at
        ],
    )
    .await?;
    audit::append(store, &mut tx, record).await?;
    tx.commit().await?;
    Ok(true)
}

/// All of them, the newest first.
pub async fn all(store: &Store) -> Result<Vec<ApiKey>, StoreError> {
    let sql = "SELECT id, user_id, last_four, name, role, expires_at, last_used_at FROM api_keys ORDER BY id DESC";
    store.read(sql, params![]).await?.iter().map(key).collect()
}

/// The one of this hash, and whoever made it as they are now. A key whose maker is gone is gone with them.
pub async fn by_hash(store: &Store, hash: &SecretHash) -> Result<Option<(ApiKey, Option<Maker>)>, StoreError> {
    let sql = "SELECT k.id, k.user_id, k.last_four, k.name, k.role, k.expires_at, k.last_used_at, u.role, u.disabled_at
               FROM api_keys k LEFT JOIN users u ON u.id = k.user_id WHERE k.hash = $1";
    let rows = store.read(sql, params![*hash.as_bytes()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let key = key(row)?;
    let maker = match (key.user, row.opt_text(7)?) {
        (None, _) => None,
        (Some(_), None) => return Ok(None),
        (Some(_), Some(_)) => Some(Maker { role: role(row, 7)?, locked: row.opt_timestamp(8)?.is_some() }),
    };
    Ok(Some((key, maker)))
}

/// Ends one; `false` where there is none of this id.
pub async fn end(store: &Store, id: ApiKeyId, record: &AuditRecord) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    if tx.execute("DELETE FROM api_keys WHERE id = $1", params![id]).await? == 0 {
        return Ok(false);
    }
    audit::append(store, &mut tx, record).await?;
    tx.commit().await?;
    Ok(true)
}

/// Notes that it is used.
pub async fn touch(store: &Store, id: ApiKeyId, now: Timestamp) -> Result<(), StoreError> {
    let statement = Statement::new("UPDATE api_keys SET last_used_at = $2 WHERE id = $1", params![id, now]);
    store.write(Write::one(statement)).await.map(|_| ())
}
