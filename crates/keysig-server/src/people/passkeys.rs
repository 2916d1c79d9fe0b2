//! `/account/passkeys` (screen L3), and signing in by one: `/login/passkey`.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Path, RawQuery};
use axum::response::Response;
use http::request::Parts;
use keysig_core::account_event::AccountEvent;
use keysig_core::grant::Amr;
use keysig_core::id::{PasskeyId, RequestId};
use keysig_core::parameters::Parameters;
use keysig_core::user::User;
use keysig_store::StoreError;
use keysig_store::passkeys::{self, Removal, StoredPasskey};

use crate::browser::{SignedIn, Ticket};
use crate::language::{Lang, unmarked};
use crate::mail::Letter;
use crate::pages::{
    ErrorPage, NewPasskey, NoPasskey, PasskeyAsk, PasskeyCard, PasskeyOfferPage, PasskeyPage, PasskeyRemovedPage,
    PasskeysSection, RemovePasskeyPage, SignInError, UserAgent,
};
use crate::passkeys::{MOST_PASSKEYS, Purpose, Refused};
use crate::people::account::{posted, signed_in};
use crate::people::{consent, finish, recheck, sign_in};
use crate::server::{Server, address_block};
use crate::visit::{Form, Visit};

/// A name is no longer than this.
const NAME_CHARS: usize = 60;

/// The passkey a path names; one that is none names none, and is answered like any other that does not exist.
pub struct PasskeyPath(String);

impl<S: Send + Sync> FromRequestParts<S> for PasskeyPath {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        Ok(Self(path.map_or_else(|_| String::new(), |Path(id)| id)))
    }
}

/// What a page carries to ask for a passkey. Nothing where this address has none, or the browser no cookie yet.
pub fn ask(
    visit: &Visit,
    purpose: Purpose,
    action: &str,
    hidden: Vec<(String, String)>,
    button: &'static str,
) -> Option<PasskeyAsk> {
    let server = &visit.server;
    let ceremony = server.passkeys.as_ref()?.ask(server, &visit.browser, purpose)?;
    let (options, ticket) = (ceremony.options, ceremony.ticket);
    Some(PasskeyAsk { options, ticket, action: action.to_owned(), hidden, button })
}

/// What a sign-in page carries: the request that waits and what was typed come back with the answer.
pub fn ask_at_sign_in(visit: &Visit, tx: Option<&str>, identifier: &str) -> Option<PasskeyAsk> {
    let mut hidden = vec![("typed".to_owned(), identifier.to_owned())];
    hidden.extend(tx.map(|tx| ("tx".to_owned(), tx.to_owned())));
    ask(visit, Purpose::SignIn, "/login/passkey", hidden, "sign-in-with-passkey")
}

/// What the page for the second step carries: a passkey is both steps, so it signs in by itself.
pub fn ask_at_second_step(visit: &Visit, tx: Option<&str>) -> Option<PasskeyAsk> {
    let hidden = tx.map(|tx| ("tx".to_owned(), tx.to_owned())).into_iter().collect();
    ask(visit, Purpose::SignIn, "/login/passkey", hidden, "use-passkey")
}

/// `POST /login/passkey`.
pub async fn sign_in(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let tx = form.get("tx").map(str::to_owned);
    let identifier = form.get("typed").unwrap_or_default().to_owned();
    if !visit.browser.is_known() {
        return sign_in::show(visit, None, identifier, Some(SignInError::CookiesBlocked)).await;
    }
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let error = match check(&visit, Purpose::SignIn, &form).await {
        Ok(user) => return finish::finish(visit, &user, Amr::PASSKEY, tx.as_deref()).await,
        Err(NotShown::Store(error)) => return visit.store_error(&error),
        Err(NotShown::Throttled { retry_after_seconds }) => SignInError::Throttled { retry_after_seconds },
        Err(NotShown::TooLate) => SignInError::PasskeyTooLate,
        Err(NotShown::Closed) => SignInError::Closed,
        Err(NotShown::Unknown) => SignInError::UnknownPasskey,
    };
    sign_in::show(visit, tx, identifier, Some(error)).await
}

/// Why nobody has shown a passkey, as far as a person may know.
pub enum NotShown {
    /// Too many wrong answers from this block of addresses.
    Throttled {
        /// Until the next may be given.
        retry_after_seconds: u64,
    },
    /// The page was open for too long, or was sent twice.
    TooLate,
    /// No account has it, another one has it, or it was not shown as it must be.
    Unknown,
    /// The operator closed the account.
    Closed,
    /// The store did not answer.
    Store(StoreError),
}

