//! Devices, the end of sessions, and signing keys: the same answers from both engines.

use std::sync::Arc;

use keysig_core::access_token::Audience;
use keysig_core::grant::device_code::Decided;
use keysig_core::grant::{Amr, CarriedEpochs};
use keysig_core::id::{AppId, DeliveryId, DeviceId, LoginId, SessionId};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::password::PasswordHash;
use keysig_core::testing::SeededRng;
use keysig_store::devices::{Approval, Device};
use keysig_store::logins::Inserted;
use keysig_store::logout::ToldInBrowser;
use keysig_store::signing_keys::StoredKey;
use keysig_store::{
    Statement, StoreError, Write, apps, devices, logins, logout, params, sessions, signing_keys, users,
};

use crate::domain::{app, grant, login, scopes, session, user};
use crate::place::{NOW, Place};

on_both_engines!(
    an_app_and_a_login_keep_what_they_chose_of_openid_connect,
    a_device_is_found_by_its_code_and_decided_once,
    a_user_code_is_one_device_s,
    a_session_that_ends_tells_its_apps_once,
    a_write_and_the_end_of_other_sessions_happen_together_or_not_at_all,
    a_login_that_races_with_the_end_of_its_session_is_told_or_never_begins,
    a_delivery_is_taken_by_one_node,
    of_two_nodes_that_make_a_key_one_does,
);

async fn an_app_and_a_login_keep_what_they_chose_of_openid_connect(place: Arc<Place>) {
    let store = place.open().await;
    apps::add(&store, &app(), "hush").await.unwrap();
    let kept = apps::by_id(&store, app().id).await.unwrap().unwrap();
    assert_eq!(format!("{:?}", kept.openid), format!("{:?}", app().openid));
    assert!(kept.legacy_flows && kept.pkce_optional);
    logins::insert(&store, &login(1), None).await.unwrap();
    let kept = logins::find(&store, login(1).user, login(1).id).await.unwrap().unwrap();
    assert_eq!((kept.session, kept.claims), (login(1).session, login(1).claims));
}

fn device(seed: u64) -> Device {
    let rng = SeededRng::new(seed);
    Device {
        id: DeviceId::generate(NOW, &rng),
        secret_mac: [1; 32],
        user_code_mac: [2; 32],
        app: app().id,
        login: LoginId::generate(NOW, &rng),
        scopes: scopes(3),
        audience: Audience::Resource([7; 8]),
        interval_seconds: 5,
        polled_at: None,
        expires_at: NOW.plus_seconds(600),
        decided: Decided::NotYet,
    }
}

async fn a_device_is_found_by_its_code_and_decided_once(place: Arc<Place>) {
    let store = place.open().await;
    let new = device(1);
    devices::add(&store, &new).await.unwrap();
    assert_eq!(devices::by_user_code(&store, [2; 32]).await.unwrap(), Some(new.id));
    assert_eq!(devices::by_user_code(&store, [3; 32]).await.unwrap(), None);
    devices::note_poll(&store, new.id, 10, NOW.plus_seconds(4)).await.unwrap();
    let found = devices::find(&store, new.id).await.unwrap().unwrap();
    assert_eq!((found.interval_seconds, found.polled_at), (10, Some(NOW.plus_seconds(4))));
    assert_eq!((found.decided, found.scopes, found.audience), (Decided::NotYet, new.scopes, new.audience));
    let approval = Approval {
        user: user("ada").id,
        grant: grant(1, 1).id,
        epochs: CarriedEpochs { user: 1, app: 2, grant_login: 3 },
        auth_time: NOW,
        amr: Amr::PASSWORD,
        decided_at: NOW.plus_seconds(5),
    };
    assert!(devices::allow(&store, new.id, &approval).await.unwrap());
    assert!(!devices::allow(&store, new.id, &approval).await.unwrap());
    assert!(!devices::deny(&store, new.id, NOW).await.unwrap());
    assert_eq!(devices::find(&store, new.id).await.unwrap().unwrap().decided, Decided::Allowed(approval));

    devices::forget(&store, NOW).await.unwrap();
    assert!(devices::find(&store, new.id).await.unwrap().is_some(), "begun at that moment, not before");
    devices::forget(&store, NOW.plus_seconds(1)).await.unwrap();
    assert!(devices::find(&store, new.id).await.unwrap().is_none());
    assert_eq!(devices::by_user_code(&store, [2; 32]).await.unwrap(), None);
}

