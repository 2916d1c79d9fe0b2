//! `/account/profile` and `/account/email`: the name, the language, and an address that counts once it is confirmed.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::mail::Purpose;
use keysig_core::parameters::Parameters;
use keysig_store::mail_proofs::{self, Proof};
use keysig_store::{StoreError, Write, account_events, users};

use crate::browser::{SignedIn, Ticket};
use crate::language::Lang;
use crate::mail::{Letter, lang_of, queued};
use crate::pages::{
    DigitsMistake, NotNow, ProfilePage, check_new_email_page, confirm_new_email_page, new_email_over_page,
    new_email_page,
};
use crate::people::account::{posted, signed_in};
use crate::people::proofs::{self, CodeError, Made};
use crate::people::recheck;
use crate::people::sign_up::digits_mistake;
use crate::register::{self, user::email};
use crate::visit::{Form, Visit};

/// `GET /account/profile`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    match signed_in(visit).await {
        Ok((visit, signed_in)) => {
            let name = signed_in.user.display_name.clone();
            show(visit, &signed_in, name, false, query.as_deref() == Some("saved"))
        }
        Err(answer) => answer,
    }
}

fn show(mut visit: Visit, signed_in: &SignedIn, name: String, name_is_wrong: bool, saved: bool) -> Response {
    let page = ProfilePage {
        csrf: visit.csrf(Some(signed_in), Ticket::Account),
        chrome: visit.chrome(Some(signed_in), Some("/account/profile")),
        name,
        name_is_wrong,
        locale: lang_of(&visit.server, &signed_in.user, Some(visit.lang)).tag().to_owned(),
        email: signed_in.user.email.clone(),
        saved,
    };
    visit.page(if name_is_wrong { 422 } else { 200 }, &page)
}