/// Whose passkey a form brings. A wrong answer is counted by address only, and by itself: nobody keeps an owner out by
/// throwing wrong passwords at their account (denial of service by throttling).
pub async fn check(visit: &Visit, purpose: Purpose, form: &Parameters) -> Result<User, NotShown> {
    let (server, block) = (&visit.server, address_block(visit.peer));
    let counted = server
        .passkey_answers
        .try_once(block, server.now())
        .map_err(|seconds| NotShown::Throttled { retry_after_seconds: u64::from(seconds) })?;
    let field = |name| form.get(name).unwrap_or_default();
    let passkeys = server.passkeys.as_ref().ok_or(NotShown::Unknown)?;
    let checked = passkeys.check(server, &visit.browser, purpose, field("passkey_ticket"), field("passkey")).await;
    let not_shown = match checked {
        Ok(user) => {
            server.passkey_answers.take_back(block, counted);
            return Ok(user);
        }
        Err(Refused::Store(error)) => {
            server.passkey_answers.take_back(block, counted);
            NotShown::Store(error)
        }
        Err(Refused::Stale) => NotShown::TooLate,
        Err(Refused::Closed) => NotShown::Closed,
        Err(Refused::Wrong(error)) => {
            tracing::info!(%error, "a passkey's answer is not right");
            NotShown::Unknown
        }
        Err(Refused::Unknown | Refused::Taken | Refused::TooMany) => NotShown::Unknown,
    };
    Err(not_shown)
}

/// What the Security page shows.
pub async fn section(server: &Server, signed_in: &SignedIn, lang: Lang) -> Result<PasskeysSection, StoreError> {
    let card = |passkey: StoredPasskey| PasskeyCard {
        id: passkey.id.to_string(),
        name: passkey.name,
        created_at: server.when(passkey.created_at),
        last_used: passkey.last_used_at.map(|at| server.when(at)),
    };
    let cards = passkeys::of_user(&server.store, signed_in.user.id).await?.into_iter().map(card).collect();
    Ok(PasskeysSection { lang, are_possible: server.passkeys.is_some(), cards })
}

/// An id of a waiting request; anything else is none (open redirect).
fn waiting(parameters: &Parameters) -> Option<String> {
    parameters.get("tx").and_then(RequestId::parse).map(|tx| tx.to_string())
}

/// Where somebody goes on from these pages: to the request that waits, or back to Security.
fn onward(visit: &Visit, tx: Option<&str>) -> String {
    match tx {
        Some(tx) => format!("/consent?tx={tx}"),
        // Whoever is signed in goes on from there to the page they came from.
        None if visit.browser.comes_back_to.is_some() => "/login".to_owned(),
        None => "/account/security".to_owned(),
    }
}

/// `GET /account/passkeys/new`: the offer, after sign-up and recovery with the `tx` that waits, and from Security.
pub async fn offer(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let checked = async {
        let (visit, signed_in) = signed_in(visit).await?;
        recheck::for_page(visit, signed_in, "/account/passkeys/new").await
    };
    match checked.await {
        Ok((visit, signed_in)) => show_offer(visit, &signed_in, waiting(&query), None).await,
        Err(answer) => answer,
    }
}

/// After a sign-up or a recovery: the offer, to whoever can have a passkey and has none; else on as after any sign-in.
pub async fn offer_on_the_way(visit: Visit, user: &User, tx: Option<&str>) -> Response {
    if visit.server.passkeys.is_none() {
        return finish::go_on(visit, tx);
    }
    match passkeys::of_user(&visit.server.store, user.id).await {
        Ok(existing) if existing.is_empty() => match tx.and_then(RequestId::parse) {
            Some(tx) => visit.see_other(&format!("/account/passkeys/new?tx={tx}")),
            None => visit.see_other("/account/passkeys/new"),
        },
        Ok(_) => finish::go_on(visit, tx),
        Err(error) => visit.store_error(&error),
    }
}

