//! `/dashboard/join`: how somebody with an account becomes a developer.

use axum::response::Response;
use keysig_core::audit::AuditAction;
use keysig_core::user::Role;
use keysig_store::{test_users, users};

use crate::browser::Ticket;
use crate::pages::JoinPage;
use crate::people::account::{posted, signed_in};
use crate::settings::Developers;
use crate::visit::{Form, Visit};

/// `GET`.
pub async fn get(visit: Visit) -> Response {
    if visit.browser.signed_in(&visit.server).await.is_ok_and(|signed_in| signed_in.is_none()) {
        return visit.sign_in_first();
    }
    let (mut visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    if signed_in.user.role >= Role::Developer {
        return visit.see_other("/dashboard");
    }
    // An account that a developer made up is for trying that developer's apps, and for nothing else.
    let fake = match test_users::fake(&visit.server.store, signed_in.user.id).await {
        Ok(fake) => fake,
        Err(error) => return visit.store_error(&error),
    };
    let page = JoinPage {
        chrome: visit.chrome(Some(&signed_in), Some("/dashboard/join")),
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        is_open: fake.is_none() && visit.server.live().developers == Developers::Open,
    };
    visit.page(200, &page)
}

/// `POST`.
pub async fn post(visit: Visit, form: Form) -> Response {
    let (visit, signed_in, _) = match posted(visit, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let fake = match test_users::fake(&visit.server.store, signed_in.user.id).await {
        Ok(fake) => fake,
        Err(error) => return visit.store_error(&error),
    };
    if fake.is_none() && signed_in.user.role == Role::User && visit.server.live().developers == Developers::Open {
        let mut record = visit.audited(&signed_in, AuditAction::DeveloperJoined, "");
        record.user = Some(signed_in.user.id);
        if let Err(error) = users::set_role(&visit.server.store, signed_in.user.id, Role::Developer, &record).await {
            return visit.store_error(&error);
        }
    }
    visit.see_other("/dashboard")
}
