//! Receipts: how often an app used a permission, per day, without what it read or wrote.

use keysig_core::id::{AppId, GrantId, UserId};
use keysig_core::scope::ScopeId;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, params};

/// The number of a call that needed no permission, in the column of permissions.
const NO_SCOPE: i64 = -1;

/// How often one permission of one agreement was used, on a day or in a span of days.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GrantUse {
    /// Whose.
    pub user: UserId,
    /// By which agreement.
    pub grant: GrantId,
    /// Which permission; `None` where a call needed none.
    pub scope: Option<ScopeId>,
    /// The day, or the last of the span, since 1970, UTC.
    pub day: i64,
    /// So many calls.
    pub uses: i64,
    /// The latest of them.
    pub last_used_at: Timestamp,
}

fn number(scope: Option<ScopeId>) -> i64 {
    scope.map_or(NO_SCOPE, |scope| i64::from(scope.number()))
}

fn scope(row: &Row, column: usize) -> Result<Option<ScopeId>, StoreError> {
    match row.int(column)? {
        NO_SCOPE => Ok(None),
        number => u8::try_from(number).ok().and_then(ScopeId::from_number).map(Some).ok_or_else(|| row.corrupt(column)),
    }
}

fn grant_use(row: &Row) -> Result<GrantUse, StoreError> {
    Ok(GrantUse {
        user: row.id(0)?,
        grant: row.id(1)?,
        scope: scope(row, 2)?,
        day: row.int(3)?,
        uses: row.int(4)?,
        last_used_at: row.timestamp(5)?,
    })
}

/// Adds to what is counted, in one write: nodes that count beside each other add up. What an agreement was used for is
/// kept only as long as the agreement's row is there, so that nothing of a deleted account comes back from memory.
///
/// Give the counts sorted by user and agreement, so that two nodes do not wait for each other in a circle.
pub async fn add(store: &Store, counts: &[GrantUse]) -> Result<(), StoreError> {
    let mut write = Write::default();
    let mut held = None;
    for count in counts {
        if held != Some((count.user, count.grant)) {
            held = Some((count.user, count.grant));
            // An update and not a read: whoever deletes the agreement meanwhile does so before or after all of this.
            write = write.and(Statement::new(
                "UPDATE grants SET last_used_at = CASE WHEN last_used_at < $3 THEN $3 ELSE last_used_at END
                 WHERE user_id = $1 AND id = $2",
                params![count.user, count.grant, latest_of(counts, count)],
            ));
        }
        write = write.and(Statement::new(
            "INSERT INTO grant_uses (user_id, grant_id, scope, day, uses, last_used_at)
             SELECT user_id, id, CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS BIGINT)
             FROM grants WHERE user_id = $1 AND id = $2
             ON CONFLICT (user_id, grant_id, scope, day) DO UPDATE SET
                 uses = grant_uses.uses + excluded.uses,
                 last_used_at = CASE WHEN grant_uses.last_used_at < excluded.last_used_at
                                     THEN excluded.last_used_at ELSE grant_uses.last_used_at END",
            params![count.user, count.grant, number(count.scope), count.day, count.uses, count.last_used_at],
        ));
    }
    if counts.is_empty() { Ok(()) } else { store.write(write).await.map(|_| ()) }
}

fn latest_of(counts: &[GrantUse], of: &GrantUse) -> Timestamp {
    let same = counts.iter().filter(|count| count.user == of.user && count.grant == of.grant);
    same.fold(of.last_used_at, |latest, count| latest.later(count.last_used_at))
}

/// What each app of a person used: for each agreement and permission the calls since `since_day`, and the last one ever
/// counted.
pub async fn of_user(store: &Store, user: UserId, since_day: i64) -> Result<Vec<GrantUse>, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT user_id, grant_id, scope, MAX(day),
                    CAST(SUM(CASE WHEN day >= $2 THEN uses ELSE 0 END) AS BIGINT), MAX(last_used_at)
             FROM grant_uses WHERE user_id = $1 GROUP BY user_id, grant_id, scope",
            params![user, since_day],
        )
        .await?;
    rows.iter().map(grant_use).collect()
}

/// The receipts of one agreement, day by day, the newest first.
pub async fn of_grant(
    store: &Store,
    user: UserId,
    grant: GrantId,
    since_day: i64,
) -> Result<Vec<GrantUse>, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT user_id, grant_id, scope, day, uses, last_used_at FROM grant_uses
             WHERE user_id = $1 AND grant_id = $2 AND day >= $3 ORDER BY day DESC, scope",
            params![user, grant, since_day],
        )
        .await?;
    rows.iter().map(grant_use).collect()
}

/// The permissions an app exercised on `since_day` (days since 1970, UTC) or later, by any agreement that still stands,
/// the lowest number first. What it may ask for and is not among these, it could do without.
pub async fn exercised_by_app(store: &Store, app: AppId, since_day: i64) -> Result<Vec<ScopeId>, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT DISTINCT used.scope FROM grants
             JOIN grant_uses used ON used.user_id = grants.user_id AND used.grant_id = grants.id
             WHERE grants.app_id = $1 AND grants.removed_at IS NULL AND used.day >= $2 AND used.scope >= 0
             ORDER BY used.scope",
            params![app, since_day],
        )
        .await?;
    rows.iter().filter_map(|row| scope(row, 0).transpose()).collect()
}

/// Forgets the receipts of days before `before_day`.
pub async fn forget(store: &Store, before_day: i64) -> Result<u64, StoreError> {
    let sql = "DELETE FROM grant_uses WHERE day < $1";
    Ok(store.write(Write::one(Statement::new(sql, params![before_day]))).await?.affected(0))
}
