//! Fills a new user's library from the catalogue, for `keysig dev`: the same each time for the same randomness.

use keysig_core::id::UserId;
use keysig_core::rng::{Rng, random};
use keysig_core::time::Timestamp;
use serde::Deserialize;

use super::{Followed, Saved, follow, save};
use crate::catalogue::{Catalogue, CatalogueError, Kind};
use crate::playlists::{self, NewPlaylist};
use crate::{Statement, Store, StoreError, Write, params};

/// Picks are made among this many of the most popular.
const WELL_KNOWN: u32 = 300;

/// A playlist to make.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaylistSpec {
    /// The name.
    pub name: String,
    /// What it is about.
    #[serde(default)]
    pub description: Option<String>,
    /// Shown to everybody.
    #[serde(default)]
    pub public: bool,
    /// Whoever follows it may change it.
    #[serde(default)]
    pub collaborative: bool,
    /// How many tracks.
    pub tracks: usize,
}

/// How much a library holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LibrarySpec {
    /// Playlists, the first at the top of the list.
    pub playlists: Vec<PlaylistSpec>,
    /// How many saved tracks.
    pub saved_tracks: usize,
    /// How many saved albums.
    pub saved_albums: usize,
    /// How many followed artists.
    pub followed_artists: usize,
    /// How many plays, one every four minutes up to now.
    pub recently_played: usize,
    /// How many top tracks and artists in each time range.
    pub top: usize,
}

/// Why a library was not filled.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The catalogue failed.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// `count` of `pool` in a random order (fewer if the pool is smaller).
fn pick(pool: &[String], count: usize, rng: &(impl Rng + ?Sized)) -> Vec<String> {
    let mut drawn: Vec<(u64, &String)> = pool.iter().map(|id| (u64::from_be_bytes(random(rng)), id)).collect();
    drawn.sort_unstable();
    drawn.into_iter().take(count).map(|(_, id)| id.clone()).collect()
}

/// Gives a new user everything in `spec`, in one write. With the same catalogue, spec, time and randomness it is the
/// same to the last id.
pub async fn seed_library(
    store: &Store,
    catalogue: &Catalogue,
    user: UserId,
    spec: &LibrarySpec,
    now: Timestamp,
    rng: &(impl Rng + ?Sized),
) -> Result<(), SeedError> {
    let tracks = catalogue.most_popular(Kind::Track, WELL_KNOWN)?;
    let albums = catalogue.most_popular(Kind::Album, WELL_KNOWN)?;
    let artists = catalogue.most_popular(Kind::Artist, WELL_KNOWN)?;
    let mut write = Write::default();
    let hours_ago = |hours: usize| now.plus_seconds(-3600 * i64::try_from(hours).unwrap_or(0));
    for (nth, playlist) in spec.playlists.iter().enumerate() {
        write = with_playlist(write, user, playlist, &tracks, hours_ago(24 * (nth + 1)), rng);
    }
    for (nth, id) in pick(&tracks, spec.saved_tracks, rng).iter().enumerate() {
        write = write.and(save(user, Saved::Track, id, hours_ago(5 * nth + 2)));
    }
    for (nth, id) in pick(&albums, spec.saved_albums, rng).iter().enumerate() {
        write = write.and(save(user, Saved::Album, id, hours_ago(50 * nth + 3)));
    }
    for (nth, id) in pick(&artists, spec.followed_artists, rng).iter().enumerate() {
        write = write.and(follow(user, Followed::Artist, id, true, hours_ago(30 * nth + 1)));
    }
    for (nth, id) in pick(&tracks, spec.recently_played, rng).iter().enumerate() {
        let played_at = now.plus_seconds(-240 * i64::try_from(nth + 1).unwrap_or(0));
        write = write.and(Statement::new(
            "INSERT INTO plays (user_id, played_at, track_id, context) VALUES ($1, $2, $3, NULL)",
            params![user, played_at, id],
        ));
    }
    for (kind, pool) in [("track", &tracks), ("artist", &artists)] {
        for time_range in ["short_term", "medium_term", "long_term"] {
            for (place, id) in (0_i64..).zip(pick(pool, spec.top, rng)) {
                write = write.and(Statement::new(
                    "INSERT INTO affinities (user_id, kind, time_range, place, item_id) VALUES ($1, $2, $3, $4, $5)",
                    params![user, kind, time_range, place, id],
                ));
            }
        }
    }
    store.write(write).await?;
    Ok(())
}

fn with_playlist(
    write: Write,
    user: UserId,
    spec: &PlaylistSpec,
    tracks: &[String],
    made_at: Timestamp,
    rng: &(impl Rng + ?Sized),
) -> Write {
    let new = NewPlaylist {
        name: spec.name.clone(),
        description: spec.description.clone(),
        public: spec.public,
        collaborative: spec.collaborative,
    };
    let (made, create) = playlists::create(user, new, made_at, rng);
    let items = pick(tracks, spec.tracks, rng);
    let total = i64::try_from(items.len()).unwrap_or(0);
    let mut write = create.statements.into_iter().fold(write, Write::and);
    for (position, id) in (0_i64..).zip(items) {
        write = write.and(Statement::new(
            "INSERT INTO playlist_items (playlist_id, user_id, position, uri, added_at, added_by)
             VALUES ($1, $2, $3, $4, $5, $6)",
            params![&made.id, user, position, format!("spotify:track:{id}"), made_at, user],
        ));
    }
    write.and(Statement::new(
        "UPDATE playlists SET total = $3 WHERE id = $1 AND user_id = $2",
        params![&made.id, user, total],
    ))
}
