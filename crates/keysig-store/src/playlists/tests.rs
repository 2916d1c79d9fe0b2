use std::sync::Arc;

use keysig_core::testing::SeededRng;

use super::*;
use crate::{EngineConfig, StoreConfig};

const NOW: Timestamp = Timestamp::from_unix_millis(1_000_000);
const ADA: UserId = UserId::from_bytes([1; 16]);
const BOB: UserId = UserId::from_bytes([2; 16]);

async fn store() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("keysig.db");
    let engine = EngineConfig::Sqlite { path, cache_bytes: 1 << 20 };
    let store = Store::open(StoreConfig { engine }, NOW, Arc::new(SeededRng::new(1))).await.unwrap();
    (directory, store)
}

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

#[tokio::test]
async fn items_are_put_in_taken_out_and_moved() {
    let (_directory, store) = store().await;
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

#[tokio::test]
async fn every_edit_changes_the_snapshot_and_nothing_to_do_does_not() {
    let (_directory, store) = store().await;
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

#[tokio::test]
async fn an_edit_against_an_older_version_finds_its_items_where_they_went() {
    let (_directory, store) = store().await;
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

#[tokio::test]
async fn another_playlists_snapshot_is_none_of_this_one() {
    let (_directory, store) = store().await;
    let list = made(&store, &["a"]).await;
    let foreign = SnapshotId { salt: [9; 16], ..list.snapshot };
    let ahead = SnapshotId { version: 99, ..list.snapshot };
    for seen in [foreign, ahead] {
        let refused = edit(&store, &list, Some(seen), Edit::Replace(Vec::new()), ADA, NOW).await;
        assert_eq!(refused, Err(EditRefused::UnknownSnapshot));
    }
    assert_eq!(uris(&store, &list).await, "a");
}

#[tokio::test]
async fn a_refused_edit_changes_nothing() {
    let (_directory, store) = store().await;
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

#[tokio::test]
async fn lists_show_what_the_app_may_see() {
    let (_directory, store) = store().await;
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
