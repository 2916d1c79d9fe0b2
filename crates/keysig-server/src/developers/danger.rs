//! What cannot be taken back, or stops everybody (screen D14).

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::app::App;
use keysig_core::audit::AuditAction;
use keysig_core::id::DeliveryId;
use keysig_core::parameters::Parameters;
use keysig_core::user::canonical_email;
use keysig_store::app_endings::{self, Switch};
use keysig_store::app_offers::{self, Offer};
use keysig_store::{StoreError, apps, erasure, test_users, users};

use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::mail::{Letter, lang_of, queued};
use crate::pages::{DangerAskPage, DangerPage, DangerProblem, Deed};
use crate::people::account::not_found;
use crate::people::recheck;
use crate::register;
use crate::visit::{Form, Visit};

/// So long somebody may think about an offer.
const OFFER_SECONDS: i64 = 7 * 86_400;
/// What is typed is given back no longer than this.
const MAX_TYPED_CHARS: usize = 400;

fn path(client_id: &str) -> String {
    format!("/dashboard/apps/{client_id}/danger")
}

/// `GET /dashboard/apps/{client_id}/danger`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let Owned { visit, signed_in, app } = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let store = &visit.server.store;
    let found = async {
        let (users, _) = apps::reach(store, app.id).await?;
        Ok::<_, StoreError>((users, app_offers::of_app(store, app.id, visit.server.now()).await?))
    };
    match found.await {
        Ok((users, offer)) => {
            let page = DangerPage {
                chrome: visit.chrome(Some(&signed_in), Some(&path(&client_id))),
                app: head(&app),
                is_held: app.paused && app.standing.paused_by_operator,
                users: users.unsigned_abs(),
                offer: offer.map(|offer| (offer.email, visit.server.when(offer.expires_at))),
                done: query.get("done").and_then(Deed::parse),
            };
            visit.page(200, &page)
        }
        Err(error) => visit.store_error(&error),
    }
}

/// `GET /dashboard/apps/{client_id}/danger/{deed}`: what will happen.
pub async fn ask(visit: Visit, Path((client_id, deed)): Path<(String, String)>) -> Response {
    let Owned { visit, signed_in, app } = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let Some(deed) = Deed::parse(&deed) else { return not_found(visit, &signed_in) };
    let here = format!("{}/{}", path(&client_id), deed.name());
    match recheck::for_page(visit, signed_in, &here).await {
        Ok((visit, signed_in)) => question(Owned { visit, signed_in, app }, deed, String::new(), None).await,
        Err(answer) => answer,
    }
}

async fn question(owned: Owned, deed: Deed, typed: String, problem: Option<DangerProblem>) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let users = match apps::reach(&visit.server.store, app.id).await {
        Ok((users, _)) => users.unsigned_abs(),
        Err(error) => return visit.store_error(&error),
    };
    let page = DangerAskPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), None),
        app: head(&app),
        deed,
        users,
        typed: typed.chars().take(MAX_TYPED_CHARS).collect(),
        problem,
    };
    visit.page(if problem.is_some() { 422 } else { 200 }, &page)
}

/// `POST /dashboard/apps/{client_id}/danger/{deed}`.
pub async fn post(visit: Visit, Path((client_id, deed)): Path<(String, String)>, form: Form) -> Response {
    let (Owned { visit, signed_in, app }, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Some(deed) = Deed::parse(&deed) else { return not_found(visit, &signed_in) };
    let here = format!("{}/{}", path(&client_id), deed.name());
    let owned = match recheck::for_form(visit, signed_in, &here, &form).await {
        Ok((visit, signed_in)) => Owned { visit, signed_in, app },
        Err(answer) => return answer,
    };
    let typed = form.get("typed").unwrap_or_default().trim().to_owned();
    if let Some(problem) = problem(&owned, deed, &typed) {
        return question(owned, deed, typed, Some(problem)).await;
    }
    match act(&owned, deed, &typed).await {
        Ok(()) if deed == Deed::Delete => owned.visit.see_other("/dashboard?done=deleted"),
        Ok(()) => owned.visit.see_other(&format!("{}?done={}", path(&client_id), deed.name())),
        Err(error) => owned.visit.store_error(&error),
    }
}

fn problem(owned: &Owned, deed: Deed, typed: &str) -> Option<DangerProblem> {
    match deed {
        Deed::Delete if typed != owned.app.name.trim() => Some(DangerProblem::NotTheName),
        Deed::Transfer if register::user::email(typed).is_err() => Some(DangerProblem::NoAddress),
        Deed::Transfer if canonical_email(typed) == owned.signed_in.user.email => Some(DangerProblem::OwnAddress),
        _ => None,
    }
}

/// Does it. What is so already is done: whoever wanted it has it.
async fn act(owned: &Owned, deed: Deed, typed: &str) -> Result<(), StoreError> {
    let Owned { visit, signed_in, app } = owned;
    let server = &visit.server;
    let (store, now, keep_until) = (&server.store, server.now(), server.keep_until());
    let record = |action, about: &str| {
        let mut record = visit.audited(signed_in, action, about);
        record.app = Some(app.id);
        record
    };
    match deed {
        Deed::Pause => {
            let record = record(AuditAction::AppPaused, "by its developer");
            app_endings::pause(store, app.id, Switch::Owner, keep_until, &record).await.map(|_| ())
        }
        Deed::Resume => {
            let record = record(AuditAction::AppResumed, "by its developer");
            app_endings::resume(store, app.id, Switch::Owner, &record).await.map(|_| ())
        }
        Deed::Reset => {
            let (users, _) = apps::reach(store, app.id).await?;
            let record = record(AuditAction::AppGrantsReset, &users.to_string());
            app_endings::reset(store, app.id, now, keep_until, &record).await?;
            server.deliveries.notify_one();
            Ok(())
        }
        Deed::Transfer => {
            let offer = Offer { email: canonical_email(typed), expires_at: now.plus_seconds(OFFER_SECONDS) };
            let record = record(AuditAction::AppTransferred, &format!("offered to {}", offer.email));
            app_offers::offer(store, app.id, &offer, now, letter(owned, app, &offer.email).await?, &record).await?;
            server.mails.notify_one();
            Ok(())
        }
        Deed::Withdraw => {
            let record = record(AuditAction::AppTransferred, "offer taken back");
            app_offers::withdraw(store, app.id, &record).await
        }
        Deed::Delete => {
            // Accounts that were made up for it are nobody's without it.
            for user in test_users::fakes_of(store, app.id).await? {
                let new_id = || DeliveryId::generate(now, &*server.rng);
                erasure::erase(store, user, now, keep_until, None, new_id).await?;
            }
            let record = record(AuditAction::AppDeleted, &app.name);
            app_endings::delete(store, app.id, keep_until, &record).await.map(|_| ())
        }
    }
}

/// What is written to whoever may take it over: to nobody, in the same time, where there is no such account.
async fn letter(owned: &Owned, app: &App, email: &str) -> Result<Vec<keysig_store::Statement>, StoreError> {
    let server = &owned.visit.server;
    if !server.settings.sends_mail() {
        return Ok(Vec::new());
    }
    let known = users::by_identifier(&server.store, email).await?.map(|(user, _)| user);
    let lang = known.as_ref().map_or(owned.visit.lang, |user| lang_of(server, user, None));
    let letter = Letter::AppOffered { app: &app.name, owner: &owned.signed_in.user.display_name };
    Ok(vec![queued(server, known.as_ref().map(|user| user.email.as_str()), lang, &letter)])
}
