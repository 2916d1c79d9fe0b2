//! The secrets of apps: at most two work at once, and each is told to stop in its time.

use keysig_core::audit::AuditRecord;
use keysig_core::feed::FeedEntry;
use keysig_core::id::AppId;
use keysig_core::secret::SecretHash;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, Tx, Write, apps, params};

/// So many work at once.
pub const MOST_ACTIVE: usize = 2;

/// A secret, as far as anybody knows it who did not write it down.
#[derive(Clone, Debug)]
pub struct KnownSecret {
    /// Its hash.
    pub hash: SecretHash,
    /// Its last four characters.
    pub last_four: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it stops, or stopped.
    pub retires_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

impl KnownSecret {
    /// Whether it still works.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.retires_at.is_none_or(|at| now < at)
    }
}

/// How often a secret was used in an hour.
#[derive(Clone, Debug)]
pub struct SecretUse {
    /// Whose.
    pub app: AppId,
    /// Which.
    pub hash: SecretHash,
    /// Hours since 1970.
    pub hour: i64,
    /// So many requests.
    pub uses: i64,
    /// The last of them.
    pub last_used_at: Timestamp,
}

const OF_APP: &str = "SELECT secret_hash, last_four, created_at, retires_at, last_used_at FROM app_secrets
                      WHERE app_id = $1 ORDER BY created_at DESC, secret_hash";

fn known(row: &Row) -> Result<KnownSecret, StoreError> {
    Ok(KnownSecret {
        hash: SecretHash::from_bytes(row.id(0)?),
        last_four: row.text(1)?.to_owned(),
        created_at: row.timestamp(2)?,
        retires_at: row.opt_timestamp(3)?,
        last_used_at: row.opt_timestamp(4)?,
    })
}

/// All of an app's, the newest first; those that stopped are kept for a while.
pub async fn of_app(store: &Store, app: AppId) -> Result<Vec<KnownSecret>, StoreError> {
    store.read(OF_APP, params![app]).await?.iter().map(known).collect()
}

/// Holds the app's row, so that changes of its secrets come one after the other.
async fn hold(tx: &mut Tx, app: AppId) -> Result<(), StoreError> {
    tx.execute("UPDATE apps SET version = version + 1 WHERE id = $1", params![app]).await.map(|_| ())
}

/// Adds one; `false` where [`MOST_ACTIVE`] work already.
pub async fn add(
    store: &Store,
    app: AppId,
    (hash, last_four): (&SecretHash, &str),
    now: Timestamp,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    hold(&mut tx, app).await?;
    let rows = tx.query(OF_APP, params![app]).await?;
    let all: Vec<KnownSecret> = rows.iter().map(known).collect::<Result<_, _>>()?;
    if all.iter().filter(|secret| secret.is_active(now)).count() >= MOST_ACTIVE {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO app_secrets (app_id, secret_hash, last_four, created_at) VALUES ($1, $2, $3, $4)",
        params![app, *hash.as_bytes(), last_four, now],
    )
    .await?;
    apps::finish_change(store, tx, app, record).await?;
    Ok(true)
}

/// What becomes of the tokens of an app whose secret stops.
#[derive(Clone, Copy, Debug)]
pub enum Tokens {
    /// They live on: nobody is signed out by a rotation.
    Live,
    /// They all end at once, since whoever has the secret may have them; followers of the feed keep that until then.
    End {
        /// Until when.
        keep_until: Timestamp,
    },
}

/// Tells a secret to stop at `retires_at`; `false` where it has stopped, or there is none. A later time than it was told
/// before is no time for it: a secret is never given a longer life.
pub async fn retire(
    store: &Store,
    app: AppId,
    hash: &SecretHash,
    (retires_at, now): (Timestamp, Timestamp),
    tokens: Tokens,
    record: &AuditRecord,
) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    hold(&mut tx, app).await?;
    let changed = tx
        .execute(
            "UPDATE app_secrets SET retires_at = $3 WHERE app_id = $1 AND secret_hash = $2
             AND (retires_at IS NULL OR retires_at > $3) AND (retires_at IS NULL OR retires_at > $4)",
            params![app, *hash.as_bytes(), retires_at, now],
        )
        .await?;
    if changed == 0 {
        return Ok(false);
    }
    if let Tokens::End { keep_until } = tokens {
        let rows = tx.query("UPDATE apps SET epoch = epoch + 1 WHERE id = $1 RETURNING epoch", params![app]).await?;
        if let Some(row) = rows.first() {
            tx.revoke(FeedEntry::App(app, row.u32(0)?), keep_until);
        }
    }
    apps::finish_change(store, tx, app, record).await?;
    Ok(true)
}

/// Adds to what is counted, in one write.
pub async fn add_uses(store: &Store, uses: &[SecretUse]) -> Result<(), StoreError> {
    let mut write = Write::default();
    for used in uses {
        let hash = *used.hash.as_bytes();
        write = write
            .and(Statement::new(
                "UPDATE app_secrets SET last_used_at = $3 WHERE app_id = $1 AND secret_hash = $2
                 AND (last_used_at IS NULL OR last_used_at < $3)",
                params![used.app, hash, used.last_used_at],
            ))
            .and(Statement::new(
                "INSERT INTO app_secret_uses (app_id, secret_hash, hour, uses) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (app_id, secret_hash, hour) DO UPDATE SET uses = app_secret_uses.uses + excluded.uses",
                params![used.app, hash, used.hour, used.uses],
            ));
    }
    if uses.is_empty() { Ok(()) } else { store.write(write).await.map(|_| ()) }
}

/// How many requests a secret authenticated since an hour.
pub async fn uses_since(store: &Store, app: AppId, hash: &SecretHash, hour: i64) -> Result<u64, StoreError> {
    let sql = "SELECT CAST(COALESCE(SUM(uses), 0) AS BIGINT) FROM app_secret_uses
               WHERE app_id = $1 AND secret_hash = $2 AND hour >= $3";
    let rows = store.read(sql, params![app, *hash.as_bytes(), hour]).await?;
    rows.first().map_or(Ok(0), |row| Ok(row.int(0)?.unsigned_abs()))
}

/// Forgets counts before an hour, and secrets that stopped before `stopped_before`.
pub async fn forget_old(store: &Store, before_hour: i64, stopped_before: Timestamp) -> Result<(), StoreError> {
    let uses = Statement::new("DELETE FROM app_secret_uses WHERE hour < $1", params![before_hour]);
    let secrets = Statement::new("DELETE FROM app_secrets WHERE retires_at < $1", params![stopped_before]);
    store.write(Write::one(uses).and(secrets)).await.map(|_| ())
}
