//! What people saved, whom and what they follow, what they played and like most.

mod seed;

use keysig_core::id::UserId;
use keysig_core::time::Timestamp;

use crate::{Row, Statement, Store, StoreError, params};

pub use seed::{LibrarySpec, PlaylistSpec, SeedError, seed_library};

/// What can be saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Saved {
    /// A track.
    Track,
    /// An album.
    Album,
    /// A show.
    Show,
    /// An episode of a show.
    Episode,
    /// An audiobook.
    Audiobook,
}

impl Saved {
    /// The name in columns and uris.
    pub fn name(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Album => "album",
            Self::Show => "show",
            Self::Episode => "episode",
            Self::Audiobook => "audiobook",
        }
    }
}

/// What can be followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Followed {
    /// An artist, by id.
    Artist,
    /// A user, by public id.
    User,
    /// A playlist, by id.
    Playlist,
}

impl Followed {
    /// The name in columns and uris.
    pub fn name(self) -> &'static str {
        match self {
            Self::Artist => "artist",
            Self::User => "user",
            Self::Playlist => "playlist",
        }
    }
}

/// The write that saves something; saved again it keeps its place.
pub fn save(user: UserId, kind: Saved, id: &str, saved_at: Timestamp) -> Statement {
    Statement::new(
        "INSERT INTO saved_items (user_id, kind, item_id, saved_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id, kind, item_id) DO NOTHING",
        params![user, kind.name(), id, saved_at],
    )
}

/// The write that takes something out of what is saved.
pub fn forget(user: UserId, kind: Saved, id: &str) -> Statement {
    Statement::new(
        "DELETE FROM saved_items WHERE user_id = $1 AND kind = $2 AND item_id = $3",
        params![user, kind.name(), id],
    )
}

/// Whether something is saved.
pub async fn is_saved(store: &Store, user: UserId, kind: Saved, id: &str) -> Result<bool, StoreError> {
    let rows = store
        .read(
            "SELECT saved_at FROM saved_items WHERE user_id = $1 AND kind = $2 AND item_id = $3",
            params![user, kind.name(), id],
        )
        .await?;
    Ok(!rows.is_empty())
}

fn count(rows: &[Row]) -> Result<u64, StoreError> {
    rows.first().map_or(Ok(0), |row| Ok(u64::from(row.u32(0)?)))
}

/// What is saved, latest first, with when; and how much there is.
pub async fn saved(
    store: &Store,
    user: UserId,
    kind: Saved,
    limit: u32,
    offset: u32,
) -> Result<(Vec<(String, Timestamp)>, u64), StoreError> {
    let total = store
        .read("SELECT count(*) FROM saved_items WHERE user_id = $1 AND kind = $2", params![user, kind.name()])
        .await?;
    let rows = store
        .read(
            "SELECT item_id, saved_at FROM saved_items WHERE user_id = $1 AND kind = $2
             ORDER BY saved_at DESC, item_id LIMIT $3 OFFSET $4",
            params![user, kind.name(), limit, offset],
        )
        .await?;
    let item = |row: &Row| Ok((row.text(0)?.to_owned(), row.timestamp(1)?));
    Ok((rows.iter().map(item).collect::<Result<_, StoreError>>()?, count(&total)?))
}

/// The write that follows something; `public` is whether a followed playlist shows on one's profile.
pub fn follow(user: UserId, kind: Followed, target: &str, public: bool, now: Timestamp) -> Statement {
    Statement::new(
        "INSERT INTO follows (user_id, kind, target, public, followed_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id, kind, target) DO UPDATE SET public = excluded.public",
        params![user, kind.name(), target, public, now],
    )
}

/// The write that stops following something.
pub fn unfollow(user: UserId, kind: Followed, target: &str) -> Statement {
    Statement::new(
        "DELETE FROM follows WHERE user_id = $1 AND kind = $2 AND target = $3",
        params![user, kind.name(), target],
    )
}

