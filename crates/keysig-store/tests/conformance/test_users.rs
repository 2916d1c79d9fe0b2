//! Test users: lists, invitations, and accounts that developers make up.

use std::sync::Arc;

use keysig_core::app::Mode;
use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::{DeliveryId, EventId};
use keysig_core::password::PasswordHash;
use keysig_core::testing::SeededRng;
use keysig_store::test_users::{self, Access, Count};
use keysig_store::{Statement, Store, StoreError, apps, erasure, grants, users};

use crate::domain::{agree, app, grant, told, user, with_people};
use crate::place::{NOW, Place};

on_both_engines!(
    who_is_taken_from_a_list_has_nothing_any_more,
    an_invitation_is_settled_once,
    an_account_that_was_made_up_is_nobody_s_and_goes_whole,
    an_app_that_is_closed_has_a_higher_epoch
);

fn record(n: u64) -> AuditRecord {
    AuditRecord {
        id: EventId::generate(NOW, &SeededRng::new(n)),
        actor: None,
        action: AuditAction::TestUserAdded,
        app: Some(app().id),
        user: None,
        about: String::new(),
        address: String::new(),
        request_id: String::new(),
        by_key: String::new(),
    }
}

async fn emails(store: &Store, after: &str, most: i64) -> Vec<String> {
    let listed = test_users::of_app(store, app().id, after, most).await.unwrap();
    listed.into_iter().map(|one| one.email).collect()
}

async fn who_is_taken_from_a_list_has_nothing_any_more(place: Arc<Place>) {
    let store = with_people(&place).await;
    let (ada, id) = (user("ada"), app().id);
    for n in 0..2 {
        test_users::add(&store, id, &ada, NOW, &record(n)).await.unwrap();
    }
    assert!(emails(&store, "", 10).await.contains(&ada.email));
    assert!(!emails(&store, &ada.email, 10).await.contains(&ada.email));
    let given = agree(&store, &grant(1, 3)).await.unwrap();
    let happened = told(NOW);
    let ends = Access::Ends { happened: &happened, now: NOW, keep_until: NOW.plus_seconds(60) };
    assert!(test_users::remove(&store, id, ada.id, ends, &record(3)).await.unwrap());
    assert!(!test_users::remove(&store, id, ada.id, ends, &record(4)).await.unwrap());
    let ended = grants::find(&store, ada.id, given.id).await.unwrap().unwrap();
    assert_eq!((ended.removed_at, ended.login_epoch), (Some(NOW), given.login_epoch + 1));
    assert!(!apps::by_id(&store, id).await.unwrap().unwrap().test_users.contains(&ada.id));
}

async fn an_invitation_is_settled_once(place: Arc<Place>) {
    let store = with_people(&place).await;
    let (ada, id) = (user("ada"), app().id);
    let letter = Statement::new("DELETE FROM mails WHERE 1 = 0", Vec::new());
    assert!(test_users::invite(&store, id, &ada.email, NOW, &letter, &record(1)).await.unwrap());
    assert!(!test_users::invite(&store, id, &ada.email, NOW, &letter, &record(2)).await.unwrap());
    assert_eq!(test_users::invited(&store, id, 10).await.unwrap(), [(ada.email.clone(), NOW)]);
    assert!(test_users::come(&store, id, &ada, NOW, &record(3)).await.unwrap());
    assert!(!test_users::come(&store, id, &ada, NOW, &record(4)).await.unwrap());
    assert!(!test_users::is_invited(&store, id, &ada.email).await.unwrap());
    assert_eq!(test_users::one(&store, id, ada.id).await.unwrap().unwrap().added_at, Some(NOW));
}

async fn an_account_that_was_made_up_is_nobody_s_and_goes_whole(place: Arc<Place>) {
    let store = with_people(&place).await;
    let (fake, hash) = (user("fake"), PasswordHash::of_nobody());
    test_users::make(&store, app().id, (&fake, &hash), NOW, &record(1)).await.unwrap();
    let twice = test_users::make(&store, app().id, (&fake, &hash), NOW, &record(2)).await;
    assert!(matches!(twice, Err(StoreError::Conflict)), "{twice:?}");
    assert_eq!(test_users::fake(&store, fake.id).await.unwrap().unwrap().app, app().id);
    assert_eq!(test_users::fake(&store, user("ada").id).await.unwrap(), None);
    assert_eq!(test_users::fakes_of(&store, app().id).await.unwrap(), [fake.id]);
    let given = keysig_core::grant::Grant { user: fake.id, ..grant(2, 1) };
    agree(&store, &given).await.unwrap();
    assert_eq!(grants::scopes_given(&store, app().id).await.unwrap(), [], "it is no person");
    agree(&store, &grant(3, 1)).await.unwrap();
    assert_eq!(grants::scopes_given(&store, app().id).await.unwrap(), [(grant(3, 1).scopes, 1)]);
    let owner = app().owner;
    if let Some(owner) = owner {
        let count = test_users::count(&store, owner).await.unwrap();
        assert_eq!(count.fake, 1);
        assert!(count.listed >= 1);
    }
    assert_eq!(test_users::count(&store, fake.id).await.unwrap(), Count::default());
    let erased = erasure::erase(&store, fake.id, NOW, NOW.plus_seconds(60), None, || {
        DeliveryId::generate(NOW, &SeededRng::new(9))
    });
    assert!(erased.await.unwrap());
    assert_eq!(test_users::fake(&store, fake.id).await.unwrap(), None);
    assert!(users::by_id(&store, fake.id).await.unwrap().is_none());
}

async fn an_app_that_is_closed_has_a_higher_epoch(place: Arc<Place>) {
    let store = with_people(&place).await;
    let (id, until) = (app().id, NOW.plus_seconds(60));
    let found = || async { apps::by_id(&store, id).await.unwrap().unwrap() };
    apps::set_mode(&store, id, Mode::Live, until, &record(1)).await.unwrap();
    let live = found().await;
    assert!(!apps::set_mode(&store, id, Mode::Live, until, &record(2)).await.unwrap());
    assert!(apps::set_mode(&store, id, Mode::Development, until, &record(3)).await.unwrap());
    let closed = found().await;
    assert_eq!((live.mode, closed.mode), (Mode::Live, Mode::Development));
    assert_eq!(closed.epoch, live.epoch + 1);
}
