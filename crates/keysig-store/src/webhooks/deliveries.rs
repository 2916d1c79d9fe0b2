//! Deliveries: taken when they are due, tried again until they arrive or are given up, kept a week to be looked at.

use keysig_core::id::{AppId, DeliveryId, UserId};
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;
use keysig_core::webhook::{EventType, Reason};

use crate::{Row, Statement, Store, StoreError, Write, params};

/// Something an app is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which app.
    pub app: AppId,
    /// Its id.
    pub id: DeliveryId,
    /// What happened.
    pub event: EventType,
    /// When.
    pub created_at: Timestamp,
    /// About whom.
    pub user: Option<UserId>,
    /// The app's name for somebody who is gone.
    pub subject: Option<String>,
    /// What the agreement allowed.
    pub before: Option<ScopeSet>,
    /// What it allows now.
    pub after: Option<ScopeSet>,
    /// Why.
    pub reason: Option<Reason>,
    /// Which secret stops working, by its last characters, and when.
    pub secret: Option<(String, Timestamp)>,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried next; `None`: it arrived or was given up.
    pub next_try_at: Option<Timestamp>,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// Whether it arrived.
    pub arrived: bool,
    /// The status that was answered last, if anything was.
    pub status: Option<u32>,
    /// The beginning of the last answer, or why there was none: a stranger's text.
    pub answer: Option<String>,
}

fn delivery(row: &Row) -> Result<Delivery, StoreError> {
    let scopes = |column| Ok::<_, StoreError>(row.opt_id(column)?.map(ScopeSet::from_bytes));
    let reason = row.opt_text(8)?.map(|name| Reason::from_name(name).ok_or_else(|| row.corrupt(8)));
    let secret = row.opt_text(9)?.map(str::to_owned);
    Ok(Delivery {
        app: row.id(0)?,
        id: row.id(1)?,
        event: EventType::from_name(row.text(2)?).ok_or_else(|| row.corrupt(2))?,
        created_at: row.timestamp(3)?,
        user: row.opt_id(4)?,
        subject: row.opt_text(5)?.map(str::to_owned),
        before: scopes(6)?,
        after: scopes(7)?,
        reason: reason.transpose()?,
        secret: secret.zip(row.opt_timestamp(10)?),
        tries: row.u32(11)?,
        next_try_at: row.opt_timestamp(12)?,
        tried_at: row.opt_timestamp(13)?,
        arrived: row.bool(14)?,
        status: row.opt_int(15)?.and_then(|status| u32::try_from(status).ok()),
        answer: row.opt_text(16)?.map(str::to_owned),
    })
}

/// Deliveries that are due, one of each app and of that the oldest: what happened first is told first, and an app that cannot
/// be reached takes one place and no more. Apps that waited longest come first.
pub async fn due(store: &Store, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, StoreError> {
    let apps = store
        .read(
            "SELECT w.app_id FROM webhooks w WHERE w.waits_until <= $1 AND EXISTS (
                 SELECT 1 FROM webhook_events e WHERE e.app_id = w.app_id AND e.next_try_at <= $1)
             ORDER BY w.waits_until, w.app_id LIMIT $2",
            params![now, limit],
        )
        .await?;
    let mut due = Vec::new();
    for row in &apps {
        let oldest = store
            .read(
                "SELECT app_id, id, kind, created_at, user_id, subject, scopes_before, scopes_after, reason,
                        secret_last_four, secret_expires_at, tries, next_try_at, tried_at, arrived, status, answer
                 FROM webhook_events WHERE app_id = $1 AND next_try_at <= $2 ORDER BY created_at, id LIMIT 1",
                params![row.id::<AppId>(0)?, now],
            )
            .await?;
        due.extend(oldest.first().map(delivery).transpose()?);
    }
    Ok(due)
}

/// The latest of an app, the newest first.
pub async fn of_app(store: &Store, app: AppId, most: i64) -> Result<Vec<Delivery>, StoreError> {
    let rows = store
        .read(
            "SELECT app_id, id, kind, created_at, user_id, subject, scopes_before, scopes_after, reason,
                    secret_last_four, secret_expires_at, tries, next_try_at, tried_at, arrived, status, answer
             FROM webhook_events WHERE app_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
            params![app, most],
        )
        .await?;
    rows.iter().map(delivery).collect()
}

/// One of an app.
pub async fn one(store: &Store, app: AppId, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
    let rows = store
        .read(
            "SELECT app_id, id, kind, created_at, user_id, subject, scopes_before, scopes_after, reason,
                    secret_last_four, secret_expires_at, tries, next_try_at, tried_at, arrived, status, answer
             FROM webhook_events WHERE app_id = $1 AND id = $2",
            params![app, id],
        )
        .await?;
    rows.first().map(delivery).transpose()
}

/// Takes a delivery: it is left alone until `until`, so that where this process dies meanwhile it is sent once more and never
/// lost. `false`: another node took it.
pub async fn take(store: &Store, delivery: &Delivery, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE webhook_events SET tries = tries + 1, tried_at = $4, next_try_at = $5
         WHERE app_id = $1 AND id = $2 AND tries = $3 AND next_try_at IS NOT NULL",
        params![delivery.app, delivery.id, delivery.tries, now, until],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

/// What came of a try.
pub struct Outcome {
    /// Whether it arrived.
    pub arrived: bool,
    /// When it is tried next, if at all.
    pub next_try_at: Option<Timestamp>,
    /// What was answered.
    pub status: Option<u32>,
    /// The beginning of the answer, or why there was none.
    pub answer: String,
    /// Until when nothing else is sent to the app: it did not answer as hoped, and others come first.
    pub app_waits_until: Timestamp,
}

/// Writes down what came of a try.
pub async fn outcome(store: &Store, delivery: &Delivery, outcome: &Outcome) -> Result<(), StoreError> {
    let statement = Statement::new(
        "UPDATE webhook_events SET arrived = $3, next_try_at = $4, status = $5, answer = $6
         WHERE app_id = $1 AND id = $2",
        params![
            delivery.app,
            delivery.id,
            outcome.arrived,
            outcome.next_try_at,
            outcome.status,
            outcome.answer.as_str()
        ],
    );
    let waits = Statement::new(
        "UPDATE webhooks SET waits_until = $2 WHERE app_id = $1",
        params![delivery.app, outcome.app_waits_until],
    );
    store.write(Write::one(statement).and(waits)).await.map(|_| ())
}

/// Has a delivery tried at once, and as often as a new one. `false`: there is none such.
pub async fn again(store: &Store, app: AppId, id: DeliveryId, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE webhook_events SET tries = 0, next_try_at = $3, arrived = 0 WHERE app_id = $1 AND id = $2";
    let waits = Statement::new("UPDATE webhooks SET waits_until = 0 WHERE app_id = $1", params![app]);
    Ok(store.write(Write::one(Statement::new(sql, params![app, id, now])).and(waits)).await?.affected(0) == 1)
}

/// Forgets what happened before `before`, arrived or not.
pub async fn forget(store: &Store, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM webhook_events WHERE created_at < $1";
    store.write(Write::one(Statement::new(sql, params![before]))).await.map(|_| ())
}
