//! `/signup` (screen L2): everything is written down, a mail asks whether the address is theirs, and only the answer makes
//! the account. An address that has one already gets another mail; here nobody sees the difference.

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::grant::Amr;
use keysig_core::id::UserId;
use keysig_core::mail::Purpose;
use keysig_core::parameters::Parameters;
use keysig_core::password::{MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS, PasswordHash, is_guessed_first};
use keysig_core::secret::{Secret, constant_time_eq};
use keysig_core::user::{Product, Role, User};
use keysig_store::library::LibrarySpec;
use keysig_store::mail_proofs::{self, Proof};
use keysig_store::{StoreError, users};
use serde::{Deserialize, Serialize};

use crate::browser::Ticket;
use crate::mail::{Letter, lang_of};
use crate::pages::{
    ConfirmMistake, DigitsMistake, NotNow, PasswordMistake, SignUpMistakes, SignUpTyped, check_email_page,
    confirm_sign_up_page, link_over_page, sign_up_closed_page, sign_up_page,
};
use crate::people::guesses::Guess;
use crate::people::proofs::{self, CodeError, Made, checked_tx};
use crate::people::{consent, finish};
use crate::register::user::{NewUser, checked, email, usual_country};
use crate::register::{Refused, name};
use crate::settings::SignUp;
use crate::visit::{Form, Visit};

/// Who will be, until the address is confirmed. The password is hashed already.
#[derive(Serialize, Deserialize)]
struct Body {
    name: String,
    password_hash: String,
    locale: String,
    /// MAC of the browser in which the password was chosen.
    browser: String,
    tx: Option<String>,
}

/// What an invitation says beside the address.
#[derive(Serialize, Deserialize)]
pub struct Invited {
    /// What else they may do.
    pub role: Role,
}

/// How somebody may sign up.
enum Way {
    Open,
    Invited { link: String, proof: Box<Proof>, role: Role },
    Closed { by_invitation: bool },
}

/// An invitation goes before the mode: it was given while invitations were, and says so in the mail.
async fn way(visit: &Visit, invite: Option<&str>) -> Result<Way, StoreError> {
    let mode = visit.server.live().sign_up;
    if let Some(link) = invite.filter(|_| mode != SignUp::Off)
        && let Some(proof) = proofs::by_link(&visit.server, Purpose::Invite, link).await?
    {
        let role = serde_json::from_str::<Invited>(&proof.body).map_or(Role::User, |invited| invited.role);
        return Ok(Way::Invited { link: link.to_owned(), proof: Box::new(proof), role });
    }
    Ok(match mode {
        SignUp::Open => Way::Open,
        SignUp::Invite => Way::Closed { by_invitation: true },
        SignUp::Off => Way::Closed { by_invitation: false },
    })
}

/// `GET /signup`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tx = checked_tx(query.get("tx"));
    match way(&visit, query.get("invite")).await {
        Ok(way) => show(visit, &way, tx, SignUpTyped::default(), SignUpMistakes::default(), None),
        Err(error) => visit.store_error(&error),
    }
}

fn show(
    mut visit: Visit,
    way: &Way,
    tx: Option<String>,
    mut typed: SignUpTyped,
    mistakes: SignUpMistakes,
    error: Option<NotNow>,
) -> Response {
    let invite = match way {
        Way::Closed { by_invitation } => {
            let page = sign_up_closed_page(visit.chrome(None, Some("/signup")), *by_invitation);
            return visit.page(403, &page);
        }
        Way::Open => None,
        Way::Invited { link, proof, .. } => {
            typed.email.clone_from(&proof.email);
            typed.invited = true;
            Some(link.as_str())
        }
    };
    let status = error.map_or(if mistakes.any() { 422 } else { 200 }, NotNow::status);
    let csrf = visit.csrf(None, Ticket::SignIn);
    let back = tx.as_ref().map_or_else(|| "/signup".to_owned(), |tx| format!("/signup?tx={tx}"));
    let chrome = visit.chrome(None, invite.is_none().then_some(&back));
    let page = sign_up_page(chrome, csrf, (tx.as_deref(), invite), typed, mistakes, error);
    visit.page_with_retry(status, &page, error.and_then(NotNow::retry_after_seconds))
}

