//! `GET /account/apps/{grant_id}`: the receipts of one app.

use axum::response::Response;
use keysig_core::time::Timestamp;
use keysig_store::StoreError;
use keysig_store::uses::{self, GrantUse};

use super::{GrantPath, RECENT_DAYS, name, own};
use crate::browser::SignedIn;
use crate::pages::{AppDetailsPage, DayOfUse, ScopeText, UseLine, WebAddress};
use crate::people::account::{not_found, signed_in};
use crate::visit::Visit;

const DAY_SECONDS: i64 = 86_400;

/// What an app used within the last 30 days, by day and permission.
pub async fn details(visit: Visit, GrantPath(grant_id): GrantPath) -> Response {
    let (visit, signed_in) = match signed_in(visit).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    match page(&visit, &signed_in, &grant_id).await {
        Ok(Some(page)) => visit.page(200, &page),
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

async fn page(visit: &Visit, signed_in: &SignedIn, grant_id: &str) -> Result<Option<AppDetailsPage>, StoreError> {
    let (server, lang) = (&visit.server, visit.lang.words("connected-apps").lang());
    let Some((grant, app)) = own(server, signed_in, grant_id).await? else { return Ok(None) };
    let today = server.now().unix_days();
    let used = uses::of_grant(&server.store, grant.user, grant.id, today - RECENT_DAYS + 1).await?;
    let scopes = server.scopes();
    let line = |used: &GrantUse| UseLine {
        day: server.when(Timestamp::default().plus_seconds(used.day * DAY_SECONDS)),
        title: used.scope.and_then(|scope| {
            let words = ScopeText::of(scopes.entry(scope)?, lang.tag())?;
            Some(words.title.to_owned())
        }),
        times: used.uses.unsigned_abs(),
        last_used: server.when(used.last_used_at),
    };
    let on = |day: i64| used.iter().filter(|used| used.day == day).map(|used| used.uses.unsigned_abs()).sum();
    let app = app.as_ref();
    let links = [
        ("details-privacy", app.and_then(|app| app.consent.privacy_url.as_deref())),
        ("details-terms", app.and_then(|app| app.about.terms_url.as_deref())),
        ("details-support", app.and_then(|app| app.about.support_url.as_deref())),
    ];
    let links = links.into_iter().filter_map(|(key, link)| Some((key, WebAddress::parse(link?)?)));
    Ok(Some(AppDetailsPage {
        chrome: visit.chrome(Some(signed_in), None),
        grant_id: grant.id.to_string(),
        name: name(&grant, app),
        description: app.and_then(|app| app.about.description.clone()),
        links: links.collect(),
        days: (today - RECENT_DAYS + 1..=today).map(on).zip(0..).map(|(times, n)| DayOfUse { n, times }).collect(),
        lines: used.iter().map(line).collect(),
    }))
}
