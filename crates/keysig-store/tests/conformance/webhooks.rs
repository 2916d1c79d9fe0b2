//! Webhooks: what an app is told is written with what it tells of, sent in order, once at a time, and forgotten.

use std::sync::Arc;

use keysig_core::account_event::AccountEvent;
use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::{DeliveryId, EventId};
use keysig_core::openid::subject::subject_in;
use keysig_core::testing::SeededRng;
use keysig_core::time::Timestamp;
use keysig_core::webhook::{EventType, Reason};
use keysig_store::account_events::Happened;
use keysig_store::webhooks::{self, Delivery, Outcome, SigningSecret};
use keysig_store::{Store, Write, apps, erasure, grants};
use tokio::task::JoinSet;

use crate::domain::{KEEP, agree, app, grant, scopes, told, user, with_people};
use crate::place::{NOW, Place};

on_both_engines!(
    an_app_is_told_what_it_lost,
    an_app_without_a_webhook_is_told_nothing,
    of_each_app_the_oldest_is_due_and_one_node_takes_it,
    an_app_that_failed_waits_behind_others,
    a_secret_that_expires_is_told_of_once,
    whoever_is_erased_is_a_name_to_the_apps_that_knew_them,
    two_secrets_sign_at_most_and_a_new_one_ends_the_oldest,
    everybody_is_told_of_when_an_app_is_reset,
);

pub fn record(n: u64) -> AuditRecord {
    AuditRecord {
        id: EventId::generate(NOW, &SeededRng::new(900 + n)),
        actor: None,
        action: AuditAction::WebhookChanged,
        app: Some(app().id),
        user: None,
        about: "peek.example".to_owned(),
        address: "192.0.2.7".to_owned(),
        request_id: "req_1".to_owned(),
        by_key: String::new(),
    }
}

pub fn secret(n: u64) -> SigningSecret {
    let at = NOW.plus_seconds(i64::try_from(n).unwrap());
    SigningSecret {
        id: EventId::generate(at, &SeededRng::new(n)),
        sealed: vec![7; 40],
        last_four: format!("s{n}ab"),
        retires_at: None,
    }
}

async fn with_webhook(place: &Place) -> Store {
    let store = with_people(place).await;
    let url = "https://peek.example/hook";
    assert!(webhooks::set(&store, app().id, url, &secret(1), NOW, &record(1)).await.unwrap());
    store
}

fn happened(event: AccountEvent, second: i64) -> Happened {
    Happened { event, ..told(NOW.plus_seconds(second)) }
}

async fn due(store: &Store, second: i64) -> Vec<Delivery> {
    webhooks::due(store, NOW.plus_seconds(second), 16).await.unwrap()
}

async fn an_app_is_told_what_it_lost(place: Arc<Place>) {
    let store = with_webhook(&place).await;
    let ada = user("ada").id;
    let agreed = agree(&store, &grant(1, 0b111)).await.unwrap();
    let off = |second| {
        let (store, happened) = (store.clone(), happened(AccountEvent::AppReduced, second));
        async move { grants::turn_off(&store, ada, agreed.id, scopes(0b010), &happened, KEEP).await.unwrap() }
    };
    assert!(off(1).await);
    assert!(!off(2).await, "it was off");
    for (paused, event, second) in [(true, AccountEvent::AppPaused, 3), (false, AccountEvent::AppResumed, 4)] {
        grants::set_paused(&store, ada, agreed.id, paused, &happened(event, second), KEEP).await.unwrap();
    }
    let removed = happened(AccountEvent::AppRemoved, 5);
    assert!(grants::remove(&store, ada, agreed.id, &removed, NOW, KEEP).await.unwrap());
    assert!(!grants::remove(&store, ada, agreed.id, &removed, NOW, KEEP).await.unwrap());
    let mut told = webhooks::of_app(&store, app().id, 10).await.unwrap();
    told.reverse();
    let lost: Vec<_> = told.iter().map(|told| (told.event, told.before, told.after, told.reason)).collect();
    let (before, left) = (Some(scopes(0b111)), Some(scopes(0b101)));
    assert_eq!(
        lost,
        [
            (EventType::GrantReduced, before, left, Some(Reason::TurnedOffByUser)),
            (EventType::GrantReduced, left, Some(scopes(0)), Some(Reason::PausedByUser)),
            (EventType::GrantRevoked, left, None, Some(Reason::RemovedByUser)),
        ]
    );
    assert!(told.iter().all(|told| told.user == Some(ada) && told.tries == 0 && !told.arrived));
}

