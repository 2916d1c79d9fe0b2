//! `/login` (screen L1).

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::grant::Amr;
use keysig_core::id::RequestId;
use keysig_core::parameters::Parameters;
use keysig_core::password::{MAX_PASSWORD_CHARS, PasswordHash};
use keysig_core::secret::Secret;
use keysig_core::user::{User, canonical_email};
use keysig_store::{StoreError, users};

use crate::browser::{SignedIn, Ticket};
use crate::oauth::pending::{self, Found, Waiting};
use crate::pages::{SignInError, SignInPage};
use crate::passwords::Busy;
use crate::people::finish::{finish, go_on};
use crate::people::guesses::Guess;
use crate::people::{consent, passkeys, second_step, upstream};
use crate::server::Server;
use crate::settings::SignUp;
use crate::visit::{Form, Visit};

/// `GET /login`: whoever is signed in already goes on, unless the request that waits wants another sign-in, a stronger one,
/// or a choice. With `account=new` it is for somebody else in any case.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tx = query.get("tx").map(str::to_owned);
    let from = query.get("through").zip(query.get("problem"));
    if query.get("account") == Some("new") {
        return show_from(visit, tx, String::new(), None, from).await;
    }
    match at_the_door(&visit, tx.as_deref()).await {
        Ok(AtTheDoor::GoesOn) => go_on(visit, tx.as_deref()),
        // Whoever comes back from another provider had chosen to sign in.
        Ok(AtTheDoor::Chooses) if from.is_some() => show_from(visit, tx, String::new(), None, from).await,
        Ok(AtTheDoor::Chooses) => match tx.as_deref().and_then(RequestId::parse) {
            Some(tx) => visit.see_other(&format!("/login/choose?tx={tx}")),
            None => visit.see_other("/login/choose"),
        },
        Ok(AtTheDoor::StepsUp(signed_in, waiting)) => second_step::step_up(visit, &signed_in, &waiting).await,
        Ok(AtTheDoor::SignsIn { identifier, error }) => show_from(visit, tx, identifier, error, from).await,
        Err(error) => visit.store_error(&error),
    }
}

enum AtTheDoor {
    GoesOn,
    /// One of several accounts in this browser.
    Chooses,
    /// Is signed in by one factor, and two are demanded.
    StepsUp(Box<SignedIn>, Box<Waiting>),
    /// With what is known of who will, and why somebody who is signed in must.
    SignsIn {
        identifier: String,
        error: Option<SignInError>,
    },
}

async fn at_the_door(visit: &Visit, tx: Option<&str>) -> Result<AtTheDoor, StoreError> {
    let nobody = AtTheDoor::SignsIn { identifier: String::new(), error: None };
    let signed_in = visit.browser.signed_in(&visit.server).await?;
    let accounts = visit.browser.accounts(&visit.server).await?;
    let Some(tx) = tx else {
        return Ok(match signed_in {
            Some(_) => AtTheDoor::GoesOn,
            None if accounts.is_empty() => nobody,
            None => AtTheDoor::Chooses,
        });
    };
    let Found::Waiting(mut waiting) = pending::find(&visit.server, &visit.browser, tx).await? else {
        // Its page says what became of it.
        return Ok(if signed_in.is_some() { AtTheDoor::GoesOn } else { nobody });
    };
    if waiting.row.answered.is_some() && signed_in.is_some() {
        return Ok(AtTheDoor::GoesOn);
    }
    if let Some(signed_in) = &signed_in {
        waiting.note_sign_in(signed_in);
    }
    if waiting.request.prompt.select_account && !accounts.is_empty() {
        return Ok(AtTheDoor::Chooses);
    }
    let Some(signed_in) = signed_in else {
        return Ok(if accounts.is_empty() { nobody } else { AtTheDoor::Chooses });
    };
    if waiting.will_do(&signed_in) {
        return Ok(AtTheDoor::GoesOn);
    }
    if waiting.lacks_only_a_second_factor(&signed_in) {
        return Ok(AtTheDoor::StepsUp(Box::new(signed_in), waiting));
    }
    if accounts.iter().any(|other| waiting.will_do(other)) {
        return Ok(AtTheDoor::Chooses);
    }
    Ok(match pending::is_wanted(&waiting.app, &waiting.request, &signed_in) {
        true => AtTheDoor::SignsIn { identifier: signed_in.user.email, error: None },
        false => AtTheDoor::SignsIn { identifier: String::new(), error: Some(SignInError::OtherAccountWanted) },
    })
}

/// The sign-in page, with what was typed and why it did not do.
pub async fn show(visit: Visit, tx: Option<String>, identifier: String, error: Option<SignInError>) -> Response {
    show_from(visit, tx, identifier, error, None).await
}

