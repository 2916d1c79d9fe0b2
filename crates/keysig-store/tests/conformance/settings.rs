//! What operators set: a change is whole, recorded, and made on what was seen.

use std::sync::Arc;

use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::EventId;
use keysig_core::testing::SeededRng;
use keysig_store::settings::{Change, all, change, version};
use keysig_store::{StoreError, audit};

use crate::domain::with_people;
use crate::place::{NOW, Place};

fn record(n: u64) -> AuditRecord {
    AuditRecord {
        id: EventId::generate(NOW, &SeededRng::new(n)),
        actor: None,
        action: AuditAction::PolicyChanged,
        app: None,
        user: None,
        about: "signup: off".to_owned(),
        address: String::new(),
        request_id: String::new(),
        by_key: String::new(),
    }
}

fn setting(value: Option<&str>) -> Change {
    Change::Setting { key: "signup", value: value.map(str::to_owned) }
}

async fn what_is_set_is_read_again_and_taken_back(place: Arc<Place>) {
    let store = with_people(&place).await;
    assert_eq!(version(&store).await.unwrap(), 0);
    let scope = |words: &str| Change::Scope { number: 64, definition: words.to_owned() };
    change(&store, 0, &[setting(Some("off")), scope("{}")], NOW, &record(1)).await.unwrap();
    let stored = all(&store).await.unwrap();
    assert_eq!(stored.version, 1);
    assert_eq!(stored.settings, [("signup".to_owned(), "off".to_owned())]);
    assert_eq!(stored.scopes, [(64, "{}".to_owned())]);
    change(&store, 1, &[setting(Some("open")), scope("{ }")], NOW, &record(2)).await.unwrap();
    assert_eq!(all(&store).await.unwrap().settings, [("signup".to_owned(), "open".to_owned())]);
    change(&store, 2, &[setting(None)], NOW, &record(3)).await.unwrap();
    let stored = all(&store).await.unwrap();
    assert_eq!((stored.version, stored.settings), (3, Vec::new()));
    assert_eq!(stored.scopes, [(64, "{ }".to_owned())]);
    assert_eq!(audit::first_break(&store).await.unwrap(), None);
}

async fn a_change_of_what_somebody_else_changed_meanwhile_is_none(place: Arc<Place>) {
    let store = with_people(&place).await;
    change(&store, 0, &[setting(Some("off"))], NOW, &record(1)).await.unwrap();
    let late = change(&store, 0, &[setting(Some("open"))], NOW, &record(2)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    let stored = all(&store).await.unwrap();
    assert_eq!((stored.version, stored.settings), (1, vec![("signup".to_owned(), "off".to_owned())]));
    assert_eq!(audit::first_break(&store).await.unwrap(), None);
}

on_both_engines! {
    what_is_set_is_read_again_and_taken_back,
    a_change_of_what_somebody_else_changed_meanwhile_is_none,
}
