//! Passkeys, and what may be used once: the same answers from both engines, also when many ask at once.

use std::sync::Arc;

use keysig_core::account_event::AccountEvent;
use keysig_core::id::{EventId, PasskeyId, TicketId};
use keysig_core::password::PasswordHash;
use keysig_core::testing::SeededRng;
use keysig_store::account_events::{self, Happened};
use keysig_store::passkeys::{self, Removal, StoredPasskey};
use keysig_store::{Statement, Store, Write, params, requests, spent_tickets, users};
use tokio::task::JoinSet;

use crate::domain::user;
use crate::place::{NOW, Place};

on_both_engines!(
    a_passkey_comes_back_as_it_was_added_and_is_told_of,
    a_credential_is_one_account_s,
    a_use_is_noted_unless_the_passkey_changed_meanwhile,
    only_its_person_renames_and_removes_a_passkey,
    the_last_way_in_is_not_removed,
    of_two_last_passkeys_removed_at_once_one_stays,
    a_ticket_is_spent_once_however_many_ask,
    spent_tickets_are_forgotten_when_they_would_have_expired,
);

fn passkey(name: &str, seed: u64) -> StoredPasskey {
    StoredPasskey {
        id: PasskeyId::generate(NOW, &SeededRng::new(seed)),
        user: user(name).id,
        credential: format!("{{\"counter\":{seed}}}"),
        name: format!("Phone {seed}"),
        created_at: NOW,
        last_used_at: None,
    }
}

fn happened(event: AccountEvent, seed: u64) -> Happened {
    Happened {
        id: EventId::generate(NOW, &SeededRng::new(seed)),
        event,
        about: "Phone".to_owned(),
        address: "192.0.2.1".to_owned(),
        user_agent: "Browser".to_owned(),
    }
}

async fn add(store: &Store, passkey: &StoredPasskey, credential_id: &[u8]) -> bool {
    let happened = happened(AccountEvent::PasskeyAdded, u64::from(passkey.id.as_bytes()[15]) + 1000);
    passkeys::add(store, passkey, credential_id, &happened).await.unwrap()
}

async fn remove(store: &Store, passkey: &StoredPasskey) -> Removal {
    let happened = happened(AccountEvent::PasskeyRemoved, u64::from(passkey.id.as_bytes()[15]) + 2000);
    passkeys::remove(store, passkey.user, passkey.id, &happened).await.unwrap()
}

