//! What operators do to accounts: each with its record, in one transaction (`docs/operators.md`).

use keysig_core::audit::AuditRecord;
use keysig_core::feed::FeedEntry;
use keysig_core::id::{DeliveryId, UserId};
use keysig_core::password::PasswordHash;
use keysig_core::time::Timestamp;
use keysig_core::user::{Role, User};

use crate::users::user;
use crate::{Statement, Store, StoreError, Tx, audit, logout, params, users};

/// When something ends, and until when followers of the feed are told.
pub struct Ending<'a> {
    /// Now.
    pub now: Timestamp,
    /// `Server::keep_until`.
    pub keep_until: Timestamp,
    /// Ids of what tells apps that a session ended.
    pub new_id: &'a mut (dyn FnMut() -> DeliveryId + Send),
}

/// What came of an action on an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    /// It was done, and is recorded.
    Yes,
    /// It was so before: nothing was done.
    Already,
    /// Nobody but this person could undo it or run the server: an operator has to be left.
    LastOperator,
    /// There is no such account.
    NoAccount,
}

/// All operators' rows are locked: of two who end each other at once, one is refused.
async fn is_last_operator(tx: &mut Tx, id: UserId) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET role = role WHERE role = 'operator' AND disabled_at IS NULL RETURNING id";
    let rows = tx.query(sql, params![]).await?;
    Ok(rows.len() == 1 && rows.first().is_some_and(|row| row.id::<UserId>(0).is_ok_and(|last| last == id)))
}

/// Raises the account's epoch, so that tokens, logins and sessions of before are dead, and ends its sessions, of which apps
/// are told.
async fn end_all(tx: &mut Tx, id: UserId, ending: &mut Ending<'_>) -> Result<bool, StoreError> {
    let rows = tx.query("UPDATE users SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch", params![id]).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    tx.revoke(FeedEntry::User(id, row.u32(0)?), ending.keep_until);
    logout::end_all_within(tx, id, ending.now, &mut *ending.new_id).await?;
    Ok(true)
}

/// Closes an account: nobody signs in to it, and everything of it is dead when this returns.
pub async fn lock(store: &Store, id: UserId, record: &AuditRecord, mut ending: Ending<'_>) -> Result<Done, StoreError> {
    let mut tx = store.begin().await?;
    if is_last_operator(&mut tx, id).await? {
        return Ok(Done::LastOperator);
    }
    let sql = "UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL";
    if tx.execute(sql, params![id, ending.now]).await? == 0 {
        return why_not(store, tx, id).await;
    }
    end_all(&mut tx, id, &mut ending).await?;
    finish(store, tx, record).await
}

/// Opens it again. What was dead stays dead.
pub async fn unlock(store: &Store, id: UserId, record: &AuditRecord) -> Result<Done, StoreError> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE users SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL";
    if tx.execute(sql, params![id]).await? == 0 {
        return why_not(store, tx, id).await;
    }
    finish(store, tx, record).await
}

/// Ends all sessions and all connected apps: each asks anew.
pub async fn revoke(
    store: &Store,
    id: UserId,
    record: &AuditRecord,
    mut ending: Ending<'_>,
) -> Result<Done, StoreError> {
    let mut tx = store.begin().await?;
    if !end_all(&mut tx, id, &mut ending).await? {
        return Ok(Done::NoAccount);
    }
    tx.execute(
        "UPDATE grants SET removed_at = $2, access_epoch = access_epoch + 1, login_epoch = login_epoch + 1
         WHERE user_id = $1 AND removed_at IS NULL",
        params![id, ending.now],
    )
    .await?;
    tx.execute("DELETE FROM remembered_browsers WHERE user_id = $1", params![id]).await?;
    finish(store, tx, record).await
}

/// Replaces the password by one that nobody knows and ends all sessions and logins; `mail` writes to the owner how to choose
/// another.
pub async fn force_new_password(
    store: &Store,
    id: UserId,
    nobody_knows: &PasswordHash,
    mail: &[Statement],
    record: &AuditRecord,
    mut ending: Ending<'_>,
) -> Result<Done, StoreError> {
    let mut tx = store.begin().await?;
    if !end_all(&mut tx, id, &mut ending).await? {
        return Ok(Done::NoAccount);
    }
    for statement in users::new_password(id, nobody_knows, ending.now).iter().chain(mail) {
        tx.run(statement).await?;
    }
    finish(store, tx, record).await
}

/// Changes what somebody may do. One operator is always left.
pub async fn set_role(store: &Store, id: UserId, role: Role, record: &AuditRecord) -> Result<Done, StoreError> {
    let mut tx = store.begin().await?;
    if role != Role::Operator && is_last_operator(&mut tx, id).await? {
        return Ok(Done::LastOperator);
    }
    let sql = "UPDATE users SET role = $2 WHERE id = $1 AND role <> $2";
    if tx.execute(sql, params![id, role.name()]).await? == 0 {
        return why_not(store, tx, id).await;
    }
    finish(store, tx, record).await
}

/// Writes an invitation and its mail.
pub async fn invite(store: &Store, writes: &[Statement], record: &AuditRecord) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    for statement in writes {
        tx.run(statement).await?;
    }
    finish(store, tx, record).await.map(|_| ())
}

/// Whether somebody is the only one left who may do everything: asked before an account is erased.
pub async fn is_only_operator(store: &Store, id: UserId) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM users WHERE role = 'operator' AND disabled_at IS NULL LIMIT 2";
    let rows = store.read(sql, params![]).await?;
    Ok(rows.len() == 1 && rows.first().is_some_and(|row| row.id::<UserId>(0).is_ok_and(|last| last == id)))
}

async fn finish(store: &Store, mut tx: Tx, record: &AuditRecord) -> Result<Done, StoreError> {
    audit::append(store, &mut tx, record).await?;
    tx.commit().await?;
    Ok(Done::Yes)
}

async fn why_not(store: &Store, tx: Tx, id: UserId) -> Result<Done, StoreError> {
    drop(tx);
    Ok(if users::by_id(store, id).await?.is_some() { Done::Already } else { Done::NoAccount })
}

macro_rules! people {
    ($which:literal) => {
        concat!(
            "SELECT id, public_id, email, display_name, country, product, role, epoch, disabled_at, email_verified, locale
             FROM users WHERE ",
            $which
        )
    };
}

/// Accounts whose address begins with `beginning`, by address, after `after`.
pub async fn by_address(store: &Store, beginning: &str, after: &str, most: i64) -> Result<Vec<User>, StoreError> {
    // Nothing that begins with it sorts behind it and the last character there is.
    let end = format!("{beginning}\u{10ffff}");
    let sql = people!(
        "id IN (SELECT user_id FROM user_emails WHERE email >= $1 AND email <= $2 AND email > $3 ORDER BY email LIMIT $4)
         ORDER BY email"
    );
    store.read_heavy(sql, params![beginning, end, after, most]).await?.iter().map(user).collect()
}

/// Everybody who may do more than a developer.
pub async fn with_roles(store: &Store) -> Result<Vec<User>, StoreError> {
    let sql = people!("role <> 'user' AND role IN ('viewer', 'support', 'operator') ORDER BY role, email LIMIT 500");
    store.read_heavy(sql, params![]).await?.iter().map(user).collect()
}
