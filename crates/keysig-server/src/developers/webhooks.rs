//! Webhooks of an app (screen D9): where it is told, what signs it, what was sent.

use axum::extract::{Path, RawQuery};
use axum::response::Response;
use keysig_core::audit::AuditAction;
use keysig_core::id::DeliveryId;
use keysig_core::parameters::Parameters;
use keysig_core::secret::Secret;
use keysig_core::webhook::{EventType, OVERLAP_SECONDS};
use keysig_store::StoreError;
use keysig_store::webhooks::{self, Delivery, Webhook};
use url::Url;

use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::outbound::Outbound;
use crate::pages::{DeliveryLine, DeliveryState, RemoveWebhookPage, SecretLine, WebhookUrlProblem, WebhooksPage};
use crate::people::account::not_found;
use crate::people::recheck;
use crate::visit::{Form, Visit};
use crate::webhook_delivery::{new_secret, payload};

/// So many deliveries are shown.
const SHOWN: i64 = 20;
/// No address is longer.
const MAX_URL_CHARS: usize = 1000;

fn path(owned: &Owned) -> String {
    format!("/dashboard/apps/{}/webhooks", owned.app.client_id)
}

/// What is shown beside what is so anyway.
#[derive(Default)]
struct News {
    done: Option<String>,
    typed: Option<(String, WebhookUrlProblem)>,
    /// Shown once, on the answer to the form that made it.
    new_secret: Option<Secret>,
}

async fn show(owned: Owned, news: News) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let server = visit.server.clone();
    let read = async {
        let webhook = webhooks::of(&server.store, app.id, server.now()).await?;
        let mut lines = Vec::new();
        for delivery in webhooks::of_app(&server.store, app.id, SHOWN).await? {
            let body = payload(&server, &app, &delivery).await?.unwrap_or_default();
            lines.push(line(&server, delivery, body));
        }
        Ok::<_, StoreError>((webhook, lines))
    };
    let (webhook, deliveries) = match read.await {
        Ok(read) => read,
        Err(error) => return visit.store_error(&error),
    };
    let Webhook { url, secrets } = webhook.unwrap_or(Webhook { url: String::new(), secrets: Vec::new() });
    let secret = |secret: webhooks::SigningSecret| SecretLine {
        last_four: secret.last_four,
        made_at: server.when(secret.id.made_at()),
        until: secret.retires_at.map(|at| at.unix_millis()),
    };
    let (typed, problem) = news.typed.map_or((None, None), |(typed, problem)| (Some(typed), Some(problem)));
    let page = WebhooksPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        chrome: visit.chrome(Some(&signed_in), Some(&format!("/dashboard/apps/{}/webhooks", app.client_id))),
        app: head(&app),
        is_set: !url.is_empty(),
        url: typed.unwrap_or(url),
        problem,
        done: news.done.as_deref().and_then(WebhooksPage::done),
        new_secret: news.new_secret.map(|secret| secret.expose().to_owned()),
        secrets: secrets.into_iter().map(secret).collect(),
        deliveries,
    };
    visit.page(page.status(), &page)
}

fn line(server: &crate::server::Server, delivery: Delivery, body: String) -> DeliveryLine {
    let state = match (delivery.arrived, delivery.next_try_at) {
        (true, _) => DeliveryState::Arrived,
        (false, Some(_)) if delivery.tries == 0 => DeliveryState::Waits,
        (false, Some(at)) => DeliveryState::TriedAgain { at_ms: at.unix_millis() },
        (false, None) => DeliveryState::GivenUp,
    };
    DeliveryLine {
        id: delivery.id.to_string(),
        event: delivery.event.name(),
        at: server.when(delivery.created_at),
        tried_at: delivery.tried_at.map(|at| server.when(at)),
        state,
        tries: delivery.tries,
        status: delivery.status,
        answer: delivery.answer.unwrap_or_default(),
        body,
    }
}

