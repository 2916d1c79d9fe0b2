//! Pausing an app, letting it go on, and turning off one permission: it keeps its logins and can do less.

use axum::response::Response;
use keysig_core::account_event::AccountEvent;
use keysig_core::scope::{ScopeId, ScopeSet};
use keysig_store::grants;

use super::{GrantPath, back_to_list, name, optional, own};
use crate::pages::AppDone;
use crate::people::account::{not_found, posted};
use crate::visit::{Form, Visit};

/// `POST /account/apps/{grant_id}/pause`.
pub async fn pause(visit: Visit, path: GrantPath, form: Form) -> Response {
    set_paused(visit, path, form, true).await
}

/// `POST /account/apps/{grant_id}/resume`.
pub async fn resume(visit: Visit, path: GrantPath, form: Form) -> Response {
    set_paused(visit, path, form, false).await
}

async fn set_paused(visit: Visit, GrantPath(grant_id): GrantPath, form: Form, paused: bool) -> Response {
    let (visit, signed_in, _) = match posted(visit, form).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let (event, done) = match paused {
        true => (AccountEvent::AppPaused, AppDone::Paused),
        false => (AccountEvent::AppResumed, AppDone::Resumed),
    };
    let server = visit.server.clone();
    let changed = async {
        let Some((grant, app)) = own(&server, &signed_in, &grant_id).await? else { return Ok(None) };
        let happened = visit.happened(event, &name(&grant, app.as_ref()));
        // Paused a moment ago in another tab: the wish is fulfilled.
        grants::set_paused(&server.store, grant.user, grant.id, paused, &happened, server.keep_until()).await?;
        Ok(Some(grant))
    };
    match changed.await {
        Ok(Some(grant)) => back_to_list(visit, done, Some(&grant)),
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /account/apps/{grant_id}/turn-off`: `scope` is the number of a permission that the app said it works without. Any
/// other is none that could be turned off: the app would break and look as if it were at fault.
pub async fn turn_off(visit: Visit, GrantPath(grant_id): GrantPath, form: Form) -> Response {
    let (visit, signed_in, form) = match posted(visit, form).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let server = visit.server.clone();
    let scope = form.get("scope").and_then(|number| number.parse().ok()).and_then(ScopeId::from_number);
    let turned_off = async {
        let (Some((grant, app)), Some(scope)) = (own(&server, &signed_in, &grant_id).await?, scope) else {
            return Ok(None);
        };
        if !optional(app.as_ref()).has(scope) {
            return Ok(None);
        }
        let happened = visit.happened(AccountEvent::AppReduced, &name(&grant, app.as_ref()));
        let scope = ScopeSet::EMPTY.with(scope);
        grants::turn_off(&server.store, grant.user, grant.id, scope, &happened, server.keep_until()).await?;
        Ok(Some(grant))
    };
    match turned_off.await {
        Ok(Some(grant)) => back_to_list(visit, AppDone::Reduced, Some(&grant)),
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}
