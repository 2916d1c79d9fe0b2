//! Look-ups by id and lists. A track comes with its album and artists in one read.

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use super::data::{Album, AlbumBrief, AlbumKind, Artist, ReleaseDate, Track};
use super::{Catalogue, CatalogueError};

/// At most this many ids are looked up at once.
pub const MAX_BATCH: usize = 100;

/// What a catalogue holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Artists.
    Artist,
    /// Albums.
    Album,
    /// Tracks.
    Track,
}

/// How an album belongs to an artist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AlbumGroup {
    /// Their own, of this kind.
    Own(AlbumKind),
    /// Somebody else's, with a track of theirs on it.
    AppearsOn,
}

impl AlbumGroup {
    /// All of them, in the order lists show them.
    pub const ALL: [Self; 4] =
        [Self::Own(AlbumKind::Album), Self::Own(AlbumKind::Single), Self::Own(AlbumKind::Compilation), Self::AppearsOn];

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own(kind) => kind.name(),
            Self::AppearsOn => "appears_on",
        }
    }
}

/// A part of a list, and how long the whole is.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The part.
    pub items: Vec<T>,
    /// How many there are in all.
    pub total: u64,
}

macro_rules! track_columns {
    () => {
        "SELECT t.id, t.name, t.artists, t.disc_number, t.track_number, t.duration_ms, t.explicit, t.isrc, t.popularity,
            a.id, a.name, a.kind, a.artists, a.release_date, a.total_tracks, a.images
         FROM track t JOIN album a ON a.n = t.album "
    };
}
macro_rules! album_columns {
    () => {
        "SELECT a.id, a.name, a.kind, a.artists, a.release_date, a.total_tracks, a.images,
            a.label, a.upc, a.popularity, a.genres, a.copyrights FROM album a "
    };
}
macro_rules! artist_columns {
    () => {
        "SELECT r.id, r.name, r.genres, r.popularity, r.followers, r.images FROM artist r "
    };
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, rusqlite::Error> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

fn brief(row: &Row<'_>, from: usize) -> Result<AlbumBrief, rusqlite::Error> {
    let bad =
        |column| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(FromSqlError::InvalidType));
    Ok(AlbumBrief {
        id: row.get(from)?,
        name: row.get(from + 1)?,
        kind: AlbumKind::from_name(row.get_ref(from + 2)?.as_str()?).ok_or_else(|| bad(from + 2))?,
        artists: json(row, from + 3)?,
        release_date: ReleaseDate::parse(row.get_ref(from + 4)?.as_str()?).ok_or_else(|| bad(from + 4))?,
        total_tracks: row.get(from + 5)?,
        images: json(row, from + 6)?,
    })
}

fn track(row: &Row<'_>) -> Result<Track, rusqlite::Error> {
    Ok(Track {
        id: row.get(0)?,
        name: row.get(1)?,
        artists: json(row, 2)?,
        disc_number: row.get(3)?,
        track_number: row.get(4)?,
        duration_ms: row.get(5)?,
        explicit: row.get(6)?,
        isrc: row.get(7)?,
        popularity: row.get(8)?,
        album: brief(row, 9)?,
    })
}

fn album(row: &Row<'_>) -> Result<Album, rusqlite::Error> {
    Ok(Album {
        brief: brief(row, 0)?,
        label: row.get(7)?,
        upc: row.get(8)?,
        popularity: row.get(9)?,
        genres: json(row, 10)?,
        copyrights: json(row, 11)?,
    })
}

fn artist(row: &Row<'_>) -> Result<Artist, rusqlite::Error> {
    Ok(Artist {
        id: row.get(0)?,
        name: row.get(1)?,
        genres: json(row, 2)?,
        popularity: row.get(3)?,
        followers: row.get(4)?,
        images: json(row, 5)?,
    })
}

