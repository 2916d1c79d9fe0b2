//! The scopes: made and worded by operators, retired and never deleted. What people agreed to is not widened behind their
//! backs: a published scope's risk can only rise, and raising it asks everybody again.

use std::collections::BTreeMap;

use keysig_core::audit::AuditAction;
use keysig_core::scope::{CatalogueError, Risk, ScopeCatalogue, ScopeEntry, ScopeGroup, ScopeId, ScopeText};
use keysig_core::user::Role;
use keysig_store::settings::Change;
use serde::{Deserialize, Serialize};

use super::{ActionRefused, Actor, settings};
use crate::server::Server;

/// The longest words of a scope, each, in characters.
const MAX_WORDS_CHARS: usize = 200;

/// What is said of a scope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeDraft {
    /// Its name on the wire; of one that exists it stays as it is.
    pub name: String,
    /// What it does.
    pub group: ScopeGroup,
    /// How much harm it can do.
    pub risk: Risk,
    /// Whether it allows deleting.
    #[serde(default)]
    pub can_delete: bool,
    /// The words, by language; each language that pages are offered in.
    pub text: BTreeMap<String, ScopeText>,
}

fn invalid(field: &'static str, problem: impl Into<String>) -> ActionRefused {
    ActionRefused::Invalid { field, problem: problem.into() }
}

/// The scope of this number, if operators may change it.
pub fn own(scopes: &ScopeCatalogue, number: u8) -> Option<&ScopeEntry> {
    let scope = ScopeId::from_number(number).filter(|scope| ScopeCatalogue::is_own(*scope))?;
    scopes.entry(scope)
}

/// Whether what people were shown of `before` no longer says all that `after` does.
fn is_wider(before: &ScopeEntry, after: &ScopeDraft) -> bool {
    before.group != after.group || after.can_delete && !before.can_delete
}

/// The entry that a draft makes, in place of the scope `number` or as a new one; or what is wrong with it.
pub fn checked(server: &Server, number: Option<u8>, draft: ScopeDraft) -> Result<ScopeEntry, ActionRefused> {
    let scopes = server.scopes();
    let before = match number {
        Some(number) => Some(own(&scopes, number).ok_or(ActionRefused::NotFound)?),
        None => None,
    };
    for (language, text) in &draft.text {
        let too_long = |words: &String| words.chars().count() > MAX_WORDS_CHARS || words.chars().any(char::is_control);
        if [&text.title, &text.detail, &text.will_not].into_iter().any(too_long) {
            return Err(invalid(
                "words",
                format!("{language}: each is one line of at most {MAX_WORDS_CHARS} characters"),
            ));
        }
    }
    if let Some(before) = before {
        if draft.risk < before.risk {
            return Err(invalid("risk", "the risk of a published scope can only rise"));
        }
        if is_wider(before, &draft) && draft.risk == before.risk {
            return Err(invalid(
                "risk",
                "it would do more than people agreed to: raise the risk, which asks everybody again, or make a new scope",
            ));
        }
    }
    let entry = ScopeEntry {
        id: match number {
            Some(number) => number,
            None => {
                let free = scopes.free_number();
                free.ok_or_else(|| ActionRefused::Conflict("all numbers for scopes are taken".to_owned()))?
            }
        },
        name: before.map_or(draft.name, |before| before.name.clone()),
        aliases: before.map(|before| before.aliases.clone()).unwrap_or_default(),
        group: draft.group,
        risk: draft.risk,
        can_delete: draft.can_delete,
        endpoints: before.map(|before| before.endpoints.clone()).unwrap_or_default(),
        retired: before.is_some_and(|before| before.retired),
        text: draft.text,
    };
    let languages: Vec<&str> = server.settings.languages.iter().map(|lang| lang.tag()).collect();
    match scopes.with(vec![entry.clone()], &languages) {
        Ok(_) => Ok(entry),
        Err(CatalogueError::NoWords(missing)) => {
            let missing: Vec<&str> = missing.iter().map(|(_, language)| language.as_str()).collect();
            Err(invalid("words", format!("title and detail are missing in: {}", missing.join(", "))))
        }
        Err(error) => Err(invalid("name", error.to_string())),
    }
}

async fn store(server: &Server, actor: &Actor, seen: i64, entry: &ScopeEntry, how: &str) -> Result<(), ActionRefused> {
    let definition = serde_json::to_string(entry).map_err(|error| invalid("words", error.to_string()))?;
    let change = Change::Scope { number: entry.id, definition };
    let record = actor.record(server, AuditAction::ScopeChanged, &format!("{}: {how}", entry.name));
    settings::write(server, seen, &[change], &record).await
}

/// Makes a scope, or words the scope `number` anew. Its number.
pub async fn save(server: &Server, actor: &Actor, number: Option<u8>, draft: ScopeDraft) -> Result<u8, ActionRefused> {
    actor.needs(Role::Operator)?;
    let seen = server.settings_version();
    let before = number.and_then(|number| own(&server.scopes(), number).map(|entry| entry.risk));
    let entry = checked(server, number, draft)?;
    let how = match before {
        None => "made",
        Some(risk) if risk < entry.risk => "changed, at a higher risk",
        Some(_) => "worded anew",
    };
    store(server, actor, seen, &entry, how).await?;
    Ok(entry.id)
}

/// Retires a scope, or takes it back: nobody can be asked for a retired one, and whoever agreed keeps it.
pub async fn retire(server: &Server, actor: &Actor, number: u8, retired: bool) -> Result<(), ActionRefused> {
    actor.needs(Role::Operator)?;
    let seen = server.settings_version();
    let entry = own(&server.scopes(), number).cloned().ok_or(ActionRefused::NotFound)?;
    let how = if retired { "retired" } else { "offered again" };
    store(server, actor, seen, &ScopeEntry { retired, ..entry }, how).await
}
