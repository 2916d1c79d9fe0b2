//! `/account/linking`: somebody proved an account elsewhere that belongs to nobody here. It is linked to an account here
//! only by who proves that one, too, and says so; an address that both have is no proof.

use std::sync::Arc;

use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::encoding::hex;
use keysig_core::grant::Amr;
use keysig_core::id::UserId;
use keysig_core::parameters::Parameters;
use keysig_core::rng::random;
use keysig_core::user::{Product, Role, User};
use keysig_store::upstream::{self, Linked, Waiting};
use keysig_store::{StoreError, users};

use super::journey::not_linked;
use crate::browser::{SignedIn, Ticket};
use crate::mail::Letter;
use crate::pages::{LinkProblem, LinkingPage, LinkingQuestion};
use crate::people::finish::{finish, go_on};
use crate::people::{consent, recheck, words};
use crate::register;
use crate::server::Server;
use crate::settings::SignUp;
use crate::upstream::{Proof, Provider};
use crate::visit::{Form, Visit};

/// Where it is asked.
pub const PATH: &str = "/account/linking";

/// What waits in this browser.
struct Waits {
    row: Waiting,
    proof: Proof,
    provider: Arc<Provider>,
}

async fn waits(visit: &Visit) -> Result<Option<Waits>, StoreError> {
    let server = &visit.server;
    let Some(browser_mac) = visit.browser.mac(server) else { return Ok(None) };
    let Some(row) = upstream::waiting(&server.store, browser_mac, server.now()).await? else { return Ok(None) };
    let Some(proof) = server.upstreams.open_proof(server, &row) else { return Ok(None) };
    Ok(server.upstreams.find(&proof.provider).map(|provider| Waits { row, proof, provider }))
}

/// Whether somebody who signs in now is to be asked whether to link what waits in this browser: they chose to sign in for
/// that. Where they did not, it may be somebody else's who left it here.
pub async fn is_wanted(visit: &Visit) -> Result<bool, StoreError> {
    if visit.server.upstreams.all().is_empty() {
        return Ok(false);
    }
    Ok(waits(visit).await?.is_some_and(|waits| waits.proof.linking))
}

/// Whether accounts may be made by this provider here.
fn may_sign_up(server: &Server, provider: &Provider) -> bool {
    provider.sign_up && server.live().sign_up != SignUp::Off
}

/// `GET /account/linking`.
pub async fn get(visit: Visit) -> Response {
    let looked = async { Ok((waits(&visit).await?, visit.browser.signed_in(&visit.server).await?)) };
    let (waits, signed_in) = match looked.await {
        Ok((Some(waits), signed_in)) => (waits, signed_in),
        Ok((None, _)) => return visit.see_other("/login"),
        Err(error) => return visit.store_error(&error),
    };
    match signed_in.filter(|_| waits.proof.linking) {
        Some(signed_in) => match recheck::for_page(visit, signed_in, PATH).await {
            Ok((visit, signed_in)) => ask_to_link(visit, &waits, &signed_in),
            Err(answer) => answer,
        },
        None => ask(visit, &waits, None).await,
    }
}

fn page(
    visit: &Visit,
    waits: &Waits,
    csrf: String,
    signed_in: Option<&SignedIn>,
    question: LinkingQuestion,
) -> LinkingPage {
    LinkingPage {
        chrome: visit.chrome(signed_in, Some(PATH)),
        csrf,
        id: waits.row.id.to_string(),
        provider: waits.provider.name.clone(),
        name: waits.proof.name.clone(),
        email: waits.proof.email.clone(),
        question,
    }
}

fn ask_to_link(mut visit: Visit, waits: &Waits, signed_in: &SignedIn) -> Response {
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let question = LinkingQuestion::Link { account: words::account(&signed_in.user) };
    let page = page(&visit, waits, csrf, Some(signed_in), question);
    visit.page(page.status(), &page)
}

