//! `/consent`: the question, and its one answer (screens B1–B11).

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::authorize::{RedirectReason, ReplyTo};
use keysig_core::consent::{self, Asked, Question, Shown, Until};
use keysig_core::encoding::{base64url, hex};
use keysig_core::grant::Grant;
use keysig_core::parameters::{Parameters, percent_encode};
use keysig_core::scope::ScopeSet;
use keysig_core::seal::sha256;
use keysig_store::StoreError;
use keysig_store::requests::{self, Answered};

use crate::browser::{SignedIn, Ticket};
use crate::inspector::Reason;
use crate::inspector::asked;
use crate::oauth::admission::{self, NotAdmitted};
use crate::oauth::answer::{self, Agreed, By, Choice};
use crate::oauth::authorize::{self, known};
use crate::oauth::pending::{Found, Waiting};
use crate::pages::{
    self, AppIdentity, ConsentPage, Destination, ErrorForm, ErrorPage, OptionalLine, PausedBy, Permissions, WebAddress,
    will_not,
};
use crate::people::{pair, words};
use crate::server::Server;
use crate::visit::{Form, Visit};

/// Two clicks on one button come within this time; later it is somebody who went back.
const DOUBLE_CLICK_SECONDS: i64 = 10;

/// `GET /consent?tx=`.
pub async fn get(mut visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tx = query.get("tx").unwrap_or_default().to_owned();
    let (waiting, signed_in) = match find(&mut visit, &tx).await {
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
    match admission::admit(&visit, &waiting.app, &waiting.request, &signed_in).await {
        Ok(None) => {}
        Ok(Some(why)) => return not_admitted(visit, &waiting, &signed_in, why).await,
        Err(error) => return visit.store_error(&error),
    }
    let (question, grant) = match answer::what_to_ask(&visit.server, &waiting.app, &waiting.request, &signed_in).await {
        Ok(found) => found,
        Err(error) => return visit.store_error(&error),
    };
    match question {
        Question::None | Question::Trusted => allow(visit, &waiting, &signed_in, (question, grant), Choice::NONE).await,
        _ => show(visit, &waiting, &signed_in, (question, grant), false).await,
    }
}

/// A fingerprint of what a page about this request shows and asks for. A form carries it, and its ticket is bound to it:
/// what changed meanwhile is shown again, not agreed to. The risk of every permission is part of it.
fn fingerprint(server: &Server, waiting: &Waiting) -> String {
    let (app, request) = (&waiting.app, &waiting.request);
    let scopes = server.scopes();
    let shown = Shown::now(app, request, scopes.all(), &scopes).print();
    let optional = request.permissions().intersection(app.consent.optional);
    base64url(&sha256(format!("{shown}\n{}", hex(&optional.to_bytes())).as_bytes()))
}

/// What the ticket of a form is bound to.
fn bound_to(waiting: &Waiting, fingerprint: &str) -> String {
    format!("{} {fingerprint}", waiting.row.id)
}

async fn find(visit: &mut Visit, tx: &str) -> Result<(Found, Option<SignedIn>), StoreError> {
    let mut found = visit.waiting(tx).await?;
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
    (question, grant): (Question, Option<Grant>),
    changed: bool,
) -> Result<ConsentPage, StoreError> {
    let (server, app, request) = (&visit.server, &waiting.app, &waiting.request);
    let grant = grant.filter(|grant| !grant.has_ended(server.now()));
    let (kind, asked) = match question {
        Question::More(asked) => (pages::Question::More, asked),
        Question::Whole(asked) => (pages::Question::First, asked),
        Question::ContinueAs | Question::None | Question::Trusted => {
            let already = grant.as_ref().map_or(ScopeSet::EMPTY, |grant| grant.scopes);
            (pages::Question::ContinueAs, Asked { required: ScopeSet::EMPTY, optional: ScopeSet::EMPTY, already })
        }
    };
    let lang = visit.lang.words("consent").lang();
    let scopes = server.scopes();
    let all = words::of_all(&scopes, lang);
    let required: Vec<_> =
        words::of_asked(&scopes, app, asked.required, lang).into_iter().map(|(_, text)| text).collect();
    // A box may be ticked: what it would break is no promise.
    let held = asked.required.union(asked.optional).union(asked.already);
    let destination = match &request.reply_to {
        ReplyTo::Redirect { uri, .. } => {
            Destination::of(uri.as_str()).unwrap_or_else(|| Destination::Scheme(uri.destination().to_owned()))
        }
        ReplyTo::Device { code, .. } => Destination::Device { code: code.to_string() },
    };
    let most = server.live().consent_days.map(|days| (days, server.now().plus_seconds(i64::from(days) * 86_400)));
    // What would end later than may be ends when an answer of today does.
    let ends = grant.and_then(|grant| grant.expires_at).filter(|end| most.is_none_or(|(_, last)| *end <= last));
    let fingerprint = fingerprint(server, waiting);
    let ticket = Ticket::Consent { shown: &bound_to(waiting, &fingerprint) };
    Ok(ConsentPage {
        chrome: visit.chrome(Some(signed_in), Some(&format!("/consent?tx={}", waiting.row.id))),
        tx: waiting.row.id.to_string(),
        csrf: format!("{fingerprint}.{}", visit.browser.csrf(server, Some(signed_in), ticket)),
        app: AppIdentity {
            name: app.name.clone(),
            developer: app.developer.clone(),
            logo: app.about.logo,
            home: app.homepage.as_deref().and_then(WebAddress::parse),
            destination,
            badge: words::badge(server, app, &signed_in.user).await?,
        },
        account: words::account(&signed_in.user),
        question: kind,
        changed,
        permissions: Permissions::of(&required),
        optional: OptionalLine::of(&words::of_asked(&scopes, app, asked.optional, lang)),
        already_allowed: Permissions::of(&words::of_scopes(&scopes, asked.already, lang)),
        will_not: will_not(&all, &words::of_scopes(&scopes, held, lang)),
        api: server.apis.find(request.audience).map(|api| api.identifier.clone()),
        keeps_data: app.consent.keeps_data.into(),
        privacy_url: app.consent.privacy_url.as_deref().and_then(WebAddress::parse),
        ends: ends.map(|end| server.when(end)),
        most: most.map(|(days, end)| (days, server.when(end))),
    })
}

/// The page. `changed`: another one was answered, which no longer tells the truth.
async fn show(
    visit: Visit,
    waiting: &Waiting,
    signed_in: &SignedIn,
    asked: (Question, Option<Grant>),
    changed: bool,
) -> Response {
    match page(&visit, waiting, signed_in, asked, changed).await {
        Ok(page) => visit.page(if changed { 409 } else { 200 }, &page),
        Err(error) => visit.store_error(&error),
    }
}

/// What the form says besides yes or no; `None` for what no page of ours sends. A box that was not on the page counts for
/// nothing later on, whatever it names.
fn choice(server: &Server, form: &Parameters) -> Option<Choice> {
    let once = |name: &&str| form.all(name).count() <= 1;
    if !["tx", "csrf", "decision", "until"].iter().all(once) {
        return None;
    }
    let ticked = form.all("scope").filter_map(|name| server.scopes().find(name)).fold(ScopeSet::EMPTY, ScopeSet::with);
    Some(Choice { ticked, until: Until::parse(form.get("until"))? })
}

/// `POST /consent`. The form brings an id and a decision; who asks for what comes from the kept request.
pub async fn post(mut visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return bad_form(visit) };
    let (waiting, signed_in) = match find(&mut visit, form.get("tx").unwrap_or_default()).await {
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
    let (presented, ticket) = form.get("csrf").and_then(|csrf| csrf.split_once('.')).unwrap_or_default();
    let bound_to = bound_to(&waiting, presented);
    if !visit.is_from_our_page(Some(&signed_in), Ticket::Consent { shown: &bound_to }, Some(ticket)) {
        return csrf_failed(visit);
    }
    match admission::admit(&visit, &waiting.app, &waiting.request, &signed_in).await {
        Ok(None) => {}
        Ok(Some(why)) => return not_admitted(visit, &waiting, &signed_in, why).await,
        Err(error) => return visit.store_error(&error),
    }
    let Some(choice) = choice(&visit.server, &form) else { return bad_form(visit) };
    match form.get("decision") {
        Some("allow") => match answer::what_to_ask(&visit.server, &waiting.app, &waiting.request, &signed_in).await {
            Ok(asked) if presented != fingerprint(&visit.server, &waiting) => {
                show(visit, &waiting, &signed_in, asked, true).await
            }
            Ok(asked) => allow(visit, &waiting, &signed_in, asked, choice).await,
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

async fn allow(
    visit: Visit,
    waiting: &Waiting,
    signed_in: &SignedIn,
    (question, before): (Question, Option<Grant>),
    choice: Choice,
) -> Response {
    let (server, app, request) = (visit.server.clone(), &waiting.app, &waiting.request);
    let settled = |grant: &Grant| {
        let asked = !matches!(question, Question::None | Question::ContinueAs);
        let chosen = !consent::agreed(app, request, choice.ticked).is_subset(grant.scopes);
        !asked && !chosen && choice.until == Until::AsBefore
    };
    let agreed = async {
        // First the answer, which only one page can give; an answer that came too late agrees to nothing.
        let Some(answered) = answer_once(&visit, waiting, signed_in, true).await? else { return Ok(None) };
        let grant = match before.filter(settled) {
            Some(grant) => grant,
            None => {
                let (who, what) = (&signed_in.user, (app, request));
                answer::agree(&server, &visit.browser, what, who, choice, answered.at).await?
            }
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
        Ok(departure) => {
            asked::passed(&visit, app, signed_in.user.id, asked::Asked::Kept(request), request);
            answer::leave(visit, app, departure, By::Page)
        }
        Err(unanswered) => visit.unanswered(&unanswered),
    }
}

async fn deny(visit: Visit, waiting: &Waiting, signed_in: &SignedIn) -> Response {
    match answer_once(&visit, waiting, signed_in, false).await {
        Ok(Some(_)) => match &waiting.request.reply_to {
            ReplyTo::Device { id, .. } => pair::turn_away(visit, &waiting.app, *id).await,
            ReplyTo::Redirect { .. } => {
                let (app, who) = (&waiting.app, Some(signed_in.user.id));
                asked::sent_back(&visit, (app, who), asked::Asked::Kept(&waiting.request), &RedirectReason::Denied);
                authorize::refuse(visit, &waiting.app, &waiting.request, &RedirectReason::Denied, By::Page)
            }
        },
        Ok(None) => already_answered(visit, waiting),
        Err(error) => visit.store_error(&error),
    }
}

/// The page for somebody to whom the app is not open. Where its owner is at this browser, too, they open it by one button.
async fn not_admitted(mut visit: Visit, waiting: &Waiting, signed_in: &SignedIn, why: NotAdmitted) -> Response {
    let (app, user) = (&waiting.app, &signed_in.user);
    asked::not_admitted(&visit, app, user, (asked::Asked::Kept(&waiting.request), why));
    let owner_is_here = match visit.browser.accounts(&visit.server).await {
        Ok(accounts) => accounts.iter().any(|other| app.owner == Some(other.user.id)),
        Err(error) => return visit.store_error(&error),
    };
    let list = format!("/dashboard/apps/{}/test-users", percent_encode(&app.client_id));
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let chrome = visit.chrome(Some(signed_in), None);
    let page = match why {
        NotAdmitted::Stranger => {
            let page = ErrorPage::not_a_test_user(chrome, known(app), &user.email);
            let page = page.mended_at(&format!("{}{list}", visit.server.settings.public_url));
            let form = ErrorForm { action: format!("{list}/me"), csrf, tx: waiting.row.id.to_string() };
            if owner_is_here { page.with_form("add-me", &user.email, form) } else { page }
        }
        NotAdmitted::FakeElsewhere => ErrorPage::fake_elsewhere(chrome, known(app)),
        NotAdmitted::LoginsStopped => ErrorPage::logins_stopped(chrome, known(app)),
        NotAdmitted::TooManyPeople { most } => ErrorPage::too_many_people(chrome, known(app), most),
    };
    visit.error(&page)
}

fn already_answered(visit: Visit, waiting: &Waiting) -> Response {
    asked::answered_before(&visit, &waiting.app, &waiting.request);
    let page = ErrorPage::already_answered(visit.chrome(None, None), Some(known(&waiting.app)));
    visit.error(&page)
}

/// The page for a `tx` that leads nowhere (any more).
pub fn gone(visit: Visit, found: &Found) -> Response {
    let (app, reason) = match found {
        Found::Waiting(waiting) => (Some(&waiting.app), Reason::AppPaused),
        Found::Expired(app) => (app.as_deref(), Reason::RequestExpired),
        Found::AppChanged(app) => (app.as_deref(), Reason::AppChanged),
        Found::DeviceGone => (None, Reason::DeviceExpired),
    };
    if let Some(app) = app {
        asked::gone(&visit, app, reason);
    }
    let chrome = visit.chrome(None, None);
    let page = match found {
        Found::Waiting(waiting) => ErrorPage::app_unavailable(chrome, known(&waiting.app), PausedBy::of(&waiting.app)),
        Found::Expired(app) | Found::AppChanged(app) => ErrorPage::tx_expired(chrome, app.as_deref().map(known)),
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
