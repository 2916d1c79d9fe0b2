//! What a catalogue holds: as it is imported (`…Data`) and as it is read.

use serde::{Deserialize, Serialize};

/// What `album_type` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlbumKind {
    /// A long player.
    #[default]
    Album,
    /// A single or EP.
    Single,
    /// Tracks from many places.
    Compilation,
}

impl AlbumKind {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Album => "album",
            Self::Single => "single",
            Self::Compilation => "compilation",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Album, Self::Single, Self::Compilation].into_iter().find(|kind| kind.name() == name)
    }
}

/// How exactly a release date is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// `1994`
    Year,
    /// `1994-03`
    Month,
    /// `1994-03-21`
    Day,
}

/// A release date: a year, a month or a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseDate(String);

impl ReleaseDate {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
        let in_range = |from: usize, most: u8| match text.get(from..from + 2) {
            Some(part) => part.parse().is_ok_and(|number: u8| (1..=most).contains(&number)),
            None => true,
        };
        (digits && matches!(text.len(), 4 | 7 | 10) && in_range(5, 12) && in_range(8, 31))
            .then(|| Self(text.to_owned()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How exactly it is known.
    pub fn precision(&self) -> Precision {
        match self.0.len() {
            4 => Precision::Year,
            7 => Precision::Month,
            _ => Precision::Day,
        }
    }

    /// The year's four digits.
    pub fn year(&self) -> &str {
        self.0.get(..4).unwrap_or_default()
    }
}

impl TryFrom<String> for ReleaseDate {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no date: write YYYY, YYYY-MM or YYYY-MM-DD"))
    }
}

impl From<ReleaseDate> for String {
    fn from(date: ReleaseDate) -> Self {
        date.0
    }
}

/// A picture somewhere else on the web.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Where it is.
    pub url: String,
    /// In pixels, if known.
    #[serde(default)]
    pub height: Option<u32>,
    /// In pixels, if known.
    #[serde(default)]
    pub width: Option<u32>,
}

/// A line of the small print.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copyright {
    /// The line.
    pub text: String,
    /// `C` for the work, `P` for the recording.
    #[serde(rename = "type")]
    pub kind: String,
}

/// An artist's id and name, as albums and tracks carry it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ArtistRef {
    /// 22 base62 characters.
    pub id: String,
    /// The name.
    pub name: String,
}

/// An artist to import.
#[derive(Clone, Debug, Default)]
pub struct ArtistData {
    /// 22 base62 characters, unlike every other artist's.
    pub id: String,
    /// The name.
    pub name: String,
    /// Genres.
    pub genres: Vec<String>,
    /// 0 to 100.
    pub popularity: u8,
    /// How many people follow them elsewhere.
    pub followers: u32,
    /// Pictures.
    pub images: Vec<Image>,
}

/// An album to import.
#[derive(Clone, Debug)]
pub struct AlbumData {
    /// 22 base62 characters, unlike every other album's.
    pub id: String,
    /// The name.
    pub name: String,
    /// What kind of release.
    pub kind: AlbumKind,
    /// Ids of its artists, at least one.
    pub artists: Vec<String>,
    /// When it came out.
    pub release_date: ReleaseDate,
    /// Who published it.
    pub label: String,
    /// The product code, or nothing.
    pub upc: Option<String>,
    /// 0 to 100.
    pub popularity: u8,
    /// Genres.
    pub genres: Vec<String>,
    /// The small print.
    pub copyrights: Vec<Copyright>,
    /// Pictures.
    pub images: Vec<Image>,
}

/// A track to import.
#[derive(Clone, Debug)]
pub struct TrackData {
    /// 22 base62 characters, unlike every other track's.
    pub id: String,
    /// The name.
    pub name: String,
    /// The id of its album.
    pub album: String,
    /// Ids of its artists, at least one.
    pub artists: Vec<String>,
    /// From 1.
    pub disc_number: u32,
    /// From 1 on each disc.
    pub track_number: u32,
    /// In milliseconds.
    pub duration_ms: u32,
    /// Whether its words are.
    pub explicit: bool,
    /// The recording's code, or nothing.
    pub isrc: Option<String>,
    /// 0 to 100.
    pub popularity: u8,
}

/// A whole catalogue to import.
#[derive(Clone, Debug, Default)]
pub struct CatalogueData {
    /// All artists.
    pub artists: Vec<ArtistData>,
    /// All albums.
    pub albums: Vec<AlbumData>,
    /// All tracks.
    pub tracks: Vec<TrackData>,
}

/// An artist as read.
#[derive(Clone, Debug)]
pub struct Artist {
    /// 22 base62 characters.
    pub id: String,
    /// The name.
    pub name: String,
    /// Genres.
    pub genres: Vec<String>,
    /// 0 to 100.
    pub popularity: u8,
    /// How many people follow them elsewhere.
    pub followers: u32,
    /// Pictures.
    pub images: Vec<Image>,
}

/// An album as tracks and lists carry it.
#[derive(Clone, Debug)]
pub struct AlbumBrief {
    /// 22 base62 characters.
    pub id: String,
    /// The name.
    pub name: String,
    /// What kind of release.
    pub kind: AlbumKind,
    /// Its artists.
    pub artists: Vec<ArtistRef>,
    /// When it came out.
    pub release_date: ReleaseDate,
    /// How many tracks it has.
    pub total_tracks: u32,
    /// Pictures.
    pub images: Vec<Image>,
}

/// An album as read by its id.
#[derive(Clone, Debug)]
pub struct Album {
    /// What lists show.
    pub brief: AlbumBrief,
    /// Who published it.
    pub label: String,
    /// The product code, or nothing.
    pub upc: Option<String>,
    /// 0 to 100.
    pub popularity: u8,
    /// Genres.
    pub genres: Vec<String>,
    /// The small print.
    pub copyrights: Vec<Copyright>,
}

/// A track as read.
#[derive(Clone, Debug)]
pub struct Track {
    /// 22 base62 characters.
    pub id: String,
    /// The name.
    pub name: String,
    /// Its album.
    pub album: AlbumBrief,
    /// Its artists.
    pub artists: Vec<ArtistRef>,
    /// From 1.
    pub disc_number: u32,
    /// From 1 on each disc.
    pub track_number: u32,
    /// In milliseconds.
    pub duration_ms: u32,
    /// Whether its words are.
    pub explicit: bool,
    /// The recording's code, or nothing.
    pub isrc: Option<String>,
    /// 0 to 100.
    pub popularity: u8,
}
