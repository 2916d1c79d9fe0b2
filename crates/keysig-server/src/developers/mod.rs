//! The dashboard of developers: their apps, and why a request failed (`docs/dashboard.md`).

mod apps;
mod create;
mod danger;
mod events;
mod fake_users;
pub mod inspect;
mod inspector;
mod join;
mod mode;
mod offers;
pub mod permissions;
mod profile;
mod quickstart;
mod redirect_uris;
mod review;
pub mod routes;
mod secrets;
mod settings;
mod test_users;
mod usage;
mod webhooks;

use std::sync::Arc;

use axum::response::Response;
use keysig_core::app::{App, Mode};
use keysig_core::parameters::Parameters;
use keysig_core::user::Role;

use crate::browser::{SignedIn, Ticket};
use crate::pages::AppHead;
use crate::pages::operators::SecondFactorFirstPage;
use crate::people::account::not_found;
use crate::people::{consent, recheck};
use crate::settings::NeedsSecondStep;
use crate::visit::{Form, Visit};

/// The signed-in developer, or the answer to anybody else: a sign-in first, or the page on which one becomes a developer.
pub async fn developer(visit: Visit) -> Result<(Visit, SignedIn), Response> {
    match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) if signed_in.user.role >= Role::Developer => with_second_step(visit, signed_in).await,
        Ok(Some(_)) => Err(visit.see_other("/dashboard/join")),
        Ok(None) => Err(visit.sign_in_first()),
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// Where policy asks for it, only developers with a second factor come in.
async fn with_second_step(visit: Visit, signed_in: SignedIn) -> Result<(Visit, SignedIn), Response> {
    if visit.server.live().second_step == NeedsSecondStep::Operators {
        return Ok((visit, signed_in));
    }
    match recheck::has_second_factor(&visit.server, signed_in.user.id).await {
        Ok(true) => Ok((visit, signed_in)),
        Ok(false) => {
            let chrome = visit.chrome(Some(&signed_in), None);
            Err(visit.page(403, &SecondFactorFirstPage { chrome, of_developers: true }))
        }
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// A developer and their own app. Somebody else's app answers as none would: that it exists is nobody's business.
pub struct Owned {
    /// The request.
    pub visit: Visit,
    /// The developer.
    pub signed_in: SignedIn,
    /// Their app.
    pub app: Arc<App>,
}

/// The app of this `client_id`, for its owner.
pub async fn owned(visit: Visit, client_id: &str) -> Result<Owned, Response> {
    let (visit, signed_in) = developer(visit).await?;
    own(visit, signed_in, client_id).await
}

async fn own(visit: Visit, signed_in: SignedIn, client_id: &str) -> Result<Owned, Response> {
    match visit.server.app(client_id).await {
        Ok(Some(app)) if app.owner == Some(signed_in.user.id) => Ok(Owned { visit, signed_in, app }),
        Ok(_) => Err(not_found(visit, &signed_in)),
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// A form that the owner of the app posted from a page of ours, or the answer to anything else.
pub async fn posted(visit: Visit, client_id: &str, form: Form) -> Result<(Owned, Parameters), Response> {
    let owned = owned(visit, client_id).await?;
    let Owned { visit, signed_in, app } = owned;
    match form.0 {
        Ok(form) if visit.is_from_our_page(Some(&signed_in), Ticket::Account, form.get("csrf")) => {
            Ok((Owned { visit, signed_in, app }, form))
        }
        Ok(_) => Err(consent::csrf_failed(visit)),
        Err(_) => Err(consent::bad_form(visit)),
    }
}

/// What the pages of an app show at their top.
pub fn head(app: &App) -> AppHead {
    AppHead {
        client_id: app.client_id.clone(),
        name: app.name.clone(),
        logo: app.about.logo,
        is_live: app.mode == Mode::Live,
        paused: app.paused,
    }
}
