//! The CSV form: one row a track; what rows have in common (their album, their artists) is made once.

use std::collections::HashMap;

use keysig_store::catalogue::{AlbumData, AlbumKind, ArtistData, CatalogueData, TrackData};
use serde::Deserialize;

use super::{Ids, ImportError, date, percentage, present};

/// Empty cells and missing columns mean the same. Lists are separated by `;`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    track: String,
    artists: String,
    album: String,
    release_date: String,
    duration_ms: u32,
    track_id: Option<String>,
    album_id: Option<String>,
    album_artists: Option<String>,
    album_type: Option<AlbumKind>,
    label: Option<String>,
    upc: Option<String>,
    genres: Option<String>,
    disc_number: Option<u32>,
    track_number: Option<u32>,
    explicit: Option<bool>,
    isrc: Option<String>,
    popularity: Option<u8>,
}

fn list(cell: &str) -> Vec<String> {
    cell.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[derive(Default)]
struct Reader {
    data: CatalogueData,
    ids: Ids,
    artists: HashMap<String, usize>,
    albums: HashMap<String, (usize, u32)>,
}

pub(super) fn read(text: &str) -> Result<CatalogueData, ImportError> {
    let mut file = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = file.headers().map_err(|error| refused(1, &error))?.clone();
    let mut reader = Reader::default();
    for record in file.records() {
        let record = record.map_err(|error| refused(1, &error))?;
        let line = record.position().map_or(1, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
        let row = record.deserialize::<Line>(Some(&headers)).map_err(|error| refused(line, &error))?;
        reader.add(row).map_err(|reason| ImportError { line, reason })?;
    }
    if reader.data.tracks.is_empty() {
        return Err(ImportError { line: 1, reason: "there is no track in it".to_owned() });
    }
    Ok(reader.data)
}

fn refused(line: usize, error: &csv::Error) -> ImportError {
    let line = error.position().map_or(line, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
    let reason = match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => match err.field() {
            Some(field) => format!("column {}: {}", field + 1, err.kind()),
            None => err.kind().to_string(),
        },
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!("{len} columns instead of {expected_len}"),
        _ => error.to_string(),
    };
    ImportError { line, reason }
}

impl Reader {
    fn add(&mut self, line: Line) -> Result<(), String> {
        present("the track's name", &line.track)?;
        present("the album's name", &line.album)?;
        let popularity = percentage(line.popularity.unwrap_or(0))?;
        let genres = line.genres.as_deref().map(list).unwrap_or_default();
        let artists = self.artists(&line.artists, &genres, popularity)?;
        let of_album = match line.album_artists.as_deref() {
            Some(named) => self.artists(named, &genres, popularity)?,
            None => artists.iter().take(1).cloned().collect(),
        };
        let index = self.album(&line, &of_album, genres, popularity)?;
        let Some((album, next)) = self.data.albums.get_mut(index.0).zip(self.albums.get_mut(&index.1)) else {
            return Ok(());
        };
        album.popularity = album.popularity.max(popularity);
        next.1 += 1;
        let track_number = line.track_number.unwrap_or(next.1);
        let disc_number = line.disc_number.unwrap_or(1);
        let place = format!("{disc_number} {track_number}");
        let id = self.ids.take(line.track_id, &["track", &album.id, &place, &line.track])?;
        self.data.tracks.push(TrackData {
            id,
            name: line.track,
            album: album.id.clone(),
            artists,
            disc_number,
            track_number,
            duration_ms: line.duration_ms,
            explicit: line.explicit.unwrap_or(false),
            isrc: line.isrc,
            popularity,
        });
        Ok(())
    }

    /// The ids of the artists named in a cell; an artist is as popular as their most popular track.
    fn artists(&mut self, cell: &str, genres: &[String], popularity: u8) -> Result<Vec<String>, String> {
        let names = list(cell);
        if names.is_empty() {
            return Err("the list of artists is empty".to_owned());
        }
        let mut ids = Vec::with_capacity(names.len());
        for name in names {
            let index = match self.artists.get(&name) {
                Some(index) => *index,
                None => {
                    let id = self.ids.take(None, &["artist", &name])?;
                    let genres = genres.to_vec();
                    self.data.artists.push(ArtistData { id, name: name.clone(), genres, ..ArtistData::default() });
                    let index = self.data.artists.len() - 1;
                    self.artists.insert(name, index);
                    index
                }
            };
            if let Some(artist) = self.data.artists.get_mut(index) {
                artist.popularity = artist.popularity.max(popularity);
                ids.push(artist.id.clone());
            }
        }
        Ok(ids)
    }

    /// Where the row's album is, and under which key; made if the row is its first.
    fn album(
        &mut self,
        line: &Line,
        artists: &[String],
        genres: Vec<String>,
        popularity: u8,
    ) -> Result<(usize, String), String> {
        let first = artists.first().map(String::as_str).unwrap_or_default();
        let names = ["album", first, &line.release_date, &line.album];
        let key = line.album_id.clone().unwrap_or_else(|| names.join("\n"));
        if let Some((index, _)) = self.albums.get(&key) {
            return Ok((*index, key));
        }
        self.data.albums.push(AlbumData {
            id: self.ids.take(line.album_id.clone(), &names)?,
            name: line.album.clone(),
            kind: line.album_type.unwrap_or_default(),
            artists: artists.to_vec(),
            release_date: date(&line.release_date)?,
            label: line.label.clone().unwrap_or_default(),
            upc: line.upc.clone(),
            popularity,
            genres,
            copyrights: Vec::new(),
            images: Vec::new(),
        });
        let index = self.data.albums.len() - 1;
        self.albums.insert(key.clone(), (index, 0));
        Ok((index, key))
    }
}
