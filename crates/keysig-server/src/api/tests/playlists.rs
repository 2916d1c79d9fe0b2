use serde_json::json;

use super::*;

impl World {
    /// A new playlist of Ada with the first tracks on it; its id.
    async fn made(&self, details: Value, tracks: usize) -> String {
        let made = self.post(self.ada(), "/v1/me/playlists", details).await.ok();
        let id = made["id"].as_str().unwrap().to_owned();
        if tracks > 0 {
            let uris: Vec<String> = (0..tracks).map(|n| self.uri(n)).collect();
            self.post(self.ada(), &format!("/v1/playlists/{id}/items"), json!({"uris": uris})).await.ok();
        }
        id
    }

    /// Which of the first tracks stand on it, in order.
    async fn standing(&self, id: &str) -> Vec<usize> {
        let page = self.get(self.ada(), &format!("/v1/playlists/{id}/items?limit=100")).await.ok();
        let uri = |entry: &Value| entry["item"]["uri"].as_str().unwrap().to_owned();
        let uris: Vec<String> = page["items"].as_array().unwrap().iter().map(uri).collect();
        uris.iter().map(|uri| (0..100).find(|n| self.uri(*n) == *uri).unwrap()).collect()
    }
}

#[tokio::test]
async fn a_list_of_playlists_has_what_clients_need() {
    let world = World::new().await;
    let page = world.get(world.ada(), "/v1/me/playlists?limit=3").await.ok();
    has_keys(&page, PAGE);
    assert_eq!((&page["total"], &page["items"][0]["name"]), (&4.into(), &"Morning".into()));
    has_keys(&page["items"][0], PLAYLIST);
    has_keys(&page["items"][0]["owner"], "display_name external_urls href id type uri");
    has_keys(&page["items"][0]["tracks"], "href total");
    assert_eq!(world.get(world.ada(), &World::path(&page["next"])).await.ok()["items"][0]["name"], "Long");
}

#[tokio::test]
async fn a_whole_playlist_has_its_items_under_both_names() {
    let world = World::new().await;
    let id = world.made(json!({"name": "Mix", "description": "d"}), 3).await;
    let full = world.get(world.ada(), &format!("/v1/playlists/{id}")).await.ok();
    has_keys(&full, PLAYLIST);
    has_keys(&full, "followers");
    for name in ["items", "tracks"] {
        has_keys(&full[name], PAGE);
        assert_eq!(full[name]["total"], 3);
        assert_eq!(World::path(&full[name]["href"]), format!("/v1/playlists/{id}/{name}?offset=0&limit=100"));
    }
    let entry = &full["items"]["items"][0];
    has_keys(entry, "added_at added_by is_local primary_color video_thumbnail item track");
    has_keys(&entry["added_by"], "external_urls href id type uri");
    has_keys(&entry["track"], TRACK);
    assert_eq!((&entry["track"]["track"], &entry["track"]["episode"]), (&true.into(), &false.into()));
    assert_eq!(entry["item"], entry["track"]);
    let snapshot = full["snapshot_id"].as_str().unwrap();
    assert!(snapshot.len() == 32 && snapshot.starts_with("AAAA"));
}

#[tokio::test]
async fn fields_keep_what_they_name() {
    let world = World::new().await;
    let id = world.made(json!({"name": "Mix"}), 2).await;
    let kept = world.get(world.ada(), &format!("/v1/playlists/{id}?fields=name,tracks.total")).await.ok();
    assert_eq!(kept, json!({"name": "Mix", "tracks": {"total": 2}}));
    let kept =
        world.get(world.ada(), &format!("/v1/playlists/{id}/tracks?fields=items(track(uri)),total&limit=1")).await.ok();
    assert_eq!(kept, json!({"total": 2, "items": [{"track": {"uri": world.uri(0)}}]}));
    world.get(world.ada(), &format!("/v1/playlists/{id}?fields=a(")).await.refused(400, "Invalid fields filter");
}

#[tokio::test]
async fn a_playlist_is_made_at_both_addresses() {
    let world = World::new().await;
    let made = world.post(world.ada(), "/v1/users/ada/playlists", json!({"name": "Old", "public": false})).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    assert_eq!((&made["public"], &made["tracks"]["total"]), (&false.into(), &0.into()));
    world
        .post(world.ada(), "/v1/users/bob/playlists", json!({"name": "Theirs"}))
        .await
        .refused(403, "You cannot create a playlist for another user.");
    world.post(world.ada(), "/v1/me/playlists", "{}").await.refused(400, "Missing required field: name");
    world
        .post(world.ada(), "/v1/me/playlists", json!({"name": "x", "public": true, "collaborative": true}))
        .await
        .refused(400, "Collaborative playlists can only be private.");
    assert_eq!(world.get(world.ada(), "/v1/me/playlists").await.ok()["total"], 5);
}

