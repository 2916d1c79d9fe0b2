//! Apps as operators look for them, and what they do to them.

use keysig_core::app::OwnQuota;
use keysig_core::audit::AuditRecord;
use keysig_core::id::{AppId, LogoId};
use keysig_core::time::Timestamp;

use crate::{Statement, Store, StoreError, apps, params};

/// An app in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What it is called by in requests.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// Who makes it, in their own words.
    pub developer: String,
    /// Its picture.
    pub logo: Option<LogoId>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Whether it is switched off.
    pub paused: bool,
    /// Whether it is the operator's own.
    pub trusted: bool,
    /// How many people have it connected.
    pub users: u64,
    /// How many reports about it nobody has read.
    pub reports: u64,
}

/// Which apps come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// The newest.
    New,
    /// Those most people have connected.
    Popular,
    /// Those with reports that nobody has read; no others.
    Reported,
}

macro_rules! list {
    ($which:literal, $order:literal) => {
        concat!(
            "SELECT a.client_id, a.name, a.developer, a.created_at, a.paused, a.trusted, COALESCE(g.n, 0), COALESCE(r.n, 0),
                    a.logo
             FROM apps a
             LEFT JOIN (SELECT app_id, COUNT(*) AS n FROM grants WHERE removed_at IS NULL GROUP BY app_id) g
                    ON g.app_id = a.id
             LEFT JOIN (SELECT app_id, COUNT(*) AS n FROM app_reports WHERE handled_at IS NULL GROUP BY app_id) r
                    ON r.app_id = a.id
             WHERE (a.client_id = $1 OR a.name = $1 OR a.developer = $1 OR $1 = '')",
            $which,
            " ORDER BY ",
            $order,
            ", a.client_id LIMIT 100"
        )
    };
}

/// At most a hundred apps; where `sought` is not empty, those with this client ID, name or developer.
pub async fn list(store: &Store, order: Order, sought: &str) -> Result<Vec<Line>, StoreError> {
    let sql = match order {
        Order::New => list!("", "a.created_at DESC"),
        Order::Popular => list!("", "COALESCE(g.n, 0) DESC"),
        Order::Reported => list!(" AND r.n > 0", "COALESCE(r.n, 0) DESC"),
    };
    let rows = store.read_heavy(sql, params![sought]).await?;
    rows.iter()
        .map(|row| {
            Ok(Line {
                client_id: row.text(0)?.to_owned(),
                name: row.text(1)?.to_owned(),
                developer: row.text(2)?.to_owned(),
                created_at: row.timestamp(3)?,
                paused: row.bool(4)?,
                trusted: row.bool(5)?,
                users: row.int(6)?.unsigned_abs(),
                reports: row.int(7)?.unsigned_abs(),
                logo: row.opt_id(8)?,
            })
        })
        .collect()
}

/// How many reports nobody has read.
pub async fn unread_reports(store: &Store) -> Result<u64, StoreError> {
    let rows = store.read_heavy("SELECT COUNT(*) FROM app_reports WHERE handled_at IS NULL", Vec::new()).await?;
    rows.first().map_or(Ok(0), |row| row.int(0)).map(i64::unsigned_abs)
}

/// Says that an app is the operator's own, or no longer.
pub async fn set_trusted(store: &Store, id: AppId, trusted: bool, record: &AuditRecord) -> Result<(), StoreError> {
    let statement = Statement::new("UPDATE apps SET trusted = $2 WHERE id = $1", params![id, trusted]).must_affect(1);
    apps::change(store, id, &[statement], record).await
}

/// Gives an app quotas of its own, or takes them away, and records it.
pub async fn set_quota(store: &Store, id: AppId, quota: OwnQuota, record: &AuditRecord) -> Result<(), StoreError> {
    let sql = "UPDATE apps SET quota_calls = $2, quota_tokens = $3 WHERE id = $1";
    let own = params![id, quota.calls.map(i64::from), quota.tokens.map(i64::from)];
    apps::change(store, id, &[Statement::new(sql, own).must_affect(1)], record).await
}

/// Lets nobody new log in to an app, or everybody again.
pub async fn set_logins_stopped(
    store: &Store,
    id: AppId,
    stopped: bool,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let sql = "UPDATE apps SET logins_stopped = $2 WHERE id = $1";
    apps::change(store, id, &[Statement::new(sql, params![id, stopped]).must_affect(1)], record).await
}

/// Marks the reports about an app as read.
pub async fn reports_read(store: &Store, id: AppId, now: Timestamp, record: &AuditRecord) -> Result<(), StoreError> {
    let sql = "UPDATE app_reports SET handled_at = $2 WHERE app_id = $1 AND handled_at IS NULL";
    apps::change(store, id, &[Statement::new(sql, params![id, now])], record).await
}
