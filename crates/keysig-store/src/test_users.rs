//! Who may log in to an app in development besides its owner: people on its list, people invited to it by address who have no
//! account yet, and accounts that its developer made up.

use keysig_core::audit::AuditRecord;
use keysig_core::id::{AppId, UserId};
use keysig_core::password::PasswordHash;
use keysig_core::time::Timestamp;
use keysig_core::user::User;

use crate::account_events::Happened;
use crate::{Row, Statement, Store, StoreError, apps, grants, params, users};

/// Somebody on the list of an app.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TestUser {
    /// Who.
    pub id: UserId,
    /// Their address.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Since when; nobody knows of the oldest ones.
    pub added_at: Option<Timestamp>,
    /// The app's developer made the account up.
    pub is_fake: bool,
}

/// The list of an app by address, from the one after `after`; at most so many.
pub async fn of_app(store: &Store, app: AppId, after: &str, most: i64) -> Result<Vec<TestUser>, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT u.id, u.email, u.display_name, t.added_at, f.app_id FROM app_test_users t
             JOIN users u ON u.id = t.user_id
             LEFT JOIN fake_users f ON f.user_id = u.id
             WHERE t.app_id = $1 AND u.email > $2 ORDER BY u.email LIMIT $3",
            params![app, after, most],
        )
        .await?;
    rows.iter().map(test_user).collect()
}

fn test_user(row: &Row) -> Result<TestUser, StoreError> {
    Ok(TestUser {
        id: row.id(0)?,
        email: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        added_at: row.opt_timestamp(3)?,
        is_fake: row.opt_id::<AppId>(4)?.is_some(),
    })
}

/// This one, if they are on the list of the app.
pub async fn one(store: &Store, app: AppId, user: UserId) -> Result<Option<TestUser>, StoreError> {
    let rows = store
        .read(
            "SELECT u.id, u.email, u.display_name, t.added_at, f.app_id FROM app_test_users t
             JOIN users u ON u.id = t.user_id
             LEFT JOIN fake_users f ON f.user_id = u.id WHERE t.app_id = $1 AND t.user_id = $2",
            params![app, user],
        )
        .await?;
    rows.first().map(test_user).transpose()
}

/// Who was invited to an app by address and has not come yet, the latest first; at most so many.
pub async fn invited(store: &Store, app: AppId, most: i64) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let sql =
        "SELECT email, invited_at FROM test_invitations WHERE app_id = $1 ORDER BY invited_at DESC, email LIMIT $2";
    let rows = store.read_heavy(sql, params![app, most]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.timestamp(1)?))).collect()
}

/// How many test users a developer has in all their apps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Count {
    /// On a list, or invited to one.
    pub listed: u64,
    /// Of these, made up.
    pub fake: u64,
}

/// How many there are.
pub async fn count(store: &Store, developer: UserId) -> Result<Count, StoreError> {
    let rows = store
        .read_heavy(
            "SELECT (SELECT COUNT(*) FROM app_test_users t JOIN apps a ON a.id = t.app_id WHERE a.owner = $1),
                    (SELECT COUNT(*) FROM test_invitations i JOIN apps a ON a.id = i.app_id WHERE a.owner = $1),
                    (SELECT COUNT(*) FROM fake_users f JOIN apps a ON a.id = f.app_id WHERE a.owner = $1)",
            params![developer],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(Count::default()) };
    let listed = row.int(0)?.unsigned_abs() + row.int(1)?.unsigned_abs();
    Ok(Count { listed, fake: row.int(2)?.unsigned_abs() })
}

fn insertion(app: AppId, user: UserId, now: Timestamp) -> Statement {
    Statement::new(
        "INSERT INTO app_test_users (app_id, user_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        params![app, user, now],
    )
}

fn uninvited(app: AppId, email: &str) -> Statement {
    Statement::new("DELETE FROM test_invitations WHERE app_id = $1 AND email = $2", params![app, email])
}

/// Puts somebody on the list of an app; an invitation to their address is settled with it.
pub async fn add(
    store: &Store,
    app: AppId,
    user: &User,
    now: Timestamp,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    apps::change(store, app, &[insertion(app, user.id, now), uninvited(app, &user.email)], record).await
}