async fn an_app_without_a_webhook_is_told_nothing(place: Arc<Place>) {
    let store = with_webhook(&place).await;
    webhooks::remove(&store, app().id, &record(2)).await.unwrap();
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    let removed = happened(AccountEvent::AppRemoved, 1);
    assert!(grants::remove(&store, agreed.user, agreed.id, &removed, NOW, KEEP).await.unwrap());
    assert_eq!(webhooks::of_app(&store, app().id, 10).await.unwrap(), []);
    assert!(webhooks::of(&store, app().id, NOW).await.unwrap().is_none());
}

fn failed(second: i64) -> Outcome {
    let at = NOW.plus_seconds(second);
    Outcome { arrived: false, next_try_at: Some(at), status: Some(503), answer: "no".to_owned(), app_waits_until: at }
}

async fn tests(store: &Store, client: &keysig_core::app::App, count: u8) {
    for n in 0..count {
        let id = DeliveryId::from_bytes([n + 1; 16]);
        webhooks::add_test(store, client.id, id, NOW.plus_seconds(i64::from(n))).await.unwrap();
    }
}

async fn of_each_app_the_oldest_is_due_and_one_node_takes_it(place: Arc<Place>) {
    let store = with_webhook(&place).await;
    tests(&store, &app(), 3).await;
    assert_eq!(due(&store, -1).await, []);
    let first = due(&store, 10).await;
    assert_eq!(first.iter().map(|due| due.created_at).collect::<Vec<_>>(), [NOW]);
    let (until, mut nodes) = (NOW.plus_seconds(70), JoinSet::new());
    for _ in 0..8 {
        let (store, delivery) = (store.clone(), first[0].clone());
        nodes.spawn(async move { webhooks::take(&store, &delivery, NOW, until).await.unwrap() });
    }
    assert_eq!(nodes.join_all().await.into_iter().filter(|taken| *taken).count(), 1);
    assert_eq!(due(&store, 10).await[0].created_at, NOW.plus_seconds(1), "what is under way is not due");
    assert_eq!(due(&store, 70).await[0].created_at, NOW, "and comes back where its node died");
    let arrived = Outcome { arrived: true, next_try_at: None, status: Some(204), ..failed(0) };
    webhooks::outcome(&store, &first[0], &arrived).await.unwrap();
    let shown = webhooks::one(&store, app().id, first[0].id).await.unwrap().unwrap();
    assert_eq!((shown.arrived, shown.status, shown.tries, shown.next_try_at), (true, Some(204), 1, None));
    assert_eq!(due(&store, 70).await[0].created_at, NOW.plus_seconds(1));
    assert!(webhooks::again(&store, app().id, first[0].id, NOW).await.unwrap());
    assert_eq!(due(&store, 70).await[0].id, first[0].id, "unless it is asked for again");
    let other = keysig_core::id::AppId::from_bytes([9; 16]);
    assert!(!webhooks::again(&store, other, first[0].id, NOW).await.unwrap(), "by its own app");
    webhooks::forget(&store, NOW.plus_seconds(2)).await.unwrap();
    assert_eq!(webhooks::of_app(&store, app().id, 10).await.unwrap().len(), 1);
}

async fn an_app_that_failed_waits_behind_others(place: Arc<Place>) {
    let store = with_webhook(&place).await;
    let mut other = app();
    other.id = keysig_core::id::AppId::from_bytes([0; 16]);
    other.client_id = "other".to_owned();
    apps::add(&store, &other, "abcd").await.unwrap();
    webhooks::set(&store, other.id, "https://other.example", &secret(2), NOW, &record(2)).await.unwrap();
    tests(&store, &app(), 2).await;
    tests(&store, &other, 2).await;
    let both = due(&store, 1).await;
    assert_eq!(both.iter().map(|due| due.app).collect::<Vec<_>>(), [other.id, app().id]);
    webhooks::outcome(&store, &both[0], &failed(60)).await.unwrap();
    assert_eq!(due(&store, 1).await.iter().map(|due| due.app).collect::<Vec<_>>(), [app().id]);
    let later = due(&store, 60).await;
    assert_eq!(later.iter().map(|due| due.app).collect::<Vec<_>>(), [app().id, other.id]);
}

