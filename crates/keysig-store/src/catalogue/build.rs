//! Writes a catalogue file. Rows are numbered by popularity, most popular first, so that reading in row order is reading
//! in the order people want: a search stops after the rows it needs instead of ranking every match.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde::Serialize;

use super::data::{ArtistRef, CatalogueData, TrackData};
use super::search::folded;
use super::{CatalogueError, FILE_VERSION};

/// Lists that are only ever read whole (artists of a track, images) are JSON in the row that shows them.
const TABLES: &str = "
CREATE TABLE artist (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, folded TEXT NOT NULL,
    genres TEXT NOT NULL, popularity INTEGER NOT NULL, followers INTEGER NOT NULL, images TEXT NOT NULL);
CREATE TABLE album (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, folded TEXT NOT NULL,
    kind TEXT NOT NULL, artists TEXT NOT NULL, release_date TEXT NOT NULL, label TEXT NOT NULL, upc TEXT,
    popularity INTEGER NOT NULL, genres TEXT NOT NULL, copyrights TEXT NOT NULL, images TEXT NOT NULL,
    total_tracks INTEGER NOT NULL);
CREATE TABLE track (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, folded TEXT NOT NULL,
    album INTEGER NOT NULL, artists TEXT NOT NULL, disc_number INTEGER NOT NULL, track_number INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL, explicit INTEGER NOT NULL, isrc TEXT, popularity INTEGER NOT NULL);
CREATE TABLE artist_album (artist INTEGER NOT NULL, release_date TEXT NOT NULL, album INTEGER NOT NULL,
    grouped TEXT NOT NULL, PRIMARY KEY (artist, release_date, album)) WITHOUT ROWID;
