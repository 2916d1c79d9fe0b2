//! Reading the audit by page and by filter. Each filter has its index, so that a page costs the same however long the audit is.

use keysig_core::audit::{AuditAction, AuditRecord, ChainHash};
use keysig_core::id::{AppId, EventId, UserId};
use keysig_core::time::Timestamp;

use super::record;
use crate::{Store, StoreError, params, time_bound};

/// Which records are asked for; what is not given is not asked.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Done by this person.
    pub actor: Option<UserId>,
    /// What was done.
    pub action: Option<AuditAction>,
    /// To this app.
    pub app: Option<AppId>,
    /// To this account.
    pub user: Option<UserId>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

/// A record and its place in its chain.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose chain.
    pub node: [u8; 16],
    /// Its number there, from 1.
    pub n: u64,
    /// Its hash.
    pub hash: ChainHash,
    /// What it says.
    pub record: AuditRecord,
}

macro_rules! by {
    ($index:literal) => {
        concat!(
            "SELECT id, actor, action, app_id, account, about, address, request_id, by_key, node, n, hash FROM audit WHERE ",
            $index,
            " id >= $1 AND id < $2
               AND (CAST($5 AS BIGINT) = 1 OR actor = $4) AND (CAST($7 AS BIGINT) = 1 OR action = $6)
               AND (CAST($9 AS BIGINT) = 1 OR app_id = $8) AND (CAST($11 AS BIGINT) = 1 OR account = $10)
             ORDER BY id DESC LIMIT $3"
        )
    };
}

/// Records that `filter` asks for, the latest first, before `before` where it is given.
pub async fn page(
    store: &Store,
    filter: &Filter,
    before: Option<EventId>,
    most: i64,
) -> Result<Vec<Entry>, StoreError> {
    let sql = match filter {
        Filter { user: Some(_), .. } => by!("account = $10 AND"),
        Filter { app: Some(_), .. } => by!("app_id = $8 AND"),
        Filter { actor: Some(_), .. } => by!("actor = $4 AND"),
        Filter { action: Some(_), .. } => by!("action = $6 AND"),
        _ => by!(""),
    };
    let from = filter.from.map_or([0; 16], time_bound);
    let until = filter.until.map_or([0xff; 16], time_bound);
    let until = before.map_or(until, |before| until.min(*before.as_bytes()));
    let rows = store
        .read_heavy(
            sql,
            params![
                from,
                until,
                most,
                filter.actor,
                filter.actor.is_none(),
                filter.action.map_or("", AuditAction::name),
                filter.action.is_none(),
                filter.app,
                filter.app.is_none(),
                filter.user,
                filter.user.is_none()
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Entry { record: record(row)?, node: row.id(9)?, n: row.int(10)?.unsigned_abs(), hash: row.id(11)? })
        })
        .collect()
}

/// Whom and by whom the records of one request are about: how an account is found by a request's id.
pub async fn people_of_request(store: &Store, request_id: &str) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT account, actor FROM audit WHERE request_id = $1 ORDER BY id LIMIT 20";
    let mut people = Vec::new();
    for row in store.read(sql, params![request_id]).await? {
        for person in [row.opt_id(0)?, row.opt_id(1)?].into_iter().flatten() {
            if !people.contains(&person) {
                people.push(person);
            }
        }
    }
    Ok(people)
}
