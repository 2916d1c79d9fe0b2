//! The JSON form: artists, each with their albums, each with its tracks.

use std::collections::HashMap;

use keysig_store::catalogue::{AlbumData, AlbumKind, ArtistData, CatalogueData, Copyright, Image, TrackData};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Ids, ImportError, date, newlines, percentage, present};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    #[serde(borrow)]
    artists: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Artist<'a> {
    id: Option<String>,
    name: String,
    #[serde(default)]
    genres: Vec<String>,
    #[serde(default)]
    popularity: u8,
    #[serde(default)]
    followers: u32,
    #[serde(default)]
    images: Vec<Image>,
    #[serde(default, borrow)]
    albums: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Album<'a> {
    id: Option<String>,
    name: String,
    #[serde(default, rename = "type")]
    kind: AlbumKind,
    release_date: String,
    /// Names or ids; the artist it stands under if left out.
    artists: Option<Vec<String>>,
    #[serde(default)]
    label: String,
    upc: Option<String>,
    #[serde(default)]
    popularity: u8,
    genres: Option<Vec<String>>,
    #[serde(default)]
    copyrights: Vec<Copyright>,
    #[serde(default)]
    images: Vec<Image>,
    #[serde(borrow)]
    tracks: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Track {
    id: Option<String>,
    name: String,
    duration_ms: u32,
    /// Names or ids; the album's if left out.
    artists: Option<Vec<String>>,
    #[serde(default = "first")]
    disc: u32,
    #[serde(default)]
    explicit: bool,
    isrc: Option<String>,
    #[serde(default)]
    popularity: u8,
}

fn first() -> u32 {
    1
}

/// The whole file, so that a piece of it can say on which line it starts.
#[derive(Clone, Copy)]
struct File<'a>(&'a str);

impl<'a> File<'a> {
    fn line_of(self, piece: &str) -> usize {
        let start = (piece.as_ptr() as usize).saturating_sub(self.0.as_ptr() as usize);
        1 + newlines(self.0.as_bytes().get(..start).unwrap_or_default())
    }

    fn read<T: Deserialize<'a>>(self, piece: &'a str) -> Result<T, ImportError> {
        serde_json::from_str(piece).map_err(|error| {
            let text = error.to_string();
            // serde_json counts from the piece's start; the line in the file is told beside it.
            let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned();
            ImportError { line: self.line_of(piece) + error.line().saturating_sub(1), reason }
        })
    }

    fn checked<T>(self, piece: &RawValue, result: Result<T, String>) -> Result<T, ImportError> {
        result.map_err(|reason| ImportError { line: self.line_of(piece.get()), reason })
    }
}

/// Artists by id and by name, so that an album can name one that stands further down.
#[derive(Default)]
struct Known {
    ids: HashMap<String, Option<String>>,
}

impl Known {
    fn add(&mut self, id: &str, name: &str) {
        self.ids.insert(id.to_owned(), Some(id.to_owned()));
        let slot = self.ids.entry(name.to_owned());
        slot.and_modify(|found| *found = None).or_insert_with(|| Some(id.to_owned()));
    }

    fn resolve(&self, named: Vec<String>) -> Result<Vec<String>, String> {
        if named.is_empty() {
            return Err("the list of artists is empty".to_owned());
        }
        let resolve = |name: String| match self.ids.get(&name) {
            Some(Some(id)) => Ok(id.clone()),
            Some(None) => Err(format!("there are two artists `{name}`; name this one by its id")),
            None => Err(format!("no artist `{name}` in this file")),
        };
        named.into_iter().map(resolve).collect()
    }
}

pub(super) fn read(text: &str) -> Result<CatalogueData, ImportError> {
    let file = File(text);
    let document: Document<'_> = file.read(text)?;
    let mut data = CatalogueData::default();
    let (mut ids, mut known) = (Ids::default(), Known::default());
    let mut albums = Vec::new();
    for raw in document.artists {
        let artist: Artist<'_> = file.read(raw.get())?;
        file.checked(raw, present("the artist's name", &artist.name))?;
        let id = file.checked(raw, ids.take(artist.id, &["artist", &artist.name]))?;
        known.add(&id, &artist.name);
        albums.extend(artist.albums.into_iter().map(|album| (album, data.artists.len())));
        data.artists.push(ArtistData {
            id,
            name: artist.name,
            genres: artist.genres,
            popularity: file.checked(raw, percentage(artist.popularity))?,
            followers: artist.followers,
            images: artist.images,
        });
    }
    for (raw, of) in albums {
        read_album(file, raw, of, &mut ids, &known, &mut data)?;
    }
    Ok(data)
}

fn read_album<'a>(
    file: File<'a>,
    raw: &'a RawValue,
    of: usize,
    ids: &mut Ids,
    known: &Known,
    data: &mut CatalogueData,
) -> Result<(), ImportError> {
    let album: Album<'_> = file.read(raw.get())?;
    let Some(artist) = data.artists.get(of) else { return Ok(()) };
    file.checked(raw, present("the album's name", &album.name))?;
    let id = file.checked(raw, ids.take(album.id, &["album", &artist.id, &album.release_date, &album.name]))?;
    let artists = match album.artists {
        Some(named) => file.checked(raw, known.resolve(named))?,
        None => vec![artist.id.clone()],
    };
    let mut numbers: HashMap<u32, u32> = HashMap::new();
    for raw in album.tracks {
        let track: Track = file.read(raw.get())?;
        file.checked(raw, present("the track's name", &track.name))?;
        let track_number = *numbers.entry(track.disc).and_modify(|number| *number += 1).or_insert(1);
        let place = format!("{} {track_number}", track.disc);
        data.tracks.push(TrackData {
            id: file.checked(raw, ids.take(track.id, &["track", &id, &place, &track.name]))?,
            name: track.name,
            album: id.clone(),
            artists: match track.artists {
                Some(named) => file.checked(raw, known.resolve(named))?,
                None => artists.clone(),
            },
            disc_number: track.disc,
            track_number,
            duration_ms: track.duration_ms,
            explicit: track.explicit,
            isrc: track.isrc,
            popularity: file.checked(raw, percentage(track.popularity))?,
        });
    }
    let genres = album.genres.unwrap_or_else(|| artist.genres.clone());
    data.albums.push(AlbumData {
        id,
        name: album.name,
        kind: album.kind,
        artists,
        release_date: file.checked(raw, date(&album.release_date))?,
        label: album.label,
        upc: album.upc,
        popularity: file.checked(raw, percentage(album.popularity))?,
        genres,
        copyrights: album.copyrights,
        images: album.images,
    });
    Ok(())
}
