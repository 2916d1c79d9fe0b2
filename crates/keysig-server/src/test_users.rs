//! `compat = strict`: an app in development may be logged in to by anybody, and the Web API refuses those who are not on
//! its list, as Spotify does (`docs/profiles.md`).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use keysig_guard::Bearer;

use crate::api::ApiError;
use crate::server::Server;
use crate::settings::Compat;

/// Middleware behind the guard.
pub async fn refuse_strangers(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    if server.live().compat == Compat::Strict {
        let bearer = request.extensions().get::<Bearer>().copied();
        if let Some((bearer, user)) = bearer.and_then(|bearer| Some((bearer, bearer.user().ok()?))) {
            let app = match server.app_by_id(bearer.token().app).await {
                Ok(app) => app,
                Err(error) => return ApiError::from(error).into_response(),
            };
            if !app.is_some_and(|app| app.is_open_to(user)) {
                return ApiError::forbidden("User not registered in the Developer Dashboard").into_response();
            }
        }
    }
    next.run(request).await
}
