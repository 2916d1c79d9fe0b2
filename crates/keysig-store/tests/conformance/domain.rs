//! People, apps, agreements and logins: the same answers from both engines, also when many ask at once.

use std::sync::Arc;

use keysig_core::access_token::Audience;
use keysig_core::account_event::AccountEvent;
use keysig_core::app::{
    About, App, ClientType, ConsentSettings, KeepsData, Mode, OpenIdSettings, OwnQuota, Review, Standing, StoredSecret,
};
use keysig_core::consent::Until;
use keysig_core::grant::{Amr, Grant, Login, TokenBinding};
use keysig_core::id::{AppId, EventId, GrantId, LoginId, LogoId, RequestId, SessionId, UserId};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::openid::claims::ClaimsRequest;
use keysig_core::password::PasswordHash;
use keysig_core::profile::Profile;
use keysig_core::redirect_uri::RedirectUri;
use keysig_core::rng::random;
use keysig_core::scope::{ScopeId, ScopeSet};
use keysig_core::secret::{Secret, SecretHash};
use keysig_core::testing::SeededRng;
use keysig_core::time::Timestamp;
use keysig_core::user::{Product, Role, User};
use keysig_store::account_events::Happened;
use keysig_store::logins::Inserted;
use keysig_store::requests::{Answered, PendingRequest};
use keysig_store::sessions::Session;
use keysig_store::{Store, StoreError, apps, grants, logins, logout, requests, sessions, users};
use tokio::task::JoinSet;

use crate::place::{NOW, Place};

on_both_engines!(
    a_user_is_found_by_id_name_and_address_and_added_once,
    an_app_comes_back_as_it_was_added,
    two_agreements_at_once_become_one_with_the_scopes_of_both,
    a_removed_agreement_is_history_and_its_standing_is_lost,
    standing_is_lost_with_the_user_and_the_app_too,
    of_many_redemptions_one_is_new,
    of_many_rotations_from_one_generation_one_moves,
    replays_are_counted_to_their_limit,
    an_ended_login_moves_no_more,
    the_front_of_the_table_is_forgotten_and_nothing_else,
    a_request_is_answered_once,
    a_session_goes_on_under_a_new_secret_until_it_ends,
);

pub const KEEP: Timestamp = Timestamp::from_unix_millis(1_790_009_000_000);

pub fn user(name: &str) -> User {
    User {
        id: UserId::generate(&SeededRng::new(name.len() as u64)),
        public_id: name.to_owned(),
        email: format!("{name}@example.test"),
        display_name: name.to_owned(),
        country: "NL".to_owned(),
        product: Product::Premium,
        role: Role::Developer,
        epoch: 1,
        disabled: false,
        email_verified: true,
        locale: None,
    }
}

pub fn app() -> App {
    let policy = Profile::Spotify.policy();
    App {
        id: AppId::from_bytes([1; 16]),
        client_id: "peek".to_owned(),
        name: "Playlist Peek".to_owned(),
        owner: Some(user("ada").id),
        developer: "Ada".to_owned(),
        homepage: Some("https://peek.example".to_owned()),
        profile: Profile::Spotify,
        client_type: ClientType::Confidential,
        redirect_uris: ["http://127.0.0.1/cb", "https://peek.example/cb"]
            .map(|uri| RedirectUri::register(uri, &policy).unwrap())
            .to_vec(),
        secrets: vec![StoredSecret { hash: Secret::new("hush".to_owned()).hash(), retires_at: Some(KEEP) }],
        scopes: Some(ScopeSet::from_bytes([7; 16])),
        mode: Mode::Development,
        test_users: vec![user("bobby").id],
        rotates: true,
        paused: false,
        legacy_flows: true,
        pkce_optional: true,
        openid: OpenIdSettings {
            id_token_algorithm: SigningAlgorithm::EdDsa,
            userinfo_algorithm: Some(SigningAlgorithm::Es256),
            sector: Some("peek.example".to_owned()),
            post_logout_redirect_uris: vec![RedirectUri::register("https://peek.example/bye", &policy).unwrap()],
            backchannel_logout_uri: Some("https://peek.example/back".to_owned()),
            frontchannel_logout_uri: Some("https://peek.example/front".to_owned()),
        },
        consent: ConsentSettings {
            optional: scopes(0b10),
            reasons: [(ScopeId::from_number(1).unwrap(), "to fill \"the\" train".to_owned())].into(),
            keeps_data: Some(KeepsData::Days(30)),
            privacy_url: Some("https://peek.example/privacy".to_owned()),
            trusted: true,
        },
        about: About {
            description: Some("Trains \"and\" tunes".to_owned()),
            terms_url: Some("https://peek.example/terms".to_owned()),
            support_url: Some("https://peek.example/help".to_owned()),
            logo: Some(LogoId::from_bytes([7; 16])),
        },
        standing: Standing {
            logins_stopped: true,
            paused_by_operator: true,
            review: Some(Review { at: NOW, of: "as it was".to_owned() }),
            quota: OwnQuota { calls: Some(0), tokens: Some(u32::MAX) },
        },
        epoch: 1,
        created_at: NOW,
    }
}