fn rows<T>(
    reader: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: fn(&Row<'_>) -> Result<T, rusqlite::Error>,
) -> Result<Vec<T>, rusqlite::Error> {
    reader.prepare_cached(sql)?.query_map(params, read)?.collect()
}

/// One answer per key, in the order of the keys.
fn each<T, K: rusqlite::ToSql>(
    reader: &Connection,
    sql: &str,
    keys: &[K],
    read: fn(&Row<'_>) -> Result<T, rusqlite::Error>,
) -> Result<Vec<Option<T>>, rusqlite::Error> {
    let mut statement = reader.prepare_cached(sql)?;
    keys.iter().take(MAX_BATCH).map(|key| statement.query_row([key], read).optional()).collect()
}

impl Catalogue {
    /// The tracks of these ids (at most [`MAX_BATCH`]), in their order; `None` for an id that nothing has.
    pub fn tracks(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Option<Track>>, CatalogueError> {
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        self.with(|reader| each(reader, concat!(track_columns!(), "WHERE t.id = ?1"), &ids, track))
    }

    /// The albums of these ids (at most [`MAX_BATCH`]), in their order; `None` for an id that nothing has.
    pub fn albums(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Option<Album>>, CatalogueError> {
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        self.with(|reader| each(reader, concat!(album_columns!(), "WHERE a.id = ?1"), &ids, album))
    }

    /// The artists of these ids (at most [`MAX_BATCH`]), in their order; `None` for an id that nothing has.
    pub fn artists(&self, ids: &[impl AsRef<str>]) -> Result<Vec<Option<Artist>>, CatalogueError> {
        let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        self.with(|reader| each(reader, concat!(artist_columns!(), "WHERE r.id = ?1"), &ids, artist))
    }

    /// Whether something of this kind has this id.
    pub fn has(&self, kind: Kind, id: &str) -> Result<bool, CatalogueError> {
        let sql = match kind {
            Kind::Artist => "SELECT 1 FROM artist WHERE id = ?1",
            Kind::Album => "SELECT 1 FROM album WHERE id = ?1",
            Kind::Track => "SELECT 1 FROM track WHERE id = ?1",
        };
        self.with(|reader| reader.prepare_cached(sql)?.exists([id]))
    }

    /// An album's tracks in the order they play.
    pub fn album_tracks(&self, album_id: &str, limit: u32, offset: u32) -> Result<Page<Track>, CatalogueError> {
        self.with(|reader| {
            let total = count(reader, "SELECT total_tracks FROM album WHERE id = ?1", [album_id])?;
            let sql = concat!(
                track_columns!(),
                "WHERE a.id = ?1 ORDER BY t.disc_number, t.track_number, t.n LIMIT ?2 OFFSET ?3"
            );
            Ok(Page { items: rows(reader, sql, params![album_id, limit, offset], track)?, total })
        })
    }

    /// An artist's albums of the given groups, newest first within each group in the order of [`AlbumGroup::ALL`].
    pub fn artist_albums(
        &self,
        artist_id: &str,
        groups: &[AlbumGroup],
        limit: u32,
        offset: u32,
    ) -> Result<Page<(AlbumBrief, AlbumGroup)>, CatalogueError> {
        let asked = |group: AlbumGroup| groups.contains(&group).then(|| group.name());
        let [a, b, c, d] = AlbumGroup::ALL.map(asked);
        self.with(|reader| {
            let total = count(
                reader,
                "SELECT count(*) FROM artist r JOIN artist_album aa ON aa.artist = r.n
                 WHERE r.id = ?1 AND aa.grouped IN (?2, ?3, ?4, ?5)",
                params![artist_id, a, b, c, d],
            )?;
            let mut statement = reader.prepare_cached(
                "SELECT a.id, a.name, a.kind, a.artists, a.release_date, a.total_tracks, a.images, aa.grouped
                 FROM artist r JOIN artist_album aa ON aa.artist = r.n JOIN album a ON a.n = aa.album
                 WHERE r.id = ?1 AND aa.grouped IN (?2, ?3, ?4, ?5)
                 ORDER BY instr('album single compilation appears_on', aa.grouped), aa.release_date DESC, a.n
                 LIMIT ?6 OFFSET ?7",
            )?;
            let found = statement.query_map(params![artist_id, a, b, c, d, limit, offset], |row| {
                let grouped = row.get_ref(7)?.as_str()?.to_owned();
                let group = AlbumGroup::ALL.into_iter().find(|group| group.name() == grouped);
                Ok((brief(row, 0)?, group.unwrap_or(AlbumGroup::AppearsOn)))
            })?;
            Ok(Page { items: found.collect::<Result<_, _>>()?, total })
        })
    }

    /// An artist's most popular tracks.
    pub fn artist_top_tracks(&self, artist_id: &str, limit: u32) -> Result<Vec<Track>, CatalogueError> {
        let sql = concat!(
            track_columns!(),
            "WHERE t.n IN (SELECT at.track FROM artist r JOIN artist_track at ON at.artist = r.n WHERE r.id = ?1
                ORDER BY at.track LIMIT ?2) ORDER BY t.n"
        );
        self.with(|reader| rows(reader, sql, params![artist_id, limit], track))
    }

    /// The ids of the most popular of a kind, most popular first.
    pub fn most_popular(&self, kind: Kind, limit: u32) -> Result<Vec<String>, CatalogueError> {
        let sql = match kind {
            Kind::Artist => "SELECT id FROM artist ORDER BY n LIMIT ?1",
            Kind::Album => "SELECT id FROM album ORDER BY n LIMIT ?1",
            Kind::Track => "SELECT id FROM track ORDER BY n LIMIT ?1",
        };
        self.with(|reader| rows(reader, sql, [limit], |row| row.get(0)))
    }

    pub(super) fn numbered_tracks(&self, numbers: &[i64]) -> Result<Vec<Track>, CatalogueError> {
        let sql = concat!(track_columns!(), "WHERE t.n = ?1");
        self.with(|reader| Ok(each(reader, sql, numbers, track)?.into_iter().flatten().collect()))
    }

    pub(super) fn numbered_albums(&self, numbers: &[i64]) -> Result<Vec<Album>, CatalogueError> {
        let sql = concat!(album_columns!(), "WHERE a.n = ?1");
        self.with(|reader| Ok(each(reader, sql, numbers, album)?.into_iter().flatten().collect()))
    }

    pub(super) fn numbered_artists(&self, numbers: &[i64]) -> Result<Vec<Artist>, CatalogueError> {
        let sql = concat!(artist_columns!(), "WHERE r.n = ?1");
        self.with(|reader| Ok(each(reader, sql, numbers, artist)?.into_iter().flatten().collect()))
    }
}

fn count(reader: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<u64, rusqlite::Error> {
    let found: Option<i64> = reader.prepare_cached(sql)?.query_row(params, |row| row.get(0)).optional()?;
    Ok(found.and_then(|found| u64::try_from(found).ok()).unwrap_or(0))
}
