//! Playlists and their items.

mod edit;
mod snapshot;
mod step;

use keysig_core::encoding::base62;
use keysig_core::id::UserId;
use keysig_core::rng::{Rng, random};
use keysig_core::time::Timestamp;

use crate::catalogue::folded;
use crate::{Row, Statement, Store, StoreError, Write, params};

pub use edit::{Edit, EditRefused, MAX_ITEMS, Removal, edit};
pub use snapshot::SnapshotId;

/// No user makes more playlists than this.
pub const MAX_PLAYLISTS: i64 = 11_000;

/// A playlist without its items.
#[derive(Clone, Debug)]
pub struct Playlist {
    /// 22 base62 characters.
    pub id: String,
    /// Whose it is.
    pub owner: UserId,
    /// The name.
    pub name: String,
    /// What it is about, in its owner's words.
    pub description: Option<String>,
    /// Shown to everybody.
    pub public: bool,
    /// Whoever follows it may change its items.
    pub collaborative: bool,
    /// How many items it has.
    pub total: u32,
    /// Its current version.
    pub snapshot: SnapshotId,
}

/// One place of a playlist.
#[derive(Clone, Debug)]
pub struct Item {
    /// What stands there: `spotify:track:…`.
    pub uri: String,
    /// Since when.
    pub added_at: Timestamp,
    /// Who put it there.
    pub added_by: UserId,
}

/// What a new playlist is to be.
#[derive(Clone, Debug)]
pub struct NewPlaylist {
    /// The name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// Shown to everybody. A collaborative one is not.
    pub public: bool,
    /// Whoever follows it may change its items.
    pub collaborative: bool,
}

/// What may be changed about a playlist; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The name.
    pub name: Option<String>,
    /// What it is about.
    pub description: Option<String>,
    /// Shown to everybody.
    pub public: Option<bool>,
    /// Whoever follows it may change its items.
    pub collaborative: Option<bool>,
}

/// Which playlists of a list the app may see beside the public ones.
#[derive(Clone, Copy, Debug)]
pub struct Sees {
    /// Private ones (`playlist-read-private`).
    pub private: bool,
    /// Collaborative ones (`playlist-read-collaborative`).
    pub collaborative: bool,
}

fn playlist(row: &Row) -> Result<Playlist, StoreError> {
    Ok(Playlist {
        id: row.text(0)?.to_owned(),
        owner: row.id(1)?,
        name: row.text(2)?.to_owned(),
        description: row.opt_text(3)?.map(str::to_owned),
        public: row.bool(4)?,
        collaborative: row.bool(5)?,
        total: row.u32(6)?,
        snapshot: SnapshotId { version: row.int(7)?, salt: row.id(8)? },
    })
}

macro_rules! select_playlists {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.user_id, p.name, p.description, p.public, p.collaborative, p.total, p.version, p.salt ",
            $rest
        )
    };
}

fn counted(rows: &[Row]) -> Result<u64, StoreError> {
    rows.first().map_or(Ok(0), |row| Ok(u64::from(row.u32(0)?)))
}

fn first_word(folded: &str) -> &str {
    folded.split(' ').next().unwrap_or_default()
}

/// The writes that make a playlist, which its owner follows from then on, and the playlist.
pub fn create(owner: UserId, new: NewPlaylist, now: Timestamp, rng: &(impl Rng + ?Sized)) -> (Playlist, Write) {
    let made = Playlist {
        id: base62(&random(rng)),
        owner,
        name: new.name,
        description: new.description,
        public: new.public && !new.collaborative,
        collaborative: new.collaborative,
        total: 0,
        snapshot: SnapshotId { version: 1, salt: random(rng) },
    };
    let folded = folded(&made.name);
    let insert = Statement::new(
        "INSERT INTO playlists (id, user_id, name, folded, first_word, description, public, collaborative, salt, version,
                                total, created_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)",
        params![
            &made.id,
            owner,
            &made.name,
            &folded,
            first_word(&folded),
            made.description.as_deref(),
            made.public,
            made.collaborative,
            made.snapshot.salt,
            made.snapshot.version,
            made.total,
            now
        ],
    );
    let follow = crate::library::follow(owner, crate::library::Followed::Playlist, &made.id, made.public, now);
    (made, Write::one(insert).and(follow))
}

/// How many playlists a user has made.
pub async fn count_of(store: &Store, owner: UserId) -> Result<u64, StoreError> {
    counted(&store.read("SELECT count(*) FROM playlists WHERE user_id = $1", params![owner]).await?)
}

/// The playlist of this id, whoever's it is.
pub async fn by_id(store: &Store, id: &str) -> Result<Option<Playlist>, StoreError> {
    let rows = store.read(select_playlists!("FROM playlists p WHERE p.id = $1"), params![id]).await?;
    rows.first().map(playlist).transpose()
}

