//! `/recover` (screen L5): a new password by mail. Known and unknown addresses get the same page, in the same time.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::grant::Amr;
use keysig_core::id::SessionId;
use keysig_core::mail::Purpose;
use keysig_core::parameters::Parameters;
use keysig_core::password::PasswordHash;
use keysig_core::secret::Secret;
use keysig_core::user::User;
use keysig_store::mail_proofs::{self, Proof};
use keysig_store::{StoreError, Write, account_events, users};

use crate::browser::{Ticket, end_other_sessions};
use crate::mail::{Letter, lang_of, queued};
use crate::pages::{
    ChosenBy, DigitsMistake, NewPasswordMistakes, NotNow, new_password_page, no_recovery_page, password_changed_page,
    recover_page, recovery_over_page,
};
use crate::people::account::{posted, signed_in};
use crate::people::proofs::{self, CodeError, Made, checked_tx};
use crate::people::sign_up::{digits_mistake, mistake_in};
use crate::people::{consent, finish, recheck};
use crate::register::user::email;
use crate::visit::{Form, Visit};

/// `GET /recover`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    show(visit, checked_tx(query.get("tx")), String::new(), false, None)
}

fn show(mut visit: Visit, tx: Option<String>, typed: String, is_wrong: bool, error: Option<NotNow>) -> Response {
    if !visit.server.settings.sends_mail() {
        let page = no_recovery_page(visit.chrome(None, Some("/recover")));
        return visit.page(200, &page);
    }
    let csrf = visit.csrf(None, Ticket::SignIn);
    let status = error.map_or(if is_wrong { 422 } else { 200 }, NotNow::status);
    let back = tx.as_ref().map_or_else(|| "/recover".to_owned(), |tx| format!("/recover?tx={tx}"));
    let chrome = visit.chrome(None, Some(&back));
    let page = recover_page(chrome, csrf, tx.as_deref(), typed, is_wrong, error);
    visit.page_with_retry(status, &page, error.and_then(NotNow::retry_after_seconds))
}

/// `POST /recover`.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let tx = checked_tx(form.get("tx"));
    let typed: String = form.get("email").unwrap_or_default().chars().take(300).collect();
    if !visit.browser.is_known() {
        return show(visit, tx, typed, false, Some(NotNow::CookiesBlocked));
    }
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    if !visit.server.settings.sends_mail() {
        return show(visit, tx, typed, false, None);
    }
    let Ok(address) = email(&typed) else { return show(visit, tx, typed, true, None) };
    let mails = match proofs::count_mail(&visit.server, &address, visit.peer) {
        Ok(mails) => mails,
        Err(seconds) => {
            let error = NotNow::Throttled { retry_after_seconds: u64::from(seconds) };
            return show(visit, tx, typed, false, Some(error));
        }
    };
    match write(&visit, &address, mails).await {
        Ok(proof) => proofs::ask_for_digits(visit, "/recover/check", proof.id, tx.as_deref()),
        Err(error) => visit.store_error(&error),
    }
}

/// A proof and a mail for whoever has the account; for an unknown address the same, but that nobody can show the one and
/// nobody gets the other.
async fn write(visit: &Visit, address: &str, mails: bool) -> Result<Proof, StoreError> {
    let server = &visit.server;
    let known = users::by_identifier(&server.store, address).await?;
    let user = known.map(|(user, _)| user).filter(|user| !user.disabled);
    let id = user.as_ref().map(|user| user.id);
    let made = Made::new(server, Purpose::Recover, address, id, String::new());
    let row = made.row_if(mails && user.is_some(), server);
    let lang = user.as_ref().map_or(visit.lang, |user| lang_of(server, user, Some(visit.lang)));
    let to = user.as_ref().filter(|_| mails).map(|_| address);
    proofs::send(server, &row, to, lang, &Letter::Recover { proof: made.link, digits: made.digits }).await?;
    Ok(row)
}

/// The form of a new password, as it is shown again.
struct Shown<'a> {
    by: ChosenBy<'a>,
    tx: Option<&'a str>,
    sign_out: bool,
    mistakes: NewPasswordMistakes,
}

impl<'a> Shown<'a> {
    fn first(by: ChosenBy<'a>, tx: Option<&'a str>) -> Self {
        Self { by, tx, sign_out: true, mistakes: NewPasswordMistakes::default() }
    }

