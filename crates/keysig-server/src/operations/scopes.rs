//! Scopes.

use std::collections::BTreeMap;

use keysig_core::scope::{Risk, ScopeCatalogue, ScopeEntry, ScopeGroup, ScopeText};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Nothing;
use crate::actions::scopes::{self, ScopeDraft};
use crate::actions::{ActionRefused, Actor};
use crate::server::Server;

const GROUPS: [&str; 3] = ["see", "change", "control"];
const RISKS: [&str; 4] = ["S", "P", "C", "W"];

/// The words for one scope in one language.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeWords {
    /// What it gives, in bold on the consent page.
    title: String,
    /// The limit or an example, in small.
    detail: String,
    /// How the list of what an app will not do names its absence; it may be empty.
    will_not: String,
}

/// A scope.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scope {
    /// Its number, which is sealed into tokens.
    number: u8,
    /// Its name on the wire.
    name: String,
    /// What it does.
    #[schemars(with = "String", extend("enum" = GROUPS))]
    group: ScopeGroup,
    /// How much harm it can do: S sees a little, P personal things, C controls playback, W changes things.
    #[schemars(with = "String", extend("enum" = RISKS))]
    risk: Risk,
    /// Whether it allows deleting.
    can_delete: bool,
    /// Whether nobody can be asked for it any more.
    retired: bool,
    /// The words, by language.
    words: BTreeMap<String, ScopeWords>,
}

/// All scopes that operators can change.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scopes {
    /// Them, by number.
    scopes: Vec<Scope>,
}

/// Which scope.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Its name or number.
    scope: String,
}

/// A scope to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScope {
    /// Its name on the wire.
    name: String,
    /// What it does.
    #[schemars(with = "String", extend("enum" = GROUPS))]
    group: ScopeGroup,
    /// How much harm it can do.
    #[schemars(with = "String", extend("enum" = RISKS))]
    risk: Risk,
    /// Whether it allows deleting.
    #[serde(default)]
    can_delete: bool,
    /// The words, by language: each that pages are offered in.
    words: BTreeMap<String, ScopeWords>,
}

/// What of a scope becomes another; what is not given stays as it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its name or number.
    scope: String,
    /// What it does.
    #[schemars(with = "Option<String>", extend("enum" = GROUPS))]
    group: Option<ScopeGroup>,
    /// How much harm it can do: it can only rise.
    #[schemars(with = "Option<String>", extend("enum" = RISKS))]
    risk: Option<Risk>,
    /// Whether it allows deleting.
    can_delete: Option<bool>,
    /// The words of these languages; those of others stay as they are.
    #[serde(default)]
    words: BTreeMap<String, ScopeWordsChange>,
}

/// What of the words becomes another.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ScopeWordsChange {
    /// What it gives, in bold on the consent page.
    title: Option<String>,
    /// The limit or an example, in small.
    detail: Option<String>,
    /// How the list of what an app will not do names its absence.
    will_not: Option<String>,
}

fn shown(entry: &ScopeEntry) -> Scope {
    let words = |text: &ScopeText| ScopeWords {
        title: text.title.clone(),
        detail: text.detail.clone(),
        will_not: text.will_not.clone(),
    };
    Scope {
        number: entry.id,
        name: entry.name.clone(),
        group: entry.group,
        risk: entry.risk,
        can_delete: entry.can_delete,
        retired: entry.retired,
        words: entry.text.iter().map(|(lang, text)| (lang.clone(), words(text))).collect(),
    }
}

/// The scope that is meant.
fn entry(server: &Server, scope: &str) -> Result<ScopeEntry, ActionRefused> {
    let catalogue = server.scopes();
    let is_it = |entry: &ScopeEntry| entry.name == scope || entry.id.to_string() == scope;
    let own = catalogue.entries().filter(|(scope, _)| ScopeCatalogue::is_own(*scope));
    let found = own.map(|(_, entry)| entry).find(|entry| is_it(entry)).cloned();
    found.ok_or_else(|| ActionRefused::Unknown(format!("there is no scope {scope}")))
}

pub(super) async fn list(server: &Server, _: &Actor, _: Nothing) -> Result<Scopes, ActionRefused> {
    let catalogue = server.scopes();
    let own = catalogue.entries().filter(|(scope, _)| ScopeCatalogue::is_own(*scope));
    Ok(Scopes { scopes: own.map(|(_, entry)| shown(entry)).collect() })
}

pub(super) async fn show(server: &Server, _: &Actor, which: Which) -> Result<Scope, ActionRefused> {
    Ok(shown(&entry(server, &which.scope)?))
}

pub(super) async fn add(server: &Server, actor: &Actor, new: NewScope) -> Result<Scope, ActionRefused> {
    let words = |words: ScopeWords| ScopeText { title: words.title, detail: words.detail, will_not: words.will_not };
    let draft = ScopeDraft {
        name: new.name,
        group: new.group,
        risk: new.risk,
        can_delete: new.can_delete,
        text: new.words.into_iter().map(|(lang, said)| (lang, words(said))).collect(),
    };
    let number = scopes::save(server, actor, None, draft).await?;
    Ok(shown(&entry(server, &number.to_string())?))
}

pub(super) async fn set(server: &Server, actor: &Actor, change: Change) -> Result<Scope, ActionRefused> {
    let before = entry(server, &change.scope)?;
    let mut text = before.text;
    for (lang, said) in change.words {
        let words = text.entry(lang).or_default();
        words.title = said.title.unwrap_or_else(|| words.title.clone());
        words.detail = said.detail.unwrap_or_else(|| words.detail.clone());
        words.will_not = said.will_not.unwrap_or_else(|| words.will_not.clone());
    }
    let draft = ScopeDraft {
        name: before.name,
        group: change.group.unwrap_or(before.group),
        risk: change.risk.unwrap_or(before.risk),
        can_delete: change.can_delete.unwrap_or(before.can_delete),
        text,
    };
    scopes::save(server, actor, Some(before.id), draft).await?;
    Ok(shown(&entry(server, &change.scope)?))
}

async fn set_retired(server: &Server, actor: &Actor, scope: &str, retired: bool) -> Result<Scope, ActionRefused> {
    let before = entry(server, scope)?;
    if before.retired == retired {
        return Err(ActionRefused::Conflict("It is so already.".to_owned()));
    }
    scopes::retire(server, actor, before.id, retired).await?;
    Ok(shown(&entry(server, scope)?))
}

pub(super) async fn retire(server: &Server, actor: &Actor, which: Which) -> Result<Scope, ActionRefused> {
    set_retired(server, actor, &which.scope, true).await
}

pub(super) async fn restore(server: &Server, actor: &Actor, which: Which) -> Result<Scope, ActionRefused> {
    set_retired(server, actor, &which.scope, false).await
}