/// What is wrong with a new password; `context` is what is known of whoever chooses it.
pub fn mistake_in(password: &Secret, context: &[&str]) -> Option<PasswordMistake> {
    match password.expose().chars().count() {
        length if length < MIN_PASSWORD_CHARS => Some(PasswordMistake::Short),
        length if length > MAX_PASSWORD_CHARS => Some(PasswordMistake::Long),
        _ => is_guessed_first(password, context).then_some(PasswordMistake::Common),
    }
}

/// `POST /signup`.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let tx = checked_tx(form.get("tx"));
    let way = match way(&visit, form.get("invite")).await {
        Ok(way) => way,
        Err(error) => return visit.store_error(&error),
    };
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    // Longer than any that could be right; what is shown again stays small.
    let cut = |text: String| text.chars().take(300).collect::<String>();
    let typed = SignUpTyped { email: cut(text("email")), name: cut(text("name")), invited: false };
    let Some(browser) = visit.browser.mac(&visit.server) else {
        return show(visit, &way, tx, typed, SignUpMistakes::default(), Some(NotNow::CookiesBlocked));
    };
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let address = match &way {
        Way::Closed { .. } => return show(visit, &way, tx, typed, SignUpMistakes::default(), None),
        Way::Open => email(&typed.email).ok(),
        Way::Invited { proof, .. } => Some(proof.email.clone()),
    };
    let password = Secret::new(text("password"));
    let (chosen, known) = (name(&typed.name).ok(), address.clone().unwrap_or_default());
    let mistakes = SignUpMistakes {
        email: address.is_none(),
        name: chosen.is_none(),
        password: mistake_in(&password, &[&visit.server.live().brand, &known, &typed.name]),
    };
    let (Some(address), Some(chosen), None) = (address, chosen, mistakes.password) else {
        return show(visit, &way, tx, typed, mistakes, None);
    };
    let mails = match &way {
        Way::Invited { .. } => Ok(false),
        _ => proofs::count_mail(&visit.server, &address, visit.peer),
    };
    let mails = match mails {
        Ok(mails) => mails,
        Err(seconds) => {
            let error = NotNow::Throttled { retry_after_seconds: u64::from(seconds) };
            return show(visit, &way, tx, typed, mistakes, Some(error));
        }
    };
    // Hashed before anybody looks whether the address is known, so that both take the time.
    let Ok(hash) = visit.server.hasher.hash(password).await else {
        return show(visit, &way, tx, typed, mistakes, Some(NotNow::Busy { retry_after_seconds: 2 }));
    };
    let locale = visit.lang.tag().to_owned();
    if let Way::Invited { proof, role, .. } = &way {
        let user = new_user(&visit, &proof.email, chosen, locale, *role);
        return match user {
            Ok(user) => create(visit, proof, &user, &hash, tx.as_deref()).await,
            Err(_) => consent::bad_form(visit),
        };
    }
    let browser = keysig_core::encoding::hex(&browser);
    let password_hash = hash.as_phc().to_owned();
    let body = Body { name: chosen, password_hash, locale, browser, tx: tx.clone() };
    match write(&visit, &address, &body, mails).await {
        Ok(proof) => proofs::ask_for_digits(visit, "/signup/check", proof.id, tx.as_deref()),
        Err(error) => visit.store_error(&error),
    }
}

/// Writes down what waits for a proof of the address, and the mail: the one that asks for the proof, or the one that tells of
/// an account.
async fn write(visit: &Visit, address: &str, body: &Body, mails: bool) -> Result<Proof, StoreError> {
    let server = &visit.server;
    let known = users::by_identifier(&server.store, address).await?;
    // Strings alone: this cannot fail.
    let made = Made::new(server, Purpose::SignUp, address, None, serde_json::to_string(body).unwrap_or_default());
    let to = mails.then_some(address);
    match known {
        None => {
            let row = made.row_if(mails, server);
            let letter = Letter::SignUp { proof: made.link, digits: made.digits };
            proofs::send(server, &row, to, visit.lang, &letter).await?;
            Ok(row)
        }
        Some((user, _)) => {
            let row = made.that_nobody_can_show(server);
            let lang = lang_of(server, &user, Some(visit.lang));
            proofs::send(server, &row, to, lang, &Letter::AlreadyHere).await?;
            Ok(row)
        }
    }
}

