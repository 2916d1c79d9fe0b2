//! Removing apps: access and refresh tokens are dead, durably, when the answer leaves.

use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_store::{apps, grants};

use super::{GrantPath, back_to_list, name, own};
use crate::browser::Ticket;
use crate::pages::{AppDone, RemoveAllPage, RemoveAppPage, WebAddress};
use crate::people::account::{not_found, posted, signed_in};
use crate::people::recheck;
use crate::visit::{Form, Visit};

/// `GET /account/apps/{grant_id}/remove`: what will happen.
pub async fn confirm_removal(visit: Visit, GrantPath(grant_id): GrantPath) -> Response {
    let (mut visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match own(&visit.server, &signed_in, &grant_id).await {
        Ok(Some((grant, app))) => {
            let page = RemoveAppPage {
                chrome: visit.chrome(Some(&signed_in), None),
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                grant_id,
                name: name(&grant, app.as_ref()),
                contact_url: app
                    .and_then(|app| app.about.support_url.or(app.homepage))
                    .as_deref()
                    .and_then(WebAddress::parse),
            };
            visit.page(200, &page)
        }
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /account/apps/{grant_id}/remove`. Leaving takes no more than joining did, so nobody is asked who they are.
pub async fn remove(visit: Visit, GrantPath(grant_id): GrantPath, form: Form) -> Response {
    let (visit, signed_in, _) = match posted(visit, form).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let server = visit.server.clone();
    let removed = async {
        let Some((grant, app)) = own(&server, &signed_in, &grant_id).await? else { return Ok(None) };
        let happened = visit.happened(AccountEvent::AppRemoved, &name(&grant, app.as_ref()));
        grants::remove(&server.store, grant.user, grant.id, &happened, server.now(), server.keep_until()).await?;
        Ok(Some(grant))
    };
    match removed.await {
        Ok(Some(grant)) => back_to_list(visit, AppDone::Removed, Some(&grant)),
        // Removed a moment ago, in another tab: the person's wish is fulfilled.
        Ok(None) => visit.see_other("/account/apps"),
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/apps/remove-all`: what will happen.
pub async fn confirm_removal_of_all(visit: Visit) -> Response {
    let found = match signed_in(visit).await {
        Ok((visit, signed_in)) => recheck::for_page(visit, signed_in, "/account/apps/remove-all").await,
        Err(response) => return response,
    };
    let (mut visit, signed_in) = match found {
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
pub async fn remove_all(visit: Visit, form: Form) -> Response {
    let found = match posted(visit, form).await {
        Ok((visit, signed_in, form)) => recheck::for_form(visit, signed_in, "/account/apps/remove-all", &form).await,
        Err(response) => return response,
    };
    let (visit, signed_in) = match found {
        Ok(found) => found,
        Err(response) => return response,
    };
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
        Ok(()) => back_to_list(visit, AppDone::AllRemoved, None),
        Err(error) => visit.store_error(&error),
    }
}
