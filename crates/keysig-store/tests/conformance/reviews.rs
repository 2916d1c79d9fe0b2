//! What an app says of itself, its logo, and its review.

use std::sync::Arc;

use keysig_core::app::{App, KeepsData, Review as Found};
use keysig_core::id::{EventId, LogoId};
use keysig_core::review::{ReviewState, Side};
use keysig_core::testing::SeededRng;
use keysig_store::app_profile::{self, AppProfile};
use keysig_store::reviews::{self, Message, Step};
use keysig_store::{Store, apps, erasure, export, logos};

use crate::domain::{KEEP, app, user, with_people};
use crate::place::{NOW, Place};
use crate::webhooks::record;

on_both_engines!(
    a_profile_is_saved_whole,
    a_logo_is_there_as_long_as_an_app_has_it,
    a_review_takes_each_step_once,
    what_was_written_goes_with_its_writer,
);

async fn kept(store: &Store) -> App {
    apps::by_id(store, app().id).await.unwrap().unwrap()
}

fn message(n: u64, side: Side) -> Message {
    let at = NOW.plus_seconds(i64::try_from(n).unwrap());
    Message { id: EventId::generate(at, &SeededRng::new(n)), side, words: format!("message {n}"), at }
}

fn step<'a>(before: Option<ReviewState>, after: ReviewState, message: Option<&'a Message>) -> Step<'a> {
    let now = message.map_or(NOW, |message| message.at);
    Step { app: app().id, before, after, message, found: None, now }
}

async fn a_profile_is_saved_whole(place: Arc<Place>) {
    let store = with_people(&place).await;
    let full = AppProfile {
        name: "Another name".to_owned(),
        homepage: Some("https://other.example/".to_owned()),
        description: Some("What it is for.".to_owned()),
        privacy_url: Some("https://other.example/privacy".to_owned()),
        terms_url: Some("https://other.example/terms".to_owned()),
        support_url: Some("https://other.example/help".to_owned()),
        keeps_data: Some(KeepsData::Days(3)),
    };
    let none = AppProfile {
        name: "N".to_owned(),
        homepage: None,
        description: None,
        privacy_url: None,
        terms_url: None,
        support_url: None,
        keeps_data: None,
    };
    for (n, profile) in [(1, full), (2, none)] {
        app_profile::save(&store, app().id, &profile, &record(n)).await.unwrap();
        let app = kept(&store).await;
        let said = AppProfile {
            name: app.name,
            homepage: app.homepage,
            description: app.about.description,
            privacy_url: app.consent.privacy_url,
            terms_url: app.about.terms_url,
            support_url: app.about.support_url,
            keeps_data: app.consent.keeps_data,
        };
        assert_eq!(said, profile);
    }
}

async fn a_logo_is_there_as_long_as_an_app_has_it(place: Arc<Place>) {
    let store = with_people(&place).await;
    let (one, two) = (LogoId::from_bytes([1; 16]), LogoId::from_bytes([2; 16]));
    logos::set(&store, app().id, (one, b"first"), &record(1)).await.unwrap();
    assert_eq!(logos::find(&store, one).await.unwrap().as_deref(), Some(b"first".as_slice()));
    logos::set(&store, app().id, (two, b"second"), &record(2)).await.unwrap();
    assert_eq!(logos::find(&store, one).await.unwrap(), None);
    assert_eq!(kept(&store).await.about.logo, Some(two));
    logos::remove(&store, app().id, &record(3)).await.unwrap();
    assert_eq!((logos::find(&store, two).await.unwrap(), kept(&store).await.about.logo), (None, None));
}

async fn a_review_takes_each_step_once(place: Arc<Place>) {
    use ReviewState::{Approved, AskedBack, Refused, Waiting};
    let store = with_people(&place).await;
    let state = async || reviews::of_app(&store, app().id).await.unwrap().map(|review| review.state);
    assert_eq!((state().await, reviews::waiting(&store).await.unwrap()), (None, 0));
    let messages = [1, 2, 3].map(|n| message(n, if n == 2 { Side::Operator } else { Side::Developer }));
    assert!(reviews::step(&store, &step(None, Waiting, Some(&messages[0])), &record(1)).await.unwrap());
    assert!(!reviews::step(&store, &step(None, Waiting, None), &record(2)).await.unwrap(), "asked in another tab");
    assert_eq!((state().await, reviews::waiting(&store).await.unwrap()), (Some(Waiting), 1));
    assert!(reviews::step(&store, &step(Some(Waiting), AskedBack, Some(&messages[1])), &record(3)).await.unwrap());
    let twice = reviews::step(&store, &step(Some(Waiting), Refused, None), &record(4)).await.unwrap();
    assert!(!twice, "somebody else was faster");
    assert!(reviews::step(&store, &step(Some(AskedBack), Waiting, Some(&messages[2])), &record(5)).await.unwrap());
    assert_eq!(reviews::messages(&store, app().id).await.unwrap(), messages);
    let open = reviews::open(&store).await.unwrap();
    assert_eq!((open.len(), open[0].review.asked_at), (1, messages[2].at));
    let found = Found { at: NOW, of: kept(&store).await.reviewable() };
    let approval = Step { found: Some(Some(&found)), ..step(Some(Waiting), Approved, None) };
    assert!(reviews::step(&store, &approval, &record(6)).await.unwrap());
    assert!(kept(&store).await.is_reviewed() && reviews::open(&store).await.unwrap().is_empty());
    let taken_back = Step { found: Some(None), ..step(Some(Approved), Refused, None) };
    assert!(reviews::step(&store, &taken_back, &record(7)).await.unwrap());
    assert!(!kept(&store).await.is_reviewed());
}

async fn what_was_written_goes_with_its_writer(place: Arc<Place>) {
    let store = with_people(&place).await;
    let ada = user("ada");
    let first = message(1, Side::Developer);
    assert!(reviews::step(&store, &step(None, ReviewState::Waiting, Some(&first)), &record(1)).await.unwrap());
    let exported = export::of_user(&store, ada.id).await.unwrap();
    let (_, rows) = exported.iter().find(|(section, _)| *section == "reviews_of_own_apps").unwrap();
    assert_eq!(rows.len(), 1);
    let id = || keysig_core::id::DeliveryId::generate(NOW, &SeededRng::new(5));
    assert!(erasure::erase(&store, ada.id, NOW, KEEP, None, id).await.unwrap());
    assert!(reviews::messages(&store, app().id).await.unwrap().is_empty());
    assert_eq!(reviews::of_app(&store, app().id).await.unwrap(), None);
}
