//! The overview of an app, which is its quickstart (screen D3).

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::id::AppId;
use keysig_core::parameters::Parameters;
use keysig_core::secret::Secret;
use keysig_store::inspector::{self, Wanted};
use keysig_store::{StoreError, apps};

use super::{Owned, head, owned};
use crate::inspector::flush;
use crate::pages::{FirstLogin, QuickstartPage, Snippets, Tab};
use crate::server::Server;
use crate::visit::Visit;

/// On which occasion the page is seen.
pub enum Seen {
    /// The app was made by this request.
    New {
        /// Its secret, which is shown now or never.
        secret: Option<Secret>,
    },
    /// Any other time.
    Later {
        /// What is looked at.
        tab: Tab,
        /// Whether the app was made by an earlier click.
        was_made_before: bool,
    },
}

/// `GET /dashboard/apps/{client_id}`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let tab = query.get("tab").and_then(Tab::from_name).unwrap_or(Tab::Python);
    let was_made_before = query.get("done") == Some("made-before");
    match owned(visit, &client_id).await {
        Ok(owned) => show(owned, Seen::Later { tab, was_made_before }).await,
        Err(answer) => answer,
    }
}

/// A refusal is told until something else happened.
async fn first_login(server: &Server, app: AppId) -> Result<FirstLogin, StoreError> {
    flush(server).await;
    let latest = inspector::of_app(&server.store, app, &Wanted::default(), 1).await?;
    if latest.first().is_some_and(|record| record.outcome == "refused") {
        return Ok(FirstLogin::Refused);
    }
    Ok(match apps::reach(&server.store, app).await? {
        (0, _) => FirstLogin::Waiting,
        (people, _) => FirstLogin::Worked { people: people.unsigned_abs() },
    })
}

/// The page.
pub async fn show(owned: Owned, seen: Seen) -> Response {
    let Owned { visit, signed_in, app } = owned;
    let first_login = match first_login(&visit.server, app.id).await {
        Ok(first_login) => first_login,
        Err(error) => return visit.store_error(&error),
    };
    let settings = &visit.server.settings;
    let (is_new, was_made_before, secret, tab) = match seen {
        Seen::New { secret } => (true, false, secret, Tab::Python),
        Seen::Later { tab, was_made_before } => (false, was_made_before, None, tab),
    };
    let back = format!("/dashboard/apps/{}", app.client_id);
    let page = QuickstartPage {
        // Colours and language are chosen by leaving the page, and with it the secret.
        chrome: visit.chrome(Some(&signed_in), Some(&back).filter(|_| secret.is_none()).map(String::as_str)),
        app: head(&app),
        is_new,
        was_made_before,
        secret,
        server: settings.public_url.clone(),
        tab,
        snippets: Snippets::of(&app, &settings.public_url, &visit.server.live().brand),
        first_login,
    };
    visit.page(200, &page)
}
