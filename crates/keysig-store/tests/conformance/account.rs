//! What an account holder sees and ends: receipts, paused and reduced agreements, devices, reports, and the end of it all.

use std::collections::BTreeSet;
use std::sync::Arc;

use keysig_core::account_event::AccountEvent;
use keysig_core::id::{AppId, EventId, GrantId};
use keysig_core::password::PasswordHash;
use keysig_core::scope::ScopeId;
use keysig_core::testing::SeededRng;
use keysig_core::user::User;
use keysig_store::account_events::{self, Happened};
use keysig_store::usage::{self, Active};
use keysig_store::uses::{self, GrantUse};
use keysig_store::{
    Store, StoreError, app_endings, apps, erasure, export, grants, logins, logout, params, sessions, users, webhooks,
};
use tokio::task::JoinSet;

use crate::domain::{KEEP, agree, app, grant, login, scopes, session, user, with_people};
use crate::place::{NOW, Place};

on_both_engines!(
    counts_of_two_nodes_add_up,
    what_nobody_agreed_to_is_not_counted,
    an_app_exercised_what_was_used_lately_by_agreements_that_stand,
    a_paused_agreement_says_so_until_it_is_resumed,
    an_agreement_shrinks_by_what_is_turned_off,
    a_person_who_is_erased_leaves_a_name_and_nothing_else,
    every_table_of_people_is_erased_or_kept_on_purpose,
    every_table_of_apps_goes_with_them_or_is_kept_on_purpose,
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

async fn an_app_exercised_what_was_used_lately_by_agreements_that_stand(place: Arc<Place>) {
    let store = with_people(&place).await;
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    let counts = [
        count(agreed.id, None, 71, 1, 1),
        count(agreed.id, Some(2), 71, 1, 1),
        count(agreed.id, Some(0), 71, 1, 1),
        count(agreed.id, Some(0), 72, 1, 1),
        count(agreed.id, Some(1), 70, 1, 1),
    ];
    uses::add(&store, &counts).await.unwrap();
    let numbered = |numbers: &[u8]| -> Vec<ScopeId> {
        numbers.iter().map(|number| ScopeId::from_number(*number).unwrap()).collect()
    };
    let exercised = |since_day| uses::exercised_by_app(&store, agreed.app, since_day);
    assert_eq!(exercised(71).await.unwrap(), numbered(&[0, 2]), "each once, the day itself among them");
    assert_eq!(exercised(70).await.unwrap(), numbered(&[0, 1, 2]));
    assert_eq!(exercised(73).await.unwrap(), []);
    let another = AppId::generate(&SeededRng::new(99));
    assert_eq!(uses::exercised_by_app(&store, another, 0).await.unwrap(), [], "another app's uses are its own");
    let told = happened(AccountEvent::AppRemoved);
    grants::remove(&store, agreed.user, agreed.id, &told, NOW, NOW.plus_seconds(3600)).await.unwrap();
    assert_eq!(exercised(70).await.unwrap(), [], "what was removed is no use of it");
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

/// Every table with a column of people, as the migrations make them.
fn tables_of_people() -> BTreeSet<String> {
    tables_with("user_id")
}

fn tables_with(column: &str) -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    let mut tables = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let sql: Vec<&str> = text.lines().filter(|line| !line.starts_with("--")).collect();
        for statement in sql.join("\n").split(';') {
            let words: Vec<&str> = statement.split(|c: char| c.is_whitespace() || c == '(' || c == ',').collect();
            let table = words.windows(2).find(|pair| pair[0] == "TABLE").map(|pair| pair[1].to_owned());
            if let Some(table) = table.filter(|_| words.contains(&column) && !statement.contains("INDEX")) {
                tables.insert(table);
            }
        }
    }
    tables
}

async fn every_table_of_people_is_erased_or_kept_on_purpose(place: Arc<Place>) {
    let known: BTreeSet<String> = erasure::ERASED
        .iter()
        .map(|(table, _)| *table)
        .chain(erasure::KEPT)
        .chain(["logins"])
        .map(str::to_owned)
        .collect();
    assert_eq!(tables_of_people(), known, "a table of people is listed in erasure.rs");
    let store = with_people(&place).await;
    let nobody = || unreachable!("no app wants to be told");
    assert!(!erasure::erase(&store, user("nobody").id, NOW, KEEP, None, nobody).await.unwrap());
}

