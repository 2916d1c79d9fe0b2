//! The admin API, through its door and against its document.

mod checks;
mod document;
mod keys;
mod operations;
mod schema;

use axum::body::Body;
use http::Request;
use keysig_core::secret::Secret;
use keysig_core::user::{Product, Role, User};
use keysig_server::actions::{Actor, api_keys};
use serde_json::Value;

use crate::actors::{Answer, TestApp, user, user_id};

pub const BASE: &str = "/admin/api/v1";

/// A key of this role, made by an operator called olga.
pub async fn key(app: &TestApp, role: Role) -> String {
    if keysig_store::users::by_id(&app.server.store, user_id("olga")).await.unwrap().is_none() {
        app.add_person(&User { role: Role::Operator, ..user("olga", Product::Free) }).await;
    }
    let olga = Actor { user: Some(user_id("olga")), ..Actor::command_line() };
    make(app, &olga, role).await.expose().to_owned()
}

pub async fn make(app: &TestApp, actor: &Actor, role: Role) -> Secret {
    api_keys::make(&app.server, actor, ("deploy", role.name(), 90)).await.unwrap().1
}

/// Calls it with a key.
pub async fn call(app: &TestApp, key: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("{BASE}{path}"));
    if !key.is_empty() {
        request = request.header("authorization", format!("Bearer {key}"));
    }
    let body = match body {
        Some(body) => {
            request = request.header("content-type", "application/json");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    app.send(request.body(body).unwrap()).await
}

/// The error object of an answer: its code, its message, its field.
pub fn refused(answer: &Answer, status: u16) -> (String, String, Option<String>) {
    answer.assert_status(status);
    let error = &answer.json()["error"];
    assert_eq!(error["status"], status);
    let text = |key: &str| error[key].as_str().map(str::to_owned);
    (text("code").unwrap(), text("message").unwrap(), text("field"))
}
