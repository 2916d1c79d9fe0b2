//! Search. Three layers, each in the order of popularity: what is called exactly that, then what has the words in its
//! name, then what has them in the names of its artists or album, too. No more than [`MAX_REACHABLE`] of each are looked
//! at, so that a common prefix costs no more than a rare one; a rank like BM25 would have to look at every match.

use rusqlite::{Connection, params};

use super::data::{Album, Artist, Track};
use super::read::{Kind, Page};
use super::{Catalogue, CatalogueError};

/// No search goes deeper than this many results.
pub const MAX_REACHABLE: u32 = 1000;

/// At most this many words and filters of a query count.
const MAX_TERMS: usize = 16;

/// A year range is spelt out year by year.
const MAX_YEARS: u32 = 200;

/// Text as names are compared: lower case, without punctuation, one blank between words.
pub(crate) fn folded(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Field {
    Artist,
    Album,
    Track,
    Year,
    Genre,
    Isrc,
    Upc,
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "artist" => Self::Artist,
            "album" => Self::Album,
            "track" => Self::Track,
            "year" => Self::Year,
            "genre" => Self::Genre,
            "isrc" => Self::Isrc,
            "upc" => Self::Upc,
            _ => return None,
        })
    }

    /// The column of the kind's word table; `None` where nothing of the kind can match.
    fn column(self, kind: Kind) -> Option<&'static str> {
        match (self, kind) {
            (Self::Artist, Kind::Artist) | (Self::Album, Kind::Album) | (Self::Track, Kind::Track) => Some("name"),
            (Self::Artist, Kind::Album | Kind::Track) => Some("artist"),
            (Self::Album, Kind::Track) => Some("album"),
            (Self::Year, _) => Some("year"),
            (Self::Genre, _) => Some("genre"),
            (Self::Isrc, Kind::Track) => Some("isrc"),
            (Self::Upc, Kind::Album) => Some("upc"),
            (Self::Album | Self::Track | Self::Isrc | Self::Upc, _) => None,
        }
    }
}

/// A word (matches as a prefix) or a quoted phrase (matches whole), written for FTS5.
fn term(text: &str, quoted: bool) -> Option<String> {
    let words = folded(text);
    (!words.is_empty()).then(|| format!("\"{words}\"{}", if quoted { "" } else { "*" }))
}

fn years(text: &str) -> Option<String> {
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
    if from > to || to - from >= MAX_YEARS {
        return None;
    }
    Some(format!("({})", (from..=to).map(|year| format!("\"{year:04}\"")).collect::<Vec<_>>().join(" OR ")))
}

/// A query as understood: words, "quoted phrases" and filters `artist:`, `album:`, `track:`, `year:` (one or a range),
/// `genre:`, `isrc:`, `upc:`, each followed by one word or a quoted phrase.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchQuery {
    exact: String,
    words: Vec<String>,
    filters: Vec<(Field, String)>,
    hopeless: bool,
}

impl SearchQuery {
    /// Understands anything: what is no filter is a word.
    pub fn parse(text: &str) -> Self {
        let mut query = Self { exact: String::new(), words: Vec::new(), filters: Vec::new(), hopeless: false };
        let mut rest = text.trim_start();
        while !rest.is_empty() && query.words.len() + query.filters.len() < MAX_TERMS {
            let word_ends = rest.find([' ', '"']).unwrap_or(rest.len());
            let field = rest.split_once(':').filter(|(name, _)| name.len() < word_ends);
            let field = field.and_then(|(name, value)| Some((Field::named(&name.to_lowercase())?, value)));
            let (value, quoted, after) = take(field.map_or(rest, |(_, value)| value));
            match field {
                None => query.words.extend(term(value, quoted)),
                Some((Field::Year, _)) => match years(value) {
                    Some(years) => query.filters.push((Field::Year, years)),
                    None => query.hopeless = true,
                },
                Some((field @ (Field::Isrc | Field::Upc), _)) => {
                    query.filters.extend(term(value, true).map(|term| (field, term)));
                }
                Some((field, _)) => query.filters.extend(term(value, quoted).map(|term| (field, term))),
            }
            rest = after.trim_start();
        }
        if query.filters.is_empty() {
            query.exact = folded(text);
        }
        query
    }

