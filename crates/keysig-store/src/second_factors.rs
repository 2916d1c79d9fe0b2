//! Second steps: the seed of an authenticator app, recovery codes, browsers that are not asked again.

use keysig_core::feed::Epoch;
use keysig_core::id::UserId;
use keysig_core::time::Timestamp;

use crate::account_events::{Happened, insertion};
use crate::{Statement, Store, StoreError, Write, params};

/// The authenticator app of an account.
#[derive(Clone, Debug)]
pub struct SecondFactor {
    /// Sealed.
    pub seed: Vec<u8>,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// The authenticator app of this account.
pub async fn find(store: &Store, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
    let rows = store.read("SELECT seed, created_at FROM second_factors WHERE user_id = $1", params![user]).await?;
    let row = rows.first();
    row.map(|row| Ok(SecondFactor { seed: row.blob(0)?.to_vec(), created_at: row.timestamp(1)? })).transpose()
}

fn fresh_codes(write: Write, user: UserId, code_macs: &[[u8; 32]]) -> Write {
    let none = Statement::new("DELETE FROM recovery_codes WHERE user_id = $1", params![user]);
    code_macs.iter().fold(write.and(none), |write, mac| {
        let sql = "INSERT INTO recovery_codes (user_id, code_mac) VALUES ($1, $2)";
        write.and(Statement::new(sql, params![user, *mac]))
    })
}

/// Sets up an authenticator app with its recovery codes. `step` is that of the code it was confirmed by, which is spent.
/// `StoreError::Conflict` where there is one already.
pub async fn set_up(
    store: &Store,
    user: UserId,
    seed: &[u8],
    step: i64,
    code_macs: &[[u8; 32]],
    now: Timestamp,
    happened: &Happened,
) -> Result<(), StoreError> {
    let write = Write::one(Statement::new(
        "INSERT INTO second_factors (user_id, seed, last_step, created_at) VALUES ($1, $2, $3, $4)",
        params![user, seed, step, now],
    ));
    let write = fresh_codes(write, user, code_macs).and(insertion(user, happened));
    store.write(write).await.map(|_| ())
}

/// Takes the code of a time step, once. `false`: one of this step or a later one was taken already, or there is no app.
pub async fn take_step(store: &Store, user: UserId, step: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE second_factors SET last_step = $2 WHERE user_id = $1 AND last_step < $2";
    Ok(store.write(Write::one(Statement::new(sql, params![user, step]))).await?.affected(0) == 1)
}

/// Takes a recovery code, once, and tells the owner. `false`: there is none, or it was taken already.
pub async fn take_code(
    store: &Store,
    user: UserId,
    code_mac: [u8; 32],
    now: Timestamp,
    happened: &Happened,
) -> Result<bool, StoreError> {
    let sql = "UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1 AND code_mac = $2 AND used_at IS NULL";
    let take = Statement::new(sql, params![user, code_mac, now]).must_affect(1);
    match store.write(Write::one(take).and(insertion(user, happened))).await {
        Ok(_) => Ok(true),
        Err(StoreError::AffectedMismatch { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How many recovery codes are left.
pub async fn codes_left(store: &Store, user: UserId) -> Result<u64, StoreError> {
    let sql = "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";
    let rows = store.read(sql, params![user]).await?;
    let left = rows.first().map_or(Ok(0), |row| row.int(0))?;
    Ok(u64::try_from(left).unwrap_or(0))
}

/// New recovery codes; the old ones are worth nothing. `false`: there is no second step that they would belong to.
pub async fn replace_codes(
    store: &Store,
    user: UserId,
    code_macs: &[[u8; 32]],
    happened: &Happened,
) -> Result<bool, StoreError> {
    // The row is held, so that no code is left behind by a removal at the same time.
    let sql = "UPDATE second_factors SET last_step = last_step WHERE user_id = $1";
    let held = Write::one(Statement::new(sql, params![user]).must_affect(1));
    match store.write(fresh_codes(held, user, code_macs).and(insertion(user, happened))).await {
        Ok(_) => Ok(true),
        Err(StoreError::AffectedMismatch { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes the second step with all that belongs to it. `false`: there was none.
pub async fn remove(store: &Store, user: UserId, happened: &Happened) -> Result<bool, StoreError> {
    let sql = "DELETE FROM second_factors WHERE user_id = $1";
    let write = Write::one(Statement::new(sql, params![user]).must_affect(1))
        .and(Statement::new("DELETE FROM recovery_codes WHERE user_id = $1", params![user]))
        .and(forget_browsers(user))
        .and(insertion(user, happened));
    match store.write(write).await {
        Ok(_) => Ok(true),
        Err(StoreError::AffectedMismatch { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Remembers a browser, so that it is not asked for the second step until `until`.
pub async fn remember(
    store: &Store,
    user: UserId,
    browser_mac: [u8; 32],
    epoch: Epoch,
    until: Timestamp,
) -> Result<(), StoreError> {
    let statement = Statement::new(
        "INSERT INTO remembered_browsers (user_id, browser_mac, user_epoch, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, browser_mac) DO UPDATE SET user_epoch = $3, expires_at = $4",
        params![user, browser_mac, epoch, until],
    );
    store.write(Write::one(statement)).await.map(|_| ())
}

/// Whether this browser was remembered, and nothing has ended that since.
pub async fn is_remembered(
    store: &Store,
    user: UserId,
    browser_mac: [u8; 32],
    epoch: Epoch,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT user_epoch FROM remembered_browsers
               WHERE user_id = $1 AND browser_mac = $2 AND user_epoch >= $3 AND expires_at > $4";
    Ok(!store.read(sql, params![user, browser_mac, epoch, now]).await?.is_empty())
}

/// Forgets every remembered browser of an account but this one.
pub async fn forget_other_browsers(store: &Store, user: UserId, this: [u8; 32]) -> Result<(), StoreError> {
    let sql = "DELETE FROM remembered_browsers WHERE user_id = $1 AND browser_mac <> $2";
    store.write(Write::one(Statement::new(sql, params![user, this]))).await.map(|_| ())
}

/// Forgets every remembered browser of an account, as part of a change that ends trust in them: a new password, too.
pub fn forget_browsers(user: UserId) -> Statement {
    Statement::new("DELETE FROM remembered_browsers WHERE user_id = $1", params![user])
}