/// Invites an address; `letter` goes out with it. `false`: it was invited before, and nothing is written.
pub async fn invite(
    store: &Store,
    app: AppId,
    email: &str,
    now: Timestamp,
    letter: &Statement,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO test_invitations (app_id, email, invited_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let mut tx = store.begin().await?;
    if tx.execute(sql, params![app, email, now]).await? == 0 {
        return Ok(false);
    }
    tx.run(letter).await?;
    apps::finish_change(store, tx, app, record).await?;
    Ok(true)
}

/// Takes an invitation back.
pub async fn uninvite(store: &Store, app: AppId, email: &str, record: &AuditRecord) -> Result<(), StoreError> {
    apps::change(store, app, &[uninvited(app, email)], record).await
}

/// Whether this address is invited to an app.
pub async fn is_invited(store: &Store, app: AppId, email: &str) -> Result<bool, StoreError> {
    let sql = "SELECT invited_at FROM test_invitations WHERE app_id = $1 AND email = $2";
    Ok(!store.read(sql, params![app, email]).await?.is_empty())
}

/// Whoever was invited has come. `false`: the invitation was taken back meanwhile.
pub async fn come(
    store: &Store,
    app: AppId,
    user: &User,
    now: Timestamp,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let statements = [uninvited(app, &user.email).must_affect(1), insertion(app, user.id, now)];
    match apps::change(store, app, &statements, record).await {
        Ok(()) => Ok(true),
        Err(StoreError::AffectedMismatch { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Forgets invitations of before then: nobody came.
pub async fn forget_invitations(store: &Store, before: Timestamp) -> Result<(), StoreError> {
    let sql = "DELETE FROM test_invitations WHERE invited_at < $1";
    store.write(crate::Write::one(Statement::new(sql, params![before]))).await.map(|_| ())
}

/// What becomes of the access that somebody gave an app whose list they are taken from.
#[derive(Clone, Copy, Debug)]
pub enum Access<'a> {
    /// It stays: the app is open to everybody.
    Stays,
    /// It ends: all that rests on it is dead when the change is done. The person reads `happened` in their history, and
    /// followers of the feed keep it until then.
    Ends {
        /// What the person is told.
        happened: &'a Happened,
        /// Now.
        now: Timestamp,
        /// Until when.
        keep_until: Timestamp,
    },
}

/// Takes somebody from the list of an app. `false`: they are not on it.
pub async fn remove(
    store: &Store,
    app: AppId,
    user: UserId,
    access: Access<'_>,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let sql = "DELETE FROM app_test_users WHERE app_id = $1 AND user_id = $2";
    if tx.execute(sql, params![app, user]).await? == 0 {
        return Ok(false);
    }
    if let Access::Ends { happened, now, keep_until } = access {
        grants::end_by_developer(&mut tx, user, app, happened, now, keep_until).await?;
    }
    apps::finish_change(store, tx, app, record).await?;
    Ok(true)
}

/// Makes an account up and puts it on the list of an app. `StoreError::Conflict` if its address is taken.
pub async fn make(
    store: &Store,
    app: AppId,
    (user, password): (&User, &PasswordHash),
    now: Timestamp,
    record: &AuditRecord,
) -> Result<(), StoreError> {
    let fake = Statement::new("INSERT INTO fake_users (user_id, app_id) VALUES ($1, $2)", params![user.id, app]);
    let [email, public_id, row] = users::insertions(user, password, now);
    apps::change(store, app, &[email, public_id, row, fake, insertion(app, user.id, now)], record).await
}

/// Where an account that a developer made up belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fake {
    /// To this app.
    pub app: AppId,
    /// Whose owner that is; nobody where the app or its owner is gone.
    pub owner: Option<UserId>,
}

/// Where this account belongs, if a developer made it up.
pub async fn fake(store: &Store, user: UserId) -> Result<Option<Fake>, StoreError> {
    let sql = "SELECT f.app_id, a.owner FROM fake_users f LEFT JOIN apps a ON a.id = f.app_id WHERE f.user_id = $1";
    let rows = store.read(sql, params![user]).await?;
    rows.first().map(|row| Ok(Fake { app: row.id(0)?, owner: row.opt_id(1)? })).transpose()
}

/// The accounts that were made up for an app: whoever deletes it erases them (`erasure::erase`).
pub async fn fakes_of(store: &Store, app: AppId) -> Result<Vec<UserId>, StoreError> {
    let rows = store.read_heavy("SELECT user_id FROM fake_users WHERE app_id = $1", params![app]).await?;
    rows.iter().map(|row| row.id(0)).collect()
}
