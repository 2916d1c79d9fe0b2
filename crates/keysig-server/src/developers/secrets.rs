//! Secrets of an app (screen D6): two may work at once, so that one is exchanged for the next without an outage.

use axum::extract::Path;
use axum::response::Response;
use keysig_core::app::ClientType;
use keysig_core::audit::AuditAction;
use keysig_core::encoding::hex;
use keysig_core::parameters::Parameters;
use keysig_core::rng::random;
use keysig_core::secret::Secret;
use keysig_store::secrets::{self, KnownSecret, MOST_ACTIVE, Tokens};

use super::{Owned, head, owned, posted};
use crate::browser::Ticket;
use crate::pages::{RetireSecretPage, SecretRow, SecretState, SecretsPage, StopsIn};
use crate::people::account::not_found;
use crate::people::recheck;
use crate::secret_uses::hour_of;
use crate::visit::{Form, Visit};

/// What the address of a secret holds: enough of its hash to tell two apart, and nothing to guess it by.
fn key(secret: &KnownSecret) -> String {
    hex(secret.hash.as_bytes()).chars().take(16).collect()
}

fn path(client_id: &str) -> String {
    format!("/dashboard/apps/{client_id}/secrets")
}

/// `GET /dashboard/apps/{client_id}/secrets`.
pub async fn get(visit: Visit, Path(client_id): Path<String>) -> Response {
    match owned(visit, &client_id).await {
        Ok(owned) => show(owned, None, false).await,
        Err(answer) => answer,
    }
}

/// `new` is shown now or never.
async fn show(owned: Owned, new: Option<Secret>, is_full: bool) -> Response {
    let Owned { mut visit, signed_in, app } = owned;
    let all = match secrets::of_app(&visit.server.store, app.id).await {
        Ok(all) => all,
        Err(error) => return visit.store_error(&error),
    };
    let now = visit.server.now();
    let when = |at| visit.server.when(at);
    let row = |secret: &KnownSecret| SecretRow {
        key: key(secret),
        last_four: secret.last_four.clone(),
        created: when(secret.created_at),
        last_used: secret.last_used_at.map(when),
        state: match secret.retires_at {
            None => SecretState::Active,
            Some(at) if now < at => SecretState::Stops(when(at)),
            Some(at) => SecretState::Stopped(when(at)),
        },
    };
    let rows: Vec<SecretRow> = all.iter().map(row).collect();
    let may_add = all.iter().filter(|secret| secret.is_active(now)).count() < MOST_ACTIVE;
    let back = path(&app.client_id);
    let page = SecretsPage {
        csrf: visit.csrf(Some(&signed_in), Ticket::Account),
        // Colours and language are chosen by leaving the page, and with it the secret.
        chrome: visit.chrome(Some(&signed_in), Some(&back).filter(|_| new.is_none()).map(String::as_str)),
        app: head(&app),
        is_public: app.client_type == ClientType::Public,
        new,
        is_full,
        may_add,
        rows,
    };
    visit.page(if is_full { 422 } else { 200 }, &page)
}

