//! Who comes in, and what a session is worth that did not show a second factor lately.

use keysig_core::user::{Product, Role, User};

use super::{at_work, sign_in};
use crate::actors::{PASSWORD, TestApp, user};
use crate::second_steps::{code, set_up};

#[tokio::test]
async fn whoever_signed_in_by_two_factors_is_in() {
    let app = TestApp::new().await;
    for (name, role) in [("vera", Role::Viewer), ("sam", Role::Support), ("olga", Role::Operator)] {
        at_work(&app, name, role).await.get("/admin").await.assert_status(200);
    }
}

#[tokio::test]
async fn whoever_has_no_second_factor_is_led_to_set_one_up() {
    let app = TestApp::new().await;
    app.add_person(&User { role: Role::Operator, ..user("olga", Product::Free) }).await;
    let page = app.signed_in("olga").await.get("/admin").await;
    assert!(page.assert_status(403).body.contains("href=\"/account/security\""), "{}", page.body);
}

#[tokio::test]
async fn whoever_signed_in_by_a_password_is_asked_for_the_second_factor_and_nothing_less() {
    let app = TestApp::new().await;
    app.add_person(&User { role: Role::Operator, ..user("olga", Product::Free) }).await;
    let mut olga = app.signed_in("olga").await;
    set_up(&app, "olga").await;
    let page = olga.get("/admin").await;
    assert!(page.body.contains("confirm_code") && !page.body.contains("confirm_password"), "{}", page.body);
    let csrf = page.field("csrf");
    let by_password = [("csrf", csrf.as_str()), ("next", "/admin"), ("confirm_password", PASSWORD)];
    let asked = olga.post("/account/confirm", &by_password).await;
    assert!(asked.body.contains("confirm_code"), "{}", asked.body);
    assert!(olga.get("/admin").await.body.contains("confirm_code"), "still outside");
    for (typed, status) in [("", 422), ("000000", 422), (&code(&app), 303)] {
        let fields = [("csrf", csrf.as_str()), ("next", "/admin"), ("confirm_code", typed)];
        olga.post("/account/confirm", &fields).await.assert_status(status);
    }
    assert!(!olga.get("/admin").await.assert_status(200).body.contains("confirm_code"));
}

#[tokio::test]
async fn a_password_does_not_add_a_passkey_to_an_account_of_the_operator_area() {
    let app = TestApp::new().await;
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    app.clock.advance(601);
    let page = olga.get("/account/email").await;
    assert!(page.body.contains("confirm_code") && !page.body.contains("confirm_password"), "{}", page.body);
    sign_in(&app, "olga").await.get("/account/email").await.assert_status(200);
}
