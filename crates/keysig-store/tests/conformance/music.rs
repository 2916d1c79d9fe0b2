//! Playlists and libraries: the statements that are more than a look-up, on both engines.

use std::sync::Arc;

use keysig_core::id::UserId;
use keysig_core::testing::SeededRng;
use keysig_store::library::{self, Followed, PlaysFrom, Saved};
use keysig_store::playlists::{
    Details, Edit, EditRefused, NewPlaylist, Playlist, Removal, Sees, by_id, change, create, edit, followed, items,
    public_of, search,
};
use keysig_store::{Store, Write};

use crate::place::{NOW, Place};

on_both_engines!(
    items_are_put_in_taken_out_and_moved,
    every_edit_changes_the_snapshot_and_nothing_to_do_does_not,
    an_edit_against_an_older_version_finds_its_items_where_they_went,
    another_playlists_snapshot_is_none_of_this_one,
    a_refused_edit_changes_nothing,
    edits_at_once_all_happen,
    lists_show_what_the_app_may_see,
    what_is_saved_and_followed_is_listed_once,
    a_library_is_seeded_the_same_each_time,
);

const ADA: UserId = UserId::from_bytes([1; 16]);
const BOB: UserId = UserId::from_bytes([2; 16]);

async fn made(store: &Store, items: &[&str]) -> Playlist {
    let new = NewPlaylist { name: "Mix Tape".into(), description: None, public: true, collaborative: false };
    let (playlist, write) = create(ADA, new, NOW, &SeededRng::new(7));
    store.write(write).await.unwrap();
    let uris = items.iter().map(|item| (*item).to_owned()).collect();
    edit(store, &playlist, None, Edit::Add { uris, position: None }, ADA, NOW).await.unwrap();
    by_id(store, &playlist.id).await.unwrap().unwrap()
}

async fn uris(store: &Store, of: &Playlist) -> String {
    let items = items(store, of, 100, 0).await.unwrap();
    items.iter().map(|item| item.uri.as_str()).collect::<Vec<_>>().join("")
}

fn removal(uri: &str, positions: Option<Vec<u32>>) -> Removal {
    Removal { uri: uri.to_owned(), positions }
}

async fn items_are_put_in_taken_out_and_moved(place: Arc<Place>) {
    let store = place.open().await;
    let list = made(&store, &["a", "b", "c", "d", "e"]).await;
    let edit = async |what| edit(&store, &list, None, what, BOB, NOW).await;
    edit(Edit::Add { uris: vec!["x".into(), "y".into()], position: Some(1) }).await.unwrap();
    assert_eq!(uris(&store, &list).await, "axybcde");
    edit(Edit::Move { range_start: 1, insert_before: 6, range_length: 2 }).await.unwrap();
    assert_eq!(uris(&store, &list).await, "abcdxye");
    edit(Edit::Move { range_start: 4, insert_before: 0, range_length: 3 }).await.unwrap();
    assert_eq!(uris(&store, &list).await, "xyeabcd");
    edit(Edit::Remove(vec![removal("y", None), removal("b", None), removal("x", None)])).await.unwrap();
    assert_eq!(uris(&store, &list).await, "eacd");
    assert_eq!(by_id(&store, &list.id).await.unwrap().unwrap().total, 4);
    edit(Edit::Replace(vec!["z".into()])).await.unwrap();
    assert_eq!(uris(&store, &list).await, "z");
    assert_eq!(by_id(&store, &list.id).await.unwrap().unwrap().total, 1);
}

async fn every_edit_changes_the_snapshot_and_nothing_to_do_does_not(place: Arc<Place>) {
    let store = place.open().await;
    let list = made(&store, &["a", "b"]).await;
    let added =
        edit(&store, &list, None, Edit::Add { uris: vec!["c".into()], position: None }, ADA, NOW).await.unwrap();
    assert_ne!(added.print(), list.snapshot.print());
    let same = edit(&store, &list, None, Edit::Remove(vec![removal("q", None)]), ADA, NOW).await.unwrap();
    assert_eq!(same, added);
    let renamed = Details { name: Some("Other".into()), ..Details::default() };
    change(&store, &list, renamed, NOW).await.unwrap();
    let after = by_id(&store, &list.id).await.unwrap().unwrap();
    assert_eq!(after.name, "Other");
    assert_ne!(after.snapshot, added);
}