#[tokio::test]
async fn making_and_changing_asks_for_the_scope_of_the_visibility() {
    let world = World::new().await;
    let (public, private) = (world.ada_with("playlist-modify-public"), world.ada_with("playlist-modify-private"));
    let lacking = "Insufficient client scope";
    world.post(public, "/v1/me/playlists", json!({"name": "x", "public": false})).await.refused(403, lacking);
    world.post(private, "/v1/me/playlists", json!({"name": "x"})).await.refused(403, lacking);
    world.post(public, "/v1/me/playlists", json!({"name": "x", "collaborative": true})).await.refused(403, lacking);
    let id = world.made(json!({"name": "Open"}), 1).await;
    let path = format!("/v1/playlists/{id}");
    world.put(private, &path, json!({"name": "y"})).await.refused(403, lacking);
    world.put(public, &path, json!({"public": false})).await.refused(403, lacking);
    let got = world.put(public, &path, json!({"name": "y"})).await;
    assert_eq!((got.status.as_u16(), got.text.as_str()), (200, ""));
    world.post(private, &format!("{path}/items"), json!({"uris": [world.uri(0)]})).await.refused(403, lacking);
    world
        .put(world.bob(), &path, json!({"name": "mine"}))
        .await
        .refused(403, "You cannot change a playlist you don't own.");
    assert_eq!(world.get(world.ada(), &path).await.ok()["name"], "y");
}

#[tokio::test]
async fn items_go_in_by_every_spelling() {
    let world = World::new().await;
    let id = world.made(json!({"name": "Mix"}), 0).await;
    let at = |name: &str, query: &str| format!("/v1/playlists/{id}/{name}{query}");
    let got = world.post(world.ada(), &at("items", ""), json!({"uris": [world.uri(0)]})).await;
    assert_eq!(got.status, 201);
    world.post(world.ada(), &at("tracks", "?position=0"), json!([world.uri(1)])).await.ok();
    world.post(world.ada(), &at("tracks", ""), json!({"uris": [world.uri(2)], "position": 1})).await.ok();
    let query = format!("?uris={},{}", world.uri(3), world.uri(4).replace(':', "%3A"));
    world.post(world.ada(), &at("items", &query), "").await.ok();
    assert_eq!(world.standing(&id).await, [1, 2, 0, 3, 4]);
    let refused = async |body: Value, message: &str| {
        world.post(world.ada(), &at("items", ""), body).await.refused(400, message);
    };
    refused(json!({"uris": [world.uri(0)], "position": 6}), "Index out of bounds.").await;
    refused(json!({"uris": ["spotify:track:0000000000000000000000"]}), "Payload contains a non-existing ID").await;
    refused(json!({"uris": ["track"]}), "Invalid track uri").await;
    refused(json!({"uris": []}), "No uris provided").await;
    refused(json!({"uris": vec![world.uri(0); 101]}), "You can add a maximum of 100 tracks per request.").await;
    assert_eq!(world.standing(&id).await.len(), 5);
}

#[tokio::test]
async fn items_are_taken_out_replaced_and_moved() {
    let world = World::new().await;
    let id = world.made(json!({"name": "Mix"}), 5).await;
    let path = format!("/v1/playlists/{id}/items");
    let removed = world.delete(world.ada(), &path, json!({"items": [{"uri": world.uri(1)}]})).await.ok();
    assert_eq!(world.standing(&id).await, [0, 2, 3, 4]);
    let tracks = json!({"tracks": [{"uri": world.uri(3), "positions": [2]}], "snapshot_id": removed["snapshot_id"]});
    let again = world.delete(world.ada(), &format!("/v1/playlists/{id}/tracks"), tracks).await.ok();
    assert_ne!(again["snapshot_id"], removed["snapshot_id"]);
    assert_eq!(world.standing(&id).await, [0, 2, 4]);
    let moved = world.put(world.ada(), &path, json!({"range_start": 2, "insert_before": 0})).await;
    assert_eq!(moved.status, 200);
    assert_eq!(world.standing(&id).await, [4, 0, 2]);
    world.put(world.ada(), &path, json!({"uris": [world.uri(7), world.uri(8)]})).await.ok();
    assert_eq!(world.standing(&id).await, [7, 8]);
    world.put(world.ada(), &path, json!({"uris": []})).await.ok();
    assert_eq!(world.standing(&id).await, [0; 0]);
    world
        .delete(world.ada(), &path, json!({"items": [{"uri": world.uri(1)}], "snapshot_id": "x"}))
        .await
        .refused(400, "Invalid snapshot id");
    world.delete(world.ada(), &path, "").await.refused(400, "No items provided");
    world.put(world.ada(), &path, "{}").await.refused(400, "Error parsing JSON.");
}

