//! What is done to accounts: by whom, with what effect, and that it is recorded.

use keysig_core::audit::AuditAction;
use keysig_core::user::{Product, Role, User};
use keysig_store::audit::{Filter, page};
use keysig_store::{grants, sessions, users};

use super::{at_work, sign_in};
use crate::actors::{Answer, Browser, TestApp, user, user_id};

const DEEDS: [(&str, Role, AuditAction); 6] = [
    ("lock", Role::Support, AuditAction::UserLocked),
    ("unlock", Role::Support, AuditAction::UserUnlocked),
    ("revoke", Role::Support, AuditAction::UserRevoked),
    ("reset-password", Role::Operator, AuditAction::PasswordResetForced),
    ("role", Role::Operator, AuditAction::RoleChanged),
    ("delete", Role::Operator, AuditAction::UserDeleted),
];

fn path(name: &str, deed: &str) -> String {
    format!("/admin/users/{}/{deed}", user_id(name))
}

/// Does it as its page would.
async fn act(browser: &mut Browser, name: &str, deed: &str) -> Answer {
    let csrf = browser.get(&path(name, deed)).await.field("csrf");
    let typed = format!("{name}@example.test");
    browser.post(&path(name, deed), &[("csrf", &csrf), ("typed", &typed), ("role", "developer")]).await
}

/// What was recorded, the latest first.
async fn recorded(app: &TestApp) -> Vec<AuditAction> {
    let entries = page(&app.server.store, &Filter::default(), None, 100).await.unwrap();
    entries.iter().map(|entry| entry.record.action).collect()
}

#[tokio::test]
async fn each_role_does_what_it_may_and_no_more() {
    let app = TestApp::new().await;
    for (name, role) in [("vera", Role::Viewer), ("sam", Role::Support), ("olga", Role::Operator)] {
        let mut browser = at_work(&app, name, role).await;
        for (deed, needed, action) in DEEDS {
            let whom = format!("u-{name}-{deed}");
            let locked = deed == "unlock";
            app.add_person(&User { disabled: locked, ..user(&whom, Product::Free) }).await;
            if locked {
                super::lock(&app, &whom).await;
            }
            // Records of one millisecond have no order.
            app.clock.advance(1);
            let before = recorded(&app).await.len();
            let answer = act(&mut browser, &whom, deed).await;
            let after = recorded(&app).await;
            if role >= needed {
                assert_eq!(answer.status.as_u16(), 303, "{name} {deed}: {}", answer.body);
                assert_eq!((after.len(), after[0]), (before + 1, action), "{name} {deed} is recorded once");
            } else {
                assert_eq!(answer.status.as_u16(), 403, "{name} {deed}: {}", answer.body);
                assert_eq!(after.len(), before, "{name} {deed}");
            }
        }
    }
    assert_eq!(keysig_store::audit::first_break(&app.server.store).await, Ok(None));
}

#[tokio::test]
async fn a_second_factor_of_a_while_ago_does_nothing_until_it_is_shown_again() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let csrf = olga.get(&path("ada", "lock")).await.field("csrf");
    app.clock.advance(601);
    olga.get("/admin").await.assert_status(200);
    let asked = olga.post(&path("ada", "lock"), &[("csrf", &csrf)]).await;
    assert!(asked.body.contains("confirm_code") && !asked.body.contains("confirm_password"), "{}", asked.body);
    let ada = || async { users::by_id(&app.server.store, user_id("ada")).await.unwrap().unwrap().disabled };
    assert!(!ada().await);
    let by_password = [("csrf", csrf.as_str()), ("confirm_password", crate::actors::PASSWORD)];
    olga.post(&path("ada", "lock"), &by_password).await;
    assert!(!ada().await, "a password is not enough");
    let code = crate::second_steps::code(&app);
    olga.post(&path("ada", "lock"), &[("csrf", &csrf), ("confirm_code", &code)]).await.assert_status(303);
    assert!(ada().await);
}

#[tokio::test]
async fn everything_of_a_locked_account_is_dead_at_once_and_nobody_signs_in() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let tokens = app.client("web").log_in("ada").await;
    let mut ada = app.signed_in("ada").await;
    app.api("/v1/me", &tokens.access).await.assert_status(200);
    act(&mut olga, "ada", "lock").await.assert_status(303);
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    app.client("web").refresh(&tokens.refresh).await.assert_status(400);
    assert_eq!(ada.get("/account").await.header("location"), "/login");
    assert!(sessions::of_user(&app.server.store, user_id("ada")).await.unwrap().is_empty());
    let page = app.browser().first_step("ada").await;
    assert!(page.body.contains("closed"), "{}", page.body);
    act(&mut olga, "ada", "unlock").await.assert_status(303);
    app.signed_in("ada").await.get("/account").await.assert_status(200);
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    assert!(act(&mut olga, "ada", "unlock").await.status.as_u16() == 409, "it is open already");
}

