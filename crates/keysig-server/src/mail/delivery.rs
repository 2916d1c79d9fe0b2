//! Mails on their way to the mail server: tried again until they are taken or given up, whatever node put them on their way.

use std::sync::Arc;
use std::time::Duration;

use keysig_core::mail::{GIVEN_UP_AFTER_SECONDS, wait_seconds_after};
use keysig_store::StoreError;
use keysig_store::mails::{self, Mail};

use super::open;
use super::smtp::{Failed, Transport};
use crate::server::Server;

/// How often is looked for mails that are due, if nobody rings.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How many are under way at once.
const AT_ONCE: u32 = 8;

/// Delivers until the process ends. Without a mail server nothing is taken: mails wait to be read in the inbox.
pub async fn deliver(server: Arc<Server>) {
    let Some(settings) = &server.settings.mail else { return };
    let transport = match Transport::new(settings) {
        Ok(transport) => Arc::new(transport),
        Err(error) => {
            tracing::error!(%error, "no mail goes out");
            return;
        }
    };
    loop {
        tokio::select! {
            () = server.mails.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
        loop {
            match deliver_due(&server, &transport).await {
                // As many as go at once: others may wait behind them.
                Ok(tried) if tried == AT_ONCE as usize => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "mails wait: the store did not answer");
                    break;
                }
            }
        }
    }
}

/// Sends what is due, and says how many were tried.
pub async fn deliver_due(server: &Arc<Server>, transport: &Arc<Transport>) -> Result<usize, StoreError> {
    let due = mails::due(&server.store, server.now(), AT_ONCE).await?;
    let tried = due.len();
    let mut sending = tokio::task::JoinSet::new();
    for mail in due {
        let (server, transport) = (server.clone(), transport.clone());
        sending.spawn(async move {
            if let Err(error) = send(&server, &transport, &mail).await {
                tracing::warn!(%error, "a mail waits: the store did not answer");
            }
        });
    }
    while sending.join_next().await.is_some() {}
    Ok(tried)
}

async fn send(server: &Server, transport: &Transport, mail: &Mail) -> Result<(), StoreError> {
    let now = server.now();
    let this_try = mail.tries + 1;
    // Taken before it is sent: where this process dies meanwhile, it is sent once more and never lost.
    if !mails::take(&server.store, mail, now.plus_seconds(wait_seconds_after(this_try))).await? {
        return Ok(());
    }
    let Some(post) = open(server, mail) else {
        tracing::error!(mail = %mail.id, "a mail was sealed with another master key and is given up");
        return mails::done(&server.store, mail.id).await;
    };
    // To nobody: it took the time of a mail, and that was all it was for. Or to an account that a developer made up: nothing is
    // ever reached under that name (RFC 6761 §6.4).
    let Some(to) = post.to.as_ref().filter(|to| !to.ends_with(".invalid")) else {
        return mails::done(&server.store, mail.id).await;
    };
    let is_late = now >= mail.id.made_at().plus_seconds(GIVEN_UP_AFTER_SECONDS);
    match transport.send(mail.id, to, &post, server.live().mail_sender.as_deref()).await {
        Ok(()) => mails::done(&server.store, mail.id).await,
        Err(Failed::ForNow(reason)) if !is_late => {
            tracing::info!(mail = %mail.id, tries = this_try, reason, "a mail was not taken; it is tried again");
            Ok(())
        }
        Err(Failed::ForNow(reason) | Failed::ForGood(reason)) => {
            tracing::error!(mail = %mail.id, tries = this_try, reason, "a mail was given up");
            mails::done(&server.store, mail.id).await
        }
    }
}
