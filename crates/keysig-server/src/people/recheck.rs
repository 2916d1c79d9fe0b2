//! "Confirm it's you" (screen L7): before a change that only the account's owner may make, where they last showed who they
//! are more than ten minutes ago. A session left open, or its cookie, is not enough then.

use axum::response::Response;
use keysig_core::parameters::Parameters;
use keysig_core::password::MAX_PASSWORD_CHARS;
use keysig_core::secret::Secret;
use keysig_store::{StoreError, second_factors, users};

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

/// Whether the person of this session showed who they are within the last ten minutes.
pub fn is_fresh(server: &Server, signed_in: &SignedIn) -> bool {
    server.now() < signed_in.session.checked_at.plus_seconds(CHECKED_SECONDS)
}

/// Before a form is shown by GET `path`, a page of the account: whoever was not checked lately is asked first, and comes
/// back to it. Call it before the page is made.
pub async fn for_page(visit: Visit, signed_in: SignedIn, path: &str) -> Result<(Visit, SignedIn), Response> {
    if is_fresh(&visit.server, &signed_in) {
        return Ok((visit, signed_in));
    }
    let hidden = vec![("next".to_owned(), path.to_owned())];
    Err(show(visit, &signed_in, "/account/confirm", hidden, None).await)
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
    if is_fresh(&visit.server, &signed_in) {
        return Ok((visit, signed_in));
    }
    let checked = match (form.get("passkey_ticket"), form.get(CODE_FIELD), form.all(PASSWORD_FIELD).next()) {
        (Some(_), ..) => Some(check_passkey(&visit, &signed_in, form).await),
        (None, Some(code), _) => Some(check_code(&visit, &signed_in, code).await),
        // Sent but empty is an answer too, and a wrong one.
        (None, None, Some(password)) => Some(check(&visit, &signed_in, Secret::new(password.to_owned())).await),
        (None, None, None) => None,
    };
    let error = match checked {
        None => None,
        Some(Ok(())) => return confirmed(visit, signed_in).await,
        Some(Err(Refused::Shown(error))) => Some(error),
        Some(Err(Refused::Store(error))) => return Err(visit.store_error(&error)),
    };
    let is_ours =
        |name: &str| name == "csrf" || name == CODE_FIELD || name.contains("password") || name.starts_with("passkey");
    let carried = form.pairs().filter(|(name, _)| !is_ours(name));
    let hidden = carried.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Err(show(visit, &signed_in, path, hidden, error).await)
}

/// `POST /account/confirm`: the answer of somebody who was on the way to a page.
pub async fn post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let next = form.get("next").filter(|path| is_page_of_ours(path)).unwrap_or("/account").to_owned();
    match for_form(visit, signed_in, "/account/confirm", &form).await {
        Ok((visit, _)) => visit.see_other(&next),
        Err(answer) => answer,
    }
}

/// The session goes on as one that was just checked.
pub async fn confirmed(mut visit: Visit, signed_in: SignedIn) -> Result<(Visit, SignedIn), Response> {
    match visit.browser.confirm(&visit.server, signed_in).await {
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
