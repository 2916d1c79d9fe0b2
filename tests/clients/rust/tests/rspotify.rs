//! rspotify, as published: its three clients, and what programs do with them.

use std::collections::HashSet;

use keysig_clients_rust::{auth_code, client_credentials, confidential, person, pkce};
use rspotify::{
    ClientError,
    http::HttpError,
    model::{FullTrack, LibraryId, PlayableItem, PlaylistId, SearchResult, SearchType, TrackId},
    prelude::*,
};

async fn found(spotify: &impl BaseClient, limit: u32) -> Vec<FullTrack> {
    match spotify.search("a", SearchType::Track, None, None, Some(limit), None).await.expect("a search") {
        SearchResult::Tracks(page) => page.items,
        other => panic!("asked for tracks, got {other:?}"),
    }
}

fn id(track: &FullTrack) -> TrackId<'static> {
    track.id.clone().expect("a track of the catalogue has an id")
}

async fn access_token(spotify: &impl BaseClient) -> String {
    let token = spotify.get_token();
    let token = token.lock().await.expect("nobody panicked with the lock");
    token.as_ref().expect("a token").access_token.clone()
}

fn status(error: ClientError) -> u16 {
    match error {
        ClientError::Http(error) => match *error {
            HttpError::StatusCode(response) => response.status().as_u16(),
            other => panic!("no answer: {other}"),
        },
        other => panic!("no HTTP error: {other}"),
    }
}

#[allow(deprecated, reason = "the field is gone for some of Spotify's own apps; this server sends it")]
async fn reads_the_profile(spotify: impl OAuthClient) {
    let me = spotify.current_user().await.expect("the profile");
    assert_eq!(me.id.id(), "ada");
    assert_eq!(me.email.as_deref(), Some("ada@example.test"));
}

async fn refreshes_three_times_and_every_token_works(spotify: impl OAuthClient) {
    let mut seen = HashSet::from([access_token(&spotify).await]);
    for _ in 0..3 {
        spotify.refresh_token().await.expect("a refresh");
        seen.insert(access_token(&spotify).await);
        assert_eq!(spotify.current_user().await.expect("the profile").id.id(), "ada");
    }
    assert_eq!(seen.len(), 4);
}

async fn uris(spotify: &impl OAuthClient, playlist: &PlaylistId<'_>) -> Vec<String> {
    let page = spotify.playlist_items_manual(playlist.as_ref(), None, None, None, None).await.expect("the items");
    page.items
        .into_iter()
        .map(|entry| match entry.item {
            Some(PlayableItem::Track(track)) => id(&track).uri(),
            other => panic!("no track: {other:?}"),
        })
        .collect()
}

async fn creates_a_playlist_and_adds_and_removes_tracks(spotify: impl OAuthClient) {
    let tracks = found(&spotify, 2).await;
    let (first, second) = (id(&tracks[0]), id(&tracks[1]));
    let me = spotify.current_user().await.expect("the profile").id;
    let made = spotify
        .user_playlist_create(me, "Made by rspotify", Some(false), Some(false), Some("d"))
        .await
        .expect("a playlist");
    let add = async |track: &TrackId<'static>, position| {
        let items = [PlayableId::Track(track.clone())];
        spotify.playlist_add_items(made.id.as_ref(), items, position).await.expect("added").snapshot_id
    };
    let after_first = add(&first, None).await;
    let after_second = add(&second, Some(0)).await;
    assert_eq!(uris(&spotify, &made.id).await, [second.uri(), first.uri()]);
    let after_removal = spotify
        .playlist_remove_all_occurrences_of_items(made.id.as_ref(), [PlayableId::Track(first.clone())], None)
        .await
        .expect("removed")
        .snapshot_id;
    assert_eq!(uris(&spotify, &made.id).await, [second.uri()]);
    assert_eq!(HashSet::from([made.snapshot_id, after_first, after_second, after_removal]).len(), 4);
    let mine = spotify.current_user_playlists_manual(Some(50), None).await.expect("the playlists");
    assert!(mine.items.iter().any(|playlist| playlist.id == made.id));
}

async fn saves_and_forgets_a_track(spotify: impl OAuthClient) {
    let tracks: Vec<_> = found(&spotify, 10).await.iter().map(id).collect();
    let contains = async |tracks: &[TrackId<'static>]| {
        let ids: Vec<_> = tracks.iter().cloned().map(LibraryId::Track).collect();
        spotify.library_contains(ids).await.expect("an answer")
    };
    let unsaved = contains(&tracks).await.iter().position(|saved| !saved).expect("an unsaved track");
    let track = &tracks[unsaved..=unsaved];
    spotify.library_add([LibraryId::Track(track[0].clone())]).await.expect("saved");
    assert_eq!(contains(track).await, [true]);
    let saved = spotify.current_user_saved_tracks_manual(None, Some(50), None).await.expect("the saved tracks");
    assert!(saved.items.iter().any(|entry| id(&entry.track) == track[0]));
    spotify.library_remove([LibraryId::Track(track[0].clone())]).await.expect("forgotten");
    assert_eq!(contains(track).await, [false]);
}

macro_rules! for_every_login {
    ($login:ident: $($claim:ident),+ $(,)?) => {
        mod $login {
            $(#[tokio::test]
            async fn $claim() {
                super::$claim(keysig_clients_rust::$login().await).await;
            })+
        }
    };
}

for_every_login!(auth_code: reads_the_profile, refreshes_three_times_and_every_token_works,
    creates_a_playlist_and_adds_and_removes_tracks, saves_and_forgets_a_track);
for_every_login!(pkce: reads_the_profile, refreshes_three_times_and_every_token_works,
    creates_a_playlist_and_adds_and_removes_tracks, saves_and_forgets_a_track);

#[tokio::test]
async fn the_application_alone_searches_and_reads_a_track() {
    let spotify = client_credentials().await;
    let tracks = found(&spotify, 1).await;
    assert_eq!(spotify.track(id(&tracks[0]), None).await.expect("the track").name, tracks[0].name);
}

#[tokio::test]
async fn the_application_alone_is_nobody() {
    let mut spotify = auth_code().await;
    spotify.token = client_credentials().await.token;
    assert_eq!(status(spotify.current_user().await.expect_err("an application has no profile")), 401);
}

#[tokio::test]
async fn a_denial_carries_no_code() {
    let spotify = confidential();
    let url = spotify.get_authorize_url(false).expect("an authorize URL");
    let callback = person(&["--user", "bob@example.test", "--deny"], &url);
    assert_eq!(spotify.parse_response_code(&callback), None);
    assert!(callback.contains("error=access_denied"), "{callback}");
}

#[tokio::test]
async fn a_verifier_of_128_characters_is_accepted() {
    let spotify = pkce().await;
    let mut longest = rspotify::AuthCodePkceSpotify::with_config(
        spotify.get_creds().clone(),
        spotify.get_oauth().clone(),
        spotify.get_config().clone(),
    );
    let callback = person(&[], &longest.get_authorize_url(Some(128)).expect("an authorize URL"));
    let code = longest.parse_response_code(&callback).expect("a code");
    longest.request_token(&code).await.expect("a token");
    reads_the_profile(longest).await;
}
