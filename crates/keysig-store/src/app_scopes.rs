//! What apps may ask for, and what they say about it.

use keysig_core::app::ConsentSettings;
use keysig_core::audit::AuditRecord;
use keysig_core::id::AppId;
use keysig_core::scope::ScopeSet;

use crate::{Statement, Store, StoreError, apps, params};

/// Sets which scopes an app may ask for (`None`: all there are), which of them are a person's choice, and why it asks.
pub async fn set(
    store: &Store,
    app: AppId,
    scopes: Option<ScopeSet>,
    said: &ConsentSettings,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let sql = "UPDATE apps SET scopes = $2, optional_scopes = $3, scope_reasons = $4 WHERE id = $1";
    let optional = Some(said.optional.to_bytes());
    let values = params![app, scopes.map(ScopeSet::to_bytes), optional, said.print_reasons().as_str()];
    apps::change(store, app, &[Statement::new(sql, values).must_affect(1)], record).await
}
