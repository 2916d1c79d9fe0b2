//! Users and their passwords.

use keysig_core::audit::AuditRecord;
use keysig_core::feed::FeedEntry;
use keysig_core::id::UserId;
use keysig_core::password::PasswordHash;
use keysig_core::time::Timestamp;
use keysig_core::user::{Product, Role, User};

use crate::{Row, Statement, Store, StoreError, Write, audit, params};

const COLUMNS: usize = 11;

pub(crate) fn user(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.id(0)?,
        public_id: row.text(1)?.to_owned(),
        email: row.text(2)?.to_owned(),
        display_name: row.text(3)?.to_owned(),
        country: row.text(4)?.to_owned(),
        product: Product::from_name(row.text(5)?).ok_or_else(|| row.corrupt(5))?,
        role: Role::from_name(row.text(6)?).ok_or_else(|| row.corrupt(6))?,
        epoch: row.u32(7)?,
        disabled: row.opt_int(8)?.is_some(),
        email_verified: row.bool(9)?,
        locale: row.opt_text(10)?.map(str::to_owned),
    })
}

/// The user of this id.
pub async fn by_id(store: &Store, id: UserId) -> Result<Option<User>, StoreError> {
    let rows = store
        .read(
            "SELECT id, public_id, email, display_name, country, product, role, epoch, disabled_at, email_verified, locale
             FROM users WHERE id = $1",
            params![id],
        )
        .await?;
    rows.first().map(user).transpose()
}

/// The user whom the Web API calls by this id.
pub async fn by_public_id(store: &Store, public_id: &str) -> Result<Option<User>, StoreError> {
    let rows = store
        .read(
            "SELECT u.id, u.public_id, u.email, u.display_name, u.country, u.product, u.role, u.epoch, u.disabled_at,
                    u.email_verified, u.locale
             FROM user_public_ids p JOIN users u ON u.id = p.user_id WHERE p.public_id = $1",
            params![public_id],
        )
        .await?;
    rows.first().map(user).transpose()
}

/// The user with this canonical e-mail address or public id, and the hash of their password: for signing in.
pub async fn by_identifier(store: &Store, identifier: &str) -> Result<Option<(User, PasswordHash)>, StoreError> {
    let rows = store
        .read(
            "SELECT id, public_id, email, display_name, country, product, role, epoch, disabled_at, email_verified,
                    locale, password_hash
             FROM users WHERE id = COALESCE(
                 (SELECT user_id FROM user_emails WHERE email = $1),
                 (SELECT user_id FROM user_public_ids WHERE public_id = $1))",
            params![identifier],
        )
        .await?;
    let read = |row: &Row| Ok((user(row)?, PasswordHash::from_phc(row.text(COLUMNS)?.to_owned())));
    rows.first().map(read).transpose()
}

/// The rows of a new user. Each fails with `StoreError::Conflict` if its address or id is taken.
pub(crate) fn insertions(user: &User, password: &PasswordHash, now: Timestamp) -> [Statement; 3] {
    [
        Statement::new(
            "INSERT INTO user_emails (email, user_id) VALUES ($1, $2)",
            params![user.email.as_str(), user.id],
        ),
        Statement::new(
            "INSERT INTO user_public_ids (public_id, user_id) VALUES ($1, $2)",
            params![user.public_id.as_str(), user.id],
        ),
        Statement::new(
            "INSERT INTO users (id, public_id, email, display_name, country, product, role, password_hash, epoch,
                                disabled_at, created_at, email_verified, locale)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11, $12)",
            params![
                user.id,
                user.public_id.as_str(),
                user.email.as_str(),
                user.display_name.as_str(),
                user.country.as_str(),
                user.product.name(),
                user.role.name(),
                password.as_phc(),
                user.epoch,
                now,
                user.email_verified,
                user.locale.as_deref()
            ],
        ),
    ]
}

/// Adds a user. `StoreError::Conflict` if address or public id is taken.
pub async fn add(store: &Store, user: &User, password: &PasswordHash, now: Timestamp) -> Result<(), StoreError> {
    store.write(addition(user, password, now)).await.map(|_| ())
}

/// The write that adds a user, for what belongs to it to be added.
pub fn addition(user: &User, password: &PasswordHash, now: Timestamp) -> Write {
    let [email, public_id, row] = insertions(user, password, now);
    Write::one(email).and(public_id).and(row)
}

/// Ends everything that rests on this user: sessions, logins, codes, access tokens.
pub async fn revoke_all(store: &Store, id: UserId, keep_until: Timestamp) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    let rows = tx.query("UPDATE users SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch", params![id]).await?;
    if let Some(row) = rows.first() {
        tx.revoke(FeedEntry::User(id, row.u32(0)?), keep_until);
    }
    tx.commit().await
}

/// Gives the account a password, as part of a write: browsers that were remembered at the second step are asked again.
pub fn new_password(id: UserId, hash: &PasswordHash, now: Timestamp) -> [Statement; 2] {
    [
        Statement::new(
            "UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1",
            params![id, hash.as_phc(), now],
        )
        .must_affect(1),
        Statement::new("DELETE FROM remembered_browsers WHERE user_id = $1", params![id]),
    ]
}

/// Whether the password was changed after `at`: what rests on the one before is over.
pub async fn changed_password_after(store: &Store, id: UserId, at: Timestamp) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM users WHERE id = $1 AND password_changed_at > $2";
    Ok(!store.read(sql, params![id, at]).await?.is_empty())
}

/// The same password, hashed with newer parameters; not if it was changed meanwhile.
pub async fn rehash(store: &Store, id: UserId, old: &PasswordHash, new: &PasswordHash) -> Result<(), StoreError> {
    let statement = Statement::new(
        "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2",
        params![id, old.as_phc(), new.as_phc()],
    );
    store.write(Write::one(statement)).await.map(|_| ())
}

/// The address of the account is known to be its owner's, as part of a write; not if it has another by now.
pub fn confirmed(id: UserId, email: &str) -> Statement {
    Statement::new("UPDATE users SET email_verified = 1 WHERE id = $1 AND email = $2", params![id, email])
        .must_affect(1)
}

/// Gives the account another address, confirmed, as part of a write. `StoreError::Conflict` if it is taken.
pub fn new_email(id: UserId, old: &str, new: &str) -> [Statement; 3] {
    [
        Statement::new("DELETE FROM user_emails WHERE email = $1 AND user_id = $2", params![old, id]).must_affect(1),
        Statement::new("INSERT INTO user_emails (email, user_id) VALUES ($1, $2)", params![new, id]),
        Statement::new(
            "UPDATE users SET email = $3, email_verified = 1 WHERE id = $1 AND email = $2",
            params![id, old, new],
        )
        .must_affect(1),
    ]
}

/// What others call the account, and the language it reads.
pub async fn set_profile(store: &Store, id: UserId, name: &str, locale: Option<&str>) -> Result<(), StoreError> {
    let sql = "UPDATE users SET display_name = $2, locale = $3 WHERE id = $1";
    store.write(Write::one(Statement::new(sql, params![id, name, locale]))).await.map(|_| ())
}

/// Changes what somebody may do, and records it.
pub async fn set_role(store: &Store, id: UserId, role: Role, record: &AuditRecord) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    tx.execute("UPDATE users SET role = $2 WHERE id = $1", params![id, role.name()]).await?;
    audit::append(store, &mut tx, record).await?;
    tx.commit().await
}
