//! How an app stops, changes hands, or ends. Each is recorded, and everything of it that is to be dead is dead when these
//! return.

use keysig_core::audit::AuditRecord;
use keysig_core::feed::FeedEntry;
use keysig_core::id::AppId;
use keysig_core::time::Timestamp;

use crate::{Statement, Store, StoreError, Tx, apps, params, webhooks};

/// Who switches an app off or on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Switch {
    /// Its developer.
    Owner,
    /// The operator: its developer cannot undo that.
    Operator,
}

/// Raises the app's epoch within `sql`, of which tokens, codes and logins of before die.
async fn end_tokens(tx: &mut Tx, id: AppId, sql: &'static str, keep_until: Timestamp) -> Result<bool, StoreError> {
    let rows = tx.query(sql, params![id]).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    tx.revoke(FeedEntry::App(id, row.u32(0)?), keep_until);
    Ok(true)
}

/// Switches an app off. `false`: it is off already, by whoever may say so.
pub async fn pause(
    store: &Store,
    id: AppId,
    by: Switch,
    keep_until: Timestamp,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let sql = match by {
        Switch::Owner => "UPDATE apps SET paused = 1, epoch = epoch + 1 WHERE id = $1 AND paused = 0 RETURNING epoch",
        Switch::Operator => {
            "UPDATE apps SET paused = 1, paused_by_operator = 1, epoch = epoch + 1
             WHERE id = $1 AND paused_by_operator = 0 RETURNING epoch"
        }
    };
    let mut tx = store.begin().await?;
    if !end_tokens(&mut tx, id, sql, keep_until).await? {
        return Ok(false);
    }
    apps::finish_change(store, tx, id, record).await?;
    Ok(true)
}

/// Switches it on again. What was dead stays dead. `false`: it is on, or not for this one to switch on.
pub async fn resume(store: &Store, id: AppId, by: Switch, record: &AuditRecord) -> Result<bool, StoreError> {
    let sql = match by {
        Switch::Owner => "UPDATE apps SET paused = 0 WHERE id = $1 AND paused = 1 AND paused_by_operator = 0",
        Switch::Operator => "UPDATE apps SET paused = 0, paused_by_operator = 0 WHERE id = $1 AND paused = 1",
    };
    let mut tx = store.begin().await?;
    if tx.execute(sql, params![id]).await? == 0 {
        return Ok(false);
    }
    apps::finish_change(store, tx, id, record).await?;
    Ok(true)
}

/// Ends everybody's access through an app: each person is asked anew.
pub async fn reset(
    store: &Store,
    id: AppId,
    now: Timestamp,
    keep_until: Timestamp,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    // Before the agreements go, from which it is known of whom the app is told.
    tx.run(&webhooks::told_of_reset(id, now)).await?;
    tx.execute(
        "UPDATE grants SET removed_at = $2, access_epoch = access_epoch + 1, login_epoch = login_epoch + 1
         WHERE app_id = $1 AND removed_at IS NULL",
        params![id, now],
    )
    .await?;
    end_tokens(&mut tx, id, "UPDATE apps SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch", keep_until).await?;
    apps::finish_change(store, tx, id, record).await
}

/// Tables whose rows of an app outlive it, and why: its client ID is never given to another, the audit tells of it,
/// and its logins, which rest on nothing then, are removed by and by ([`sweep_logins`]).
pub const KEPT: [&str; 3] = ["client_ids", "audit", "logins"];

macro_rules! deleted {
    ($($table:literal)*) => {
        /// Tables of which every row of the app goes, in this order.
        pub const DELETED: &[(&str, &str)] =
            &[$(($table, concat!("DELETE FROM ", $table, " WHERE app_id = $1"))),*];
    };
}

deleted! {
    "grants" "app_redirect_uris" "app_post_logout_uris" "app_secrets" "app_secret_uses" "app_test_users" "app_reports"
    "app_offers" "inspector" "webhooks" "webhook_secrets" "webhook_events" "app_usage" "app_active_users"
    "app_logos" "app_reviews" "test_invitations" "fake_users" "review_messages"
    "authorization_requests" "device_authorizations" "session_apps" "logout_deliveries"
}

/// Deletes an app with everything that people allowed it. `false`: there is none.
pub async fn delete(store: &Store, id: AppId, keep_until: Timestamp, record: &AuditRecord) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let raise = "UPDATE apps SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch";
    if !end_tokens(&mut tx, id, raise, keep_until).await? {
        return Ok(false);
    }
    // Receipts hang on the agreement and know no app.
    tx.execute(
        "DELETE FROM grant_uses WHERE (user_id, grant_id) IN (SELECT user_id, id FROM grants WHERE app_id = $1)",
        params![id],
    )
    .await?;
    for (_, sql) in DELETED {
        tx.execute(sql, params![id]).await?;
    }
    tx.execute("DELETE FROM apps WHERE id = $1", params![id]).await?;
    apps::finish_change(store, tx, id, record).await?;
    sweep_logins(store, id).await?;
    Ok(true)
}

/// Removes the logins of an app that is no more, some at a time, so that nobody who logs in elsewhere waits for it.
async fn sweep_logins(store: &Store, id: AppId) -> Result<(), StoreError> {
    let sql = "DELETE FROM logins WHERE id IN (SELECT id FROM logins WHERE app_id = $1 LIMIT 500)";
    loop {
        let write = crate::Write::one(Statement::new(sql, params![id]));
        if store.write(write).await?.affected(0) == 0 {
            return Ok(());
        }
    }
}
