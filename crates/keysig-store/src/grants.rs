//! Grants: what users agreed to, and its removal.

mod reduction;

use keysig_core::consent::{Shown, Until};
use keysig_core::feed::Epoch;
use keysig_core::grant::{Grant, Standing};
use keysig_core::id::{AppId, GrantId, UserId};
use keysig_core::scope::{ScopeId, ScopeSet};
use keysig_core::time::Timestamp;

use crate::account_events::{self, Happened};
use crate::{Row, Statement, Store, StoreError, Write, params};

pub(crate) use reduction::end_by_developer;
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
        expires_at: row.opt_timestamp(from + 12)?,
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
    pub fn standing(&self, now: Timestamp) -> Standing<'_> {
        Standing { user_epoch: self.user_epoch, app_epoch: self.app_epoch, grant: self.grant.as_ref(), now }
    }
}

/// Reads user, app and grant by primary key in one statement: every mint compares their epochs (design §4.3).
pub async fn standing(store: &Store, user: UserId, app: AppId, id: GrantId) -> Result<StandingRows, StoreError> {
    let rows = store
        .read(
            "SELECT u.epoch, u.disabled_at, a.epoch, a.paused,
                    g.user_id, g.id, g.app_id, g.scopes, g.salt, g.access_epoch, g.login_epoch, g.paused,
                    g.removed_at, g.shown, g.created_at, g.last_used_at, g.expires_at
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
                    last_used_at, expires_at
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
                    last_used_at, expires_at
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
                    last_used_at, expires_at
             FROM grants WHERE user_id = $1 AND removed_at IS NULL ORDER BY last_used_at DESC, id DESC LIMIT 200",
            params![user],
        )
        .await?;
    rows.iter().map(|row| grant(row, 0)).collect()
}

/// What came of agreeing.
#[derive(Clone, Debug)]
pub struct Agreed {
    /// The agreement as it now is.
    pub grant: Grant,
    /// What was allowed that was not before.
    pub new: ScopeSet,
}

/// In how many agreements in force a scope is.
pub async fn with_scope(store: &Store, scope: ScopeId) -> Result<u64, StoreError> {
    let sql = "SELECT scopes, COUNT(*) FROM grants WHERE removed_at IS NULL GROUP BY scopes";
    let mut agreements = 0;
    for row in store.read_heavy(sql, params![]).await? {
        if ScopeSet::from_bytes(row.id(0)?).has(scope) {
            agreements += row.int(1)?.unsigned_abs();
        }
    }
    Ok(agreements)
}

/// What people gave an app, and how many of them each; accounts that its developer made up are not people.
pub async fn scopes_given(store: &Store, app: AppId) -> Result<Vec<(ScopeSet, u64)>, StoreError> {
    let sql = "SELECT g.scopes, COUNT(*) FROM grants g LEFT JOIN fake_users f ON f.user_id = g.user_id
               WHERE g.app_id = $1 AND g.removed_at IS NULL AND f.user_id IS NULL GROUP BY g.scopes";
    let rows = store.read_heavy(sql, params![app]).await?;
    rows.iter().map(|row| Ok((ScopeSet::from_bytes(row.id(0)?), row.int(1)?.unsigned_abs()))).collect()
}

/// Writes that a user agreed to `wanted.scopes`, in addition to what is in force already, and until when. `wanted` brings
/// id and salt for the case that there is none, and what the page showed; `told` is written if anything changed by it.
pub async fn agree(store: &Store, wanted: &Grant, until: Until, told: &Happened) -> Result<Agreed, StoreError> {
    let now = wanted.last_used_at;
    let mut tx = store.begin().await?;
    // One that ended by itself is removed here, logins included: agreeing again revives none of them. No token outlived
    // it, so there is nothing to tell the feed.
    tx.execute(
        "UPDATE grants SET removed_at = $3, access_epoch = access_epoch + 1, login_epoch = login_epoch + 1
         WHERE user_id = $1 AND app_id = $2 AND removed_at IS NULL AND expires_at <= $3",
        params![wanted.user, wanted.app, now],
    )
    .await?;
    // An update and not a read, so that the row is locked on every engine: of two consents at once none is lost, and one
    // that was removed meanwhile is not brought back.
    let rows = tx
        .query(
            "UPDATE grants SET last_used_at = $3 WHERE user_id = $1 AND app_id = $2 AND removed_at IS NULL
             RETURNING user_id, id, app_id, scopes, salt, access_epoch, login_epoch, paused, removed_at, shown,
                       created_at, last_used_at, expires_at",
            params![wanted.user, wanted.app, now],
        )
        .await?;
    let (agreed, changed) = match rows.first().map(|row| grant(row, 0)).transpose()? {
        Some(before) => {
            let new = wanted.scopes.without(before.scopes);
            let shown = Shown::parse(&before.shown).and(Shown::parse(&wanted.shown)).print();
            let expires_at = until.ends_at(before.expires_at, now);
            let changed = !new.is_empty() || expires_at != before.expires_at;
            let grant = Grant { scopes: before.scopes.union(wanted.scopes), shown, expires_at, ..before };
            tx.execute(
                "UPDATE grants SET scopes = $3, shown = $4, expires_at = $5 WHERE user_id = $1 AND id = $2",
                params![grant.user, grant.id, grant.scopes.to_bytes(), grant.shown.as_str(), expires_at],
            )
            .await?;
            (Agreed { grant, new }, changed)
        }
        None => {
            let grant = Grant { expires_at: until.ends_at(None, now), ..wanted.clone() };
            tx.execute(
                "INSERT INTO grants (user_id, id, app_id, scopes, salt, access_epoch, login_epoch, paused, removed_at,
                                     shown, created_at, last_used_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, 1, 1, 0, NULL, $6, $7, $7, $8)",
                params![
                    grant.user,
                    grant.id,
                    grant.app,
                    grant.scopes.to_bytes(),
                    grant.salt,
                    grant.shown.as_str(),
                    grant.created_at,
                    grant.expires_at
                ],
            )
            .await?;
            (Agreed { new: grant.scopes, grant }, true)
        }
    };
    if changed {
        tx.run(&account_events::insertion(wanted.user, told)).await?;
    }
    tx.commit().await?;
    Ok(agreed)
}

/// Notes that the app used the agreement: shown to the person, to the hour.
pub async fn touch(store: &Store, user: UserId, id: GrantId, now: Timestamp) -> Result<(), StoreError> {
    let sql = "UPDATE grants SET last_used_at = $3 WHERE user_id = $1 AND id = $2 AND last_used_at < $3";
    store.write(Write::one(Statement::new(sql, params![user, id, now]))).await.map(|_| ())
}
