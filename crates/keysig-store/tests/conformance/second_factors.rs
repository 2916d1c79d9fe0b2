//! Second steps: the same answers from both engines, also when many ask at once.

use std::sync::Arc;

use keysig_core::account_event::AccountEvent;
use keysig_core::id::EventId;
use keysig_core::rng::Rng;
use keysig_core::testing::SeededRng;
use keysig_store::account_events::{self, Happened};
use keysig_store::{Store, StoreError, Write, second_factors};
use tokio::task::JoinSet;

use crate::domain::user;
use crate::place::{NOW, Place};

on_both_engines!(
    a_second_step_is_set_up_once_and_told_of,
    of_many_who_show_one_code_one_is_let_in,
    a_recovery_code_is_taken_once_and_new_ones_replace_it,
    a_browser_is_remembered_until_time_or_its_owner_ends_it,
    what_is_removed_leaves_nothing_behind,
);

fn happened(event: AccountEvent) -> Happened {
    let mut seed = [0; 8];
    static NEXT: std::sync::Mutex<Option<SeededRng>> = std::sync::Mutex::new(None);
    NEXT.lock().unwrap().get_or_insert_with(|| SeededRng::new(5)).fill(&mut seed);
    Happened {
        id: EventId::generate(NOW, &SeededRng::new(u64::from_be_bytes(seed))),
        event,
        about: String::new(),
        address: "192.0.2.1".to_owned(),
        user_agent: "Browser".to_owned(),
    }
}

async fn set_up(store: &Store, name: &str) -> Result<(), StoreError> {
    let told = happened(AccountEvent::SecondStepAdded);
    second_factors::set_up(store, user(name).id, b"sealed", 10, &[[1; 32], [2; 32]], NOW, &told).await
}

async fn take(store: &Store, name: &str, mac: u8) -> bool {
    let told = happened(AccountEvent::RecoveryCodeUsed);
    second_factors::take_code(store, user(name).id, [mac; 32], NOW, &told).await.unwrap()
}

async fn a_second_step_is_set_up_once_and_told_of(place: Arc<Place>) {
    let store = place.open().await;
    let ada = user("ada").id;
    assert!(second_factors::find(&store, ada).await.unwrap().is_none());
    set_up(&store, "ada").await.unwrap();
    assert!(matches!(set_up(&store, "ada").await, Err(StoreError::Conflict)));
    let found = second_factors::find(&store, ada).await.unwrap().unwrap();
    assert_eq!((&*found.seed, found.created_at), (&b"sealed"[..], NOW));
    assert_eq!(second_factors::codes_left(&store, ada).await.unwrap(), 2);
    assert!(second_factors::find(&store, user("bobby").id).await.unwrap().is_none());
    let events = account_events::latest(&store, ada, 10).await.unwrap();
    assert_eq!(events.iter().map(|told| told.event).collect::<Vec<_>>(), [AccountEvent::SecondStepAdded]);
}

async fn of_many_who_show_one_code_one_is_let_in(place: Arc<Place>) {
    let store = place.open().await;
    let ada = user("ada").id;
    set_up(&store, "ada").await.unwrap();
    assert!(!second_factors::take_step(&store, ada, 10).await.unwrap(), "the code it was confirmed by is spent");
    let mut many = JoinSet::new();
    for _ in 0..16 {
        let store = store.clone();
        many.spawn(async move { second_factors::take_step(&store, ada, 11).await.unwrap() });
    }
    assert_eq!(many.join_all().await.into_iter().filter(|taken| *taken).count(), 1);
    assert!(!second_factors::take_step(&store, ada, 9).await.unwrap());
    assert!(second_factors::take_step(&store, ada, 12).await.unwrap());
    assert!(!second_factors::take_step(&store, user("bobby").id, 12).await.unwrap());
}

async fn a_recovery_code_is_taken_once_and_new_ones_replace_it(place: Arc<Place>) {
    let store = place.open().await;
    let ada = user("ada").id;
    set_up(&store, "ada").await.unwrap();
    assert!(!take(&store, "bobby", 1).await, "each account has its own");
    let mut many = JoinSet::new();
    for _ in 0..16 {
        let store = store.clone();
        many.spawn(async move { take(&store, "ada", 1).await });
    }
    assert_eq!(many.join_all().await.into_iter().filter(|taken| *taken).count(), 1);
    assert_eq!(second_factors::codes_left(&store, ada).await.unwrap(), 1);
    let told = happened(AccountEvent::RecoveryCodesMade);
    assert!(second_factors::replace_codes(&store, ada, &[[1; 32], [7; 32], [8; 32]], &told).await.unwrap());
    assert!(!take(&store, "ada", 2).await, "an old one is worth nothing");
    assert!(take(&store, "ada", 7).await);
    assert_eq!(second_factors::codes_left(&store, ada).await.unwrap(), 2);
    let told = happened(AccountEvent::RecoveryCodesMade);
    assert!(!second_factors::replace_codes(&store, user("bobby").id, &[[9; 32]], &told).await.unwrap());
    assert_eq!(second_factors::codes_left(&store, user("bobby").id).await.unwrap(), 0);
}

async fn a_browser_is_remembered_until_time_or_its_owner_ends_it(place: Arc<Place>) {
    let store = place.open().await;
    let (ada, until) = (user("ada").id, NOW.plus_seconds(30));
    let remembered = |epoch, at| second_factors::is_remembered(&store, ada, [3; 32], epoch, at);
    assert!(!remembered(1, NOW).await.unwrap());
    second_factors::remember(&store, ada, [3; 32], 1, NOW.plus_seconds(10)).await.unwrap();
    second_factors::remember(&store, ada, [3; 32], 1, until).await.unwrap();
    assert!(remembered(1, NOW.plus_seconds(29)).await.unwrap());
    assert!(!remembered(1, until).await.unwrap());
    assert!(!remembered(2, NOW).await.unwrap(), "the account's epoch was raised");
    assert!(!second_factors::is_remembered(&store, ada, [4; 32], 1, NOW).await.unwrap());
    assert!(!second_factors::is_remembered(&store, user("bobby").id, [3; 32], 1, NOW).await.unwrap());
    store.write(Write::one(second_factors::forget_browsers(ada))).await.unwrap();
    assert!(!remembered(1, NOW).await.unwrap());
}

async fn what_is_removed_leaves_nothing_behind(place: Arc<Place>) {
    let store = place.open().await;
    let ada = user("ada").id;
    let told = happened(AccountEvent::SecondStepRemoved);
    assert!(!second_factors::remove(&store, ada, &told).await.unwrap());
    set_up(&store, "ada").await.unwrap();
    second_factors::remember(&store, ada, [3; 32], 1, NOW.plus_seconds(10)).await.unwrap();
    assert!(second_factors::remove(&store, ada, &told).await.unwrap());
    assert!(second_factors::find(&store, ada).await.unwrap().is_none());
    assert!(!take(&store, "ada", 1).await);
    assert!(!second_factors::is_remembered(&store, ada, [3; 32], 1, NOW).await.unwrap());
    set_up(&store, "ada").await.unwrap();
}
