//! Keys of the admin API: made by operators, shown once, ended at once (`docs/admin-api.md`).

use keysig_core::audit::AuditAction;
use keysig_core::id::ApiKeyId;
use keysig_core::secret::Secret;
use keysig_core::user::Role;
use keysig_store::api_keys::{self, ApiKey};
use keysig_store::{StoreError, users};

use super::{ActionRefused, Actor};
use crate::server::Server;

/// In front of each, so that scanners of source code know one when they see it.
pub const PREFIX: &str = "ks_";
/// So many are kept.
const MOST: i64 = 100;
/// None opens anything longer than that.
pub const LONGEST_DAYS: u32 = 365;
/// What is offered.
pub const USUAL_DAYS: u32 = 90;
const MAX_NAME_CHARS: usize = 60;

/// The roles a key can have.
pub const ROLES: [Role; 3] = [Role::Viewer, Role::Support, Role::Operator];

/// A key as operators see it: it, and the address of whoever made it.
pub struct Known {
    /// The key.
    pub key: ApiKey,
    /// Who made it; nobody where it was the command line.
    pub made_by: Option<String>,
}

fn invalid(field: &'static str, problem: impl Into<String>) -> ActionRefused {
    ActionRefused::Invalid { field, problem: problem.into() }
}

async fn known(server: &Server, key: ApiKey) -> Result<Known, StoreError> {
    let made_by = match key.user {
        Some(user) => users::by_id(&server.store, user).await?.map(|user| user.email),
        None => None,
    };
    Ok(Known { key, made_by })
}

/// All of them, the newest first.
pub async fn all(server: &Server, actor: &Actor) -> Result<Vec<Known>, ActionRefused> {
    actor.needs(Role::Viewer)?;
    let mut all = Vec::new();
    for key in api_keys::all(&server.store).await? {
        all.push(known(server, key).await?);
    }
    Ok(all)
}

/// The one of this id.
pub async fn find(server: &Server, actor: &Actor, id: &str) -> Result<Known, ActionRefused> {
    let all = all(server, actor).await?;
    all.into_iter().find(|known| known.key.id.to_string() == id).ok_or(ActionRefused::NotFound)
}

/// Makes one that opens the API for `days`, and tells it: this is the only time that anybody sees it.
pub async fn make(
    server: &Server,
    actor: &Actor,
    (name, role, days): (&str, &str, u32),
) -> Result<(Known, Secret), ActionRefused> {
    actor.needs(Role::Operator)?;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || name.chars().any(char::is_control) {
        return Err(invalid("name", format!("Say what it is for, in 1 to {MAX_NAME_CHARS} characters.")));
    }
    let role = Role::from_name(role).filter(|role| ROLES.contains(role));
    let role = role.ok_or_else(|| invalid("role", "It can be viewer, support or operator."))?;
    if !(1..=LONGEST_DAYS).contains(&days) {
        return Err(invalid("days", format!("It works for 1 to {LONGEST_DAYS} days.")));
    }
    let secret = Secret::new(format!("{PREFIX}{}", Secret::generate(&*server.rng).expose()));
    let (now, text) = (server.now(), secret.expose());
    let key = ApiKey {
        id: ApiKeyId::generate(now, &*server.rng),
        user: actor.user,
        last_four: text.get(text.len().saturating_sub(4)..).unwrap_or_default().to_owned(),
        name: name.to_owned(),
        role,
        expires_at: now.plus_seconds(i64::from(days) * 86_400),
        last_used_at: None,
    };
    let record = actor.record(server, AuditAction::ApiKeyMade, &format!("{}, {}", label(&key), role.name()));
    if !api_keys::add(&server.store, &key, &secret.hash(), MOST, &record).await? {
        return Err(ActionRefused::Conflict(format!("There are {MOST} keys: end one that nothing uses.")));
    }
    Ok((known(server, key).await?, secret))
}

/// Ends one: it opens nothing from now on.
pub async fn end(server: &Server, actor: &Actor, id: &str) -> Result<Known, ActionRefused> {
    actor.needs(Role::Operator)?;
    let ended = find(server, actor, id).await?;
    let record = actor.record(server, AuditAction::ApiKeyEnded, &label(&ended.key));
    match api_keys::end(&server.store, ended.key.id, &record).await? {
        true => Ok(ended),
        false => Err(ActionRefused::NotFound),
    }
}

/// What a key is called in the audit.
fn label(key: &ApiKey) -> String {
    format!("{} …{}", key.name, key.last_four)
}

/// Whoever acts with this key, if it opens anything: the person who made it, with the smaller of both roles. What somebody may
/// no longer do, their keys may not either.
pub async fn actor(server: &Server, presented: &str) -> Result<Option<Actor>, StoreError> {
    let hash = Secret::new(presented.to_owned()).hash();
    let Some((key, maker)) = api_keys::by_hash(&server.store, &hash).await? else { return Ok(None) };
    let now = server.now();
    let role = match maker {
        Some(maker) if maker.locked || maker.role < Role::Viewer => return Ok(None),
        Some(maker) => key.role.min(maker.role),
        None => key.role,
    };
    if key.expires_at <= now {
        return Ok(None);
    }
    if server.api_key_uses.is_due(key.id, now) {
        api_keys::touch(&server.store, key.id, now).await?;
    }
    let nothing = String::new;
    Ok(Some(Actor { user: key.user, role, address: nothing(), request_id: nothing(), by_key: label(&key) }))
}
