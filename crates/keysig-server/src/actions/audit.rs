//! The audit, read, verified and exported. Exporting is itself recorded.

use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::encoding::hex;
use keysig_core::id::{AppId, EventId, UserId};
use keysig_core::time::Timestamp;
use keysig_core::user::Role;
use keysig_store::audit::{self, Break, Entry, Filter, Verified};
use keysig_store::{StoreError, apps};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ActionRefused, Actor};
use crate::server::Server;

/// What is asked for, as it is typed; empty is not asked.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Who did it: an id, or an address.
    pub actor: String,
    /// What was done: a name of [`AuditAction`].
    pub action: String,
    /// To which app: its `client_id`.
    pub app: String,
    /// To whose account: an id, or an address.
    pub user: String,
    /// From this day on, as `2026-11-25`.
    pub from: String,
    /// To this day, itself included.
    pub until: String,
}

/// As what copies are taken.
pub const FORMATS: [&str; 2] = ["ndjson", "csv"];

/// A record as programs and files have it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AuditRecord")]
pub struct Line {
    /// Its id.
    pub id: String,
    /// When, as RFC 3339.
    pub at: String,
    /// Who; nothing where it was the server's own machine.
    pub actor: Option<String>,
    /// What.
    pub action: String,
    /// To which app, by its id.
    pub app: Option<String>,
    /// To whose account.
    pub user: Option<String>,
    /// What else.
    pub about: String,
    /// From where.
    pub address: String,
    /// By which request.
    pub request_id: String,
    /// With which key of the admin API; empty where with none.
    pub by_key: String,
    /// Whose chain it is in.
    pub node: String,
    /// Its place there.
    pub n: u64,
    /// Its hash there.
    pub hash: String,
}

impl Line {
    /// Of a record.
    pub fn of(entry: &Entry) -> Self {
        let AuditRecord { id, actor, action, app, user, about, address, request_id, by_key } = &entry.record;
        Self {
            id: id.to_string(),
            at: crate::pages::When::new(id.made_at().unix_millis(), 0).machine(),
            actor: actor.map(|actor| actor.to_string()),
            action: action.name().to_owned(),
            app: app.map(|app| app.to_string()),
            user: user.map(|user| user.to_string()),
            about: about.clone(),
            address: address.clone(),
            request_id: request_id.clone(),
            by_key: by_key.clone(),
            node: hex(&entry.node),
            n: entry.n,
            hash: hex(&entry.hash),
        }
    }
}

async fn person(server: &Server, field: &'static str, typed: &str) -> Result<Option<UserId>, ActionRefused> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    if let Some(id) = UserId::parse(typed) {
        return Ok(Some(id));
    }
    let found = keysig_store::users::by_identifier(&server.store, &typed.to_lowercase()).await?;
    let problem = || ActionRefused::Invalid { field, problem: "There is no such account.".to_owned() };
    found.map(|(user, _)| Some(user.id)).ok_or_else(problem)
}

fn day(field: &'static str, typed: &str, later_by_days: i64) -> Result<Option<Timestamp>, ActionRefused> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let problem = || ActionRefused::Invalid { field, problem: "Write the day as 2026-11-25.".to_owned() };
    let day: jiff::civil::Date = typed.parse().map_err(|_| problem())?;
    let at = jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| problem())?.as_millisecond();
    Ok(Some(Timestamp::from_unix_millis(at).plus_seconds(later_by_days * 86_400)))
}

/// Reads what was typed.
pub async fn filter(server: &Server, asked: &Asked) -> Result<Filter, ActionRefused> {
    let action = match asked.action.trim() {
        "" => None,
        name => Some(AuditAction::from_name(name).ok_or_else(|| ActionRefused::Invalid {
            field: "action",
            problem: "There is no such action.".to_owned(),
        })?),
    };
    let app: Option<AppId> = match asked.app.trim() {
        "" => None,
        client_id => match (AppId::parse(client_id), apps::version(&server.store, client_id).await?) {
            (_, Some((id, _))) | (Some(id), None) => Some(id),
            (None, None) => {
                let problem = "There is no such app.".to_owned();
                return Err(ActionRefused::Invalid { field: "app", problem });
            }
        },
    };
    Ok(Filter {
        actor: person(server, "actor", &asked.actor).await?,
        action,
        app,
        user: person(server, "user", &asked.user).await?,
        from: day("from", &asked.from, 0)?,
        until: day("until", &asked.until, 1)?,
    })
}

/// One page, the latest first, and the id to go on before.
pub async fn page(
    server: &Server,
    actor: &Actor,
    filter: &Filter,
    before: Option<EventId>,
    most: usize,
) -> Result<(Vec<Entry>, Option<EventId>), ActionRefused> {
    actor.needs(Role::Viewer)?;
    // One more than is shown tells whether there is another page.
    let limit = i64::try_from(most).unwrap_or(i64::MAX - 1) + 1;
    let mut entries = audit::page(&server.store, filter, before, limit).await?;
    let is_more = entries.len() > most;
    entries.truncate(most);
    let next = entries.last().filter(|_| is_more).map(|last| last.record.id);
    Ok((entries, next))
}

/// Looks at all chains and checkpoints.
pub async fn verify(server: &Server, actor: &Actor) -> Result<Verified, ActionRefused> {
    actor.needs(Role::Viewer)?;
    Ok(audit::verify(&server.store, &|bytes| server.audit_mac(bytes)).await?)
}

/// What does not hold, in a sentence.
pub fn in_words(broken: &Break) -> String {
    match broken {
        Break::Record { node, n } => format!("Record {n} of chain {} was altered, or is missing.", hex(node)),
        Break::Checkpoint { n } => format!("Checkpoint {n} was altered, or is missing."),
        Break::Cut { node, n } => {
            format!(
                "Chain {} reached record {n} once, and does not now as it was: its end was cut off or written anew.",
                hex(node)
            )
        }
    }
}

/// Records that somebody takes a copy, and makes a checkpoint, so that the copy and the store can be compared later.
pub async fn begin_export(server: &Server, actor: &Actor, format: &str) -> Result<(), ActionRefused> {
    actor.needs(Role::Operator)?;
    let record = actor.record(server, AuditAction::AuditExported, format);
    let mut tx = server.store.begin().await?;
    audit::append(&server.store, &mut tx, &record).await?;
    tx.commit().await?;
    audit::checkpoint(&server.store, server.now(), &|bytes| server.audit_mac(bytes)).await?;
    Ok(())
}

/// A checkpoint is made this long after the last one, in seconds.
const CHECKPOINT_SECONDS: i64 = 86_400;

impl Server {
    /// The MAC of a checkpoint of the audit.
    pub fn audit_mac(&self, bytes: &[u8]) -> [u8; 32] {
        self.audit_keys.lasting().mac(&[bytes])
    }

    /// Makes the checkpoint of a day, if it is due.
    pub async fn keep_audit_checkpoints(&self) -> Result<(), StoreError> {
        let last = audit::last_checkpoint(&self.store).await?;
        if last.is_some_and(|last| self.now() < last.plus_seconds(CHECKPOINT_SECONDS)) {
            return Ok(());
        }
        audit::checkpoint(&self.store, self.now(), &|bytes| self.audit_mac(bytes)).await
    }
}
