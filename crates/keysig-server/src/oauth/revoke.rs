//! `POST /oauth2/revoke/v1` (RFC 7009).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use keysig_core::feed::FeedEntry;
use keysig_core::id::AppId;
use keysig_core::token_error::TokenRefused;
use keysig_store::{StoreError, logins};

use crate::inspector::Step;
use crate::oauth::token_request::{Refusal, TokenRequest};
use crate::server::Server;

/// 200 says that the token is dead, everywhere, durably; also where it never lived (RFC 7009 §2.2).
pub async fn revoke(State(server): State<Arc<Server>>, request: Request) -> Response {
    let request = match TokenRequest::read(&server, Step::Revoke, request).await {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let answer = async {
        let token = request.required("token")?;
        let app = request.authenticate(&server)?.app();
        let done = end(&server, app.id, token).await;
        match done.map_err(|error| Refusal::of_store(&error, app.policy()))? {
            Ended::Done => {
                let mut response = Response::new(Body::empty());
                response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                Ok(response)
            }
            Ended::AnotherClients => Err(request.refuse(TokenRefused::AnotherClientsToken)),
        }
    };
    let answer = answer.await;
    request.answer(&server, Step::Revoke, answer)
}

enum Ended {
    Done,
    /// RFC 7009 §2.1: a token of another client is refused, not revoked.
    AnotherClients,
}

/// Whatever `token_type_hint` says: a wrong hint must not hide a token (RFC 7009 §2.1), and our tokens say what they are.
async fn end(server: &Server, app: AppId, token: &str) -> Result<Ended, StoreError> {
    let (now, keep_until) = (server.now(), server.keep_until());
    if let Ok(opened) = server.refresh_tokens.open(token, now) {
        if opened.app != app {
            return Ok(Ended::AnotherClients);
        }
        let login = logins::find(&server.store, opened.user, opened.login).await?;
        if let Some(login) =
            login.filter(|login| login.ended_at.is_none() && server.refresh_tokens.was_made_by(&opened, login, now))
        {
            logins::end(&server.store, login.user, login.id, now, keep_until).await?;
        }
    } else if let Some(opened) = server.open_access_token(token) {
        if opened.app != app {
            return Ok(Ended::AnotherClients);
        }
        // Dead already: nothing to write, or a client that revokes for ever fills the feed.
        if server.store.revocations().check(&opened).is_err() {
            return Ok(Ended::Done);
        }
        logins::revoke_access(&server.store, FeedEntry::Token(opened.id()), keep_until).await?;
    }
    Ok(Ended::Done)
}
