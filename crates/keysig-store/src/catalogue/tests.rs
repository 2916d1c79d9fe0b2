use super::*;

fn id(kind: char, n: usize) -> String {
    format!("{kind}{n:021}")
}

/// Artist 0 has album 0; artist 1 has album 1, on which artist 0 is a guest. Four tracks.
fn small() -> CatalogueData {
    let artist = |n: usize, name: &str, popularity| ArtistData {
        id: id('r', n),
        name: name.into(),
        genres: vec!["dream pop".into()],
        popularity,
        ..ArtistData::default()
    };
    let album = |n: usize, name: &str, kind, date: &str| AlbumData {
        id: id('a', n),
        name: name.into(),
        kind,
        artists: vec![id('r', n)],
        release_date: ReleaseDate::parse(date).unwrap(),
        label: "L".into(),
        upc: Some(format!("0079{n}")),
        popularity: 10,
        genres: vec!["dream pop".into()],
        copyrights: Vec::new(),
        images: Vec::new(),
    };
    let track = |n: usize, name: &str, album: usize, artists: Vec<usize>, popularity| TrackData {
        id: id('t', n),
        name: name.into(),
        album: id('a', album),
        artists: artists.into_iter().map(|n| id('r', n)).collect(),
        disc_number: 1,
        track_number: u32::try_from(n).unwrap() + 1,
        duration_ms: 1000,
        explicit: false,
        isrc: Some(format!("ZZKSG{n}")),
        popularity,
    };
    CatalogueData {
        artists: vec![artist(0, "Velvet Anemone", 50), artist(1, "Marlow Quill", 60)],
        albums: vec![album(0, "Tidepool", AlbumKind::Album, "1984-05"), album(1, "Folded", AlbumKind::Single, "2019")],
        tracks: vec![
            track(0, "Kelp", 0, vec![0], 5),
            track(1, "Kelp Cathedral", 0, vec![0], 90),
            track(2, "Don't Go (Étude)", 1, vec![1, 0], 20),
            track(3, "Postman", 1, vec![1], 30),
        ],
    }
}

fn open(data: &CatalogueData) -> (tempfile::TempDir, Catalogue) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("catalogue.db");
    Catalogue::build(&path, data).unwrap();
    let catalogue = Catalogue::open(&path).unwrap();
    (directory, catalogue)
}

fn found(catalogue: &Catalogue, text: &str) -> Vec<String> {
    let page = catalogue.search_tracks(&SearchQuery::parse(text), 50, 0).unwrap();
    assert_eq!(page.total, page.items.len() as u64);
    page.items.into_iter().map(|track| track.name).collect()
}

#[test]
fn a_search_finds_by_beginnings_names_first_and_the_exact_name_before_all() {
    let (_directory, catalogue) = open(&small());
    assert_eq!(found(&catalogue, "kelp"), ["Kelp", "Kelp Cathedral"]);
    assert_eq!(found(&catalogue, "cath kel"), ["Kelp Cathedral"]);
    assert_eq!(found(&catalogue, "don't go (étude)"), ["Don't Go (Étude)"]);
    assert_eq!(found(&catalogue, "etude"), ["Don't Go (Étude)"]);
    assert_eq!(found(&catalogue, "anemone"), ["Kelp Cathedral", "Don't Go (Étude)", "Kelp"]);
    assert_eq!(found(&catalogue, "\"velvet anemone\" kelp"), ["Kelp Cathedral", "Kelp"]);
    assert_eq!(found(&catalogue, "nothing"), [""; 0]);
    assert_eq!(found(&catalogue, "!?"), [""; 0]);
}

