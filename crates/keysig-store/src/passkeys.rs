//! Passkeys: public keys of people's authenticators (Web Authentication Level 2 §4, "public key credential"). A credential
//! id is chosen by an authenticator, so whose it is stands in a table of its own, under its hash.

use keysig_core::id::{PasskeyId, UserId};
use keysig_core::password::PasswordHash;
use keysig_core::seal::sha256;
use keysig_core::time::Timestamp;

use crate::account_events::{self, Happened};
use crate::{Row, Statement, Store, StoreError, Write, params};

/// A passkey as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredPasskey {
    /// Its id here.
    pub id: PasskeyId,
    /// Whose.
    pub user: UserId,
    /// Credential id, public key and counter, as JSON.
    pub credential: String,
    /// What the person calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last let somebody in.
    pub last_used_at: Option<Timestamp>,
}

/// What came of a removal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Removal {
    /// It is gone.
    Removed,
    /// There is no such passkey, or none any more.
    NotThere,
    /// Nothing else lets this person in.
    LastWayIn,
}

fn passkey(row: &Row) -> Result<StoredPasskey, StoreError> {
    Ok(StoredPasskey {
        id: row.id(0)?,
        user: row.id(1)?,
        credential: row.text(2)?.to_owned(),
        name: row.text(3)?.to_owned(),
        created_at: row.timestamp(4)?,
        last_used_at: row.opt_timestamp(5)?,
    })
}

/// Adds a passkey and tells of it. `false`: this credential is somebody's already (Web Authentication Level 2 §7.1 step 22:
/// whoever registers another's credential id would otherwise be let in as them, or lock them out).
pub async fn add(
    store: &Store,
    passkey: &StoredPasskey,
    credential_id: &[u8],
    happened: &Happened,
) -> Result<bool, StoreError> {
    let write = Write::one(Statement::new(
        "INSERT INTO passkey_credentials (credential_hash, user_id, passkey_id) VALUES ($1, $2, $3)",
        params![sha256(credential_id), passkey.user, passkey.id],
    ))
    .and(Statement::new(
        "INSERT INTO passkeys (user_id, id, credential, name, created_at) VALUES ($1, $2, $3, $4, $5)",
        params![passkey.user, passkey.id, passkey.credential.as_str(), passkey.name.as_str(), passkey.created_at],
    ))
    .and(account_events::insertion(passkey.user, happened));
    match store.write(write).await {
        Ok(_) => Ok(true),
        Err(StoreError::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The passkeys of a person, oldest first.
pub async fn of_user(store: &Store, user: UserId) -> Result<Vec<StoredPasskey>, StoreError> {
    let rows = store
        .read(
            "SELECT id, user_id, credential, name, created_at, last_used_at FROM passkeys WHERE user_id = $1 ORDER BY id",
            params![user],
        )
        .await?;
    rows.iter().map(passkey).collect()
}

/// One passkey of a person.
pub async fn find(store: &Store, user: UserId, id: PasskeyId) -> Result<Option<StoredPasskey>, StoreError> {
    let rows = store
        .read(
            "SELECT id, user_id, credential, name, created_at, last_used_at FROM passkeys WHERE user_id = $1 AND id = $2",
            params![user, id],
        )
        .await?;
    rows.first().map(passkey).transpose()
}

/// The passkey with this credential id, whosever it is.
pub async fn by_credential(store: &Store, credential_id: &[u8]) -> Result<Option<StoredPasskey>, StoreError> {
    let rows = store
        .read(
            "SELECT p.id, p.user_id, p.credential, p.name, p.created_at, p.last_used_at
             FROM passkey_credentials c JOIN passkeys p ON p.user_id = c.user_id AND p.id = c.passkey_id
             WHERE c.credential_hash = $1",
            params![sha256(credential_id)],
        )
        .await?;
    rows.first().map(passkey).transpose()
}

/// Notes that the passkey let somebody in, with its new counter. `false`: it was removed, or used by another, since `before` was
/// read; then nobody may be let in by it.
pub async fn note_use(
    store: &Store,
    before: &StoredPasskey,
    credential: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE passkeys SET credential = $3, last_used_at = $4 WHERE user_id = $1 AND id = $2 AND credential = $5",
        params![before.user, before.id, credential, now, before.credential.as_str()],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

/// Gives a passkey another name. `false`: there is no such passkey.
pub async fn rename(store: &Store, user: UserId, id: PasskeyId, name: &str) -> Result<bool, StoreError> {
    let sql = "UPDATE passkeys SET name = $3 WHERE user_id = $1 AND id = $2";
    Ok(store.write(Write::one(Statement::new(sql, params![user, id, name]))).await?.affected(0) == 1)
}

/// Removes a passkey and tells of it, unless nothing else would let the person in: no password, no other passkey, no account
/// elsewhere.
pub async fn remove(store: &Store, user: UserId, id: PasskeyId, happened: &Happened) -> Result<Removal, StoreError> {
    let mut tx = store.begin().await?;
    // Keeps another removal waiting: of two at once, each would count on what the other takes away.
    tx.execute("UPDATE users SET epoch = epoch WHERE id = $1", params![user]).await?;
    let removed = tx
        .execute(
            "DELETE FROM passkeys WHERE user_id = $1 AND id = $2 AND (
                EXISTS (SELECT 1 FROM users u WHERE u.id = $1 AND u.password_hash NOT IN ('', $3))
                OR EXISTS (SELECT 1 FROM passkeys o WHERE o.user_id = $1 AND o.id <> $2)
                OR EXISTS (SELECT 1 FROM upstream_accounts a WHERE a.user_id = $1))",
            params![user, id, PasswordHash::of_nobody().as_phc()],
        )
        .await?;
    if removed == 0 {
        let rows = tx.query("SELECT id FROM passkeys WHERE user_id = $1 AND id = $2", params![user, id]).await?;
        return Ok(if rows.is_empty() { Removal::NotThere } else { Removal::LastWayIn });
    }
    tx.execute("DELETE FROM passkey_credentials WHERE user_id = $1 AND passkey_id = $2", params![user, id]).await?;
    tx.run(&account_events::insertion(user, happened)).await?;
    tx.commit().await?;
    Ok(Removal::Removed)
}
