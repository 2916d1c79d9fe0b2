//! Changes to the items of a playlist. Each is one transaction that first raises the version, which locks the row: two
//! edits at once happen one after the other.

use keysig_core::id::UserId;
use keysig_core::time::Timestamp;

use super::step::Step;
use super::{Playlist, SnapshotId};
use crate::{Store, StoreError, Tx, params};

/// No playlist has more items than this.
pub const MAX_ITEMS: i64 = 10_000;

/// An edit against a version older than this many edits is refused.
const REMEMBERED_EDITS: i64 = 200;

/// What is to be taken out.
#[derive(Clone, Debug)]
pub struct Removal {
    /// What it is.
    pub uri: String,
    /// Where it stands in the version the edit is made against; everywhere if `None`.
    pub positions: Option<Vec<u32>>,
}

/// What is to be done to the items.
#[derive(Clone, Debug)]
pub enum Edit {
    /// Puts in, at a position or at the end.
    Add {
        /// What.
        uris: Vec<String>,
        /// Where.
        position: Option<u32>,
    },
    /// Takes out.
    Remove(Vec<Removal>),
    /// Moves a range.
    Move {
        /// The first of the range.
        range_start: u32,
        /// Before what it goes; the number of items to go to the end.
        insert_before: u32,
        /// How many.
        range_length: u32,
    },
    /// Makes these the items.
    Replace(Vec<String>),
}

/// Why an edit was not made.
#[derive(PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditRefused {
    /// The playlist would have more than [`MAX_ITEMS`].
    #[error("the playlist is full")]
    Full,
    /// A position or range that the playlist does not have.
    #[error("position out of bounds")]
    OutOfBounds,
    /// What is to be taken out does not stand where it is said to.
    #[error("the items are not where they are said to be")]
    NotThere,
    /// The snapshot id is none of this playlist's, or too old.
    #[error("unknown snapshot")]
    UnknownSnapshot,
    /// The playlist is gone.
    #[error("no such playlist")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes an edit as the playlist is now or, with `seen`, as it was in that version: items are found again wherever
/// later edits took them, and what is gone is a refusal. Returns the new snapshot id, or the current one if there was
/// nothing to do.
pub async fn edit(
    store: &Store,
    of: &Playlist,
    seen: Option<SnapshotId>,
    edit: Edit,
    by: UserId,
    now: Timestamp,
) -> Result<SnapshotId, EditRefused> {
    let mut tx = store.begin().await?;
    let rows = tx
        .query(
            "UPDATE playlists SET version = version + 1, changed_at = $3 WHERE id = $1 AND user_id = $2
             RETURNING version, total, salt",
            params![&of.id, of.owner, now],
        )
        .await?;
    let row = rows.first().ok_or(EditRefused::Gone)?;
    let (version, total) = (row.int(0)?, row.int(1)?);
    let salt = row.id(2)?;
    let since = steps_since(&mut tx, of, seen, version - 1, salt).await?;
    let step = match edit {
        Edit::Add { uris, position } => {
            let at = position.map_or(total, i64::from);
            add(&mut tx, of, total, at, &uris, by, now).await?
        }
        Edit::Remove(removals) => remove(&mut tx, of, &since, removals).await?,
        Edit::Move { range_start, insert_before, range_length } => {
            let (start, before) = (i64::from(range_start), i64::from(insert_before));
            move_range(&mut tx, of, &since, total, start, i64::from(range_length), before).await?
        }
        Edit::Replace(uris) => {
            tx.execute("DELETE FROM playlist_items WHERE playlist_id = $1 AND user_id = $2", params![&of.id, of.owner])
                .await?;
            add(&mut tx, of, 0, 0, &uris, by, now).await?;
            Some((Step::Replace, to_i64(uris.len())))
        }
    };
    let Some((step, total)) = step else { return Ok(SnapshotId { version: version - 1, salt }) };
    tx.execute("UPDATE playlists SET total = $3 WHERE id = $1 AND user_id = $2", params![&of.id, of.owner, total])
        .await?;
    log(&mut tx, of, version, &step).await?;
    tx.commit().await?;
    Ok(SnapshotId { version, salt })
}

fn to_i64(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Remembers how a version came about, and forgets the oldest.
pub(super) async fn log(tx: &mut Tx, of: &Playlist, version: i64, step: &Step) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO playlist_edits (playlist_id, user_id, version, edit) VALUES ($1, $2, $3, $4)",
        params![&of.id, of.owner, version, step.print()],
    )
    .await?;
    tx.execute(
        "DELETE FROM playlist_edits WHERE playlist_id = $1 AND user_id = $2 AND version <= $3",
        params![&of.id, of.owner, version - REMEMBERED_EDITS],
    )
    .await?;
    Ok(())
}

/// What happened since the version that the edit was made against.
async fn steps_since(
    tx: &mut Tx,
    of: &Playlist,
    seen: Option<SnapshotId>,
    current: i64,
    salt: [u8; 16],
) -> Result<Vec<Step>, EditRefused> {
    let Some(seen) = seen else { return Ok(Vec::new()) };
    if seen.salt != salt || seen.version > current {
        return Err(EditRefused::UnknownSnapshot);
    }
    let rows = tx
        .query(
            "SELECT edit FROM playlist_edits WHERE playlist_id = $1 AND user_id = $2 AND version > $3 ORDER BY version",
            params![&of.id, of.owner, seen.version],
        )
        .await?;
    if to_i64(rows.len()) != current - seen.version {
        return Err(EditRefused::UnknownSnapshot);
    }
    rows.iter().map(|row| Step::parse(row.text(0)?).ok_or(EditRefused::UnknownSnapshot)).collect()
}

