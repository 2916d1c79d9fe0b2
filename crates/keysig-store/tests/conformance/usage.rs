//! Figures of apps: counts of nodes add up, people are counted once.

use std::sync::Arc;

use keysig_core::id::AppId;
use keysig_core::password::PasswordHash;
use keysig_store::usage::{self, Active, Usage};
use keysig_store::users;
use tokio::task::JoinSet;

use crate::domain::{app, user, with_people};
use crate::place::{NOW, Place};

on_both_engines!(figures_of_two_nodes_add_up, somebody_who_comes_twice_is_one, what_is_old_is_forgotten);

fn count(hour: i64, metric: &str, amount: i64) -> Usage {
    Usage { app: app().id, hour, metric: metric.to_owned(), amount }
}

fn on(name: &str, day: i64) -> Active {
    Active { user: user(name).id, app: app().id, day }
}

async fn figures_of_two_nodes_add_up(place: Arc<Place>) {
    let store = with_people(&place).await;
    let mut nodes = JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        nodes.spawn(async move { usage::add(&store, &[count(5, "logins", 1), count(6, "logins", 2)], &[]).await });
    }
    for added in nodes.join_all().await {
        added.unwrap();
    }
    usage::add(&store, &[], &[]).await.unwrap();
    let all = usage::of_app(&store, app().id, 0).await.unwrap();
    assert_eq!(all, [count(5, "logins", 8), count(6, "logins", 16)]);
    assert_eq!(usage::of_app(&store, app().id, 6).await.unwrap().len(), 1);
    assert_eq!(usage::of_app(&store, AppId::from_bytes([9; 16]), 0).await.unwrap(), []);
}

async fn somebody_who_comes_twice_is_one(place: Arc<Place>) {
    let store = with_people(&place).await;
    users::add(&store, &user("bobby"), &PasswordHash::of_nobody(), NOW).await.unwrap();
    for active in [on("ada", 70), on("ada", 70), on("ada", 71), on("bobby", 71), on("nobody at all", 71)] {
        usage::add(&store, &[], &[active]).await.unwrap();
    }
    let figures = usage::active_users(&store, app().id, 70).await.unwrap();
    assert_eq!(figures, (vec![(70, 1), (71, 2)], 2));
}

async fn what_is_old_is_forgotten(place: Arc<Place>) {
    let store = with_people(&place).await;
    usage::add(&store, &[count(5, "logins", 1), count(6, "logins", 1)], &[on("ada", 70), on("ada", 71)]).await.unwrap();
    usage::forget(&store, 6, 71).await.unwrap();
    assert_eq!(usage::of_app(&store, app().id, 0).await.unwrap(), [count(6, "logins", 1)]);
    assert_eq!(usage::active_users(&store, app().id, 0).await.unwrap(), (vec![(71, 1)], 1));
}
