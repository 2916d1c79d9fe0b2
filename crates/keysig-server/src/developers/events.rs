//! Events of an app (screen D11): who changed what, from where.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::audit::AuditRecord;
use keysig_core::id::EventId;
use keysig_core::parameters::Parameters;
use keysig_store::{StoreError, audit, users};

use super::{Owned, head, owned};
use crate::pages::{AppEvent, AppEventsPage};
use crate::server::Server;
use crate::visit::Visit;

/// So many on one page.
const ON_A_PAGE: usize = 50;

/// `GET /dashboard/apps/{client_id}/events`, the latest first; `before` is the last one of the page before.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Owned { visit, signed_in, app } = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let before = query.get("before").and_then(EventId::parse);
    let read = async {
        // One more than is shown tells whether there is another page.
        let records = audit::of_app(&visit.server.store, app.id, before, ON_A_PAGE as i64 + 1).await?;
        let mut events = Vec::new();
        for record in records.iter().take(ON_A_PAGE) {
            events.push(event(&visit.server, record).await?);
        }
        let last = records.get(ON_A_PAGE - 1).filter(|_| records.len() > ON_A_PAGE);
        Ok::<_, StoreError>((events, last.map(|record| record.id.to_string())))
    };
    match read.await {
        Ok((events, older)) => {
            let chrome = visit.chrome(Some(&signed_in), Some(&visit.path));
            visit.page(200, &AppEventsPage { chrome, app: head(&app), events, older })
        }
        Err(error) => visit.store_error(&error),
    }
}

async fn event(server: &Server, record: &AuditRecord) -> Result<AppEvent, StoreError> {
    let actor = match record.actor {
        Some(actor) => users::by_id(&server.store, actor).await?.map(|user| user.display_name),
        None => None,
    };
    Ok(AppEvent {
        action: record.action,
        about: record.about.clone(),
        actor,
        at: server.when(record.id.made_at()),
        address: record.address.clone(),
    })
}
