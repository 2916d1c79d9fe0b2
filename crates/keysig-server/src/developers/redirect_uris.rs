//! Redirect URIs of an app (screen D4): each is saved at once, and refused with a way to mend it.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::audit::AuditAction;
use keysig_core::parameters::Parameters;
use keysig_core::redirect_advice::{advice, mended};
use keysig_core::redirect_uri::{RedirectUri, RedirectUriRefused};
use keysig_store::redirect_uris::{self, Added, UsedUri};

use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::pages::{RedirectUrisPage, Tested, UriAsked, UriDone, UriProblem, UriRow};
use crate::register::app::is_at_home;
use crate::visit::{Form, Visit};

/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 4096;
/// An address that was used within this is in use.
const IN_USE_SECONDS: i64 = 30 * 86_400;

/// What the page shows beside the list.
#[derive(Default)]
struct Shown {
    typed: String,
    problem: Option<UriProblem>,
    done: Option<UriDone>,
    tested: Option<Tested>,
    asked: Option<UriAsked>,
}

/// `GET /dashboard/apps/{client_id}/redirect-uris`; `saved` is the place of the one that was just added.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let saved = query.get("saved").and_then(|place| place.parse().ok()).map(UriDone::Saved);
    let done = saved.or_else(|| (query.get("done") == Some("removed")).then_some(UriDone::Removed));
    match owned(visit, &client_id).await {
        Ok(owned) => show(owned, Shown { done, ..Shown::default() }).await,
        Err(answer) => answer,
    }
}

async fn show(owned: Owned, shown: Shown) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let all = match redirect_uris::of_app(&visit.server.store, app.id).await {
        Ok(all) => all,
        Err(error) => return visit.store_error(&error),
    };
    let uris: Vec<RedirectUri> = all.iter().map(|(uri, _)| uri.clone()).collect();
    let row = |(uri, last_used): &UsedUri| UriRow {
        advice: advice(uri, &uris),
        matches_any_port: uri.matches_any_port(),
        last_used: last_used.map(|at| visit.server.when(at)),
        uri: uri.as_str().to_owned(),
    };
    let rows: Vec<UriRow> = all.iter().map(row).collect();
    let path = format!("/dashboard/apps/{}/redirect-uris", app.client_id);
    let page = RedirectUrisPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), Some(&path)),
        app: head(&app),
        typed: shown.typed,
        problem: shown.problem,
        done: shown.done,
        tested: shown.tested,
        asked: shown.asked,
        rows,
    };
    visit.page(if page.problem.is_some() { 422 } else { 200 }, &page)
}

fn typed(form: &Parameters) -> String {
    form.get("uri").unwrap_or_default().chars().take(MAX_TYPED_CHARS).collect()
}

/// `POST /dashboard/apps/{client_id}/redirect-uris`: one more. What is around it is no part of it, but what is in it is told.
pub async fn add(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let typed = typed(&form);
    let policy = owned.app.profile.policy();
    let uri = match RedirectUri::register(&typed, &policy) {
        Ok(uri) => uri,
        Err(reason) => {
            let problem = UriProblem::refused(&typed, reason, mended(&typed, &policy));
            return show(owned, Shown { typed, problem: Some(problem), ..Shown::default() }).await;
        }
    };
    let Owned { visit, signed_in, app } = &owned;
    let mut record = visit.audited(signed_in, AuditAction::RedirectUriAdded, uri.as_str());
    record.app = Some(app.id);
    let problem = match redirect_uris::add(&visit.server.store, app.id, &uri, &record).await {
        Ok(Added::Yes) => return saved(owned, &uri).await,
        Ok(Added::Before) => UriProblem::Before,
        Ok(Added::Full) => UriProblem::Full,
        Err(error) => return owned.visit.store_error(&error),
    };
    show(owned, Shown { typed, problem: Some(problem), ..Shown::default() }).await
}

async fn saved(owned: Owned, uri: &RedirectUri) -> Response {
    let Owned { visit, app, .. } = owned;
    let all = redirect_uris::of_app(&visit.server.store, app.id).await.unwrap_or_default();
    let place = all.iter().position(|(other, _)| other == uri).unwrap_or_default();
    visit.see_other(&format!("/dashboard/apps/{}/redirect-uris?saved={place}", app.client_id))
}

/// `POST /dashboard/apps/{client_id}/redirect-uris/remove`. One that people still come back by is asked about first.
pub async fn remove(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let uri = typed(&form);
    let Owned { visit, signed_in, app } = &owned;
    let all = match redirect_uris::of_app(&visit.server.store, app.id).await {
        Ok(all) => all,
        Err(error) => return owned.visit.store_error(&error),
    };
    let since = visit.server.now().plus_seconds(-IN_USE_SECONDS);
    let in_use = all.iter().any(|(other, used)| other.as_str() == uri && used.is_some_and(|at| since < at));
    let left: Vec<RedirectUri> =
        all.iter().map(|(other, _)| other.clone()).filter(|other| other.as_str() != uri).collect();
    let frame = app.openid.frontchannel_logout_uri.as_deref();
    let and_frame = frame.is_some_and(|frame| !is_at_home(frame, &left));
    if (in_use || and_frame || all.len() == 1) && form.get("sure") != Some("yes") {
        let asked = UriAsked { uri, is_in_use: in_use, is_last: left.is_empty(), and_frame };
        return show(owned, Shown { asked: Some(asked), ..Shown::default() }).await;
    }
    let mut record = visit.audited(signed_in, AuditAction::RedirectUriRemoved, &uri);
    record.app = Some(app.id);
    match redirect_uris::remove(&visit.server.store, app.id, &uri, and_frame, &record).await {
        // Removed a moment ago, in another tab: the wish is fulfilled.
        Ok(_) => {
            let path = format!("/dashboard/apps/{}/redirect-uris?done=removed", app.client_id);
            owned.visit.see_other(&path)
        }
        Err(error) => owned.visit.store_error(&error),
    }
}

/// `POST /dashboard/apps/{client_id}/redirect-uris/test`: which rule an address meets, the one a program opened as a whole, or
/// its redirect URI alone. Nothing is written, and nothing of it is kept.
pub async fn test(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let tested = tested(&owned.app, &typed(&form));
    show(owned, Shown { tested: Some(tested), ..Shown::default() }).await
}

/// What the redirect URI of an address meets among an app's.
fn tested(app: &App, pasted: &str) -> Tested {
    let query = pasted.trim().split_once('?').map_or("", |(_, query)| query);
    let query = Parameters::parse(query.split('#').next().unwrap_or_default().as_bytes()).unwrap_or_default();
    let sent = query.get("redirect_uri").unwrap_or(pasted.trim()).to_owned();
    match app.redirect_uris.iter().find(|uri| uri.matches(&sent)) {
        Some(uri) if uri.as_str() == sent => Tested::Exactly { sent },
        Some(uri) => Tested::ByAnyPort { sent, registered: uri.as_str().to_owned() },
        None => {
            let nearest = match app.resolve(&sent) {
                Err(RedirectUriRefused::NotRegistered { nearest }) => nearest,
                Err(RedirectUriRefused::Insecure) | Ok(_) => None,
            };
            let refused = RedirectUri::register(&sent, &app.profile.policy()).err();
            Tested::Missed { sent, nearest, refused }
        }
    }
}
