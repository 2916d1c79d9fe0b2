//! The forms of a signed-in person: renew, log out, disconnect.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use keysig_client::Error;
use url::form_urlencoded;

use super::SampleApp;
use super::login::with_cookie;
use super::notice::Notice;
use super::problem::Problem;
use super::sessions::SignedIn;

/// Why a form is not acted on.
pub(super) enum NotPosted {
    /// Nobody is signed in (any more).
    SignedOut,
    /// It does not come from a page of the person's own session.
    Forged,
}

impl IntoResponse for NotPosted {
    fn into_response(self) -> Response {
        match self {
            Self::SignedOut => Notice::redirect(None),
            Self::Forged => Problem::FormTooOld.into_response(),
        }
    }
}

/// Who posted this form, if it came from a page of their own session: another site can make a browser post, but cannot
/// know the token (cross-site request forgery).
fn poster(app: &SampleApp, headers: &HeaderMap, body: &[u8]) -> Result<SignedIn, NotPosted> {
    let signed_in = app.0.sessions.signed_in(headers).ok_or(NotPosted::SignedOut)?;
    let mut tokens = form_urlencoded::parse(body).filter(|(name, _)| name == "csrf").map(|(_, value)| value);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) if signed_in.csrf.matches(&token) => Ok(signed_in),
        _ => Err(NotPosted::Forged),
    }
}

/// `POST /renew`: what otherwise happens silently once an hour.
pub(super) async fn renew(
    State(app): State<SampleApp>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, NotPosted> {
    let signed_in = poster(&app, &headers, &body)?;
    Ok(match signed_in.login.renew().await {
        Ok(()) => Notice::redirect(Some(Notice::Renewed)),
        Err(Error::Disconnected { .. }) => removed_by_server(&app, &signed_in),
        Err(cause) => Problem::from_error(&cause).into_response(),
    })
}

/// `POST /logout`: this app forgets the tokens; the permission stays, so the next login asks nothing.
pub(super) async fn log_out(
    State(app): State<SampleApp>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, NotPosted> {
    let signed_in = poster(&app, &headers, &body)?;
    Ok(sign_out(&app, &signed_in, Notice::LoggedOut))
}

/// `POST /disconnect`: the server ends the tokens too (RFC 7009).
pub(super) async fn disconnect(
    State(app): State<SampleApp>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, NotPosted> {
    let signed_in = poster(&app, &headers, &body)?;
    Ok(match signed_in.login.disconnect().await {
        Ok(()) => sign_out(&app, &signed_in, Notice::Disconnected),
        // Not "done" before the server said so: the tokens would live on where nobody sees them.
        Err(cause) => Problem::from_error(&cause).into_response(),
    })
}

/// The server ended the login: sign out here, and say why.
pub(super) fn removed_by_server(app: &SampleApp, signed_in: &SignedIn) -> Response {
    sign_out(app, signed_in, Notice::RemovedByServer)
}

fn sign_out(app: &SampleApp, signed_in: &SignedIn, notice: Notice) -> Response {
    with_cookie(Notice::redirect(Some(notice)), app.0.sessions.remove(signed_in.key))
}
