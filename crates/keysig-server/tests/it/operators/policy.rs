//! Policy: what is set holds at once, is recorded, and not what the configuration has.

use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::EventId;
use keysig_core::user::{Product, Role, User};
use keysig_server::actions::{ActionRefused, Actor, policy};
use keysig_server::settings::{Compat, Developers, SettingKey, SignUp};
use keysig_store::settings::{Change, change};

use super::{at_work, submit};
use crate::actors::{TestApp, user};

#[tokio::test]
async fn what_is_set_holds_at_once_after_a_restart_and_until_it_is_set_again() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    assert_eq!(app.browser().get("/signup").await.status, 200);
    let saved = submit(&mut olga, "/admin/policy", &[("signup", "off"), ("developers", "invited")]).await;
    assert_eq!(saved.assert_status(303).header("location"), "/admin/policy?done=saved");
    assert!(olga.get("/admin/policy?done=saved").await.body.contains("role=\"status\""));
    assert_eq!((app.server.live().sign_up, app.server.live().developers), (SignUp::Off, Developers::Invited));
    assert!(!app.browser().get("/login").await.body.contains("href=\"/signup"));
    let app = app.restart().await;
    assert_eq!(app.server.live().sign_up, SignUp::Off);
    assert_eq!(app.server.live().compat, Compat::Friendly, "what nobody set is as configured");
}

#[tokio::test]
async fn what_the_configuration_has_is_shown_and_not_changed() {
    let app = TestApp::new().await;
    policy::set(&app.server, &Actor::command_line(), &[(SettingKey::Compat, "strict".to_owned())]).await.unwrap();
    let fix = |settings: &mut keysig_server::settings::Settings| settings.fixed.push(SettingKey::Compat);
    let app = app.set_to(fix).await;
    assert_eq!(app.server.live().compat, Compat::Friendly, "the file goes over what was set before");
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let page = olga.get("/admin/policy").await;
    assert!(page.body.contains("Set in the configuration") && !page.body.contains("name=\"compat\""), "{}", page.body);
    submit(&mut olga, "/admin/policy", &[("compat", "strict")]).await.assert_status(303);
    assert_eq!(app.server.live().compat, Compat::Friendly);
    let refused = policy::set(&app.server, &Actor::command_line(), &[(SettingKey::Compat, "strict".to_owned())]).await;
    assert!(matches!(refused, Err(ActionRefused::Invalid { field: "compat", .. })), "{refused:?}");
}

#[tokio::test]
async fn a_wrong_value_changes_nothing_and_stays_in_the_form() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let page = submit(&mut olga, "/admin/policy", &[("signup", "off"), ("consent_days", "soon")]).await;
    let body = &page.assert_status(422).body;
    assert!(body.contains("<title>Error: ") && body.contains("value=\"soon\"") && body.contains("role=\"alert\""));
    assert_eq!(app.server.live().sign_up, SignUp::Open);
}

#[tokio::test]
async fn sign_up_is_not_opened_where_no_mail_goes_out() {
    let app = TestApp::new().await.set_to(|settings| {
        settings.test_mode = false;
        settings.defaults.sign_up = SignUp::Invite;
    });
    let app = app.await;
    let refused = policy::set(&app.server, &Actor::command_line(), &[(SettingKey::SignUp, "open".to_owned())]).await;
    assert!(matches!(refused, Err(ActionRefused::Invalid { field: "signup", .. })), "{refused:?}");
}

#[tokio::test]
async fn whoever_is_no_operator_looks_and_changes_nothing() {
    let app = TestApp::new().await;
    for (name, role) in [("vera", Role::Viewer), ("sam", Role::Support)] {
        let mut browser = at_work(&app, name, role).await;
        browser.get("/admin/policy").await.assert_status(200);
        submit(&mut browser, "/admin/policy", &[("signup", "off")]).await.assert_status(403);
        let actor = Actor { role, ..Actor::command_line() };
        let refused = policy::set(&app.server, &actor, &[(SettingKey::SignUp, "off".to_owned())]).await;
        assert!(matches!(refused, Err(ActionRefused::NotAllowed { .. })), "{refused:?}");
    }
    assert_eq!(app.server.live().sign_up, SignUp::Open);
}

#[tokio::test]
async fn what_another_node_set_is_taken_over_and_not_overwritten_unseen() {
    let app = TestApp::new().await;
    let record = AuditRecord {
        id: EventId::generate(app.server.now(), &*app.server.rng),
        actor: None,
        action: AuditAction::PolicyChanged,
        app: None,
        user: None,
        about: String::new(),
        address: String::new(),
        request_id: String::new(),
        by_key: String::new(),
    };
    // As another node does: this one is not told.
    let off = Change::Setting { key: "signup", value: Some("off".to_owned()) };
    let odd = Change::Setting { key: "of-another-version", value: Some("x".to_owned()) };
    change(&app.server.store, 0, &[off, odd], app.server.now(), &record).await.unwrap();
    assert_eq!(app.server.live().sign_up, SignUp::Open, "nothing was asked yet");
    let late =
        policy::set(&app.server, &Actor::command_line(), &[(SettingKey::Developers, "invited".to_owned())]).await;
    assert!(matches!(late, Err(ActionRefused::Conflict(_))), "{late:?}");
    assert_eq!((app.server.live().sign_up, app.server.live().developers), (SignUp::Off, Developers::Open));
    policy::set(&app.server, &Actor::command_line(), &[(SettingKey::Developers, "invited".to_owned())]).await.unwrap();
    assert_eq!((app.server.live().sign_up, app.server.live().developers), (SignUp::Off, Developers::Invited));
}

#[tokio::test]
async fn where_developers_need_a_second_step_none_works_without() {
    let app = TestApp::new().await;
    app.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    let mut grace = app.signed_in("grace").await;
    grace.get("/dashboard").await.assert_status(200);
    policy::set(&app.server, &Actor::command_line(), &[(SettingKey::SecondStep, "developers".to_owned())])
        .await
        .unwrap();
    let page = grace.get("/dashboard").await;
    assert!(page.assert_status(403).body.contains("href=\"/account/security\""), "{}", page.body);
    crate::second_steps::set_up(&app, "grace").await;
    grace.get("/dashboard").await.assert_status(200);
}

#[tokio::test]
async fn an_agreement_ends_when_policy_says_and_the_page_says_so() {
    let app = TestApp::new().await;
    policy::set(&app.server, &Actor::command_line(), &[(SettingKey::ConsentDays, "10".to_owned())]).await.unwrap();
    let client = app.client("web");
    let mut ada = app.signed_in("ada").await;
    let page = ada.open(&client.request().to_string()).await;
    assert!(page.body.contains("Access ends on") && !page.body.contains("Until I remove it"), "{}", page.body);
    assert!(!page.body.contains("value=\"30\"") && page.body.contains("value=\"1\""), "{}", page.body);
    ada.decide(&page, "allow").await.destination();
    app.clock.advance(9 * 86_400);
    ada.get(&client.request().to_string()).await.assert_status(302);
    app.clock.advance(86_400 + 1);
    let again = ada.open(&client.request().to_string()).await;
    assert!(again.assert_status(200).body.contains("use your account?"), "{}", again.body);
}