async fn show_offer(
    mut visit: Visit,
    signed_in: &SignedIn,
    tx: Option<String>,
    outcome: Option<NoPasskey>,
) -> Response {
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let server = visit.server.clone();
    let existing = match passkeys::of_user(&server.store, signed_in.user.id).await {
        Ok(existing) => existing,
        Err(error) => return visit.store_error(&error),
    };
    let offered = server.passkeys.as_ref();
    let offered = offered.and_then(|ours| ours.offer(&server, &visit.browser, &signed_in.user, &existing));
    let page = PasskeyOfferPage {
        chrome: visit.chrome(Some(signed_in), None),
        csrf,
        passkey: offered.map(|ceremony| NewPasskey { options: ceremony.options, ticket: ceremony.ticket }),
        onward: onward(&visit, tx.as_deref()),
        tx,
        outcome,
    };
    visit.page(page.status(), &page)
}

/// `POST /account/passkeys`: what the browser made, or why it made nothing.
pub async fn add(visit: Visit, form: Form) -> Response {
    let checked = async {
        let (visit, signed_in, form) = posted(visit, form).await?;
        let (visit, signed_in) = recheck::for_form(visit, signed_in, "/account/passkeys", &form).await?;
        Ok((visit, signed_in, form))
    };
    let (visit, signed_in, form) = match checked.await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let tx = waiting(&form);
    let outcome = match form.get("outcome") {
        None => made(&visit, &signed_in, &form).await,
        // The names are of `navigator.credentials.create` (Web Authentication Level 2 §5.1.3).
        Some("InvalidStateError") => Err(Ok(NoPasskey::Exists)),
        Some("NotAllowedError" | "AbortError") => Err(Ok(NoPasskey::Cancelled)),
        Some(_) => Err(Ok(NoPasskey::Refused)),
    };
    match outcome {
        Ok(passkey) => {
            visit.write_to(&signed_in.user, &Letter::PasskeyAdded { name: &passkey.name }).await;
            let tx = tx.map(|tx| format!("&tx={tx}")).unwrap_or_default();
            visit.see_other(&format!("/account/passkeys/{}?new=1{tx}", passkey.id))
        }
        Err(Ok(outcome)) => show_offer(visit, &signed_in, tx, Some(outcome)).await,
        Err(Err(error)) => visit.store_error(&error),
    }
}

async fn made(
    visit: &Visit,
    signed_in: &SignedIn,
    form: &Parameters,
) -> Result<StoredPasskey, Result<NoPasskey, StoreError>> {
    let (server, field) = (&visit.server, |name| form.get(name).unwrap_or_default());
    let name = default_name(visit.chrome(None, None).lang, &visit.browser.user_agent);
    let told = visit.happened(AccountEvent::PasskeyAdded, &name);
    let passkeys = server.passkeys.as_ref().ok_or(Ok(NoPasskey::Refused))?;
    let added = passkeys.add(server, &visit.browser, &signed_in.user, field("ticket"), field("credential"), told).await;
    added.map_err(|refused| match refused {
        Refused::Store(error) => Err(error),
        Refused::Stale => Ok(NoPasskey::TooLate),
        Refused::Taken => Ok(NoPasskey::Exists),
        Refused::TooMany => Ok(NoPasskey::TooMany { most: MOST_PASSKEYS }),
        Refused::Unknown | Refused::Closed => Ok(NoPasskey::Refused),
        Refused::Wrong(error) => {
            tracing::info!(%error, "a new passkey is not right");
            Ok(NoPasskey::Refused)
        }
    })
}

/// "Firefox on Windows", in the language of whoever adds it.
pub fn default_name(lang: Lang, user_agent: &str) -> String {
    let words = lang.words("passkeys");
    match UserAgent::parse(user_agent) {
        UserAgent { browser: Some(browser), system: Some(system) } => {
            words.say("default-name").text("browser", browser).text("system", system).plain()
        }
        UserAgent { browser, system } => {
            browser.or(system).map_or_else(|| words.say("default-name-unknown").plain(), str::to_owned)
        }
    }
}

/// A name as it is kept: trimmed, and without what could turn a line around. `None`: it is empty or too long.
fn usable_name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let usable = !name.is_empty() && name.chars().count() <= NAME_CHARS && unmarked(name) == name;
    usable.then(|| name.to_owned())
}

/// This person's passkey of this path.
async fn own(visit: &Visit, signed_in: &SignedIn, path: &str) -> Result<Option<StoredPasskey>, StoreError> {
    let Some(id) = PasskeyId::parse(path) else { return Ok(None) };
    passkeys::find(&visit.server.store, signed_in.user.id, id).await
}

