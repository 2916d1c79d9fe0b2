//! `/` and `/account`.

use axum::response::Response;
use keysig_store::grants;

use crate::browser::Ticket;
use crate::pages::{AccountPage, HomePage};
use crate::people::words;
use crate::visit::Visit;

/// `GET /`.
pub async fn home(visit: Visit) -> Response {
    match visit.browser.signed_in(&visit.server).await {
        Ok(signed_in) => {
            let page = HomePage { chrome: visit.chrome(signed_in.as_ref(), Some("/")) };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account`.
pub async fn account(mut visit: Visit) -> Response {
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return visit.see_other("/login"),
        Err(error) => return visit.store_error(&error),
    };
    match grants::of_user(&visit.server.store, signed_in.user.id).await {
        Ok(grants) => {
            let page = AccountPage {
                chrome: visit.chrome(Some(&signed_in), Some("/account")),
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                account: words::account(&signed_in.user),
                connected_apps: grants.len() as u64,
            };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}