async fn a_secret_that_expires_is_told_of_once(place: Arc<Place>) {
    let store = with_webhook(&place).await;
    let ends = KEEP;
    for second in [-86_401, -86_400, -1, 0] {
        webhooks::note_expiring(&store, ends.plus_seconds(second)).await.unwrap();
        let count = webhooks::of_app(&store, app().id, 10).await.unwrap().len();
        assert_eq!(count, usize::from(second > -86_401), "{second}");
    }
    let told = webhooks::of_app(&store, app().id, 10).await.unwrap();
    assert_eq!((told[0].event, told[0].secret.as_ref().unwrap().1), (EventType::SecretExpiring, ends));
}

async fn whoever_is_erased_is_a_name_to_the_apps_that_knew_them(place: Arc<Place>) {
    let store = with_webhook(&place).await;
    let ada = user("ada");
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    let removed = happened(AccountEvent::AppRemoved, 1);
    grants::remove(&store, ada.id, agreed.id, &removed, NOW, KEEP).await.unwrap();
    let id = || DeliveryId::generate(NOW, &SeededRng::new(5));
    assert!(erasure::erase(&store, ada.id, NOW, KEEP, None, id).await.unwrap());
    let told = webhooks::of_app(&store, app().id, 10).await.unwrap();
    assert_eq!(told.len(), 1, "what waited to be told of her is gone: {told:?}");
    let pairwise = subject_in(Some("peek.example"), ada.id, "ada");
    assert_eq!((told[0].event, told[0].subject.as_deref()), (EventType::UserDeleted, Some(pairwise.as_str())));
    assert_eq!(told[0].user, None);
}

async fn two_secrets_sign_at_most_and_a_new_one_ends_the_oldest(place: Arc<Place>) {
    let store = with_webhook(&place).await;
    let later: Timestamp = NOW.plus_seconds(100);
    let names = |at| {
        let store = store.clone();
        async move {
            let webhook = webhooks::of(&store, app().id, at).await.unwrap().unwrap();
            webhook.secrets.into_iter().map(|secret| secret.last_four).collect::<Vec<_>>()
        }
    };
    assert_eq!(names(NOW).await, ["s1ab"]);
    assert!(webhooks::rotate(&store, app().id, &secret(2), later, &record(2)).await.unwrap());
    assert_eq!(names(NOW).await, ["s2ab", "s1ab"]);
    assert_eq!(names(later).await, ["s2ab"]);
    assert!(webhooks::rotate(&store, app().id, &secret(3), later, &record(3)).await.unwrap());
    assert_eq!(names(NOW).await, ["s3ab", "s2ab"]);
    let again = webhooks::set(&store, app().id, "https://new.example", &secret(4), NOW, &record(4)).await.unwrap();
    assert!(!again, "a new address keeps its secrets");
    assert_eq!(webhooks::of(&store, app().id, NOW).await.unwrap().unwrap().url, "https://new.example");
    webhooks::remove(&store, app().id, &record(5)).await.unwrap();
    assert!(!webhooks::rotate(&store, app().id, &secret(5), later, &record(6)).await.unwrap());
}

async fn everybody_is_told_of_when_an_app_is_reset(place: Arc<Place>) {
    let store = with_webhook(&place).await;
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    store.write(Write::one(webhooks::told_of_reset(app().id, NOW))).await.unwrap();
    let told = due(&store, 0).await;
    assert_eq!((told[0].user, told[0].reason), (Some(agreed.user), Some(Reason::ResetByDeveloper)));
    assert_eq!((told[0].event, told[0].before), (EventType::GrantRevoked, Some(agreed.scopes)));
}