/// A user's list: the playlists they follow, their own included, newest first; and how many there are. Somebody else's
/// that has become private is not among them.
pub async fn followed(
    store: &Store,
    user: UserId,
    sees: Sees,
    limit: u32,
    offset: u32,
) -> Result<(Vec<Playlist>, u64), StoreError> {
    // `public >= 0` and `collaborative > 0` hold for what may be seen, `>= 1` and `> 1` for the public ones only.
    let (private, collaborative) = (!sees.private, !sees.collaborative);
    let total = store
        .read(
            "SELECT count(*) FROM follows f JOIN playlists p ON p.id = f.target
             WHERE f.user_id = $1 AND f.kind = 'playlist' AND (p.user_id = $1 OR p.public = 1 OR p.collaborative = 1)
               AND ((p.collaborative = 0 AND p.public >= $2) OR p.collaborative > $3)",
            params![user, private, collaborative],
        )
        .await?;
    let rows = store
        .read(
            select_playlists!(
                "FROM follows f JOIN playlists p ON p.id = f.target
                 WHERE f.user_id = $1 AND f.kind = 'playlist' AND (p.user_id = $1 OR p.public = 1 OR p.collaborative = 1)
                   AND ((p.collaborative = 0 AND p.public >= $2) OR p.collaborative > $3)
                 ORDER BY f.followed_at DESC, p.id LIMIT $4 OFFSET $5"
            ),
            params![user, private, collaborative, limit, offset],
        )
        .await?;
    Ok((rows.iter().map(playlist).collect::<Result<_, _>>()?, counted(&total)?))
}

/// A user's public playlists as others see them, newest first; and how many there are.
pub async fn public_of(
    store: &Store,
    owner: UserId,
    limit: u32,
    offset: u32,
) -> Result<(Vec<Playlist>, u64), StoreError> {
    let total = store
        .read(
            "SELECT count(*) FROM follows f JOIN playlists p ON p.id = f.target
             WHERE f.user_id = $1 AND f.kind = 'playlist' AND p.user_id = $1 AND p.public = 1",
            params![owner],
        )
        .await?;
    let rows = store
        .read(
            select_playlists!(
                "FROM follows f JOIN playlists p ON p.id = f.target
                 WHERE f.user_id = $1 AND f.kind = 'playlist' AND p.user_id = $1 AND p.public = 1
                 ORDER BY f.followed_at DESC, p.id LIMIT $2 OFFSET $3"
            ),
            params![owner, limit, offset],
        )
        .await?;
    Ok((rows.iter().map(playlist).collect::<Result<_, _>>()?, counted(&total)?))
}

/// Public playlists whose name begins with these words (the first of them whole), latest change first.
pub async fn search(store: &Store, text: &str, limit: u32, offset: u32) -> Result<(Vec<Playlist>, u64), StoreError> {
    let folded = folded(text);
    let (word, like) = (first_word(&folded), format!("{folded}%"));
    let total = store
        .read_heavy(
            "SELECT count(*) FROM playlists p WHERE p.first_word = $1 AND p.public = 1 AND p.folded LIKE $2",
            params![word, &like],
        )
        .await?;
    let rows = store
        .read_heavy(
            select_playlists!(
                "FROM playlists p WHERE p.first_word = $1 AND p.public = 1 AND p.folded LIKE $2
                 ORDER BY p.changed_at DESC, p.id LIMIT $3 OFFSET $4"
            ),
            params![word, &like, limit, offset],
        )
        .await?;
    Ok((rows.iter().map(playlist).collect::<Result<_, _>>()?, counted(&total)?))
}

/// Changes name, description or who may see it.
pub async fn change(store: &Store, of: &Playlist, details: Details, now: Timestamp) -> Result<(), StoreError> {
    let name = details.name.unwrap_or_else(|| of.name.clone());
    let folded = folded(&name);
    let collaborative = details.collaborative.unwrap_or(of.collaborative);
    let public = details.public.unwrap_or(of.public) && !collaborative;
    let mut tx = store.begin().await?;
    let rows = tx
        .query(
            "UPDATE playlists SET name = $3, folded = $4, first_word = $5, description = $6, public = $7,
                collaborative = $8, changed_at = $9, version = version + 1
             WHERE id = $1 AND user_id = $2 RETURNING version",
            params![
                &of.id,
                of.owner,
                &name,
                &folded,
                first_word(&folded),
                details.description.or_else(|| of.description.clone()),
                public,
                collaborative,
                now
            ],
        )
        .await?;
    if let Some(row) = rows.first() {
        edit::log(&mut tx, of, row.int(0)?, &step::Step::Details).await?;
    }
    tx.commit().await
}

/// A part of the items, in their order.
pub async fn items(store: &Store, of: &Playlist, limit: u32, offset: u32) -> Result<Vec<Item>, StoreError> {
    let rows = store
        .read(
            "SELECT uri, added_at, added_by FROM playlist_items
             WHERE playlist_id = $1 AND user_id = $2 AND position >= $3 AND position < $4 ORDER BY position",
            params![&of.id, of.owner, offset, i64::from(offset) + i64::from(limit)],
        )
        .await?;
    let item = |row: &Row| Ok(Item { uri: row.text(0)?.to_owned(), added_at: row.timestamp(1)?, added_by: row.id(2)? });
    rows.iter().map(item).collect()
}
