//! Keys: what they open, for how long, and that nobody finds one.

use keysig_core::audit::AuditAction;
use keysig_core::user::{Product, Role, User};
use keysig_server::actions::{Actor, api_keys, users};
use keysig_store::audit::{Filter, page};

use super::{BASE, call, key, make, refused};
use crate::actors::{TestApp, user, user_id};
use crate::operators::at_work;

#[tokio::test]
async fn without_a_key_nothing_is_there_to_be_seen_and_no_cookie_is_one() {
    let app = TestApp::new().await;
    let none = call(&app, "", "GET", "/users", None).await;
    assert_eq!(refused(&none, 401).0, "unauthorized");
    assert_eq!(none.header("www-authenticate"), "Bearer realm=\"keysig admin\"");
    assert!(none.header("x-request-id").starts_with("req_"));
    assert_eq!((none.header("cache-control"), none.header("x-content-type-options")), ("no-store", "nosniff"));
    let mut olga = at_work(&app, "olga", Role::Operator).await;
    let by_cookie = olga.get(&format!("{BASE}/users")).await;
    by_cookie.assert_status(401);
    let wrong = call(&app, "ks_x", "GET", "/users", None).await;
    assert_eq!(refused(&wrong, 401).0, "unauthorized");
    assert_eq!(wrong.header("www-authenticate"), "Bearer realm=\"keysig admin\", error=\"invalid_token\"");
    let tokens = app.client("web").log_in("ada").await;
    call(&app, &tokens.access, "GET", "/users", None).await.assert_status(401);
}

#[tokio::test]
async fn no_page_of_another_origin_reads_an_answer() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Viewer).await;
    for method in ["GET", "OPTIONS"] {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{BASE}/users"))
            .header("origin", "https://app.example")
            .header("access-control-request-method", "GET")
            .header("authorization", format!("Bearer {key}"));
        let answer = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control-")), "{method}");
    }
}

#[tokio::test]
async fn a_key_opens_as_long_as_it_lives_and_whoever_made_it_may() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Operator).await;
    let status = |path: &'static str| {
        let (app, key) = (app.clone(), key.clone());
        async move { call(&app, &key, "POST", path, None).await.status.as_u16() }
    };
    assert_eq!(status("/users/ada/lock").await, 200);
    app.add_person(&User { role: Role::Operator, ..user("otto", Product::Free) }).await;
    let (shell, olga) = (Actor::command_line(), user_id("olga").to_string());
    users::set_role(&app.server, &shell, &olga, "support").await.unwrap();
    assert_eq!(status("/users/ada/unlock").await, 200, "support may");
    assert_eq!(status("/apps/web/trust").await, 403, "what its maker may not, it may not");
    users::set_role(&app.server, &shell, &olga, "user").await.unwrap();
    assert_eq!(status("/users/ada/lock").await, 401);
    users::set_role(&app.server, &shell, &olga, "operator").await.unwrap();
    users::lock(&app.server, &shell, &olga).await.unwrap();
    assert_eq!(status("/users/ada/lock").await, 401);
    users::unlock(&app.server, &shell, &olga).await.unwrap();
    assert_eq!(status("/users/ada/lock").await, 200);
    app.clock.advance(90 * 86_400);
    assert_eq!(status("/users/ada/unlock").await, 401, "it is over");
    let fresh = super::key(&app, Role::Viewer).await;
    call(&app, &fresh, "GET", "/users", None).await.assert_status(200);
    users::delete(&app.server, &shell, &olga, "olga@example.test").await.unwrap();
    call(&app, &fresh, "GET", "/users", None).await.assert_status(401);
}

#[tokio::test]
async fn a_key_that_was_ended_opens_nothing_from_that_moment() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Viewer).await;
    call(&app, &key, "GET", "/users", None).await.assert_status(200);
    let all = api_keys::all(&app.server, &Actor::command_line()).await.unwrap();
    assert_eq!(all[0].key.last_used_at, Some(app.server.now()));
    assert!(key.ends_with(&all[0].key.last_four) && key.starts_with("ks_"));
    api_keys::end(&app.server, &Actor::command_line(), &all[0].key.id.to_string()).await.unwrap();
    call(&app, &key, "GET", "/users", None).await.assert_status(401);
}

#[tokio::test]
async fn who_keeps_guessing_is_told_to_wait_and_a_right_key_is_not() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Viewer).await;
    let mut answers = Vec::new();
    for guess in 0..25 {
        answers.push(call(&app, &format!("ks_{guess}"), "GET", "/users", None).await);
    }
    assert_eq!(answers[0].status.as_u16(), 401);
    assert_eq!(refused(&answers[24], 429).0, "too_many_tries");
    assert!(answers[24].header("retry-after").parse::<u32>().unwrap() > 0);
    call(&app, &key, "GET", "/users", None).await.assert_status(200);
}

#[tokio::test]
async fn the_audit_says_who_did_it_and_with_which_key() {
    let app = TestApp::new().await;
    let key = key(&app, Role::Support).await;
    app.clock.advance(1);
    let done = call(&app, &key, "POST", "/users/ada/lock", None).await;
    let entries = page(&app.server.store, &Filter::default(), None, 10).await.unwrap();
    let record = &entries[0].record;
    assert_eq!(
        (record.action, record.actor, record.user),
        (AuditAction::UserLocked, Some(user_id("olga")), Some(user_id("ada")))
    );
    assert_eq!(record.by_key, format!("deploy …{}", &key[key.len() - 4..]));
    assert_eq!(record.request_id, done.header("x-request-id"));
    assert_eq!(entries[1].record.action, AuditAction::ApiKeyMade);
    assert!(!entries[1].record.about.contains(&key[..20]));
    crate::second_steps::set_up(&app, "olga").await;
    let mut olga = crate::operators::sign_in(&app, "olga").await;
    assert!(olga.get("/admin/audit").await.assert_status(200).body.contains(&record.by_key));
    assert_eq!(keysig_store::audit::first_break(&app.server.store).await, Ok(None));
}

#[tokio::test]
async fn nothing_of_a_key_is_in_the_store() {
    let app = TestApp::new().await;
    let made = make(&app, &Actor::command_line(), Role::Operator).await;
    let key = made.expose();
    call(&app, key, "GET", "/users", None).await.assert_status(200);
    let dump = app.place().dump();
    let found = |text: &str| dump.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(found("deploy") && !found(key) && !found(&key[3..]));
}
