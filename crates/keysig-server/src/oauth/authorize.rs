//! `GET` and `POST /authorize` (RFC 6749 §3.1).

use std::sync::Arc;

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::authorize::{AuthorizationRequest, PageReason, Refused, check, client_id};
use keysig_core::consent::Question;
use keysig_core::id::LoginId;
use keysig_core::parameters::{Malformed, Parameters};
use keysig_core::scope::ScopeRefused;
use keysig_store::StoreError;

use crate::oauth::answer::{self, By};
use crate::oauth::pending;
use crate::pages::{ErrorPage, KnownApp, PausedBy, WebAddress};
use crate::routes::MAX_URI_BYTES;
use crate::server::Server;
use crate::visit::{Form, FormRefused, MAX_BODY_BYTES, Visit};

/// `GET /authorize`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    match Parameters::parse(query.unwrap_or_default().as_bytes()) {
        Ok(parameters) => authorize(visit, parameters, By::Redirect).await,
        Err(malformed) => malformed_request(visit, malformed),
    }
}

/// `POST /authorize` (OpenID Connect Core §3.1.2.1). A POST from another site brings no cookie of ours (SameSite=Lax), so
/// it only leads to the same request by GET, which does; that answers with a page, since it was reached by a POST.
pub async fn post(visit: Visit, RawQuery(query): RawQuery, Form(body): Form) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    match (query, body) {
        (Ok(query), Ok(body)) => {
            let query = query.and(body).to_query();
            if query.len() < MAX_URI_BYTES - POSTED.len() {
                return visit.see_other(&format!("{POSTED}?{query}"));
            }
            let page = ErrorPage::oversized(visit.chrome(None, None), None, 413, "the request", MAX_URI_BYTES);
            visit.error(&page)
        }
        (Err(malformed), _) | (_, Err(FormRefused::Malformed(malformed))) => malformed_request(visit, malformed),
        (_, Err(FormRefused::TooLong)) => {
            let page = ErrorPage::oversized(visit.chrome(None, None), None, 413, "the body", MAX_BODY_BYTES);
            visit.error(&page)
        }
        (_, Err(FormRefused::NotAForm)) => {
            let problem = "the body must be application/x-www-form-urlencoded";
            let page = ErrorPage::malformed_parameter(visit.chrome(None, None), None, "body", problem);
            visit.error(&page)
        }
    }
}

/// Where a POST leads.
const POSTED: &str = "/authorize/posted";

/// `GET /authorize/posted`: a request that came by POST.
pub async fn posted(visit: Visit, RawQuery(query): RawQuery) -> Response {
    match Parameters::parse(query.unwrap_or_default().as_bytes()) {
        Ok(parameters) => authorize(visit, parameters, By::Page).await,
        Err(malformed) => malformed_request(visit, malformed),
    }
}

fn malformed_request(visit: Visit, malformed: Malformed) -> Response {
    let problem = match malformed {
        Malformed::PercentEncoding => "a % is not followed by two hexadecimal digits",
        Malformed::NotUtf8 => "a value is not UTF-8",
        Malformed::ControlCharacter => "a value holds a control character",
        Malformed::TooMany => "more than 100 parameters were sent",
    };
    let page = ErrorPage::malformed_parameter(visit.chrome(None, None), None, "request", problem);
    visit.error(&page)
}

async fn authorize(visit: Visit, parameters: Parameters, by: By) -> Response {
    let server = visit.server.clone();
    let client_id = match client_id(&parameters) {
        Ok(client_id) => client_id,
        Err(reason) => return refused_page(visit, &parameters, None, reason),
    };
    let app = match server.app(client_id).await {
        Ok(Some(app)) => app,
        Ok(None) => return refused_page(visit, &parameters, None, PageReason::UnknownClient),
        Err(error) => return visit.store_error(&error),
    };
    match check(&parameters, &app, &server.scopes) {
        Ok(request) => match accept(&server, visit, &app, request, by).await {
            Ok(response) => response,
            Err((visit, error)) => visit.store_error(&error),
        },
        Err(Refused::Page(reason)) => refused_page(visit, &parameters, Some(&app), reason),
        Err(Refused::Redirect { to, state, reason }) => {
            let address = answer::refusal(&server, &app, &to, state.as_deref(), &reason);
            answer::leave(visit, &app, address, by)
        }
    }
}

