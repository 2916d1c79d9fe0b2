//! `/login/second-step` (screen L4): between the first step and the session.

use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::authorize::RedirectReason;
use keysig_core::grant::Amr;
use keysig_core::id::RequestId;
use keysig_core::parameters::Parameters;
use keysig_core::user::User;
use keysig_store::{StoreError, passkeys, second_factors, users};

use crate::browser::{SignedIn, Ticket};
use crate::inspector::asked;
use crate::oauth::answer::By;
use crate::oauth::authorize;
use crate::oauth::pending::{Found, Waiting};
use crate::pages::{SecondStepError, SecondStepPage};
use crate::people::guesses::Guess;
use crate::people::{self, consent, finish};
use crate::second_step::{FirstStep, REMEMBERED_SECONDS, step_of};
use crate::server::Server;
use crate::visit::{Form, Visit};

/// What must still happen before somebody who has shown `amr` is signed in.
pub enum Due {
    /// Nothing; with what they have shown in all.
    Nothing(Amr),
    /// The second step.
    Code,
}

/// Decides it. A remembered browser spares the second step, and is no second factor to others.
pub async fn due(visit: &Visit, user: &User, amr: Amr) -> Result<Due, StoreError> {
    let server = &visit.server;
    if amr.is_two_factors() || second_factors::find(&server.store, user.id).await?.is_none() {
        return Ok(Due::Nothing(amr));
    }
    let Some(mac) = visit.browser.mac(server) else { return Ok(Due::Code) };
    let remembered = second_factors::is_remembered(&server.store, user.id, mac, user.epoch, server.now()).await?;
    Ok(if remembered { Due::Nothing(amr.and(Amr::REMEMBERED_BROWSER)) } else { Due::Code })
}

/// Asks for the second step of somebody who has shown `amr`. Nobody is signed in yet.
pub async fn ask(visit: Visit, user: &User, amr: Amr, tx: Option<&str>) -> Response {
    let (at, tx) = (visit.server.now(), tx.and_then(RequestId::parse));
    let first = FirstStep { user: user.id, epoch: user.epoch, amr, at, tx, session: None };
    show(visit, &first, Kind::Code, None).await
}

/// Asks somebody who is signed in by one factor for the second, because a request demands both. Whoever has none is not
/// led in circles: the app is told (OpenID Connect Core Error Code unmet_authentication_requirements 1.0).
pub async fn step_up(visit: Visit, signed_in: &SignedIn, waiting: &Waiting) -> Response {
    let user = signed_in.user.id;
    let ways = async {
        let store = &visit.server.store;
        let has_passkey = visit.server.passkeys.is_some() && !passkeys::of_user(store, user).await?.is_empty();
        Ok((second_factors::find(store, user).await?.is_some(), has_passkey))
    };
    let ways: Result<(bool, bool), StoreError> = ways.await;
    let kind = match ways {
        Ok((true, _)) => Kind::Code,
        Ok((false, true)) => Kind::Passkey,
        Ok((false, false)) => {
            let asked = asked::Asked::Kept(&waiting.request);
            asked::sent_back(&visit, (&waiting.app, None), asked, &RedirectReason::AcrUnmet);
            return authorize::refuse(visit, &waiting.app, &waiting.request, &RedirectReason::AcrUnmet, By::Page);
        }
        Err(error) => return visit.store_error(&error),
    };
    let first = FirstStep {
        user: signed_in.user.id,
        epoch: signed_in.user.epoch,
        amr: signed_in.session.amr,
        at: visit.server.now(),
        tx: Some(waiting.row.id),
        session: Some(signed_in.session.id),
    };
    show(visit, &first, kind, None).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Recovery,
    /// There is no app: only a passkey will do.
    Passkey,
}

async fn show(mut visit: Visit, first: &FirstStep, kind: Kind, error: Option<SecondStepError>) -> Response {
    let tx = first.tx.map(|tx| tx.to_string());
    let app_name = match &tx {
        None => None,
        Some(tx) => match visit.waiting(tx).await {
            Ok(Found::Waiting(waiting)) => Some(waiting.app.name.clone()),
            // What became of it is said once somebody is signed in.
            Ok(_) => None,
            Err(error) => return visit.store_error(&error),
        },
    };
    let csrf = visit.csrf(None, Ticket::SignIn);
    let Some(step) = visit.server.second_steps.seal_first_step(&visit.server, &visit.browser, first) else {
        return begin_again(visit, tx.as_deref());
    };
    let passkey = people::passkeys::ask_at_second_step(&visit, tx.as_deref());
    let page = SecondStepPage {
        chrome: visit.chrome(None, None),
        csrf,
        step,
        tx,
        app_name,
        passkey,
        has_app: kind != Kind::Passkey,
        is_recovery: kind == Kind::Recovery,
        error,
    };
    visit.page_with_retry(page.status(), &page, page.retry_after_seconds())
}

