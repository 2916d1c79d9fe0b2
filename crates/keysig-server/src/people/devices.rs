//! `/account/devices`: where a person is signed in, and `/account/events`: what happened lately.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::id::SessionId;
use keysig_core::parameters::Parameters;
use keysig_core::time::Timestamp;
use keysig_store::sessions::Session;
use keysig_store::{StoreError, account_events, second_factors, sessions};

use crate::browser::{SignedIn, Ticket, end_session, has_run_out};
use crate::pages::{Device, DeviceName, DevicesPage, EventLine, EventsPage};
use crate::people::account::{not_found, posted, signed_in};
use crate::visit::{Form, Visit};

const LAST_EVENTS: i64 = 20;

/// The sessions that still let somebody in: what has run out, or was ended with everything else, is not a device.
async fn alive(visit: &Visit, signed_in: &SignedIn) -> Result<Vec<Session>, StoreError> {
    let (server, now) = (&visit.server, visit.server.now());
    let all = sessions::of_user(&server.store, signed_in.user.id).await?;
    let lives = |session: &Session| session.user_epoch >= signed_in.user.epoch && !has_run_out(server, session, now);
    Ok(all.into_iter().filter(lives).collect())
}

/// `GET /account/devices`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (mut visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let sessions = match alive(&visit, &signed_in).await {
        Ok(sessions) => sessions,
        Err(error) => return visit.store_error(&error),
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let device = |session: Session| Device {
        id: session.id.to_string(),
        name: DeviceName::of(&session.user_agent),
        first_seen: (session.created_at > Timestamp::default()).then(|| visit.server.when(session.created_at)),
        last_seen: visit.server.when(session.last_seen_at),
        is_this: session.id == signed_in.session.id,
        address: session.address,
    };
    let devices = sessions.into_iter().map(device).collect();
    let page = DevicesPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), Some("/account/devices")),
        devices,
        done: query.get("done").and_then(DevicesPage::done),
    };
    visit.page(200, &page)
}

/// Ends sessions, tells the apps that want to know, and the person.
async fn end(visit: &Visit, signed_in: &SignedIn, ended: Vec<Session>) -> Result<(), StoreError> {
    for session in ended {
        let (browser, system) = DeviceName::of(&session.user_agent).parts();
        let about = [browser, system].into_iter().flatten().collect::<Vec<_>>().join(" / ");
        let about = if about.is_empty() { session.address.clone() } else { about };
        end_session(&visit.server, &session).await?;
        let happened = visit.happened(AccountEvent::SignedOutElsewhere, &about);
        account_events::add(&visit.server.store, signed_in.user.id, &happened).await?;
    }
    Ok(())
}

/// `POST /account/devices/{session_id}/sign-out`.
pub async fn sign_out(
    visit: Visit,
    path: Result<Path<String>, axum::extract::rejection::PathRejection>,
    form: Form,
) -> Response {
    let (visit, signed_in, _) = match posted(visit, form).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let id = path.ok().and_then(|Path(id)| SessionId::parse(&id));
    if id == Some(signed_in.session.id) {
        return visit.see_other("/logout");
    }
    let ended = async {
        let Some(id) = id else { return Ok(false) };
        let Some(session) = sessions::find(&visit.server.store, signed_in.user.id, id).await? else { return Ok(false) };
        end(&visit, &signed_in, vec![session]).await?;
        Ok(true)
    };
    match ended.await {
        Ok(true) => visit.see_other("/account/devices?done=done-one"),
        Ok(false) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /account/devices/sign-out-others`.
pub async fn sign_out_others(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, _) = match posted(visit, form).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let ended = async {
        let all = sessions::of_user(&visit.server.store, signed_in.user.id).await?;
        let others = all.into_iter().filter(|session| session.id != signed_in.session.id).collect();
        end(&visit, &signed_in, others).await?;
        // Whoever is shut out is asked for both steps when they come back.
        let this = visit.browser.mac(&visit.server).unwrap_or_default();
        second_factors::forget_other_browsers(&visit.server.store, signed_in.user.id, this).await
    };
    match ended.await {
        Ok(()) => visit.see_other("/account/devices?done=done-others"),
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/events`.
pub async fn events(visit: Visit) -> Response {
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let latest = match account_events::latest(&visit.server.store, signed_in.user.id, LAST_EVENTS).await {
        Ok(latest) => latest,
        Err(error) => return visit.store_error(&error),
    };
    let line = |happened: account_events::Happened| EventLine {
        event: happened.event,
        at: visit.server.when(happened.id.made_at()),
        device: DeviceName::of(&happened.user_agent),
        about: happened.about,
        address: happened.address,
    };
    let events = latest.into_iter().map(line).collect();
    let page = EventsPage { chrome: visit.chrome(Some(&signed_in), Some("/account/events")), events };
    visit.page(200, &page)
}
