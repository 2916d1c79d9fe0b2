//! My apps (screen D1).

use axum::extract::RawQuery;
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::parameters::Parameters;
use keysig_store::{StoreError, apps};

use super::{developer, head, offers};
use crate::browser::Ticket;
use crate::inspector;
use crate::pages::{AppRow, MyAppsPage};
use crate::server::Server;
use crate::visit::Visit;

const DAY_SECONDS: i64 = 86_400;

/// `GET /dashboard`.
pub async fn get(visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let (mut visit, signed_in) = match developer(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let rows = async {
        let mut rows = Vec::new();
        for app in apps::of_owner(&visit.server.store, signed_in.user.id).await? {
            rows.push(row(&visit.server, &app).await?);
        }
        let offered = offers::to(&visit.server, &signed_in.user).await?;
        Ok::<_, StoreError>((rows, offered.iter().map(head).collect()))
    };
    match rows.await {
        Ok((apps, offered)) => {
            let page = MyAppsPage {
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                chrome: visit.chrome(Some(&signed_in), Some("/dashboard")),
                apps,
                offered,
                deleted: query.get("done") == Some("deleted"),
                sample_app: visit.server.settings.sample_app.clone(),
            };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

async fn row(server: &Server, app: &App) -> Result<AppRow, StoreError> {
    let (users, _) = apps::reach(&server.store, app.id).await?;
    let refused = inspector::errors_since(server, app.id, server.now().plus_seconds(-DAY_SECONDS)).await?;
    Ok(AppRow { head: head(app), users: users.unsigned_abs(), refused })
}
