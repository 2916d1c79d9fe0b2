//! Users and their passwords.

use keysig_core::feed::FeedEntry;
use keysig_core::id::UserId;
use keysig_core::password::PasswordHash;
use keysig_core::time::Timestamp;
use keysig_core::user::{Product, Role, User};

use crate::{Row, Statement, Store, StoreError, Write, params};

const COLUMNS: usize = 11;

fn user(row: &Row) -> Result<User, StoreError> {
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
    let [email, public_id, row] = insertions(user, password, now);
    store.write(Write::one(email).and(public_id).and(row)).await.map(|_| ())
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
