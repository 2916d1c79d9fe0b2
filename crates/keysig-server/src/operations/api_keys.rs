//! Keys of the admin API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Nothing, time};
use crate::actions::api_keys::{self, Known, LONGEST_DAYS, ROLES};
use crate::actions::{ActionRefused, Actor};
use crate::server::Server;

/// A key, as far as anybody knows it who did not write it down.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ApiKey {
    /// Its id.
    id: String,
    /// What it is for.
    name: String,
    /// Its last four characters.
    last_four: String,
    /// What may be done with it, at most.
    #[schemars(extend("enum" = roles()))]
    role: &'static str,
    /// Whoever made it, on whose role it rests; nothing where it was the command line.
    made_by: Option<String>,
    /// When it was made.
    made_at: String,
    /// From when on it opens nothing.
    expires_at: String,
    /// When it was last used, to the hour.
    last_used_at: Option<String>,
}

/// All keys.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ApiKeys {
    /// Them, the newest first.
    keys: Vec<ApiKey>,
}

/// A key to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is for.
    name: String,
    /// What may be done with it.
    #[schemars(extend("enum" = roles()))]
    role: String,
    /// For how many days it works.
    #[schemars(range(min = 1, max = LONGEST_DAYS))]
    days: u32,
}

/// A key that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct MadeApiKey {
    /// The key itself: nobody can show it again.
    secret: String,
    /// What is known of it from now on.
    key: ApiKey,
}

/// Which key.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// Its id.
    id: String,
}

fn roles() -> [&'static str; 3] {
    ROLES.map(|role| role.name())
}

fn shown(known: Known) -> ApiKey {
    let Known { key, made_by } = known;
    ApiKey {
        id: key.id.to_string(),
        name: key.name,
        last_four: key.last_four,
        role: key.role.name(),
        made_by,
        made_at: time(key.id.made_at()),
        expires_at: time(key.expires_at),
        last_used_at: key.last_used_at.map(time),
    }
}

pub(super) async fn list(server: &Server, actor: &Actor, _: Nothing) -> Result<ApiKeys, ActionRefused> {
    Ok(ApiKeys { keys: api_keys::all(server, actor).await?.into_iter().map(shown).collect() })
}

pub(super) async fn add(server: &Server, actor: &Actor, new: NewApiKey) -> Result<MadeApiKey, ActionRefused> {
    let (known, secret) = api_keys::make(server, actor, (&new.name, &new.role, new.days)).await?;
    Ok(MadeApiKey { secret: secret.expose().to_owned(), key: shown(known) })
}

pub(super) async fn revoke(server: &Server, actor: &Actor, which: Which) -> Result<ApiKey, ActionRefused> {
    Ok(shown(api_keys::end(server, actor, &which.id).await?))
}