/// Gives the visit back beside the error, so that whoever called can answer with it.
type Failed = (Visit, StoreError);

/// A request that passed every check: a remembered agreement answers at once, everything else waits for the person.
async fn accept(
    server: &Arc<Server>,
    mut visit: Visit,
    app: &Arc<App>,
    request: AuthorizationRequest,
    by: By,
) -> Result<Response, Failed> {
    macro_rules! or_fail {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(error) => return Err((visit, error)),
            }
        };
    }
    let now = server.now();
    // Fixed here, so that a consent posted twice makes one login.
    let login = LoginId::generate(now, &*server.rng);
    let signed_in = or_fail!(visit.browser.signed_in(server).await);
    let page = if signed_in.is_some() { "consent" } else { "login" };
    if let Some(signed_in) = signed_in.filter(|signed_in| answer::may_log_in(server, app, &signed_in.user)) {
        let (question, grant) = or_fail!(answer::what_to_ask(server, app, &request, &signed_in).await);
        if let (Question::None, Some(grant)) = (question, grant) {
            let address = answer::code(server, app, &request, &signed_in, &grant, (login, now));
            return Ok(answer::leave(visit, app, address, by));
        }
    }
    visit.introduce();
    let tx = or_fail!(pending::keep(server, &visit.browser, app, &request, login).await);
    Ok(visit.see_other(&format!("/{page}?tx={tx}")))
}

/// The app as error pages show it.
pub fn known(app: &App) -> KnownApp {
    KnownApp { name: app.name.clone(), home: app.homepage.as_deref().and_then(WebAddress::parse) }
}

/// The page for a request that ends here.
fn refused_page(visit: Visit, parameters: &Parameters, app: Option<&App>, reason: PageReason) -> Response {
    let chrome = visit.chrome(None, None);
    let sent = |name| parameters.get(name).unwrap_or_default();
    let known_app = app.map(known);
    let page = match (reason, known_app) {
        (PageReason::ParameterMissing(name), app) => ErrorPage::missing_parameter(chrome, app, name),
        (PageReason::ParameterTwice(name), app) => ErrorPage::duplicate_parameter(chrome, app, &name),
        (PageReason::StateTooLong, app) => {
            ErrorPage::oversized(chrome, app, 400, "state", keysig_core::authorize::MAX_STATE_BYTES)
        }
        (PageReason::AnswerTooLong, app) => ErrorPage::oversized(chrome, app, 400, "the answer", 8192),
        (PageReason::UnknownClient, _) | (_, None) => ErrorPage::unknown_client(chrome, sent("client_id")),
        (PageReason::RedirectUriNotRegistered { nearest }, Some(app)) => {
            ErrorPage::redirect_mismatch(chrome, app, sent("redirect_uri"), nearest.as_deref())
        }
        (PageReason::RedirectUriInsecure, Some(app)) => ErrorPage::redirect_insecure(chrome, app, sent("redirect_uri")),
        (PageReason::ResponseType, Some(app)) => ErrorPage::response_type(chrome, app, sent("response_type")),
        (PageReason::Scope(ScopeRefused::Unknown { sent, nearest }), Some(app)) => {
            ErrorPage::illegal_scope(chrome, app, &sent, nearest.as_deref())
        }
        (PageReason::Scope(ScopeRefused::TooLarge), Some(app)) => {
            ErrorPage::illegal_scope(chrome, app, "more than 64 scopes, or one longer than 128 bytes", None)
        }
        (PageReason::AppPaused, Some(app)) => ErrorPage::app_unavailable(chrome, app, PausedBy::Makers),
    };
    visit.error(&page)
}