/// The same; `from` is the provider that somebody comes back from, and why that led nowhere, by their names.
async fn show_from(
    mut visit: Visit,
    tx: Option<String>,
    identifier: String,
    error: Option<SignInError>,
    from: Option<(&str, &str)>,
) -> Response {
    let (mut app_name, mut app_logo) = (None, None);
    let (mut hint, mut again) = (None, false);
    if let Some(tx) = &tx {
        match visit.waiting(tx).await {
            Ok(Found::Waiting(waiting)) => {
                app_name = Some(waiting.app.name.clone());
                app_logo = waiting.app.about.logo;
                again = waiting.asks_again();
                hint = waiting.request.login_hint;
            }
            Ok(found) => return consent::gone(visit, &found),
            Err(error) => return visit.store_error(&error),
        }
    }
    let back = tx.as_ref().map_or_else(|| "/login".to_owned(), |tx| format!("/login?tx={tx}"));
    let csrf = visit.csrf(None, Ticket::SignIn);
    let identifier = if identifier.is_empty() { hint.unwrap_or_default() } else { identifier };
    let page = SignInPage {
        chrome: visit.chrome(None, Some(&back)),
        upstreams: upstream::buttons(&visit, &csrf, tx.as_deref(), from.filter(|_| error.is_none())),
        csrf,
        passkey: passkeys::ask_at_sign_in(&visit, tx.as_deref(), &identifier),
        tx,
        app_name,
        app_logo,
        again,
        identifier,
        recovers: visit.server.settings.sends_mail(),
        signs_up: visit.server.live().sign_up == SignUp::Open,
        error,
    };
    visit.page_with_retry(page.status(), &page, page.retry_after_seconds())
}

/// Why somebody is not signed in.
enum Refused {
    Shown(SignInError),
    Store(StoreError),
}

/// `POST /login`.
pub async fn post(visit: Visit, Form(form): Form) -> Response {
    let Ok(form) = form else { return consent::bad_form(visit) };
    let tx = form.get("tx").map(str::to_owned);
    let identifier = form.get("identifier").unwrap_or_default().to_owned();
    if !visit.browser.is_known() {
        return show(visit, None, identifier, Some(SignInError::CookiesBlocked)).await;
    }
    if !visit.is_sent_here() {
        return consent::csrf_failed(visit);
    }
    if !visit.is_from_our_page(None, Ticket::SignIn, form.get("csrf")) {
        return show(visit, tx, identifier, Some(SignInError::Stale)).await;
    }
    let password = Secret::new(form.get("password").unwrap_or_default().to_owned());
    let user = match check(&visit, &identifier, password).await {
        Ok(user) => user,
        Err(Refused::Shown(error)) => return show(visit, tx, identifier, Some(error)).await,
        Err(Refused::Store(error)) => return visit.store_error(&error),
    };
    finish(visit, &user, Amr::PASSWORD, tx.as_deref()).await
}

/// Every try is counted before the hash is computed, all names of one account together, and unknown names take as long
/// and look the same as known ones (enumeration).
async fn check(visit: &Visit, typed: &str, password: Secret) -> Result<User, Refused> {
    let server = &visit.server;
    // No address is longer (RFC 5321 §4.5.3.1.3); what is kept to count tries stays small.
    let typed: String = typed.chars().take(254).collect();
    let name = canonical_email(&typed);
    let known = users::by_identifier(&server.store, &name).await.map_err(Refused::Store)?;
    let (user, hash) = known.map_or_else(|| (None, PasswordHash::of_nobody()), |(user, hash)| (Some(user), hash));
    let account = user.as_ref().map_or(name, |user| user.email.clone());
    let guess = Guess::count(server, account, visit.peer)
        .map_err(|seconds| Refused::Shown(SignInError::Throttled { retry_after_seconds: u64::from(seconds) }))?;
    // A password nobody can have is not worth 20 ms of hashing, whoever typed it.
    if password.expose().is_empty() || password.expose().chars().count() > MAX_PASSWORD_CHARS {
        return Err(Refused::Shown(SignInError::WrongCredentials));
    }
    let Ok(right) = server.hasher.verify(password.clone(), hash.clone()).await else {
        // Nobody looked at the password: that is no failed try.
        guess.take_back(server);
        return Err(Refused::Shown(SignInError::Busy { retry_after_seconds: 2 }));
    };
    match user.filter(|_| right) {
        Some(user) => {
            guess.take_back(server);
            renew(server, &user, password, &hash).await.map_err(Refused::Store)?;
            Ok(user)
        }
        None => Err(Refused::Shown(SignInError::WrongCredentials)),
    }
}

/// Hashes a right password anew where its hash was made with other parameters than those of today; at a busy moment, at the
/// next sign-in.
async fn renew(server: &Server, user: &User, password: Secret, hash: &PasswordHash) -> Result<(), StoreError> {
    if !hash.is_dated() {
        return Ok(());
    }
    match server.hasher.hash(password).await {
        Ok(new) => users::rehash(&server.store, user.id, hash, &new).await,
        Err(Busy) => Ok(()),
    }
}
