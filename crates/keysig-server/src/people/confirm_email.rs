//! `/login/email`: who signs in to an account whose address nobody vouches for shows first that they read that address. Where
//! no mail goes out nobody could, and nobody is asked.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::encoding::hex;
use keysig_core::grant::Amr;
use keysig_core::mail::Purpose;
use keysig_core::parameters::Parameters;
use keysig_core::secret::constant_time_eq;
use keysig_core::user::User;
use keysig_store::mail_proofs::{self, Proof};
use keysig_store::{StoreError, Write, users};
use serde::{Deserialize, Serialize};

use crate::browser::Ticket;
use crate::mail::{Letter, lang_of};
use crate::pages::{
    DigitsMistake, NotNow, SignInError, address_confirmed_page, confirm_address_page, confirm_first_page,
    link_over_page,
};
use crate::people::finish::finish;
use crate::people::proofs::{self, CodeError, Made, checked_tx};
use crate::people::sign_up::digits_mistake;
use crate::people::{consent, sign_in};
use crate::visit::{Form, Visit};

/// What was shown before the address was asked for, and in which browser: only there does the sign-in go on.
#[derive(Serialize, Deserialize)]
struct Waits {
    browser: String,
    epoch: u32,
    amr: u8,
    tx: Option<String>,
}

/// Whether somebody who has shown that the account is theirs must still confirm its address.
pub fn is_due(visit: &Visit, user: &User) -> bool {
    !user.email_verified && visit.server.settings.sends_mail()
}

/// Sends a mail, and asks for what stands in it. `amr` was shown here and now; nobody is signed in yet.
pub async fn ask(visit: Visit, user: &User, amr: Amr, tx: Option<&str>) -> Response {
    let tx = checked_tx(tx);
    let Some(browser) = visit.browser.mac(&visit.server) else {
        return sign_in::show(visit, tx, String::new(), Some(SignInError::CookiesBlocked)).await;
    };
    let mails = match proofs::count_mail(&visit.server, &user.email, visit.peer) {
        Ok(mails) => mails,
        Err(seconds) => {
            let error = SignInError::Throttled { retry_after_seconds: u64::from(seconds) };
            return sign_in::show(visit, tx, String::new(), Some(error)).await;
        }
    };
    let server = &visit.server;
    let waits = Waits { browser: hex(&browser), epoch: user.epoch, amr: amr.bits(), tx };
    // Strings and numbers alone: this cannot fail.
    let body = serde_json::to_string(&waits).unwrap_or_default();
    let made = Made::new(server, Purpose::Confirm, &user.email, Some(user.id), body);
    let row = made.row_if(mails, server);
    let letter = Letter::ConfirmAddress { proof: made.link, digits: made.digits };
    let to = mails.then_some(&*user.email);
    match proofs::send(server, &row, to, lang_of(server, user, Some(visit.lang)), &letter).await {
        Ok(()) => show(visit, &row, None),
        Err(error) => visit.store_error(&error),
    }
}

fn show(mut visit: Visit, proof: &Proof, mistake: Option<DigitsMistake>) -> Response {
    let tx = waits(proof).and_then(|waits| waits.tx);
    let csrf = visit.csrf(None, Ticket::SignIn);
    let id = proof.id.to_string();
    let page = confirm_first_page(visit.chrome(None, None), csrf, (&id, tx.as_deref()), &proof.email, mistake);
    let status = mistake.map_or(403, DigitsMistake::status);
    visit.page_with_retry(status, &page, mistake.and_then(DigitsMistake::retry_after_seconds))
}

fn waits(proof: &Proof) -> Option<Waits> {
    serde_json::from_str(&proof.body).ok()
}

fn over(visit: Visit) -> Response {
    let page = link_over_page(visit.chrome(None, None), "/login");
    visit.page(410, &page)
}

