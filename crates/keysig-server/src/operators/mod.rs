//! The operator area (`docs/operators.md`).

mod home;
pub mod routes;

use axum::response::Response;
use keysig_core::user::Role;

use crate::browser::SignedIn;
use crate::people::account::not_found;
use crate::visit::Visit;

/// Somebody who may look at the operator area, or the answer to anybody else, to whom nothing is there.
pub async fn operator(visit: Visit) -> Result<(Visit, SignedIn), Response> {
    match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) if signed_in.user.role >= Role::Viewer => Ok((visit, signed_in)),
        Ok(Some(signed_in)) => Err(not_found(visit, &signed_in)),
        Ok(None) => Err(visit.sign_in_first()),
        Err(error) => Err(visit.store_error(&error)),
    }
}