pub fn scopes(bits: u8) -> ScopeSet {
    let mut bytes = [0; 16];
    bytes[15] = bits;
    ScopeSet::from_bytes(bytes)
}

pub fn grant(seed: u64, bits: u8) -> Grant {
    let rng = SeededRng::new(seed);
    Grant {
        id: GrantId::generate(NOW, &rng),
        user: user("ada").id,
        app: app().id,
        scopes: scopes(bits),
        salt: random(&rng),
        access_epoch: 1,
        login_epoch: 1,
        paused: false,
        removed_at: None,
        shown: "Playlist Peek\n\npeek.example".to_owned(),
        created_at: NOW,
        last_used_at: NOW,
        expires_at: None,
    }
}

/// What is written of an agreement.
pub fn told(at: Timestamp) -> Happened {
    Happened {
        id: EventId::generate(at, &SeededRng::new(5)),
        event: AccountEvent::AppAllowed,
        about: "Playlist Peek".to_owned(),
        address: "192.0.2.1".to_owned(),
        user_agent: "Firefox".to_owned(),
    }
}

pub async fn agree(store: &Store, wanted: &Grant) -> Result<Grant, StoreError> {
    let told = Happened { id: EventId::generate(NOW, &SeededRng::new(wanted.salt[0].into())), ..told(NOW) };
    grants::agree(store, wanted, Until::AsBefore, &told).await.map(|agreed| agreed.grant)
}

pub fn login(seed: u64) -> Login {
    let rng = SeededRng::new(seed);
    Login {
        id: LoginId::generate(NOW, &SeededRng::new(99)),
        user: user("ada").id,
        app: app().id,
        grant: grant(1, 1).id,
        generation: 1,
        replays: 0,
        mac_key: 0x8000_0001,
        salt: random(&rng),
        attempt: random(&rng),
        scopes: scopes(1),
        user_epoch: 1,
        app_epoch: 1,
        grant_login_epoch: 1,
        auth_time: NOW,
        amr: Amr::PASSWORD,
        audience: Audience::Resource([8; 8]),
        binding: TokenBinding::Bearer,
        session: Some(SessionId::from_bytes([9; 16])),
        claims: ClaimsRequest::from_number(0x0004_0008),
        created_at: NOW,
        rotated_at: NOW,
        expires_at: KEEP,
        ended_at: None,
    }
}

pub async fn with_people(place: &Place) -> Store {
    let store = place.open().await;
    users::add(&store, &user("ada"), &PasswordHash::of_nobody(), NOW).await.unwrap();
    apps::add(&store, &app(), "hush").await.unwrap();
    store
}

