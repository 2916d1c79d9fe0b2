//! `/` and `/account`.

use axum::response::Response;
use keysig_core::parameters::Parameters;
use keysig_store::grants;

use crate::browser::{SignedIn, Ticket};
use crate::pages::{AccountPage, ErrorPage, HomePage};
use crate::people::{consent, words};
use crate::visit::{Form, Visit};

/// `GET /`.
pub async fn home(visit: Visit) -> Response {
    match visit.browser.signed_in(&visit.server).await {
        Ok(signed_in) => {
            let page = HomePage { chrome: visit.chrome(signed_in.as_ref(), Some("/")) };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account`.
pub async fn account(mut visit: Visit) -> Response {
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return visit.see_other("/login"),
        Err(error) => return visit.store_error(&error),
    };
    match grants::of_user(&visit.server.store, signed_in.user.id).await {
        Ok(grants) => {
            let page = AccountPage {
                chrome: visit.chrome(Some(&signed_in), Some("/account")),
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                account: words::account(&signed_in.user),
                connected_apps: grants.len() as u64,
            };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// The signed-in person, or the answer to somebody who is not.
pub async fn signed_in(visit: Visit) -> Result<(Visit, SignedIn), Response> {
    match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => Ok((visit, signed_in)),
        Ok(None) => Err(visit.see_other("/login")),
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// The signed-in person and the form of a page of theirs that they posted, or the answer to anything else.
pub async fn posted(visit: Visit, Form(form): Form) -> Result<(Visit, SignedIn, Parameters), Response> {
    let (visit, signed_in) = signed_in(visit).await?;
    match form {
        Ok(form) if visit.is_from_our_page(Some(&signed_in), Ticket::Account, form.get("csrf")) => {
            Ok((visit, signed_in, form))
        }
        Ok(_) => Err(consent::csrf_failed(visit)),
        Err(_) => Err(consent::bad_form(visit)),
    }
}

/// Nothing is there, or nothing of this person's.
pub fn not_found(visit: Visit, signed_in: &SignedIn) -> Response {
    let page = ErrorPage::not_found(visit.chrome(Some(signed_in), None));
    visit.error(&page)
}
