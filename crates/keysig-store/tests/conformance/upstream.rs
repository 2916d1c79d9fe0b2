//! Accounts elsewhere: the same answers from both engines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keysig_core::account_event::AccountEvent;
use keysig_core::id::{EventId, TicketId, UserId};
use keysig_core::password::PasswordHash;
use keysig_core::testing::SeededRng;
use keysig_core::user::User;
use keysig_store::account_events::{self, Happened};
use keysig_store::upstream::{self, Linked, Unlinked, Waiting};
use keysig_store::{Statement, Store, StoreError, Write, params, users};

use crate::domain::user;
use crate::place::{NOW, Place};

on_both_engines!(
    an_account_elsewhere_is_found_by_provider_and_subject_to_the_letter,
    an_account_elsewhere_belongs_to_one_person_and_a_person_has_one_of_each_provider,
    what_waits_is_taken_once_and_only_the_newest_waits,
    the_last_way_in_is_never_unlinked,
    of_two_that_are_unlinked_at_once_one_stays,
);

const ISSUER: &str = "https://id.example";

fn somebody(name: &str) -> User {
    let mut id = [0; 16];
    id.iter_mut().zip(name.bytes()).for_each(|(slot, byte)| *slot = byte);
    User { id: UserId::from_bytes(id), ..user(name) }
}

fn link(user: UserId, provider: &str, subject: &str) -> Linked {
    Linked {
        user,
        provider: provider.to_owned(),
        subject: subject.to_owned(),
        name: "Ada there".to_owned(),
        tokens: Some(vec![1, 2, 3]),
        created_at: NOW,
        last_used_at: NOW,
    }
}

fn waits(browser: u8, id: u64) -> Waiting {
    let id = TicketId::generate(NOW, &SeededRng::new(id));
    Waiting { browser_mac: [browser; 32], id, body: vec![browser], expires_at: NOW.plus_seconds(600) }
}

fn happened(event: AccountEvent, seed: u64) -> Happened {
    let id = EventId::generate(NOW, &SeededRng::new(seed));
    Happened { id, event, about: "Example".to_owned(), address: String::new(), user_agent: String::new() }
}

async fn sign_up(store: &Store, name: &str, provider: &str, subject: &str) -> Result<User, StoreError> {
    let (user, waiting) = (somebody(name), waits(9, 9));
    upstream::wait(store, &waiting).await?;
    let event = happened(AccountEvent::UpstreamLinked, 1);
    upstream::sign_up(store, &waiting, &user, &link(user.id, provider, subject), &event).await?;
    Ok(user)
}

async fn link_now(store: &Store, user: UserId, provider: &str, subject: &str, seed: u64) -> Result<(), StoreError> {
    let waiting = waits(8, seed);
    upstream::wait(store, &waiting).await?;
    let event = happened(AccountEvent::UpstreamLinked, seed);
    upstream::link(store, &waiting, &link(user, provider, subject), &event).await
}

async fn unlink(store: &Store, user: UserId, provider: &str, open: &[&str]) -> Unlinked {
    static NEXT: AtomicU64 = AtomicU64::new(1000);
    let event = happened(AccountEvent::UpstreamUnlinked, NEXT.fetch_add(1, Ordering::Relaxed));
    upstream::unlink(store, user, provider, open, &event).await.unwrap()
}

async fn an_account_elsewhere_is_found_by_provider_and_subject_to_the_letter(place: Arc<Place>) {
    let store = place.open().await;
    let ada = sign_up(&store, "ada", ISSUER, "Ada").await.unwrap();
    let found = upstream::find(&store, ISSUER, "Ada").await.unwrap().unwrap();
    assert_eq!(found, link(ada.id, ISSUER, "Ada"));
    for (provider, subject) in [
        (ISSUER, "ada"),
        (ISSUER, "ADA"),
        (ISSUER, "Ada "),
        ("https://id.example/", "Ada"),
        ("https://ID.example", "Ada"),
    ] {
        assert_eq!(upstream::find(&store, provider, subject).await.unwrap(), None, "{provider} {subject}");
    }
    let (_, hash) = users::by_identifier(&store, "ada@example.test").await.unwrap().unwrap();
    assert!(!hash.is_set());
    upstream::used(&store, &found, None, NOW.plus_seconds(5)).await.unwrap();
    let [used] = upstream::of_user(&store, ada.id).await.unwrap().try_into().unwrap();
    assert_eq!((used.last_used_at, used.created_at, used.tokens), (NOW.plus_seconds(5), NOW, None));
    assert_eq!(account_events::latest(&store, ada.id, 9).await.unwrap()[0].event, AccountEvent::UpstreamLinked);
}

async fn an_account_elsewhere_belongs_to_one_person_and_a_person_has_one_of_each_provider(place: Arc<Place>) {
    let store = place.open().await;
    let ada = sign_up(&store, "ada", ISSUER, "a").await.unwrap();
    let bob = sign_up(&store, "bob", ISSUER, "b").await.unwrap();
    assert_eq!(link_now(&store, bob.id, ISSUER, "a", 2).await, Err(StoreError::Conflict));
    assert_eq!(link_now(&store, bob.id, ISSUER, "c", 3).await, Err(StoreError::Conflict), "one of each provider");
    assert_eq!(upstream::find(&store, ISSUER, "c").await.unwrap(), None, "nothing is half done");
    assert_eq!(sign_up(&store, "eve", ISSUER, "a").await.unwrap_err(), StoreError::Conflict);
    assert!(users::by_id(&store, somebody("eve").id).await.unwrap().is_none());
    assert_eq!(sign_up(&store, "bob", ISSUER, "d").await.unwrap_err(), StoreError::Conflict, "the address is taken");
    link_now(&store, bob.id, "https://other.example", "a", 4).await.unwrap();
    assert_eq!(upstream::find(&store, ISSUER, "a").await.unwrap().unwrap().user, ada.id);
}

