use super::*;

const SEED: &[u8] = include_bytes!("../../../../seed/catalogue.json");

fn refused(format: Format, file: &str) -> (usize, String) {
    let error = parse(format, file.as_bytes()).expect_err("a bad file");
    (error.line, error.reason)
}

#[test]
fn the_seed_is_a_catalogue_of_its_promised_size() {
    let data = parse(Format::Json, SEED).unwrap();
    assert!(data.artists.len() >= 40 && data.albums.len() >= 30 && data.tracks.len() >= 200);
    assert!(data.tracks.iter().all(|track| track.isrc.as_deref().is_some_and(|isrc| isrc.len() == 12)));
}

#[test]
fn ids_are_the_same_in_each_import() {
    let (first, second) = (parse(Format::Json, SEED).unwrap(), parse(Format::Json, SEED).unwrap());
    let ids = |data: &CatalogueData| data.tracks.iter().map(|track| track.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), ids(&second));
    assert!(ids(&first).iter().all(|id| id.len() == 22));
}

#[test]
fn a_json_error_names_the_line_in_the_whole_file() {
    let file = r#"{ "artists": [
  { "name": "A", "albums": [
    { "name": "B", "release_date": "1999", "tracks": [
      { "name": "C", "duration_ms": 1 },
      PLACE
    ] } ] } ] }"#;
    let with = |track: &str| refused(Format::Json, &file.replace("PLACE", track));
    assert_eq!(with(r#"{ "name": "D", "duration_ms": "long" }"#).0, 5);
    assert_eq!(
        with(r#"{ "name": "D", "duration_ms": 1, "artists": ["X"] }"#),
        (5, "no artist `X` in this file".into())
    );
    assert_eq!(with(r#"{ "name": " ", "duration_ms": 1 }"#), (5, "the track's name is empty".into()));
    assert_eq!(with(r#"{ "name": "D", "duration_ms": 1, "popularity": 101 }"#).0, 5);
    assert_eq!(with(r#"{ "name": "D", "duration_ms": 1, "bpm": 120 }"#).0, 5);
    assert_eq!(with(r#"{ "name": "D", "duration_ms": 1, }"#).0, 5);
    assert_eq!(with(r#"{ "name": "D", "duration_ms": 1, "id": "short" }"#).0, 5);
    assert_eq!(refused(Format::Json, &file.replace("1999", "19 99").replace(",\n      PLACE", "")).0, 3);
}

#[test]
fn a_file_that_is_not_utf8_is_refused_at_its_line() {
    assert_eq!(parse(Format::Csv, b"track\nfine\n\xff").unwrap_err().line, 3);
}

#[test]
fn csv_rows_share_their_album_and_artists() {
    let file = "track,artists,album,release_date,duration_ms,popularity\n\
                One,Ann;Bob,First,1999-05,1000,10\n\
                Two,Ann,First,1999-05,2000,90\n";
    let data = parse(Format::Csv, file.as_bytes()).unwrap();
    assert_eq!((data.artists.len(), data.albums.len(), data.tracks.len()), (2, 1, 2));
    assert_eq!(data.tracks[1].track_number, 2);
    assert_eq!((data.albums[0].popularity, data.artists[1].popularity), (90, 10));
}

#[test]
fn a_csv_error_names_its_line() {
    let head = "track,artists,album,release_date,duration_ms\nOne,Ann,First,1999,1000\n";
    let with = |row: &str| refused(Format::Csv, &format!("{head}{row}\n"));
    assert_eq!(with("Two,Ann,First,1999,long").0, 3);
    assert_eq!(with("Two,Ann,First,1999").0, 3);
    assert_eq!(with("Two,;,First,1999,5"), (3, "the list of artists is empty".into()));
    assert_eq!(with("Two,Ann,Second,99,5").0, 3);
    assert_eq!(refused(Format::Csv, "track\nOne\n").0, 2);
    assert_eq!(refused(Format::Csv, ""), (1, "there is no track in it".into()));
}

#[test]
fn an_artist_named_twice_needs_ids() {
    let (line, reason) = refused(Format::Json, "{\"artists\":[{\"name\":\"A\"},\n{\"name\":\"A\"}]}");
    assert_eq!(line, 2);
    assert!(reason.contains("give both an id"));
}
