//! The audit.

use keysig_core::id::EventId;
use keysig_store::audit::Filter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Nothing, read, time};
use crate::actions::audit::{self, Line};
use crate::actions::{ActionRefused, Actor};
use crate::server::Server;

/// So many records in one answer, which then stays far below what the control socket carries.
const RECORDS_IN_AN_ANSWER: usize = 50;

/// Which records; what is empty is not asked.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    /// Who did it: an id, or an address.
    actor: String,
    /// What was done, such as `user-locked`.
    action: String,
    /// To which app: its client ID.
    app: String,
    /// To whose account: an id, or an address.
    user: String,
    /// From this day on, as `2026-11-25`.
    from: String,
    /// To this day, itself included.
    until: String,
    /// The id to go on before: `next` of the page before.
    before: String,
}

/// Records that were found.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Records {
    /// Them, the latest first.
    records: Vec<Line>,
    /// The id to go on before; nothing where these are all.
    next: Option<String>,
}

/// Whether the chains hold.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Verified {
    /// How many records were looked at.
    records: u64,
    /// How many chains.
    chains: u64,
    /// How many checkpoints.
    checkpoints: u64,
    /// When the last checkpoint was made.
    last_checkpoint_at: Option<String>,
    /// The first thing that does not hold, in words; nothing where all do.
    broken: Option<String>,
}

/// Which records are copied, and how; what is empty is not asked.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Copy {
    /// As what; one record a line either way.
    #[schemars(extend("enum" = audit::FORMATS))]
    format: Option<String>,
    /// Who did it: an id, or an address.
    actor: String,
    /// What was done, such as `user-locked`.
    action: String,
    /// To which app: its client ID.
    app: String,
    /// To whose account: an id, or an address.
    user: String,
    /// From this day on, as `2026-11-25`.
    from: String,
    /// To this day, itself included.
    until: String,
}

/// A copy that was recorded and may be taken now.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CopyBegun {
    /// As what.
    #[schemars(extend("enum" = audit::FORMATS))]
    format: &'static str,
}

impl Copy {
    /// Which records, as they are asked for.
    pub(super) fn asked(self) -> (&'static str, audit::Asked) {
        let Self { format, actor, action, app, user, from, until } = self;
        let format = if format.as_deref() == Some("csv") { "csv" } else { "ndjson" };
        (format, audit::Asked { actor, action, app, user, from, until })
    }
}

pub(super) async fn list(server: &Server, actor: &Actor, asked: Asked) -> Result<Records, ActionRefused> {
    let before = match asked.before.as_str() {
        "" => None,
        id => Some(EventId::parse(id).ok_or_else(|| ActionRefused::Invalid {
            field: "before",
            problem: "this is no id of a record".to_owned(),
        })?),
    };
    let Asked { actor: by, action, app, user, from, until, .. } = asked;
    let filter = audit::filter(server, &audit::Asked { actor: by, action, app, user, from, until }).await?;
    let (entries, next) = audit::page(server, actor, &filter, before, RECORDS_IN_AN_ANSWER).await?;
    Ok(Records { records: entries.iter().map(Line::of).collect(), next: next.map(|id| id.to_string()) })
}

pub(super) async fn verify(server: &Server, actor: &Actor, _: Nothing) -> Result<Verified, ActionRefused> {
    let verified = audit::verify(server, actor).await?;
    Ok(Verified {
        records: verified.records,
        chains: verified.chains,
        checkpoints: verified.checkpoints,
        last_checkpoint_at: verified.last_checkpoint_at.map(time),
        broken: verified.first_break.as_ref().map(audit::in_words),
    })
}

/// Which records a copy has that [`export`] began, and whether it is a CSV.
pub async fn copied(server: &Server, given: Value) -> Result<(Filter, bool), ActionRefused> {
    let (format, asked) = read::<Copy>(given)?.asked();
    Ok((audit::filter(server, &asked).await?, format == "csv"))
}

pub(super) async fn export(server: &Server, actor: &Actor, copy: Copy) -> Result<CopyBegun, ActionRefused> {
    if copy.format.as_deref().is_some_and(|format| !audit::FORMATS.contains(&format)) {
        let problem = format!("It can be {}.", audit::FORMATS.join(" or "));
        return Err(ActionRefused::Invalid { field: "format", problem });
    }
    let (format, asked) = copy.asked();
    audit::filter(server, &asked).await?;
    audit::begin_export(server, actor, format).await?;
    Ok(CopyBegun { format })
}