fn new_user(visit: &Visit, email: &str, name: String, locale: String, role: Role) -> Result<User, Refused> {
    let new = NewUser {
        id: None,
        email: email.to_owned(),
        email_verified: true,
        name,
        country: usual_country(),
        product: Product::Free,
        role,
        password: None,
        password_hash: None,
        totp: None,
        library: LibrarySpec::default(),
    };
    let rng = &*visit.server.rng;
    Ok(User { locale: Some(locale), ..checked(&new, UserId::generate(rng), rng)? })
}

/// Makes the account, uses the proof up in the same write, and signs in.
async fn create(visit: Visit, proof: &Proof, user: &User, hash: &PasswordHash, tx: Option<&str>) -> Response {
    let now = visit.server.now();
    let write = users::addition(user, hash, now).and(mail_proofs::spending(proof.id, now));
    match visit.server.store.write(write).await {
        Ok(_) => finish::finish_with_offer(visit, user, Amr::PASSWORD, tx).await,
        // Shown twice at once, or somebody has the address by now: whoever knows the password signs in with it.
        Err(StoreError::AffectedMismatch { .. } | StoreError::Conflict) => to_sign_in(visit, tx),
        Err(error) => visit.store_error(&error),
    }
}

fn to_sign_in(visit: Visit, tx: Option<&str>) -> Response {
    match checked_tx(tx) {
        Some(tx) => visit.see_other(&format!("/login?tx={tx}")),
        None => visit.see_other("/login"),
    }
}

/// `GET /signup/check`: a mail is on its way.
pub async fn check_get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tx = checked_tx(query.get("tx"));
    match proofs::by_id(&visit.server, Purpose::SignUp, query.get("proof")).await {
        Ok(Some(proof)) => show_check(visit, &proof, tx.as_deref(), None),
        Ok(None) => over(visit),
        Err(error) => visit.store_error(&error),
    }
}

fn show_check(mut visit: Visit, proof: &Proof, tx: Option<&str>, mistake: Option<DigitsMistake>) -> Response {
    let csrf = visit.csrf(None, Ticket::SignIn);
    let id = proof.id.to_string();
    let page = check_email_page(visit.chrome(None, None), csrf, (&id, tx), &proof.email, mistake);
    let status = mistake.map_or(200, DigitsMistake::status);
    visit.page_with_retry(status, &page, mistake.and_then(DigitsMistake::retry_after_seconds))
}

/// The page for a proof that is over, used, or never was.
fn over(visit: Visit) -> Response {
    let page = link_over_page(visit.chrome(None, None), "/signup");
    visit.page(410, &page)
}

/// What a refusal of digits is called on pages.
pub fn digits_mistake(error: CodeError) -> DigitsMistake {
    match error {
        CodeError::Wrong => DigitsMistake::Wrong,
        CodeError::Closed => DigitsMistake::Closed,
        CodeError::Throttled { retry_after_seconds } => {
            DigitsMistake::NotNow(NotNow::Throttled { retry_after_seconds })
        }
    }
}

/// `POST /signup/check`: the digits.
pub async fn check_post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let tx = checked_tx(form.get("tx"));
    let proof = match proofs::by_id(&visit.server, Purpose::SignUp, form.get("proof")).await {
        Ok(Some(proof)) => proof,
        Ok(None) => return over(visit),
        Err(error) => return visit.store_error(&error),
    };
    if !visit.browser.is_known() {
        let mistake = DigitsMistake::NotNow(NotNow::CookiesBlocked);
        return show_check(visit, &proof, tx.as_deref(), Some(mistake));
    }
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    match proofs::check_digits(&visit, &proof, form.get("code").unwrap_or_default()).await {
        Ok(Ok(())) => complete(visit, &proof, tx.as_deref()).await,
        // The link was used in another tab: who knows the password goes on there.
        Ok(Err(CodeError::Closed)) if proof.used_at.is_some() => to_sign_in(visit, tx.as_deref()),
        Ok(Err(error)) => show_check(visit, &proof, tx.as_deref(), Some(digits_mistake(error))),
        Err(error) => visit.store_error(&error),
    }
}

