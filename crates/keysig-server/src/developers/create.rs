//! A new app in three answers (screen D2). The answer to them is its quickstart, which shows the secret, once.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::audit::AuditAction;
use keysig_core::encoding::hex;
use keysig_core::id::AppId;
use keysig_core::parameters::Parameters;
use keysig_core::redirect_uri::RegistrationRefused;
use keysig_core::rng::random;
use keysig_core::secret::{Secret, constant_time_eq};

use super::quickstart::{self, Seen};
use super::{Owned, developer};
use crate::browser::{SignedIn, Ticket};
use crate::pages::{AppKind, CreateAppPage, NewAppProblem};
use crate::people::consent;
use crate::register::app::{self, Kind, NewApp, ProfileName, Stage};
use crate::register::{Refused, reads_like_a_reviewed_app};
use crate::visit::{Form, Visit};

const PREFILLED_REDIRECT_URI: &str = "http://127.0.0.1:8888/callback";
/// The second click of a double click comes no later.
const DOUBLE_CLICK_SECONDS: i64 = 10;
/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 2100;

/// What a developer typed.
struct Typed {
    key: String,
    is_openid: bool,
    name: String,
    kind: Option<AppKind>,
    redirect_uri: String,
}

impl Typed {
    fn of(form: &Parameters) -> Self {
        let text = |name| form.get(name).unwrap_or_default().chars().take(MAX_TYPED_CHARS).collect::<String>();
        Self {
            key: text("key"),
            is_openid: form.get("profile") == Some("standard"),
            name: text("name"),
            kind: form.get("kind").and_then(AppKind::from_name),
            redirect_uri: text("redirect_uri").trim().to_owned(),
        }
    }
}

/// `GET /dashboard/new`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match developer(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let typed = Typed {
        key: hex(&random::<16>(&*visit.server.rng)),
        is_openid: query.get("profile") == Some("standard"),
        name: String::new(),
        kind: Some(AppKind::WebServer),
        redirect_uri: PREFILLED_REDIRECT_URI.to_owned(),
    };
    show(visit, &signed_in, typed, Vec::new())
}

fn show(mut visit: Visit, signed_in: &SignedIn, typed: Typed, problems: Vec<NewAppProblem>) -> Response {
    let page = CreateAppPage {
        csrf: visit.csrf(Some(signed_in), Ticket::Account),
        chrome: visit.chrome(Some(signed_in), Some("/dashboard/new")),
        key: typed.key,
        is_openid: typed.is_openid,
        name: typed.name,
        kind: typed.kind,
        redirect_uri: typed.redirect_uri,
        problems,
    };
    visit.page(if page.problems.is_empty() { 200 } else { 422 }, &page)
}

/// `POST /dashboard/new`.
pub async fn post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in) = match developer(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let typed = match form.0 {
        Ok(form) if visit.is_from_our_page(Some(&signed_in), Ticket::Account, form.get("csrf")) => Typed::of(&form),
        Ok(_) => return consent::csrf_failed(visit),
        Err(_) => return consent::bad_form(visit),
    };
    let mut problems = problems(&visit, &typed);
    match reads_like_a_reviewed_app(&visit.server.store, &typed.name, None).await {
        Ok(reads_alike) if reads_alike && problems.is_empty() => problems.push(NewAppProblem::LookAlike),
        Ok(_) => {}
        Err(error) => return visit.store_error(&error),
    }
    let (Some(kind), true) = (typed.kind, problems.is_empty()) else {
        return show(visit, &signed_in, typed, problems);
    };

    // Both come of the form, so that its second click finds what the first one made. Nobody can choose or foresee them.
    let made = visit.browser.csrf(&visit.server, Some(&signed_in), Ticket::Account);
    let made = visit.server.cookie_keys.lasting().mac(&[b"new app", made.as_bytes(), typed.key.as_bytes()]);
    let (id, secret) = made.split_at(made.len() / 2);
    let (client_id, secret) = (hex(id), Secret::new(hex(secret)));
    let secret = Some(secret).filter(|_| kind == AppKind::WebServer);
    match add(&visit, &signed_in, &typed, &client_id, secret.clone()).await {
        Ok(()) => made_now(visit, signed_in, &client_id, secret).await,
        Err(Refused::ClientIdTaken(_)) => made_before(visit, signed_in, &client_id, secret).await,
        Err(Refused::Store(error)) => visit.store_error(&error),
        Err(refused) => {
            let problem = problem(refused);
            show(visit, &signed_in, typed, vec![problem])
        }
    }
}

/// What is wrong with each answer, before anything is written.
fn problems(visit: &Visit, typed: &Typed) -> Vec<NewAppProblem> {
    let name = app::check_name(&typed.name, &visit.server.live().brand).err();
    let missing = typed.kind.is_none().then_some(NewAppProblem::Kind);
    let uri = app::check_redirect_uri(&typed.redirect_uri, profile(typed)).err();
    name.map(problem).into_iter().chain(missing).chain(uri.map(problem)).collect()
}

fn problem(refused: Refused) -> NewAppProblem {
    match refused {
        Refused::LookAlike(..) => NewAppProblem::LookAlike,
        Refused::RedirectUri(_, reason) => NewAppProblem::RedirectUri(reason),
        Refused::RedirectUriCount(_) => NewAppProblem::RedirectUri(RegistrationRefused::NoScheme),
        _ => NewAppProblem::Name,
    }
}

fn profile(typed: &Typed) -> ProfileName {
    if typed.is_openid { ProfileName::Standard } else { ProfileName::Spotify }
}

async fn add(
    visit: &Visit,
    signed_in: &SignedIn,
    typed: &Typed,
    client_id: &str,
    secret: Option<Secret>,
) -> Result<(), Refused> {
    let server = &visit.server;
    let new = NewApp {
        client_id: Some(client_id.to_owned()),
        kind: if secret.is_some() { Kind::Confidential } else { Kind::Public },
        client_secret: secret,
        mode: Stage::Development,
        ..NewApp::new(
            typed.name.clone(),
            signed_in.user.email.clone(),
            profile(typed),
            vec![typed.redirect_uri.clone()],
        )
    };
    let id = AppId::generate(&*server.rng);
    let mut record = visit.audited(signed_in, AuditAction::AppCreated, typed.name.trim());
    record.app = Some(id);
    let (scopes, live) = (server.scopes(), server.live());
    app::add(&server.store, (&scopes, &live.brand), &new, id, server.now(), &*server.rng, Some(&record)).await?;
    Ok(())
}

async fn made_now(visit: Visit, signed_in: SignedIn, client_id: &str, secret: Option<Secret>) -> Response {
    match super::own(visit, signed_in, client_id).await {
        Ok(owned) => quickstart::show(owned, Seen::New { secret }).await,
        Err(answer) => answer,
    }
}

/// The form came again: at once, then this is the answer that is looked at; or later, and its secret is not told again.
async fn made_before(visit: Visit, signed_in: SignedIn, client_id: &str, secret: Option<Secret>) -> Response {
    let owned = match super::own(visit, signed_in, client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let Owned { visit, app, .. } = &owned;
    let is_its = secret.as_ref().is_none_or(|secret| {
        let hash = secret.hash();
        app.secrets.iter().any(|stored| constant_time_eq(stored.hash.as_bytes(), hash.as_bytes()))
    });
    if is_its && visit.server.now() <= app.created_at.plus_seconds(DOUBLE_CLICK_SECONDS) {
        return quickstart::show(owned, Seen::New { secret }).await;
    }
    owned.visit.see_other(&format!("/dashboard/apps/{client_id}?done=made-before"))
}
