//! What apps are told: one row each, written where it happens. An app without a webhook is told nothing.

use keysig_core::id::{AppId, DeliveryId, EventId, UserId};
use keysig_core::openid::subject::subject_in;
use keysig_core::scope::ScopeSet;
use keysig_core::seal::sha256;
use keysig_core::time::Timestamp;
use keysig_core::webhook::{EXPIRING_WITHIN_SECONDS, EventType, Reason};

use crate::{Statement, Store, StoreError, Tx, Write, params};

/// What an agreement lost.
pub struct Lost {
    /// What it allowed.
    pub before: ScopeSet,
    /// What it allows now; `None` where it ended.
    pub after: Option<ScopeSet>,
    /// Why.
    pub reason: Reason,
}

/// Tells an app that an agreement ended or shrank. The delivery has the id of the event in the person's own history.
pub(crate) async fn tell(tx: &mut Tx, app: AppId, user: UserId, event: EventId, lost: &Lost) -> Result<(), StoreError> {
    if tx.query("SELECT app_id FROM webhooks WHERE app_id = $1", params![app]).await?.is_empty() {
        return Ok(());
    }
    let kind = if lost.after.is_some() { EventType::GrantReduced } else { EventType::GrantRevoked };
    tx.execute(
        "INSERT INTO webhook_events (app_id, id, kind, created_at, user_id, scopes_before, scopes_after, reason, tries,
                                     next_try_at, arrived)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $4, 0)",
        params![
            app,
            event,
            kind.name(),
            event.made_at(),
            user,
            lost.before.to_bytes(),
            lost.after.map(ScopeSet::to_bytes),
            lost.reason.name()
        ],
    )
    .await?;
    Ok(())
}

/// Tells an app that its developer ended everybody's access, as part of that: run it before the agreements are removed. Each
/// delivery has the id of its agreement, which ends once.
pub fn told_of_reset(app: AppId, now: Timestamp) -> Statement {
    Statement::new(
        "INSERT INTO webhook_events (app_id, id, kind, created_at, user_id, scopes_before, reason, tries, next_try_at,
                                     arrived)
         SELECT g.app_id, g.id, 'grant.revoked', CAST($2 AS BIGINT), g.user_id, g.scopes, 'reset_by_developer', 0,
                CAST($2 AS BIGINT), 0
         FROM grants g JOIN webhooks w ON w.app_id = g.app_id WHERE g.app_id = $1 AND g.removed_at IS NULL",
        params![app, now],
    )
}

/// What tells the apps that somebody ever agreed to that they are gone: they may still hold what they were given. It holds
/// the name that each knows them by, since nobody can look it up any more.
pub(crate) async fn goodbyes(
    tx: &mut Tx,
    user: UserId,
    public_id: &str,
    now: Timestamp,
    new_id: &mut impl FnMut() -> DeliveryId,
) -> Result<Vec<Statement>, StoreError> {
    let told = tx
        .query(
            "SELECT DISTINCT w.app_id, a.sector FROM grants g
             JOIN webhooks w ON w.app_id = g.app_id JOIN apps a ON a.id = g.app_id WHERE g.user_id = $1",
            params![user],
        )
        .await?;
    let goodbye = |row: &crate::Row| {
        let app: AppId = row.id(0)?;
        let subject = subject_in(row.opt_text(1)?, user, public_id);
        Ok(Statement::new(
            "INSERT INTO webhook_events (app_id, id, kind, created_at, subject, tries, next_try_at, arrived)
             VALUES ($1, $2, $3, $4, $5, 0, $4, 0)",
            params![app, new_id(), EventType::UserDeleted.name(), now, subject],
        ))
    };
    told.iter().map(goodbye).collect()
}

/// Tells an app nothing, for its developer to see that it arrives.
pub async fn add_test(store: &Store, app: AppId, id: DeliveryId, now: Timestamp) -> Result<(), StoreError> {
    let statement = Statement::new(
        "INSERT INTO webhook_events (app_id, id, kind, created_at, tries, next_try_at, arrived)
         VALUES ($1, $2, $3, $4, 0, $4, 0)",
        params![app, id, EventType::Test.name(), now],
    );
    store.write(Write::one(statement)).await.map(|_| ())
}

/// Tells apps of their secrets that stop within a day. The delivery's id follows from secret and end, so that each is told
/// once, whichever node looks and however often.
pub async fn note_expiring(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let rows = store
        .read_heavy(
            "SELECT s.app_id, s.secret_hash, s.last_four, s.retires_at FROM webhooks w
             JOIN app_secrets s ON s.app_id = w.app_id WHERE s.retires_at > $1 AND s.retires_at <= $2",
            params![now, now.plus_seconds(EXPIRING_WITHIN_SECONDS)],
        )
        .await?;
    for row in &rows {
        let (app, ends): (AppId, Timestamp) = (row.id(0)?, row.timestamp(3)?);
        let named = sha256(&[b"secret.expiring", row.blob(1)?, &ends.unix_millis().to_be_bytes()].concat());
        let id = named.first_chunk::<16>().copied().unwrap_or_default();
        let statement = Statement::new(
            "INSERT INTO webhook_events (app_id, id, kind, created_at, secret_last_four, secret_expires_at, tries,
                                         next_try_at, arrived)
             VALUES ($1, $2, $3, $4, $5, $6, 0, $4, 0) ON CONFLICT (app_id, id) DO NOTHING",
            params![app, id, EventType::SecretExpiring.name(), now, row.text(2)?, ends],
        );
        store.write(Write::one(statement)).await?;
    }
    Ok(())
}
