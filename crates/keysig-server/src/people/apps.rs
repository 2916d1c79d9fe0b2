//! `/account/apps`: what may use the account, and the end of it.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path};
use axum::response::Response;
use http::request::Parts;
use keysig_core::account_event::AccountEvent;
use keysig_core::app::App;
use keysig_core::consent::Shown;
use keysig_core::grant::Grant;
use keysig_core::id::GrantId;
use keysig_store::{StoreError, apps, grants};

use crate::browser::{SignedIn, Ticket};
use crate::language::Lang;
use crate::pages::{
    Badge, ConnectedApp, ConnectedAppsPage, ErrorPage, Permissions, RemoveAllPage, RemoveAppPage, WebAddress,
};
use crate::people::{consent, words};
use crate::server::Server;
use crate::visit::{Form, Visit};

/// The signed-in person, or the answer to somebody who is not.
async fn signed_in(visit: Visit) -> Result<(Visit, SignedIn), Response> {
    match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => Ok((visit, signed_in)),
        Ok(None) => Err(visit.see_other("/login")),
        Err(error) => Err(visit.store_error(&error)),
    }
}

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
fn name(grant: &Grant, app: Option<&App>) -> String {
    app.map_or_else(|| Shown::parse(&grant.shown).name().to_owned(), |app| app.name.clone())
}

async fn card(server: &Server, grant: &Grant, signed_in: &SignedIn, lang: Lang) -> Result<ConnectedApp, StoreError> {
    let app = apps::by_id(&server.store, grant.app).await?;
    let badge = match &app {
        Some(app) => words::badge(server, app, &signed_in.user).await?,
        None => Badge::NotReviewed { users: 1, first_seen: server.when(grant.created_at) },
    };
    Ok(ConnectedApp {
        grant_id: grant.id.to_string(),
        name: name(grant, app.as_ref()),
        home: app.as_ref().and_then(|app| app.homepage.as_deref()).and_then(WebAddress::parse),
        badge,
        connected_at: server.when(grant.created_at),
        last_used: (grant.last_used_at > grant.created_at).then(|| server.when(grant.last_used_at)),
        permissions: Permissions::of(&words::of_scopes(&server.scopes, grant.scopes, lang)),
    })
}

async fn list(visit: Visit, signed_in: SignedIn, removed: Option<String>) -> Response {
    let lang = visit.lang.words("connected-apps").lang();
    let cards = async {
        let mut cards = Vec::new();
        for grant in grants::of_user(&visit.server.store, signed_in.user.id).await? {
            cards.push(card(&visit.server, &grant, &signed_in, lang).await?);
        }
        Ok(cards)
    };
    match cards.await {
        Ok(apps) => {
            let page =
                ConnectedAppsPage { chrome: visit.chrome(Some(&signed_in), Some("/account/apps")), apps, removed };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/apps`.
pub async fn get(visit: Visit) -> Response {
    match signed_in(visit).await {
        Ok((visit, signed_in)) => list(visit, signed_in, None).await,
        Err(response) => response,
    }
}

/// The grant of a path, if it is this person's and in force.
async fn own_grant(server: &Server, signed_in: &SignedIn, grant_id: &str) -> Result<Option<Grant>, StoreError> {
    let Some(id) = GrantId::parse(grant_id) else { return Ok(None) };
    let all = grants::of_user(&server.store, signed_in.user.id).await?;
    Ok(all.into_iter().find(|grant| grant.id == id))
}

fn not_found(visit: Visit, signed_in: &SignedIn) -> Response {
    let page = ErrorPage::not_found(visit.chrome(Some(signed_in), None));
    visit.error(&page)
}

/// `GET /account/apps/{grant_id}/remove`: what will happen.
pub async fn confirm_removal(visit: Visit, GrantPath(grant_id): GrantPath) -> Response {
    let (mut visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let found = async {
        let Some(grant) = own_grant(&visit.server, &signed_in, &grant_id).await? else { return Ok(None) };
        let app = apps::by_id(&visit.server.store, grant.app).await?;
        Ok(Some((grant, app)))
    };
    match found.await {
        Ok(Some((grant, app))) => {
            let page = RemoveAppPage {
                chrome: visit.chrome(Some(&signed_in), None),
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                grant_id,
                name: name(&grant, app.as_ref()),
                contact_url: app.and_then(|app| app.homepage).as_deref().and_then(WebAddress::parse),
            };
            visit.page(200, &page)
        }
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /account/apps/{grant_id}/remove`: access and refresh tokens are dead, durably, when this answers.
pub async fn remove(visit: Visit, GrantPath(grant_id): GrantPath, Form(form): Form) -> Response {
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let csrf = form.as_ref().ok().and_then(|form| form.get("csrf"));
    if !visit.is_from_our_page(Some(&signed_in), Ticket::Account, csrf) {
        return consent::csrf_failed(visit);
    }
    let server = visit.server.clone();
    let removed = async {
        let Some(grant) = own_grant(&server, &signed_in, &grant_id).await? else { return Ok(None) };
        let app = apps::by_id(&server.store, grant.app).await?;
        let name = name(&grant, app.as_ref());
        let happened = visit.happened(AccountEvent::AppRemoved, &name);
        grants::remove(&server.store, grant.user, grant.id, &happened, server.now(), server.keep_until()).await?;
        Ok(Some(name))
    };
    match removed.await {
        Ok(Some(name)) => list(visit, signed_in, Some(name)).await,
        // Removed a moment ago, in another tab: the person's wish is fulfilled.
        Ok(None) => visit.see_other("/account/apps"),
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/apps/remove-all`: what will happen.
pub async fn confirm_removal_of_all(visit: Visit) -> Response {
    let (mut visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let names = async {
        let mut names = Vec::new();
        for grant in grants::of_user(&visit.server.store, signed_in.user.id).await? {
            let app = apps::by_id(&visit.server.store, grant.app).await?;
            names.push(name(&grant, app.as_ref()));
        }
        Ok(names)
    };
    match names.await {
        Ok(names) if names.is_empty() => visit.see_other("/account/apps"),
        Ok(names) => {
            let page = RemoveAllPage {
                chrome: visit.chrome(Some(&signed_in), None),
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                names,
            };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /account/apps/remove-all`.
pub async fn remove_all(visit: Visit, Form(form): Form) -> Response {
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let csrf = form.as_ref().ok().and_then(|form| form.get("csrf"));
    if !visit.is_from_our_page(Some(&signed_in), Ticket::Account, csrf) {
        return consent::csrf_failed(visit);
    }
    let server = visit.server.clone();
    let removed = async {
        for grant in grants::of_user(&server.store, signed_in.user.id).await? {
            let app = apps::by_id(&server.store, grant.app).await?;
            let happened = visit.happened(AccountEvent::AppRemoved, &name(&grant, app.as_ref()));
            grants::remove(&server.store, grant.user, grant.id, &happened, server.now(), server.keep_until()).await?;
        }
        Ok(())
    };
    match removed.await {
        Ok(()) => visit.see_other("/account/apps"),
        Err(error) => visit.store_error(&error),
    }
}
