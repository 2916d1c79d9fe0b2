//! What happens to apps, counted by hour, and who used them, by day: figures for their developers (`docs/usage.md`).

use keysig_core::id::{AppId, UserId};

use crate::{Statement, Store, StoreError, Write, params};

/// How often something happened to an app in an hour.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Which app.
    pub app: AppId,
    /// The hour, since 1970, UTC.
    pub hour: i64,
    /// What: the name of a metric of the server.
    pub metric: String,
    /// So often.
    pub amount: i64,
}

/// Somebody who used an app.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Active {
    /// Who.
    pub user: UserId,
    /// Which app.
    pub app: AppId,
    /// The day, since 1970, UTC.
    pub day: i64,
}

/// Adds to what is counted, in one write: nodes that count beside each other add up. Give both sorted, so that two nodes do
/// not wait for each other in a circle. Whose account is gone is not written down again from memory.
pub async fn add(store: &Store, counted: &[Usage], active: &[Active]) -> Result<(), StoreError> {
    let mut write = Write::default();
    for usage in counted {
        write = write.and(Statement::new(
            "INSERT INTO app_usage (app_id, hour, metric, amount) VALUES ($1, $2, $3, $4)
             ON CONFLICT (app_id, hour, metric) DO UPDATE SET amount = app_usage.amount + excluded.amount",
            params![usage.app, usage.hour, usage.metric.as_str(), usage.amount],
        ));
    }
    for active in active {
        write = write.and(Statement::new(
            "INSERT INTO app_active_users (user_id, app_id, day)
             SELECT u.id, a.id, CAST($3 AS BIGINT) FROM users u JOIN apps a ON a.id = $2 WHERE u.id = $1
             ON CONFLICT (user_id, app_id, day) DO NOTHING",
            params![active.user, active.app, active.day],
        ));
    }
    if counted.is_empty() && active.is_empty() { Ok(()) } else { store.write(write).await.map(|_| ()) }
}

/// What happened to an app since an hour, by time.
pub async fn of_app(store: &Store, app: AppId, since_hour: i64) -> Result<Vec<Usage>, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT hour, metric, amount FROM app_usage WHERE app_id = $1 AND hour >= $2 ORDER BY hour, metric",
            params![app, since_hour],
        )
        .await?;
    rows.iter()
        .map(|row| Ok(Usage { app, hour: row.int(0)?, metric: row.text(1)?.to_owned(), amount: row.int(2)? }))
        .collect()
}

/// Logins and refusals of all apps since an hour: by hour, of which there are at most as many as were asked for.
pub async fn of_all(store: &Store, since_hour: i64) -> Result<Vec<(i64, u64, u64)>, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT hour, CAST(SUM(CASE WHEN metric = 'logins' THEN amount ELSE 0 END) AS BIGINT),
                    CAST(SUM(CASE WHEN metric LIKE 'refused:%' THEN amount ELSE 0 END) AS BIGINT)
             FROM app_usage WHERE hour >= $1 GROUP BY hour ORDER BY hour DESC",
            params![since_hour],
        )
        .await?;
    rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?.unsigned_abs(), row.int(2)?.unsigned_abs()))).collect()
}

/// How many people used an app on each day since `since_day` (day, people), and how many different ones in all of them.
pub async fn active_users(store: &Store, app: AppId, since_day: i64) -> Result<(Vec<(i64, u64)>, u64), StoreError> {
    let by_day = store
        .read_heavy(
            "SELECT day, COUNT(*) FROM app_active_users WHERE app_id = $1 AND day >= $2 GROUP BY day ORDER BY day",
            params![app, since_day],
        )
        .await?;
    let by_day =
        by_day.iter().map(|row| Ok((row.int(0)?, row.int(1)?.unsigned_abs()))).collect::<Result<_, StoreError>>();
    let all = "SELECT COUNT(DISTINCT user_id) FROM app_active_users WHERE app_id = $1 AND day >= $2";
    let all = store.read_heavy(all, params![app, since_day]).await?;
    Ok((by_day?, all.first().map_or(Ok(0), |row| row.int(0))?.unsigned_abs()))
}

/// Forgets what was counted before an hour, and who used an app before a day.
pub async fn forget(store: &Store, before_hour: i64, before_day: i64) -> Result<(), StoreError> {
    let counted = Statement::new("DELETE FROM app_usage WHERE hour < $1", params![before_hour]);
    let active = Statement::new("DELETE FROM app_active_users WHERE day < $1", params![before_day]);
    store.write(Write::one(counted).and(active)).await.map(|_| ())
}

/// What goes with an app that is deleted, as part of that.
pub fn removal(app: AppId) -> [Statement; 2] {
    [
        Statement::new("DELETE FROM app_usage WHERE app_id = $1", params![app]),
        Statement::new("DELETE FROM app_active_users WHERE app_id = $1", params![app]),
    ]
}
