//! "Confirm it's you" (screen L7): before a change that only the account's owner may make, where they last showed who they
//! are more than ten minutes ago. A session left open, or its cookie, is not enough then.

use axum::response::Response;
use keysig_core::grant::Amr;
use keysig_core::id::UserId;
use keysig_core::parameters::Parameters;
use keysig_core::password::MAX_PASSWORD_CHARS;
use keysig_core::secret::Secret;
use keysig_core::user::Role;
use keysig_store::{StoreError, passkeys as stored_passkeys, second_factors, users};

use crate::browser::{SignedIn, Ticket, is_page_of_ours};
use crate::pages::{RecheckError, RecheckPage};
use crate::passkeys::Purpose;
use crate::passwords::Busy;
use crate::people::account::posted;
use crate::people::guesses::Guess;
use crate::people::{passkeys, second_step, upstream, words};
use crate::server::Server;
use crate::visit::{Form, Visit};

/// How long somebody counts as just checked, in seconds.
const CHECKED_SECONDS: i64 = 600;

/// The fields that this page adds to a form, and takes out of it again.
const PASSWORD_FIELD: &str = "confirm_password";
const CODE_FIELD: &str = "confirm_code";

/// What somebody is asked to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Anything that shows it is them: their password will do.
    Anything,
    /// A passkey or a code: a password that was found out is not enough.
    SecondFactor,
}

/// Whether the person of this session showed it within the last ten minutes.
fn is_fresh(server: &Server, signed_in: &SignedIn, wanted: Wanted) -> bool {
    let shown = match wanted {
        Wanted::Anything => Some(signed_in.session.checked_at),
        Wanted::SecondFactor => signed_in.session.second_factor_at,
    };
    shown.is_some_and(|shown| server.now() < shown.plus_seconds(CHECKED_SECONDS))
}

/// Whether the account has a second factor that can be shown here.
pub async fn has_second_factor(server: &Server, user: UserId) -> Result<bool, StoreError> {
    let has_passkey = server.passkeys.is_some() && !stored_passkeys::of_user(&server.store, user).await?.is_empty();
    Ok(has_passkey || second_factors::find(&server.store, user).await?.is_some())
}

/// What changes of this person's own account ask for. Who works in the operator area shows a second factor there too, or a
/// found password would be enough to add a passkey and pass with that.
async fn wanted_of(visit: &Visit, signed_in: &SignedIn) -> Result<Wanted, StoreError> {
    let works_here = signed_in.user.role >= Role::Viewer;
    Ok(match works_here && has_second_factor(&visit.server, signed_in.user.id).await? {
        true => Wanted::SecondFactor,
        false => Wanted::Anything,
    })
}