/// `POST /dashboard/apps/{client_id}/secrets`: one more, which is shown once.
pub async fn add(visit: Visit, Path(client_id): Path<String>, form: Form) -> Response {
    let (owned, form) = match posted(visit, &client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Owned { visit, signed_in, app } = owned;
    let (visit, signed_in) = match recheck::for_form(visit, signed_in, &path(&client_id), &form).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    if app.client_type == ClientType::Public {
        return visit.see_other(&path(&client_id));
    }
    let secret = Secret::new(hex(&random::<16>(&*visit.server.rng)));
    let last_four: String = secret.expose().chars().skip(28).collect();
    let mut record = visit.audited(&signed_in, AuditAction::SecretAdded, &last_four);
    record.app = Some(app.id);
    let (server, new) = (visit.server.clone(), (&secret.hash(), last_four.as_str()));
    match secrets::add(&server.store, app.id, new, server.now(), &record).await {
        Ok(true) => show(Owned { visit, signed_in, app }, Some(secret), false).await,
        Ok(false) => show(Owned { visit, signed_in, app }, None, true).await,
        Err(error) => visit.store_error(&error),
    }
}

/// The secret of an address, and whether it is the only one that works.
async fn find(owned: &Owned, wanted: &str) -> Result<Option<(KnownSecret, bool)>, keysig_store::StoreError> {
    let server = &owned.visit.server;
    let (all, now) = (secrets::of_app(&server.store, owned.app.id).await?, server.now());
    let active: Vec<KnownSecret> = all.into_iter().filter(|secret| secret.is_active(now)).collect();
    let is_last = active.len() == 1;
    Ok(active.into_iter().find(|secret| key(secret) == wanted).map(|secret| (secret, is_last)))
}

/// `GET /dashboard/apps/{client_id}/secrets/{key}/retire`: what still uses it, and when it is to stop.
pub async fn ask_when(visit: Visit, Path((client_id, key)): Path<(String, String)>) -> Response {
    ask(visit, &client_id, &key, false).await
}

/// `GET /dashboard/apps/{client_id}/secrets/{key}/leaked`: it stops at once.
pub async fn ask_leaked(visit: Visit, Path((client_id, key)): Path<(String, String)>) -> Response {
    ask(visit, &client_id, &key, true).await
}

async fn ask(visit: Visit, client_id: &str, key: &str, leaked: bool) -> Response {
    let owned = match owned(visit, client_id).await {
        Ok(owned) => owned,
        Err(answer) => return answer,
    };
    let server = owned.visit.server.clone();
    let found = async {
        let Some((secret, is_last)) = find(&owned, key).await? else { return Ok(None) };
        let since = hour_of(server.now()) - 23;
        let uses = secrets::uses_since(&server.store, owned.app.id, &secret.hash, since).await?;
        Ok(Some((secret, is_last, uses)))
    };
    let found = found.await;
    let Owned { mut visit, signed_in, app } = owned;
    match found {
        Ok(Some((secret, is_last, uses))) => {
            let page = RetireSecretPage {
                csrf: visit.csrf(Some(&signed_in), Ticket::Account),
                chrome: visit.chrome(Some(&signed_in), None),
                app: head(&app),
                key: key.to_owned(),
                last_four: secret.last_four,
                uses,
                is_last,
                leaked,
            };
            visit.page(200, &page)
        }
        Ok(None) => not_found(visit, &signed_in),
        Err(error) => visit.store_error(&error),
    }
}

/// `POST /dashboard/apps/{client_id}/secrets/{key}/retire`.
pub async fn retire(visit: Visit, Path((client_id, key)): Path<(String, String)>, form: Form) -> Response {
    let stop = |form: &Parameters| (StopsIn::from_name(form.get("when").unwrap_or_default()), false);
    end(visit, (&client_id, &key, "retire"), form, AuditAction::SecretRetired, stop).await
}

/// `POST /dashboard/apps/{client_id}/secrets/{key}/leaked`.
pub async fn leaked(visit: Visit, Path((client_id, key)): Path<(String, String)>, form: Form) -> Response {
    let stop = |form: &Parameters| (Some(StopsIn::Now), form.get("tokens") == Some("end"));
    end(visit, (&client_id, &key, "leaked"), form, AuditAction::SecretLeaked, stop).await
}

async fn end(
    visit: Visit,
    (client_id, key, step): (&str, &str, &str),
    form: Form,
    action: AuditAction,
    stop: impl Fn(&Parameters) -> (Option<StopsIn>, bool),
) -> Response {
    let (owned, form) = match posted(visit, client_id, form).await {
        Ok(posted) => posted,
        Err(answer) => return answer,
    };
    let Owned { visit, signed_in, app } = owned;
    let own_path = format!("{}/{key}/{step}", path(client_id));
    let (visit, signed_in) = match recheck::for_form(visit, signed_in, &own_path, &form).await {
        Ok(checked) => checked,
        Err(answer) => return answer,
    };
    let (Some(stops), ends_tokens) = stop(&form) else { return visit.see_other(&own_path) };
    let owned = Owned { visit, signed_in, app };
    let server = owned.visit.server.clone();
    let now = server.now();
    let ended = async {
        let Some((secret, _)) = find(&owned, key).await? else { return Ok(()) };
        let about = format!("{}, {}", secret.last_four, stops.name());
        let mut record = owned.visit.audited(&owned.signed_in, action, &about);
        record.app = Some(owned.app.id);
        let tokens = if ends_tokens { Tokens::End { keep_until: server.keep_until() } } else { Tokens::Live };
        let at = (now.plus_seconds(stops.seconds()), now);
        secrets::retire(&server.store, owned.app.id, &secret.hash, at, tokens, &record).await.map(|_| ())
    };
    match ended.await {
        Ok(()) => owned.visit.see_other(&path(client_id)),
        Err(error) => owned.visit.store_error(&error),
    }
}
