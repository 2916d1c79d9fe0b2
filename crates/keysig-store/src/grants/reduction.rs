//! What takes something away from an agreement. The row, the revocation and the line in the person's own history are one
//! transaction: who reads that an app was paused need not ask whether it is.

use keysig_core::feed::FeedEntry;
use keysig_core::id::{GrantId, UserId};
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;

use crate::account_events::{Happened, insertion};
use crate::{Store, StoreError, Tx, params};

async fn ended(
    mut tx: Tx,
    user: UserId,
    id: GrantId,
    access_epoch: u32,
    happened: &Happened,
    keep_until: Timestamp,
) -> Result<bool, StoreError> {
    tx.run(&insertion(user, happened)).await?;
    tx.revoke(FeedEntry::GrantAccess(id, access_epoch), keep_until);
    tx.commit().await?;
    Ok(true)
}

/// Ends an agreement: one row changes, and every login and token that rests on it is dead when this returns. Ending one
/// that is not in force changes nothing and gives `false`.
pub async fn remove(
    store: &Store,
    user: UserId,
    id: GrantId,
    happened: &Happened,
    now: Timestamp,
    keep_until: Timestamp,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let rows = tx
        .query(
            "UPDATE grants SET removed_at = $3, access_epoch = access_epoch + 1, login_epoch = login_epoch + 1
             WHERE user_id = $1 AND id = $2 AND removed_at IS NULL RETURNING access_epoch",
            params![user, id, now],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let epoch = row.u32(0)?;
    ended(tx, user, id, epoch, happened, keep_until).await
}

/// Pauses an agreement, or resumes it. Either way the access tokens made before are dead: while it is paused refreshing
/// gives one that the guard refuses with the reason, and that one dies when it is resumed. Logins live. `false`: it is not
/// in force, or was paused (or not) before.
pub async fn set_paused(
    store: &Store,
    user: UserId,
    id: GrantId,
    paused: bool,
    happened: &Happened,
    keep_until: Timestamp,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let rows = tx
        .query(
            "UPDATE grants SET paused = $3, access_epoch = access_epoch + 1
             WHERE user_id = $1 AND id = $2 AND removed_at IS NULL AND paused <> $3 RETURNING access_epoch",
            params![user, id, paused],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let epoch = row.u32(0)?;
    ended(tx, user, id, epoch, happened, keep_until).await
}

/// Takes permissions out of an agreement. Access tokens are dead, logins live: the next refresh, and a code that is not
/// redeemed yet, give less. `false`: it is not in force, or has none of them.
pub async fn turn_off(
    store: &Store,
    user: UserId,
    id: GrantId,
    scopes: ScopeSet,
    happened: &Happened,
    keep_until: Timestamp,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    // An update and not a read, so that the row is locked on every engine: nothing that is agreed to meanwhile is lost.
    let rows = tx
        .query(
            "UPDATE grants SET access_epoch = access_epoch + 1
             WHERE user_id = $1 AND id = $2 AND removed_at IS NULL RETURNING scopes, access_epoch",
            params![user, id],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let (before, epoch) = (ScopeSet::from_bytes(row.id(0)?), row.u32(1)?);
    if before.intersection(scopes).is_empty() {
        return Ok(false);
    }
    let left = before.without(scopes).to_bytes();
    tx.execute("UPDATE grants SET scopes = $3 WHERE user_id = $1 AND id = $2", params![user, id, left]).await?;
    ended(tx, user, id, epoch, happened, keep_until).await
}
