//! The redirect URIs of apps, one by one, and when each was last used.

use keysig_core::audit::AuditRecord;
use keysig_core::id::AppId;
use keysig_core::redirect_uri::{MAX_REDIRECT_URIS, RedirectUri};
use keysig_core::time::Timestamp;

use crate::{Statement, Store, StoreError, Write, apps, params};

/// An address and when it was last used.
pub type UsedUri = (RedirectUri, Option<Timestamp>);

/// The addresses of an app in their order.
pub async fn of_app(store: &Store, app: AppId) -> Result<Vec<UsedUri>, StoreError> {
    let sql = "SELECT uri, last_used_at FROM app_redirect_uris WHERE app_id = $1 ORDER BY position, uri";
    let rows = store.read(sql, params![app]).await?;
    rows.iter().map(|row| Ok((RedirectUri::from_store(row.text(0)?.to_owned()), row.opt_timestamp(1)?))).collect()
}

/// Whether an address was registered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Added {
    /// It is there now.
    Yes,
    /// It was before.
    Before,
    /// There are [`MAX_REDIRECT_URIS`] already.
    Full,
}

/// Registers one more, at the end.
pub async fn add(store: &Store, app: AppId, uri: &RedirectUri, record: &AuditRecord) -> Result<Added, StoreError> {
    let mut tx = store.begin().await?;
    // Holds the app's row, so that two additions at once are counted one after the other.
    tx.execute("UPDATE apps SET version = version + 1 WHERE id = $1", params![app]).await?;
    let there = tx.query("SELECT uri, position FROM app_redirect_uris WHERE app_id = $1", params![app]).await?;
    let mut position = 0;
    for row in &there {
        if row.text(0)? == uri.as_str() {
            return Ok(Added::Before);
        }
        position = position.max(row.int(1)? + 1);
    }
    if there.len() >= MAX_REDIRECT_URIS {
        return Ok(Added::Full);
    }
    let sql = "INSERT INTO app_redirect_uris (app_id, uri, position) VALUES ($1, $2, $3)";
    tx.execute(sql, params![app, uri.as_str(), position]).await?;
    apps::finish_change(store, tx, app, record).await?;
    Ok(Added::Yes)
}

/// Removes one; whether it was there. With `and_frame` goes the address that is framed at a sign-out: it may only be where
/// the app is.
pub async fn remove(
    store: &Store,
    app: AppId,
    uri: &str,
    and_frame: bool,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let sql = "DELETE FROM app_redirect_uris WHERE app_id = $1 AND uri = $2";
    if tx.execute(sql, params![app, uri]).await? == 0 {
        return Ok(false);
    }
    if and_frame {
        tx.execute("UPDATE apps SET frontchannel_logout_uri = NULL WHERE id = $1", params![app]).await?;
    }
    apps::finish_change(store, tx, app, record).await?;
    Ok(true)
}

/// Notes that an address was used: a figure for its developer, nothing rests on it.
pub async fn touch(store: &Store, app: AppId, uri: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE app_redirect_uris SET last_used_at = $3 WHERE app_id = $1 AND uri = $2";
    store.write(Write::one(Statement::new(sql, params![app, uri, now]))).await.map(|_| ())
}
