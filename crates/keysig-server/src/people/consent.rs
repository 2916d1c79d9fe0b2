//! `/consent`: the question, and its one answer (screens B1–B11).

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::authorize::{RedirectReason, ReplyTo};
use keysig_core::consent::{self, Question, covers};
use keysig_core::grant::Grant;
use keysig_core::parameters::Parameters;
use keysig_core::scope::ScopeSet;
use keysig_store::StoreError;
use keysig_store::requests::{self, Answered};

use crate::browser::{SignedIn, Ticket};
use crate::oauth::answer::{self, Agreed, By};
use crate::oauth::authorize::{self, known};
use crate::oauth::pending::{self, Found, Waiting};
use crate::pages::{
    self, AppIdentity, ConsentPage, DataKeeping, Destination, ErrorPage, PausedBy, Permissions, WebAddress, will_not,
};
use crate::people::{pair, words};
use crate::visit::{Form, Visit};

/// Two clicks on one button come within this time; later it is somebody who went back.
const DOUBLE_CLICK_SECONDS: i64 = 10;

/// `GET /consent?tx=`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tx = query.get("tx").unwrap_or_default().to_owned();
    let (waiting, signed_in) = match find(&visit, &tx).await {
        Ok((Found::Waiting(waiting), signed_in)) => (waiting, signed_in),
        Ok((found, _)) => return gone(visit, &found),
        Err(error) => return visit.store_error(&error),
    };
    if waiting.row.answered.is_some() {
        return already_answered(visit, &waiting);
    }
    let Some(signed_in) = signed_in.filter(|signed_in| waiting.will_do(signed_in)) else {
        return visit.see_other(&format!("/login?tx={}", waiting.row.id));
    };
    if !answer::may_log_in(&visit.server, &waiting.app, &signed_in.user) {
        let chrome = visit.chrome(Some(&signed_in), None);
        let page = ErrorPage::not_a_test_user(chrome, known(&waiting.app), &signed_in.user.email);
        return visit.error(&page);
    }
    let shown = async {
        let (question, grant) = answer::what_to_ask(&visit.server, &waiting.app, &waiting.request, &signed_in).await?;
        match (question, grant) {
            (Question::None, Some(grant)) => Ok(Next::Nothing(grant)),
            (question, grant) => {
                page(&visit, &waiting, &signed_in, question, grant).await.map(|page| Next::Page(Box::new(page)))
            }
        }
    };
    match shown.await {
        Ok(Next::Page(page)) => visit.page(200, &*page),
        Ok(Next::Nothing(grant)) => allow(visit, &waiting, &signed_in, Some(grant)).await,
        Err(error) => visit.store_error(&error),
    }
}

/// What the page shows of the app. The form's ticket is bound to it: what changed meanwhile is not agreed to.
fn shown(waiting: &Waiting) -> String {
    consent::Shown::now(&waiting.app, &waiting.request).print()
}

enum Next {
    /// The same was allowed before: the person goes on.
    Nothing(Grant),
    Page(Box<ConsentPage>),
}

async fn find(visit: &Visit, tx: &str) -> Result<(Found, Option<SignedIn>), StoreError> {
    let mut found = pending::find(&visit.server, &visit.browser, tx).await?;
    let signed_in = visit.browser.signed_in(&visit.server).await?;
    if let (Found::Waiting(waiting), Some(signed_in)) = (&mut found, &signed_in) {
        waiting.note_sign_in(signed_in);
    }
    Ok((found, signed_in))
}

async fn page(
    visit: &Visit,
    waiting: &Waiting,
    signed_in: &SignedIn,
    question: Question,
    grant: Option<Grant>,
) -> Result<ConsentPage, StoreError> {
    let (server, app, request) = (&visit.server, &waiting.app, &waiting.request);
    let allowed = grant.map_or(ScopeSet::EMPTY, |grant| grant.scopes);
    let (kind, asked, already) = match question {
        Question::More { new } => (pages::Question::More, new, allowed),
        Question::ContinueAs | Question::None => (pages::Question::ContinueAs, ScopeSet::EMPTY, allowed),
        Question::Whole => (pages::Question::First, request.permissions(), allowed.without(request.permissions())),
    };
    let lang = visit.lang.words("consent").lang();
    let all = words::of_all(&server.scopes, lang);
    let destination = match &request.reply_to {
        ReplyTo::Redirect { uri, .. } => {
            Destination::of(uri.as_str()).unwrap_or_else(|| Destination::Scheme(uri.destination().to_owned()))
        }
        ReplyTo::Device { code, .. } => Destination::Device { code: code.to_string() },
    };
    Ok(ConsentPage {
        chrome: visit.chrome(Some(signed_in), Some(&format!("/consent?tx={}", waiting.row.id))),
        tx: waiting.row.id.to_string(),
        csrf: visit.browser.csrf(server, Some(signed_in), Ticket::Consent { shown: &shown(waiting) }),
        app: AppIdentity {
            name: app.name.clone(),
            developer: app.developer.clone(),
            home: app.homepage.as_deref().and_then(WebAddress::parse),
            destination,
            badge: words::badge(server, app, &signed_in.user).await?,
        },
        account: words::account(&signed_in.user),
        question: kind,
        permissions: Permissions::of(&words::of_scopes(&server.scopes, asked, lang)),
        already_allowed: Permissions::of(&words::of_scopes(&server.scopes, already, lang)),
        will_not: will_not(&all, &words::of_scopes(&server.scopes, asked.union(already), lang)),
        api: server.apis.find(request.audience).map(|api| api.identifier.clone()),
        keeps_data: DataKeeping::NotSaid,
        privacy_url: None,
    })
}

