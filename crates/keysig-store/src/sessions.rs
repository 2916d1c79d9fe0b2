//! Browser sessions of signed-in users.

use keysig_core::feed::Epoch;
use keysig_core::grant::Amr;
use keysig_core::id::{SessionId, UserId};
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Value, Write, params};

/// A session as stored: its secret only as a MAC.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// MAC of the secret in the cookie.
    pub secret_mac: [u8; 32],
    /// The user's epoch at sign-in: raised since, the session is dead.
    pub user_epoch: Epoch,
    /// When the person signed in.
    pub auth_time: Timestamp,
    /// And how.
    pub amr: Amr,
    /// To the hour.
    pub last_seen_at: Timestamp,
    /// Its absolute end.
    pub expires_at: Timestamp,
    /// What the browser called itself, cut short.
    pub user_agent: String,
    /// When it began; signing in again goes on with it.
    pub created_at: Timestamp,
    /// When the person last showed that it is them: by signing in, or before a change of their account.
    pub checked_at: Timestamp,
    /// When they last did so by a second factor or a passkey, in this session.
    pub second_factor_at: Option<Timestamp>,
    /// The address it was last begun or renewed from.
    pub address: String,
}

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.id(0)?,
        user: row.id(1)?,
        secret_mac: row.id(2)?,
        user_epoch: row.u32(3)?,
        auth_time: row.timestamp(4)?,
        amr: row.amr(5)?,
        last_seen_at: row.timestamp(6)?,
        expires_at: row.timestamp(7)?,
        user_agent: row.text(8)?.to_owned(),
        created_at: row.timestamp(9)?,
        checked_at: row.timestamp(10)?,
        address: row.text(11)?.to_owned(),
        second_factor_at: row.opt_timestamp(12)?,
    })
}

/// Writes a new session.
pub async fn start(store: &Store, session: &Session) -> Result<(), StoreError> {
    let statement = Statement::new(
        "INSERT INTO sessions (user_id, id, secret_mac, user_epoch, auth_time, amr, last_seen_at, expires_at,
                               user_agent, checked_at, address, second_factor_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        [columns(session), params![session.created_at]].concat(),
    );
    store.write(Write::one(statement)).await.map(|_| ())
}

/// The same person signed in again: the session goes on under a new secret. `false`: it has ended meanwhile.
pub async fn renew(store: &Store, session: &Session) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE sessions SET secret_mac = $3, user_epoch = $4, auth_time = $5, amr = $6, last_seen_at = $7,
                             expires_at = $8, user_agent = $9, checked_at = $10, address = $11,
                             second_factor_at = $12
         WHERE user_id = $1 AND id = $2",
        columns(session),
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

fn columns(session: &Session) -> Vec<Value> {
    params![
        session.user,
        session.id,
        session.secret_mac,
        session.user_epoch,
        session.auth_time,
        session.amr.bits(),
        session.last_seen_at,
        session.expires_at,
        session.user_agent.as_str(),
        session.checked_at,
        session.address.as_str(),
        session.second_factor_at
    ]
}

pub(crate) fn deletion(user: UserId, id: SessionId) -> Statement {
    Statement::new("DELETE FROM sessions WHERE user_id = $1 AND id = $2", params![user, id])
}

/// Fails where the session is not there, and where it is keeps its end waiting until the write is done: whoever ends it sees
/// what was written, and who comes later writes nothing. An update and not a read, so that the row is locked on every engine.
pub(crate) fn hold(user: UserId, id: SessionId) -> Statement {
    let sql = "UPDATE sessions SET last_seen_at = last_seen_at WHERE user_id = $1 AND id = $2";
    Statement::new(sql, params![user, id]).must_affect(1)
}

/// The session of this id.
pub async fn find(store: &Store, user: UserId, id: SessionId) -> Result<Option<Session>, StoreError> {
    let rows = store
        .read(
            "SELECT id, user_id, secret_mac, user_epoch, auth_time, amr, last_seen_at, expires_at, user_agent,
                    created_at, checked_at, address, second_factor_at
             FROM sessions WHERE user_id = $1 AND id = $2",
            params![user, id],
        )
        .await?;
    rows.first().map(session).transpose()
}

/// The sessions of a person, the last seen first; those that have run out may be among them.
pub async fn of_user(store: &Store, user: UserId) -> Result<Vec<Session>, StoreError> {
    let rows = store
        .read(
            "SELECT id, user_id, secret_mac, user_epoch, auth_time, amr, last_seen_at, expires_at, user_agent,
                    created_at, checked_at, address, second_factor_at
             FROM sessions WHERE user_id = $1 ORDER BY last_seen_at DESC, id DESC LIMIT 200",
            params![user],
        )
        .await?;
    rows.iter().map(session).collect()
}

/// Notes that the session was used.
pub async fn touch(store: &Store, user: UserId, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE sessions SET last_seen_at = $3 WHERE user_id = $1 AND id = $2 AND last_seen_at < $3";
    store.write(Write::one(Statement::new(sql, params![user, id, now]))).await.map(|_| ())
}