/// `POST /account/profile`.
pub async fn post(visit: Visit, form: Form) -> Response {
    let (mut visit, mut signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let offered = &visit.server.settings.languages;
    let locale = form.get("locale").and_then(Lang::from_tag).filter(|lang| offered.contains(lang));
    let typed: String = form.get("name").unwrap_or_default().chars().take(300).collect();
    let Ok(name) = register::name(&typed) else {
        if let Some(lang) = locale {
            signed_in.user.locale = Some(lang.tag().to_owned());
        }
        return show(visit, &signed_in, typed, true, false);
    };
    let kept = signed_in.user.locale.as_deref();
    let tag = locale.map(Lang::tag).or(kept);
    match users::set_profile(&visit.server.store, signed_in.user.id, &name, tag).await {
        Ok(()) => {
            if let Some(lang) = locale {
                visit.choose(lang);
            }
            visit.see_other("/account/profile?saved")
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/email`.
pub async fn email_get(visit: Visit) -> Response {
    let checked = match signed_in(visit).await {
        Ok((visit, signed_in)) => recheck::for_page(visit, signed_in, "/account/email").await,
        Err(answer) => return answer,
    };
    match checked {
        Ok((visit, signed_in)) => show_email(visit, &signed_in, String::new(), false, None),
        Err(answer) => answer,
    }
}

fn show_email(
    mut visit: Visit,
    signed_in: &SignedIn,
    typed: String,
    is_wrong: bool,
    error: Option<NotNow>,
) -> Response {
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let chrome = visit.chrome(Some(signed_in), Some("/account/email"));
    let page = new_email_page(chrome, csrf, &signed_in.user.email, typed, is_wrong, error);
    let status = error.map_or(if is_wrong { 422 } else { 200 }, NotNow::status);
    visit.page_with_retry(status, &page, error.and_then(NotNow::retry_after_seconds))
}

/// `POST /account/email`: a mail asks at the new address. One that has an account gets another mail, and here nobody sees the
/// difference.
pub async fn email_post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let (visit, signed_in) = match recheck::for_form(visit, signed_in, "/account/email", &form).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let typed: String = form.get("email").unwrap_or_default().chars().take(300).collect();
    let address = match email(&typed) {
        Ok(address) if address != signed_in.user.email => address,
        _ => return show_email(visit, &signed_in, typed, true, None),
    };
    let mails = match proofs::count_mail(&visit.server, &address, visit.peer) {
        Ok(mails) => mails,
        Err(seconds) => {
            let error = NotNow::Throttled { retry_after_seconds: u64::from(seconds) };
            return show_email(visit, &signed_in, typed, false, Some(error));
        }
    };
    match write(&visit, &signed_in, &address, mails).await {
        Ok(proof) => proofs::ask_for_digits(visit, "/account/email/check", proof.id, None),
        Err(error) => visit.store_error(&error),
    }
}

async fn write(visit: &Visit, signed_in: &SignedIn, address: &str, mails: bool) -> Result<Proof, StoreError> {
    let (server, user) = (&visit.server, &signed_in.user);
    let taken = users::by_identifier(&server.store, address).await?;
    let made = Made::new(server, Purpose::Address, address, Some(user.id), user.email.clone());
    let to = mails.then_some(address);
    match taken {
        None => {
            let lang = lang_of(server, user, Some(visit.lang));
            let row = made.row_if(mails, server);
            let letter = Letter::NewAddress { proof: made.link, digits: made.digits };
            proofs::send(server, &row, to, lang, &letter).await?;
            Ok(row)
        }
        Some((owner, _)) => {
            let row = made.that_nobody_can_show(server);
            let lang = lang_of(server, &owner, Some(visit.lang));
            proofs::send(server, &row, to, lang, &Letter::AddressTaken).await?;
            Ok(row)
        }
    }
}

fn over(visit: Visit, signed_in: Option<&SignedIn>) -> Response {
    let page = new_email_over_page(visit.chrome(signed_in, None), signed_in.is_some());
    visit.page(410, &page)
}

fn show_check(mut visit: Visit, signed_in: &SignedIn, proof: &Proof, mistake: Option<DigitsMistake>) -> Response {
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    let id = proof.id.to_string();
    let page = check_new_email_page(visit.chrome(Some(signed_in), None), csrf, &id, &proof.email, mistake);
    let status = mistake.map_or(200, DigitsMistake::status);
    visit.page_with_retry(status, &page, mistake.and_then(DigitsMistake::retry_after_seconds))
}

/// `GET /account/email/check`: a mail is on its way.
pub async fn check_get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(signed_in) => signed_in,
        Err(answer) => return answer,
    };
    match proofs::by_id(&visit.server, Purpose::Address, query.get("proof")).await {
        Ok(Some(proof)) if proof.user == Some(signed_in.user.id) => show_check(visit, &signed_in, &proof, None),
        Ok(_) => over(visit, Some(&signed_in)),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /account/email/check`: the digits.
pub async fn check_post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let proof = match proofs::by_id(&visit.server, Purpose::Address, form.get("proof")).await {
        Ok(Some(proof)) if proof.user == Some(signed_in.user.id) => proof,
        Ok(_) => return over(visit, Some(&signed_in)),
        Err(error) => return visit.store_error(&error),
    };
    match proofs::check_digits(&visit, &proof, form.get("code").unwrap_or_default()).await {
        Ok(Ok(())) => complete(visit, &signed_in, &proof).await,
        Ok(Err(error @ (CodeError::Wrong | CodeError::Closed | CodeError::Throttled { .. }))) => {
            show_check(visit, &signed_in, &proof, Some(digits_mistake(error)))
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/email/confirm`: the link. It works in a browser of the very person who asked for the change: confirmed by
/// anybody else, a stranger's account would have their address.
pub async fn confirm_get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let link = query.get("proof").unwrap_or_default();
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return over(visit, None),
        Err(error) => return visit.store_error(&error),
    };
    match proofs::by_link(&visit.server, Purpose::Address, link).await {
        Ok(Some(proof)) if proof.user == Some(signed_in.user.id) => {
            let mut visit = visit;
            let csrf = visit.csrf(Some(&signed_in), Ticket::Account);
            let page = confirm_new_email_page(visit.chrome(Some(&signed_in), None), csrf, link, &proof.email);
            visit.page(200, &page)
        }
        Ok(_) => over(visit, Some(&signed_in)),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /account/email/confirm`.
pub async fn confirm_post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    match proofs::by_link(&visit.server, Purpose::Address, form.get("proof").unwrap_or_default()).await {
        Ok(Some(proof)) if proof.user == Some(signed_in.user.id) => complete(visit, &signed_in, &proof).await,
        Ok(_) => over(visit, Some(&signed_in)),
        Err(error) => visit.store_error(&error),
    }
}

/// The new address counts, and the old one is told. Links that went to the old one to choose a new password do no more.
async fn complete(visit: Visit, signed_in: &SignedIn, proof: &Proof) -> Response {
    let (server, user, now) = (&visit.server, &signed_in.user, visit.server.now());
    let happened = visit.happened(AccountEvent::EmailChanged, &proof.email);
    let lang = lang_of(server, user, Some(visit.lang));
    let [gone, new, changed] = users::new_email(user.id, &user.email, &proof.email);
    let write = Write::one(mail_proofs::spending(proof.id, now))
        .and(mail_proofs::closing(user.id, Purpose::Address, now))
        .and(mail_proofs::closing(user.id, Purpose::Recover, now))
        .and(gone)
        .and(new)
        .and(changed)
        .and(account_events::insertion(user.id, &happened))
        .and(queued(server, Some(&user.email), lang, &Letter::AddressChanged));
    match server.store.write(write).await {
        Ok(_) => {
            server.mails.notify_one();
            visit.see_other("/account/profile?saved")
        }
        // Somebody else has it by now, or the proof was shown twice at once.
        Err(StoreError::AffectedMismatch { .. } | StoreError::Conflict) => over(visit, Some(signed_in)),
        Err(error) => visit.store_error(&error),
    }
}
