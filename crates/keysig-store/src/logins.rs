//! Logins: the hot table. Each operation is one conditional statement whose affected rows are counted.

use keysig_core::access_token::Audience;
use keysig_core::feed::FeedEntry;
use keysig_core::grant::{Login, TokenBinding};
use keysig_core::id::{LoginId, SessionId, UserId};
use keysig_core::openid::claims::ClaimsRequest;
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, params};

/// What the insertion of a login found.
#[derive(Debug)]
pub enum Inserted {
    /// The row is new, and durable.
    New,
    /// A row was there; the code was redeemed before.
    Before(Box<Login>),
    /// Nothing was written: the browser session that the app wants to be told of has ended.
    SessionEnded,
}

fn login(row: &Row) -> Result<Login, StoreError> {
    Ok(Login {
        id: row.id(0)?,
        user: row.id(1)?,
        app: row.id(2)?,
        grant: row.id(3)?,
        generation: row.u32(4)?,
        replays: row.u32(5)?,
        mac_key: row.u32(6)?,
        salt: row.id(7)?,
        attempt: row.id(8)?,
        scopes: ScopeSet::from_bytes(row.id(9)?),
        user_epoch: row.u32(10)?,
        app_epoch: row.u32(11)?,
        grant_login_epoch: row.u32(12)?,
        auth_time: row.timestamp(13)?,
        amr: row.amr(14)?,
        audience: Audience::from_column(row.opt_id(15)?),
        binding: u8::try_from(row.int(16)?).ok().and_then(TokenBinding::from_number).ok_or_else(|| row.corrupt(16))?,
        created_at: row.timestamp(17)?,
        rotated_at: row.timestamp(18)?,
        expires_at: row.timestamp(19)?,
        ended_at: row.opt_timestamp(20)?,
        session: row.opt_id(21)?,
        claims: ClaimsRequest::from_number(row.u32(22)?),
    })
}

/// Redeems: inserts the row, which only one redemption of a code can (RFC 6749 §4.1.2). `told_of` is the session whose end
/// the app wants to be told of, if it does: then only while that lives, so that nobody is forgotten when it ends.
pub async fn insert(store: &Store, new: &Login, told_of: Option<SessionId>) -> Result<Inserted, StoreError> {
    let statement = Statement::new(
        "INSERT INTO logins (id, user_id, app_id, grant_id, generation, replays, mac_key, salt, attempt, scopes,
                             user_epoch, app_epoch, grant_login_epoch, auth_time, amr, audience, binding, created_at,
                             rotated_at, expires_at, ended_at, session_id, claims)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, NULL, $21,
                 $22)
         ON CONFLICT (id, user_id) DO NOTHING",
        params![
            new.id,
            new.user,
            new.app,
            new.grant,
            new.generation,
            new.replays,
            new.mac_key,
            new.salt,
            new.attempt,
            new.scopes.to_bytes(),
            new.user_epoch,
            new.app_epoch,
            new.grant_login_epoch,
            new.auth_time,
            new.amr.bits(),
            new.audience.to_column(),
            new.binding.number(),
            new.created_at,
            new.rotated_at,
            new.expires_at,
            new.session,
            new.claims.number()
        ],
    );
    let mut write = Write::one(statement);
    if let Some(session) = told_of {
        write = write.and(crate::sessions::hold(new.user, session));
        write = write.and(crate::logout::note(new.user, session, new.app));
    }
    let session_ended = match store.write(write).await {
        Ok(written) if written.affected(0) == 1 => return Ok(Inserted::New),
        Ok(_) => false,
        Err(StoreError::AffectedMismatch { .. }) => true,
        Err(error) => return Err(error),
    };
    match find(store, new.user, new.id).await? {
        Some(login) => Ok(Inserted::Before(Box::new(login))),
        None if session_ended => Ok(Inserted::SessionEnded),
        // A row that refused the insert and is then not there was deleted between: tombstones outlive every code, so this
        // is a store that went back in time.
        None => Err(StoreError::AmbiguousCommit),
    }
}

/// The login of this id.
pub async fn find(store: &Store, user: UserId, id: LoginId) -> Result<Option<Login>, StoreError> {
    let rows = store
        .read(
            "SELECT id, user_id, app_id, grant_id, generation, replays, mac_key, salt, attempt, scopes, user_epoch,
                    app_epoch, grant_login_epoch, auth_time, amr, audience, binding, created_at, rotated_at, expires_at,
                    ended_at, session_id, claims
             FROM logins WHERE id = $1 AND user_id = $2",
            params![id, user],
        )
        .await?;
    rows.first().map(login).transpose()
}

/// Moves a living login from `generation` to the next. `false`: another request was faster, or it was ended.
pub async fn rotate(store: &Store, login: &Login, mac_key: u32, now: Timestamp) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE logins SET generation = generation + 1, replays = 0, mac_key = $4,
                rotated_at = CASE WHEN rotated_at > $5 THEN rotated_at ELSE $5 END
         WHERE id = $1 AND user_id = $2 AND generation = $3 AND ended_at IS NULL",
        params![login.id, login.user, login.generation, mac_key, now],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

/// Counts that the current generation is handed out again. `false`: too often already, or things moved on.
pub async fn count_replay(store: &Store, login: &Login, max_replays: u32) -> Result<bool, StoreError> {
    let statement = Statement::new(
        "UPDATE logins SET replays = replays + 1
         WHERE id = $1 AND user_id = $2 AND generation = $3 AND replays < $4 AND ended_at IS NULL",
        params![login.id, login.user, login.generation, max_replays],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0) == 1)
}

/// Ends a login and all its tokens; ending one twice changes nothing more.
pub async fn end(
    store: &Store,
    user: UserId,
    id: LoginId,
    now: Timestamp,
    keep_until: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(
        "UPDATE logins SET ended_at = $3 WHERE id = $1 AND user_id = $2 AND ended_at IS NULL",
        params![id, user, now],
    );
    store.write(Write::one(statement).revoke(FeedEntry::Login(id), keep_until)).await.map(|_| ())
}

/// Ends one access token.
pub async fn revoke_access(store: &Store, entry: FeedEntry, keep_until: Timestamp) -> Result<(), StoreError> {
    store.write(Write::default().revoke(entry, keep_until)).await.map(|_| ())
}

/// Deletes tombstones and the long expired, at most `limit` rows of those begun before `begun_before`: ids are
/// time-ordered, so this reads the front of the table and nothing else. Gives how many went.
pub async fn forget(store: &Store, begun_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
    let bound = crate::time_bound(begun_before);
    let statement = Statement::new(
        "DELETE FROM logins WHERE id IN (SELECT id FROM logins WHERE id < $1 ORDER BY id LIMIT $2)",
        params![bound, limit],
    );
    Ok(store.write(Write::one(statement)).await?.affected(0))
}