    fn status(&self) -> (u16, Option<u64>) {
        let NewPasswordMistakes { digits, password, not_now } = self.mistakes;
        match (not_now, digits, password) {
            (Some(not_now), _, _) => (not_now.status(), not_now.retry_after_seconds()),
            (None, Some(digits), _) => (digits.status(), digits.retry_after_seconds()),
            (None, None, Some(_)) => (422, None),
            (None, None, None) => (200, None),
        }
    }

    fn answer(self, mut visit: Visit) -> Response {
        let (status, retry_after_seconds) = self.status();
        let csrf = visit.csrf(None, Ticket::SignIn);
        let chrome = visit.chrome(None, None);
        let page = new_password_page(chrome, csrf, self.by, self.tx, self.sign_out, self.mistakes);
        visit.page_with_retry(status, &page, retry_after_seconds)
    }
}

fn over(visit: Visit) -> Response {
    let page = recovery_over_page(visit.chrome(None, None));
    visit.page(410, &page)
}

/// `GET /recover/check`: a mail is on its way, if there is an account.
pub async fn check_get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tx = checked_tx(query.get("tx"));
    match proofs::by_id(&visit.server, Purpose::Recover, query.get("proof")).await {
        Ok(Some(proof)) => {
            let id = proof.id.to_string();
            Shown::first(ChosenBy::Digits { proof: &id, email: &proof.email }, tx.as_deref()).answer(visit)
        }
        Ok(None) => over(visit),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /recover/check`: the digits, and the new password.
pub async fn check_post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let tx = checked_tx(form.get("tx"));
    let proof = match proofs::by_id(&visit.server, Purpose::Recover, form.get("proof")).await {
        Ok(Some(proof)) => proof,
        Ok(None) => return over(visit),
        Err(error) => return visit.store_error(&error),
    };
    let id = proof.id.to_string();
    let by = ChosenBy::Digits { proof: &id, email: &proof.email };
    let mut shown = Shown::first(by, tx.as_deref());
    shown.sign_out = form.get("sign_out").is_some();
    let password = match new_password(&visit, &form, &proof.email, &mut shown) {
        Ok(password) => password,
        Err(Refusal::Csrf) => return consent::csrf_failed(visit),
        // No try is spent on digits beside a password that cannot be.
        Err(Refusal::Shown) => return shown.answer(visit),
    };
    match proofs::check_digits(&visit, &proof, form.get("code").unwrap_or_default()).await {
        Ok(Ok(())) => complete(visit, &proof, password, shown).await,
        Ok(Err(error)) => {
            shown.mistakes.digits = Some(match error {
                // To a stranger a used proof is one like any other.
                CodeError::Closed => DigitsMistake::Closed,
                error => digits_mistake(error),
            });
            shown.answer(visit)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /recover/confirm`: the link. It only asks, since scanners of mail open it, too.
pub async fn confirm_get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let link = query.get("proof").unwrap_or_default();
    match proofs::by_link(&visit.server, Purpose::Recover, link).await {
        Ok(Some(_)) => Shown::first(ChosenBy::Link { link }, None).answer(visit),
        Ok(None) => over(visit),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /recover/confirm`.
pub async fn confirm_post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let link = form.get("proof").unwrap_or_default();
    let proof = match proofs::by_link(&visit.server, Purpose::Recover, link).await {
        Ok(Some(proof)) => proof,
        Ok(None) => return over(visit),
        Err(error) => return visit.store_error(&error),
    };
    let mut shown = Shown::first(ChosenBy::Link { link }, None);
    shown.sign_out = form.get("sign_out").is_some();
    match new_password(&visit, &form, &proof.email, &mut shown) {
        Ok(password) => complete(visit, &proof, password, shown).await,
        Err(Refusal::Csrf) => consent::csrf_failed(visit),
        Err(Refusal::Shown) => shown.answer(visit),
    }
}

enum Refusal {
    Csrf,
    Shown,
}

/// The password of the form, if the form is ours and the password can be.
fn new_password(visit: &Visit, form: &Parameters, email: &str, shown: &mut Shown<'_>) -> Result<Secret, Refusal> {
    if !visit.browser.is_known() {
        shown.mistakes.not_now = Some(NotNow::CookiesBlocked);
        return Err(Refusal::Shown);
    }
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return Err(Refusal::Csrf);
    }
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    shown.mistakes.password = mistake_in(&password, &[&visit.server.live().brand, email]);
    if shown.mistakes.password.is_some() { Err(Refusal::Shown) } else { Ok(password) }
}

/// Sets the password, uses the proof up in the same write, and goes on to whatever else a sign-in asks: a mail alone is no
/// way around a second step.
async fn complete(visit: Visit, proof: &Proof, password: Secret, mut shown: Shown<'_>) -> Response {
    let user = match proof.user {
        Some(user) => users::by_id(&visit.server.store, user).await,
        None => Ok(None),
    };
    // The account may have been closed, or its address changed, since the mail was written.
    let user = match user {
        Ok(Some(user)) if !user.disabled && user.email == proof.email => user,
        Ok(_) => return over(visit),
        Err(error) => return visit.store_error(&error),
    };
    let Ok(hash) = visit.server.hasher.hash(password).await else {
        shown.mistakes.not_now = Some(NotNow::Busy { retry_after_seconds: 2 });
        return shown.answer(visit);
    };
    let now = visit.server.now();
    let write = Write::one(mail_proofs::spending(proof.id, now))
        .and(mail_proofs::closing(user.id, Purpose::Recover, now))
        .and(users::confirmed(user.id, &user.email));
    match change(&visit, &user, &hash, write, None, shown.sign_out).await {
        Ok(()) => {
            let user = User { email_verified: true, ..user };
            finish::finish_with_offer(visit, &user, Amr::PASSWORD, shown.tx).await
        }
        // Shown twice at once.
        Err(StoreError::AffectedMismatch { .. }) => over(visit),
        Err(error) => visit.store_error(&error),
    }
}

/// Changes a password with all that goes with it: the event, the mail, and the end of sessions other than `keep`. Agreements
/// with apps stay: they outlive passwords, and the pages say so.
async fn change(
    visit: &Visit,
    user: &User,
    hash: &PasswordHash,
    write: Write,
    keep: Option<SessionId>,
    sign_out: bool,
) -> Result<(), StoreError> {
    let server = &visit.server;
    let lang = lang_of(server, user, Some(visit.lang));
    let happened = visit.happened(AccountEvent::PasswordChanged, "");
    let [password, remembered] = users::new_password(user.id, hash, server.now());
    let write = write.and(password).and(remembered).and(account_events::insertion(user.id, &happened)).and(queued(
        server,
        Some(&user.email),
        lang,
        &Letter::PasswordChanged,
    ));
    match sign_out {
        true => end_other_sessions(server, write, user.id, keep).await?,
        false => drop(server.store.write(write).await?),
    }
    server.mails.notify_one();
    Ok(())
}

/// `GET /account/password`.
pub async fn account_get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    if query.as_deref() == Some("changed") {
        let page = password_changed_page(visit.chrome(Some(&signed_in), None));
        return visit.page(200, &page);
    }
    let (mut visit, signed_in) = match recheck::for_page(visit, signed_in, "/account/password").await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let csrf = visit.csrf(Some(&signed_in), Ticket::Account);
    let chrome = visit.chrome(Some(&signed_in), Some("/account/password"));
    let page = new_password_page(chrome, csrf, ChosenBy::Session, None, true, NewPasswordMistakes::default());
    visit.page(200, &page)
}

/// `POST /account/password`: whoever is signed in, and has just shown who they are, chooses another one, or their first.
pub async fn account_post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let (mut visit, signed_in) = match recheck::for_form(visit, signed_in, "/account/password", &form).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let user = &signed_in.user;
    let sign_out = form.get("sign_out").is_some();
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    let context = [&*visit.server.live().brand, &user.email, &user.display_name];
    let mut mistakes = NewPasswordMistakes { password: mistake_in(&password, &context), ..Default::default() };
    if mistakes.password.is_none() {
        match visit.server.hasher.hash(password).await {
            Ok(hash) => {
                let session = signed_in.session.id;
                return match change(&visit, user, &hash, Write::default(), Some(session), sign_out).await {
                    Ok(()) => visit.see_other("/account/password?changed"),
                    Err(error) => visit.store_error(&error),
                };
            }
            Err(_) => mistakes.not_now = Some(NotNow::Busy { retry_after_seconds: 2 }),
        }
    }
    let status = mistakes.not_now.map_or(422, NotNow::status);
    let csrf = visit.csrf(Some(&signed_in), Ticket::Account);
    let chrome = visit.chrome(Some(&signed_in), None);
    let page = new_password_page(chrome, csrf, ChosenBy::Session, None, sign_out, mistakes);
    visit.page_with_retry(status, &page, mistakes.not_now.and_then(NotNow::retry_after_seconds))
}
