//! Answering an authorization request (RFC 6749 §4.1.2): a code or an error, by redirect or by a page that leaves.

use axum::response::Response;
use keysig_core::access_token::Audience;
use keysig_core::app::App;
use keysig_core::authorize::{Answer, AuthorizationRequest, RedirectReason, redirect};
use keysig_core::consent::{Question, Shown, question};
use keysig_core::grant::authorization_code::{AuthorizationCode, ResponseType};
use keysig_core::grant::{Grant, TokenBinding};
use keysig_core::id::{GrantId, LoginId};
use keysig_core::redirect_uri::RegisteredRedirectUri;
use keysig_core::rng::random;
use keysig_core::seal::sha256;
use keysig_core::time::Timestamp;
use keysig_core::user::User;
use keysig_store::{StoreError, grants};

use crate::browser::SignedIn;
use crate::pages::{ErrorPage, LeavingPage};
use crate::server::Server;
use crate::settings::Compat;
use crate::visit::Visit;

/// How an answer leaves: a 302 as the first hop's answer to GET, a page that leaves after any POST (Chromium applies
/// `form-action` to the whole redirect chain of a form).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// 302.
    Redirect,
    /// 200, "Returning to …".
    Page,
}

/// What to show this person for this request, given what they agreed to before.
pub async fn what_to_ask(
    server: &Server,
    app: &App,
    request: &AuthorizationRequest,
    signed_in: &SignedIn,
) -> Result<(Question, Option<Grant>), StoreError> {
    let grant = grants::in_force(&server.store, signed_in.user.id, app.id).await?;
    let confirms = server.settings.compat == Compat::Friendly;
    Ok((question(app, request, grant.as_ref(), confirms), grant))
}

/// Whether this person may log in to the app. `compat = strict` lets everybody in, and the Web API answers 403.
pub fn may_log_in(server: &Server, app: &App, user: &User) -> bool {
    server.settings.compat == Compat::Strict || app.is_open_to(user.id)
}

/// Writes that the person agreed. Two pages at once are no error: the second adds to the first.
pub async fn agree(
    server: &Server,
    app: &App,
    request: &AuthorizationRequest,
    signed_in: &SignedIn,
) -> Result<Grant, StoreError> {
    let now = server.now();
    let before = grants::in_force(&server.store, signed_in.user.id, app.id).await?;
    let seen = Shown::now(app, &request.redirect_uri);
    let shown = match &before {
        Some(grant) => Shown::parse(&grant.shown).and(seen),
        None => seen,
    };
    let wanted = Grant {
        id: GrantId::generate(now, &*server.rng),
        user: signed_in.user.id,
        app: app.id,
        scopes: request.scopes,
        salt: random(&*server.rng),
        access_epoch: 1,
        login_epoch: 1,
        paused: false,
        removed_at: None,
        shown: shown.print(),
        created_at: now,
        last_used_at: now,
    };
    match grants::agree(&server.store, &wanted).await {
        Err(StoreError::Conflict) => grants::agree(&server.store, &wanted).await,
        other => other,
    }
}

/// The code for an agreement. Issuing it writes nothing; with the same `issued_at` it is the same code.
pub fn code(
    server: &Server,
    app: &App,
    request: &AuthorizationRequest,
    signed_in: &SignedIn,
    grant: &Grant,
    (login, issued_at): (LoginId, Timestamp),
) -> String {
    let code = AuthorizationCode {
        login,
        app: app.id,
        user: signed_in.user.id,
        grant: grant.id,
        redirect_uri_hash: sha256(request.redirect_uri.as_str().as_bytes()),
        redirect_uri_sent: true,
        challenge: request.challenge,
        nonce: request.nonce.clone(),
        scopes: request.scopes,
        auth_time: signed_in.session.auth_time,
        amr: signed_in.session.amr,
        session: signed_in.session.id,
        audience: Audience::OwnApi,
        binding: TokenBinding::Bearer,
        response_type: ResponseType::Code,
        user_epoch: signed_in.user.epoch,
        app_epoch: app.epoch,
        grant_login_epoch: grant.login_epoch,
        incarnation: server.codes.incarnation(),
        issued_at,
        lifetime_seconds: app.policy().code_lifetime_seconds,
    };
    let code = server.codes.seal(&code, &grant.salt);
    let issuer = app.policy().sends_iss.then_some(server.settings.public_url.as_str());
    redirect(&request.redirect_uri, &Answer::Code(&code), request.state.as_deref(), issuer)
}

/// The address that carries a refusal to the app.
pub fn refusal(
    server: &Server,
    app: &App,
    to: &RegisteredRedirectUri,
    state: Option<&str>,
    reason: &RedirectReason,
) -> String {
    let policy = app.policy();
    let issuer = policy.sends_iss.then_some(server.settings.public_url.as_str());
    redirect(to, &Answer::Error { reason, described: policy.describes_errors_to_apps }, state, issuer)
}

/// Sends the browser to the app.
pub fn leave(visit: Visit, app: &App, address: String, by: By) -> Response {
    if visit.wants_json() {
        return visit.json(200, &serde_json::json!({ "redirect_to": address }));
    }
    if by == By::Redirect {
        return visit.found(&address);
    }
    match LeavingPage::new(visit.chrome(None, None), app.name.clone(), address) {
        Some(page) => visit.page(200, &page),
        None => {
            let page = ErrorPage::internal(visit.chrome(None, None));
            visit.error(&page)
        }
    }
}
