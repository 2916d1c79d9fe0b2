//! The operator area (`docs/operators.md`): who may look, and who may do something.

mod api_keys;
mod apps;
mod audit;
mod brand;
mod home;
mod keys;
mod limits;
mod policy;
mod preview;
mod quota;
mod reviews;
pub mod routes;
mod scopes;
mod settings;
mod sheet;
mod users;

use axum::response::Response;
use keysig_core::parameters::Parameters;
use keysig_core::user::Role;

use crate::actions::ActionRefused;
use crate::browser::{SignedIn, Ticket};
use crate::pages::operators::{AdminRefusedPage, SecondFactorFirstPage};
use crate::people::account::not_found;
use crate::people::consent;
use crate::people::recheck::{self, Wanted};
use crate::visit::{Form, Visit};

/// Somebody who may look at the operator area, or the answer to anybody else: to people without a role nothing is there.
/// A password alone opens nothing here: who signed in by one shows a second factor first, who has none sets one up.
pub async fn operator(visit: Visit) -> Result<(Visit, SignedIn), Response> {
    let (visit, signed_in) = of_the_area(visit).await?;
    if signed_in.session.amr.is_two_factors() {
        return Ok((visit, signed_in));
    }
    let path = visit.path.clone();
    recheck::for_page_by(visit, signed_in, &path, Wanted::SecondFactor).await
}

/// Somebody with a role of the operator area and a second factor, whether or not they have shown it yet.
async fn of_the_area(visit: Visit) -> Result<(Visit, SignedIn), Response> {
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) if signed_in.user.role >= Role::Viewer => signed_in,
        Ok(Some(signed_in)) => return Err(not_found(visit, &signed_in)),
        Ok(None) => return Err(visit.sign_in_first()),
        Err(error) => return Err(visit.store_error(&error)),
    };
    match recheck::has_second_factor(&visit.server, signed_in.user.id).await {
        Ok(true) => Ok((visit, signed_in)),
        Ok(false) => {
            let page = SecondFactorFirstPage { chrome: visit.chrome(Some(&signed_in), None), of_developers: false };
            Err(visit.page(403, &page))
        }
        Err(error) => Err(visit.store_error(&error)),
    }
}

/// The form of a page of the operator area, posted by somebody whose role is `needed` or larger and who has shown a second
/// factor within the last ten minutes (`ux.md` §5): a session left open, or a password that was found out, changes nothing.
pub async fn posted(visit: Visit, form: Form, needed: Role) -> Result<(Visit, SignedIn, Parameters), Response> {
    let (visit, signed_in) = of_the_area(visit).await?;
    let form = match form.0 {
        Ok(form) if visit.is_from_our_page(Some(&signed_in), Ticket::Account, form.get("csrf")) => form,
        Ok(_) => return Err(consent::csrf_failed(visit)),
        Err(_) => return Err(consent::bad_form(visit)),
    };
    if signed_in.user.role < needed {
        return Err(refused(visit, &signed_in, &ActionRefused::NotAllowed { needed }));
    }
    let path = visit.path.clone();
    let (visit, signed_in) = recheck::for_form_by(visit, signed_in, &path, &form, Wanted::SecondFactor).await?;
    Ok((visit, signed_in, form))
}

/// The page for something that is not done.
pub fn refused(visit: Visit, signed_in: &SignedIn, refused: &ActionRefused) -> Response {
    let status = match refused {
        ActionRefused::Store(error) => return visit.store_error(error),
        ActionRefused::NotFound | ActionRefused::Unknown(_) => return not_found(visit, signed_in),
        ActionRefused::NotAllowed { .. } => 403,
        ActionRefused::Invalid { .. } | ActionRefused::Malformed { .. } => 422,
        ActionRefused::Conflict(_) => 409,
    };
    let page = AdminRefusedPage { chrome: visit.chrome(Some(signed_in), None), problem: refused.to_string() };
    visit.page(status, &page)
}
