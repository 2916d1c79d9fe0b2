//! `/dashboard/inspect`: the address that a program opened, looked at without signing in. It says what the error page would
//! say to whoever opened it, and what a developer may know of their own apps.

use axum::response::Response;

use crate::browser::Ticket;
use crate::inspector::pasted::{self, Told};
use crate::inspector::{Facts, Reason};
use crate::pages::InspectPage;
use crate::people::consent::csrf_failed;
use crate::server::address_block;
use crate::visit::{Form, Visit};

/// `GET`.
pub async fn get(visit: Visit) -> Response {
    show(visit, String::new(), None, None, 200).await
}

type Found = Option<Option<(Reason, Facts)>>;

async fn show(mut visit: Visit, address: String, problem: Option<&'static str>, found: Found, status: u16) -> Response {
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(signed_in) => signed_in,
        Err(error) => return visit.store_error(&error),
    };
    let csrf = visit.csrf(signed_in.as_ref(), Ticket::Account);
    let chrome = visit.chrome(signed_in.as_ref(), Some("/dashboard/inspect"));
    visit.page(status, &InspectPage { chrome, csrf, address, problem, found })
}

/// `POST`.
pub async fn post(visit: Visit, form: Form) -> Response {
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(signed_in) => signed_in,
        Err(error) => return visit.store_error(&error),
    };
    let form = form.0.unwrap_or_default();
    if !visit.is_from_our_page(signed_in.as_ref(), Ticket::Account, form.get("csrf")) {
        return csrf_failed(visit);
    }
    let pasted = form.get("address").unwrap_or_default().trim().to_owned();
    let server = visit.server.clone();
    let from = address_block(visit.peer);
    if server.inspections.try_once(from, server.now()).is_err() {
        return show(visit, pasted, Some("inspect-throttled"), None, 429).await;
    }
    let Some(parameters) = pasted::parameters(&pasted) else {
        return show(visit, pasted, Some("inspect-not-one"), None, 422).await;
    };
    let told = signed_in.as_ref().map_or(Told::Anybody, |signed_in| Told::Developer(signed_in.user.id));
    match pasted::inspect(&server, told, &parameters).await {
        Ok(pasted::Found::Passes(_)) => show(visit, pasted, None, Some(None), 200).await,
        Ok(pasted::Found::Refused(reason, facts)) => show(visit, pasted, None, Some(Some((reason, facts))), 200).await,
        Err(error) => visit.store_error(&error),
    }
}
