//! What the Inspector keeps of requests (`docs/inspector.md`): written in batches beside them, read by the dashboard.

use keysig_core::audit::AuditRecord;
use keysig_core::id::{AppId, EventId, UserId};
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, apps, params};

/// So many records are kept of one app, the latest.
pub const KEPT_PER_APP: i64 = 1000;

/// What is kept of one request. The server knows what the names and the body mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InspectorRecord {
    /// Its id, which holds the time.
    pub id: EventId,
    /// Whose request it was.
    pub app: AppId,
    /// The request's own id, as its answer carried it.
    pub request_id: String,
    /// Where it came to: `authorize`, `token`, …
    pub step: String,
    /// How it ended: `passed`, `warned`, `shown`, `refused`.
    pub outcome: String,
    /// Why, or which page was shown; empty where it passed.
    pub reason: String,
    /// Whom it was about, where that is known.
    pub user: Option<UserId>,
    /// The request without its secrets, and what is known of it, as JSON.
    pub body: String,
}

/// Which records are wanted. `None` is any.
#[derive(Clone, Default, Debug)]
pub struct Wanted {
    /// Of this step.
    pub step: Option<String>,
    /// With this outcome.
    pub outcome: Option<String>,
    /// About this person.
    pub user: Option<UserId>,
    /// Older than this one.
    pub before: Option<EventId>,
    /// Newer than this one.
    pub after: Option<EventId>,
}

fn record(row: &Row) -> Result<InspectorRecord, StoreError> {
    Ok(InspectorRecord {
        id: row.id(0)?,
        app: row.id(1)?,
        request_id: row.text(2)?.to_owned(),
        step: row.text(3)?.to_owned(),
        outcome: row.text(4)?.to_owned(),
        reason: row.text(5)?.to_owned(),
        user: row.opt_id(6)?,
        body: row.text(7)?.to_owned(),
    })
}

/// Writes records in one transaction.
pub async fn add(store: &Store, records: &[InspectorRecord]) -> Result<(), StoreError> {
    let mut write = Write::default();
    for record in records {
        write = write.and(Statement::new(
            "INSERT INTO inspector (app_id, id, request_id, step, outcome, reason, user_id, body)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![
                record.app,
                record.id,
                record.request_id.as_str(),
                record.step.as_str(),
                record.outcome.as_str(),
                record.reason.as_str(),
                record.user,
                record.body.as_str()
            ],
        ));
    }
    if records.is_empty() { Ok(()) } else { store.write(write).await.map(|_| ()) }
}

/// An app's records that are `wanted`, the latest first.
pub async fn of_app(store: &Store, app: AppId, wanted: &Wanted, most: i64) -> Result<Vec<InspectorRecord>, StoreError> {
    let before = wanted.before.map_or([0xff; 16], |before| *before.as_bytes());
    let after = wanted.after.map_or([0; 16], |after| *after.as_bytes());
    let user = wanted.user.map_or([0; 16], |user| *user.as_bytes());
    let rows = store
        .read_heavy(
            "SELECT id, app_id, request_id, step, outcome, reason, user_id, body FROM inspector
             WHERE app_id = $1 AND id < $2 AND id > $3 AND ($4 = '' OR step = $4) AND ($5 = '' OR outcome = $5)
               AND ($6 = 0 OR user_id = $7)
             ORDER BY id DESC LIMIT $8",
            params![
                app,
                before,
                after,
                wanted.step.as_deref().unwrap_or_default(),
                wanted.outcome.as_deref().unwrap_or_default(),
                wanted.user.is_some(),
                user,
                most
            ],
        )
        .await?;
    rows.iter().map(record).collect()
}

/// One record of an app.
pub async fn find(store: &Store, app: AppId, id: EventId) -> Result<Option<InspectorRecord>, StoreError> {
    let rows = store
        .read(
            "SELECT id, app_id, request_id, step, outcome, reason, user_id, body FROM inspector
             WHERE app_id = $1 AND id = $2",
            params![app, id],
        )
        .await?;
    rows.first().map(record).transpose()
}

/// The latest record of a request, by the id that its answer carried.
pub async fn by_request_id(store: &Store, app: AppId, request_id: &str) -> Result<Option<InspectorRecord>, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT id, app_id, request_id, step, outcome, reason, user_id, body FROM inspector
             WHERE app_id = $1 AND request_id = $2 ORDER BY id DESC LIMIT 1",
            params![app, request_id],
        )
        .await?;
    rows.first().map(record).transpose()
}

/// How many requests of an app were refused since then, of those that are kept.
pub async fn refused_since(store: &Store, app: AppId, since: Timestamp) -> Result<u64, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT COUNT(*) FROM inspector WHERE app_id = $1 AND id >= $2 AND outcome = 'refused'",
            params![app, EventId::first_of(since)],
        )
        .await?;
    rows.first().map_or(Ok(0), |row| row.int(0)).map(i64::unsigned_abs)
}

/// Leaves the latest [`KEPT_PER_APP`] records of an app.
pub async fn prune(store: &Store, app: AppId) -> Result<u64, StoreError> {
    let sql = "DELETE FROM inspector WHERE app_id = $1 AND id <=
                   (SELECT id FROM inspector WHERE app_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";
    Ok(store.write(Write::one(Statement::new(sql, params![app, KEPT_PER_APP]))).await?.affected(0))
}

/// Forgets what is from before then, whosever it is.
pub async fn forget(store: &Store, before: Timestamp) -> Result<u64, StoreError> {
    let sql = "DELETE FROM inspector WHERE id < $1";
    Ok(store.write(Write::one(Statement::new(sql, params![EventId::first_of(before)]))).await?.affected(0))
}

/// Lets an app ask for these scopes and no others.
pub async fn enable_scopes(
    store: &Store,
    app: AppId,
    scopes: ScopeSet,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let sql = "UPDATE apps SET scopes = $2 WHERE id = $1";
    apps::change(store, app, &[Statement::new(sql, params![app, scopes])], record).await
}
