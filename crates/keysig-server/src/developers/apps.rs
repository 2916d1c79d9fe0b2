//! My apps (screen D1).

use axum::response::Response;
use keysig_core::app::App;
use keysig_store::{StoreError, apps};

use super::{developer, head};
use crate::inspector;
use crate::pages::{AppRow, MyAppsPage};
use crate::server::Server;
use crate::visit::Visit;

const DAY_SECONDS: i64 = 86_400;

/// `GET /dashboard`.
pub async fn get(visit: Visit) -> Response {
    let (visit, signed_in) = match developer(visit).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let rows = async {
        let mut rows = Vec::new();
        for app in apps::of_owner(&visit.server.store, signed_in.user.id).await? {
            rows.push(row(&visit.server, &app).await?);
        }
        Ok::<_, StoreError>(rows)
    };
    match rows.await {
        Ok(apps) => {
            let page = MyAppsPage {
                chrome: visit.chrome(Some(&signed_in), Some("/dashboard")),
                apps,
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
