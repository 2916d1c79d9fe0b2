//! `/login/choose` (screen L6): one of several accounts in this browser, with the request intact.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::id::{RequestId, SessionId};
use keysig_core::parameters::Parameters;

use crate::browser::{Ticket, end_session};
use crate::oauth::pending::{self, Found};
use crate::pages::{ChooserPage, KnownAccount};
use crate::people::finish::go_on;
use crate::people::{consent, words};
use crate::visit::{Form, Visit};

/// `GET /login/choose?tx=`.
pub async fn get(mut visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tx = query.get("tx").map(str::to_owned);
    let app = match &tx {
        None => None,
        Some(tx) => match visit.waiting(tx).await {
            Ok(Found::Waiting(waiting)) => Some(waiting.app),
            Ok(found) => return consent::gone(visit, &found),
            Err(error) => return visit.store_error(&error),
        },
    };
    let known = async {
        let current = visit.browser.signed_in(&visit.server).await?.map(|signed_in| signed_in.session.id);
        Ok((visit.browser.accounts(&visit.server).await?, current))
    };
    let (accounts, current) = match known.await {
        Ok((accounts, _)) if accounts.is_empty() => return to_sign_in(visit, tx.as_deref()),
        Ok(known) => known,
        Err(error) => return visit.store_error(&error),
    };
    let accounts = accounts.iter().map(|signed_in| KnownAccount {
        session: signed_in.session.id.to_string(),
        account: words::account(&signed_in.user),
        is_current: Some(signed_in.session.id) == current,
    });
    let back = address("/login/choose", tx.as_deref());
    let page = ChooserPage {
        csrf: visit.csrf(None, Ticket::Accounts),
        chrome: visit.chrome(None, Some(&back)),
        tx,
        app_logo: app.as_ref().and_then(|app| app.about.logo),
        app_name: app.map(|app| app.name.clone()),
        accounts: accounts.collect(),
    };
    visit.page(200, &page)
}

/// A page of ours with the request that waits; only an id of ours becomes part of it.
fn address(path: &str, tx: Option<&str>) -> String {
    tx.and_then(RequestId::parse).map_or_else(|| path.to_owned(), |tx| format!("{path}?tx={tx}"))
}

fn to_sign_in(visit: Visit, tx: Option<&str>) -> Response {
    let path = address("/login", tx);
    visit.see_other(&path)
}

/// `POST /login/choose`: goes on as `account`, or ends the session `remove` of this browser.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    if !visit.is_from_our_page(None, Ticket::Accounts, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let session = |name| form.get(name).and_then(SessionId::parse);
    match (session("remove"), session("account")) {
        (Some(session), _) => remove(visit, session, form.get("tx")).await,
        (None, Some(session)) => choose(visit, session, form.get("tx")).await,
        (None, None) => consent::bad_form(visit),
    }
}

async fn choose(mut visit: Visit, session: SessionId, tx: Option<&str>) -> Response {
    let chosen = async {
        let chosen = visit.browser.choose(&visit.server, session).await?;
        if chosen.is_some()
            && let Some(tx) = tx
            && let Found::Waiting(waiting) = pending::find(&visit.server, &visit.browser, tx).await?
        {
            pending::account_chosen(&visit.server, &waiting).await?;
        }
        Ok(chosen)
    };
    match chosen.await {
        Ok(Some((_, cookies))) => {
            cookies.into_iter().for_each(|cookie| visit.set_cookie(cookie));
            go_on(visit, tx)
        }
        // It has ended meanwhile: whoever it is signs in again.
        Ok(None) => {
            visit.see_other(&format!("{}{}account=new", address("/login", tx), if tx.is_some() { "&" } else { "?" }))
        }
        Err(error) => visit.store_error(&error),
    }
}

async fn remove(mut visit: Visit, session: SessionId, tx: Option<&str>) -> Response {
    let removed = async {
        // Only a session whose secret this browser knows is its own to end.
        let own = visit.browser.accounts(&visit.server).await?;
        if let Some(signed_in) = own.iter().find(|signed_in| signed_in.session.id == session) {
            end_session(&visit.server, &signed_in.session).await?;
        }
        Ok(())
    };
    match removed.await {
        Ok(()) => {
            let cookies = visit.browser.forget(&visit.server, &[session]);
            cookies.into_iter().for_each(|cookie| visit.set_cookie(cookie));
            let path = address("/login/choose", tx);
            visit.see_other(&path)
        }
        Err(error) => visit.store_error(&error),
    }
}