CREATE TABLE artist_track (artist INTEGER NOT NULL, track INTEGER NOT NULL, PRIMARY KEY (artist, track)) WITHOUT ROWID;
CREATE VIRTUAL TABLE artist_words USING fts5 (name, year, genre,
    content='', columnsize=0, prefix='1 2 3', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE album_words USING fts5 (name, artist, year, genre, upc,
    content='', columnsize=0, prefix='1 2 3', tokenize='unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE track_words USING fts5 (name, artist, album, year, genre, isrc,
    content='', columnsize=0, prefix='1 2 3', tokenize='unicode61 remove_diacritics 2');
";

const INDEXES: &str = "
CREATE INDEX artist_by_name ON artist (folded);
CREATE INDEX album_by_name ON album (folded);
CREATE INDEX track_by_name ON track (folded);
CREATE INDEX track_by_album ON track (album, disc_number, track_number);
";

pub(super) fn build(path: &Path, data: &CatalogueData) -> Result<(), CatalogueError> {
    let unfinished = Unfinished(beside(path));
    write(&unfinished.0, data)?;
    File::open(&unfinished.0)?.sync_all()?;
    fs::rename(&unfinished.0, path)?;
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Removed when dropped: a failed import leaves nothing behind. After the rename there is nothing to remove.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// A name in the same directory (a rename does not cross file systems) that another import at work does not use.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

fn write(path: &Path, data: &CatalogueData) -> Result<(), CatalogueError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut file = Connection::open(path)?;
    // Nobody reads the file before the rename, and `build` syncs it: a journal would only double the work.
    file.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 4096;")?;
    let tx = file.transaction()?;
    tx.execute_batch(TABLES)?;
    let numbers = Numbers::of(data);
    write_artists(&tx, data, &numbers)?;
    write_albums(&tx, data, &numbers)?;
    write_tracks(&tx, data, &numbers)?;
    for table in ["artist_words", "album_words", "track_words"] {
        tx.execute(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')"), [])?;
    }
    tx.execute_batch(INDEXES)?;
    tx.pragma_update(None, "user_version", FILE_VERSION)?;
    tx.commit()?;
    file.close().map_err(|(_, error)| error.into())
}

/// Row numbers by id (the most popular gets 1), and each album's tracks and each artist's years.
struct Numbers<'a> {
    artists: HashMap<&'a str, (i64, usize)>,
    albums: HashMap<&'a str, (i64, usize)>,
    tracks: Vec<(i64, &'a TrackData)>,
    tracks_of_album: HashMap<&'a str, Vec<&'a TrackData>>,
    years_of_artist: HashMap<&'a str, BTreeSet<&'a str>>,
}

fn by_popularity<T>(rows: &[T], popularity: impl Fn(&T) -> u8) -> Vec<(i64, usize, &T)> {
    let mut order: Vec<(usize, &T)> = rows.iter().enumerate().collect();
    order.sort_by_key(|(_, row)| std::cmp::Reverse(popularity(row)));
    (1..).zip(order).map(|(n, (index, row))| (n, index, row)).collect()
}

impl<'a> Numbers<'a> {
    fn of(data: &'a CatalogueData) -> Self {
        let artists = by_popularity(&data.artists, |artist| artist.popularity);
        let albums = by_popularity(&data.albums, |album| album.popularity);
        let tracks = by_popularity(&data.tracks, |track| track.popularity);
        let mut tracks_of_album: HashMap<&str, Vec<&TrackData>> = HashMap::new();
        for track in &data.tracks {
            tracks_of_album.entry(&track.album).or_default().push(track);
        }
        let mut years_of_artist: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for album in &data.albums {
            for artist in &album.artists {
                years_of_artist.entry(artist).or_default().insert(album.release_date.year());
            }
        }
        Self {
            artists: artists.into_iter().map(|(n, index, artist)| (artist.id.as_str(), (n, index))).collect(),
            albums: albums.into_iter().map(|(n, index, album)| (album.id.as_str(), (n, index))).collect(),
            tracks: tracks.into_iter().map(|(n, _, track)| (n, track)).collect(),
            tracks_of_album,
            years_of_artist,
        }
    }

    fn artists(&self, data: &CatalogueData, of: &str, ids: &[String]) -> Result<Vec<(i64, ArtistRef)>, CatalogueError> {
        ids.iter()
            .map(|id| {
                let (n, index) = self.artists.get(id.as_str()).copied().ok_or_else(|| missing(of, id))?;
                let artist = data.artists.get(index).ok_or_else(|| missing(of, id))?;
                Ok((n, ArtistRef { id: id.clone(), name: artist.name.clone() }))
            })
            .collect()
    }
}

fn missing(of: &str, id: &str) -> CatalogueError {
    CatalogueError::Missing { of: of.to_owned(), missing: id.to_owned() }
}

fn json(list: &[impl Serialize]) -> Result<String, CatalogueError> {
    serde_json::to_string(list).map_err(|error| CatalogueError::Io(error.into()))
}

fn refs_and_words(artists: Vec<(i64, ArtistRef)>) -> Result<(String, String, Vec<i64>), CatalogueError> {
    let (numbers, refs): (Vec<_>, Vec<_>) = artists.into_iter().unzip();
    let words = refs.iter().map(|artist| artist.name.as_str()).collect::<Vec<_>>().join(" | ");
    Ok((json(&refs)?, words, numbers))
}

fn write_artists(tx: &Connection, data: &CatalogueData, numbers: &Numbers<'_>) -> Result<(), CatalogueError> {
    let mut row = tx.prepare("INSERT INTO artist VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?;
    let mut words = tx.prepare("INSERT INTO artist_words (rowid, name, year, genre) VALUES (?1, ?2, ?3, ?4)")?;
    for artist in &data.artists {
        let (n, _) = numbers.artists.get(artist.id.as_str()).copied().unwrap_or_default();
        let (genres, images) = (json(&artist.genres)?, json(&artist.images)?);
        let folded = folded(&artist.name);
        row.execute(params![n, artist.id, artist.name, folded, genres, artist.popularity, artist.followers, images])?;
        let years = numbers.years_of_artist.get(artist.id.as_str());
        let years = years.into_iter().flatten().copied().collect::<Vec<_>>().join(" ");
        words.execute(params![n, artist.name, years, artist.genres.join(" | ")])?;
    }
    Ok(())
}

fn write_albums(tx: &Connection, data: &CatalogueData, numbers: &Numbers<'_>) -> Result<(), CatalogueError> {
    let mut row =
        tx.prepare("INSERT INTO album VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)")?;
    let mut words =
        tx.prepare("INSERT INTO album_words (rowid, name, artist, year, genre, upc) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let mut of_artist = tx.prepare("INSERT OR IGNORE INTO artist_album VALUES (?1, ?2, ?3, ?4)")?;
    for album in &data.albums {
        let (n, _) = numbers.albums.get(album.id.as_str()).copied().unwrap_or_default();
        let what = format!("the album `{}`", album.name);
        let (refs, names, artists) = refs_and_words(numbers.artists(data, &what, &album.artists)?)?;
        let tracks = numbers.tracks_of_album.get(album.id.as_str()).map_or(&[][..], Vec::as_slice);
        let date = album.release_date.as_str();
        row.execute(params![
            n,
            album.id,
            album.name,
            folded(&album.name),
            album.kind.name(),
            refs,
            date,
            album.label,
            album.upc,
            album.popularity,
            json(&album.genres)?,
            json(&album.copyrights)?,
            json(&album.images)?,
            i64::try_from(tracks.len()).unwrap_or(i64::MAX),
        ])?;
        let (year, genres) = (album.release_date.year(), album.genres.join(" | "));
        words.execute(params![n, album.name, names, year, genres, album.upc])?;
        for artist in artists {
            of_artist.execute(params![artist, date, n, album.kind.name()])?;
        }
        for track in tracks {
            for (guest, _) in numbers.artists(data, &what, &track.artists)? {
                of_artist.execute(params![guest, date, n, "appears_on"])?;
            }
        }
    }
    Ok(())
}

fn write_tracks(tx: &Connection, data: &CatalogueData, numbers: &Numbers<'_>) -> Result<(), CatalogueError> {
    let mut row = tx.prepare("INSERT INTO track VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")?;
    let mut words = tx.prepare(
        "INSERT INTO track_words (rowid, name, artist, album, year, genre, isrc) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    let mut of_artist = tx.prepare("INSERT OR IGNORE INTO artist_track VALUES (?1, ?2)")?;
    for (n, track) in &numbers.tracks {
        let what = format!("the track `{}`", track.name);
        let (album_n, index) =
            numbers.albums.get(track.album.as_str()).copied().ok_or_else(|| missing(&what, &track.album))?;
        let album = data.albums.get(index).ok_or_else(|| missing(&what, &track.album))?;
        let (refs, names, artists) = refs_and_words(numbers.artists(data, &what, &track.artists)?)?;
        row.execute(params![
            n,
            track.id,
            track.name,
            folded(&track.name),
            album_n,
            refs,
            track.disc_number,
            track.track_number,
            track.duration_ms,
            track.explicit,
            track.isrc,
            track.popularity,
        ])?;
        let (year, genres) = (album.release_date.year(), album.genres.join(" | "));
        words.execute(params![n, track.name, names, album.name, year, genres, track.isrc])?;
        for artist in artists {
            of_artist.execute(params![artist, n])?;
        }
    }
    Ok(())
}