    /// The FTS5 expression with the free words looked for in `columns`; `None` if nothing can match.
    fn expression(&self, kind: Kind, columns: &str) -> Option<String> {
        let mut parts = Vec::new();
        if !self.words.is_empty() {
            parts.push(format!("{{{columns}}} : ({})", self.words.join(" AND ")));
        }
        for (field, term) in &self.filters {
            parts.push(format!("{} : {term}", field.column(kind)?));
        }
        (!parts.is_empty() && !self.hopeless).then(|| parts.join(" AND "))
    }
}

/// One value off the front: its text, whether it was quoted, and what follows.
fn take(text: &str) -> (&str, bool, &str) {
    match text.strip_prefix('"') {
        Some(quoted) => match quoted.split_once('"') {
            Some((value, after)) => (value, true, after),
            None => (quoted, true, ""),
        },
        None => match text.find([' ', '"']) {
            Some(end) => {
                let (value, after) = text.split_at(end);
                (value, false, after)
            }
            None => (text, false, ""),
        },
    }
}

struct Tables {
    kind: Kind,
    exact: &'static str,
    words: &'static str,
    layers: &'static [&'static str],
}

const ARTISTS: Tables = Tables {
    kind: Kind::Artist,
    exact: "SELECT n FROM artist WHERE folded = ?1 ORDER BY n LIMIT ?2",
    words: "SELECT rowid FROM artist_words WHERE artist_words MATCH ?1 ORDER BY rowid LIMIT ?2",
    layers: &["name"],
};
const ALBUMS: Tables = Tables {
    kind: Kind::Album,
    exact: "SELECT n FROM album WHERE folded = ?1 ORDER BY n LIMIT ?2",
    words: "SELECT rowid FROM album_words WHERE album_words MATCH ?1 ORDER BY rowid LIMIT ?2",
    layers: &["name", "name artist"],
};
const TRACKS: Tables = Tables {
    kind: Kind::Track,
    exact: "SELECT n FROM track WHERE folded = ?1 ORDER BY n LIMIT ?2",
    words: "SELECT rowid FROM track_words WHERE track_words MATCH ?1 ORDER BY rowid LIMIT ?2",
    layers: &["name", "name artist album"],
};

fn numbers(reader: &Connection, tables: &Tables, query: &SearchQuery) -> Result<Vec<i64>, rusqlite::Error> {
    let mut found = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let mut layer = |sql: &str, key: &str| -> Result<bool, rusqlite::Error> {
        let mut statement = reader.prepare_cached(sql)?;
        for n in statement.query_map(params![key, MAX_REACHABLE], |row| row.get::<_, i64>(0))? {
            let n = n?;
            if seen.insert(n) {
                found.push(n);
            }
        }
        Ok(found.len() >= MAX_REACHABLE as usize)
    };
    if !query.exact.is_empty() {
        layer(tables.exact, &query.exact)?;
    }
    // With filters alone every layer is the same question.
    let layers = if query.words.is_empty() { tables.layers.get(..1) } else { Some(tables.layers) };
    for columns in layers.unwrap_or_default() {
        let Some(expression) = query.expression(tables.kind, columns) else { break };
        if layer(tables.words, &expression)? {
            break;
        }
    }
    found.truncate(MAX_REACHABLE as usize);
    Ok(found)
}

impl Catalogue {
    fn found(
        &self,
        tables: &Tables,
        query: &SearchQuery,
        limit: u32,
        offset: u32,
    ) -> Result<Page<i64>, CatalogueError> {
        let all = self.with(|reader| numbers(reader, tables, query))?;
        let total = all.len() as u64;
        Ok(Page { items: all.into_iter().skip(offset as usize).take(limit as usize).collect(), total })
    }

    /// Artists that fit.
    pub fn search_artists(&self, query: &SearchQuery, limit: u32, offset: u32) -> Result<Page<Artist>, CatalogueError> {
        let page = self.found(&ARTISTS, query, limit, offset)?;
        Ok(Page { items: self.numbered_artists(&page.items)?, total: page.total })
    }

    /// Albums that fit.
    pub fn search_albums(&self, query: &SearchQuery, limit: u32, offset: u32) -> Result<Page<Album>, CatalogueError> {
        let page = self.found(&ALBUMS, query, limit, offset)?;
        Ok(Page { items: self.numbered_albums(&page.items)?, total: page.total })
    }

    /// Tracks that fit.
    pub fn search_tracks(&self, query: &SearchQuery, limit: u32, offset: u32) -> Result<Page<Track>, CatalogueError> {
        let page = self.found(&TRACKS, query, limit, offset)?;
        Ok(Page { items: self.numbered_tracks(&page.items)?, total: page.total })
    }
}
