//! Mail on its way. What a mail says is sealed by whoever puts it here.

use keysig_core::id::MailId;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, params};

/// A mail on its way.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its id, which holds the time it was written.
    pub id: MailId,
    /// Sealed.
    pub message: Vec<u8>,
    /// How often it was tried.
    pub tries: u32,
}

/// Puts a mail on its way, as part of what it tells of or by itself.
pub fn insertion(id: MailId, message: Vec<u8>, now: Timestamp) -> Statement {
    Statement::new(
        "INSERT INTO mails (id, message, tries, next_try_at) VALUES ($1, $2, 0, $3)",
        params![id, message, now],
    )
}

/// Puts a mail on its way.
pub async fn add(store: &Store, id: MailId, message: Vec<u8>, now: Timestamp) -> Result<(), StoreError> {
    store.write(Write::one(insertion(id, message, now))).await.map(|_| ())
}

fn mail(row: &Row) -> Result<Mail, StoreError> {
    Ok(Mail { id: row.id(0)?, message: row.blob(1)?.to_vec(), tries: row.u32(2)? })
}

/// Mails that are due.
pub async fn due(store: &Store, now: Timestamp, limit: u32) -> Result<Vec<Mail>, StoreError> {
    let sql = "SELECT id, message, tries FROM mails WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $2";
    store.read(sql, params![now, limit]).await?.iter().map(mail).collect()
}

/// Those that wait, newest first: where no mail server is, they stay.
pub async fn newest(store: &Store, limit: u32) -> Result<Vec<Mail>, StoreError> {
    let sql = "SELECT id, message, tries FROM mails ORDER BY id DESC LIMIT $1";
    store.read(sql, params![limit]).await?.iter().map(mail).collect()
}

/// The mail of this id, if it waits.
pub async fn find(store: &Store, id: MailId) -> Result<Option<Mail>, StoreError> {
    let rows = store.read("SELECT id, message, tries FROM mails WHERE id = $1", params![id]).await?;
    rows.first().map(mail).transpose()
}

/// Takes a mail: the next try is at `next_try_at` unless it arrives. `false`: another node took it.
pub async fn take(store: &Store, mail: &Mail, next_try_at: Timestamp) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE mails SET tries = tries + 1, next_try_at = $3 WHERE id = $1 AND tries = $2",
        params![mail.id, mail.tries, next_try_at],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

/// How many wait, and since when the oldest does.
pub async fn waiting(store: &Store) -> Result<(u64, Option<Timestamp>), StoreError> {
    let rows = store.read_heavy("SELECT COUNT(*), MIN(id) FROM mails", Vec::new()).await?;
    let Some(row) = rows.first() else { return Ok((0, None)) };
    Ok((row.int(0)?.unsigned_abs(), row.opt_id::<MailId>(1)?.map(|oldest| oldest.made_at())))
}

/// It arrived, or was given up.
pub async fn done(store: &Store, id: MailId) -> Result<(), StoreError> {
    store.write(Write::one(Statement::new("DELETE FROM mails WHERE id = $1", params![id]))).await.map(|_| ())
}

/// Forgets what was written before `before`: where no mail server is, nobody else does.
pub async fn forget(store: &Store, before: Timestamp) -> Result<(), StoreError> {
    let before = MailId::first_of(before);
    store.write(Write::one(Statement::new("DELETE FROM mails WHERE id < $1", params![before]))).await.map(|_| ())
}
