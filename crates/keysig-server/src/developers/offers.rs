//! Apps that are offered to somebody (screen D14): they take them over, or not.

use axum::extract::Path;
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::audit::AuditAction;
use keysig_core::user::User;
use keysig_store::{StoreError, app_offers};

use super::developer;
use crate::browser::Ticket;
use crate::people::account::not_found;
use crate::people::{consent, recheck};
use crate::server::Server;
use crate::visit::{Form, Visit};

/// The apps that somebody may take over. Where mail goes out, only who has shown that the address is theirs is offered what
/// was offered to it.
pub async fn to(server: &Server, user: &User) -> Result<Vec<App>, StoreError> {
    if server.settings.sends_mail() && !user.email_verified {
        return Ok(Vec::new());
    }
    app_offers::to(&server.store, &user.email, server.now()).await
}

/// `POST /dashboard/offers/{client_id}`: `do` is `accept` or `decline`.
pub async fn post(visit: Visit, Path(client_id): Path<String>, Form(form): Form) -> Response {
    let (visit, signed_in) = match developer(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    // Before anything else: to whom nothing is offered there is nothing here.
    let server = visit.server.clone();
    let app = match to(&server, &signed_in.user).await {
        Ok(offered) => offered.into_iter().find(|app| app.client_id == client_id),
        Err(error) => return visit.store_error(&error),
    };
    let Some(app) = app else { return not_found(visit, &signed_in) };
    let Ok(form) = form else { return consent::bad_form(visit) };
    if !visit.is_from_our_page(Some(&signed_in), Ticket::Account, form.get("csrf")) {
        return consent::csrf_failed(visit);
    }
    let here = format!("/dashboard/offers/{client_id}");
    let (visit, signed_in) = match recheck::for_form(visit, signed_in, &here, &form).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let record = |about: &str| {
        let mut record = visit.audited(&signed_in, AuditAction::AppTransferred, about);
        record.app = Some(app.id);
        record
    };
    let user = &signed_in.user;
    let done = match form.get("do") {
        Some("accept") => {
            let record = record(&format!("accepted by {}", user.email));
            let by = (user.id, user.email.as_str(), user.display_name.as_str());
            app_offers::accept(&server.store, &app, by, server.now(), &record).await
        }
        _ => app_offers::withdraw(&server.store, app.id, &record(&format!("declined by {}", user.email)))
            .await
            .map(|()| false),
    };
    match done {
        // Whoever had it before knows its secrets.
        Ok(true) => visit.see_other(&format!("/dashboard/apps/{client_id}/secrets")),
        Ok(false) => visit.see_other("/dashboard"),
        Err(error) => visit.store_error(&error),
    }
}