/// What somebody is asked who is not about to link: `refused` is a display name that is none.
async fn ask(mut visit: Visit, waits: &Waits, refused: Option<&str>) -> Response {
    let question = match question(&visit, waits, refused).await {
        Ok(question) => question,
        Err(error) => return visit.store_error(&error),
    };
    let csrf = visit.csrf(None, Ticket::SignIn);
    let page = page(&visit, waits, csrf, None, question);
    visit.page(page.status(), &page)
}

/// Only who is known to own an address is told that it has an account here (enumeration).
async fn question(visit: &Visit, waits: &Waits, refused: Option<&str>) -> Result<LinkingQuestion, StoreError> {
    let proof = &waits.proof;
    let is_open = visit.server.live().sign_up == SignUp::Open;
    let Some(email) = proof.email.as_ref().filter(|_| proof.email_verified) else {
        let unconfirmed = may_sign_up(&visit.server, &waits.provider);
        return Ok(LinkingQuestion::NoAccount { unconfirmed, may_sign_up: is_open });
    };
    if users::by_identifier(&visit.server.store, email).await?.is_some() {
        return Ok(LinkingQuestion::AccountExists);
    }
    if !may_sign_up(&visit.server, &waits.provider) {
        return Ok(LinkingQuestion::NoAccount { unconfirmed: false, may_sign_up: is_open });
    }
    let display_name = refused.unwrap_or(&proof.name).to_owned();
    Ok(LinkingQuestion::SignUp { display_name, failed: refused.is_some() })
}

/// `POST /account/linking`.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let looked = async { Ok((waits(&visit).await?, visit.browser.signed_in(&visit.server).await?)) };
    let (waits, signed_in) = match looked.await {
        Ok(looked) => looked,
        Err(error) => return visit.store_error(&error),
    };
    let decision = form.get("decision").unwrap_or_default();
    let by_session = signed_in.as_ref().filter(|_| waits.as_ref().is_some_and(|waits| waits.proof.linking));
    let ticket = if by_session.is_some() { Ticket::Account } else { Ticket::SignIn };
    if !visit.is_from_our_page(by_session, ticket, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    // What the page showed has been decided meanwhile, or another took its place: that is shown instead.
    let Some(waits) = waits.filter(|waits| form.get("id") == Some(&waits.row.id.to_string())) else {
        return visit.see_other(PATH);
    };
    match (decision, signed_in.filter(|_| waits.proof.linking)) {
        ("link", Some(signed_in)) => match recheck::for_form(visit, signed_in, PATH, &form).await {
            Ok((visit, signed_in)) => link(visit, &waits, &signed_in).await,
            Err(answer) => answer,
        },
        ("sign-in", None) => go_and_link(visit, waits, "/login?account=new").await,
        ("sign-up-by-mail", None) => go_and_link(visit, waits, "/signup").await,
        ("sign-up", None) => sign_up(visit, &waits, &form).await,
        ("leave", signed_in) => leave(visit, &waits, signed_in.is_some()).await,
        _ => visit.see_other(PATH),
    }
}

/// Forgets what waits, and goes on without it.
async fn leave(visit: Visit, waits: &Waits, signed_in: bool) -> Response {
    if let Err(error) = upstream::forget(&visit.server.store, &waits.row).await {
        return visit.store_error(&error);
    }
    match (&waits.proof.tx, signed_in) {
        (Some(tx), false) => visit.see_other(&format!("/login?tx={tx}")),
        (None, false) => visit.see_other("/login"),
        (tx, true) => go_on(visit, tx.as_deref()),
    }
}

/// From now on whoever signs in to an account in this browser, or signs up, is asked whether to link this.
async fn go_and_link(visit: Visit, waits: Waits, path: &str) -> Response {
    let proof = Proof { linking: true, ..waits.proof };
    let server = &visit.server;
    let sealed = server.upstreams.seal_proof(server, &visit.browser, &proof);
    let Some(row) = sealed else { return visit.see_other("/login") };
    // It waits no longer than it would have.
    let row = Waiting { expires_at: waits.row.expires_at, ..row };
    match upstream::wait(&server.store, &row).await {
        Ok(()) => {
            let separator = if path.contains('?') { '&' } else { '?' };
            let tx = proof.tx.map(|tx| format!("{separator}tx={tx}")).unwrap_or_default();
            visit.see_other(&format!("{path}{tx}"))
        }
        Err(error) => visit.store_error(&error),
    }
}

