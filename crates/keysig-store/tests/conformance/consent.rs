//! Agreements that grow, end by themselves, and are told of.

use std::sync::Arc;

use keysig_core::consent::Until;
use keysig_core::grant::Grant;
use keysig_core::time::Timestamp;
use keysig_store::{account_events, apps, grants};

use crate::domain::{app, grant, scopes, told, with_people};
use crate::place::{NOW, Place};

on_both_engines!(
    what_an_app_says_at_consent_comes_back,
    an_agreement_grows_and_its_end_moves_only_where_one_is_chosen,
    an_agreement_that_ended_stays_dead_when_the_person_agrees_anew,
    only_what_changed_something_is_told
);

const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    NOW.plus_seconds(seconds)
}

fn wanted(seed: u64, bits: u8, now: Timestamp) -> Grant {
    Grant { created_at: now, last_used_at: now, ..grant(seed, bits) }
}

async fn what_an_app_says_at_consent_comes_back(place: Arc<Place>) {
    let store = with_people(&place).await;
    assert_eq!(apps::by_id(&store, app().id).await.unwrap().unwrap().consent, app().consent);
}

async fn an_agreement_grows_and_its_end_moves_only_where_one_is_chosen(place: Arc<Place>) {
    let store = with_people(&place).await;
    let agree = async |bits, until, seconds| {
        let wanted = wanted(1, bits, at(seconds));
        grants::agree(&store, &wanted, until, &told(at(seconds))).await.unwrap()
    };
    let first = agree(0b001, Until::Days(30), 0).await;
    assert_eq!((first.new, first.grant.expires_at), (scopes(0b001), Some(at(30 * DAY))));
    let more = agree(0b011, Until::AsBefore, 60).await;
    assert_eq!((more.new, more.grant.scopes), (scopes(0b010), scopes(0b011)));
    assert_eq!((more.grant.id, more.grant.expires_at), (first.grant.id, Some(at(30 * DAY))));
    assert_eq!(agree(0b001, Until::Days(1), 120).await.grant.expires_at, Some(at(120 + DAY)));
    let stays = agree(0b001, Until::Removed, 180).await.grant;
    assert_eq!((stays.expires_at, stays.scopes), (None, scopes(0b011)));
    let stored = grants::in_force(&store, stays.user, stays.app).await.unwrap().unwrap();
    assert_eq!(stored, stays);
    let rows = grants::standing(&store, stays.user, stays.app, stays.id).await.unwrap();
    assert_eq!(rows.grant, Some(stays));
}

async fn an_agreement_that_ended_stays_dead_when_the_person_agrees_anew(place: Arc<Place>) {
    let store = with_people(&place).await;
    let first = grants::agree(&store, &wanted(1, 0b11, NOW), Until::Days(1), &told(NOW)).await.unwrap().grant;
    let anew = grants::agree(&store, &wanted(2, 0b01, at(DAY)), Until::AsBefore, &told(at(DAY))).await.unwrap();
    assert_ne!(anew.grant.id, first.id);
    assert_eq!((anew.new, anew.grant.scopes, anew.grant.expires_at), (scopes(0b01), scopes(0b01), None));
    let before = grants::standing(&store, first.user, first.app, first.id).await.unwrap().grant.unwrap();
    let was_removed = (before.removed_at, before.access_epoch, before.login_epoch);
    assert_eq!(was_removed, (Some(at(DAY)), 2, 2), "nothing of it lives again");
    assert_eq!(grants::of_user(&store, first.user).await.unwrap(), [anew.grant]);
}

async fn only_what_changed_something_is_told(place: Arc<Place>) {
    let store = with_people(&place).await;
    for (seconds, bits, until) in
        [(0, 0b01, Until::AsBefore), (1, 0b01, Until::AsBefore), (2, 0b11, Until::AsBefore), (3, 0b01, Until::Days(1))]
    {
        grants::agree(&store, &wanted(1, bits, at(seconds)), until, &told(at(seconds))).await.unwrap();
    }
    let told = account_events::latest(&store, grant(1, 1).user, 10).await.unwrap();
    let times: Vec<_> = told.iter().map(|happened| happened.id.made_at()).collect();
    assert_eq!(times, [at(3), at(2), at(0)]);
}
