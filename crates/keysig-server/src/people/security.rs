//! `/account/security`: how somebody signs in, and the second step among it.

use axum::extract::RawQuery;
use axum::response::Response;
use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use keysig_core::account_event::AccountEvent;
use keysig_core::parameters::Parameters;
use keysig_store::{StoreError, second_factors};

use crate::browser::{SignedIn, Ticket};
use crate::mail::Letter;
use crate::pages::{
    AuthenticatorPage, RecoveryCodesPage, SecondStepChange, SecondStepChangePage, SecondStepSection, SecurityPage,
    labelled_qr_svg,
};
use crate::people::account::{posted, signed_in};
use crate::people::{consent, passkeys, recheck, upstream};
use crate::second_step::{RECOVERY_CODES, SetUp, recovery_codes, step_of};
use crate::visit::{Form, Visit};

const PATH: &str = "/account/security";
const AUTHENTICATOR: &str = "/account/security/authenticator";
const REMOVE: &str = "/account/security/authenticator/remove";
const CODES: &str = "/account/security/recovery-codes";

/// `GET /account/security`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let chrome = visit.chrome(Some(&signed_in), Some(PATH));
    let sections = async {
        let passkeys = passkeys::section(&visit.server, &signed_in, chrome.lang).await?;
        let second_step = second_step(&visit, &signed_in).await?;
        let done = query.get("done").and_then(SecurityPage::done);
        let upstreams = upstream::security::section(&visit.server, &signed_in, chrome.lang).await?;
        Ok(SecurityPage { chrome, done, passkeys, second_step, upstreams })
    };
    match sections.await {
        Ok(page) => visit.page(200, &page),
        Err(error) => visit.store_error(&error),
    }
}

async fn second_step(visit: &Visit, signed_in: &SignedIn) -> Result<SecondStepSection, StoreError> {
    let (server, user) = (&visit.server, signed_in.user.id);
    let factor = second_factors::find(&server.store, user).await?;
    Ok(SecondStepSection {
        chrome: visit.chrome(Some(signed_in), None),
        since: factor.map(|factor| server.when(factor.created_at)),
        codes_left: second_factors::codes_left(&server.store, user).await?,
    })
}

