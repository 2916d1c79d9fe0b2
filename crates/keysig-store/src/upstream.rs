//! Accounts at other providers, and to whom here each belongs. An account elsewhere is named by its provider (the issuer, or
//! the address of the user endpoint) and by what that calls the person, compared byte for byte.

use keysig_core::id::{TicketId, UserId};
use keysig_core::password::PasswordHash;
use keysig_core::time::Timestamp;
use keysig_core::user::User;

use crate::account_events::{self, Happened};
use crate::{Row, Statement, Store, StoreError, Write, params, users};

/// An account elsewhere, linked to one here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Linked {
    /// Whose here.
    pub user: UserId,
    /// Where.
    pub provider: String,
    /// What they are called there, by which they are found.
    pub subject: String,
    /// What people call them there.
    pub name: String,
    /// The provider's tokens, sealed.
    pub tokens: Option<Vec<u8>>,
    /// Since when it is linked.
    pub created_at: Timestamp,
    /// When somebody last signed in by it.
    pub last_used_at: Timestamp,
}

fn linked(row: &Row) -> Result<Linked, StoreError> {
    Ok(Linked {
        user: row.id(0)?,
        provider: row.text(1)?.to_owned(),
        subject: row.text(2)?.to_owned(),
        name: row.text(3)?.to_owned(),
        tokens: row.opt_blob(4)?.map(<[u8]>::to_vec),
        created_at: row.timestamp(5)?,
        last_used_at: row.timestamp(6)?,
    })
}

/// The link of an account elsewhere, if it has one.
pub async fn find(store: &Store, provider: &str, subject: &str) -> Result<Option<Linked>, StoreError> {
    let rows = store
        .read(
            "SELECT a.user_id, a.provider, a.subject, a.name, a.tokens, a.created_at, a.last_used_at
             FROM upstream_subjects s JOIN upstream_accounts a ON a.user_id = s.user_id AND a.provider = s.provider
             WHERE s.provider = $1 AND s.subject = $2 AND a.subject = s.subject",
            params![provider, subject],
        )
        .await?;
    rows.first().map(linked).transpose()
}

/// All links of an account, the oldest first.
pub async fn of_user(store: &Store, user: UserId) -> Result<Vec<Linked>, StoreError> {
    let rows = store
        .read(
            "SELECT user_id, provider, subject, name, tokens, created_at, last_used_at
             FROM upstream_accounts WHERE user_id = $1 ORDER BY created_at, provider",
            params![user],
        )
        .await?;
    rows.iter().map(linked).collect()
}

/// Both rows, each of which is unique in its own way: an account elsewhere belongs to one person here, and a person has
/// one of each provider.
fn linking(write: Write, link: &Linked) -> Write {
    write
        .and(Statement::new(
            "INSERT INTO upstream_subjects (provider, subject, user_id) VALUES ($1, $2, $3)",
            params![link.provider.as_str(), link.subject.as_str(), link.user],
        ))
        .and(Statement::new(
            "INSERT INTO upstream_accounts (user_id, provider, subject, name, tokens, created_at, last_used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![
                link.user,
                link.provider.as_str(),
                link.subject.as_str(),
                link.name.as_str(),
                link.tokens.clone(),
                link.created_at,
                link.last_used_at
            ],
        ))
}

/// Links what waited in a browser to an account, once. `StoreError::AffectedMismatch`: it waits no more.
/// `StoreError::Conflict`: the account elsewhere belongs to somebody, or this person has one of that provider already.
pub async fn link(store: &Store, waited: &Waiting, link: &Linked, happened: &Happened) -> Result<(), StoreError> {
    let write =
        linking(Write::one(taking(waited).must_affect(1)), link).and(account_events::insertion(link.user, happened));
    store.write(write).await.map(|_| ())
}

/// Makes an account without a password for what waited in a browser, once. Errors as of [`link`], and
/// `StoreError::Conflict` too where the address is taken.
pub async fn sign_up(
    store: &Store,
    waited: &Waiting,
    user: &User,
    link: &Linked,
    happened: &Happened,
) -> Result<(), StoreError> {
    let mut write = Write::one(taking(waited).must_affect(1));
    for statement in users::insertions(user, &PasswordHash::none(), link.created_at) {
        write = write.and(statement);
    }
    let write = linking(write, link).and(account_events::insertion(link.user, happened));
    store.write(write).await.map(|_| ())
}

