//! The whole road: a sealed token, the guard, the router, the outer layers.

use keysig_core::access_token::{AccessTokenFor, AccessTokens, Audience, Holder};
use keysig_core::id::{AppId, GrantId, LoginId};
use keysig_core::seal::{Keyring, MasterKey};
use keysig_guard::{Guard, GuardLayer};

use super::*;

async fn ask(api: &Router, authorization: Option<String>) -> Got {
    let mut request = Request::get("/v1/me");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let response = api.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    assert_eq!(parts.headers["access-control-allow-origin"], "*");
    Got { status: parts.status, headers: parts.headers, text }
}

#[tokio::test]
async fn a_sealed_token_opens_the_api_and_nothing_else_does() {
    let world = World::new().await;
    let keys = Keyring::new(Arc::new(MasterKey::new([7; 32], 1, true)), "access", URL, 1);
    let tokens = Arc::new(AccessTokens::new(keys, world.state.store.incarnation()));
    let revocations = world.state.store.revocations();
    let clock = Arc::new(TestClock::at(NOW));
    let guard = Guard::new(tokens.clone(), revocations, Box::new(|_| true), clock.clone(), "spotify");
    let api = finish(router(world.state.clone()).layer(GuardLayer::new(Arc::new(guard))));
    let rng = SeededRng::new(5);
    let holder = Holder::User {
        user: world.ada,
        grant: GrantId::generate(NOW, &rng),
        login: LoginId::generate(NOW, &rng),
        user_epoch: 0,
        grant_epoch: 0,
        auth_time: Timestamp::default(),
        amr: keysig_core::grant::Amr::PASSWORD,
        paused: false,
    };
    let scopes = world.scopes("user-read-email");
    let app = AppId::generate(&rng);
    let sealed = |holder| {
        let token =
            AccessTokenFor { app, app_epoch: 0, holder, scopes, audience: Audience::OwnApi, lifetime_seconds: 3600 };
        format!("Bearer {}", tokens.seal(token, NOW, &rng).expose())
    };
    let me = ask(&api, Some(sealed(holder))).await.ok();
    assert_eq!((&me["id"], &me["email"]), (&"ada".into(), &"ada@example.test".into()));
    ask(&api, None).await.refused(401, "No token provided");
    ask(&api, Some("Basic YTpi".into())).await.refused(400, "Only valid bearer authentication supported");
    ask(&api, Some(format!("Bearer BQ{}", "A".repeat(120)))).await.refused(401, "Invalid access token");
    ask(&api, Some(sealed(Holder::App))).await.refused(401, "Valid user authentication required");
    clock.advance(3601);
    let expired = ask(&api, Some(sealed(holder))).await;
    expired.refused(401, "The access token expired");
    let challenge = "Bearer realm=\"spotify\", error=\"invalid_token\", error_description=\"The access token expired\"";
    assert_eq!(expired.headers["www-authenticate"], challenge);
}