/// `GET /login/email`: the link. It only asks, since scanners of mail open it, too.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let Some(link) = query.get("proof") else { return visit.see_other("/login") };
    match proofs::by_link(&visit.server, Purpose::Confirm, link).await {
        Ok(Some(proof)) => show_link(visit, &proof, link, None),
        Ok(None) => over(visit),
        Err(error) => visit.store_error(&error),
    }
}

fn show_link(mut visit: Visit, proof: &Proof, link: &str, not_now: Option<NotNow>) -> Response {
    let csrf = visit.csrf(None, Ticket::SignIn);
    let page = confirm_address_page(visit.chrome(None, None), csrf, link, &proof.email, not_now);
    visit.page(not_now.map_or(200, NotNow::status), &page)
}

/// `POST /login/email`: the digits, or what the link led to.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let text = form.get("proof").unwrap_or_default();
    let by_link = match proofs::by_link(&visit.server, Purpose::Confirm, text).await {
        Ok(found) => found,
        Err(error) => return visit.store_error(&error),
    };
    let proof = match by_link {
        Some(proof) => Ok(proof),
        None => match proofs::by_id(&visit.server, Purpose::Confirm, Some(text)).await {
            Ok(Some(proof)) => Err(proof),
            Ok(None) => return over(visit),
            Err(error) => return visit.store_error(&error),
        },
    };
    if !visit.browser.is_known() {
        return match &proof {
            Ok(proof) => show_link(visit, proof, text, Some(NotNow::CookiesBlocked)),
            Err(proof) => show(visit, proof, Some(DigitsMistake::NotNow(NotNow::CookiesBlocked))),
        };
    }
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let proof = match proof {
        Ok(proof) => proof,
        Err(proof) => match proofs::check_digits(&visit, &proof, form.get("code").unwrap_or_default()).await {
            Ok(Ok(())) => proof,
            // The link was used in another tab.
            Ok(Err(CodeError::Closed)) if proof.used_at.is_some() => return visit.see_other("/login"),
            Ok(Err(error)) => return show(visit, &proof, Some(digits_mistake(error))),
            Err(error) => return visit.store_error(&error),
        },
    };
    complete(visit, &proof).await
}

/// The address counts as confirmed from now on. Whoever has shown the rest in this browser goes on as at any sign-in; a link
/// opened elsewhere signs nobody in.
async fn complete(visit: Visit, proof: &Proof) -> Response {
    let (server, now) = (visit.server.clone(), visit.server.now());
    let user = match proof.user {
        Some(user) => users::by_id(&server.store, user).await,
        None => Ok(None),
    };
    let user = match user {
        Ok(Some(user)) if !user.disabled && user.email == proof.email => user,
        Ok(_) => return over(visit),
        Err(error) => return visit.store_error(&error),
    };
    let write = Write::one(mail_proofs::spending(proof.id, now))
        .and(mail_proofs::closing(user.id, Purpose::Confirm, now))
        .and(users::confirmed(user.id, &user.email));
    match server.store.write(write).await {
        Ok(_) => {}
        // Shown twice at once.
        Err(StoreError::AffectedMismatch { .. }) => return over(visit),
        Err(error) => return visit.store_error(&error),
    }
    // What was shown before may have been the password before.
    let is_over = match users::changed_password_after(&server.store, user.id, proof.id.made_at()).await {
        Ok(is_over) => is_over,
        Err(error) => return visit.store_error(&error),
    };
    let here = visit.browser.mac(&server).map(|mac| hex(&mac)).unwrap_or_default();
    let began_here = |waits: &Waits| {
        !is_over && waits.epoch == user.epoch && constant_time_eq(here.as_bytes(), waits.browser.as_bytes())
    };
    match waits(proof).filter(began_here) {
        Some(waits) => {
            let user = User { email_verified: true, ..user };
            finish(visit, &user, Amr::from_bits(waits.amr), waits.tx.as_deref()).await
        }
        None => {
            let page = address_confirmed_page(visit.chrome(None, None));
            visit.page(200, &page)
        }
    }
}
