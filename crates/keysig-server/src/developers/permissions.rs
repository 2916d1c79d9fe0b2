//! What an app may ask for (screen D5), and the page on which it asks.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::{App, ConsentSettings};
use keysig_core::audit::AuditAction;
use keysig_core::parameters::Parameters;
use keysig_core::scope::{ScopeId, ScopeSet};
use keysig_store::{StoreError, app_scopes, uses};

use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::pages::{Badge, PermissionsPage, ReasonProblem, ScopeChoice, ScopeRow, ScopeText};
use crate::people::consent_preview;
use crate::register::app::MAX_REASON_CHARS;
use crate::register::is_invisible;
use crate::server::Server;
use crate::visit::{Form, Visit};

/// What was not used for so many days is not needed.
pub const IDLE_DAYS: i64 = 30;
/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 400;

/// What the form says, or what stands.
#[derive(Default)]
struct Wanted {
    scopes: ScopeSet,
    may_all: bool,
    said: ConsentSettings,
    problems: Vec<(ScopeId, ReasonProblem)>,
}

impl Wanted {
    fn of(app: &App) -> Self {
        // An app that may ask for all was not asked yet what it needs: nothing is chosen for it.
        let scopes = app.scopes.unwrap_or_default();
        Self { scopes, may_all: app.scopes.is_none(), said: app.consent.clone(), problems: Vec::new() }
    }

    fn read(form: &Parameters, server: &Server, app: &App) -> Self {
        let catalogue = server.scopes();
        let mut wanted = Self { may_all: form.get("all").is_some(), said: app.consent.clone(), ..Self::default() };
        wanted.said.reasons.clear();
        wanted.said.optional = ScopeSet::EMPTY;
        for (scope, entry) in catalogue.grantable() {
            match form.get(&format!("use.{}", entry.name)).and_then(ScopeChoice::parse).unwrap_or_default() {
                ScopeChoice::NotUsed => {}
                ScopeChoice::Required => wanted.scopes = wanted.scopes.with(scope),
                ScopeChoice::Optional => {
                    wanted.scopes = wanted.scopes.with(scope);
                    wanted.said.optional = wanted.said.optional.with(scope);
                }
            }
            let reason = form.get(&format!("why.{}", entry.name)).unwrap_or_default().trim();
            if reason.is_empty() {
                continue;
            }
            let problem = match reason {
                _ if reason.chars().any(is_invisible) => Some(ReasonProblem::Stray),
                _ if reason.chars().count() > MAX_REASON_CHARS => Some(ReasonProblem::TooLong),
                _ => None,
            };
            wanted.problems.extend(problem.map(|problem| (scope, problem)));
            wanted.said.reasons.insert(scope, reason.chars().take(MAX_TYPED_CHARS).collect());
        }
        // There is no sign-in without it: it is no choice.
        wanted.said.optional = wanted.said.optional.without(ScopeSet::OPENID);
        wanted
    }

    fn may_ask(&self) -> Option<ScopeSet> {
        if self.may_all { None } else { Some(self.scopes) }
    }

    fn choice(&self, scope: ScopeId) -> ScopeChoice {
        match (self.scopes.has(scope), self.said.optional.has(scope)) {
            (false, _) => ScopeChoice::NotUsed,
            (true, false) => ScopeChoice::Required,
            (true, true) => ScopeChoice::Optional,
        }
    }
}

/// What an app may ask for and used nobody's account by for [`IDLE_DAYS`]: nothing while it is younger than that, or while
/// nobody has it connected.
pub async fn idle_scopes(server: &Server, app: &App) -> Result<ScopeSet, StoreError> {
    let (now, since) = (server.now(), server.now().unix_days() - IDLE_DAYS);
    let is_young = now < app.created_at.plus_seconds(IDLE_DAYS * 86_400);
    let Some(scopes) = app.scopes.filter(|_| !is_young) else { return Ok(ScopeSet::EMPTY) };
    if keysig_store::apps::reach(&server.store, app.id).await?.0 == 0 {
        return Ok(ScopeSet::EMPTY);
    }
    let used = uses::exercised_by_app(&server.store, app.id, since).await?;
    let used = used.into_iter().fold(ScopeSet::EMPTY, ScopeSet::with);
    // Those of OpenID Connect are read off an ID token, which nobody counts.
    Ok(scopes.without(used).without(ScopeSet::OPENID_CONNECT))
}