async fn every_table_of_apps_goes_with_them_or_is_kept_on_purpose(place: Arc<Place>) {
    let known = app_endings::DELETED.iter().map(|(table, _)| *table).chain(app_endings::KEPT).map(str::to_owned);
    assert_eq!(tables_with("app_id"), known.collect(), "a table of apps is listed in app_endings.rs");
    let store = with_people(&place).await;
    assert!(!app_endings::delete(&store, AppId::from_bytes([9; 16]), KEEP, &crate::webhooks::record(1)).await.unwrap());
}

async fn rows_of(store: &Store, table: &str) -> usize {
    // Leaked, since a statement is a literal; a test may.
    let sql: &'static str = Box::leak(format!("SELECT user_id FROM {table} WHERE user_id = $1").into_boxed_str());
    store.read_heavy(sql, params![user("ada").id]).await.unwrap().len()
}

async fn a_person_who_is_erased_leaves_a_name_and_nothing_else(place: Arc<Place>) {
    let store = with_people(&place).await;
    let ada = user("ada");
    let agreed = agree(&store, &grant(1, 1)).await.unwrap();
    uses::add(&store, &[count(agreed.id, Some(0), 70, 1, 1)]).await.unwrap();
    logins::insert(&store, &login(1), None).await.unwrap();
    sessions::start(&store, &session(1)).await.unwrap();
    logout::note_app(&store, ada.id, session(1).id, app().id).await.unwrap();
    account_events::add(&store, ada.id, &happened(AccountEvent::Exported)).await.unwrap();
    let mark = crate::webhooks::record(1);
    webhooks::set(&store, app().id, "https://peek.example/hook", &crate::webhooks::secret(1), NOW, &mark)
        .await
        .unwrap();
    let paused = happened(AccountEvent::AppPaused);
    assert!(grants::set_paused(&store, ada.id, agreed.id, true, &paused, KEEP).await.unwrap());
    let active = Active { user: ada.id, app: app().id, day: 70 };
    usage::add(&store, &[], &[active]).await.unwrap();
    let exported = export::of_user(&store, ada.id).await.unwrap();
    let filled = |name| exported.iter().find(|(section, _)| *section == name).unwrap().1.len();
    assert_eq!((filled("profile"), filled("apps"), filled("receipts"), filled("sessions")), (1, 1, 1, 1));
    assert_eq!((filled("told_to_apps"), filled("days_of_use"), filled("own_webhooks")), (1, 1, 1));
    for table in [
        "webhook_events",
        "app_active_users",
        "grants",
        "grant_uses",
        "logins",
        "sessions",
        "session_apps",
        "account_events",
        "user_emails",
    ] {
        assert!(rows_of(&store, table).await > 0, "{table}");
    }
    assert_eq!(erasure::owned_apps(&store, ada.id).await.unwrap(), 1);
    let id = || keysig_core::id::DeliveryId::generate(NOW, &SeededRng::new(5));
    assert!(erasure::erase(&store, ada.id, NOW, KEEP, None, id).await.unwrap());
    for (table, _) in erasure::ERASED {
        assert_eq!(rows_of(&store, table).await, 0, "{table}");
    }
    assert_eq!(rows_of(&store, "logins").await, 0);
    assert_eq!(rows_of(&store, "logout_deliveries").await, 1, "an app that wants to be told is told");
    assert!(users::by_id(&store, ada.id).await.unwrap().is_none());
    let orphan = apps::by_id(&store, app().id).await.unwrap().unwrap();
    assert_eq!((orphan.owner, orphan.paused, orphan.epoch), (None, true, 2));
    assert!(grants::standing(&store, ada.id, app().id, agreed.id).await.unwrap().grant.is_none());
    uses::add(&store, &[count(agreed.id, Some(0), 70, 1, 1)]).await.unwrap();
    assert_eq!(rows_of(&store, "grant_uses").await, 0, "a count that waited in memory brings nothing back");
    usage::add(&store, &[], &[active]).await.unwrap();
    assert_eq!(rows_of(&store, "app_active_users").await, 0, "nor does a day");
    let again = |public_id: &str| User { id: user("x").id, public_id: public_id.to_owned(), ..ada.clone() };
    let same_name = users::add(&store, &again("ada"), &PasswordHash::of_nobody(), NOW).await;
    assert_eq!(same_name, Err(StoreError::Conflict), "nobody is ever called as she was");
    users::add(&store, &again("ada2"), &PasswordHash::of_nobody(), NOW).await.unwrap();
    assert_eq!(
        grants::of_user(&store, user("x").id).await.unwrap(),
        [],
        "and whoever has her address gets nothing of hers"
    );
    assert!(!erasure::erase(&store, ada.id, NOW, KEEP, None, id).await.unwrap());
}
