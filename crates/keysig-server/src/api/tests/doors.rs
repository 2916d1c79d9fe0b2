//! Knocks on every door of the list with every kind of wrong token.

use super::super::{ENDPOINTS, Needs};
use super::*;

fn knock(path: &str) -> String {
    path.replace("/users/{id}", "/users/ada").replace("{id}", "0000000000000000000000").replace("{kind}", "tracks")
}

#[tokio::test]
async fn without_the_guard_every_door_is_closed() {
    let world = World::new().await;
    for endpoint in ENDPOINTS {
        let got = world.send(None, endpoint.method.clone(), &knock(endpoint.path), "").await;
        got.refused(401, "No token provided");
        assert_eq!(got.headers["www-authenticate"], "Bearer realm=\"spotify\"");
    }
}

#[tokio::test]
async fn an_apps_own_token_opens_only_what_is_nobodys() {
    let world = World::new().await;
    let app = Caller { scopes: world.every_scope, ..world.app() };
    for endpoint in ENDPOINTS {
        let got = world.send(Some(app), endpoint.method.clone(), &knock(endpoint.path), "").await;
        match endpoint.needs {
            Needs::Token => assert_ne!(got.status, 401, "{}", endpoint.path),
            Needs::User | Needs::UserWith(_) => got.refused(401, "Valid user authentication required"),
        }
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_refused_and_one_with_it_is_not() {
    let world = World::new().await;
    for endpoint in ENDPOINTS {
        let Needs::UserWith(one_of) = endpoint.needs else { continue };
        let others = world.every_scope.without(world.scopes(&one_of.join(" ")));
        let path = knock(endpoint.path);
        let lacking = Caller { scopes: others, ..world.ada() };
        world.send(Some(lacking), endpoint.method.clone(), &path, "").await.refused(403, "Insufficient client scope");
        for scope in one_of {
            let got = world.send(Some(world.ada_with(scope)), endpoint.method.clone(), &path, "").await;
            assert_ne!(got.status, 401, "{path} {scope}");
            assert_ne!(got.status, 403, "{path} {scope}");
        }
    }
}

#[tokio::test]
async fn every_path_answers_with_a_slash_too() {
    let world = World::new().await;
    for endpoint in ENDPOINTS.iter().filter(|endpoint| endpoint.method == Method::GET) {
        let path = knock(endpoint.path);
        let (without, with) = (world.get(world.ada(), &path).await, world.get(world.ada(), &format!("{path}/")).await);
        assert_eq!((without.status, without.text), (with.status, with.text), "{path}");
    }
}
