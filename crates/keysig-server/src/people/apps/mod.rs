//! `/account/apps`: what may use the account, what it used, and the end of it.

mod details;
mod end;
mod reduce;
mod report;

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::response::Response;
use http::Uri;
use http::request::Parts;
use keysig_core::app::App;
use keysig_core::consent::Shown;
use keysig_core::grant::Grant;
use keysig_core::id::GrantId;
use keysig_core::parameters::Parameters;
use keysig_core::scope::ScopeSet;
use keysig_store::uses::GrantUse;
use keysig_store::{StoreError, apps, grants, uses};

pub use details::details;
pub use end::{confirm_removal, confirm_removal_of_all, remove, remove_all};
pub use reduce::{pause, resume, turn_off};
pub use report::{report, send_report};

use crate::browser::{SignedIn, Ticket};
use crate::language::Lang;
use crate::pages::{AppDone, ConnectedApp, ConnectedAppsPage, ScopeText, UsedPermission, WebAddress};
use crate::people::account::signed_in;
use crate::people::words;
use crate::server::Server;
use crate::visit::Visit;

/// What was not used for so long is offered for review (ux §3).
const UNUSED_SECONDS: i64 = 90 * 86_400;
/// "In the last 30 days": today and the 29 days before.
pub const RECENT_DAYS: i64 = 30;

/// The grant a path names; one that is no text names none, and is answered like any other that does not exist.
pub struct GrantPath(String);

impl<S: Send + Sync> FromRequestParts<S> for GrantPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map_or_else(|_| String::new(), |Path(grant_id)| grant_id)))
    }
}

/// What an app is called: its name now, or, where it no longer exists, the name the person agreed to.
pub fn name(grant: &Grant, app: Option<&App>) -> String {
    app.map_or_else(|| Shown::parse(&grant.shown).name().to_owned(), |app| app.name.clone())
}

/// What a person may take from an app without ending it: what the app itself said it works without.
fn optional(app: Option<&App>) -> ScopeSet {
    app.map_or(ScopeSet::EMPTY, |app| app.consent.optional)
}

/// An agreement, if it is this person's and in force, with its app.
async fn own(server: &Server, who: &SignedIn, grant_id: &str) -> Result<Option<(Grant, Option<App>)>, StoreError> {
    let Some(id) = GrantId::parse(grant_id) else { return Ok(None) };
    let Some(grant) = grants::find(&server.store, who.user.id, id).await?.filter(|grant| grant.removed_at.is_none())
    else {
        return Ok(None);
    };
    let app = apps::by_id(&server.store, grant.app).await?;
    Ok(Some((grant, app)))
}

/// Back to the list, which says what was done. The address names the grant and never the app: an address is no place for
/// somebody's text.
fn back_to_list(visit: Visit, done: AppDone, grant: Option<&Grant>) -> Response {
    let about = grant.map(|grant| format!("&app={}", grant.id)).unwrap_or_default();
    visit.see_other(&format!("/account/apps?done={}{about}", done.name()))
}

fn permissions(
    server: &Server,
    grant: &Grant,
    app: Option<&App>,
    used: &[GrantUse],
    lang: Lang,
) -> Vec<UsedPermission> {
    let optional = optional(app);
    let scopes = server.scopes();
    let line = |scope| {
        let words = ScopeText::of(scopes.entry(scope)?, lang.tag())?;
        let mut line = UsedPermission::of(scope.number(), &words, optional.has(scope));
        if let Some(used) = used.iter().find(|used| used.grant == grant.id && used.scope == Some(scope)) {
            line.last_used = Some(server.when(used.last_used_at));
            line.times = used.uses.unsigned_abs();
        }
        Some(line)
    };
    grant.scopes.iter().filter_map(line).collect()
}

async fn card(
    visit: &Visit,
    grant: &Grant,
    signed_in: &SignedIn,
    used: &[GrantUse],
    lang: Lang,
) -> Result<ConnectedApp, StoreError> {
    let server = &visit.server;
    let app = apps::by_id(&server.store, grant.app).await?;
    let badge = match &app {
        Some(app) => Some(words::badge(server, app, &signed_in.user).await?),
        None => None,
    };
    Ok(ConnectedApp {
        grant_id: grant.id.to_string(),
        name: name(grant, app.as_ref()),
        logo: app.as_ref().and_then(|app| app.about.logo),
        home: app.as_ref().and_then(|app| app.homepage.as_deref()).and_then(WebAddress::parse),
        badge,
        connected_at: server.when(grant.created_at),
        last_used: (grant.last_used_at > grant.created_at).then(|| server.when(grant.last_used_at)),
        ends_at: grant.expires_at.map(|end| server.when(end)),
        has_ended: grant.has_ended(server.now()),
        is_paused: grant.paused,
        permissions: permissions(server, grant, app.as_ref(), used, lang),
    })
}

/// What the address says was done just now, with the name of the app it was done to.
async fn done(
    visit: &Visit,
    signed_in: &SignedIn,
    query: &Parameters,
) -> Result<Option<(AppDone, String)>, StoreError> {
    let Some(done) = query.get("done").and_then(AppDone::parse) else { return Ok(None) };
    let store = &visit.server.store;
    let id = query.get("app").and_then(GrantId::parse);
    let grant = match id {
        Some(id) => grants::find(store, signed_in.user.id, id).await?,
        None => None,
    };
    match grant {
        Some(grant) => Ok(Some((done, name(&grant, apps::by_id(store, grant.app).await?.as_ref())))),
        None if done == AppDone::AllRemoved => Ok(Some((done, String::new()))),
        None => Ok(None),
    }
}

async fn list(visit: &mut Visit, signed_in: &SignedIn, query: &Parameters) -> Result<ConnectedAppsPage, StoreError> {
    let (server, lang) = (visit.server.clone(), visit.lang.words("connected-apps").lang());
    let now = server.now();
    let is_review = query.get("filter") == Some("unused");
    let used = uses::of_user(&server.store, signed_in.user.id, now.unix_days() - RECENT_DAYS + 1).await?;
    let grants = grants::of_user(&server.store, signed_in.user.id).await?;
    let is_unused = |grant: &&Grant| grant.last_used_at.plus_seconds(UNUSED_SECONDS) <= now;
    let unused = grants.iter().filter(is_unused).count() as u64;
    let mut apps = Vec::new();
    for grant in grants.iter().filter(|grant| !is_review || is_unused(grant)) {
        apps.push(card(visit, grant, signed_in, &used, lang).await?);
    }
    Ok(ConnectedAppsPage {
        done: done(visit, signed_in, query).await?,
        csrf: visit.csrf(Some(signed_in), Ticket::Account),
        chrome: visit.chrome(Some(signed_in), Some("/account/apps")),
        apps,
        is_review,
        unused,
    })
}

/// `GET /account/apps`.
pub async fn get(visit: Visit, uri: Uri) -> Response {
    let (mut visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let query = Parameters::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    match list(&mut visit, &signed_in, &query).await {
        Ok(page) => visit.page(200, &page),
        Err(error) => visit.store_error(&error),
    }
}
