//! Telling apps that a browser session ended (OpenID Connect Back-Channel Logout, Front-Channel Logout).

use keysig_core::id::{AppId, DeliveryId, SessionId, UserId};
use keysig_core::time::Timestamp;

use crate::sessions::deletion;
use crate::{Row, Statement, Store, StoreError, Tx, Write, params};

/// An app that had a login in the session, and wants to be told in the browser.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldInBrowser {
    /// Whose.
    pub app: AppId,
    /// What the browser loads.
    pub frontchannel_logout_uri: String,
    /// Its sector, if it has one: then it calls the session otherwise than others do.
    pub sector: Option<String>,
}

/// A logout token on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// Whose session.
    pub user: UserId,
    /// To which app.
    pub app: AppId,
    /// Which session.
    pub session: SessionId,
    /// How often it was tried.
    pub tries: u32,
}

/// The statement that notes an app in a session.
pub(crate) fn note(user: UserId, session: SessionId, app: AppId) -> Statement {
    Statement::new(
        "INSERT INTO session_apps (user_id, session_id, app_id) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, session_id, app_id) DO NOTHING",
        params![user, session, app],
    )
}

/// Notes that `app` wants to be told when `session` ends. `false`: it has ended, and nobody will tell.
pub async fn note_app(store: &Store, user: UserId, session: SessionId, app: AppId) -> Result<bool, StoreError> {
    let write = Write::one(crate::sessions::hold(user, session)).and(note(user, session, app));
    match store.write(write).await {
        Ok(_) => Ok(true),
        Err(StoreError::AffectedMismatch { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Ends a session. In the same transaction a logout token is put on its way to each app that wants one; those that want
/// to be told in the browser are given back. Ending a session that is not there is no error.
pub async fn end_session(
    store: &Store,
    user: UserId,
    session: SessionId,
    now: Timestamp,
    mut new_id: impl FnMut() -> DeliveryId,
) -> Result<Vec<ToldInBrowser>, StoreError> {
    let mut tx = store.begin().await?;
    let in_browser = end_within(&mut tx, user, session, now, &mut new_id).await?;
    tx.commit().await?;
    Ok(in_browser)
}

/// Does a write, and in the same transaction ends all sessions of a user but `kept`: who chose another password, so that an
/// old session is worth nothing, is never told so while one lives on.
pub async fn write_and_end_others(
    store: &Store,
    write: Write,
    user: UserId,
    kept: Option<SessionId>,
    now: Timestamp,
    mut new_id: impl FnMut() -> DeliveryId,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    for statement in &write.statements {
        tx.run(statement).await?;
    }
    for (entry, keep_until) in write.feed {
        tx.revoke(entry, keep_until);
    }
    end_others_within(&mut tx, user, kept, now, &mut new_id).await?;
    tx.commit().await
}

/// Ends all sessions of a user, as part of what an operator does.
pub(crate) async fn end_all_within(
    tx: &mut Tx,
    user: UserId,
    now: Timestamp,
    mut new_id: &mut (dyn FnMut() -> DeliveryId + Send),
) -> Result<(), StoreError> {
    end_others_within(tx, user, None, now, &mut new_id).await
}

async fn end_others_within(
    tx: &mut Tx,
    user: UserId,
    kept: Option<SessionId>,
    now: Timestamp,
    new_id: &mut impl FnMut() -> DeliveryId,
) -> Result<(), StoreError> {
    for row in &tx.query("SELECT id FROM sessions WHERE user_id = $1", params![user]).await? {
        let session: SessionId = row.id(0)?;
        if Some(session) != kept {
            end_within(tx, user, session, now, new_id).await?;
        }
    }
    Ok(())
}

async fn end_within(
    tx: &mut Tx,
    user: UserId,
    session: SessionId,
    now: Timestamp,
    new_id: &mut impl FnMut() -> DeliveryId,
) -> Result<Vec<ToldInBrowser>, StoreError> {
    // Nobody is told twice: whoever deletes the row of the session tells. And nobody is forgotten: apps are read after it,
    // and none can be noted once it is gone.
    if tx.run(&deletion(user, session)).await?.affected == 0 {
        return Ok(Vec::new());
    }
    let rows = tx
        .query(
            "SELECT s.app_id, a.backchannel_logout_uri, a.frontchannel_logout_uri, a.sector
             FROM session_apps s JOIN apps a ON a.id = s.app_id
             WHERE s.user_id = $1 AND s.session_id = $2 ORDER BY s.app_id",
            params![user, session],
        )
        .await?;
    let mut in_browser = Vec::new();
    for row in &rows {
        let app: AppId = row.id(0)?;
        if row.opt_text(1)?.is_some() {
            tx.execute(
                "INSERT INTO logout_deliveries (id, user_id, app_id, session_id, tries, next_try_at)
                 VALUES ($1, $2, $3, $4, 0, $5)",
                params![new_id(), user, app, session, now],
            )
            .await?;
        }
        if let Some(uri) = row.opt_text(2)? {
            let sector = row.opt_text(3)?.map(str::to_owned);
            in_browser.push(ToldInBrowser { app, frontchannel_logout_uri: uri.to_owned(), sector });
        }
    }
    tx.execute("DELETE FROM session_apps WHERE user_id = $1 AND session_id = $2", params![user, session]).await?;
    Ok(in_browser)
}

fn delivery(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery { id: row.id(0)?, user: row.id(1)?, app: row.id(2)?, session: row.id(3)?, tries: row.u32(4)? })
}

/// Deliveries that are due.
pub async fn due(store: &Store, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, StoreError> {
    let sql = "SELECT id, user_id, app_id, session_id, tries FROM logout_deliveries
               WHERE next_try_at <= $1 ORDER BY next_try_at LIMIT $2";
    store.read(sql, params![now, limit]).await?.iter().map(delivery).collect()
}

/// Takes a delivery: the next try is at `next_try_at` unless it arrives. `false`: another node took it.
pub async fn take(store: &Store, delivery: &Delivery, next_try_at: Timestamp) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE logout_deliveries SET tries = tries + 1, next_try_at = $4 WHERE id = $1 AND user_id = $2 AND tries = $3",
        params![delivery.id, delivery.user, delivery.tries, next_try_at],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

/// Forgets a delivery: it arrived, or was given up.
pub async fn done(store: &Store, delivery: &Delivery) -> Result<(), StoreError> {
    let sql = "DELETE FROM logout_deliveries WHERE id = $1 AND user_id = $2";
    store.write(Write::one(Statement::new(sql, params![delivery.id, delivery.user]))).await.map(|_| ())
}
