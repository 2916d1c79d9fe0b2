//! Accounts that a developer makes up to try an app (screen D7): with a password, a plan, a country and a library, and an
//! address that no mail reaches. They log in to apps of that developer alone.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::response::Response;
use keysig_core::audit::AuditAction;
use keysig_core::encoding::{base64url, hex};
use keysig_core::id::UserId;
use keysig_core::parameters::Parameters;
use keysig_core::rng::random;
use keysig_core::secret::Secret;
use keysig_core::user::{Product, Role, User};
use keysig_store::catalogue::SharedCatalogue;
use keysig_store::library::{LibrarySpec, PlaylistSpec, seed_library};
use keysig_store::{StoreError, test_users, users};

use super::test_users::{MOST_LISTED, path};
use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::pages::{FakeUserMadePage, FakeUserPage, FakeUserProblem};
use crate::people::test_login;
use crate::register::{self, Refused};
use crate::visit::{Form, Visit};

/// So many may a developer make up: each is an account like others, and has a library.
const MOST_FAKE: u64 = 200;
/// The part of an address in front of the chance.
const MAX_SLUG_CHARS: usize = 20;
/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 200;
/// The second click of a double click comes no later.
const DOUBLE_CLICK_MILLIS: i64 = 10_000;

/// What a developer typed.
struct Typed {
    key: String,
    name: String,
    country: String,
    product: Product,
    has_library: bool,
}

impl Typed {
    fn of(form: &Parameters) -> Self {
        let text = |name| form.get(name).unwrap_or_default().trim().chars().take(MAX_TYPED_CHARS).collect::<String>();
        Self {
            key: text("key"),
            name: text("name"),
            country: text("country").to_ascii_uppercase(),
            product: form.get("plan").and_then(Product::from_name).unwrap_or(Product::Free),
            has_library: form.get("library") == Some("yes"),
        }
    }
}

/// `GET /dashboard/apps/{client_id}/test-users/new`.
pub async fn get(visit: Visit, Path(client_id): Path<String>) -> Response {
    let owned = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let typed = Typed {
        key: hex(&random::<16>(&*owned.visit.server.rng)),
        name: String::new(),
        country: register::user::usual_country(),
        product: Product::Premium,
        has_library: true,
    };
    show(owned, typed, None)
}

fn show(owned: Owned, typed: Typed, problem: Option<FakeUserProblem>) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let page = FakeUserPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), None),
        app: head(&app),
        key: typed.key,
        name: typed.name,
        country: typed.country,
        product: typed.product,
        has_library: typed.has_library,
        problem,
    };
    visit.page(page.status(), &page)
}

/// The address of an account: its beginning says whose it plays, the rest is chance.
fn address(name: &str, chance: &str) -> String {
    let letter = |c: char| c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase());
    let slug: String = name.chars().filter_map(letter).take(MAX_SLUG_CHARS).collect();
    let slug = if slug.is_empty() { "test" } else { &slug };
    // Nothing under this name is ever reached (RFC 6761 §6.4).
    format!("{slug}.{chance}@test.invalid")
}

/// What there is to hear and to see in an account that nobody uses.
fn library() -> LibrarySpec {
    let playlist = |name: &str, public, tracks| PlaylistSpec {
        name: name.to_owned(),
        description: None,
        public,
        collaborative: false,
        tracks,
    };
    LibrarySpec {
        playlists: vec![
            playlist("Morning", false, 18),
            playlist("Work", false, 40),
            playlist("Dancing", true, 25),
            playlist("Rain", false, 12),
        ],
        saved_tracks: 30,
        saved_albums: 6,
        followed_artists: 8,
        recently_played: 40,
        top: 20,
    }
}

/// `POST /dashboard/apps/{client_id}/test-users/new`. Its answer shows the password, once.
pub async fn post(
    visit: Visit,
    Path(client_id): Path<String>,
    Extension(catalogue): Extension<Arc<SharedCatalogue>>,
    form: Form,
) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let typed = Typed::of(&form);
    match make(&owned, &typed, &catalogue).await {
        Ok(Made::Now(user, password)) => made(owned, &user, password),
        Ok(Made::Before) => {
            let to = format!("{}?done=made-before", path(&client_id));
            owned.visit.see_other(&to)
        }
        Ok(Made::No(problem)) => show(owned, typed, Some(problem)),
        Err(error) => owned.visit.store_error(&error),
    }
}