async fn an_edit_against_an_older_version_finds_its_items_where_they_went(place: Arc<Place>) {
    let store = place.open().await;
    let list = made(&store, &["a", "b", "a", "c"]).await;
    let seen = Some(list.snapshot);
    edit(&store, &list, None, Edit::Add { uris: vec!["a".into(), "n".into()], position: Some(0) }, ADA, NOW)
        .await
        .unwrap();
    // The second "a" of the old version is at 4 by now; the new one was not in it and stays.
    edit(&store, &list, seen, Edit::Remove(vec![removal("a", Some(vec![2]))]), ADA, NOW).await.unwrap();
    assert_eq!(uris(&store, &list).await, "anabc");
    edit(&store, &list, seen, Edit::Remove(vec![removal("a", None)]), ADA, NOW).await.unwrap();
    assert_eq!(uris(&store, &list).await, "anbc");
    let to_front = Edit::Move { range_start: 3, insert_before: 0, range_length: 1 };
    edit(&store, &list, seen, to_front, ADA, NOW).await.unwrap();
    assert_eq!(uris(&store, &list).await, "canb");
    let gone = edit(&store, &list, seen, Edit::Remove(vec![removal("a", Some(vec![0]))]), ADA, NOW).await;
    assert_eq!(gone, Err(EditRefused::NotThere));
}

async fn another_playlists_snapshot_is_none_of_this_one(place: Arc<Place>) {
    let store = place.open().await;
    let list = made(&store, &["a"]).await;
    let new = NewPlaylist { name: "Other".into(), description: None, public: true, collaborative: false };
    let foreign = create(ADA, new, NOW, &SeededRng::new(8)).0.snapshot;
    let refused = edit(&store, &list, Some(foreign), Edit::Replace(Vec::new()), ADA, NOW).await;
    assert_eq!(refused, Err(EditRefused::UnknownSnapshot));
    assert_eq!(uris(&store, &list).await, "a");
}

async fn a_refused_edit_changes_nothing(place: Arc<Place>) {
    let store = place.open().await;
    let list = made(&store, &["a", "b"]).await;
    let refused = [
        (Edit::Add { uris: vec!["x".into()], position: Some(3) }, EditRefused::OutOfBounds),
        (Edit::Move { range_start: 1, insert_before: 0, range_length: 2 }, EditRefused::OutOfBounds),
        (Edit::Move { range_start: 0, insert_before: 3, range_length: 1 }, EditRefused::OutOfBounds),
        (Edit::Remove(vec![removal("a", Some(vec![1]))]), EditRefused::NotThere),
        (Edit::Add { uris: vec!["x".into(); 10_000], position: None }, EditRefused::Full),
    ];
    for (what, why) in refused {
        assert_eq!(edit(&store, &list, None, what, ADA, NOW).await, Err(why));
    }
    assert_eq!(uris(&store, &list).await, "ab");
    assert_eq!(by_id(&store, &list.id).await.unwrap().unwrap().snapshot, list.snapshot);
}

async fn lists_show_what_the_app_may_see(place: Arc<Place>) {
    let store = place.open().await;
    let rng = SeededRng::new(3);
    for (name, public, collaborative) in [("Public", true, false), ("Private", false, false), ("Shared", false, true)] {
        let new = NewPlaylist { name: name.into(), description: None, public, collaborative };
        store.write(create(ADA, new, NOW, &rng).1).await.unwrap();
    }
    let names = async |private, collaborative| {
        let sees = Sees { private, collaborative };
        let (lists, total) = followed(&store, ADA, sees, 50, 0).await.unwrap();
        assert_eq!(total, lists.len() as u64);
        let mut names: Vec<String> = lists.into_iter().map(|list| list.name).collect();
        names.sort();
        names
    };
    assert_eq!(names(false, false).await, ["Public"]);
    assert_eq!(names(true, false).await, ["Private", "Public"]);
    assert_eq!(names(false, true).await, ["Public", "Shared"]);
    assert_eq!(names(true, true).await, ["Private", "Public", "Shared"]);
    assert_eq!(public_of(&store, ADA, 50, 0).await.unwrap().1, 1);
    assert_eq!(search(&store, "public", 5, 0).await.unwrap().1, 1);
    assert_eq!(search(&store, "private", 5, 0).await.unwrap().1, 0);
}

async fn edits_at_once_all_happen(place: Arc<Place>) {
    let store = place.open().await;
    let list = made(&store, &["a"]).await;
    let mut edits = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (store, list) = (store.clone(), list.clone());
        edits.spawn(async move {
            let add = Edit::Add { uris: vec![format!("<{n}>")], position: Some(n % 2) };
            edit(&store, &list, None, add, ADA, NOW).await.unwrap().print()
        });
    }
    let snapshots: std::collections::BTreeSet<String> = edits.join_all().await.into_iter().collect();
    assert_eq!(snapshots.len(), 20);
    let there = uris(&store, &list).await;
    assert!((0..20).all(|n| there.matches(&format!("<{n}>")).count() == 1), "{there}");
}

