//! How long a catalogue of 100,000 tracks takes to build and to search:
//! `cargo run --release -p keysig-store --example catalogue_figures`.
#![expect(clippy::disallowed_methods, reason = "a figure is a duration")]

use std::time::{Duration, Instant};

use keysig_store::catalogue::{
    AlbumData, AlbumKind, ArtistData, Catalogue, CatalogueData, CatalogueError, ReleaseDate, SearchQuery, TrackData,
};

const SYLLABLES: [&str; 16] =
    ["ka", "lo", "mi", "ra", "tu", "ve", "sho", "an", "bel", "dor", "fen", "gri", "hal", "is", "jun", "quo"];

fn id(kind: char, n: usize) -> String {
    format!("{kind}{n:021}")
}

/// A name that looks like one, the same for the same number.
fn name(mut n: usize, words: usize) -> String {
    let mut text = String::new();
    for _ in 0..words {
        for _ in 0..3 {
            text.push_str(SYLLABLES.get(n % 16).copied().unwrap_or_default());
            n = n / 16 + (n * 7919 + 13) % 100_003;
        }
        text.push(' ');
    }
    text.trim_end().to_owned()
}

fn popularity(n: usize) -> u8 {
    u8::try_from(n % 101).unwrap_or_default()
}

fn music() -> CatalogueData {
    let artist =
        |n| ArtistData { id: id('r', n), name: name(n * 31, 2), popularity: popularity(n), ..ArtistData::default() };
    let album = |n: usize| {
        Some(AlbumData {
            id: id('a', n),
            name: name(n * 17, 2),
            kind: AlbumKind::Album,
            artists: vec![id('r', n % 5_000)],
            release_date: ReleaseDate::parse(&(1950 + n % 75).to_string())?,
            label: "Label".to_owned(),
            upc: None,
            popularity: popularity(n),
            genres: vec!["dream pop".to_owned()],
            copyrights: Vec::new(),
            images: Vec::new(),
        })
    };
    let track = |n: usize| TrackData {
        id: id('t', n),
        name: name(n, 3),
        album: id('a', n % 10_000),
        artists: vec![id('r', n % 5_000)],
        disc_number: 1,
        track_number: 1,
        duration_ms: 200_000,
        explicit: false,
        isrc: Some(format!("ZZKSG{n:07}")),
        popularity: popularity(n),
    };
    CatalogueData {
        artists: (0..5_000).map(artist).collect(),
        albums: (0..10_000).filter_map(album).collect(),
        tracks: (0..100_000).map(track).collect(),
    }
}

fn main() -> Result<(), CatalogueError> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("catalogue.db");
    let data = music();
    let started = Instant::now();
    Catalogue::build(&path, &data)?;
    println!("build: {:?}", started.elapsed());
    let catalogue = Catalogue::open(&path)?;
    let exact = name(77_777, 3);
    let queries =
        ["k", "a", "ka", "kalo", "a b", "k l m", "artist:ka", "year:1900-1999", "year:1984 a", exact.as_str(), "zzz"];
    for text in queries {
        let query = SearchQuery::parse(text);
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let started = Instant::now();
            catalogue.search_tracks(&query, 50, 0)?;
            slowest = slowest.max(started.elapsed());
        }
        println!("tracks `{text}`, 50 results, slowest of 20: {slowest:?}");
    }
    Ok(())
}
