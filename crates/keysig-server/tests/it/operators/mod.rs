//! The operator area, through its doors.

mod api_keys;
mod apps;
mod audit;
mod brand;
mod gate;
mod keys;
mod limits;
pub mod measured;
mod policy;
mod reviews;
mod scopes;
mod users;

use keysig_core::user::{Product, Role, User};
use keysig_server::actions::{self, Actor};

use crate::actors::{Answer, Browser, TestApp, user, user_id};
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

/// Posts `fields` to `path`, with the ticket of the page there.
pub async fn submit(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    let csrf = browser.get(path).await.field("csrf");
    let fields: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
    browser.post(path, &fields).await
}

/// Locks an account as the command line would.
pub async fn lock(app: &TestApp, name: &str) {
    actions::users::lock(&app.server, &Actor::command_line(), &user_id(name).to_string()).await.unwrap();
}