#[tokio::test]
async fn strangers_see_public_playlists_and_change_none() {
    let world = World::new().await;
    let open = world.made(json!({"name": "Open"}), 1).await;
    let closed = world.made(json!({"name": "Closed", "public": false}), 1).await;
    let add = json!({"uris": [world.uri(0)]});
    world.get(world.bob(), &format!("/v1/playlists/{open}")).await.ok();
    world.get(world.app(), &format!("/v1/playlists/{open}")).await.ok();
    world.get(world.bob(), &format!("/v1/playlists/{open}/tracks")).await.ok();
    world.get(world.bob(), &format!("/v1/playlists/{open}/items")).await.refused(403, "Forbidden");
    world
        .post(world.bob(), &format!("/v1/playlists/{open}/items"), &add)
        .await
        .refused(403, "You cannot add tracks to a playlist you don't own.");
    for path in [format!("/v1/playlists/{closed}"), format!("/v1/playlists/{closed}/items")] {
        world.get(world.bob(), &path).await.refused(404, "Resource not found");
        world.get(world.app(), &path).await.refused(
            if path.ends_with("items") { 401 } else { 404 },
            if path.ends_with("items") { "Valid user authentication required" } else { "Resource not found" },
        );
        world.get(world.ada_with("playlist-modify-public"), &path).await.refused(403, "Insufficient client scope");
        world.get(world.ada_with("playlist-read-private"), &path).await.ok();
    }
    world.post(world.bob(), &format!("/v1/playlists/{closed}/items"), &add).await.refused(404, "Resource not found");
    let seen = world.get(world.bob(), "/v1/users/ada/playlists").await.ok();
    assert_eq!(seen["total"], 4);
    assert!(seen["items"].as_array().unwrap().iter().all(|list| list["public"] == true));
}

#[tokio::test]
async fn whoever_follows_a_collaborative_playlist_changes_its_items() {
    let world = World::new().await;
    let id = world.made(json!({"name": "Ours", "collaborative": true, "public": false}), 1).await;
    let items = format!("/v1/playlists/{id}/items");
    let add = json!({"uris": [world.uri(1)]});
    world.post(world.bob(), &items, &add).await.refused(403, "You cannot add tracks to a playlist you don't own.");
    world.put(world.bob(), &format!("/v1/playlists/{id}/followers"), "").await.ok();
    world.post(world.bob(), &items, &add).await.ok();
    let page = world.get(world.ada(), &items).await.ok();
    assert_eq!(
        (&page["items"][0]["added_by"]["id"], &page["items"][1]["added_by"]["id"]),
        (&"ada".into(), &"bob".into())
    );
    assert_eq!(world.get(world.bob(), "/v1/me/playlists").await.ok()["total"], 1);
    let not_shared = world.ada_with("playlist-read-private");
    assert_eq!(world.get(not_shared, "/v1/me/playlists").await.ok()["total"], 4);
}

#[tokio::test]
async fn an_owner_deletes_a_playlist_by_unfollowing_it() {
    let world = World::new().await;
    let id = world.made(json!({"name": "Gone", "public": false}), 0).await;
    let followers = format!("/v1/playlists/{id}/followers");
    assert_eq!(world.get(world.ada(), &format!("{followers}/contains")).await.ok(), json!([true]));
    world.delete(world.ada(), &followers, "").await.ok();
    assert_eq!(world.get(world.ada(), &format!("{followers}/contains?ids=ada,bob")).await.ok(), json!([false, false]));
    assert_eq!(world.get(world.ada(), "/v1/me/playlists").await.ok()["total"], 4);
    world.put(world.ada(), &followers, json!({"public": false})).await.ok();
    assert_eq!(world.get(world.ada(), "/v1/me/playlists").await.ok()["total"], 5);
    world.delete(world.ada(), &format!("/v1/me/library?uris=spotify:playlist:{id}"), "{}").await.ok();
    assert_eq!(world.get(world.ada(), "/v1/me/playlists").await.ok()["total"], 4);
}

#[tokio::test]
async fn a_long_playlist_is_read_page_by_page() {
    let world = World::new().await;
    let lists = world.get(world.ada(), "/v1/me/playlists").await.ok();
    let long = lists["items"].as_array().unwrap().iter().find(|list| list["name"] == "Long").unwrap().clone();
    let (mut seen, mut next) = (0, World::path(&long["tracks"]["href"]) + "?limit=50&market=NL");
    loop {
        let page = world.get(world.ada(), &next).await.ok();
        seen += page["items"].as_array().unwrap().len();
        match &page["next"] {
            Value::Null => break,
            link => next = World::path(link),
        }
        assert!(next.contains("market=NL"));
    }
    assert_eq!(seen, 120);
    world
        .get(world.ada(), &format!("{}?limit=101", World::path(&long["tracks"]["href"])))
        .await
        .refused(400, "Invalid limit");
}