fn not_found(visit: Visit, signed_in: &SignedIn) -> Response {
    let page = ErrorPage::not_found(visit.chrome(Some(signed_in), None));
    visit.error(&page)
}

/// `GET /account/passkeys/{passkey_id}`: its name; `new=1` right after it was made.
pub async fn get(visit: Visit, PasskeyPath(path): PasskeyPath, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    match own(&visit, &signed_in, &path).await {
        Ok(Some(passkey)) => show_name(visit, &signed_in, passkey.id, passkey.name, &query, false),
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

fn show_name(
    mut visit: Visit,
    signed_in: &SignedIn,
    id: PasskeyId,
    name: String,
    parameters: &Parameters,
    name_is_wrong: bool,
) -> Response {
    let tx = waiting(parameters);
    let page = PasskeyPage {
        csrf: visit.csrf(Some(signed_in), Ticket::Account),
        chrome: visit.chrome(Some(signed_in), None),
        id: id.to_string(),
        name,
        is_new: parameters.get("new").is_some(),
        onward: onward(&visit, tx.as_deref()),
        tx,
        name_is_wrong,
    };
    visit.page(if name_is_wrong { 422 } else { 200 }, &page)
}

/// `POST /account/passkeys/{passkey_id}`: another name.
pub async fn rename(visit: Visit, PasskeyPath(path): PasskeyPath, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let typed = form.get("name").unwrap_or_default();
    let Some(id) = PasskeyId::parse(&path) else { return not_found(visit, &signed_in) };
    let Some(name) = usable_name(typed) else {
        return show_name(visit, &signed_in, id, typed.to_owned(), &form, true);
    };
    match passkeys::rename(&visit.server.store, signed_in.user.id, id, &name).await {
        Ok(true) => {
            let onward = onward(&visit, waiting(&form).as_deref());
            visit.see_other(&onward)
        }
        Ok(false) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/passkeys/{passkey_id}/remove`: what will happen.
pub async fn confirm_removal(visit: Visit, PasskeyPath(path): PasskeyPath) -> Response {
    let checked = async {
        let (visit, signed_in) = signed_in(visit).await?;
        recheck::for_page(visit, signed_in, &format!("/account/passkeys/{path}/remove")).await
    };
    let (visit, signed_in) = match checked.await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    match own(&visit, &signed_in, &path).await {
        Ok(Some(passkey)) => show_removal(visit, &signed_in, passkey, false),
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

fn show_removal(mut visit: Visit, signed_in: &SignedIn, passkey: StoredPasskey, is_last_way_in: bool) -> Response {
    let page = RemovePasskeyPage {
        csrf: visit.csrf(Some(signed_in), Ticket::Account),
        chrome: visit.chrome(Some(signed_in), None),
        id: passkey.id.to_string(),
        name: passkey.name,
        is_last_way_in,
    };
    visit.page(if is_last_way_in { 409 } else { 200 }, &page)
}

/// `POST /account/passkeys/{passkey_id}/remove`: it opens nothing any more when this answers.
pub async fn remove(visit: Visit, PasskeyPath(path): PasskeyPath, form: Form) -> Response {
    let checked = async {
        let (visit, signed_in, form) = posted(visit, form).await?;
        recheck::for_form(visit, signed_in, &format!("/account/passkeys/{path}/remove"), &form).await
    };
    let (visit, signed_in) = match checked.await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let removed = async {
        let Some(passkey) = own(&visit, &signed_in, &path).await? else { return Ok(None) };
        let told = visit.happened(AccountEvent::PasskeyRemoved, &passkey.name);
        let removal = passkeys::remove(&visit.server.store, passkey.user, passkey.id, &told).await?;
        Ok(Some((passkey, removal)))
    };
    match removed.await {
        Ok(Some((passkey, Removal::LastWayIn))) => show_removal(visit, &signed_in, passkey, true),
        Ok(Some((passkey, removal))) => {
            if removal == Removal::Removed {
                visit.write_to(&signed_in.user, &Letter::PasskeyRemoved { name: &passkey.name }).await;
            }
            let page = PasskeyRemovedPage { chrome: visit.chrome(Some(&signed_in), None), name: passkey.name };
            visit.page(200, &page)
        }
        // Removed a moment ago, in another tab: the person's wish is fulfilled.
        Ok(None) => visit.see_other("/account/security"),
        Err(error) => visit.store_error(&error),
    }
}