fn made(owned: Owned, user: &User, password: Secret) -> Response {
    let Owned { visit, signed_in, app } = owned;
    let login = test_login::path(&visit.server, user.id);
    let page = FakeUserMadePage {
        // Colours are chosen by leaving the page, and with it the password.
        chrome: visit.chrome(Some(&signed_in), None),
        app: head(&app),
        email: user.email.clone(),
        login: login.map(|path| format!("{}{path}", visit.server.settings.public_url)),
        password,
    };
    visit.page(200, &page)
}

enum Made {
    Now(User, Secret),
    /// By an earlier click, and its password is not told again.
    Before,
    No(FakeUserProblem),
}

async fn make(owned: &Owned, typed: &Typed, catalogue: &SharedCatalogue) -> Result<Made, StoreError> {
    let Owned { visit, signed_in, app } = owned;
    let server = &visit.server;
    // All of it comes of the form, so that its second click finds what the first one made. Nobody can choose or foresee it.
    let ticket = visit.browser.csrf(server, Some(signed_in), Ticket::Account);
    let parts = [b"fake user".as_slice(), ticket.as_bytes(), app.id.as_bytes(), typed.key.as_bytes()];
    let mac = server.cookie_keys.lasting().mac(&parts);
    let (name, password) = mac.split_at(14);
    let public_id = hex(name);
    let password = Secret::new(base64url(password.get(..15).unwrap_or_default()));
    if let Some(before) = users::by_public_id(&server.store, &public_id).await? {
        let listed = test_users::one(&server.store, app.id, before.id).await?.and_then(|one| one.added_at);
        let is_double = listed.is_some_and(|at| server.now().millis_since(at) <= DOUBLE_CLICK_MILLIS);
        return Ok(if is_double { Made::Now(before, password) } else { Made::Before });
    }
    let new = register::user::NewUser {
        id: Some(public_id.clone()),
        email: address(&typed.name, public_id.get(..4).unwrap_or_default()),
        email_verified: true,
        name: typed.name.clone(),
        country: typed.country.clone(),
        product: typed.product,
        role: Role::User,
        password: None,
        password_hash: None,
        totp: None,
        library: LibrarySpec::default(),
    };
    let user = match register::user::checked(&new, UserId::generate(&*server.rng), &*server.rng) {
        Ok(user) => user,
        Err(Refused::Country(_)) => return Ok(Made::No(FakeUserProblem::Country)),
        Err(_) => return Ok(Made::No(FakeUserProblem::Name)),
    };
    let count = test_users::count(&server.store, signed_in.user.id).await?;
    if count.fake >= MOST_FAKE || count.listed >= MOST_LISTED {
        return Ok(Made::No(FakeUserProblem::Full));
    }
    let Ok(hash) = server.hasher.hash(password.clone()).await else { return Err(StoreError::Busy) };
    let now = server.now();
    let mut record = visit.audited(signed_in, AuditAction::FakeUserMade, &user.email);
    (record.app, record.user) = (Some(app.id), Some(user.id));
    match test_users::make(&server.store, app.id, (&user, &hash), now, &record).await {
        Ok(()) => {}
        // The other click was first by a moment.
        Err(StoreError::Conflict) => return Ok(Made::Now(user, password)),
        Err(error) => return Err(error),
    }
    if typed.has_library {
        let filled = seed_library(&server.store, &catalogue.get(), user.id, &library(), now, &*server.rng).await;
        if let Err(error) = filled {
            tracing::warn!(%error, "an account was made up, and its library is empty");
        }
    }
    Ok(Made::Now(user, password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_whose_it_plays_and_reaches_nobody() {
        assert_eq!(address("Ada Löv 2", "1f3c"), "adalv2.1f3c@test.invalid");
        assert_eq!(address("王", "0000"), "test.0000@test.invalid");
        assert!(register::user::email(&address(&"x".repeat(200), "1f3c")).is_ok());
    }
}
