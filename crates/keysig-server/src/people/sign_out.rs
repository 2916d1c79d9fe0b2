//! `/logout` (screen L8). Asked for by GET, done by POST.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::parameters::Parameters;

use crate::browser::{Ticket, end_session, forget_session};
use crate::oauth::logout;
use crate::oauth::pending::{self, Found};
use crate::pages::{SignOutConfirmPage, SignedOutPage};
use crate::people::{consent, words};
use crate::visit::{Form, Visit};

/// `GET /logout`: asks. With a `tx` it is "Not you?" on the way to an app, and the request survives.
pub async fn get(mut visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tx = query.get("tx").map(str::to_owned);
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return signed_out(visit),
        Err(error) => return visit.store_error(&error),
    };
    let mut app_name = None;
    if let Some(tx) = &tx {
        match pending::find(&visit.server, &visit.browser, tx).await {
            Ok(Found::Waiting(waiting)) => app_name = Some(waiting.app.name.clone()),
            Ok(found) => return consent::gone(visit, &found),
            Err(error) => return visit.store_error(&error),
        }
    }
    let page = SignOutConfirmPage {
        chrome: visit.chrome(Some(&signed_in), None),
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        tx,
        app_name,
        account: words::account(&signed_in.user),
        asked_by: None,
        hidden: Vec::new(),
    };
    visit.page(200, &page)
}

/// `POST /logout`: the session's row is gone when this answers; the old cookie is worth nothing.
pub async fn post(mut visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return signed_out(visit),
        Err(error) => return visit.store_error(&error),
    };
    if !visit.is_from_our_page(Some(&signed_in), Ticket::Account, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    if let Some(tx) = form.get("tx").filter(|tx| tx.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        if let Err(error) = end_session(&visit.server, &signed_in.session).await {
            return visit.store_error(&error);
        }
        let cookie = forget_session(&visit.server);
        visit.set_cookie(cookie);
        return visit.see_other(&format!("/login?tx={tx}"));
    }
    match logout::asked_by_form(visit, &form).await {
        Ok((visit, asked_by)) => logout::sign_out(visit, signed_in, asked_by, false).await,
        Err(response) => response,
    }
}

fn signed_out(visit: Visit) -> Response {
    let page = SignedOutPage { chrome: visit.chrome(None, None), account: None, frames: Vec::new(), onward: None };
    visit.page(200, &page)
}