async fn a_user_code_is_one_device_s(place: Arc<Place>) {
    let store = place.open().await;
    devices::add(&store, &device(1)).await.unwrap();
    assert_eq!(devices::add(&store, &device(2)).await, Err(StoreError::Conflict));
    assert!(devices::find(&store, device(2).id).await.unwrap().is_none(), "all of it or nothing");
    let other = Device { user_code_mac: [9; 32], ..device(3) };
    devices::add(&store, &other).await.unwrap();
    assert!(devices::deny(&store, other.id, NOW).await.unwrap());
    assert_eq!(devices::find(&store, other.id).await.unwrap().unwrap().decided, Decided::Denied);
}

async fn a_session_that_ends_tells_its_apps_once(place: Arc<Place>) {
    let store = place.open().await;
    users::add(&store, &user("ada"), &PasswordHash::of_nobody(), NOW).await.unwrap();
    apps::add(&store, &app(), "hush").await.unwrap();
    let quiet = keysig_core::app::App {
        id: AppId::from_bytes([2; 16]),
        client_id: "quiet".to_owned(),
        openid: keysig_core::app::OpenIdSettings::default(),
        ..app()
    };
    apps::add(&store, &quiet, "hush").await.unwrap();
    let begun = session(1);
    sessions::start(&store, &begun).await.unwrap();
    let from = Some(begun.id);
    assert!(matches!(logins::insert(&store, &login(1), from).await.unwrap(), Inserted::New));
    assert!(logout::note_app(&store, begun.user, begun.id, app().id).await.unwrap());
    assert!(logout::note_app(&store, begun.user, begun.id, quiet.id).await.unwrap());

    let rng = SeededRng::new(5);
    let new_id = || DeliveryId::generate(NOW, &rng);
    let told = logout::end_session(&store, begun.user, begun.id, NOW, new_id).await.unwrap();
    let front = ToldInBrowser {
        app: app().id,
        frontchannel_logout_uri: "https://peek.example/front".to_owned(),
        sector: app().openid.sector,
    };
    assert_eq!(told, [front]);
    let due = logout::due(&store, NOW, 10).await.unwrap();
    assert_eq!(due.iter().map(|it| (it.app, it.session, it.tries)).collect::<Vec<_>>(), [(app().id, begun.id, 0)]);
    assert_eq!(logout::end_session(&store, begun.user, begun.id, NOW, new_id).await.unwrap(), [], "not twice");
    assert_eq!(logout::due(&store, NOW, 10).await.unwrap().len(), 1);
}

async fn a_write_and_the_end_of_other_sessions_happen_together_or_not_at_all(place: Arc<Place>) {
    let store = place.open().await;
    apps::add(&store, &app(), "hush").await.unwrap();
    let kept = session(1);
    let other = sessions::Session { id: SessionId::from_bytes([77; 16]), ..session(1) };
    for begun in [&kept, &other] {
        sessions::start(&store, begun).await.unwrap();
        assert!(logout::note_app(&store, begun.user, begun.id, app().id).await.unwrap());
    }
    let rng = SeededRng::new(5);
    let new_id = || DeliveryId::generate(NOW, &rng);
    let touch = |id: SessionId| {
        let sql = "UPDATE sessions SET last_seen_at = last_seen_at WHERE user_id = $1 AND id = $2";
        Write::one(Statement::new(sql, params![kept.user, id]).must_affect(1))
    };
    let ended = |write| logout::write_and_end_others(&store, write, kept.user, Some(kept.id), NOW, new_id);
    let refused = ended(touch(SessionId::from_bytes([99; 16]))).await.unwrap_err();
    assert!(matches!(refused, StoreError::AffectedMismatch { .. }));
    assert!(sessions::find(&store, other.user, other.id).await.unwrap().is_some(), "nothing was ended");
    ended(touch(kept.id)).await.unwrap();
    assert!(sessions::find(&store, other.user, other.id).await.unwrap().is_none());
    assert!(sessions::find(&store, kept.user, kept.id).await.unwrap().is_some());
    let told = logout::due(&store, NOW, 10).await.unwrap();
    assert_eq!(told.iter().map(|it| it.session).collect::<Vec<_>>(), [other.id]);
}