async fn what_waits_is_taken_once_and_only_the_newest_waits(place: Arc<Place>) {
    let store = place.open().await;
    users::add(&store, &somebody("ada"), &PasswordHash::none(), NOW).await.unwrap();
    let ada = somebody("ada").id;
    let (old, new) = (waits(1, 1), waits(1, 2));
    upstream::wait(&store, &old).await.unwrap();
    upstream::wait(&store, &new).await.unwrap();
    assert_eq!(upstream::waiting(&store, [1; 32], NOW).await.unwrap(), Some(new.clone()));
    assert_eq!(upstream::waiting(&store, [2; 32], NOW).await.unwrap(), None, "another browser");
    assert_eq!(upstream::waiting(&store, [1; 32], new.expires_at).await.unwrap(), None);
    let event = happened(AccountEvent::UpstreamLinked, 1);
    let taken = upstream::link(&store, &old, &link(ada, ISSUER, "a"), &event).await;
    assert!(matches!(taken, Err(StoreError::AffectedMismatch { .. })), "{taken:?}");
    upstream::link(&store, &new, &link(ada, ISSUER, "a"), &event).await.unwrap();
    let again = upstream::link(&store, &new, &link(ada, "https://other.example", "a"), &event).await;
    assert!(matches!(again, Err(StoreError::AffectedMismatch { .. })), "{again:?}");
    let (left, late) = (waits(3, 3), Waiting { expires_at: NOW.plus_seconds(900), ..waits(4, 4) });
    for waiting in [&left, &late] {
        upstream::wait(&store, waiting).await.unwrap();
    }
    upstream::forget_expired(&store, left.expires_at).await.unwrap();
    assert_eq!(upstream::waiting(&store, [3; 32], NOW).await.unwrap(), None);
    upstream::forget(&store, &Waiting { id: left.id, ..late.clone() }).await.unwrap();
    assert!(upstream::waiting(&store, [4; 32], NOW).await.unwrap().is_some(), "another one's id");
    upstream::forget(&store, &late).await.unwrap();
    assert!(upstream::waiting(&store, [4; 32], NOW).await.unwrap().is_none());
}

async fn the_last_way_in_is_never_unlinked(place: Arc<Place>) {
    let store = place.open().await;
    let ada = sign_up(&store, "ada", ISSUER, "a").await.unwrap().id;
    assert_eq!(unlink(&store, ada, "https://other.example", &[ISSUER]).await, Unlinked::NotLinked);
    assert_eq!(unlink(&store, ada, ISSUER, &[ISSUER]).await, Unlinked::LastWay);
    link_now(&store, ada, "https://other.example", "a", 2).await.unwrap();
    assert_eq!(unlink(&store, ada, ISSUER, &[ISSUER]).await, Unlinked::LastWay, "the other is offered no more");
    assert_eq!(unlink(&store, ada, ISSUER, &[ISSUER, "https://other.example"]).await, Unlinked::Done);
    assert_eq!(upstream::find(&store, ISSUER, "a").await.unwrap(), None);
    assert_eq!(unlink(&store, ada, "https://other.example", &["https://other.example"]).await, Unlinked::LastWay);
    let passkey = "INSERT INTO passkeys (user_id, id, credential, name, created_at) VALUES ($1, $2, '{}', 'Key', 0)";
    store.write(Write::one(Statement::new(passkey, params![ada, [1_u8; 16]]))).await.unwrap();
    assert_eq!(unlink(&store, ada, "https://other.example", &[]).await, Unlinked::Done, "a passkey is a way");
    let bob = somebody("bob");
    users::add(&store, &bob, &PasswordHash::from_phc("$argon2id$".to_owned()), NOW).await.unwrap();
    link_now(&store, bob.id, ISSUER, "b", 3).await.unwrap();
    assert_eq!(unlink(&store, bob.id, ISSUER, &[ISSUER]).await, Unlinked::Done, "a password is a way");
    let events = account_events::latest(&store, bob.id, 9).await.unwrap();
    assert!(events.iter().any(|it| it.event == AccountEvent::UpstreamUnlinked && it.about == "Example"));
    link_now(&store, ada, ISSUER, "b", 4).await.unwrap();
}

async fn of_two_that_are_unlinked_at_once_one_stays(place: Arc<Place>) {
    let store = Arc::new(place.open().await);
    let ada = sign_up(&store, "ada", ISSUER, "a").await.unwrap().id;
    link_now(&store, ada, "https://other.example", "a", 2).await.unwrap();
    let open = [ISSUER, "https://other.example"];
    let event = |seed| happened(AccountEvent::UpstreamUnlinked, seed);
    let (first, second) = (event(50), event(51));
    let (first, second) = tokio::join!(
        upstream::unlink(&store, ada, ISSUER, &open, &first),
        upstream::unlink(&store, ada, "https://other.example", &open, &second),
    );
    let done = [first.unwrap(), second.unwrap()].into_iter().filter(|outcome| *outcome == Unlinked::Done).count();
    assert_eq!((done, upstream::of_user(&store, ada).await.unwrap().len()), (1, 1));
}