/// `GET /dashboard/apps/{client_id}/webhooks`.
pub async fn get(visit: Visit, Path(client_id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    match owned(visit, &client_id).await {
        Ok(owned) => show(owned, News { done: query.get("done").map(str::to_owned), ..News::default() }).await,
        Err(answer) => answer,
    }
}

/// An address that webhooks may be sent to, as far as that can be told before its name is looked up: at each delivery it is
/// told again, and then for the machine that the name leads to.
fn address(typed: &str, test_mode: bool) -> Result<Url, WebhookUrlProblem> {
    if typed.is_empty() {
        return Err(WebhookUrlProblem::Empty);
    }
    if typed.len() > MAX_URL_CHARS {
        return Err(WebhookUrlProblem::TooLong);
    }
    let url = Url::parse(typed).map_err(|_| WebhookUrlProblem::NoAddress)?;
    if !url.has_host() {
        return Err(WebhookUrlProblem::NoAddress);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebhookUrlProblem::SignIn);
    }
    if url.fragment().is_some() {
        return Err(WebhookUrlProblem::Fragment);
    }
    if url.scheme() != "https" && !test_mode {
        return Err(WebhookUrlProblem::NotHttps);
    }
    match Outbound::new(test_mode) {
        Ok(outbound) if outbound.allows(&url) => Ok(url),
        _ if test_mode => Err(WebhookUrlProblem::NotLoopback),
        _ => Err(WebhookUrlProblem::NotPublic),
    }
}

/// `POST /dashboard/apps/{client_id}/webhooks`: sets or changes the address.
pub async fn set(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match checked(visit, &client_id, form, "").await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let server = owned.visit.server.clone();
    let typed = form.get("url").unwrap_or_default().trim().to_owned();
    let url = match address(&typed, server.settings.test_mode) {
        Ok(url) => url,
        Err(problem) => return show(owned, News { typed: Some((typed, problem)), ..News::default() }).await,
    };
    let (secret, kept) = new_secret(&server, owned.app.id);
    let mut record =
        owned.visit.audited(&owned.signed_in, AuditAction::WebhookChanged, url.host_str().unwrap_or_default());
    record.app = Some(owned.app.id);
    match webhooks::set(&server.store, owned.app.id, url.as_str(), &kept, server.now(), &record).await {
        Ok(true) => {
            show(owned, News { done: Some("saved".to_owned()), new_secret: Some(secret), ..News::default() }).await
        }
        Ok(false) => back(owned, "saved"),
        Err(error) => owned.visit.store_error(&error),
    }
}

/// A form of this screen from the app's owner, who showed who they are lately: where people's names are sent, and what proves
/// that they come from us, is not for somebody who found an open session.
async fn checked(visit: Visit, client_id: &str, form: Form, below: &str) -> Result<(Owned, Parameters), Response> {
    let (owned, form) = posted(visit, client_id, form).await?;
    let path = format!("{}{below}", path(&owned));
    let Owned { visit, signed_in, app } = owned;
    let (visit, signed_in) = recheck::for_form(visit, signed_in, &path, &form).await?;
    Ok((Owned { visit, signed_in, app }, form))
}

fn back(owned: Owned, done: &str) -> Response {
    let path = format!("{}?done={done}", path(&owned));
    owned.visit.see_other(&path)
}

/// `POST /dashboard/apps/{client_id}/webhooks/secret`: a new signing secret. `old=now` ends the one before at once, else both
/// sign for a day.
pub async fn rotate(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match checked(visit, &client_id, form, "/secret").await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    let server = owned.visit.server.clone();
    let (secret, kept) = new_secret(&server, owned.app.id);
    let old_until = match form.get("old") {
        Some("now") => server.now(),
        _ => server.now().plus_seconds(OVERLAP_SECONDS),
    };
    let mut record = owned.visit.audited(&owned.signed_in, AuditAction::WebhookSecretAdded, &kept.last_four);
    record.app = Some(owned.app.id);
    match webhooks::rotate(&server.store, owned.app.id, &kept, old_until, &record).await {
        Ok(true) => show(owned, News { new_secret: Some(secret), ..News::default() }).await,
        Ok(false) => back(owned, "removed"),
        Err(error) => owned.visit.store_error(&error),
    }
}

/// `POST /dashboard/apps/{client_id}/webhooks/test`: sends something that tells nothing.
pub async fn test(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let owned = match posted(visit, &client_id, form).await {
        Ok((owned, _)) => owned,
        Err(answer) => return answer,
    };
    let server = owned.visit.server.clone();
    let added = async {
        if webhooks::of(&server.store, owned.app.id, server.now()).await?.is_none() {
            return Ok(false);
        }
        // One at a time: nobody gets us to call somebody's address as often as they like.
        let latest = webhooks::of_app(&server.store, owned.app.id, SHOWN).await?;
        if !latest.iter().any(|delivery| delivery.event == EventType::Test && delivery.next_try_at.is_some()) {
            let id = DeliveryId::generate(server.now(), &*server.rng);
            webhooks::add_test(&server.store, owned.app.id, id, server.now()).await?;
        }
        Ok::<_, StoreError>(true)
    };
    match added.await {
        Ok(true) => {
            server.webhooks.notify_one();
            back(owned, "tested")
        }
        Ok(false) => back(owned, "removed"),
        Err(error) => owned.visit.store_error(&error),
    }
}

