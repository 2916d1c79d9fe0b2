//! Webhooks: where apps are told, and what they are told, from the transaction that it tells of until it arrived.

mod deliveries;
mod told;

pub use deliveries::{Delivery, Outcome, again, due, forget, of_app, one, outcome, take};
pub use told::{Lost, add_test, note_expiring, told_of_reset};
pub(crate) use told::{goodbyes, tell};

use keysig_core::audit::AuditRecord;
use keysig_core::id::{AppId, EventId};
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Tx, audit, params};

/// What deliveries of an app are signed with.
#[derive(Clone)]
pub struct SigningSecret {
    /// Which.
    pub id: EventId,
    /// Sealed.
    pub sealed: Vec<u8>,
    /// Its last characters, to tell secrets apart.
    pub last_four: String,
    /// From when on it no longer signs.
    pub retires_at: Option<Timestamp>,
}

/// Where an app is told.
pub struct Webhook {
    /// The address.
    pub url: String,
    /// Those that sign at the time it was read, the newest first.
    pub secrets: Vec<SigningSecret>,
}

fn signing_secret(row: &Row) -> Result<SigningSecret, StoreError> {
    Ok(SigningSecret {
        id: row.id(0)?,
        sealed: row.blob(1)?.to_vec(),
        last_four: row.text(2)?.to_owned(),
        retires_at: row.opt_timestamp(3)?,
    })
}

/// The webhook of an app, if it has one.
pub async fn of(store: &Store, app: AppId, now: Timestamp) -> Result<Option<Webhook>, StoreError> {
    let rows = store.read("SELECT url FROM webhooks WHERE app_id = $1", params![app]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let sql = "SELECT id, secret, last_four, retires_at FROM webhook_secrets
               WHERE app_id = $1 AND (retires_at IS NULL OR retires_at > $2) ORDER BY id DESC";
    let secrets = store.read(sql, params![app, now]).await?;
    Ok(Some(Webhook {
        url: row.text(0)?.to_owned(),
        secrets: secrets.iter().map(signing_secret).collect::<Result<_, _>>()?,
    }))
}

/// Sets or changes the address; what waits to be told goes to the new one. `first` is the signing secret of an app that
/// has none yet.
pub async fn set(
    store: &Store,
    app: AppId,
    url: &str,
    first: &SigningSecret,
    now: Timestamp,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    tx.execute(
        "INSERT INTO webhooks (app_id, url, created_at, waits_until) VALUES ($1, $2, $3, 0)
         ON CONFLICT (app_id) DO UPDATE SET url = excluded.url, waits_until = 0",
        params![app, url, now],
    )
    .await?;
    // The row of the webhook is locked by now: of two at once one makes a secret.
    let has_one = !tx.query("SELECT id FROM webhook_secrets WHERE app_id = $1", params![app]).await?.is_empty();
    if !has_one {
        tx.run(&insertion(app, first)).await?;
    }
    finish(store, tx, record).await?;
    Ok(!has_one)
}

/// Takes the address away, with its secrets and everything that was told or waits to be.
pub async fn remove(store: &Store, app: AppId, record: &AuditRecord) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    for statement in &removal(app) {
        tx.run(statement).await?;
    }
    finish(store, tx, record).await
}

/// What goes with a webhook, as part of another change: an app that is deleted.
pub fn removal(app: AppId) -> [Statement; 3] {
    [
        Statement::new("DELETE FROM webhooks WHERE app_id = $1", params![app]),
        Statement::new("DELETE FROM webhook_secrets WHERE app_id = $1", params![app]),
        Statement::new("DELETE FROM webhook_events WHERE app_id = $1", params![app]),
    ]
}

fn insertion(app: AppId, secret: &SigningSecret) -> Statement {
    Statement::new(
        "INSERT INTO webhook_secrets (app_id, id, secret, last_four, retires_at) VALUES ($1, $2, $3, $4, $5)",
        params![app, secret.id, secret.sealed.as_slice(), secret.last_four.as_str(), secret.retires_at],
    )
}

/// Adds a signing secret; the one before signs until `old_until`, and the one before that no longer. `false`: the app has no
/// webhook.
pub async fn rotate(
    store: &Store,
    app: AppId,
    new: &SigningSecret,
    old_until: Timestamp,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    // An update and not a read, so that of two rotations at once the second sees what the first made.
    if tx.execute("UPDATE webhooks SET url = url WHERE app_id = $1", params![app]).await? == 0 {
        return Ok(false);
    }
    let sql = "DELETE FROM webhook_secrets WHERE app_id = $1 AND retires_at IS NOT NULL";
    tx.execute(sql, params![app]).await?;
    tx.execute("UPDATE webhook_secrets SET retires_at = $2 WHERE app_id = $1", params![app, old_until]).await?;
    tx.run(&insertion(app, new)).await?;
    finish(store, tx, record).await?;
    Ok(true)
}

async fn finish(store: &Store, mut tx: Tx, record: &AuditRecord) -> Result<(), StoreError> {
    audit::append(store, &mut tx, record).await?;
    tx.commit().await
}