/// Whether a user follows something.
pub async fn is_followed(store: &Store, user: UserId, kind: Followed, target: &str) -> Result<bool, StoreError> {
    let rows = store
        .read(
            "SELECT followed_at FROM follows WHERE user_id = $1 AND kind = $2 AND target = $3",
            params![user, kind.name(), target],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Whether a user shows on their profile that they follow a playlist.
pub async fn shows_playlist(store: &Store, user: UserId, playlist_id: &str) -> Result<bool, StoreError> {
    let rows = store
        .read(
            "SELECT followed_at FROM follows WHERE user_id = $1 AND kind = 'playlist' AND target = $2 AND public = 1",
            params![user, playlist_id],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// How many follow something; `but` does not count (owners follow their own playlists).
pub async fn followers(store: &Store, kind: Followed, target: &str, but: UserId) -> Result<u64, StoreError> {
    count(
        &store
            .read(
                "SELECT count(*) FROM follows WHERE kind = $1 AND target = $2 AND user_id <> $3",
                params![kind.name(), target, but],
            )
            .await?,
    )
}

/// The ids of followed artists in the order of their ids, from behind `after`; and how many there are in all.
pub async fn followed_artists(
    store: &Store,
    user: UserId,
    after: &str,
    limit: u32,
) -> Result<(Vec<String>, u64), StoreError> {
    let total =
        store.read("SELECT count(*) FROM follows WHERE user_id = $1 AND kind = 'artist'", params![user]).await?;
    let rows = store
        .read(
            "SELECT target FROM follows WHERE user_id = $1 AND kind = 'artist' AND target > $2
             ORDER BY target LIMIT $3",
            params![user, after, limit],
        )
        .await?;
    let ids = rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect::<Result<_, StoreError>>()?;
    Ok((ids, count(&total)?))
}

/// A track that was played.
#[derive(Clone, Debug)]
pub struct Play {
    /// Which.
    pub track_id: String,
    /// When.
    pub played_at: Timestamp,
    /// The uri of what it was played from.
    pub context: Option<String>,
}

/// From where a part of the history is read.
#[derive(Clone, Copy, Debug)]
pub enum PlaysFrom {
    /// The latest before this time.
    Before(Timestamp),
    /// The earliest after this time.
    After(Timestamp),
}

/// A part of what a user played, latest first.
pub async fn plays(store: &Store, user: UserId, from: PlaysFrom, limit: u32) -> Result<Vec<Play>, StoreError> {
    let rows = match from {
        PlaysFrom::Before(time) => {
            let sql = "SELECT track_id, played_at, context FROM plays WHERE user_id = $1 AND played_at < $2
                       ORDER BY played_at DESC LIMIT $3";
            store.read(sql, params![user, time, limit]).await?
        }
        PlaysFrom::After(time) => {
            let sql = "SELECT track_id, played_at, context FROM plays WHERE user_id = $1 AND played_at > $2
                       ORDER BY played_at LIMIT $3";
            let mut rows = store.read(sql, params![user, time, limit]).await?;
            rows.reverse();
            rows
        }
    };
    let play = |row: &Row| {
        Ok(Play {
            track_id: row.text(0)?.to_owned(),
            played_at: row.timestamp(1)?,
            context: row.opt_text(2)?.map(str::to_owned),
        })
    };
    rows.iter().map(play).collect()
}

/// What a user likes most: `kind` is `artist` or `track`, `time_range` one of Spotify's three; and how much there is.
pub async fn top(
    store: &Store,
    user: UserId,
    kind: &str,
    time_range: &str,
    limit: u32,
    offset: u32,
) -> Result<(Vec<String>, u64), StoreError> {
    let total = store
        .read(
            "SELECT count(*) FROM affinities WHERE user_id = $1 AND kind = $2 AND time_range = $3",
            params![user, kind, time_range],
        )
        .await?;
    let rows = store
        .read(
            "SELECT item_id FROM affinities WHERE user_id = $1 AND kind = $2 AND time_range = $3
             ORDER BY place LIMIT $4 OFFSET $5",
            params![user, kind, time_range, limit, offset],
        )
        .await?;
    let ids = rows.iter().map(|row| Ok(row.text(0)?.to_owned())).collect::<Result<_, StoreError>>()?;
    Ok((ids, count(&total)?))
}