async fn complete(visit: Visit, proof: &Proof, tx: Option<&str>) -> Response {
    let body = serde_json::from_str::<Body>(&proof.body);
    let user = body.map(|body| {
        let hash = PasswordHash::from_phc(body.password_hash);
        (new_user(&visit, &proof.email, body.name, body.locale, Role::User), hash)
    });
    match user {
        Ok((Ok(user), hash)) => create(visit, proof, &user, &hash, tx).await,
        // Written by another version of this program.
        _ => over(visit),
    }
}

/// `GET /signup/confirm`: the link. It only asks, since scanners of mail open it, too.
pub async fn confirm_get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let link = query.get("proof").unwrap_or_default().to_owned();
    match proofs::by_link(&visit.server, Purpose::SignUp, &link).await {
        Ok(Some(proof)) => show_confirm(visit, &proof, &link, None),
        Ok(None) => over(visit),
        Err(error) => visit.store_error(&error),
    }
}

fn show_confirm(mut visit: Visit, proof: &Proof, link: &str, mistake: Option<ConfirmMistake>) -> Response {
    let csrf = visit.csrf(None, Ticket::SignIn);
    let asks = !began_here(&visit, proof);
    let page = confirm_sign_up_page(visit.chrome(None, None), csrf, link, &proof.email, asks, mistake);
    match mistake {
        None => visit.page(200, &page),
        Some(ConfirmMistake::Wrong) => visit.page(422, &page),
        Some(ConfirmMistake::NotNow(not_now)) => {
            visit.page_with_retry(not_now.status(), &page, not_now.retry_after_seconds())
        }
    }
}

/// Whether the password was chosen in this browser. Elsewhere, a stranger may have chosen it and wait for the owner of the
/// address to confirm their account (pre-hijacking).
fn began_here(visit: &Visit, proof: &Proof) -> bool {
    let began = serde_json::from_str::<Body>(&proof.body).map(|body| body.browser).unwrap_or_default();
    let here = visit.browser.mac(&visit.server).map(|mac| keysig_core::encoding::hex(&mac));
    here.is_some_and(|here| constant_time_eq(here.as_bytes(), began.as_bytes()))
}

/// `POST /signup/confirm`.
pub async fn confirm_post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let link = form.get("proof").unwrap_or_default().to_owned();
    let proof = match proofs::by_link(&visit.server, Purpose::SignUp, &link).await {
        Ok(Some(proof)) => proof,
        Ok(None) => return over(visit),
        Err(error) => return visit.store_error(&error),
    };
    if !visit.browser.is_known() {
        return show_confirm(visit, &proof, &link, Some(ConfirmMistake::NotNow(NotNow::CookiesBlocked)));
    }
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let body = serde_json::from_str::<Body>(&proof.body).ok();
    if began_here(&visit, &proof) {
        let tx = body.and_then(|body| body.tx);
        return complete(visit, &proof, tx.as_deref()).await;
    }
    let hash = body.map_or_else(PasswordHash::of_nobody, |body| PasswordHash::from_phc(body.password_hash));
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    match verify(&visit, &proof.email, password, hash).await {
        // The request of an app waits in the other browser, not here.
        Ok(()) => complete(visit, &proof, None).await,
        Err(mistake) => show_confirm(visit, &proof, &link, Some(mistake)),
    }
}

async fn verify(visit: &Visit, email: &str, password: Secret, hash: PasswordHash) -> Result<(), ConfirmMistake> {
    let server = &visit.server;
    let guess = Guess::count(server, email.to_owned(), visit.peer)
        .map_err(|seconds| ConfirmMistake::NotNow(NotNow::Throttled { retry_after_seconds: u64::from(seconds) }))?;
    if password.expose().is_empty() || password.expose().chars().count() > MAX_PASSWORD_CHARS {
        return Err(ConfirmMistake::Wrong);
    }
    match server.hasher.verify(password, hash).await {
        Ok(true) => {
            guess.take_back(server);
            Ok(())
        }
        Ok(false) => Err(ConfirmMistake::Wrong),
        Err(_) => {
            guess.take_back(server);
            Err(ConfirmMistake::NotNow(NotNow::Busy { retry_after_seconds: 2 }))
        }
    }
}