async fn what_is_saved_and_followed_is_listed_once(place: Arc<Place>) {
    let store = place.open().await;
    let later = NOW.plus_seconds(1);
    let write = Write::one(library::save(ADA, Saved::Track, "a", NOW))
        .and(library::save(ADA, Saved::Track, "b", later))
        .and(library::save(ADA, Saved::Track, "a", later))
        .and(library::save(ADA, Saved::Album, "c", NOW))
        .and(library::follow(ADA, Followed::User, "bob", true, NOW))
        .and(library::follow(ADA, Followed::User, "bob", true, NOW))
        .and(library::follow(ADA, Followed::Artist, "y", true, NOW))
        .and(library::follow(ADA, Followed::Artist, "x", true, NOW));
    store.write(write).await.unwrap();
    let (saved, total) = library::saved(&store, ADA, Saved::Track, 10, 0).await.unwrap();
    assert_eq!((saved, total), (vec![("b".into(), later), ("a".into(), NOW)], 2));
    assert_eq!(library::followers(&store, Followed::User, "bob", BOB).await.unwrap(), 1);
    assert_eq!(library::followers(&store, Followed::User, "bob", ADA).await.unwrap(), 0);
    assert_eq!(library::followed_artists(&store, ADA, "x", 5).await.unwrap(), (vec!["y".into()], 2));
    store.write(Write::one(library::forget(ADA, Saved::Track, "a"))).await.unwrap();
    assert!(!library::is_saved(&store, ADA, Saved::Track, "a").await.unwrap());
    assert!(!library::is_saved(&store, BOB, Saved::Track, "b").await.unwrap());
}

async fn a_library_is_seeded_the_same_each_time(place: Arc<Place>) {
    let store = place.open().await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("catalogue.db");
    keysig_store::catalogue::Catalogue::build(&path, &few_tracks()).unwrap();
    let catalogue = keysig_store::catalogue::Catalogue::open(&path).unwrap();
    let list = library::PlaylistSpec {
        name: "Morning".into(),
        description: None,
        public: true,
        collaborative: false,
        tracks: 3,
    };
    let spec = library::LibrarySpec { playlists: vec![list], recently_played: 4, top: 2, ..Default::default() };
    let mut seen = Vec::new();
    for user in [ADA, BOB] {
        library::seed_library(&store, &catalogue, user, &spec, NOW, &SeededRng::new(9)).await.unwrap();
        let plays = library::plays(&store, user, PlaysFrom::Before(NOW), 10).await.unwrap();
        let top = library::top(&store, user, "track", "short_term", 10, 0).await.unwrap();
        assert_eq!((plays.len(), top.1), (4, 2));
        let plays: Vec<_> = plays.into_iter().map(|play| (play.track_id, play.played_at)).collect();
        seen.push((plays, top));
    }
    assert_eq!(seen[0], seen[1]);
    let after = library::plays(&store, ADA, PlaysFrom::After(seen[0].0[2].1), 10).await.unwrap();
    assert_eq!(after.len(), 2);
}

fn few_tracks() -> keysig_store::catalogue::CatalogueData {
    use keysig_store::catalogue::{AlbumData, AlbumKind, ArtistData, CatalogueData, ReleaseDate, TrackData};
    let id = |kind: char, n: u8| format!("{kind}{n:021}");
    let track = |n| TrackData {
        id: id('t', n),
        name: format!("Track {n}"),
        album: id('a', 0),
        artists: vec![id('r', 0)],
        disc_number: 1,
        track_number: 1,
        duration_ms: 1,
        explicit: false,
        isrc: None,
        popularity: n,
    };
    let album = AlbumData {
        id: id('a', 0),
        name: "Album".into(),
        kind: AlbumKind::Album,
        artists: vec![id('r', 0)],
        release_date: ReleaseDate::parse("1999").unwrap(),
        label: String::new(),
        upc: None,
        popularity: 1,
        genres: Vec::new(),
        copyrights: Vec::new(),
        images: Vec::new(),
    };
    let artist = ArtistData { id: id('r', 0), name: "Artist".into(), ..ArtistData::default() };
    CatalogueData { artists: vec![artist], albums: vec![album], tracks: (0..8).map(track).collect() }
}