fn path(client_id: &str) -> String {
    format!("/dashboard/apps/{client_id}/permissions")
}

/// `GET /dashboard/apps/{client_id}/permissions`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    match owned(visit, &client_id).await {
        Ok(owned) => {
            let wanted = Wanted::of(&owned.app);
            show(owned, wanted, query.get("done") == Some("saved")).await
        }
        Err(answer) => answer,
    }
}

async fn show(owned: Owned, wanted: Wanted, saved: bool) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let (server, lang) = (visit.server.clone(), visit.lang);
    let (idle, badge) = match idle_and_badge(&server, &app).await {
        Ok(found) => found,
        Err(error) => return visit.store_error(&error),
    };
    let catalogue = server.scopes();
    let row = |(scope, entry)| {
        let text = ScopeText::of(entry, lang.words("dashboard-permissions").lang().tag())?;
        Some(ScopeRow {
            scope: entry.name.clone(),
            title: text.title.to_owned(),
            detail: text.detail.to_owned(),
            group: entry.group,
            choice: wanted.choice(scope),
            reason: wanted.said.reasons.get(&scope).cloned().unwrap_or_default(),
            problem: wanted.problems.iter().find(|(at, _)| *at == scope).map(|(_, problem)| *problem),
            is_idle: idle.has(scope) && wanted.scopes.has(scope),
        })
    };
    let rows: Vec<ScopeRow> = catalogue.grantable().filter_map(row).collect();
    let back = (wanted.problems.is_empty()).then(|| path(&app.client_id));
    let page = PermissionsPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), back.as_deref()),
        app: head(&app),
        saved,
        may_all: wanted.may_all,
        rows,
        preview: consent_preview::page(&server, &asking(&app, &wanted), wanted.scopes, badge, visit.chrome(None, None)),
    };
    visit.page(if wanted.problems.is_empty() { 200 } else { 422 }, &page)
}

async fn idle_and_badge(server: &Server, app: &App) -> Result<(ScopeSet, Badge), StoreError> {
    Ok((idle_scopes(server, app).await?, crate::people::words::public_badge(server, app).await?))
}

/// The app as it would be.
fn asking(app: &App, wanted: &Wanted) -> App {
    App { scopes: wanted.may_ask(), consent: wanted.said.clone(), ..app.clone() }
}

/// `POST /dashboard/apps/{client_id}/permissions`: what is typed is looked at or saved.
pub async fn post(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let server = owned.visit.server.clone();
    let wanted = Wanted::read(&form, &server, &owned.app);
    match form.get("do") {
        Some("page") => {
            let Owned { visit, app, .. } = owned;
            let badge = match crate::people::words::public_badge(&server, &app).await {
                Ok(badge) => badge,
                Err(error) => return visit.store_error(&error),
            };
            let chrome = visit.chrome(None, None);
            let page = consent_preview::page(&server, &asking(&app, &wanted), wanted.scopes, badge, chrome);
            visit.page(200, &page)
        }
        Some("save") if wanted.problems.is_empty() => save(owned, &wanted).await,
        _ => show(owned, wanted, false).await,
    }
}

async fn save(owned: Owned, wanted: &Wanted) -> Response {
    let Owned { visit, signed_in, app } = owned;
    let server = visit.server.clone();
    let about = match wanted.may_ask() {
        Some(scopes) => server.scopes().print(scopes),
        None => "all".to_owned(),
    };
    let mut record = visit.audited(&signed_in, AuditAction::AppScopesChanged, &about);
    record.app = Some(app.id);
    match app_scopes::set(&server.store, app.id, wanted.may_ask(), &wanted.said, &record).await {
        Ok(()) => visit.see_other(&format!("{}?done=saved", path(&app.client_id))),
        Err(error) => visit.store_error(&error),
    }
}