fn new_link(visit: &Visit, waits: &Waits, user: UserId) -> Linked {
    let (server, proof, now) = (&visit.server, &waits.proof, visit.server.now());
    let mut link = Linked {
        user,
        provider: waits.provider.realm().to_owned(),
        subject: proof.subject.clone(),
        name: if proof.name.is_empty() { proof.email.clone().unwrap_or_default() } else { proof.name.clone() },
        tokens: None,
        created_at: now,
        last_used_at: now,
    };
    let tokens = proof.tokens.as_ref();
    link.tokens = tokens.and_then(|tokens| server.upstreams.seal_tokens(server, &waits.provider, &link, tokens));
    link
}

async fn link(visit: Visit, waits: &Waits, signed_in: &SignedIn) -> Response {
    let link = new_link(&visit, waits, signed_in.user.id);
    let happened = visit.happened(AccountEvent::UpstreamLinked, &waits.provider.name);
    let store = &visit.server.store;
    match upstream::link(store, &waits.row, &link, &happened).await {
        Ok(()) => {
            visit.write_to(&signed_in.user, &Letter::UpstreamLinked { provider: &waits.provider.name }).await;
            match &waits.proof.tx {
                Some(tx) => go_on(visit, Some(tx)),
                None => visit.see_other("/account/security?done=upstream-linked"),
            }
        }
        Err(StoreError::Conflict) => match upstream::find(store, &link.provider, &link.subject).await {
            Ok(Some(_)) => not_linked(visit, &waits.provider, LinkProblem::Taken),
            Ok(None) => not_linked(visit, &waits.provider, LinkProblem::HasOne),
            Err(error) => visit.store_error(&error),
        },
        // A second click: the first one did it.
        Err(StoreError::AffectedMismatch { .. }) => visit.see_other("/account/security"),
        Err(error) => visit.store_error(&error),
    }
}

async fn sign_up(visit: Visit, waits: &Waits, form: &Parameters) -> Response {
    match question(&visit, waits, None).await {
        Ok(LinkingQuestion::SignUp { .. }) => {}
        // An account came to be meanwhile, or none may be made any more.
        Ok(_) => return visit.see_other(PATH),
        Err(error) => return visit.store_error(&error),
    }
    let typed = form.get("display_name").unwrap_or_default().trim();
    let (Ok(display_name), Some(email)) = (register::name(typed), waits.proof.email.clone()) else {
        return ask(visit, waits, Some(typed)).await;
    };
    let Ok(email) = register::user::email(&email) else {
        return ask(visit, waits, Some(typed)).await;
    };
    let rng = &*visit.server.rng;
    let user = User {
        id: UserId::generate(rng),
        public_id: hex(&random::<14>(rng)),
        email,
        email_verified: true,
        display_name,
        country: register::user::usual_country(),
        product: Product::Free,
        role: Role::User,
        epoch: 0,
        disabled: false,
        locale: Some(visit.chrome(None, None).lang.tag().to_owned()),
    };
    let link = new_link(&visit, waits, user.id);
    let happened = visit.happened(AccountEvent::UpstreamLinked, &waits.provider.name);
    match upstream::sign_up(&visit.server.store, &waits.row, &user, &link, &happened).await {
        Ok(()) => finish(visit, &user, Amr::UPSTREAM, waits.proof.tx.as_deref()).await,
        // Somebody was quicker: the address, or the account elsewhere, has an account now.
        Err(StoreError::Conflict | StoreError::AffectedMismatch { .. }) => visit.see_other(PATH),
        Err(error) => visit.store_error(&error),
    }
}
