//! `compat = strict`: an app in development may be logged in to by anybody, and the Web API refuses those who are not on
//! its list, as Spotify does (`docs/profiles.md`).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use keysig_guard::Bearer;
use keysig_store::apps;

use crate::server::Server;
use crate::settings::Compat;

const REFUSAL: &str = "{\n  \"error\": {\n    \"status\": 403,\n    \"message\": \"User not registered in the Developer \
                       Dashboard\"\n  }\n}";

/// Middleware behind the guard.
pub async fn refuse_strangers(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    if server.settings.compat == Compat::Strict {
        let bearer = request.extensions().get::<Bearer>().copied();
        if let Some((bearer, user)) = bearer.and_then(|bearer| Some((bearer, bearer.user().ok()?))) {
            let app = apps::by_id(&server.store, bearer.token().app).await;
            if !app.is_ok_and(|app| app.is_some_and(|app| app.is_open_to(user))) {
                let mut response = Response::new(Body::from(REFUSAL));
                *response.status_mut() = StatusCode::FORBIDDEN;
                let json = HeaderValue::from_static("application/json; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, json);
                return response;
            }
        }
    }
    next.run(request).await
}
