//! `/dev/mail`: what a test instance wrote to people, since nothing leaves it.

use axum::extract::Path;
use axum::response::Response;
use keysig_core::id::MailId;

use crate::mail;
use crate::pages::{ErrorPage, InboxMail, InboxPage, MailPage, When};
use crate::visit::Visit;

fn nowhere(visit: Visit) -> Response {
    let page = ErrorPage::not_found(visit.chrome(None, None));
    visit.error(&page)
}

/// `GET /dev/mail`.
pub async fn list(visit: Visit) -> Response {
    if !visit.server.settings.test_mode {
        return nowhere(visit);
    }
    let now = visit.server.now().unix_millis();
    match mail::inbox(&visit.server).await {
        Ok(waiting) => {
            let line = |mail: mail::Waiting| InboxMail {
                id: mail.id.to_string(),
                to: mail.to,
                subject: mail.post.subject,
                at: When::new(mail.at.unix_millis(), now),
            };
            let mails = waiting.into_iter().map(line).collect();
            let page = InboxPage { chrome: visit.chrome(None, Some("/dev/mail")), mails };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /dev/mail/{id}`.
pub async fn one(visit: Visit, Path(id): Path<String>) -> Response {
    if !visit.server.settings.test_mode {
        return nowhere(visit);
    }
    let found = match MailId::parse(&id) {
        Some(id) => mail::in_inbox(&visit.server, id).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(mail)) => {
            let at = When::new(mail.at.unix_millis(), visit.server.now().unix_millis());
            let origin = &visit.server.settings.public_url;
            let page = MailPage::new(visit.chrome(None, None), mail.to, at, mail.post, origin);
            visit.page(200, &page)
        }
        Ok(None) => nowhere(visit),
        Err(error) => visit.store_error(&error),
    }
}