async fn a_passkey_comes_back_as_it_was_added_and_is_told_of(place: Arc<Place>) {
    let store = place.open().await;
    let (first, second) = (passkey("ada", 1), passkey("ada", 2));
    assert!(add(&store, &first, b"one").await && add(&store, &second, b"two").await);
    let mut expected = vec![first.clone(), second];
    expected.sort_by_key(|passkey| passkey.id);
    assert_eq!(passkeys::of_user(&store, first.user).await.unwrap(), expected);
    assert_eq!(passkeys::find(&store, first.user, first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(passkeys::by_credential(&store, b"one").await.unwrap(), Some(first.clone()));
    assert_eq!(passkeys::by_credential(&store, b"three").await.unwrap(), None);
    let told = account_events::latest(&store, first.user, 10).await.unwrap();
    assert_eq!(told.iter().map(|told| told.event).collect::<Vec<_>>(), [AccountEvent::PasskeyAdded; 2]);
}

async fn a_credential_is_one_account_s(place: Arc<Place>) {
    let store = place.open().await;
    let (adas, bobbys) = (passkey("ada", 1), passkey("bobby", 2));
    assert!(add(&store, &adas, b"one").await);
    assert!(!add(&store, &bobbys, b"one").await);
    assert!(!add(&store, &passkey("ada", 3), b"one").await, "nor twice the same person's");
    assert_eq!(passkeys::of_user(&store, bobbys.user).await.unwrap(), [], "all of it or nothing");
    assert!(account_events::latest(&store, bobbys.user, 10).await.unwrap().is_empty());
    assert_eq!(passkeys::by_credential(&store, b"one").await.unwrap(), Some(adas));
}

async fn a_use_is_noted_unless_the_passkey_changed_meanwhile(place: Arc<Place>) {
    let store = place.open().await;
    users::add(&store, &user("ada"), &PasswordHash::from_phc("$argon2id$".to_owned()), NOW).await.unwrap();
    let before = passkey("ada", 1);
    add(&store, &before, b"one").await;
    let later = NOW.plus_seconds(60);
    assert!(passkeys::note_use(&store, &before, "{\"counter\":9}", later).await.unwrap());
    assert!(!passkeys::note_use(&store, &before, "{\"counter\":7}", later).await.unwrap(), "two copies of one key");
    let now = passkeys::find(&store, before.user, before.id).await.unwrap().unwrap();
    assert_eq!((now.credential.as_str(), now.last_used_at), ("{\"counter\":9}", Some(later)));
    assert_eq!(remove(&store, &now).await, Removal::Removed);
    assert!(!passkeys::note_use(&store, &now, "{\"counter\":10}", later).await.unwrap(), "it was removed");
}

async fn only_its_person_renames_and_removes_a_passkey(place: Arc<Place>) {
    let store = place.open().await;
    for (name, hash) in [("ada", "$argon2id$a"), ("bobby", "$argon2id$b")] {
        users::add(&store, &user(name), &PasswordHash::from_phc(hash.to_owned()), NOW).await.unwrap();
    }
    let adas = passkey("ada", 1);
    add(&store, &adas, b"one").await;
    let bobby = user("bobby").id;
    assert!(!passkeys::rename(&store, bobby, adas.id, "Mine").await.unwrap());
    let as_bobby = StoredPasskey { user: bobby, ..adas.clone() };
    assert_eq!(remove(&store, &as_bobby).await, Removal::NotThere);
    assert!(account_events::latest(&store, bobby, 10).await.unwrap().is_empty());
    assert!(passkeys::rename(&store, adas.user, adas.id, "Key ring").await.unwrap());
    assert_eq!(passkeys::of_user(&store, adas.user).await.unwrap()[0].name, "Key ring");
    assert_eq!(remove(&store, &adas).await, Removal::Removed);
    assert_eq!(remove(&store, &adas).await, Removal::NotThere);
    assert_eq!(passkeys::by_credential(&store, b"one").await.unwrap(), None);
    assert!(add(&store, &passkey("bobby", 2), b"one").await, "a removed credential may be registered anew");
}

async fn the_last_way_in_is_not_removed(place: Arc<Place>) {
    let store = place.open().await;
    users::add(&store, &user("ada"), &PasswordHash::of_nobody(), NOW).await.unwrap();
    let (first, second) = (passkey("ada", 1), passkey("ada", 2));
    add(&store, &first, b"one").await;
    assert_eq!(remove(&store, &first).await, Removal::LastWayIn);
    assert_eq!(passkeys::by_credential(&store, b"one").await.unwrap().as_ref(), Some(&first));
    add(&store, &second, b"two").await;
    assert_eq!(remove(&store, &first).await, Removal::Removed);
    assert_eq!(remove(&store, &second).await, Removal::LastWayIn);
    let elsewhere = Statement::new(
        "INSERT INTO upstream_accounts (user_id, provider, subject, name, created_at, last_used_at)
         VALUES ($1, 'elsewhere', '1', 'Ada', 0, 0)",
        params![second.user],
    );
    store.write(Write::one(elsewhere)).await.unwrap();
    assert_eq!(remove(&store, &second).await, Removal::Removed);
}

async fn of_two_last_passkeys_removed_at_once_one_stays(place: Arc<Place>) {
    let store = Arc::new(place.open().await);
    users::add(&store, &user("ada"), &PasswordHash::of_nobody(), NOW).await.unwrap();
    for round in 0..10 {
        let pair = [passkey("ada", 2 * round + 1), passkey("ada", 2 * round + 2)];
        for (n, one) in pair.iter().enumerate() {
            passkeys::add(
                &store,
                one,
                format!("{round}/{n}").as_bytes(),
                &happened(AccountEvent::PasskeyAdded, 5000 + 2 * round + n as u64),
            )
            .await
            .unwrap();
        }
        let mut both = JoinSet::new();
        for (n, one) in pair.into_iter().enumerate() {
            let store = store.clone();
            let told = happened(AccountEvent::PasskeyRemoved, 6000 + 2 * round + n as u64);
            both.spawn(async move { passkeys::remove(&store, one.user, one.id, &told).await.unwrap() });
        }
        let mut removals = both.join_all().await;
        removals.sort_by_key(|removal| *removal == Removal::LastWayIn);
        assert_eq!(removals, [Removal::Removed, Removal::LastWayIn], "round {round}");
        store.write(Write::one(Statement::new("DELETE FROM passkeys", vec![]))).await.unwrap();
    }
}

async fn a_ticket_is_spent_once_however_many_ask(place: Arc<Place>) {
    let store = Arc::new(place.open().await);
    let id = TicketId::generate(NOW, &SeededRng::new(1));
    let mut all = JoinSet::new();
    for _ in 0..32 {
        let store = store.clone();
        all.spawn(async move { spent_tickets::spend(&store, id, NOW.plus_seconds(300)).await.unwrap() });
    }
    assert_eq!(all.join_all().await.into_iter().filter(|first| *first).count(), 1);
    let other = TicketId::generate(NOW, &SeededRng::new(2));
    assert!(spent_tickets::spend(&store, other, NOW.plus_seconds(300)).await.unwrap());
}

async fn spent_tickets_are_forgotten_when_they_would_have_expired(place: Arc<Place>) {
    let store = place.open().await;
    let id = TicketId::generate(NOW, &SeededRng::new(1));
    let expires_at = NOW.plus_seconds(300);
    assert!(spent_tickets::spend(&store, id, expires_at).await.unwrap());
    requests::forget_expired(&store, expires_at).await.unwrap();
    assert!(!spent_tickets::spend(&store, id, expires_at).await.unwrap(), "it may still be shown at that moment");
    requests::forget_expired(&store, expires_at.plus_seconds(1)).await.unwrap();
    assert!(spent_tickets::spend(&store, id, expires_at).await.unwrap());
}
