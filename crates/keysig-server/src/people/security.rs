//! `/account/security`: the ways into an account.

use axum::response::Response;

use crate::pages::SecurityPage;
use crate::people::passkeys;
use crate::visit::Visit;

/// `GET /account/security`.
pub async fn get(visit: Visit) -> Response {
    let signed_in = match visit.browser.signed_in(&visit.server).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return visit.see_other("/login"),
        Err(error) => return visit.store_error(&error),
    };
    let chrome = visit.chrome(Some(&signed_in), Some("/account/security"));
    match passkeys::section(&visit.server, &signed_in, chrome.lang).await {
        Ok(passkeys) => visit.page(200, &SecurityPage { chrome, passkeys }),
        Err(error) => visit.store_error(&error),
    }
}