/// `POST /consent`. The form brings an id and a decision; who asks for what comes from the kept request.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return bad_form(visit) };
    let (waiting, signed_in) = match find(&visit, form.get("tx").unwrap_or_default()).await {
        Ok((Found::Waiting(waiting), signed_in)) => (waiting, signed_in),
        Ok((found, _)) => return gone(visit, &found),
        Err(error) => return visit.store_error(&error),
    };
    let Some(signed_in) = signed_in.filter(|signed_in| waiting.will_do(signed_in)) else {
        return visit.see_other(&format!("/login?tx={}", waiting.row.id));
    };
    if waiting.row.answered.is_some_and(|before| before.by != signed_in.user.id) {
        return already_answered(visit, &waiting);
    }
    let ticket = Ticket::Consent { shown: &shown(&waiting) };
    if !visit.is_from_our_page(Some(&signed_in), ticket, form.get("csrf")) {
        return csrf_failed(visit);
    }
    if !answer::may_log_in(&visit.server, &waiting.app, &signed_in.user) {
        let chrome = visit.chrome(Some(&signed_in), None);
        let page = ErrorPage::not_a_test_user(chrome, known(&waiting.app), &signed_in.user.email);
        return visit.error(&page);
    }
    match form.get("decision").filter(|_| form.duplicate().is_none()) {
        Some("allow") => match answer::what_to_ask(&visit.server, &waiting.app, &waiting.request, &signed_in).await {
            Ok((_, grant)) => allow(visit, &waiting, &signed_in, grant).await,
            Err(error) => visit.store_error(&error),
        },
        Some("deny") => deny(visit, &waiting, &signed_in).await,
        _ => bad_form(visit),
    }
}

/// Writes the answer once. `Some` is what stands: this answer, or the same one a moment ago (a double click).
async fn answer_once(
    visit: &Visit,
    waiting: &Waiting,
    signed_in: &SignedIn,
    allowed: bool,
) -> Result<Option<Answered>, StoreError> {
    let answered = Answered { at: visit.server.now(), allowed, by: signed_in.user.id };
    if requests::answer(&visit.server.store, waiting.row.id, answered).await? {
        return Ok(Some(answered));
    }
    let stands = requests::find(&visit.server.store, waiting.row.id).await?.and_then(|row| row.answered);
    Ok(stands.filter(|before| {
        let again = before.allowed == allowed && before.by == signed_in.user.id;
        again && answered.at <= before.at.plus_seconds(DOUBLE_CLICK_SECONDS)
    }))
}

async fn allow(visit: Visit, waiting: &Waiting, signed_in: &SignedIn, before: Option<Grant>) -> Response {
    let (server, app, request) = (visit.server.clone(), &waiting.app, &waiting.request);
    let agreed = async {
        // First the answer, which only one page can give; an answer that came too late agrees to nothing.
        let Some(answered) = answer_once(&visit, waiting, signed_in, true).await? else { return Ok(None) };
        let grant = match before.filter(|grant| covers(app, request, grant)) {
            Some(grant) => grant,
            None => answer::agree(&server, app, request, signed_in).await?,
        };
        Ok(Some((grant, answered)))
    };
    let (grant, answered) = match agreed.await {
        Ok(Some(agreed)) => agreed,
        Ok(None) => return already_answered(visit, waiting),
        Err(error) => return visit.store_error(&error),
    };
    let agreed = Agreed { app, request, signed_in, grant: &grant, login: waiting.row.login, issued_at: answered.at };
    if let ReplyTo::Device { id, .. } = &request.reply_to {
        return pair::let_in(visit, *id, &agreed).await;
    }
    match agreed.answer(&server).await {
        Ok(departure) => answer::leave(visit, app, departure, By::Page),
        Err(unanswered) => visit.unanswered(&unanswered),
    }
}

async fn deny(visit: Visit, waiting: &Waiting, signed_in: &SignedIn) -> Response {
    match answer_once(&visit, waiting, signed_in, false).await {
        Ok(Some(_)) => match &waiting.request.reply_to {
            ReplyTo::Device { id, .. } => pair::turn_away(visit, &waiting.app, *id).await,
            ReplyTo::Redirect { .. } => {
                authorize::refuse(visit, &waiting.app, &waiting.request, &RedirectReason::Denied, By::Page)
            }
        },
        Ok(None) => already_answered(visit, waiting),
        Err(error) => visit.store_error(&error),
    }
}

fn already_answered(visit: Visit, waiting: &Waiting) -> Response {
    let page = ErrorPage::already_answered(visit.chrome(None, None), Some(known(&waiting.app)));
    visit.error(&page)
}

/// The page for a `tx` that leads nowhere (any more).
pub fn gone(visit: Visit, found: &Found) -> Response {
    let chrome = visit.chrome(None, None);
    let page = match found {
        Found::Waiting(waiting) => ErrorPage::app_unavailable(chrome, known(&waiting.app), PausedBy::Service),
        Found::Expired | Found::AppChanged => ErrorPage::tx_expired(chrome, None),
        Found::DeviceGone => ErrorPage::device_gone(chrome),
    };
    visit.error(&page)
}

/// The page for a POST that no page of ours in this browser sent.
pub fn csrf_failed(visit: Visit) -> Response {
    let page = ErrorPage::csrf_failed(visit.chrome(None, None));
    visit.error(&page)
}

/// The page for a form that cannot be read.
pub fn bad_form(visit: Visit) -> Response {
    let page = ErrorPage::malformed_parameter(
        visit.chrome(None, None),
        None,
        "form",
        "the form was not sent as a page of ours sends it",
    );
    visit.error(&page)
}
