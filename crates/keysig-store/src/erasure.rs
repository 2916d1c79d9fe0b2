//! The end of an account: everything of a person, in one transaction.

use keysig_core::audit::AuditRecord;
use keysig_core::feed::FeedEntry;
use keysig_core::id::{AppId, DeliveryId, LoginId, SessionId, UserId};
use keysig_core::time::Timestamp;

use crate::{Store, StoreError, audit, params, reviews, webhooks};

/// Tables whose rows of a person outlive the person, and why: the public id is never given to anybody else, and apps that
/// wait to be told of a sign-out are still told.
pub const KEPT: [&str; 2] = ["user_public_ids", "logout_deliveries"];

macro_rules! erased {
    ($($table:literal)*) => {
        /// Tables of which every row of the person goes, in this order: what others refer to stands before what refers to
        /// it, so that whoever writes beside an agreement or a playlist finds it gone or is seen here.
        pub const ERASED: &[(&str, &str)] =
            &[$(($table, concat!("DELETE FROM ", $table, " WHERE user_id = $1"))),*];
    };
}

erased! {
    "grants" "grant_uses" "sessions" "session_apps" "remembered_browsers" "passkey_credentials" "passkeys" "second_factors"
    "recovery_codes" "mail_proofs" "upstream_subjects" "upstream_accounts" "device_authorizations" "app_test_users"
    "app_reports" "playlist_items" "playlist_edits" "playlists" "follows" "saved_items" "plays" "affinities"
    "account_events" "inspector" "user_emails" "webhook_events" "app_active_users" "fake_users"
    "api_keys"
}

/// Erases a person. Access tokens are dead when this returns; the apps they owned are paused and belong to nobody; apps
/// that had a part in a session are told that it ended, and apps they ever agreed to that they are gone. `false`: there
/// is no such person.
///
/// Logins have no index by person. Their rows are looked for before the transaction, so that nobody who logs in waits for
/// that, and one that comes about meanwhile rests on nothing: its user is missing, and a missing row is a refusal. `record`
/// is of somebody else who does it.
pub async fn erase(
    store: &Store,
    user: UserId,
    now: Timestamp,
    keep_until: Timestamp,
    record: Option<&AuditRecord>,
    mut new_id: impl FnMut() -> DeliveryId,
) -> Result<bool, StoreError> {
    let logins = store.read_heavy("SELECT id FROM logins WHERE user_id = $1", params![user]).await?;
    let mut tx = store.begin().await?;
    let found =
        tx.query("UPDATE users SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch, public_id", params![user]).await?;
    let Some(row) = found.first() else { return Ok(false) };
    let (epoch, public_id) = (row.u32(0)?, row.text(1)?.to_owned());
    tx.revoke(FeedEntry::User(user, epoch), keep_until);
    let told = tx
        .query(
            "SELECT s.session_id, s.app_id FROM session_apps s JOIN apps a ON a.id = s.app_id
             WHERE s.user_id = $1 AND a.backchannel_logout_uri IS NOT NULL",
            params![user],
        )
        .await?;
    for row in &told {
        let (session, app): (SessionId, AppId) = (row.id(0)?, row.id(1)?);
        tx.execute(
            "INSERT INTO logout_deliveries (id, user_id, app_id, session_id, tries, next_try_at)
             VALUES ($1, $2, $3, $4, 0, $5)",
            params![new_id(), user, app, session, now],
        )
        .await?;
    }
    tx.execute(
        "DELETE FROM follows WHERE kind = 'playlist' AND target IN (SELECT id FROM playlists WHERE user_id = $1)",
        params![user],
    )
    .await?;
    tx.execute("DELETE FROM follows WHERE kind = 'user' AND target = $1", params![public_id.as_str()]).await?;
    let sql = "DELETE FROM test_invitations WHERE email IN (SELECT email FROM user_emails WHERE user_id = $1)";
    tx.execute(sql, params![user]).await?;
    // Before the agreements go, from which it is known whom to tell; what waits to be told of the person goes with the rest.
    let goodbyes = webhooks::goodbyes(&mut tx, user, &public_id, now, &mut new_id).await?;
    for (_, sql) in ERASED {
        tx.execute(sql, params![user]).await?;
    }
    for row in &logins {
        let login: LoginId = row.id(0)?;
        tx.execute("DELETE FROM logins WHERE id = $1 AND user_id = $2", params![login, user]).await?;
    }
    for goodbye in &goodbyes {
        tx.run(goodbye).await?;
    }
    let owned = tx
        .query(
            "UPDATE apps SET owner = NULL, paused = 1, paused_by_operator = 1, epoch = epoch + 1, version = version + 1 WHERE owner = $1
             RETURNING id, epoch",
            params![user],
        )
        .await?;
    for row in &owned {
        tx.revoke(FeedEntry::App(row.id(0)?, row.u32(1)?), keep_until);
        // What they wrote about their apps is theirs.
        for statement in &reviews::removal(row.id(0)?) {
            tx.run(statement).await?;
        }
    }
    tx.execute("DELETE FROM users WHERE id = $1", params![user]).await?;
    if let Some(record) = record {
        audit::append(store, &mut tx, record).await?;
    }
    tx.commit().await?;
    store.note_apps_changed();
    Ok(true)
}

/// How many apps a person owns.
pub async fn owned_apps(store: &Store, user: UserId) -> Result<u64, StoreError> {
    let rows = store.read_heavy("SELECT COUNT(*) FROM apps WHERE owner = $1", params![user]).await?;
    rows.first().map_or(Ok(0), |row| row.int(0)).map(i64::unsigned_abs)
}