/// A form that is too old, or was never ours to this browser, leads to the beginning, with the request intact.
fn begin_again(visit: Visit, tx: Option<&str>) -> Response {
    match tx.and_then(RequestId::parse) {
        Some(tx) => visit.see_other(&format!("/login?tx={tx}")),
        None => visit.see_other("/login"),
    }
}

/// `GET /login/second-step`: the page has no address of its own; whoever comes back to it begins again.
pub async fn get(visit: Visit) -> Response {
    visit.see_other("/login")
}

/// `POST /login/second-step`. The first step comes sealed in the form: without it, or with another browser's, nobody is
/// anybody here.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let server = visit.server.clone();
    let sealed = form.get("step").unwrap_or_default();
    let Some(first) = server.second_steps.open_first_step(&server, &visit.browser, sealed) else {
        return begin_again(visit, form.get("tx"));
    };
    let found = async {
        let Some(user) = users::by_id(&server.store, first.user).await? else { return Ok(None) };
        // What the first step rests on may have ended since: a new password, a closed account.
        if user.disabled || user.epoch != first.epoch {
            return Ok(None);
        }
        if users::changed_password_after(&server.store, user.id, first.at).await? {
            return Ok(None);
        }
        let factor = second_factors::find(&server.store, user.id).await?;
        Ok(factor.and_then(|factor| Some((server.second_steps.open_seed(user.id, &factor.seed)?, user))))
    };
    let (seed, user) = match found.await {
        Ok(Some(found)) => found,
        Ok(None) => return begin_again(visit, form.get("tx")),
        Err(error) => return visit.store_error(&error),
    };
    let kind = match form.get("way") {
        Some("recovery") => return show(visit, &first, Kind::Recovery, None).await,
        Some(_) => return show(visit, &first, Kind::Code, None).await,
        None if form.all("recovery_code").next().is_some() => Kind::Recovery,
        None => Kind::Code,
    };
    match check(&visit, &user, &seed, kind, &form).await {
        Ok(amr) => {
            if form.get("remember").is_some()
                && let Err(error) = remember(&visit, &user).await
            {
                return visit.store_error(&error);
            }
            go_on(visit, &user, &first, amr).await
        }
        Err(Refused::Shown(error)) => show(visit, &first, kind, Some(error)).await,
        Err(Refused::Store(error)) => visit.store_error(&error),
    }
}

async fn go_on(visit: Visit, user: &User, first: &FirstStep, amr: Amr) -> Response {
    let tx = first.tx.map(|tx| tx.to_string());
    let all = first.amr.and(amr);
    let Some(session) = first.session else { return finish::begin(visit, user, all, tx.as_deref()).await };
    match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) if signed_in.session.id == session => {
            finish::strengthen(visit, signed_in, all, tx.as_deref()).await
        }
        // Signed out meanwhile, or another account was chosen.
        Ok(_) => begin_again(visit, tx.as_deref()),
        Err(error) => visit.store_error(&error),
    }
}

async fn remember(visit: &Visit, user: &User) -> Result<(), StoreError> {
    let Some(mac) = visit.browser.mac(&visit.server) else { return Ok(()) };
    let until = visit.server.now().plus_seconds(REMEMBERED_SECONDS);
    second_factors::remember(&visit.server.store, user.id, mac, user.epoch, until).await
}

enum Refused {
    Shown(SecondStepError),
    Store(StoreError),
}

async fn check(visit: &Visit, user: &User, seed: &[u8], kind: Kind, form: &Parameters) -> Result<Amr, Refused> {
    let server: &Server = &visit.server;
    let name = if kind == Kind::Recovery { "recovery_code" } else { "code" };
    let typed = form.get(name).unwrap_or_default().trim();
    if typed.is_empty() {
        return Err(Refused::Shown(SecondStepError::Empty));
    }
    let guess = Guess::count(server, user.email.clone(), visit.peer)
        .map_err(|seconds| Refused::Shown(SecondStepError::Throttled { retry_after_seconds: u64::from(seconds) }))?;
    let right = match kind {
        Kind::Passkey => Ok(false),
        Kind::Code => takes_code(server, user, seed, typed).await,
        Kind::Recovery => {
            let mac = server.second_steps.recovery_code_mac(user.id, typed);
            let happened = visit.happened(AccountEvent::RecoveryCodeUsed, "");
            second_factors::take_code(&server.store, user.id, mac, server.now(), &happened).await
        }
    };
    match right {
        Ok(true) => {
            guess.take_back(server);
            Ok(if kind == Kind::Recovery { Amr::RECOVERY_CODE } else { Amr::ONE_TIME_CODE })
        }
        Ok(false) => Err(Refused::Shown(SecondStepError::Wrong)),
        Err(error) => Err(Refused::Store(error)),
    }
}

/// Whether `typed` is the code of now, shown for the first time (RFC 6238 §5.2).
pub async fn takes_code(server: &Server, user: &User, seed: &[u8], typed: &str) -> Result<bool, StoreError> {
    match step_of(seed, typed, server.now()) {
        Some(step) => second_factors::take_step(&server.store, user.id, step).await,
        None => Ok(false),
    }
}
