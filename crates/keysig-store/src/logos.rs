//! Logos of apps, as this server drew them.

use keysig_core::audit::AuditRecord;
use keysig_core::id::{AppId, LogoId};

use crate::{Statement, Store, StoreError, apps, params};

/// The picture of this id, as PNG, as long as an app has it.
pub async fn find(store: &Store, logo: LogoId) -> Result<Option<Vec<u8>>, StoreError> {
    let rows = store.read("SELECT png FROM app_logos WHERE logo = $1 LIMIT 1", params![logo]).await?;
    rows.first().map(|row| Ok(row.blob(0)?.to_vec())).transpose()
}

/// Gives an app a logo, in place of the one it had.
pub async fn set(
    store: &Store,
    app: AppId,
    (logo, png): (LogoId, &[u8]),
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let kept = Statement::new(
        "INSERT INTO app_logos (app_id, logo, png) VALUES ($1, $2, $3)
         ON CONFLICT (app_id) DO UPDATE SET logo = excluded.logo, png = excluded.png",
        params![app, logo, png],
    );
    let named = Statement::new("UPDATE apps SET logo = $2 WHERE id = $1", params![app, logo]).must_affect(1);
    apps::change(store, app, &[kept, named], record).await
}

/// Takes an app's logo away.
pub async fn remove(store: &Store, app: AppId, record: &AuditRecord) -> Result<(), StoreError> {
    let named = Statement::new("UPDATE apps SET logo = NULL WHERE id = $1", params![app]);
    apps::change(store, app, &[removal(app), named], record).await
}

/// What goes with an app that is deleted.
pub fn removal(app: AppId) -> Statement {
    Statement::new("DELETE FROM app_logos WHERE app_id = $1", params![app])
}