async fn a_user_is_found_by_id_name_and_address_and_added_once(place: Arc<Place>) {
    let store = with_people(&place).await;
    let ada = user("ada");
    assert_eq!(users::by_id(&store, ada.id).await.unwrap(), Some(ada.clone()));
    assert_eq!(users::by_public_id(&store, "ada").await.unwrap(), Some(ada.clone()));
    for identifier in ["ada@example.test", "ada"] {
        let (found, hash) = users::by_identifier(&store, identifier).await.unwrap().unwrap();
        assert_eq!((found, hash.as_phc()), (ada.clone(), PasswordHash::of_nobody().as_phc()));
    }
    assert!(users::by_identifier(&store, "eve").await.unwrap().is_none());
    let same_address = User { public_id: "ada2".to_owned(), id: user("x").id, ..ada };
    let again = users::add(&store, &same_address, &PasswordHash::of_nobody(), NOW).await;
    assert_eq!(again, Err(StoreError::Conflict));
    assert!(users::by_public_id(&store, "ada2").await.unwrap().is_none(), "nothing of it is left");
}

async fn an_app_comes_back_as_it_was_added(place: Arc<Place>) {
    let store = with_people(&place).await;
    let (id, version) = apps::version(&store, "peek").await.unwrap().unwrap();
    let found = apps::by_id(&store, id).await.unwrap().unwrap();
    assert_eq!(format!("{found:?}"), format!("{:?}", app()));
    assert_eq!(found.secrets[0].hash.as_bytes(), SecretHash::from_bytes(*app().secrets[0].hash.as_bytes()).as_bytes());
    assert_eq!(
        apps::add(&store, &App { id: AppId::from_bytes([2; 16]), ..app() }, "x").await,
        Err(StoreError::Conflict)
    );
    apps::set_paused(&store, id, true, KEEP).await.unwrap();
    assert!(apps::version(&store, "peek").await.unwrap().unwrap().1 > version);
    assert!(apps::by_id(&store, id).await.unwrap().unwrap().paused);
    assert!(apps::version(&store, "nobody").await.unwrap().is_none());
}

async fn two_agreements_at_once_become_one_with_the_scopes_of_both(place: Arc<Place>) {
    let store = with_people(&place).await;
    let mut both = JoinSet::new();
    for (seed, bits) in [(1, 0b01), (2, 0b10)] {
        let store = store.clone();
        both.spawn(async move {
            let wanted = grant(seed, bits);
            match agree(&store, &wanted).await {
                Err(StoreError::Conflict) => agree(&store, &wanted).await,
                other => other,
            }
        });
    }
    for agreed in both.join_all().await {
        agreed.unwrap();
    }
    let found = grants::in_force(&store, user("ada").id, app().id).await.unwrap().unwrap();
    assert_eq!(found.scopes, scopes(0b11), "neither consent is lost");
    assert_eq!(grants::of_user(&store, user("ada").id).await.unwrap().len(), 1);
    assert_eq!(apps::reach(&store, app().id).await.unwrap(), (1, Some(NOW)));
}

fn removed_by_hand() -> Happened {
    Happened {
        id: EventId::generate(NOW, &SeededRng::new(1)),
        event: AccountEvent::AppRemoved,
        about: "Playlist Peek".to_owned(),
        address: String::new(),
        user_agent: String::new(),
    }
}

async fn a_removed_agreement_is_history_and_its_standing_is_lost(place: Arc<Place>) {
    let store = with_people(&place).await;
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    assert!(grants::remove(&store, agreed.user, agreed.id, &removed_by_hand(), NOW, KEEP).await.unwrap());
    assert!(!grants::remove(&store, agreed.user, agreed.id, &removed_by_hand(), NOW, KEEP).await.unwrap(), "once");
    assert!(grants::in_force(&store, agreed.user, agreed.app).await.unwrap().is_none());
    let rows = grants::standing(&store, agreed.user, agreed.app, agreed.id).await.unwrap();
    let removed = rows.grant.unwrap();
    assert_eq!((removed.removed_at, removed.access_epoch, removed.login_epoch), (Some(NOW), 2, 2));
    let anew = agree(&store, &grant(2, 1)).await.unwrap();
    assert_ne!(anew.id, agreed.id, "agreeing again is a new agreement");
}

