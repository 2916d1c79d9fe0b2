use super::*;

#[tokio::test]
async fn the_profile_shows_what_the_scopes_open() {
    let world = World::new().await;
    let all = world.get(world.ada(), "/v1/me/").await.ok();
    has_keys(
        &all,
        "account_id country display_name email explicit_content external_urls followers href id images product type uri",
    );
    assert_eq!((&all["id"], &all["product"], &all["country"]), (&"ada".into(), &"premium".into(), &"NL".into()));
    assert_eq!(all["uri"], "spotify:user:ada");
    assert_eq!(all["followers"], serde_json::json!({"href": null, "total": 0}));
    let public = world.get(world.ada_with(""), "/v1/me").await.ok();
    for hidden in ["country", "email", "explicit_content", "product"] {
        assert!(public.get(hidden).is_none(), "{hidden}");
    }
    let email = world.get(world.ada_with("user-read-email"), "/v1/me").await.ok();
    assert_eq!(email["email"], "ada@example.test");
    assert!(email.get("product").is_none());
}

#[tokio::test]
async fn others_see_the_public_part_of_a_profile() {
    let world = World::new().await;
    let seen = world.get(world.app(), "/v1/users/ada").await.ok();
    assert_eq!(seen["display_name"], "ADA");
    assert!(seen.get("email").is_none() && seen.get("account_id").is_none());
    world.get(world.bob(), "/v1/users/nobody").await.refused(404, "Resource not found");
}
