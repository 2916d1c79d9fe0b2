//! Grants: what users agreed to, and its removal.

mod reduction;

use keysig_core::feed::Epoch;
use keysig_core::grant::{Grant, Standing};
use keysig_core::id::{AppId, GrantId, UserId};
use keysig_core::scope::ScopeSet;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Write, params};

pub use reduction::{remove, set_paused, turn_off};

fn grant(row: &Row, from: usize) -> Result<Grant, StoreError> {
    Ok(Grant {
        user: row.id(from)?,
        id: row.id(from + 1)?,
        app: row.id(from + 2)?,
        scopes: ScopeSet::from_bytes(row.id(from + 3)?),
        salt: row.id(from + 4)?,
        access_epoch: row.u32(from + 5)?,
        login_epoch: row.u32(from + 6)?,
        paused: row.bool(from + 7)?,
        removed_at: row.opt_timestamp(from + 8)?,
        shown: row.text(from + 9)?.to_owned(),
        created_at: row.timestamp(from + 10)?,
        last_used_at: row.timestamp(from + 11)?,
    })
}

/// User, app and grant behind a mint, as they stand now. What is missing is missing.
#[derive(Debug, Default)]
pub struct StandingRows {
    /// The user's epoch, unless gone or closed.
    pub user_epoch: Option<Epoch>,
    /// The app's epoch, unless gone or paused.
    pub app_epoch: Option<Epoch>,
    /// The grant, removed or not.
    pub grant: Option<Grant>,
}

impl StandingRows {
    /// For the rule that compares them.
    pub fn standing(&self) -> Standing<'_> {
        Standing { user_epoch: self.user_epoch, app_epoch: self.app_epoch, grant: self.grant.as_ref() }
    }
}

/// Reads user, app and grant by primary key in one statement: every mint compares their epochs (design §4.3).
pub async fn standing(store: &Store, user: UserId, app: AppId, id: GrantId) -> Result<StandingRows, StoreError> {
    let rows = store
        .read(
            "SELECT u.epoch, u.disabled_at, a.epoch, a.paused,
                    g.user_id, g.id, g.app_id, g.scopes, g.salt, g.access_epoch, g.login_epoch, g.paused,
                    g.removed_at, g.shown, g.created_at, g.last_used_at
             FROM grants g
             LEFT JOIN users u ON u.id = g.user_id
             LEFT JOIN apps a ON a.id = g.app_id
             WHERE g.user_id = $1 AND g.id = $2 AND g.app_id = $3",
            params![user, id, app],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(StandingRows::default()) };
    let open =
        |epoch: Option<i64>, closed: bool| epoch.filter(|_| !closed).and_then(|epoch| Epoch::try_from(epoch).ok());
    Ok(StandingRows {
        user_epoch: open(row.opt_int(0)?, row.opt_int(1)?.is_some()),
        app_epoch: open(row.opt_int(2)?, row.opt_int(3)? != Some(0)),
        grant: Some(grant(row, 4)?),
    })
}

/// The agreement in force between a user and an app.
pub async fn in_force(store: &Store, user: UserId, app: AppId) -> Result<Option<Grant>, StoreError> {
    let rows = store
        .read(
            "SELECT user_id, id, app_id, scopes, salt, access_epoch, login_epoch, paused, removed_at, shown, created_at,
                    last_used_at
             FROM grants WHERE user_id = $1 AND app_id = $2 AND removed_at IS NULL",
            params![user, app],
        )
        .await?;
    rows.first().map(|row| grant(row, 0)).transpose()
}

/// The agreement of this id, removed or not.
pub async fn find(store: &Store, user: UserId, id: GrantId) -> Result<Option<Grant>, StoreError> {
    let rows = store
        .read(
            "SELECT user_id, id, app_id, scopes, salt, access_epoch, login_epoch, paused, removed_at, shown, created_at,
                    last_used_at
             FROM grants WHERE user_id = $1 AND id = $2",
            params![user, id],
        )
        .await?;
    rows.first().map(|row| grant(row, 0)).transpose()
}

/// All agreements of a user in force, most recently used first.
pub async fn of_user(store: &Store, user: UserId) -> Result<Vec<Grant>, StoreError> {
    let rows = store
        .read(
            "SELECT user_id, id, app_id, scopes, salt, access_epoch, login_epoch, paused, removed_at, shown, created_at,
                    last_used_at
             FROM grants WHERE user_id = $1 AND removed_at IS NULL ORDER BY last_used_at DESC, id DESC LIMIT 200",
            params![user],
        )
        .await?;
    rows.iter().map(|row| grant(row, 0)).collect()
}

/// Writes that a user agreed to `wanted.scopes`, in addition to what is in force already, and gives back the agreement
/// as it now is. `wanted` brings id and salt for the case that there is none.
pub async fn agree(store: &Store, wanted: &Grant) -> Result<Grant, StoreError> {
    let mut tx = store.begin().await?;
    // An update and not a read, so that the row is locked on every engine: of two consents at once none is lost, and one
    // that was removed meanwhile is not brought back.
    let rows = tx
        .query(
            "UPDATE grants SET last_used_at = $3 WHERE user_id = $1 AND app_id = $2 AND removed_at IS NULL
             RETURNING user_id, id, app_id, scopes, salt, access_epoch, login_epoch, paused, removed_at, shown,
                       created_at, last_used_at",
            params![wanted.user, wanted.app, wanted.last_used_at],
        )
        .await?;
    let agreed = match rows.first().map(|row| grant(row, 0)).transpose()? {
        Some(before) => {
            let agreed = Grant { scopes: before.scopes.union(wanted.scopes), shown: wanted.shown.clone(), ..before };
            tx.execute(
                "UPDATE grants SET scopes = $3, shown = $4 WHERE user_id = $1 AND id = $2",
                params![agreed.user, agreed.id, agreed.scopes.to_bytes(), agreed.shown.as_str()],
            )
            .await?;
            agreed
        }
        None => {
            tx.execute(
                "INSERT INTO grants (user_id, id, app_id, scopes, salt, access_epoch, login_epoch, paused, removed_at,
                                     shown, created_at, last_used_at)
                 VALUES ($1, $2, $3, $4, $5, 1, 1, 0, NULL, $6, $7, $7)",
                params![
                    wanted.user,
                    wanted.id,
                    wanted.app,
                    wanted.scopes.to_bytes(),
                    wanted.salt,
                    wanted.shown.as_str(),
                    wanted.created_at
                ],
            )
            .await?;
            wanted.clone()
        }
    };
    tx.commit().await?;
    Ok(agreed)
}

/// Notes that the app used the agreement: shown to the person, to the hour.
pub async fn touch(store: &Store, user: UserId, id: GrantId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE grants SET last_used_at = $3 WHERE user_id = $1 AND id = $2 AND last_used_at < $3";
    store.write(Write::one(Statement::new(sql, params![user, id, now]))).await.map(|_| ())
}