#[test]
fn filters_look_in_their_own_field() {
    let (_directory, catalogue) = open(&small());
    assert_eq!(found(&catalogue, "artist:marlow"), ["Postman", "Don't Go (Étude)"]);
    assert_eq!(found(&catalogue, "track:postman artist:\"Marlow Quill\""), ["Postman"]);
    assert_eq!(found(&catalogue, "album:tide cathedral"), ["Kelp Cathedral"]);
    assert_eq!(found(&catalogue, "year:1980-1989"), ["Kelp Cathedral", "Kelp"]);
    assert_eq!(found(&catalogue, "kelp year:2019"), [""; 0]);
    assert_eq!(found(&catalogue, "year:soon"), [""; 0]);
    assert_eq!(found(&catalogue, "isrc:zzksg3"), ["Postman"]);
    assert_eq!(found(&catalogue, "genre:\"dream pop\" postman"), ["Postman"]);
    let query = SearchQuery::parse("upc:00790");
    assert_eq!(catalogue.search_albums(&query, 5, 0).unwrap().items[0].brief.name, "Tidepool");
    assert_eq!(catalogue.search_artists(&query, 5, 0).unwrap().total, 0);
    assert_eq!(catalogue.search_artists(&SearchQuery::parse("quill year:2019"), 5, 0).unwrap().total, 1);
}

#[test]
fn no_query_is_an_error_of_the_engine() {
    let (_directory, catalogue) = open(&small());
    for text in [
        "\"",
        "\"a",
        "a:b",
        "artist:",
        "NEAR(a b)",
        "a AND",
        "* ^ ( ) { } - +",
        "-a",
        "year:-",
        "track:\"\"",
        ":",
        "a*b^c",
    ] {
        let query = SearchQuery::parse(text);
        catalogue.search_tracks(&query, 5, 0).unwrap();
        catalogue.search_albums(&query, 5, 0).unwrap();
        catalogue.search_artists(&query, 5, 0).unwrap();
    }
}

#[test]
fn look_ups_answer_in_the_order_asked() {
    let (_directory, catalogue) = open(&small());
    let tracks = catalogue.tracks(&[id('t', 3), id('x', 0), id('t', 0)]).unwrap();
    let names: Vec<_> = tracks.iter().map(|track| track.as_ref().map(|track| track.name.as_str())).collect();
    assert_eq!(names, [Some("Postman"), None, Some("Kelp")]);
    let kelp = tracks[2].as_ref().unwrap();
    assert_eq!((kelp.album.name.as_str(), kelp.artists[0].name.as_str()), ("Tidepool", "Velvet Anemone"));
    assert_eq!(kelp.album.release_date.precision(), Precision::Month);
    assert!(catalogue.has(Kind::Album, &id('a', 1)).unwrap());
    assert!(!catalogue.has(Kind::Album, &id('t', 1)).unwrap());
    assert_eq!(catalogue.album_tracks(&id('a', 0), 1, 1).unwrap().items[0].name, "Kelp Cathedral");
    assert_eq!(catalogue.artist_top_tracks(&id('r', 0), 2).unwrap()[1].name, "Don't Go (Étude)");
}

#[test]
fn an_artists_albums_come_by_group() {
    let (_directory, catalogue) = open(&small());
    let names = |groups: &[AlbumGroup]| {
        let page = catalogue.artist_albums(&id('r', 0), groups, 10, 0).unwrap();
        page.items.into_iter().map(|(album, group)| (album.name, group)).collect::<Vec<_>>()
    };
    let own = ("Tidepool".to_owned(), AlbumGroup::Own(AlbumKind::Album));
    assert_eq!(names(&AlbumGroup::ALL), [own.clone(), ("Folded".to_owned(), AlbumGroup::AppearsOn)]);
    assert_eq!(names(&[AlbumGroup::Own(AlbumKind::Album)]), [own]);
    assert_eq!(names(&[AlbumGroup::Own(AlbumKind::Single)]), []);
}

#[test]
fn an_import_replaces_all_at_once_and_a_bad_one_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("catalogue.db");
    let shared = SharedCatalogue::open(&path).unwrap();
    assert_eq!(found(&shared.get(), "kelp"), [""; 0]);
    Catalogue::build(&path, &small()).unwrap();
    let before = shared.get();
    assert!(shared.reload_if_replaced().unwrap());
    assert!(!shared.reload_if_replaced().unwrap());
    assert_eq!(found(&before, "kelp"), [""; 0]);
    assert_eq!(found(&shared.get(), "kelp").len(), 2);
    let mut bad = small();
    bad.tracks[0].artists = vec![id('r', 9)];
    assert!(matches!(Catalogue::build(&path, &bad), Err(CatalogueError::Missing { .. })));
    assert!(!shared.reload_if_replaced().unwrap());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}