async fn a_login_that_races_with_the_end_of_its_session_is_told_or_never_begins(place: Arc<Place>) {
    let store = Arc::new(place.open().await);
    apps::add(&store, &app(), "hush").await.unwrap();
    for round in 1..=30 {
        let begun = sessions::Session { id: SessionId::from_bytes([round; 16]), ..session(1) };
        sessions::start(&store, &begun).await.unwrap();
        let new = keysig_core::grant::Login { id: LoginId::from_bytes([round; 16]), ..login(1) };
        let from = Some(begun.id);
        let redeeming = store.clone();
        let redeemed = tokio::spawn(async move { logins::insert(&redeeming, &new, from).await.unwrap() });
        let ending = store.clone();
        let ended = tokio::spawn(async move {
            let rng = SeededRng::new(u64::from(round));
            logout::end_session(&ending, begun.user, begun.id, NOW, || DeliveryId::generate(NOW, &rng)).await.unwrap()
        });
        let (redeemed, _) = (redeemed.await.unwrap(), ended.await.unwrap());
        let due = logout::due(&store, NOW, 100).await.unwrap();
        let told = due.iter().filter(|delivery| delivery.session == begun.id).count();
        match redeemed {
            Inserted::New => assert_eq!(told, 1, "round {round}"),
            Inserted::SessionEnded => assert_eq!(told, 0, "round {round}"),
            Inserted::Before(_) => panic!("round {round}: nobody redeemed it before"),
        }
    }
    let late = keysig_core::grant::Login { id: LoginId::from_bytes([99; 16]), ..login(1) };
    let from = Some(SessionId::from_bytes([1; 16]));
    assert!(matches!(logins::insert(&store, &late, from).await.unwrap(), Inserted::SessionEnded));
    assert!(!logout::note_app(&store, late.user, SessionId::from_bytes([1; 16]), app().id).await.unwrap());
    assert!(logins::find(&store, late.user, late.id).await.unwrap().is_none(), "all of it or nothing");
}

async fn a_delivery_is_taken_by_one_node(place: Arc<Place>) {
    let store = place.open().await;
    apps::add(&store, &app(), "hush").await.unwrap();
    let begun = session(1);
    sessions::start(&store, &begun).await.unwrap();
    logout::note_app(&store, begun.user, begun.id, app().id).await.unwrap();
    let rng = SeededRng::new(5);
    logout::end_session(&store, begun.user, begun.id, NOW, || DeliveryId::generate(NOW, &rng)).await.unwrap();
    let delivery = logout::due(&store, NOW, 10).await.unwrap()[0];
    assert!(logout::take(&store, &delivery, NOW.plus_seconds(5)).await.unwrap());
    assert!(!logout::take(&store, &delivery, NOW.plus_seconds(5)).await.unwrap());
    assert_eq!(logout::due(&store, NOW.plus_seconds(4), 10).await.unwrap(), []);
    assert_eq!(logout::due(&store, NOW.plus_seconds(5), 10).await.unwrap()[0].tries, 1);
    logout::done(&store, &delivery).await.unwrap();
    assert_eq!(logout::due(&store, NOW.plus_seconds(5), 10).await.unwrap(), []);
}

async fn of_two_nodes_that_make_a_key_one_does(place: Arc<Place>) {
    let store = place.open().await;
    let key = |n, kid: &str, algorithm| StoredKey {
        algorithm,
        n,
        kid: kid.to_owned(),
        private_key: vec![1, 2, 3],
        made_at: NOW,
        signs_from: NOW.plus_seconds(n),
    };
    let (rsa, ed) = (SigningAlgorithm::Rs256, SigningAlgorithm::EdDsa);
    signing_keys::add(&store, &[key(1, "one", rsa), key(1, "ed", ed)]).await.unwrap();
    signing_keys::add(&store, &[key(1, "late", rsa), key(2, "two", rsa)]).await.unwrap();
    let kids = || async {
        let all = signing_keys::all(&store).await.unwrap();
        all.iter().map(|key| key.kid.clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kids().await, "ed one two");
    signing_keys::forget(&store, NOW.plus_seconds(100)).await.unwrap();
    assert_eq!(kids().await, "ed two", "the newest of each algorithm stays");
}
