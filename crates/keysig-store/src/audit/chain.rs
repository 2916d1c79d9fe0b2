//! Whether the chains hold together, and the checkpoints that join them: the heads of all chains at one moment, under a MAC
//! whose key is not in the store. Who can write to the store alone can neither forge one nor cut a chain off below the last.

use keysig_core::audit::{CHAIN_BEGINS, ChainHash};
use keysig_core::secret::constant_time_eq;
use keysig_core::time::Timestamp;

use super::record;
use crate::{Store, StoreError, params};

/// The end of a chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Whose.
    pub node: [u8; 16],
    /// How many records it has.
    pub n: u64,
    /// The hash of the last one.
    pub hash: ChainHash,
}

/// What does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Break {
    /// This record of this chain was altered, or is missing.
    Record {
        /// Whose chain.
        node: [u8; 16],
        /// Which record.
        n: u64,
    },
    /// A checkpoint was altered, or one is missing.
    Checkpoint {
        /// Which.
        n: u64,
    },
    /// A chain does not reach what a checkpoint saw of it: its end was cut off, or all of it was written anew.
    Cut {
        /// Whose chain.
        node: [u8; 16],
        /// How far the checkpoint saw it reach.
        n: u64,
    },
}

/// What was looked at.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// How many records.
    pub records: u64,
    /// How many chains.
    pub chains: u64,
    /// How many checkpoints.
    pub checkpoints: u64,
    /// When the last checkpoint was made.
    pub last_checkpoint_at: Option<Timestamp>,
    /// The first thing that does not hold, if one does not.
    pub first_break: Option<Break>,
}

/// How a checkpoint is authenticated: a MAC over these bytes.
pub type Mac<'a> = &'a (dyn Fn(&[u8]) -> [u8; 32] + Sync);

/// The ends of all chains.
pub async fn heads(store: &Store) -> Result<Vec<Head>, StoreError> {
    let rows = store.read_heavy("SELECT node, n, hash FROM audit_heads ORDER BY node", Vec::new()).await?;
    rows.iter().map(|row| Ok(Head { node: row.id(0)?, n: row.int(1)?.unsigned_abs(), hash: row.id(2)? })).collect()
}

const HEAD_BYTES: usize = 16 + 8 + 32;

fn print(heads: &[Head]) -> Vec<u8> {
    heads.iter().flat_map(|head| [&head.node[..], &head.n.to_be_bytes(), &head.hash].concat()).collect()
}

fn parse(bytes: &[u8]) -> Option<Vec<Head>> {
    let head = |bytes: &[u8]| {
        let (node, rest) = bytes.split_at_checked(16)?;
        let (n, hash) = rest.split_at_checked(8)?;
        let n = u64::from_be_bytes(n.try_into().ok()?);
        Some(Head { node: node.try_into().ok()?, n, hash: hash.try_into().ok()? })
    };
    bytes.chunks(HEAD_BYTES).map(head).collect()
}

fn signed(n: i64, made_at: Timestamp, heads: &[u8]) -> Vec<u8> {
    [b"keysig audit checkpoint 1".as_slice(), &n.to_be_bytes(), &made_at.unix_millis().to_be_bytes(), heads].concat()
}

/// Makes a checkpoint of how the chains are now. Of two nodes that make one at once, one does.
pub async fn checkpoint(store: &Store, now: Timestamp, mac: Mac<'_>) -> Result<(), StoreError> {
    let heads = print(&heads(store).await?);
    let rows = store.read("SELECT COALESCE(MAX(n), 0) FROM audit_checkpoints", Vec::new()).await?;
    let n = rows.first().map_or(Ok(0), |row| row.int(0))? + 1;
    let mac = mac(&signed(n, now, &heads));
    let mut tx = store.begin().await?;
    tx.execute(
        "INSERT INTO audit_checkpoints (n, made_at, heads, mac) VALUES ($1, $2, $3, $4) ON CONFLICT (n) DO NOTHING",
        params![n, now, heads, mac],
    )
    .await?;
    tx.commit().await
}

/// When the last checkpoint was made.
pub async fn last_checkpoint(store: &Store) -> Result<Option<Timestamp>, StoreError> {
    let rows = store.read("SELECT MAX(made_at) FROM audit_checkpoints", Vec::new()).await?;
    rows.first().map_or(Ok(None), |row| row.opt_timestamp(0))
}

/// The first record of a chain that does not hold, and how many do.
pub(super) async fn first_break_of(store: &Store, head: &Head) -> Result<(u64, Option<u64>), StoreError> {
    let (mut n, mut previous) = (0_i64, CHAIN_BEGINS);
    loop {
        let rows = store
            .read_heavy(
                "SELECT id, actor, action, app_id, account, about, address, request_id, by_key, n, hash FROM audit
                 WHERE node = $1 AND n > $2 ORDER BY n LIMIT 1000",
                params![head.node, n],
            )
            .await?;
        for row in &rows {
            n += 1;
            let said: ChainHash = row.id(10)?;
            previous = record(row)?.hash(n.unsigned_abs(), &previous);
            if row.int(9)? != n || said != previous {
                return Ok((n.unsigned_abs(), Some(n.unsigned_abs())));
            }
            // Records that came after the head was read are looked at next time.
            if n.unsigned_abs() == head.n {
                return Ok((head.n, (head.hash != previous).then_some(head.n)));
            }
        }
        if rows.is_empty() {
            let n = n.unsigned_abs();
            return Ok((n, (n != head.n).then_some(n + 1)));
        }
    }
}

/// Looks at every record of every chain, and at every checkpoint.
pub async fn verify(store: &Store, mac: Mac<'_>) -> Result<Verified, StoreError> {
    let mut verified = Verified::default();
    let heads = heads(store).await?;
    for head in &heads {
        let (records, broken) = first_break_of(store, head).await?;
        verified.records += records;
        verified.chains += 1;
        let broken = broken.map(|n| Break::Record { node: head.node, n });
        verified.first_break = verified.first_break.or(broken);
    }
    let rows = store.read_heavy("SELECT n, made_at, heads, mac FROM audit_checkpoints ORDER BY n", Vec::new()).await?;
    for (place, row) in (1_i64..).zip(&rows) {
        let (n, made_at, seen, said): (i64, _, _, [u8; 32]) =
            (row.int(0)?, row.timestamp(1)?, row.blob(2)?, row.id(3)?);
        verified.checkpoints += 1;
        verified.last_checkpoint_at = Some(made_at);
        let holds = n == place && constant_time_eq(&mac(&signed(n, made_at, seen)), &said);
        let broken = match parse(seen).filter(|_| holds) {
            None => Some(Break::Checkpoint { n: place.unsigned_abs() }),
            Some(seen) => cut(store, &seen).await?,
        };
        verified.first_break = verified.first_break.or(broken);
    }
    Ok(verified)
}

/// The first chain that is not what a checkpoint saw of it.
async fn cut(store: &Store, seen: &[Head]) -> Result<Option<Break>, StoreError> {
    for head in seen.iter().filter(|head| head.n > 0) {
        let n = i64::try_from(head.n).unwrap_or(i64::MAX);
        let rows = store.read("SELECT hash FROM audit WHERE node = $1 AND n = $2", params![head.node, n]).await?;
        let holds = match rows.first() {
            Some(row) => row.id::<ChainHash>(0)? == head.hash,
            None => false,
        };
        if !holds {
            return Ok(Some(Break::Cut { node: head.node, n: head.n }));
        }
    }
    Ok(None)
}
