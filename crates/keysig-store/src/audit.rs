//! The audit (`keysig_core::audit`): appended in the transaction that it tells of, and read by the page.

mod chain;
mod read;

use keysig_core::audit::{AuditAction, AuditRecord, CHAIN_BEGINS, ChainHash};
use keysig_core::id::{AppId, EventId};

use crate::{Row, Store, StoreError, Tx, params};

pub use chain::{Break, Head, Mac, Verified, checkpoint, heads, last_checkpoint, verify};
pub use read::{Entry, Filter, page, people_of_request};

/// Appends a record to this node's chain. The chain's end stays locked until the transaction ends, so call it last.
pub async fn append(store: &Store, tx: &mut Tx, record: &AuditRecord) -> Result<(), StoreError> {
    let node = store.audit_node();
    tx.execute(
        "INSERT INTO audit_heads (node, n, hash) VALUES ($1, 0, $2) ON CONFLICT (node) DO NOTHING",
        params![node, CHAIN_BEGINS],
    )
    .await?;
    // What RETURNING tells of the hash is still the one before.
    let rows = tx.query("UPDATE audit_heads SET n = n + 1 WHERE node = $1 RETURNING n, hash", params![node]).await?;
    let head = rows.first().ok_or_else(|| StoreError::Engine("the audit has no end".to_owned()))?;
    let (n, previous): (i64, ChainHash) = (head.int(0)?, head.id(1)?);
    let hash = record.hash(n.unsigned_abs(), &previous);
    tx.execute(
        "INSERT INTO audit (node, n, id, actor, action, app_id, account, about, address, request_id, by_key,
                            hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        params![
            node,
            n,
            record.id,
            record.actor,
            record.action.name(),
            record.app,
            record.user,
            record.about.as_str(),
            record.address.as_str(),
            record.request_id.as_str(),
            record.by_key.as_str(),
            hash
        ],
    )
    .await?;
    tx.execute("UPDATE audit_heads SET hash = $2 WHERE node = $1", params![node, hash]).await?;
    Ok(())
}

fn record(row: &Row) -> Result<AuditRecord, StoreError> {
    Ok(AuditRecord {
        id: row.id(0)?,
        actor: row.opt_id(1)?,
        action: AuditAction::from_name(row.text(2)?).ok_or_else(|| row.corrupt(2))?,
        app: row.opt_id(3)?,
        user: row.opt_id(4)?,
        about: row.text(5)?.to_owned(),
        address: row.text(6)?.to_owned(),
        request_id: row.text(7)?.to_owned(),
        by_key: row.text(8)?.to_owned(),
    })
}

/// What was done to an app, the latest first, before `before` where it is given.
pub async fn of_app(
    store: &Store,
    app: AppId,
    before: Option<EventId>,
    most: i64,
) -> Result<Vec<AuditRecord>, StoreError> {
    let before = before.map_or([0xff; 16], |before| *before.as_bytes());
    let rows = store
        .read(
            "SELECT id, actor, action, app_id, account, about, address, request_id, by_key FROM audit
             WHERE app_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            params![app, before, most],
        )
        .await?;
    rows.iter().map(record).collect()
}

/// The first place where this node's chain does not hold together, by its number; `None` where it does.
pub async fn first_break(store: &Store) -> Result<Option<u64>, StoreError> {
    let node = store.audit_node();
    let here = heads(store).await?.into_iter().find(|head| head.node == node);
    match here {
        Some(head) => chain::first_break_of(store, &head).await.map(|(_, broken)| broken),
        None => {
            let left = store.read("SELECT 1 FROM audit WHERE node = $1 LIMIT 1", params![node]).await?;
            Ok((!left.is_empty()).then_some(1))
        }
    }
}