/// Notes that somebody signed in by a link; `tokens` are the new ones, or none where none are kept.
pub async fn used(store: &Store, link: &Linked, tokens: Option<Vec<u8>>, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE upstream_accounts SET last_used_at = $4, tokens = $5
               WHERE user_id = $1 AND provider = $2 AND subject = $3";
    let params = params![link.user, link.provider.as_str(), link.subject.as_str(), now, tokens];
    store.write(Write::one(Statement::new(sql, params))).await.map(|_| ())
}

/// What became of an unlinking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unlinked {
    /// It is gone, and its tokens with it.
    Done,
    /// There was none.
    NotLinked,
    /// There would be no way left to sign in.
    LastWay,
}

/// Unlinks, unless nothing else lets this person in: a password, a passkey, or a link to one of `open_providers`.
pub async fn unlink(
    store: &Store,
    user: UserId,
    provider: &str,
    open_providers: &[&str],
    happened: &Happened,
) -> Result<Unlinked, StoreError> {
    let mut tx = store.begin().await?;
    // An update and not a read: two that unlink one thing each at the same time would leave nothing.
    let locked =
        Statement::query("UPDATE users SET epoch = epoch WHERE id = $1 RETURNING password_hash <> ''", params![user]);
    let rows = tx.run(&locked).await?.rows;
    let has_password = rows.first().map_or(Ok(false), |row| row.bool(0))?;
    let passkeys = tx.query("SELECT id FROM passkeys WHERE user_id = $1 LIMIT 1", params![user]).await?;
    let links = tx.query("SELECT provider FROM upstream_accounts WHERE user_id = $1", params![user]).await?;
    let links = links.iter().map(|row| row.text(0)).collect::<Result<Vec<_>, _>>()?;
    if !links.contains(&provider) {
        return Ok(Unlinked::NotLinked);
    }
    let another = links.iter().any(|link| *link != provider && open_providers.contains(link));
    if !has_password && passkeys.is_empty() && !another {
        return Ok(Unlinked::LastWay);
    }
    tx.execute(
        "DELETE FROM upstream_subjects WHERE provider = $2 AND user_id = $1 AND subject =
            (SELECT subject FROM upstream_accounts WHERE user_id = $1 AND provider = $2)",
        params![user, provider],
    )
    .await?;
    tx.execute("DELETE FROM upstream_accounts WHERE user_id = $1 AND provider = $2", params![user, provider]).await?;
    tx.run(&account_events::insertion(user, happened)).await?;
    tx.commit().await?;
    Ok(Unlinked::Done)
}

/// Somebody who proved an account elsewhere that belongs to nobody here yet, and has not decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The browser it waits in.
    pub browser_mac: [u8; 32],
    /// Which of those that waited there.
    pub id: TicketId,
    /// What was proven, sealed.
    pub body: Vec<u8>,
    /// It waits no longer.
    pub expires_at: Timestamp,
}

/// Keeps it; what waited in the same browser before is forgotten.
pub async fn wait(store: &Store, waiting: &Waiting) -> Result<(), StoreError> {
    let sql = "INSERT INTO upstream_waiting (browser_mac, id, body, expires_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (browser_mac) DO UPDATE SET id = excluded.id, body = excluded.body,
                   expires_at = excluded.expires_at";
    let params = params![waiting.browser_mac, waiting.id, waiting.body.clone(), waiting.expires_at];
    store.write(Write::one(Statement::new(sql, params))).await.map(|_| ())
}

/// What waits in a browser.
pub async fn waiting(store: &Store, browser_mac: [u8; 32], now: Timestamp) -> Result<Option<Waiting>, StoreError> {
    let sql =
        "SELECT browser_mac, id, body, expires_at FROM upstream_waiting WHERE browser_mac = $1 AND expires_at > $2";
    let rows = store.read(sql, params![browser_mac, now]).await?;
    let read = |row: &Row| {
        Ok(Waiting {
            browser_mac: row.id(0)?,
            id: row.id(1)?,
            body: row.blob(2)?.to_vec(),
            expires_at: row.timestamp(3)?,
        })
    };
    rows.first().map(read).transpose()
}

fn taking(waiting: &Waiting) -> Statement {
    let sql = "DELETE FROM upstream_waiting WHERE browser_mac = $1 AND id = $2";
    Statement::new(sql, params![waiting.browser_mac, waiting.id])
}

/// It waits no more.
pub async fn forget(store: &Store, waiting: &Waiting) -> Result<(), StoreError> {
    store.write(Write::one(taking(waiting))).await.map(|_| ())
}

/// Forgets those who waited too long.
pub async fn forget_expired(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM upstream_waiting WHERE expires_at <= $1";
    store.write(Write::one(Statement::new(sql, params![now]))).await.map(|_| ())
}
