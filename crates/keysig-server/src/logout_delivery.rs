//! Logout tokens on their way to apps (OpenID Connect Back-Channel Logout §2.5): signed when they are sent, tried again
//! until they arrive or are given up, whatever node put them on their way.

use std::sync::Arc;
use std::time::Duration;

use keysig_core::openid::logout::{LogoutToken, MAX_TRIES, TYPE, wait_seconds_after};
use keysig_core::openid::subject::{session_name, subject};
use keysig_store::logout::{self, Delivery};
use keysig_store::{StoreError, apps, users};

use crate::outbound::Outbound;
use crate::server::Server;

/// How often is looked for deliveries that are due, if no sign-out rings.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many are under way at once.
const AT_ONCE: u32 = 16;

/// Delivers until the process ends.
pub async fn deliver(server: Arc<Server>) {
    let mut outbound = None;
    loop {
        tokio::select! {
            () = server.deliveries.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        loop {
            match deliver_due(&server, &mut outbound).await {
                // As many as go at once: others may wait behind them.
                Ok(tried) if tried == AT_ONCE as usize => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "logout tokens wait: the store did not answer");
                    break;
                }
            }
        }
    }
}

/// Sends what is due, and says how many were tried. The client is made when the first is.
pub async fn deliver_due(server: &Arc<Server>, outbound: &mut Option<Arc<Outbound>>) -> Result<usize, StoreError> {
    let due = logout::due(&server.store, server.now(), AT_ONCE).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let client = Outbound::kept(outbound, server.settings.test_mode);
    let client = client.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let mut sending = tokio::task::JoinSet::new();
    for delivery in &due {
        let (server, client, delivery) = (server.clone(), client.clone(), *delivery);
        sending.spawn(async move {
            if let Err(error) = send(&server, &client, &delivery).await {
                tracing::warn!(%error, "a logout token waits: the store did not answer");
            }
        });
    }
    while sending.join_next().await.is_some() {}
    Ok(due.len())
}

async fn send(server: &Server, client: &Outbound, delivery: &Delivery) -> Result<(), StoreError> {
    let now = server.now();
    let this_try = delivery.tries + 1;
    // Taken before it is sent: where this process dies meanwhile, it is sent once more and never lost.
    if !logout::take(&server.store, delivery, now.plus_seconds(wait_seconds_after(this_try))).await? {
        return Ok(());
    }
    let app = apps::by_id(&server.store, delivery.app).await?.filter(|app| !app.paused);
    let user = users::by_id(&server.store, delivery.user).await?;
    let Some(app) = app else { return logout::done(&server.store, delivery).await };
    let Some(address) = &app.openid.backchannel_logout_uri else { return logout::done(&server.store, delivery).await };
    let sub = user.map(|user| subject(&app, &user));
    let issuer = &server.settings.public_url;
    let sid = session_name(app.openid.sector.as_deref(), delivery.user, delivery.session);
    let claims = LogoutToken::new(issuer, sub.as_deref(), &app.client_id, sid, delivery.id, now);
    let Some(token) = server.signing.sign(app.openid.id_token_algorithm, TYPE, &claims, now) else { return Ok(()) };
    match client.post_form(address, &[("logout_token", &token)]).await {
        Ok(()) => logout::done(&server.store, delivery).await,
        Err(error) if error.may_pass() && this_try < MAX_TRIES => {
            tracing::info!(client_id = app.client_id, tries = this_try, %error, "a logout token did not arrive");
            Ok(())
        }
        Err(error) => {
            tracing::warn!(client_id = app.client_id, tries = this_try, %error, "a logout token was given up");
            logout::done(&server.store, delivery).await
        }
    }
}