/// Whoever changes the second step was checked lately, and has one or has none, as `wanted`; others are led elsewhere.
async fn may_change(visit: Visit, signed_in: SignedIn, wanted: bool) -> Result<(Visit, SignedIn), Response> {
    match second_factors::find(&visit.server.store, signed_in.user.id).await {
        Ok(factor) if factor.is_some() == wanted => Ok((visit, signed_in)),
        Ok(_) => Err(visit.see_other(PATH)),
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// `GET /account/security/authenticator`: a new key, which only this page and the app know.
pub async fn set_up(visit: Visit) -> Response {
    let ready = async {
        let (visit, signed_in) = signed_in(visit).await?;
        let (visit, signed_in) = may_change(visit, signed_in, false).await?;
        recheck::for_page(visit, signed_in, AUTHENTICATOR).await
    };
    match ready.await {
        Ok((mut visit, signed_in)) => {
            visit.introduce();
            let begun = visit.server.second_steps.begin_set_up(&visit.server, &visit.browser, signed_in.user.id);
            let Some((set_up, sealed)) = begun else { return consent::csrf_failed(visit) };
            show_set_up(visit, &signed_in, &set_up, sealed, false)
        }
        Err(answer) => answer,
    }
}

fn show_set_up(mut visit: Visit, signed_in: &SignedIn, set_up: &SetUp, sealed: String, is_wrong: bool) -> Response {
    let chrome = visit.chrome(Some(signed_in), None);
    let label = chrome.lang.words("authenticator").say("picture").plain();
    let address = set_up.address(&signed_in.user, &visit.server.live().brand);
    let page = AuthenticatorPage {
        csrf: visit.csrf(Some(signed_in), Ticket::Account),
        chrome,
        setup: sealed,
        picture: address.and_then(|address| labelled_qr_svg(&address, &label)),
        key: set_up.text(),
        is_wrong,
    };
    visit.page(page.status(), &page)
}

/// `POST /account/security/authenticator`: the app has the key, as its code shows.
pub async fn turn_on(visit: Visit, form: Form) -> Response {
    let ready = async {
        let (visit, signed_in, form) = posted(visit, form).await?;
        let (visit, signed_in) = may_change(visit, signed_in, false).await?;
        let (visit, signed_in) = recheck::for_form(visit, signed_in, AUTHENTICATOR, &form).await?;
        Ok((visit, signed_in, form))
    };
    let (visit, signed_in, form) = match ready.await {
        Ok(ready) => ready,
        Err(answer) => return answer,
    };
    let (server, user) = (visit.server.clone(), signed_in.user.id);
    let sealed = form.get("setup").unwrap_or_default();
    let Some(set_up) = server.second_steps.open_set_up(&server, &visit.browser, user, sealed) else {
        // Too old: with a new key, from the beginning.
        return visit.see_other(AUTHENTICATOR);
    };
    let Some(step) = step_of(set_up.seed(), form.get("code").unwrap_or_default(), server.now()) else {
        return show_set_up(visit, &signed_in, &set_up, sealed.to_owned(), true);
    };
    let codes = recovery_codes(&*server.rng);
    let macs: Vec<_> = codes.iter().map(|code| server.second_steps.recovery_code_mac(user, code)).collect();
    let seed = server.second_steps.seal_seed(user, set_up.seed(), &*server.rng);
    let happened = visit.happened(AccountEvent::SecondStepAdded, "");
    match second_factors::set_up(&server.store, user, &seed, step, &macs, server.now(), &happened).await {
        Ok(()) => {
            visit.write_to(&signed_in.user, &Letter::SecondStepAdded).await;
            show_codes(visit, &signed_in, codes, true)
        }
        // Set up in another tab at the same time: its codes are the ones that count.
        Err(StoreError::Conflict) => visit.see_other(PATH),
        Err(error) => visit.store_error(&error),
    }
}

fn show_codes(mut visit: Visit, signed_in: &SignedIn, codes: Vec<String>, is_first: bool) -> Response {
    let page = RecoveryCodesPage {
        csrf: visit.csrf(Some(signed_in), Ticket::Account),
        chrome: visit.chrome(Some(signed_in), None),
        codes,
        is_first,
    };
    visit.page(200, &page)
}

async fn confirm(visit: Visit, change: SecondStepChange, path: &str) -> Response {
    let ready = async {
        let (visit, signed_in) = signed_in(visit).await?;
        let (visit, signed_in) = may_change(visit, signed_in, true).await?;
        recheck::for_page(visit, signed_in, path).await
    };
    match ready.await {
        Ok((mut visit, signed_in)) => {
            let page = SecondStepChangePage {
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                chrome: visit.chrome(Some(&signed_in), Some(path)),
                change,
            };
            visit.page(200, &page)
        }
        Err(answer) => answer,
    }
}

async fn checked(visit: Visit, form: Form, path: &str) -> Result<(Visit, SignedIn), Response> {
    let (visit, signed_in, form) = posted(visit, form).await?;
    let (visit, signed_in) = may_change(visit, signed_in, true).await?;
    recheck::for_form(visit, signed_in, path, &form).await
}

/// `GET /account/security/authenticator/remove`: what will happen.
pub async fn confirm_removal(visit: Visit) -> Response {
    confirm(visit, SecondStepChange::Remove, REMOVE).await
}

/// `POST /account/security/authenticator/remove`.
pub async fn remove(visit: Visit, form: Form) -> Response {
    let (visit, signed_in) = match checked(visit, form, REMOVE).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let happened = visit.happened(AccountEvent::SecondStepRemoved, "");
    match second_factors::remove(&visit.server.store, signed_in.user.id, &happened).await {
        Ok(removed) => {
            if removed {
                visit.write_to(&signed_in.user, &Letter::SecondStepRemoved).await;
            }
            visit.see_other("/account/security?done=second-step-removed")
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/security/recovery-codes`: what will happen.
pub async fn confirm_new_codes(visit: Visit) -> Response {
    confirm(visit, SecondStepChange::NewCodes, CODES).await
}

/// `POST /account/security/recovery-codes`: the new ones, shown once.
pub async fn new_codes(visit: Visit, form: Form) -> Response {
    let (visit, signed_in) = match checked(visit, form, CODES).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let (server, user) = (visit.server.clone(), signed_in.user.id);
    let codes = recovery_codes(&*server.rng);
    let macs: Vec<_> = codes.iter().map(|code| server.second_steps.recovery_code_mac(user, code)).collect();
    let happened = visit.happened(AccountEvent::RecoveryCodesMade, "");
    match second_factors::replace_codes(&server.store, user, &macs, &happened).await {
        Ok(true) => show_codes(visit, &signed_in, codes, false),
        Ok(false) => visit.see_other(PATH),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /account/security/recovery-codes/file`: the codes that the page shows, as a file. Nothing but codes is given
/// back, and only to the page that had them.
pub async fn codes_file(visit: Visit, form: Form) -> Response {
    let (visit, _, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let is_code =
        |code: &&str| code.len() == 14 && code.bytes().all(|byte| byte == b'-' || byte.is_ascii_alphanumeric());
    let codes: Vec<&str> = form.all("code").filter(is_code).take(RECOVERY_CODES).collect();
    let text = format!("{}\n\n{}\n", visit.server.live().brand, codes.join("\n"));
    let mut response = visit.text(200, text);
    let attached = HeaderValue::from_static("attachment; filename=\"recovery-codes.txt\"");
    response.headers_mut().insert(CONTENT_DISPOSITION, attached);
    response
}
