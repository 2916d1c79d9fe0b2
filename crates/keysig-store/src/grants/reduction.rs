//! What takes something away from an agreement. The row, the revocation, the line in the person's own history and what the
//! app is told are one transaction: who reads that an app was paused need not ask whether it is.

use keysig_core::feed::FeedEntry;
use keysig_core::id::{AppId, GrantId, UserId};
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;
use keysig_core::webhook::Reason;

use crate::account_events::{Happened, insertion};
use crate::webhooks::{self, Lost};
use crate::{Row, Store, StoreError, Tx, params};

/// The agreement as the update found it, permissions included.
struct Found {
    id: GrantId,
    app: AppId,
    scopes: ScopeSet,
    access_epoch: u32,
}

impl Found {
    fn of(id: GrantId, row: &Row) -> Result<Self, StoreError> {
        let scopes = ScopeSet::from_bytes(row.id(1)?);
        Ok(Self { id, app: row.id(0)?, scopes, access_epoch: row.u32(2)? })
    }
}

async fn tell(
    tx: &mut Tx,
    user: UserId,
    found: &Found,
    lost: Option<Lost>,
    happened: &Happened,
    keep_until: Timestamp,
) -> Result<(), StoreError> {
    tx.run(&insertion(user, happened)).await?;
    if let Some(lost) = lost {
        webhooks::tell(tx, found.app, user, happened.id, &lost).await?;
    }
    tx.revoke(FeedEntry::GrantAccess(found.id, found.access_epoch), keep_until);
    Ok(())
}

async fn ended(
    mut tx: Tx,
    user: UserId,
    found: &Found,
    lost: Option<Lost>,
    happened: &Happened,
    keep_until: Timestamp,
) -> Result<bool, StoreError> {
    tell(&mut tx, user, found, lost, happened, keep_until).await?;
    tx.commit().await?;
    Ok(true)
}

/// Ends what somebody agreed to with an app, as part of a change that its developer makes; nothing where nothing is in force.
pub(crate) async fn end_by_developer(
    tx: &mut Tx,
    user: UserId,
    app: AppId,
    happened: &Happened,
    now: Timestamp,
    keep_until: Timestamp,
) -> Result<(), StoreError> {
    let rows = tx
        .query(
            "UPDATE grants SET removed_at = $3, access_epoch = access_epoch + 1, login_epoch = login_epoch + 1
             WHERE user_id = $1 AND app_id = $2 AND removed_at IS NULL RETURNING app_id, scopes, access_epoch, id",
            params![user, app, now],
        )
        .await?;
    for row in &rows {
        let found = Found::of(row.id(3)?, row)?;
        let lost = Lost { before: found.scopes, after: None, reason: Reason::ResetByDeveloper };
        tell(tx, user, &found, Some(lost), happened, keep_until).await?;
    }
    Ok(())
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
             WHERE user_id = $1 AND id = $2 AND removed_at IS NULL RETURNING app_id, scopes, access_epoch",
            params![user, id, now],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let found = Found::of(id, row)?;
    let lost = Lost { before: found.scopes, after: None, reason: Reason::RemovedByUser };
    ended(tx, user, &found, Some(lost), happened, keep_until).await
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
             WHERE user_id = $1 AND id = $2 AND removed_at IS NULL AND paused <> $3 RETURNING app_id, scopes, access_epoch",
            params![user, id, paused],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let found = Found::of(id, row)?;
    let lost = Lost { before: found.scopes, after: Some(ScopeSet::EMPTY), reason: Reason::PausedByUser };
    ended(tx, user, &found, Some(lost).filter(|_| paused), happened, keep_until).await
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
             WHERE user_id = $1 AND id = $2 AND removed_at IS NULL RETURNING app_id, scopes, access_epoch",
            params![user, id],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(false) };
    let found = Found::of(id, row)?;
    if found.scopes.intersection(scopes).is_empty() {
        return Ok(false);
    }
    let left = found.scopes.without(scopes);
    let sql = "UPDATE grants SET scopes = $3 WHERE user_id = $1 AND id = $2";
    tx.execute(sql, params![user, id, left.to_bytes()]).await?;
    let lost = Lost { before: found.scopes, after: Some(left), reason: Reason::TurnedOffByUser };
    ended(tx, user, &found, Some(lost), happened, keep_until).await
}