#[tokio::test]
async fn after_everything_was_ended_apps_ask_anew() {
    let app = TestApp::new().await;
    let mut sam = at_work(&app, "sam", Role::Support).await;
    let tokens = app.client("web").log_in("ada").await;
    act(&mut sam, "ada", "revoke").await.assert_status(303);
    app.api("/v1/me", &tokens.access).await.assert_status(401);
    app.client("web").refresh(&tokens.refresh).await.assert_status(400);
    assert!(grants::of_user(&app.server.store, user_id("ada")).await.unwrap().is_empty());
    assert!(app.signed_in("ada").await.jar.contains_key("sid"), "the account itself is open");
}

#[tokio::test]
async fn a_password_that_was_taken_away_signs_in_no_more() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let mut ada = app.signed_in("ada").await;
    act(&mut olga, "ada", "reset-password").await.assert_status(303);
    assert_eq!(ada.get("/account").await.header("location"), "/login");
    let mut again = app.browser();
    again.first_step("ada").await.assert_status(422);
    assert!(!again.jar.contains_key("sid"));
}

#[tokio::test]
async fn an_account_is_deleted_by_typing_its_address() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let csrf = olga.get(&path("ada", "delete")).await.field("csrf");
    let wrong = olga.post(&path("ada", "delete"), &[("csrf", &csrf), ("typed", "bob@example.test")]).await;
    assert!(wrong.assert_status(422).body.contains("role=\"alert\"") && wrong.body.contains("bob@example.test"));
    assert!(users::by_id(&app.server.store, user_id("ada")).await.unwrap().is_some());
    act(&mut olga, "ada", "delete").await.assert_status(303);
    assert!(users::by_id(&app.server.store, user_id("ada")).await.unwrap().is_none());
}

#[tokio::test]
async fn the_last_operator_stays_one() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    for deed in ["role", "lock", "delete"] {
        act(&mut olga, "olga", deed).await.assert_status(409);
    }
    at_work(&app, "otto", Role::Operator).await;
    let mut olga = sign_in(&app, "olga").await;
    act(&mut olga, "olga", "role").await.assert_status(303);
    olga.get("/admin").await.assert_status(404);
}

#[tokio::test]
async fn support_does_nothing_to_operators() {
    let app = TestApp::new().await;
    for name in ["olga", "otto"] {
        app.add_person(&User { role: Role::Operator, ..user(name, Product::Free) }).await;
    }
    let mut sam = at_work(&app, "sam", Role::Support).await;
    for deed in ["lock", "revoke"] {
        act(&mut sam, "olga", deed).await.assert_status(403);
    }
    assert_eq!(recorded(&app).await, []);
}

#[tokio::test]
async fn somebody_is_found_by_address_by_id_and_by_request() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    act(&mut olga, "ada", "lock").await;
    let entries = page(&app.server.store, &Filter::default(), None, 1).await.unwrap();
    let request = entries[0].record.request_id.clone();
    assert!(!request.is_empty());
    for sought in ["ada@", "ADA@example", "ada", &user_id("ada").to_string(), &request] {
        let page = olga.get(&format!("/admin/users?q={}", keysig_core::parameters::percent_encode(sought))).await;
        assert!(page.assert_status(200).body.contains("ada@example.test"), "{sought}: {}", page.body);
        assert!(!page.body.contains("bob@example.test"), "{sought}: {}", page.body);
    }
    for index in 0..60 {
        app.add_person(&user(&format!("many{index:02}"), Product::Free)).await;
    }
    let first = olga.get("/admin/users?q=many").await;
    assert!(first.body.contains("many49@") && !first.body.contains("many50@"));
    let second = olga.get("/admin/users?q=many&after=many49%40example.test").await;
    assert!(second.body.contains("many50@") && !second.body.contains("many49@example.test</bdi>"));
}

#[tokio::test]
async fn an_invitation_is_sent_and_recorded() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let csrf = olga.get("/admin/invite").await.field("csrf");
    for (typed, status) in [("", 422), ("ada@example.test", 422), ("new@example.test", 303)] {
        olga.post("/admin/invite", &[("csrf", &csrf), ("email", typed)]).await.assert_status(status);
    }
    assert_eq!(recorded(&app).await, [AuditAction::UserInvited]);
    let mails = keysig_server::mail::inbox(&app.server).await.unwrap();
    assert!(mails.iter().any(|mail| mail.to == "new@example.test"));
}
