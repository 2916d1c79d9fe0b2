//! The operator area, through its doors.

mod gate;

use keysig_core::user::{Product, Role, User};

use crate::actors::{Browser, TestApp, user};
use crate::second_steps;

/// Somebody of this role with a second step, signed in by both.
pub async fn at_work(app: &TestApp, name: &str, role: Role) -> Browser {
    app.add_person(&User { role, ..user(name, Product::Free) }).await;
    second_steps::set_up(app, name).await;
    sign_in(app, name).await
}

/// Signs somebody in by both steps.
pub async fn sign_in(app: &TestApp, name: &str) -> Browser {
    // No code is taken twice.
    app.clock.advance(30);
    let mut browser = app.browser();
    let page = browser.first_step(name).await;
    browser.second_step(&page, &[("code", &second_steps::code(app))]).await;
    browser
}
