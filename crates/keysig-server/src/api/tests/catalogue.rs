use super::*;

async fn first_found(world: &World, query: &str, kind: &str) -> Value {
    let found = world.get(world.app(), &format!("/v1/search?q={query}&type={kind}")).await.ok();
    found[format!("{kind}s")]["items"][0].clone()
}

#[tokio::test]
async fn an_app_searches_and_reads_what_it_found() {
    let world = World::new().await;
    let found = world.get(world.app(), "/v1/search/?q=a&type=track,artist,album&limit=2").await.ok();
    for (kind, keys) in [("tracks", TRACK), ("artists", ARTIST), ("albums", ALBUM)] {
        has_keys(&found[kind], PAGE);
        let item = &found[kind]["items"][1];
        has_keys(item, keys);
        let read = world.get(world.app(), &format!("/v1/{kind}/{}", item["id"].as_str().unwrap())).await.ok();
        has_keys(&read, keys);
        assert_eq!(read["name"], item["name"]);
        assert_eq!(world.get(world.app(), &World::path(&item["href"])).await.ok(), read);
    }
}

#[tokio::test]
async fn a_track_is_found_by_its_name_and_by_filters() {
    let world = World::new().await;
    assert_eq!(first_found(&world, "barnacle+waltz", "track").await["name"], "Barnacle Waltz");
    assert_eq!(first_found(&world, "barna", "track").await["name"], "Barnacle Waltz");
    assert_eq!(first_found(&world, "artist:fenwick%20album:ledger%20creek", "track").await["name"], "Creek Bed");
    assert_eq!(first_found(&world, "year:1962", "album").await["name"], "Live at the Ferry Terminal");
    assert_eq!(first_found(&world, "morning", "playlist").await["name"], "Morning");
    assert_eq!(first_found(&world, "secret", "playlist").await, Value::Null);
}

#[tokio::test]
async fn search_refuses_what_it_cannot_do() {
    let world = World::new().await;
    let refused = async |query: &str, message: &str| {
        world.get(world.app(), &format!("/v1/search?{query}")).await.refused(400, message);
    };
    refused("type=track", "No search query").await;
    refused("q=a", "Missing parameter type").await;
    refused("q=a&type=track,song", "Bad search type field").await;
    refused("q=a&type=track&limit=51", "Invalid limit").await;
    refused("q=a&type=track&offset=1001", "Invalid offset").await;
    refused(&format!("q={}&type=track", "a".repeat(501)), "Query exceeds maximum length").await;
    let empty = world.get(world.app(), "/v1/search?q=a&type=show,episode,audiobook").await.ok();
    assert_eq!(empty["audiobooks"]["total"], 0);
}

#[tokio::test]
async fn following_next_reads_the_whole_list_once() {
    let world = World::new().await;
    let mut seen = Vec::new();
    let mut next = "/v1/search?q=s&type=track&limit=7".to_owned();
    let total = loop {
        let page = world.get(world.app(), &next).await.ok()["tracks"].clone();
        seen.extend(page["items"].as_array().unwrap().iter().map(|track| track["id"].to_string()));
        match &page["next"] {
            Value::Null => break page["total"].as_u64().unwrap(),
            link => next = World::path(link),
        }
    };
    assert_eq!(seen.len() as u64, total);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len() as u64, total);
}

#[tokio::test]
async fn batches_answer_in_order_with_null_for_the_unknown() {
    let world = World::new().await;
    let ids = format!("{},{},{}", world.tracks[1], "0".repeat(22), world.tracks[0]);
    let found = world.get(world.app(), &format!("/v1/tracks?ids={ids}")).await.ok();
    assert_eq!((&found["tracks"][0]["id"], &found["tracks"][1]), (&world.tracks[1].as_str().into(), &Value::Null));
    let album = found["tracks"][2]["album"]["id"].as_str().unwrap().to_owned();
    let albums = world.get(world.app(), &format!("/v1/albums?ids={album}")).await.ok();
    has_keys(&albums["albums"][0], "copyrights external_ids genres label popularity tracks");
    let artist = found["tracks"][2]["artists"][0]["id"].as_str().unwrap();
    has_keys(&world.get(world.app(), &format!("/v1/artists?ids={artist}")).await.ok()["artists"][0], ARTIST);
    world.get(world.app(), "/v1/tracks").await.refused(400, "Missing required field: ids");
    let many = vec!["0".repeat(22); 51].join(",");
    world.get(world.app(), &format!("/v1/tracks?ids={many}")).await.refused(400, "Too many ids requested");
    world.get(world.app(), &format!("/v1/albums/{}", "0".repeat(22))).await.refused(404, "Resource not found");
}

#[tokio::test]
async fn albums_and_artists_list_what_belongs_to_them() {
    let world = World::new().await;
    let album = first_found(&world, "tidepool", "album").await;
    let id = album["id"].as_str().unwrap();
    let full = world.get(world.app(), &format!("/v1/albums/{id}")).await.ok();
    has_keys(&full, ALBUM);
    has_keys(&full["tracks"], PAGE);
    let page = world.get(world.app(), &format!("/v1/albums/{id}/tracks?limit=3&offset=2")).await.ok();
    assert_eq!(page["items"][0], full["tracks"]["items"][2]);
    assert_eq!(page["total"], full["total_tracks"]);
    let artist = full["artists"][0]["id"].as_str().unwrap();
    let albums = world.get(world.app(), &format!("/v1/artists/{artist}/albums?include_groups=single")).await.ok();
    assert_eq!((&albums["total"], &albums["items"][0]["album_group"]), (&1.into(), &"single".into()));
    world
        .get(world.app(), &format!("/v1/artists/{artist}/albums?include_groups=mixtape"))
        .await
        .refused(400, "Invalid include_groups");
    let top = world.get(world.app(), &format!("/v1/artists/{artist}/top-tracks?market=NL")).await.ok();
    has_keys(&top["tracks"][9], TRACK);
}

#[tokio::test]
async fn the_market_is_the_one_asked_for_or_the_persons_own() {
    let world = World::new().await;
    let track = format!("/v1/tracks/{}", world.tracks[0]);
    assert!(world.get(world.app(), &track).await.ok().get("is_playable").is_none());
    assert_eq!(world.get(world.app(), &format!("{track}?market=de")).await.ok()["available_markets"][0], "DE");
    let own = world.get(world.ada(), &format!("{track}?market=from_token")).await.ok();
    assert_eq!((&own["available_markets"][0], &own["is_playable"]), (&"NL".into(), &true.into()));
    assert!(world.get(world.ada_with(""), &track).await.ok().get("is_playable").is_none());
}
