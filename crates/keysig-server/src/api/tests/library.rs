use serde_json::json;

use super::*;

#[tokio::test]
async fn tracks_are_saved_found_and_taken_out_in_every_spelling() {
    let world = World::new().await;
    let id = &world.tracks[0];
    let contains = format!("/v1/me/tracks/contains?ids={id},{}", world.tracks[1]);
    let held = async || world.get(world.bob(), &contains).await.ok();
    for (path, body) in [
        (format!("/v1/me/tracks?ids={id}"), String::new()),
        ("/v1/me/tracks".to_owned(), json!({"ids": [id]}).to_string()),
        ("/v1/me/tracks".to_owned(), json!([id]).to_string()),
        (format!("/v1/me/library?uris=spotify%3Atrack%3A{id}"), "{}".to_owned()),
        ("/v1/me/library".to_owned(), json!({"uris": [world.uri(0)]}).to_string()),
    ] {
        world.put(world.bob(), &path, &body).await.ok();
        assert_eq!(held().await, json!([true, false]), "{path}");
        world.delete(world.bob(), &path, &body).await.ok();
        assert_eq!(held().await, json!([false, false]), "{path}");
    }
    let dated = json!({"timestamped_ids": [{"id": id, "added_at": "2020-02-03T04:05:06Z"}]});
    world.put(world.bob(), "/v1/me/tracks", dated).await.ok();
    let page = world.get(world.bob(), "/v1/me/tracks").await.ok();
    has_keys(&page, PAGE);
    assert_eq!(page["items"][0]["added_at"], "2020-02-03T04:05:06Z");
    has_keys(&page["items"][0]["track"], TRACK);
}

#[tokio::test]
async fn saving_is_all_or_nothing() {
    let world = World::new().await;
    let body = json!({"ids": [world.tracks[0], "0".repeat(22)]});
    world.put(world.bob(), "/v1/me/tracks", body).await.refused(404, "Resource not found");
    assert_eq!(world.get(world.bob(), "/v1/me/tracks").await.ok()["total"], 0);
    world.put(world.bob(), "/v1/me/tracks", "{}").await.refused(400, "Missing required field: ids");
    world.put(world.bob(), "/v1/me/tracks?ids=x", "").await.refused(400, "Invalid base62 id");
    world.put(world.bob(), "/v1/me/tracks", json!({"ids": [1]})).await.refused(400, "Error parsing JSON.");
    let uris = vec![world.uri(0); 41].join(",");
    world.put(world.bob(), &format!("/v1/me/library?uris={uris}"), "").await.refused(400, "Too many uris requested");
    world.put(world.bob(), "/v1/me/library?uris=spotify:song:x", "").await.refused(400, "Invalid uri");
    world.put(world.bob(), "/v1/me/library", "").await.refused(400, "Missing required field: uris");
}

#[tokio::test]
async fn the_siblings_of_saved_tracks_answer() {
    let world = World::new().await;
    let albums = world.get(world.ada(), "/v1/me/albums").await.ok();
    assert_eq!(albums["total"], 3);
    has_keys(&albums["items"][0]["album"], "copyrights external_ids genres label popularity tracks");
    for kind in ["shows", "episodes", "audiobooks"] {
        assert_eq!(world.get(world.ada(), &format!("/v1/me/{kind}")).await.ok()["total"], 0);
        let id = "0".repeat(22);
        assert_eq!(world.get(world.ada(), &format!("/v1/me/{kind}/contains?ids={id}")).await.ok(), json!([false]));
        world.put(world.ada(), &format!("/v1/me/{kind}?ids={id}"), "").await.refused(404, "Resource not found");
        world.delete(world.ada(), &format!("/v1/me/{kind}?ids={id}"), "").await.ok();
    }
}

