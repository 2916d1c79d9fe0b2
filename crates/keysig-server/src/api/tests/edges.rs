//! What is no good request, and what stands around every answer.

use super::*;

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_said_in_the_shape() {
    let world = World::new().await;
    world.get(world.ada(), "/v1/nothing").await.refused(404, "Service not found");
    world.get(world.ada(), "/v1/me//playlists").await.refused(404, "Service not found");
    let got = world.delete(world.ada(), "/v1/me", "").await;
    got.refused(405, "Method not allowed");
    assert_eq!(got.headers["allow"], "GET,HEAD");
}

#[tokio::test]
async fn parameters_that_can_be_read_in_two_ways_are_refused() {
    let world = World::new().await;
    let tracks = |query: &str| format!("/v1/me/tracks?{query}");
    world.get(world.ada(), &tracks("limit=1&limit=1")).await.refused(400, "Duplicate parameter");
    world.get(world.ada(), &tracks("unknown=1&unknown=2")).await.refused(400, "Duplicate parameter");
    world.get(world.ada(), &tracks("market=%zz")).await.refused(400, "Malformed percent-encoding");
    world.get(world.ada(), &tracks("market=%ff")).await.refused(400, "Not valid UTF-8");
    world.get(world.ada(), "/v1/users/%ff").await.refused(400, "Not valid UTF-8");
    world.get(world.ada(), "/v1/users/%4").await.refused(400, "Malformed percent-encoding");
    world.get(world.ada(), &tracks("limit=51")).await.refused(400, "Invalid limit");
    world.get(world.ada(), &tracks("offset=-1")).await.refused(400, "Invalid offset");
    world.get(world.ada(), "/v1/tracks/short").await.refused(400, "Invalid base62 id");
    world.get(world.ada(), "/v1/tracks?market=NLD&ids=x").await.refused(400, "Invalid market code");
}

#[tokio::test]
async fn bodies_are_bounded_and_read_strictly() {
    let world = World::new().await;
    let long = format!("{{\"name\":\"{}\"}}", "x".repeat(70_000));
    world.post(world.ada(), "/v1/me/playlists", long).await.refused(413, "Request body too large");
    for body in ["{", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":[[[[[[[[[[1]]]]]]]]]]}", "{\"name\":\"a\\u0000\"}"]
    {
        world.post(world.ada(), "/v1/me/playlists", body).await.refused(400, "Error parsing JSON.");
    }
    assert_eq!(world.get(world.ada(), "/v1/me/playlists").await.ok()["total"], 4);
}

#[tokio::test]
async fn pages_of_any_origin_may_read_every_answer_without_credentials() {
    let world = World::new().await;
    for path in ["/v1/me", "/v1/nothing", "/v1/tracks/short"] {
        let mut request = Request::get(path).header("origin", "https://app.example").body(Body::empty()).unwrap();
        request.extensions_mut().insert(world.ada());
        let response = world.api.clone().oneshot(request).await.unwrap();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_lowercase();
        assert_eq!(header("access-control-allow-origin"), "*");
        assert_eq!(header("access-control-expose-headers"), "retry-after,www-authenticate");
        assert_eq!(header("cache-control"), "private, max-age=0");
        assert!(!response.headers().contains_key("access-control-allow-credentials"));
    }
}

#[tokio::test]
async fn a_preflight_needs_no_token() {
    let world = World::new().await;
    let request = Request::builder().method(Method::OPTIONS).uri("/v1/me/tracks").header("origin", "https://a.example");
    let request = request.header("access-control-request-method", "PUT");
    let request = request.header("access-control-request-headers", "authorization,content-type").body(Body::empty());
    let response = world.api.clone().oneshot(request.unwrap()).await.unwrap();
    assert!(response.status().is_success());
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_lowercase();
    assert!(header("access-control-allow-headers").contains("authorization,content-type"));
    assert!(
        ["get", "post", "put", "delete"].iter().all(|method| header("access-control-allow-methods").contains(method))
    );
}