async fn standing_is_lost_with_the_user_and_the_app_too(place: Arc<Place>) {
    let store = with_people(&place).await;
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    let standing = || grants::standing(&store, agreed.user, agreed.app, agreed.id);
    assert_eq!(standing().await.unwrap().user_epoch, Some(1));
    users::revoke_all(&store, agreed.user, KEEP).await.unwrap();
    assert_eq!(standing().await.unwrap().user_epoch, Some(2));
    apps::set_paused(&store, agreed.app, true, KEEP).await.unwrap();
    assert_eq!(standing().await.unwrap().app_epoch, None);
    apps::set_paused(&store, agreed.app, false, KEEP).await.unwrap();
    assert_eq!(standing().await.unwrap().app_epoch, Some(2), "and what was made before the pause stays dead");
    let foreign = grants::standing(&store, agreed.user, AppId::from_bytes([9; 16]), agreed.id).await.unwrap();
    assert!(foreign.grant.is_none(), "another app has no part in it");
}

async fn of_many_redemptions_one_is_new(place: Arc<Place>) {
    let store = place.open().await;
    let mut tries = JoinSet::new();
    for seed in 0..25 {
        let store = store.clone();
        tries.spawn(async move { logins::insert(&store, &login(seed), None).await.unwrap() });
    }
    let outcomes = tries.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Inserted::New)).count(), 1);
    let stored = logins::find(&store, login(0).user, login(0).id).await.unwrap().unwrap();
    for outcome in outcomes {
        if let Inserted::Before(before) = outcome {
            assert_eq!(*before, stored);
        }
    }
}

