//! `/account/apps/{grant_id}/report`: telling those who run the instance that an app is no good.

use axum::response::Response;
use keysig_core::id::ReportId;
use keysig_store::StoreError;
use keysig_store::reports::{self, Report};

use super::{GrantPath, name, own};
use crate::browser::{SignedIn, Ticket};
use crate::pages::{ReportAppPage, ReportCategory, ReportError, ReportedPage};
use crate::people::account::{not_found, posted, signed_in};
use crate::visit::{Form, Visit};

/// Longer reports are not read.
const MAX_WORDS_CHARS: usize = 2000;

/// The form as it is shown: empty, or as it was sent with what is wrong with it.
#[derive(Default)]
struct Sent {
    category: Option<ReportCategory>,
    words: String,
    error: Option<ReportError>,
}

async fn form(mut visit: Visit, signed_in: SignedIn, grant_id: String, sent: Sent) -> Response {
    match own(&visit.server, &signed_in, &grant_id).await {
        Ok(Some((grant, app))) => {
            let page = ReportAppPage {
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                chrome: visit.chrome(Some(&signed_in), None),
                grant_id,
                name: name(&grant, app.as_ref()),
                category: sent.category,
                words_sent: sent.words,
                error: sent.error,
            };
            visit.page_with_retry(page.status(), &page, page.retry_after_seconds())
        }
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /account/apps/{grant_id}/report`.
pub async fn report(visit: Visit, GrantPath(grant_id): GrantPath) -> Response {
    match signed_in(visit).await {
        Ok((visit, signed_in)) => form(visit, signed_in, grant_id, Sent::default()).await,
        Err(response) => response,
    }
}

/// `POST /account/apps/{grant_id}/report`: `category` and `words`.
pub async fn send_report(visit: Visit, GrantPath(grant_id): GrantPath, sent: Form) -> Response {
    let (visit, signed_in, sent) = match posted(visit, sent).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let category = sent.get("category").and_then(ReportCategory::parse);
    let words = sent.get("words").unwrap_or_default().trim().to_owned();
    let again = |error| Sent { category, words: words.clone(), error: Some(error) };
    let Some(chosen) = category else { return form(visit, signed_in, grant_id, again(ReportError::Missing)).await };
    if words.chars().count() > MAX_WORDS_CHARS {
        return form(visit, signed_in, grant_id, again(ReportError::TooLong)).await;
    }
    let server = visit.server.clone();
    if let Err(seconds) = server.reports.try_once(signed_in.user.id, server.now()) {
        let error = ReportError::TooMany { retry_after_seconds: u64::from(seconds) };
        return form(visit, signed_in, grant_id, again(error)).await;
    }
    let kept = async {
        let Some((grant, app)) = own(&server, &signed_in, &grant_id).await? else { return Ok(None) };
        let report = Report {
            id: ReportId::generate(server.now(), &*server.rng),
            app: grant.app,
            user: signed_in.user.id,
            category: chosen.name().to_owned(),
            words: words.clone(),
            created_at: server.now(),
        };
        reports::add(&server.store, &report).await?;
        Ok::<_, StoreError>(Some(name(&grant, app.as_ref())))
    };
    match kept.await {
        Ok(Some(name)) => {
            let page = ReportedPage { chrome: visit.chrome(Some(&signed_in), None), grant_id, name };
            visit.page(200, &page)
        }
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}
