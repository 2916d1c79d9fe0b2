//! `GET` and `POST /authorize` (RFC 6749 §3.1).

use std::sync::Arc;

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::authorize::{AuthorizationRequest, PageReason, RedirectReason, Refused, ReplyTo, check, client_id};
use keysig_core::consent::Question;
use keysig_core::grant::Grant;
use keysig_core::id::{LoginId, UserId};
use keysig_core::parameters::{Malformed, Parameters};
use keysig_core::scope::ScopeRefused;
use keysig_core::time::Timestamp;
use keysig_core::user::canonical_email;
use keysig_store::StoreError;
use keysig_store::sessions::Session;

use crate::browser::SignedIn;
use crate::inspector::asked::{self, Asked};
use crate::oauth::admission::{self, NotAdmitted};
use crate::oauth::answer::{self, Agreed, By, Choice};
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

/// The page for a request that cannot be read.
pub fn malformed_request(visit: Visit, malformed: Malformed) -> Response {
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
    match server.look_up(|lookup| check(&parameters, &app, lookup)) {
        Ok(request) => accept(&server, visit, &app, (&parameters, request), by).await,
        Err(Refused::Page(reason)) => refused_page(visit, &parameters, Some(&app), reason),
        Err(Refused::Redirect { to, mode, state, reason }) => {
            asked::sent_back(&visit, (&app, None), Asked::Sent(&parameters), &reason);
            let departure = answer::refusal(&server, &app, (&to, mode), state.as_deref(), &reason);
            answer::leave(visit, &app, departure, by)
        }
    }
}

/// What becomes of a request that passed every check.
enum Next {
    /// A remembered agreement answers at once.
    Answer(Box<(SignedIn, Grant)>),
    /// The person must see a page first.
    Wait(Option<UserId>, &'static str),
    /// The page says that the app is not open to them, and why.
    NotAdmitted(Box<SignedIn>, NotAdmitted),
    /// And may not be shown one (`prompt=none`): for whom, if somebody is signed in.
    Refuse(Option<UserId>, RedirectReason),
}

/// Whether this sign-in is recent enough and of the right person (OpenID Connect Core §3.1.2.1 `max_age`, `prompt=login`).
fn is_good(app: &App, request: &AuthorizationRequest, signed_in: &SignedIn, now: Timestamp) -> bool {
    let ends = request.max_age_seconds.map(|seconds| signed_in.session.auth_time.plus_seconds(seconds));
    let recent = ends.is_none_or(|ends| now < ends);
    recent && !request.prompt.login && pending::is_wanted(app, request, signed_in)
}

/// Who of those in this browser the request is for: whom a hint names, or whoever it is now.
fn meant<'a>(app: &App, request: &AuthorizationRequest, accounts: &'a [SignedIn]) -> Option<&'a SignedIn> {
    let hint = request.login_hint.as_deref().map(canonical_email);
    let is_hinted = |signed_in: &&SignedIn| {
        let user = &signed_in.user;
        let named = hint.as_ref().is_some_and(|hint| *hint == user.email || *hint == user.public_id);
        named || !request.subjects.is_empty() && pending::is_wanted(app, request, signed_in)
    };
    accounts.iter().find(is_hinted).or_else(|| accounts.first())
}

/// `signed_in` will do.
async fn next(
    visit: &Visit,
    app: &App,
    request: &AuthorizationRequest,
    signed_in: Option<SignedIn>,
) -> Result<Next, StoreError> {
    let (server, browser) = (&visit.server, &visit.browser);
    let silent = request.prompt.none;
    let Some(signed_in) = signed_in else {
        return Ok(if silent { Next::Refuse(None, RedirectReason::LoginRequired) } else { Next::Wait(None, "login") });
    };
    let who = Some(signed_in.user.id);
    if let Some(why) = admission::admit(visit, app, request, &signed_in).await? {
        let not_admitted = Next::NotAdmitted(Box::new(signed_in), why);
        return Ok(if silent { Next::Refuse(who, RedirectReason::InteractionRequired) } else { not_admitted });
    }
    Ok(match answer::what_to_ask(server, app, request, &signed_in).await? {
        (Question::None, Some(grant)) => Next::Answer(Box::new((signed_in, grant))),
        (Question::Trusted, _) => {
            let (user, now) = (&signed_in.user, server.now());
            let grant = answer::agree(server, browser, (app, request), user, Choice::NONE, now).await?;
            Next::Answer(Box::new((signed_in, grant)))
        }
        (Question::ContinueAs, _) if silent => Next::Refuse(who, RedirectReason::InteractionRequired),
        _ if silent => Next::Refuse(who, RedirectReason::ConsentRequired),
        _ => Next::Wait(who, "consent"),
    })
}

