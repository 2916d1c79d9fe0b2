//! `/account/export` and `/account/delete`: taking one's data along, and leaving.

use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use keysig_core::account_event::AccountEvent;
use keysig_core::id::DeliveryId;
use keysig_core::time::Timestamp;
use keysig_store::export::{self, Exported};
use keysig_store::{StoreError, account_events, erasure, grants};
use serde_json::{Map, Value, json};

use crate::browser::{SignedIn, Ticket};
use crate::mail::Letter;
use crate::pages::{AccountDeletedPage, DeleteAccountPage, ExportPage, When};
use crate::people::account::{posted, signed_in};
use crate::people::recheck;
use crate::server::Server;
use crate::visit::{Form, Visit};

const EXPORT: &str = "/account/export";
const DELETE: &str = "/account/delete";

/// `GET /account/export`: what is in the file.
pub async fn confirm_export(visit: Visit) -> Response {
    let found = match signed_in(visit).await {
        Ok((visit, signed_in)) => recheck::for_page(visit, signed_in, EXPORT).await,
        Err(response) => return response,
    };
    match found {
        Ok((mut visit, signed_in)) => {
            let page = ExportPage {
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                chrome: visit.chrome(Some(&signed_in), Some(EXPORT)),
            };
            visit.page(200, &page)
        }
        Err(response) => response,
    }
}

fn machine(at: Timestamp) -> String {
    When::new(at.unix_millis(), at.unix_millis()).machine()
}

fn value(server: &Server, value: Exported) -> Value {
    match value {
        Exported::Nothing => Value::Null,
        Exported::Text(text) => Value::String(text),
        Exported::Number(number) => number.into(),
        Exported::Time(at) => machine(at).into(),
        Exported::Scopes(scopes) => server.scopes().print(scopes).into(),
        Exported::Flag(flag) => flag.into(),
    }
}

async fn file(server: &Server, signed_in: &SignedIn) -> Result<Value, StoreError> {
    let mut file = Map::new();
    file.insert("from".to_owned(), server.settings.public_url.as_str().into());
    file.insert("made_at".to_owned(), machine(server.now()).into());
    for (name, rows) in export::of_user(&server.store, signed_in.user.id).await? {
        let row = |row: Vec<(&str, Exported)>| -> Value {
            row.into_iter().map(|(name, cell)| (name.to_owned(), value(server, cell))).collect::<Map<_, _>>().into()
        };
        file.insert(name.to_owned(), rows.into_iter().map(row).collect());
    }
    let events = account_events::latest(&server.store, signed_in.user.id, i64::MAX).await?;
    let event = |happened: account_events::Happened| {
        json!({
            "what": happened.event.name(),
            "about": happened.about,
            "at": machine(happened.id.made_at()),
            "address": happened.address,
            "user_agent": happened.user_agent,
        })
    };
    file.insert("events".to_owned(), events.into_iter().map(event).collect());
    Ok(file.into())
}

/// `POST /account/export`: the file.
pub async fn export(visit: Visit, form: Form) -> Response {
    let found = match posted(visit, form).await {
        Ok((visit, signed_in, form)) => recheck::for_form(visit, signed_in, EXPORT, &form).await,
        Err(response) => return response,
    };
    let (visit, signed_in) = match found {
        Ok(found) => found,
        Err(response) => return response,
    };
    let made = async {
        let file = file(&visit.server, &signed_in).await?;
        // Whoever took a copy is seen by the owner, also where it was not the owner.
        let happened = visit.happened(AccountEvent::Exported, "");
        account_events::add(&visit.server.store, signed_in.user.id, &happened).await?;
        Ok(file)
    };
    match made.await {
        Ok(file) => {
            let mut response = visit.json(200, &file);
            let name = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
            response.headers_mut().insert(CONTENT_DISPOSITION, name);
            response
        }
        Err(error) => visit.store_error(&error),
    }
}

async fn question(mut visit: Visit, signed_in: SignedIn, typed: Option<String>) -> Response {
    let counted = async {
        let store = &visit.server.store;
        let connected = grants::of_user(store, signed_in.user.id).await?.len() as u64;
        Ok((connected, erasure::owned_apps(store, signed_in.user.id).await?))
    };
    let (connected, owned) = match counted.await {
        Ok(counted) => counted,
        Err(error) => return visit.store_error(&error),
    };
    let status = if typed.is_some() { 422 } else { 200 };
    let page = DeleteAccountPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), Some(DELETE)),
        email: signed_in.user.email.clone(),
        typed,
        connected,
        owned,
    };
    visit.page(status, &page)
}

/// `GET /account/delete`: what will happen.
pub async fn confirm_deletion(visit: Visit) -> Response {
    let found = match signed_in(visit).await {
        Ok((visit, signed_in)) => recheck::for_page(visit, signed_in, DELETE).await,
        Err(response) => return response,
    };
    match found {
        Ok((visit, signed_in)) => question(visit, signed_in, None).await,
        Err(response) => response,
    }
}

/// `POST /account/delete`: everything of the person is gone when this answers.
pub async fn delete(visit: Visit, form: Form) -> Response {
    let (found, typed) = match posted(visit, form).await {
        Ok((visit, signed_in, form)) => {
            let typed = form.get("email").unwrap_or_default().trim().to_owned();
            (recheck::for_form(visit, signed_in, DELETE, &form).await, typed)
        }
        Err(response) => return response,
    };
    let (mut visit, signed_in) = match found {
        Ok(found) => found,
        Err(response) => return response,
    };
    if !typed.eq_ignore_ascii_case(&signed_in.user.email) {
        return question(visit, signed_in, Some(typed)).await;
    }
    let (server, now) = (visit.server.clone(), visit.server.now());
    let new_id = || DeliveryId::generate(now, &*server.rng);
    match erasure::erase(&server.store, signed_in.user.id, now, server.keep_until(), None, new_id).await {
        Ok(was_there) => {
            server.deliveries.notify_one();
            if was_there {
                visit.write_to(&signed_in.user, &Letter::Deleted).await;
            }
            for cookie in visit.browser.forget(&server, &[signed_in.session.id]) {
                visit.set_cookie(cookie);
            }
            let page = AccountDeletedPage { chrome: visit.chrome(None, None) };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}
