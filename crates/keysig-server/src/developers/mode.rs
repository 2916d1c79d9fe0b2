//! Development or live: who may log in to an app, and what it takes to let everybody.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::{App, ClientType, Mode};
use keysig_core::audit::AuditAction;
use keysig_core::parameters::Parameters;
use keysig_store::{StoreError, apps};

use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::oauth::admission::people_at_risk;
use crate::pages::{LiveCheck, ModePage};
use crate::people::recheck;
use crate::server::Server;
use crate::visit::{Form, Visit};

fn path(client_id: &str) -> String {
    format!("/dashboard/apps/{client_id}/mode")
}

/// What an app has of that which people look for before they log in, in the order of the page.
fn checks(server: &Server, app: &App) -> Vec<(LiveCheck, bool)> {
    let is_elsewhere = |uri: &keysig_core::redirect_uri::RedirectUri| !uri.as_str().starts_with("http://");
    let now = server.now();
    let has_secret = || app.secrets.iter().any(|secret| secret.retires_at.is_none_or(|at| now < at));
    let mut checks = vec![
        (LiveCheck::Reviewed, app.is_reviewed()),
        (LiveCheck::RedirectUri, app.redirect_uris.iter().any(is_elsewhere)),
        (LiveCheck::Homepage, app.homepage.is_some()),
        (LiveCheck::Privacy, app.consent.privacy_url.is_some()),
        (LiveCheck::KeepsData, app.consent.keeps_data.is_some()),
    ];
    if app.client_type == ClientType::Confidential {
        checks.push((LiveCheck::Secret, has_secret()));
    }
    checks
}

/// Whether policy keeps it in development.
fn is_held_back(server: &Server, app: &App) -> bool {
    server.live().review_required && !app.is_reviewed()
}

/// `GET /dashboard/apps/{client_id}/mode`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    match owned(visit, &client_id).await {
        Ok(owned) => show(owned, query.get("done") == Some("mode"), false).await,
        Err(answer) => answer,
    }
}

async fn show(owned: Owned, done: bool, was_refused: bool) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let server = visit.server.clone();
    let read = async {
        let (people, _) = apps::reach(&server.store, app.id).await?;
        Ok::<_, StoreError>((people.unsigned_abs(), people_at_risk(&server, &app).await?))
    };
    let (people, at_risk) = match read.await {
        Ok(read) => read,
        Err(error) => return visit.store_error(&error),
    };
    let page = ModePage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), Some(&path(&app.client_id))),
        app: head(&app),
        done,
        was_refused,
        held_back: is_held_back(&server, &app),
        checks: checks(&server, &app),
        people,
        bound: server
            .live()
            .unreviewed_people
            .filter(|_| !app.is_reviewed() && !app.consent.trusted)
            .map(|most| (at_risk, most)),
    };
    visit.page(if was_refused { 422 } else { 200 }, &page)
}

/// `POST /dashboard/apps/{client_id}/mode`: `mode` is `live` or `development`.
pub async fn post(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let Owned { visit, signed_in, app } = owned;
    let (visit, signed_in) = match recheck::for_form(visit, signed_in, &path(&client_id), &form).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let (wanted, about) = match form.get("mode") {
        Some("live") => (Mode::Live, "live"),
        Some("development") => (Mode::Development, "development"),
        _ => return visit.see_other(&path(&client_id)),
    };
    let server = visit.server.clone();
    if wanted == Mode::Live && is_held_back(&server, &app) {
        return show(Owned { visit, signed_in, app }, false, true).await;
    }
    let mut record = visit.audited(&signed_in, AuditAction::AppModeChanged, about);
    record.app = Some(app.id);
    match apps::set_mode(&server.store, app.id, wanted, server.keep_until(), &record).await {
        Ok(_) => visit.see_other(&format!("{}?done=mode", path(&client_id))),
        Err(error) => visit.store_error(&error),
    }
}