async fn accept(
    server: &Arc<Server>,
    visit: Visit,
    app: &Arc<App>,
    (parameters, mut request): (&Parameters, AuthorizationRequest),
    by: By,
) -> Response {
    let now = server.now();
    // Fixed here, so that a consent posted twice makes one login.
    let login = LoginId::generate(now, &*server.rng);
    let decided = async {
        let accounts = visit.browser.accounts(server).await?;
        let current = visit.browser.signed_in(server).await?.map(|signed_in| signed_in.session.id);
        let signed_in = meant(app, &request, &accounts).cloned();
        let is_another = signed_in.as_ref().is_some_and(|signed_in| Some(signed_in.session.id) != current);
        // Nobody is taken for granted where several could be meant.
        let hinted = is_another || request.login_hint.is_some() || !request.subjects.is_empty();
        let asks_who = !request.prompt.none && !request.prompt.login;
        request.prompt.select_account |= asks_who && !hinted && accounts.len() > 1;
        let (good, not_by) = match signed_in {
            Some(signed_in) if is_good(app, &request, &signed_in, now) => {
                // One that only lacks a second factor is not turned away: it may become stronger.
                let is_strong = request.is_strong_enough(signed_in.session.amr);
                (Some(signed_in).filter(|_| is_strong), None)
            }
            Some(signed_in) => (None, Some(signed_in.session)),
            None => (None, None),
        };
        let chooses =
            asks_who && !accounts.is_empty() && (request.prompt.select_account || is_another && good.is_some());
        Ok(match next(&visit, app, &request, good).await? {
            Next::Wait(..) | Next::NotAdmitted(..) if chooses => (Next::Wait(None, "login/choose"), not_by),
            next => (next, not_by),
        })
    };
    let decided: Result<_, StoreError> = decided.await;
    let (next, not_by) = match decided {
        Ok(decided) => decided,
        Err(error) => return visit.store_error(&error),
    };
    match next {
        Next::Answer(agreed) => {
            let (signed_in, grant) = (&agreed.0, &agreed.1);
            let agreed = Agreed { app, request: &request, signed_in, grant, login, issued_at: now };
            match agreed.answer(server).await {
                Ok(departure) => {
                    asked::passed(&visit, app, signed_in.user.id, Asked::Sent(parameters), &request);
                    answer::leave(visit, app, departure, by)
                }
                Err(unanswered) => visit.unanswered(&unanswered),
            }
        }
        Next::Refuse(who, reason) => {
            asked::sent_back(&visit, (app, who), Asked::Sent(parameters), &reason);
            refuse(visit, app, &request, &reason, by)
        }
        Next::NotAdmitted(signed_in, why) => {
            asked::not_admitted(&visit, app, &signed_in.user, (Asked::Sent(parameters), why));
            wait(visit, app, (&request, login), not_by.as_ref(), "consent").await
        }
        Next::Wait(who, page) => {
            asked::shown(&visit, (app, who), Asked::Sent(parameters), page);
            wait(visit, app, (&request, login), not_by.as_ref(), page).await
        }
    }
}

/// Keeps the request and shows a page.
async fn wait(
    mut visit: Visit,
    app: &App,
    (request, login): (&AuthorizationRequest, LoginId),
    not_by: Option<&Session>,
    page: &str,
) -> Response {
    visit.introduce();
    match pending::keep(&visit.server, &visit.browser, app, request, login, not_by).await {
        Ok(tx) => {
            visit.begun(&tx);
            visit.see_other(&format!("/{page}?tx={tx}"))
        }
        Err(error) => visit.store_error(&error),
    }
}

/// Tells the app that the request was refused.
pub fn refuse(visit: Visit, app: &App, request: &AuthorizationRequest, reason: &RedirectReason, by: By) -> Response {
    let ReplyTo::Redirect { uri, mode } = &request.reply_to else {
        let page = ErrorPage::device_gone(visit.chrome(None, None));
        return visit.error(&page);
    };
    let departure = answer::refusal(&visit.server, app, (uri, *mode), request.state.as_deref(), reason);
    answer::leave(visit, app, departure, by)
}

/// The app as error pages show it.
pub fn known(app: &App) -> KnownApp {
    KnownApp { name: app.name.clone(), home: app.homepage.as_deref().and_then(WebAddress::parse) }
}

/// The page for a request that ends here.
fn refused_page(visit: Visit, parameters: &Parameters, app: Option<&App>, reason: PageReason) -> Response {
    if let Some(app) = app {
        asked::ended(&visit, app, parameters, &reason);
    }
    let chrome = visit.chrome(None, None);
    let sent = |name| parameters.get(name).unwrap_or_default();
    let by = app.map_or(PausedBy::Makers, PausedBy::of);
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
        (PageReason::LegacyFlowsOff, Some(app)) => ErrorPage::legacy_flow_off(chrome, app, sent("response_type")),
        (PageReason::Scope(ScopeRefused::Unknown { sent, nearest }), Some(app)) => {
            ErrorPage::illegal_scope(chrome, app, &sent, nearest.as_deref())
        }
        (PageReason::Scope(ScopeRefused::TooLarge), Some(app)) => {
            ErrorPage::illegal_scope(chrome, app, "more than 64 scopes, or one longer than 128 bytes", None)
        }
        (PageReason::AppPaused, Some(app)) => ErrorPage::app_unavailable(chrome, app, by),
    };
    visit.error(&page)
}