/// Before a form is shown by GET `path`, a page of the account: whoever was not checked lately is asked first, and comes
/// back to it. Call it before the page is made.
pub async fn for_page(visit: Visit, signed_in: SignedIn, path: &str) -> Result<(Visit, SignedIn), Response> {
    match wanted_of(&visit, &signed_in).await {
        Ok(wanted) => for_page_by(visit, signed_in, path, wanted).await,
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// The same, where it is settled what has to be shown.
pub async fn for_page_by(
    visit: Visit,
    signed_in: SignedIn,
    path: &str,
    wanted: Wanted,
) -> Result<(Visit, SignedIn), Response> {
    if is_fresh(&visit.server, &signed_in, wanted) {
        return Ok((visit, signed_in));
    }
    let hidden = vec![("next".to_owned(), path.to_owned())];
    Err(show(visit, &signed_in, "/account/confirm", hidden, wanted, None).await)
}

/// Before what a form posted to `path` asks for is done, and after its ticket was looked at: whoever was not checked lately
/// is asked first. Their form is carried along, passwords left out, and what they answer is posted to `path` again with
/// it: then this goes on, and the handler sees the form as it was.
pub async fn for_form(
    visit: Visit,
    signed_in: SignedIn,
    path: &str,
    form: &Parameters,
) -> Result<(Visit, SignedIn), Response> {
    match wanted_of(&visit, &signed_in).await {
        Ok(wanted) => for_form_by(visit, signed_in, path, form, wanted).await,
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// The same, where it is settled what has to be shown.
pub async fn for_form_by(
    visit: Visit,
    signed_in: SignedIn,
    path: &str,
    form: &Parameters,
    wanted: Wanted,
) -> Result<(Visit, SignedIn), Response> {
    if is_fresh(&visit.server, &signed_in, wanted) {
        return Ok((visit, signed_in));
    }
    let password = form.all(PASSWORD_FIELD).next().filter(|_| wanted == Wanted::Anything);
    // Sent but empty is an answer too, and a wrong one; where there are two fields, the one that was filled in.
    let code = match wanted {
        Wanted::Anything => form.get(CODE_FIELD),
        Wanted::SecondFactor => form.all(CODE_FIELD).next(),
    };
    let (checked, by) = match (form.get("passkey_ticket"), code, password) {
        (Some(_), ..) => (Some(check_passkey(&visit, &signed_in, form).await), Amr::PASSKEY),
        (None, Some(code), _) => (Some(check_code(&visit, &signed_in, code).await), Amr::ONE_TIME_CODE),
        (None, None, Some(password)) => {
            (Some(check(&visit, &signed_in, Secret::new(password.to_owned())).await), Amr::PASSWORD)
        }
        (None, None, None) => (None, Amr::PASSWORD),
    };
    let error = match checked {
        None => None,
        Some(Ok(())) => return confirmed(visit, signed_in, by).await,
        Some(Err(Refused::Shown(error))) => Some(error),
        Some(Err(Refused::Store(error))) => return Err(visit.store_error(&error)),
    };
    let is_ours =
        |name: &str| name == "csrf" || name == CODE_FIELD || name.contains("password") || name.starts_with("passkey");
    let carried = form.pairs().filter(|(name, _)| !is_ours(name));
    let hidden = carried.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Err(show(visit, &signed_in, path, hidden, wanted, error).await)
}

/// `POST /account/confirm`: the answer of somebody who was on the way to a page.
pub async fn post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let next = form.get("next").filter(|path| is_page_of_ours(path)).unwrap_or("/account").to_owned();
    let wanted = match wanted_of(&visit, &signed_in).await {
        Ok(wanted) => wanted,
        Err(error) => return visit.store_error(&error),
    };
    match for_form_by(visit, signed_in, "/account/confirm", &form, wanted).await {
        Ok((visit, _)) => visit.see_other(&next),
        Err(answer) => answer,
    }
}

/// The session goes on as one that was just checked, by what was shown.
pub async fn confirmed(mut visit: Visit, signed_in: SignedIn, by: Amr) -> Result<(Visit, SignedIn), Response> {
    match visit.browser.confirm(&visit.server, signed_in, by).await {
        Ok(Some((signed_in, cookie))) => {
            visit.set_cookie(cookie);
            Ok((visit, signed_in))
        }
        // It was ended this very moment, elsewhere.
        Ok(None) => Err(visit.see_other("/login")),
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// Why somebody is not confirmed.
enum Refused {
    Shown(RecheckError),
    Store(StoreError),
}

/// Counted with all other guesses at the account: a stolen session is no way around the limit.
async fn check(visit: &Visit, signed_in: &SignedIn, password: Secret) -> Result<(), Refused> {
    let (server, email) = (&visit.server, &signed_in.user.email);
    let known = users::by_identifier(&server.store, email).await.map_err(Refused::Store)?;
    let Some((_, hash)) = known else { return Err(Refused::Shown(RecheckError::Wrong)) };
    let guess = Guess::count(server, email.clone(), visit.peer)
        .map_err(|seconds| Refused::Shown(RecheckError::Throttled { retry_after_seconds: u64::from(seconds) }))?;
    if password.expose().is_empty() || password.expose().chars().count() > MAX_PASSWORD_CHARS {
        return Err(Refused::Shown(RecheckError::Wrong));
    }
    match server.hasher.verify(password, hash).await {
        Ok(true) => {
            guess.take_back(server);
            Ok(())
        }
        Ok(false) => Err(Refused::Shown(RecheckError::Wrong)),
        Err(Busy) => {
            guess.take_back(server);
            Err(Refused::Shown(RecheckError::Busy { retry_after_seconds: 2 }))
        }
    }
}

/// By a passkey of this very person.
async fn check_passkey(visit: &Visit, signed_in: &SignedIn, form: &Parameters) -> Result<(), Refused> {
    let checked = passkeys::check(visit, Purpose::Recheck(signed_in.user.id), form).await;
    checked.map(|_| ()).map_err(|refused| match refused {
        passkeys::NotShown::Store(error) => Refused::Store(error),
        passkeys::NotShown::Throttled { retry_after_seconds } => {
            Refused::Shown(RecheckError::Throttled { retry_after_seconds })
        }
        passkeys::NotShown::TooLate => Refused::Shown(RecheckError::PasskeyTooLate),
        passkeys::NotShown::Closed | passkeys::NotShown::Unknown => Refused::Shown(RecheckError::WrongPasskey),
    })
}

/// By the authenticator app, counted like a password.
async fn check_code(visit: &Visit, signed_in: &SignedIn, typed: &str) -> Result<(), Refused> {
    let (server, user) = (&visit.server, &signed_in.user);
    let guess = Guess::count(server, user.email.clone(), visit.peer)
        .map_err(|seconds| Refused::Shown(RecheckError::Throttled { retry_after_seconds: u64::from(seconds) }))?;
    let right = async {
        let Some(factor) = second_factors::find(&server.store, user.id).await? else { return Ok(false) };
        let Some(seed) = server.second_steps.open_seed(user.id, &factor.seed) else { return Ok(false) };
        second_step::takes_code(server, user, &seed, typed).await
    };
    match right.await {
        Ok(true) => {
            guess.take_back(server);
            Ok(())
        }
        Ok(false) => Err(Refused::Shown(RecheckError::WrongCode)),
        Err(error) => Err(Refused::Store(error)),
    }
}

async fn show(
    mut visit: Visit,
    signed_in: &SignedIn,
    action: &str,
    hidden: Vec<(String, String)>,
    wanted: Wanted,
    error: Option<RecheckError>,
) -> Response {
    let csrf = visit.csrf(Some(signed_in), Ticket::Account);
    // From another provider somebody comes back by a link, to the page and not to the form that was posted.
    let next = hidden.iter().find(|(name, _)| name == "next").map_or(action, |(_, next)| next);
    let upstreams = match upstream::buttons_to_confirm(&visit, signed_in, &csrf, next).await {
        Ok(upstreams) => upstreams,
        Err(error) => return visit.store_error(&error),
    };
    let has_app = match second_factors::find(&visit.server.store, signed_in.user.id).await {
        Ok(factor) => factor.is_some(),
        Err(error) => return visit.store_error(&error),
    };
    let page = RecheckPage {
        second_only: wanted == Wanted::SecondFactor,
        has_app,
        csrf,
        upstreams,
        chrome: visit.chrome(Some(signed_in), None),
        account: words::account(&signed_in.user),
        passkey: passkeys::ask(&visit, Purpose::Recheck(signed_in.user.id), action, hidden.clone(), "use-passkey"),
        action: action.to_owned(),
        hidden,
        error,
    };
    visit.page_with_retry(page.status(), &page, page.retry_after_seconds())
}
