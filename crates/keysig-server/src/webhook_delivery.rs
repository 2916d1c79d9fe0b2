//! Webhooks on their way to apps (`docs/webhooks.md`): written down with what they tell of, signed when they are sent, tried
//! again until they arrive or are given up, whatever node does it. Nothing waits for an app's server.

use std::sync::Arc;
use std::time::Duration;

use keysig_core::app::App;
use keysig_core::id::{AppId, EventId};
use keysig_core::openid::subject::subject;
use keysig_core::scope::ScopeSet;
use keysig_core::secret::Secret;
use keysig_core::time::Timestamp;
use keysig_core::webhook::{self, EventType, TAKEN_SECONDS, wait_seconds_after};
use keysig_store::webhooks::{self, Delivery, Outcome, SigningSecret};
use keysig_store::{StoreError, apps, users};
use serde_json::{Value, json};

use crate::outbound::{Outbound, OutboundError};
use crate::pages::When;
use crate::server::Server;

/// How often is looked for deliveries that are due.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often is looked for secrets that stop within a day.
const LOOK_FOR_SECRETS_EVERY: u32 = 30;
/// How many apps are told at once, each of one thing.
const AT_ONCE: u32 = 32;
/// How long an app that did not take something is left alone at most, in seconds: others come first.
const APP_WAITS_SECONDS: i64 = 60;