type Done = Result<Option<(Step, i64)>, EditRefused>;

async fn add(tx: &mut Tx, of: &Playlist, total: i64, at: i64, uris: &[String], by: UserId, now: Timestamp) -> Done {
    let count = to_i64(uris.len());
    if at > total {
        return Err(EditRefused::OutOfBounds);
    }
    if total + count > MAX_ITEMS {
        return Err(EditRefused::Full);
    }
    if count == 0 {
        return Ok(None);
    }
    if at < total {
        shift(tx, of, at, total, count).await?;
    }
    for (position, uri) in (at..).zip(uris) {
        tx.execute(
            "INSERT INTO playlist_items (playlist_id, user_id, position, uri, added_at, added_by)
             VALUES ($1, $2, $3, $4, $5, $6)",
            params![&of.id, of.owner, position, uri, now, by],
        )
        .await?;
    }
    Ok(Some((Step::Insert { at, count }, total + count)))
}

/// Moves the items from `from` up to `to` by `by` places. In two steps, by way of negative positions: both engines
/// check the primary key row by row.
async fn shift(tx: &mut Tx, of: &Playlist, from: i64, to: i64, by: i64) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE playlist_items SET position = -1 - (position + $5)
         WHERE playlist_id = $1 AND user_id = $2 AND position >= $3 AND position < $4",
        params![&of.id, of.owner, from, to, by],
    )
    .await?;
    settle(tx, of).await
}

async fn settle(tx: &mut Tx, of: &Playlist) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE playlist_items SET position = -1 - position WHERE playlist_id = $1 AND user_id = $2 AND position < 0",
        params![&of.id, of.owner],
    )
    .await?;
    Ok(())
}

async fn remove(tx: &mut Tx, of: &Playlist, since: &[Step], removals: Vec<Removal>) -> Done {
    let mut gone = std::collections::BTreeSet::new();
    for removal in removals {
        let rows = tx
            .query(
                "SELECT position FROM playlist_items WHERE playlist_id = $1 AND user_id = $2 AND uri = $3",
                params![&of.id, of.owner, &removal.uri],
            )
            .await?;
        let there: Vec<i64> = rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>()?;
        match removal.positions {
            Some(positions) => {
                for position in positions {
                    let now_at = since.iter().try_fold(i64::from(position), |at, step| step.forward(at));
                    gone.insert(now_at.filter(|at| there.contains(at)).ok_or(EditRefused::NotThere)?);
                }
            }
            None => {
                let was_there = |at: &i64| since.iter().rev().try_fold(*at, |at, step| step.back(at)).is_some();
                gone.extend(there.into_iter().filter(was_there));
            }
        }
    }
    let Some(first) = gone.first().copied() else { return Ok(None) };
    for position in &gone {
        tx.execute(
            "DELETE FROM playlist_items WHERE playlist_id = $1 AND user_id = $2 AND position = $3",
            params![&of.id, of.owner, *position],
        )
        .await?;
    }
    // What stands behind the first gap closes up.
    tx.execute(
        "UPDATE playlist_items SET position = -1 - n.place FROM (
            SELECT position AS old, $3 + row_number() OVER (ORDER BY position) - 1 AS place FROM playlist_items
            WHERE playlist_id = $1 AND user_id = $2 AND position > $3) AS n
         WHERE playlist_id = $1 AND user_id = $2 AND position = n.old",
        params![&of.id, of.owner, first],
    )
    .await?;
    settle(tx, of).await?;
    let rows =
        tx.query("SELECT total FROM playlists WHERE id = $1 AND user_id = $2", params![&of.id, of.owner]).await?;
    let total = rows.first().map_or(Ok(0), |row| row.int(0))?;
    let left = total - to_i64(gone.len());
    Ok(Some((Step::Remove(gone.into_iter().collect()), left)))
}

async fn move_range(
    tx: &mut Tx,
    of: &Playlist,
    since: &[Step],
    total: i64,
    start: i64,
    count: i64,
    before: i64,
) -> Done {
    let forward = |position: i64| since.iter().try_fold(position, |at, step| step.forward(at));
    let (mut now_start, mut now_before) = (start, before);
    if !since.is_empty() {
        now_start = forward(start).ok_or(EditRefused::NotThere)?;
        // The range must still be one, or it would be unclear what moves.
        if (0..count).any(|nth| forward(start + nth) != Some(now_start + nth)) {
            return Err(EditRefused::NotThere);
        }
        now_before = match before {
            0 => 0,
            _ => forward(before - 1).ok_or(EditRefused::NotThere)? + 1,
        };
    }
    let end = now_start + count;
    if count < 1 || end > total || now_before > total {
        return Err(EditRefused::OutOfBounds);
    }
    if (now_start..=end).contains(&now_before) {
        return Ok(None);
    }
    // The block goes one way, what it passes goes the other.
    let (from, to, block, passed) = match now_before > end {
        true => (now_start, now_before, now_before - end, -count),
        false => (now_before, end, now_before - now_start, count),
    };
    tx.execute(
        "UPDATE playlist_items SET position = -1 - (position +
            CASE WHEN position >= $5 AND position < $6 THEN CAST($7 AS BIGINT) ELSE CAST($8 AS BIGINT) END)
         WHERE playlist_id = $1 AND user_id = $2 AND position >= $3 AND position < $4",
        params![&of.id, of.owner, from, to, now_start, end, block, passed],
    )
    .await?;
    settle(tx, of).await?;
    Ok(Some((Step::Move { start: now_start, count, before: now_before }, total)))
}