/// `POST /dashboard/apps/{client_id}/webhooks/deliveries/{delivery}/retry`.
pub async fn retry(visit: Visit, Path((client_id, delivery)): Path<(String, String)>, form: Form) -> Response {
    let owned = match posted(visit, &client_id, form).await {
        Ok((owned, _)) => owned,
        Err(answer) => return answer,
    };
    let server = owned.visit.server.clone();
    let again = async {
        let Some(id) = DeliveryId::parse(&delivery) else { return Ok(false) };
        webhooks::again(&server.store, owned.app.id, id, server.now()).await
    };
    match again.await {
        Ok(true) => {
            server.webhooks.notify_one();
            back(owned, "retried")
        }
        Ok(false) => not_found(owned.visit, &owned.signed_in),
        Err(error) => owned.visit.store_error(&error),
    }
}

/// `GET /dashboard/apps/{client_id}/webhooks/remove`: what will happen.
pub async fn confirm_removal(visit: Visit, Path(client_id): Path<String>) -> Response {
    let owned = match owned(visit, &client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let path = path(&owned);
    let Owned { visit, signed_in, app } = owned;
    let (mut visit, signed_in) = match recheck::for_page(visit, signed_in, &format!("{path}/remove")).await {
        Ok(found) => found,
        Err(answer) => return answer,
    };
    match webhooks::of(&visit.server.store, app.id, visit.server.now()).await {
        Ok(Some(webhook)) => {
            let page = RemoveWebhookPage {
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                chrome: visit.chrome(Some(&signed_in), None),
                app: head(&app),
                url: webhook.url,
            };
            visit.page(200, &page)
        }
        Ok(None) => visit.see_other(&path),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /dashboard/apps/{client_id}/webhooks/remove`.
pub async fn remove(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let owned = match checked(visit, &client_id, form, "/remove").await {
        Ok((owned, _)) => owned,
        Err(answer) => return answer,
    };
    let store = owned.visit.server.store.clone();
    let mut record = owned.visit.audited(&owned.signed_in, AuditAction::WebhookChanged, "removed");
    record.app = Some(owned.app.id);
    match webhooks::remove(&store, owned.app.id, &record).await {
        Ok(()) => back(owned, "removed"),
        Err(error) => owned.visit.store_error(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_anybody_could_reach_by_https() {
        let of = |typed| address(typed, false).map(|_| ());
        assert_eq!(of("https://peek.example/hook?a=b"), Ok(()));
        for (typed, problem) in [
            ("", WebhookUrlProblem::Empty),
            ("peek.example", WebhookUrlProblem::NoAddress),
            ("mailto:ada@peek.example", WebhookUrlProblem::NoAddress),
            ("http://peek.example/hook", WebhookUrlProblem::NotHttps),
            ("https://ada:pw@peek.example/", WebhookUrlProblem::SignIn),
            ("https://peek.example/#top", WebhookUrlProblem::Fragment),
            ("https://127.0.0.1/", WebhookUrlProblem::NotPublic),
            ("https://10.1.2.3/", WebhookUrlProblem::NotPublic),
            ("https://169.254.169.254/latest/meta-data", WebhookUrlProblem::NotPublic),
            ("https://[::1]/", WebhookUrlProblem::NotPublic),
            ("https://0x7f000001/", WebhookUrlProblem::NotPublic),
        ] {
            assert_eq!(of(typed), Err(problem), "{typed}");
        }
        assert_eq!(of(&format!("https://peek.example/{}", "a".repeat(1000))), Err(WebhookUrlProblem::TooLong));
    }

    #[test]
    fn a_test_server_tells_this_machine_alone() {
        let of = |typed| address(typed, true).map(|_| ());
        assert_eq!(of("http://127.0.0.1:9000/hook"), Ok(()));
        assert_eq!(of("https://peek.example/hook"), Err(WebhookUrlProblem::NotLoopback));
        assert_eq!(of("http://192.168.0.1/hook"), Err(WebhookUrlProblem::NotLoopback));
    }
}
