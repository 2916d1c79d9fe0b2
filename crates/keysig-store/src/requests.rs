//! Authorization requests that wait for a person (`tx` in addresses).

use keysig_core::id::{AppId, LoginId, RequestId, UserId};
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, params, spent_tickets};

/// How a request was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answered {
    /// When.
    pub at: Timestamp,
    /// Allowed, or not.
    pub allowed: bool,
    /// By whom.
    pub by: UserId,
}

/// A waiting request.
#[derive(Clone, Debug)]
pub struct PendingRequest {
    /// Its id.
    pub id: RequestId,
    /// MAC of the browser's cookie: in another browser there is no such request (consent CSRF, login CSRF).
    pub browser_mac: [u8; 32],
    /// Whose request.
    pub app: AppId,
    /// The login it will become.
    pub login: LoginId,
    /// The checked parameters, as JSON.
    pub body: String,
    /// When it is forgotten.
    pub expires_at: Timestamp,
    /// How it was answered, if it was.
    pub answered: Option<Answered>,
}

fn pending(row: &Row) -> Result<PendingRequest, StoreError> {
    let answered = match (row.opt_timestamp(6)?, row.opt_int(7)?, row.opt_id(8)?) {
        (Some(at), Some(allowed), Some(by)) => Some(Answered { at, allowed: allowed == 1, by }),
        _ => None,
    };
    Ok(PendingRequest {
        id: row.id(0)?,
        browser_mac: row.id(1)?,
        app: row.id(2)?,
        login: row.id(3)?,
        body: row.text(4)?.to_owned(),
        expires_at: row.timestamp(5)?,
        answered,
    })
}

/// Keeps a request.
pub async fn add(store: &Store, request: &PendingRequest) -> Result<(), StoreError> {
    let statement = Statement::new(
        "INSERT INTO authorization_requests (id, browser_mac, app_id, login_id, body, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![request.id, request.browser_mac, request.app, request.login, request.body.as_str(), request.expires_at],
    );
    store.write(Write::one(statement)).await.map(|_| ())
}

/// The request of this id.
pub async fn find(store: &Store, id: RequestId) -> Result<Option<PendingRequest>, StoreError> {
    let rows = store
        .read(
            "SELECT id, browser_mac, app_id, login_id, body, expires_at, answered_at, allowed, answered_by
             FROM authorization_requests WHERE id = $1",
            params![id],
        )
        .await?;
    rows.first().map(pending).transpose()
}

/// Replaces the parameters of a request that was not answered.
pub async fn rewrite(store: &Store, id: RequestId, body: &str) -> Result<(), StoreError> {
    let sql = "UPDATE authorization_requests SET body = $2 WHERE id = $1 AND answered_at IS NULL";
    store.write(Write::one(Statement::new(sql, params![id, body]))).await.map(|_| ())
}

/// Notes the answer, once. `false`: it was answered before.
pub async fn answer(store: &Store, id: RequestId, answered: Answered) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE authorization_requests SET answered_at = $2, allowed = $3, answered_by = $4
         WHERE id = $1 AND answered_at IS NULL",
        params![id, answered.at, answered.allowed, answered.by],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

/// An hour, and the time an answered one may still be asked for again.
const KEPT_SECONDS: i64 = 3600 + 120;

/// Deletes the expired requests, sessions and spent tickets. Gives how many went.
pub async fn forget_expired(store: &Store, now: Timestamp) -> Result<u64, StoreError> {
    // A request lives an hour from the time in its id; a little later nobody needs even the answer.
    let bound = crate::time_bound(now.plus_seconds(-KEPT_SECONDS));
    let write = Write::one(Statement::new("DELETE FROM authorization_requests WHERE id < $1", params![bound]))
        .and(Statement::new(
            "DELETE FROM session_apps WHERE EXISTS (SELECT 1 FROM sessions s WHERE s.expires_at < $1
                AND s.user_id = session_apps.user_id AND s.id = session_apps.session_id)",
            params![now],
        ))
        .and(Statement::new("DELETE FROM sessions WHERE expires_at < $1", params![now]))
        .and(spent_tickets::forgetting(now));
    let written = store.write(write).await?;
    Ok(written.affected(0) + written.affected(2))
}