async fn of_many_rotations_from_one_generation_one_moves(place: Arc<Place>) {
    let store = place.open().await;
    logins::insert(&store, &login(1), None).await.unwrap();
    let mut tries = JoinSet::new();
    for key in 0..16 {
        let store = store.clone();
        tries.spawn(async move { logins::rotate(&store, &login(1), key, NOW.plus_seconds(5)).await.unwrap() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|moved| *moved).count(), 1);
    let moved = logins::find(&store, login(1).user, login(1).id).await.unwrap().unwrap();
    assert_eq!((moved.generation, moved.rotated_at), (2, NOW.plus_seconds(5)));
    assert!(logins::rotate(&store, &moved, 1, NOW.plus_seconds(-3600)).await.unwrap());
    let later = logins::find(&store, moved.user, moved.id).await.unwrap().unwrap();
    assert_eq!(later.rotated_at, NOW.plus_seconds(5), "a clock that jumped back moves no time back");
}

async fn replays_are_counted_to_their_limit(place: Arc<Place>) {
    let store = place.open().await;
    logins::insert(&store, &login(1), None).await.unwrap();
    let mut tries = JoinSet::new();
    for _ in 0..10 {
        let store = store.clone();
        tries.spawn(async move { logins::count_replay(&store, &login(1), 3).await.unwrap() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|counted| *counted).count(), 3);
}

async fn an_ended_login_moves_no_more(place: Arc<Place>) {
    let store = place.open().await;
    logins::insert(&store, &login(1), None).await.unwrap();
    logins::end(&store, login(1).user, login(1).id, NOW, KEEP).await.unwrap();
    logins::end(&store, login(1).user, login(1).id, NOW.plus_seconds(9), KEEP).await.unwrap();
    assert!(!logins::rotate(&store, &login(1), 1, NOW).await.unwrap());
    assert!(!logins::count_replay(&store, &login(1), 3).await.unwrap());
    let ended = logins::find(&store, login(1).user, login(1).id).await.unwrap().unwrap();
    assert_eq!(ended.ended_at, Some(NOW), "ended once, and when it was");
    assert!(
        matches!(logins::insert(&store, &login(2), None).await.unwrap(), Inserted::Before(_)),
        "its place is not free"
    );
}

async fn the_front_of_the_table_is_forgotten_and_nothing_else(place: Arc<Place>) {
    let store = place.open().await;
    for second in 0..10 {
        let begun = NOW.plus_seconds(second);
        let id = LoginId::generate(begun, &SeededRng::new(1));
        logins::insert(&store, &Login { id, ..login(1) }, None).await.unwrap();
    }
    assert_eq!(logins::forget(&store, NOW.plus_seconds(5), 3).await.unwrap(), 3);
    assert_eq!(logins::forget(&store, NOW.plus_seconds(5), 100).await.unwrap(), 2);
    assert_eq!(logins::forget(&store, NOW.plus_seconds(5), 100).await.unwrap(), 0);
}

async fn a_request_is_answered_once(place: Arc<Place>) {
    let store = place.open().await;
    let request = PendingRequest {
        id: RequestId::generate(NOW, &SeededRng::new(1)),
        browser_mac: [3; 32],
        app: app().id,
        login: login(1).id,
        body: "{}".to_owned(),
        expires_at: KEEP,
        answered: None,
    };
    requests::add(&store, &request).await.unwrap();
    let answered = Answered { at: NOW, allowed: true, by: user("ada").id };
    let mut tries = JoinSet::new();
    for _ in 0..10 {
        let (store, id) = (store.clone(), request.id);
        tries.spawn(async move { requests::answer(&store, id, answered).await.unwrap() });
    }
    assert_eq!(tries.join_all().await.into_iter().filter(|first| *first).count(), 1);
    assert_eq!(requests::find(&store, request.id).await.unwrap().unwrap().answered, Some(answered));
    assert_eq!(requests::forget_expired(&store, NOW.plus_seconds(3_700)).await.unwrap(), 0);
    assert_eq!(requests::forget_expired(&store, NOW.plus_seconds(3_721)).await.unwrap(), 1);
}

pub fn session(seed: u64) -> Session {
    Session {
        id: SessionId::generate(NOW, &SeededRng::new(seed)),
        user: user("ada").id,
        secret_mac: [4; 32],
        user_epoch: 1,
        auth_time: NOW,
        amr: Amr::PASSWORD,
        last_seen_at: NOW,
        expires_at: KEEP,
        user_agent: "Browser".to_owned(),
        created_at: NOW,
        checked_at: NOW,
        second_factor_at: None,
        address: "192.0.2.1".to_owned(),
    }
}

async fn a_session_goes_on_under_a_new_secret_until_it_ends(place: Arc<Place>) {
    let store = place.open().await;
    let first = session(1);
    sessions::start(&store, &first).await.unwrap();
    sessions::touch(&store, first.user, first.id, NOW.plus_seconds(7)).await.unwrap();
    let found = sessions::find(&store, first.user, first.id).await.unwrap().unwrap();
    assert_eq!((found.last_seen_at, found.user_agent.as_str()), (NOW.plus_seconds(7), "Browser"));
    let again = Session {
        secret_mac: [5; 32],
        auth_time: NOW.plus_seconds(9),
        created_at: NOW.plus_seconds(9),
        address: "2001:db8::1".to_owned(),
        ..first.clone()
    };
    assert!(sessions::renew(&store, &again).await.unwrap());
    let found = sessions::find(&store, first.user, first.id).await.unwrap().unwrap();
    assert_eq!((found.secret_mac, found.auth_time), ([5; 32], NOW.plus_seconds(9)));
    assert_eq!((found.created_at, found.address.as_str()), (NOW, "2001:db8::1"), "it goes on, from another address");
    assert_eq!(sessions::of_user(&store, first.user).await.unwrap().len(), 1);
    let nobody = || unreachable!("no app wants to be told");
    assert_eq!(logout::end_session(&store, first.user, first.id, NOW, nobody).await.unwrap(), []);
    assert!(sessions::find(&store, first.user, first.id).await.unwrap().is_none());
    assert!(!sessions::renew(&store, &again).await.unwrap(), "what has ended does not come back");
}
