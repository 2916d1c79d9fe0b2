//! `/oidc/logout/v1` (OpenID Connect RP-Initiated Logout): an app asks to sign somebody out, and to get the browser back.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::authorize::{MAX_STATE_BYTES, post_logout};
use keysig_core::openid::id_token::{Hint, read_hint};
use keysig_core::openid::logout::frontchannel_address;
use keysig_core::openid::subject::{session_name, subject};
use keysig_core::parameters::Parameters;
use keysig_store::StoreError;
use keysig_store::logout::ToldInBrowser;

use crate::browser::{SignedIn, Ticket, end_session};
use crate::oauth::authorize::{known, malformed_request};
use crate::pages::{Account, ErrorPage, Onward, PausedBy, SignOutConfirmPage, SignedOutPage};
use crate::people::{consent, words};
use crate::routes::MAX_URI_BYTES;
use crate::server::Server;
use crate::visit::{Form, Visit};

/// Where a POST leads: one from another site brings no cookie of ours (SameSite=Lax), and a GET does.
const ENDPOINT: &str = "/oidc/logout/v1";

/// The app that asks, and where the browser goes afterwards, if it said so.
pub struct AskedBy {
    app: App,
    onward: Option<String>,
    /// To be posted back by the form that asks the person.
    fields: Vec<(&'static str, String)>,
}

/// Why the wish of an app is refused: on a page, since the address it names is not proven.
enum Refused {
    NoClient,
    UnknownClient(String),
    Address(Box<App>, String),
    Paused(Box<App>),
    State,
    Store(StoreError),
}

/// `POST /oidc/logout/v1`.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let query = form.to_query();
    if query.len() < MAX_URI_BYTES - ENDPOINT.len() {
        return visit.see_other(&format!("{ENDPOINT}?{query}"));
    }
    let page = ErrorPage::oversized(visit.chrome(None, None), None, 413, "the request", MAX_URI_BYTES);
    visit.error(&page)
}

/// `GET /oidc/logout/v1`. With an ID token of this very session as a hint the app has shown whom it means, and the person
/// is signed out; otherwise the person is asked (§2, §6).
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let parameters = match Parameters::parse(query.unwrap_or_default().as_bytes()) {
        Ok(parameters) => parameters,
        Err(malformed) => return malformed_request(visit, malformed),
    };
    if let Some(name) = parameters.duplicate() {
        let page = ErrorPage::duplicate_parameter(visit.chrome(None, None), None, name);
        return visit.error(&page);
    }
    let server = visit.server.clone();
    let client_id = parameters.get("client_id");
    let hint = parameters.get("id_token_hint").and_then(|hint| {
        server.signing.with(|keys| read_hint(keys, &server.settings.public_url, client_id, hint)).ok()
    });
    let named = hint.as_ref().map(|hint| hint.aud.as_str()).or(client_id);
    let asked_by = match asked_by(&server, named, &parameters).await {
        Ok(asked_by) => asked_by,
        Err(refused) => return refuse(visit, refused),
    };
    let chosen = async {
        let mut meant = None;
        // Of several accounts in this browser the hint may mean one that waits.
        for signed_in in visit.browser.accounts(&server).await? {
            if meant.is_none() && means(&server, hint.as_ref(), &signed_in).await? {
                meant = Some(signed_in);
            }
        }
        Ok((meant, visit.browser.signed_in(&server).await?))
    };
    match chosen.await {
        Ok((Some(meant), _)) => sign_out(visit, vec![meant], asked_by, true).await,
        Ok((None, Some(signed_in))) => ask(visit, &signed_in, asked_by).await,
        Ok((None, None)) => leave(visit, None, Vec::new(), asked_by, true),
        Err(error) => visit.store_error(&error),
    }
}

/// Whether the hint means this session: by its name, or, where it has none, by the person's.
async fn means(server: &Server, hint: Option<&Hint>, signed_in: &SignedIn) -> Result<bool, StoreError> {
    let Some(hint) = hint else { return Ok(false) };
    let Some(app) = server.app(&hint.aud).await? else { return Ok(false) };
    let (user, session) = (&signed_in.user, &signed_in.session);
    Ok(match &hint.sid {
        Some(sid) => *sid == session_name(app.openid.sector.as_deref(), user.id, session.id),
        None => hint.sub == subject(&app, user),
    })
}