/// Delivers until the process ends.
pub async fn deliver(server: Arc<Server>) {
    let (mut outbound, mut looks) = (None, 0_u32);
    loop {
        if looks.is_multiple_of(LOOK_FOR_SECRETS_EVERY)
            && let Err(error) = webhooks::note_expiring(&server.store, server.now()).await
        {
            tracing::warn!(%error, "secrets that expire could not be looked for");
        }
        looks = looks.wrapping_add(1);
        loop {
            match deliver_due(&server, &mut outbound).await {
                Ok(0) => break,
                // An app has its next one due, perhaps.
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "webhooks wait: the store did not answer");
                    break;
                }
            }
        }
        tokio::select! {
            () = server.webhooks.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Sends what is due, of each app one, and says how many were tried. The client is made when the first is.
pub async fn deliver_due(server: &Arc<Server>, outbound: &mut Option<Arc<Outbound>>) -> Result<usize, StoreError> {
    let due = webhooks::due(&server.store, server.now(), AT_ONCE).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let client = Outbound::kept(outbound, server.settings.test_mode);
    let client = client.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let tried = due.len();
    let mut sending = tokio::task::JoinSet::new();
    for delivery in due {
        let (server, client) = (server.clone(), client.clone());
        sending.spawn(async move {
            if let Err(error) = send(&server, &client, &delivery).await {
                tracing::warn!(%error, "a webhook waits: the store did not answer");
            }
        });
    }
    while sending.join_next().await.is_some() {}
    Ok(tried)
}

async fn send(server: &Server, client: &Outbound, delivery: &Delivery) -> Result<(), StoreError> {
    let now = server.now();
    // Taken before it is sent: where this process dies meanwhile, it is sent once more and never lost.
    if !webhooks::take(&server.store, delivery, now, now.plus_seconds(TAKEN_SECONDS)).await? {
        return Ok(());
    }
    let given_up = |answer: &str| Outcome {
        arrived: false,
        next_try_at: None,
        status: None,
        answer: answer.to_owned(),
        app_waits_until: now,
    };
    let app = apps::by_id(&server.store, delivery.app).await?;
    let webhook = webhooks::of(&server.store, delivery.app, now).await?;
    let (Some(app), Some(webhook)) = (app, webhook) else {
        return webhooks::outcome(&server.store, delivery, &given_up("")).await;
    };
    let Some(body) = payload(server, &app, delivery).await? else {
        return webhooks::outcome(&server.store, delivery, &given_up("")).await;
    };
    let id = webhook::message_id(delivery.id);
    let signatures: Vec<String> = webhook
        .secrets
        .iter()
        .filter_map(|secret| open(server, app.id, secret))
        .filter_map(|secret| webhook::signature(&secret, &id, now, &body))
        .collect();
    if signatures.is_empty() {
        tracing::error!(client_id = app.client_id, "the secrets of a webhook were sealed with another master key");
        return webhooks::outcome(&server.store, delivery, &given_up("")).await;
    }
    let headers = [
        ("webhook-id", id),
        ("webhook-timestamp", now.unix_seconds().to_string()),
        ("webhook-signature", signatures.join(" ")),
    ];
    let sent = client.post_webhook(&webhook.url, &headers, body).await;
    let outcome = outcome(delivery, sent, now);
    if !outcome.arrived {
        let (tries, given_up) = (delivery.tries + 1, outcome.next_try_at.is_none());
        tracing::info!(client_id = app.client_id, tries, given_up, status = outcome.status, "a webhook did not arrive");
    }
    webhooks::outcome(&server.store, delivery, &outcome).await
}

/// Anything but success is tried again: a mistake of the app's server is mended sooner or later. It says itself that it is
/// gone for good (410, as Standard Webhooks has it), and no time makes an address one that may be sent to.
fn outcome(delivery: &Delivery, sent: Result<(u16, Vec<u8>), OutboundError>, now: Timestamp) -> Outcome {
    let (status, answer, is_final) = match &sent {
        Ok((status, answer)) => (Some(*status), shown(&String::from_utf8_lossy(answer)), *status == 410),
        Err(error) => (None, error.to_string(), matches!(error, OutboundError::Forbidden)),
    };
    let arrived = status.is_some_and(|status| (200..300).contains(&status));
    let wait = wait_seconds_after(delivery.tries + 1).filter(|_| !arrived && !is_final);
    Outcome {
        arrived,
        next_try_at: wait.map(|seconds| now.plus_seconds(seconds)),
        status: status.map(u32::from),
        answer,
        app_waits_until: wait.map_or(now, |seconds| now.plus_seconds(seconds.min(APP_WAITS_SECONDS))),
    }
}

/// A stranger's text as it is kept: no control characters, which no column and no terminal should be given.
fn shown(answer: &str) -> String {
    answer.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

fn scopes(server: &Server, scopes: Option<ScopeSet>) -> Value {
    server.scopes().print(scopes.unwrap_or_default()).into()
}

/// The body, the same at every try: `type`, `timestamp` and `data`, as Standard Webhooks has it. `None`: whom it is about is
/// gone, and another one says so.
pub async fn payload(server: &Server, app: &App, delivery: &Delivery) -> Result<Option<String>, StoreError> {
    let machine = |at: Timestamp| When::new(at.unix_millis(), at.unix_millis()).machine();
    let mut data = json!({"client_id": app.client_id});
    match delivery.event {
        EventType::GrantRevoked | EventType::GrantReduced => {
            let user = match delivery.user {
                Some(user) => users::by_id(&server.store, user).await?,
                None => None,
            };
            let Some(user) = user else { return Ok(None) };
            data = json!({
                "client_id": app.client_id,
                "user": subject(app, &user),
                "scope_before": scopes(server, delivery.before),
                "scope_after": scopes(server, delivery.after),
                "reason": delivery.reason.map(webhook::Reason::name),
            });
        }
        EventType::UserDeleted => data = json!({"client_id": app.client_id, "user": delivery.subject}),
        EventType::SecretExpiring => {
            if let Some((last_four, ends)) = &delivery.secret {
                data = json!({
                    "client_id": app.client_id, "secret_last_four": last_four, "expires_at": machine(*ends),
                });
            }
        }
        EventType::Test => {}
    }
    let body = json!({"type": delivery.event.name(), "timestamp": machine(delivery.created_at), "data": data});
    Ok(Some(body.to_string()))
}

fn about(app: AppId, id: EventId) -> String {
    format!("webhook_secrets|secret|{app}|{id}")
}

/// A new signing secret, and the form it is kept in.
pub fn new_secret(server: &Server, app: AppId) -> (Secret, SigningSecret) {
    let (id, secret) = (EventId::generate(server.now(), &*server.rng), webhook::new_secret(&*server.rng));
    let plain = secret.expose().as_bytes().to_vec();
    let last_four: String = secret.expose().trim_end_matches('=').chars().rev().take(4).collect();
    let kept = SigningSecret {
        id,
        sealed: server.column_keys.seal_column(about(app, id).as_bytes(), plain, &*server.rng),
        last_four: last_four.chars().rev().collect(),
        retires_at: None,
    };
    (secret, kept)
}

fn open(server: &Server, app: AppId, secret: &SigningSecret) -> Option<Secret> {
    let plain = server.column_keys.open_column(about(app, secret.id).as_bytes(), &secret.sealed)?;
    String::from_utf8(plain).ok().map(Secret::new)
}
