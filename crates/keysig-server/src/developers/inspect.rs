//! `/dashboard/inspect`: the address that a program opened, looked at without signing in. It says what the error page would
//! say to whoever opened it, and what a developer may know of their own apps.

use axum::response::Response;
use keysig_core::authorize::{PageReason, Refused, check, client_id};
use keysig_core::parameters::Parameters;
use keysig_store::{StoreError, apps};

use crate::browser::{SignedIn, Ticket};
use crate::inspector::{Fact, Facts, Reason, facts_of_page, facts_of_redirect};
use crate::pages::InspectPage;
use crate::people::consent::csrf_failed;
use crate::server::{Server, address_block};
use crate::visit::{Form, Visit};

/// So many differing characters are a slip of the hand.
const SLIP: usize = 2;

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
    let query = pasted.split_once('?').map(|(_, query)| query.split('#').next().unwrap_or_default());
    let Some(parameters) = query.and_then(|query| Parameters::parse(query.as_bytes()).ok()) else {
        return show(visit, pasted, Some("inspect-not-one"), None, 422).await;
    };
    match inspect(&server, signed_in.as_ref(), &parameters).await {
        Ok(found) => show(visit, pasted, None, Some(found), 200).await,
        Err(error) => visit.store_error(&error),
    }
}

/// Why a request would be refused, if it would.
async fn inspect(
    server: &Server,
    signed_in: Option<&SignedIn>,
    parameters: &Parameters,
) -> Result<Option<(Reason, Facts)>, StoreError> {
    let scopes = server.scopes();
    let page = |reason: &PageReason| Some((Reason::of_page(reason, &scopes), facts_of_page(reason)));
    let client_id = match client_id(parameters) {
        Ok(client_id) => client_id,
        Err(reason) => return Ok(page(&reason)),
    };
    let Some(app) = server.app(client_id).await? else {
        let mut facts = vec![Fact::new("sent", client_id)];
        if let Some(signed_in) = signed_in {
            let own = apps::of_owner(&server.store, signed_in.user.id).await?;
            let near = own.iter().map(|app| app.client_id.as_str()).find(|own| distance(own, client_id) <= SLIP);
            facts.extend(near.map(|near| Fact::new("nearest", near)));
        }
        return Ok(Some((Reason::UnknownClient, facts)));
    };
    // Where an app may be returned to is known to whoever logs in to it, but its list is its developer's.
    let is_own = signed_in.is_some_and(|signed_in| app.owner == Some(signed_in.user.id));
    let found = match server.look_up(|lookup| check(parameters, &app, lookup)) {
        Ok(_) => None,
        Err(Refused::Page(reason)) => page(&reason),
        Err(Refused::Redirect { reason, .. }) => {
            Some((Reason::of_redirect(&reason, &scopes), facts_of_redirect(&reason, parameters.duplicate())))
        }
    };
    Ok(found.map(|(reason, facts)| {
        let hides = reason == Reason::RedirectUriNotRegistered && !is_own;
        (reason, if hides { Facts::new() } else { facts })
    }))
}

/// How many characters must be changed, added or left out to make one of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(100).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(100).enumerate() {
        let mut next = vec![i + 1];
        for ((y, above), diagonal) in b.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or_default();
            next.push((left + 1).min(above + 1).min(diagonal + usize::from(x != *y)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