#[tokio::test]
async fn the_library_asks_only_for_the_scopes_of_what_is_named() {
    let world = World::new().await;
    let artist = world.state.catalogue.get().most_popular(Kind::Artist, 1).unwrap().remove(0);
    let (artist, user) = (format!("spotify:artist:{artist}"), "spotify:user:bob");
    let library = |uris: &str| format!("/v1/me/library?uris={uris}");
    let follows = world.ada_with("user-follow-modify user-follow-read");
    world.put(follows, &library(&format!("{artist},{user}")), "").await.ok();
    let held = world.get(follows, &format!("/v1/me/library/contains?uris={user},{artist}")).await.ok();
    assert_eq!(held, json!([true, true]));
    world.put(follows, &library(&world.uri(0)), "").await.refused(403, "Insufficient client scope");
    world
        .get(follows, &format!("/v1/me/library/contains?uris={}", world.uri(0)))
        .await
        .refused(403, "Insufficient client scope");
    world.delete(follows, &library(user), "").await.ok();
    assert_eq!(world.get(follows, &format!("/v1/me/library/contains?uris={user}")).await.ok(), json!([false]));
}

#[tokio::test]
async fn artists_and_users_are_followed_and_left() {
    let world = World::new().await;
    let first = world.get(world.ada(), "/v1/me/following?type=artist&limit=3").await.ok()["artists"].clone();
    has_keys(&first, "cursors href items limit next total");
    has_keys(&first["items"][0], ARTIST);
    let second = world.get(world.ada(), &World::path(&first["next"])).await.ok()["artists"].clone();
    assert_eq!((&second["next"], second["items"].as_array().unwrap().len()), (&Value::Null, 2));
    assert_eq!(first["total"], 5);
    let got = world.put(world.bob(), "/v1/me/following?type=user&ids=ada", "").await;
    assert_eq!((got.status.as_u16(), got.text.as_str()), (204, ""));
    assert_eq!(
        world.get(world.bob(), "/v1/me/following/contains?type=user&ids=ada,op").await.ok(),
        json!([true, false])
    );
    assert_eq!(world.get(world.ada(), "/v1/me").await.ok()["followers"]["total"], 1);
    assert_eq!(world.delete(world.bob(), "/v1/me/following?type=user", json!({"ids": ["ada"]})).await.status, 204);
    assert_eq!(world.get(world.ada(), "/v1/me").await.ok()["followers"]["total"], 0);
    world.put(world.bob(), "/v1/me/following?type=user&ids=nobody", "").await.refused(404, "Resource not found");
    world.get(world.bob(), "/v1/me/following").await.refused(400, "Missing parameter type");
    world.get(world.bob(), "/v1/me/following?type=user").await.refused(400, "Invalid type");
}

#[tokio::test]
async fn favourites_and_history_are_paged() {
    let world = World::new().await;
    for kind in ["tracks", "artists"] {
        let page = world.get(world.ada(), &format!("/v1/me/top/{kind}?time_range=short_term&limit=4")).await.ok();
        has_keys(&page, PAGE);
        assert_eq!(page["total"], 10);
        let next = world.get(world.ada(), &World::path(&page["next"])).await.ok();
        assert_ne!(next["items"][0], page["items"][0]);
    }
    world.get(world.ada(), "/v1/me/top/albums").await.refused(400, "Invalid type");
    world.get(world.ada(), "/v1/me/top/tracks?time_range=ever").await.refused(400, "Invalid time range.");
    let first = world.get(world.ada(), "/v1/me/player/recently-played?limit=10").await.ok();
    has_keys(&first, "cursors href items limit next");
    has_keys(&first["items"][0], "context played_at track");
    let second = world.get(world.ada(), &World::path(&first["next"])).await.ok();
    assert_eq!((&second["next"], second["items"].as_array().unwrap().len()), (&Value::Null, 2));
    world
        .get(world.ada(), "/v1/me/player/recently-played?before=1&after=1")
        .await
        .refused(400, "Only one of before and after can be specified");
}
