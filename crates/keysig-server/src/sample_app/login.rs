//! Logging in: away to the music service, and back.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use keysig_client::{Error, Scope, Scopes, scopes};

use super::SampleApp;
use super::notice::Notice;
use super::problem::Problem;
use super::sessions::SessionKey;

/// What the first login asks for.
fn first_scopes() -> Scopes {
    scopes![PlaylistReadPrivate]
}

/// The one permission more that can be asked for later.
pub(super) const ONE_MORE: Scope = Scope::UserLibraryRead;

/// `GET /login`. No harm in being sent here by someone else's link: the login belongs to this browser's cookie.
pub(super) async fn start(State(app): State<SampleApp>, headers: HeaderMap) -> Response {
    let sessions = &app.0.sessions;
    match sessions.find(&headers) {
        Some(key) => leave_for_login(&app, key, first_scopes()),
        None => {
            let (key, cookie) = sessions.start();
            with_cookie(leave_for_login(&app, key, first_scopes()), cookie)
        }
    }
}

/// `GET /more`: the same login with one permission more. A link and not a form, since `form-action 'self'` would stop a
/// form's redirect to another origin.
pub(super) async fn ask_for_more(State(app): State<SampleApp>, headers: HeaderMap) -> Response {
    match app.0.sessions.signed_in(&headers) {
        Some(signed_in) => {
            let held = signed_in.login.tokens().await.scopes;
            leave_for_login(&app, signed_in.key, held.union(&[ONE_MORE].into_iter().collect()))
        }
        None => Redirect::to("/login").into_response(),
    }
}

fn leave_for_login(app: &SampleApp, key: SessionKey, scopes: Scopes) -> Response {
    match app.0.client.login(scopes) {
        Ok((url, pending)) => {
            app.0.sessions.add_pending(key, pending);
            (StatusCode::FOUND, [(header::LOCATION, url.to_string())]).into_response()
        }
        Err(cause) => Problem::from_error(&cause).into_response(),
    }
}

/// `GET /callback`.
pub(super) async fn callback(State(app): State<SampleApp>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let callback = query.unwrap_or_default();
    let sessions = &app.0.sessions;
    let Some(key) = sessions.find(&headers) else { return Problem::NotThisBrowser.into_response() };
    // A state that this browser did not send: a forged callback would sign it in as somebody else (RFC 6749 §10.12).
    let Some(pending) = sessions.take_pending(key, &callback) else { return Problem::NotThisBrowser.into_response() };
    let wanted_more = pending.scopes().contains(&ONE_MORE);
    match app.0.client.finish(pending, &callback).await {
        Ok(login) => {
            let got_more = login.tokens().await.scopes.contains(&ONE_MORE);
            let notice = (wanted_more && got_more).then_some(Notice::MoreAllowed);
            with_cookie(Notice::redirect(notice), sessions.sign_in(key, login))
        }
        Err(Error::Denied) => {
            let kept = sessions.signed_in(&headers).is_some();
            Notice::redirect(Some(if kept { Notice::Kept } else { Notice::Denied }))
        }
        Err(cause) => Problem::from_error(&cause).into_response(),
    }
}

/// An answer that also sets `cookie`.
pub(super) fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().insert(header::SET_COOKIE, cookie);
    response
}
