//! What people report about apps, for those who run the instance.

use keysig_core::id::{AppId, ReportId, UserId};

use crate::{Statement, Store, StoreError, Write, params};
use keysig_core::time::Timestamp;

/// One report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// About whom.
    pub app: AppId,
    /// By whom; the makers of the app do not learn it.
    pub user: UserId,
    /// One of a few names.
    pub category: String,
    /// In their own words.
    pub words: String,
    /// When.
    pub created_at: Timestamp,
}

/// Keeps a report.
pub async fn add(store: &Store, report: &Report) -> Result<(), StoreError> {
    let statement = Statement::new(
        "INSERT INTO app_reports (app_id, id, user_id, category, words, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        params![report.app, report.id, report.user, report.category.as_str(), report.words.as_str(), report.created_at],
    );
    store.write(Write::one(statement)).await.map(|_| ())
}

/// The reports about an app, the latest first.
pub async fn of_app(store: &Store, app: AppId, most: i64) -> Result<Vec<Report>, StoreError> {
    let sql = "SELECT id, app_id, user_id, category, words, created_at FROM app_reports
               WHERE app_id = $1 ORDER BY id DESC LIMIT $2";
    let rows = store.read(sql, params![app, most]).await?;
    rows.iter()
        .map(|row| {
            Ok(Report {
                id: row.id(0)?,
                app: row.id(1)?,
                user: row.id(2)?,
                category: row.text(3)?.to_owned(),
                words: row.text(4)?.to_owned(),
                created_at: row.timestamp(5)?,
            })
        })
        .collect()
}
