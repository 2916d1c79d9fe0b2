//! Keys of the admin API: whose they are now, and that they end.

use std::sync::Arc;

use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::{ApiKeyId, EventId, UserId};
use keysig_core::password::PasswordHash;
use keysig_core::secret::Secret;
use keysig_core::testing::SeededRng;
use keysig_core::time::Timestamp;
use keysig_core::user::{Role, User};
use keysig_store::api_keys::{self, ApiKey, Maker};
use keysig_store::{Store, StoreError, audit, users};

use crate::domain::{user, with_people};
use crate::place::{NOW, Place};

fn record(n: u64) -> AuditRecord {
    AuditRecord {
        id: EventId::generate(NOW, &SeededRng::new(n)),
        actor: None,
        action: AuditAction::ApiKeyMade,
        app: None,
        user: None,
        about: "deploy".to_owned(),
        address: String::new(),
        request_id: String::new(),
        by_key: "other …9f2c".to_owned(),
    }
}

fn key(n: u64, user: Option<UserId>) -> ApiKey {
    ApiKey {
        id: ApiKeyId::generate(NOW.plus_seconds(n.cast_signed()), &SeededRng::new(n)),
        user,
        last_four: "9f2c".to_owned(),
        name: "deploy".to_owned(),
        role: Role::Operator,
        expires_at: NOW.plus_seconds(60),
        last_used_at: None,
    }
}

fn secret(n: u64) -> Secret {
    Secret::new(format!("ks_{n}"))
}

async fn add(store: &Store, n: u64, user: Option<UserId>, most: i64) -> Result<bool, StoreError> {
    api_keys::add(store, &key(n, user), &secret(n).hash(), most, &record(n)).await
}

async fn a_key_is_found_by_its_hash_with_whoever_made_it_as_they_are_now(place: Arc<Place>) {
    let store = with_people(&place).await;
    let olga = User { role: Role::Operator, email: "olga@example.test".into(), ..user("olga") };
    users::add(&store, &olga, &PasswordHash::of_nobody(), NOW).await.unwrap();
    assert!(add(&store, 1, Some(olga.id), 9).await.unwrap());
    assert!(add(&store, 2, None, 9).await.unwrap());
    let found = api_keys::by_hash(&store, &secret(1).hash()).await.unwrap();
    assert_eq!(found, Some((key(1, Some(olga.id)), Some(Maker { role: Role::Operator, locked: false }))));
    let found = api_keys::by_hash(&store, &secret(2).hash()).await.unwrap();
    assert_eq!(found, Some((key(2, None), None)));
    assert_eq!(api_keys::by_hash(&store, &secret(3).hash()).await.unwrap(), None);
    let later: Timestamp = NOW.plus_seconds(5);
    api_keys::touch(&store, key(1, None).id, later).await.unwrap();
    let all = api_keys::all(&store).await.unwrap();
    assert_eq!(all, [key(2, None), ApiKey { last_used_at: Some(later), ..key(1, Some(olga.id)) }]);
    let again = add(&store, 1, None, 9).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    assert_eq!(audit::first_break(&store).await.unwrap(), None);
    let kept = audit::page(&store, &audit::Filter::default(), None, 9).await.unwrap();
    assert!(kept.len() == 2 && kept.iter().all(|entry| entry.record.by_key == "other …9f2c"));
}

async fn a_key_ends_once_and_there_are_so_many_at_most(place: Arc<Place>) {
    let store = with_people(&place).await;
    assert!(add(&store, 1, None, 1).await.unwrap());
    assert!(!add(&store, 2, None, 1).await.unwrap());
    assert!(api_keys::end(&store, key(1, None).id, &record(3)).await.unwrap());
    assert!(!api_keys::end(&store, key(1, None).id, &record(4)).await.unwrap());
    assert_eq!(api_keys::by_hash(&store, &secret(1).hash()).await.unwrap(), None);
    let kept = audit::page(&store, &audit::Filter::default(), None, 9).await.unwrap();
    assert_eq!(kept.len(), 2, "what was not done is not recorded");
}

on_both_engines! {
    a_key_is_found_by_its_hash_with_whoever_made_it_as_they_are_now,
    a_key_ends_once_and_there_are_so_many_at_most,
}
