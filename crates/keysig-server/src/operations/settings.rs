//! Brand, policy and limits: their values as texts, by the names they have in the configuration.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Nothing;
use crate::actions::{ActionRefused, Actor, brand, limits, policy};
use crate::server::Server;
use crate::settings::{LiveSettings, SettingKey};

/// Texts by the names of settings.
type Texts = BTreeMap<String, String>;

macro_rules! values {
    ($(#[$doc:meta])* $name:ident, $keys:expr) => {
        $(#[$doc])*
        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Texts);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schema(&$keys)
            }
        }
    };
}

values! {
    /// Values of the brand.
    BrandValues, brand::KEYS
}
values! {
    /// Values of the policy.
    PolicyValues, policy::KEYS
}

values! {
    /// How much apps may ask for within 30 seconds.
    LimitValues, limits::KEYS
}

/// The brand.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Brand {
    /// As they are; empty where there is none.
    values: BrandValues,
    /// Those that the configuration sets, where they are changed.
    fixed: Vec<&'static str>,
}

/// The policy.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Policy {
    /// As they are; empty where there is no bound.
    values: PolicyValues,
    /// Those that the configuration sets, where they are changed.
    fixed: Vec<&'static str>,
}

/// The limits.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Limits {
    /// As they are; empty where there is none.
    values: LimitValues,
    /// Those that the configuration sets, where they are changed.
    fixed: Vec<&'static str>,
}

fn schema(keys: &[SettingKey]) -> Schema {
    let mut properties = Map::new();
    for key in keys {
        let choices = LiveSettings::choices(*key);
        let of =
            if choices.is_empty() { json!({"type": "string"}) } else { json!({"type": "string", "enum": choices}) };
        properties.insert(key.name().to_owned(), of);
    }
    json_schema!({"type": "object", "additionalProperties": false, "properties": Value::Object(properties)})
}

fn values(server: &Server, keys: &[SettingKey]) -> (Texts, Vec<&'static str>) {
    let live = server.live();
    let fixed = keys.iter().filter(|key| server.settings.fixed.contains(key)).map(|key| key.name());
    (keys.iter().map(|key| (key.name().to_owned(), live.get(*key))).collect(), fixed.collect())
}

/// What is to be set, each of `keys`.
fn asked(keys: &[SettingKey], texts: Texts) -> Result<Vec<(SettingKey, String)>, ActionRefused> {
    let known = |(name, value): (String, String)| match SettingKey::from_name(&name).filter(|key| keys.contains(key)) {
        Some(key) => Ok((key, value)),
        None => {
            Err(ActionRefused::Malformed { field: Some(name), problem: "There is no such setting here.".to_owned() })
        }
    };
    texts.into_iter().map(known).collect()
}

pub(super) async fn show_brand(server: &Server, _: &Actor, _: Nothing) -> Result<Brand, ActionRefused> {
    let (values, fixed) = values(server, &brand::KEYS);
    Ok(Brand { values: BrandValues(values), fixed })
}

pub(super) async fn set_brand(server: &Server, actor: &Actor, given: BrandValues) -> Result<Brand, ActionRefused> {
    brand::set(server, actor, &asked(&brand::KEYS, given.0)?).await?;
    show_brand(server, actor, Nothing {}).await
}

pub(super) async fn show_policy(server: &Server, _: &Actor, _: Nothing) -> Result<Policy, ActionRefused> {
    let (values, fixed) = values(server, &policy::KEYS);
    Ok(Policy { values: PolicyValues(values), fixed })
}

pub(super) async fn set_policy(server: &Server, actor: &Actor, given: PolicyValues) -> Result<Policy, ActionRefused> {
    policy::set(server, actor, &asked(&policy::KEYS, given.0)?).await?;
    show_policy(server, actor, Nothing {}).await
}

pub(super) async fn show_limits(server: &Server, _: &Actor, _: Nothing) -> Result<Limits, ActionRefused> {
    let (values, fixed) = values(server, &limits::KEYS);
    Ok(Limits { values: LimitValues(values), fixed })
}

pub(super) async fn set_limits(server: &Server, actor: &Actor, given: LimitValues) -> Result<Limits, ActionRefused> {
    limits::set(server, actor, &asked(&limits::KEYS, given.0)?).await?;
    show_limits(server, actor, Nothing {}).await
}