/// The app that a request names, and the way back, if it names one: an address that the app registered (§3).
async fn asked_by(
    server: &Server,
    client_id: Option<&str>,
    parameters: &Parameters,
) -> Result<Option<AskedBy>, Refused> {
    let requested = parameters.get("post_logout_redirect_uri");
    let Some(client_id) = client_id else {
        return if requested.is_some() { Err(Refused::NoClient) } else { Ok(None) };
    };
    let app = server.app(client_id).await.map_err(Refused::Store)?;
    let app = App::clone(&*app.ok_or_else(|| Refused::UnknownClient(client_id.to_owned()))?);
    let mut fields = vec![("client_id", app.client_id.clone())];
    let Some(requested) = requested else { return Ok(Some(AskedBy { app, onward: None, fields })) };
    // Whoever switched it off wants nobody to be led there, by us least of all.
    if app.paused {
        return Err(Refused::Paused(Box::new(app)));
    }
    let Ok(uri) = app.resolve_post_logout(requested) else {
        return Err(Refused::Address(Box::new(app), requested.to_owned()));
    };
    let state = parameters.get("state").map(str::to_owned);
    if state.as_ref().is_some_and(|state| state.len() > MAX_STATE_BYTES) {
        return Err(Refused::State);
    }
    let onward = Some(post_logout(&uri, state.as_deref()));
    fields.push(("post_logout_redirect_uri", uri.as_str().to_owned()));
    fields.extend(state.map(|state| ("state", state)));
    Ok(Some(AskedBy { app, onward, fields }))
}

/// What the form of the question posted: proven anew, because a form is only what a browser sent.
pub async fn asked_by_form(visit: Visit, form: &Parameters) -> Result<(Visit, Option<AskedBy>), Response> {
    match asked_by(&visit.server, form.get("client_id"), form).await {
        Ok(asked_by) => Ok((visit, asked_by)),
        Err(refused) => Err(refuse(visit, refused)),
    }
}

fn refuse(visit: Visit, refused: Refused) -> Response {
    let chrome = visit.chrome(None, None);
    let page = match refused {
        Refused::NoClient => ErrorPage::missing_parameter(chrome, None, "client_id"),
        Refused::UnknownClient(client_id) => ErrorPage::unknown_client(chrome, &client_id),
        Refused::Address(app, sent) => ErrorPage::post_logout_mismatch(chrome, known(&app), &sent),
        Refused::Paused(app) => ErrorPage::app_unavailable(chrome, known(&app), PausedBy::of(&app)),
        Refused::State => ErrorPage::oversized(chrome, None, 400, "state", MAX_STATE_BYTES),
        Refused::Store(error) => return visit.store_error(&error),
    };
    visit.error(&page)
}

/// Asks whoever is signed in.
pub async fn ask(mut visit: Visit, signed_in: &SignedIn, asked_by: Option<AskedBy>) -> Response {
    let accounts = match visit.browser.accounts(&visit.server).await {
        Ok(accounts) => accounts.len(),
        Err(error) => return visit.store_error(&error),
    };
    let (asked_by, hidden) = match asked_by {
        Some(asked_by) => (Some(asked_by.app.name), asked_by.fields),
        None => (None, Vec::new()),
    };
    let page = SignOutConfirmPage {
        csrf: visit.csrf(Some(signed_in), Ticket::Account),
        chrome: visit.chrome(Some(signed_in), None),
        account: words::account(&signed_in.user),
        has_others: accounts > 1,
        asked_by,
        hidden,
    };
    visit.page(200, &page)
}

/// Ends these sessions of this browser; they are over, durably, when this answers. `by_get` is whether a redirect may answer (Chromium applies
/// `form-action` to the whole redirect chain of a form).
pub async fn sign_out(mut visit: Visit, accounts: Vec<SignedIn>, asked_by: Option<AskedBy>, by_get: bool) -> Response {
    let mut frames = Vec::new();
    for signed_in in &accounts {
        let told = match end_session(&visit.server, &signed_in.session).await {
            Ok(told) => told,
            Err(error) => return visit.store_error(&error),
        };
        let issuer = &visit.server.settings.public_url;
        frames.extend(told.iter().map(|told: &ToldInBrowser| {
            let sid = session_name(told.sector.as_deref(), signed_in.user.id, signed_in.session.id);
            frontchannel_address(&told.frontchannel_logout_uri, issuer, &sid)
        }));
    }
    let ended: Vec<_> = accounts.iter().map(|signed_in| signed_in.session.id).collect();
    let cookies = visit.browser.forget(&visit.server, &ended);
    cookies.into_iter().for_each(|cookie| visit.set_cookie(cookie));
    let account = accounts.first().map(|signed_in| words::account(&signed_in.user));
    leave(visit, account, frames, asked_by, by_get)
}

fn leave(
    visit: Visit,
    account: Option<Account>,
    frames: Vec<String>,
    asked_by: Option<AskedBy>,
    by_get: bool,
) -> Response {
    let onward = match asked_by.and_then(|asked_by| Some((asked_by.app.name, asked_by.onward?))) {
        // Nothing has to be shown on the way.
        Some((_, address)) if by_get && frames.is_empty() => return visit.found(&address),
        Some((name, address)) => Onward::new(name, address),
        None => None,
    };
    let page = SignedOutPage { chrome: visit.chrome(None, None), account, frames, onward };
    let origins = page.frame_origins();
    visit.page_reaching(200, &page, "frame-src", &origins)
}
