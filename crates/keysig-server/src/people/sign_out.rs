//! `/logout` (screen L8). Asked for by GET, done by POST.

use axum::response::Response;

use crate::browser::Ticket;
use crate::oauth::logout;
use crate::pages::SignedOutPage;
use crate::people::consent;
use crate::visit::{Form, Visit};

/// `GET /logout`: asks.
pub async fn get(visit: Visit) -> Response {
    match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => logout::ask(visit, &signed_in, None).await,
        Ok(None) => signed_out(visit),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /logout`: the session's row is gone when this answers; the old cookie is worth nothing. With `all` the same of
/// every account in this browser.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return signed_out(visit),
        Err(error) => return visit.store_error(&error),
    };
    if !visit.is_from_our_page(Some(&signed_in), Ticket::Account, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let accounts = match form.get("all") {
        None => vec![signed_in],
        Some(_) => match visit.browser.accounts(&visit.server).await {
            Ok(accounts) => accounts,
            Err(error) => return visit.store_error(&error),
        },
    };
    match logout::asked_by_form(visit, &form).await {
        Ok((visit, asked_by)) => logout::sign_out(visit, accounts, asked_by, false).await,
        Err(response) => response,
    }
}

fn signed_out(visit: Visit) -> Response {
    let page = SignedOutPage { chrome: visit.chrome(None, None), account: None, frames: Vec::new(), onward: None };
    visit.page(200, &page)
}
