//! What an account holder sees and ends: receipts, paused and reduced agreements, devices, reports, and the end of it all.

use std::sync::Arc;

use keysig_core::account_event::AccountEvent;
use keysig_core::id::{EventId, GrantId};
use keysig_core::scope::ScopeId;
use keysig_core::testing::SeededRng;
use keysig_store::account_events::{self, Happened};
use keysig_store::grants;
use keysig_store::uses::{self, GrantUse};
use tokio::task::JoinSet;

use crate::domain::{KEEP, agree, grant, scopes, user, with_people};
use crate::place::{NOW, Place};

on_both_engines!(
    counts_of_two_nodes_add_up,
    what_nobody_agreed_to_is_not_counted,
    a_paused_agreement_says_so_until_it_is_resumed,
    an_agreement_shrinks_by_what_is_turned_off,
);

fn count(grant: GrantId, scope: Option<u8>, day: i64, uses: i64, second: i64) -> GrantUse {
    let scope = scope.and_then(ScopeId::from_number);
    GrantUse { user: user("ada").id, grant, scope, day, uses, last_used_at: NOW.plus_seconds(second) }
}

async fn counts_of_two_nodes_add_up(place: Arc<Place>) {
    let store = with_people(&place).await;
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    let mut nodes = JoinSet::new();
    for node in 0..8 {
        let store = store.clone();
        let counts = [
            count(agreed.id, None, 70, 1, 1),
            count(agreed.id, Some(0), 70, 2, node),
            count(agreed.id, Some(0), 71, 1, 9),
        ];
        nodes.spawn(async move { uses::add(&store, &counts).await });
    }
    for added in nodes.join_all().await {
        added.unwrap();
    }
    let by_day = uses::of_grant(&store, agreed.user, agreed.id, 0).await.unwrap();
    let expected =
        [count(agreed.id, Some(0), 71, 8, 9), count(agreed.id, None, 70, 8, 1), count(agreed.id, Some(0), 70, 16, 7)];
    assert_eq!(by_day, expected);
    let mut sums = uses::of_user(&store, agreed.user, 71).await.unwrap();
    sums.sort_by_key(|sum| sum.scope);
    assert_eq!(sums, [count(agreed.id, None, 70, 0, 1), count(agreed.id, Some(0), 71, 8, 9)]);
    let touched = grants::in_force(&store, agreed.user, agreed.app).await.unwrap().unwrap();
    assert_eq!(touched.last_used_at, NOW.plus_seconds(9), "the list is sorted by it");
    assert_eq!(uses::forget(&store, 71).await.unwrap(), 2);
    assert_eq!(uses::of_grant(&store, agreed.user, agreed.id, 0).await.unwrap().len(), 1);
}

async fn what_nobody_agreed_to_is_not_counted(place: Arc<Place>) {
    let store = with_people(&place).await;
    let nobodys = grant(7, 1).id;
    uses::add(&store, &[count(nobodys, Some(0), 70, 1, 0)]).await.unwrap();
    uses::add(&store, &[]).await.unwrap();
    assert_eq!(uses::of_user(&store, user("ada").id, 0).await.unwrap(), []);
}

fn happened(event: AccountEvent) -> Happened {
    Happened {
        id: EventId::generate(NOW, &SeededRng::new(event.name().bytes().map(u64::from).sum())),
        event,
        about: "Playlist Peek".to_owned(),
        address: "192.0.2.7".to_owned(),
        user_agent: "Browser".to_owned(),
    }
}

async fn events(store: &keysig_store::Store) -> Vec<AccountEvent> {
    let latest = account_events::latest(store, user("ada").id, 20).await.unwrap();
    // That it was allowed is told where it is agreed to.
    let reductions = latest.iter().map(|happened| happened.event).filter(|event| *event != AccountEvent::AppAllowed);
    reductions.collect()
}

async fn a_paused_agreement_says_so_until_it_is_resumed(place: Arc<Place>) {
    let store = with_people(&place).await;
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    let standing = || async { grants::in_force(&store, agreed.user, agreed.app).await.unwrap().unwrap() };
    let pause = |paused, event| {
        let store = store.clone();
        async move { grants::set_paused(&store, agreed.user, agreed.id, paused, &happened(event), KEEP).await.unwrap() }
    };
    assert!(pause(true, AccountEvent::AppPaused).await);
    assert!(!pause(true, AccountEvent::AppPaused).await, "twice is once");
    assert_eq!((standing().await.paused, standing().await.access_epoch, standing().await.login_epoch), (true, 2, 1));
    assert!(pause(false, AccountEvent::AppResumed).await);
    assert_eq!((standing().await.paused, standing().await.access_epoch), (false, 3));
    assert_eq!(events(&store).await.len(), 2);
    grants::remove(&store, agreed.user, agreed.id, &happened(AccountEvent::AppRemoved), NOW, KEEP).await.unwrap();
    assert!(!pause(true, AccountEvent::AppPaused).await, "what was removed is over");
    assert_eq!(events(&store).await.len(), 3);
}

async fn an_agreement_shrinks_by_what_is_turned_off(place: Arc<Place>) {
    let store = with_people(&place).await;
    let agreed = agree(&store, &grant(1, 0b111)).await.unwrap();
    let reduced = happened(AccountEvent::AppReduced);
    let off = |bits| grants::turn_off(&store, agreed.user, agreed.id, scopes(bits), &reduced, KEEP);
    assert!(off(0b010).await.unwrap());
    assert!(!off(0b010).await.unwrap(), "it was off");
    let after = grants::in_force(&store, agreed.user, agreed.app).await.unwrap().unwrap();
    assert_eq!((after.scopes, after.access_epoch, after.login_epoch), (scopes(0b101), 2, 1));
    assert_eq!(events(&store).await, [AccountEvent::AppReduced]);
}
