//! Everything operators do, as one list: the admin API serves it and describes it (`admin_api`), and the command line asks for it
//! through the control socket (`control`). Each line is a thin face of [`crate::actions`], which refuses and records.

mod api_keys;
mod apps;
mod audit;
mod health;
mod inspect;
mod keys;
mod list;
mod reviews;
mod scopes;
mod settings;
mod users;

use std::pin::Pin;

use http::Method;
use keysig_core::time::Timestamp;
use keysig_core::user::Role;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use audit::copied as audit_export;
pub use list::OPERATIONS;

use crate::actions::{ActionRefused, Actor};
use crate::pages::When;
use crate::server::Server;

/// What an operation comes to: JSON, or a refusal.
pub type Answer = Result<Value, ActionRefused>;

type Work = for<'a> fn(&'a Server, &'a Actor, Value) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;
type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One thing that operators do.
pub struct Operation {
    /// Its name: the verb of the command line with a dot for its space, and what goes through the control socket.
    pub name: &'static str,
    /// Where the admin API serves it; what only a shell on the server's machine may do has no place there.
    pub route: Option<Route>,
    /// The least role that may.
    pub needs: Role,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// What it is given: an object of parts of the path, of the query and of the body.
    pub takes: SchemaOf,
    /// What it answers.
    pub gives: SchemaOf,
    work: Work,
}

/// A place of the admin API.
pub struct Route {
    /// The method. What is not GET has a body.
    pub method: Method,
    /// Below [`crate::admin_api::BASE`]; `{who}` stands for one part.
    pub path: &'static str,
    /// Whether it answers with a file and not with what the operation itself answers.
    pub is_copy: bool,
}

impl Operation {
    /// The one of this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        OPERATIONS.iter().find(|operation| operation.name == name)
    }

    /// Does it.
    pub async fn carry_out(&self, server: &Server, actor: &Actor, given: Value) -> Answer {
        actor.needs(self.needs)?;
        (self.work)(server, actor, given).await
    }
}

/// What was given, as the type that an operation takes.
fn read<T: DeserializeOwned>(given: Value) -> Result<T, ActionRefused> {
    serde_path_to_error::deserialize(given).map_err(|error| {
        let (path, said) = (error.path().to_string(), error.inner().to_string());
        match said.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            Some(missing) => {
                let before = if path == "." { String::new() } else { format!("{path}.") };
                ActionRefused::Malformed { field: Some(before + missing), problem: "It is missing.".to_owned() }
            }
            None => ActionRefused::Malformed { field: Some(path).filter(|path| path != "."), problem: said },
        }
    })
}

/// An answer as JSON.
fn print(answer: &impl Serialize) -> Answer {
    serde_json::to_value(answer).map_err(|error| ActionRefused::Conflict(error.to_string()))
}

/// Nothing is given.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// A time as RFC 3339, UTC.
fn time(at: Timestamp) -> String {
    When::new(at.unix_millis(), 0).machine()
}

/// The names of the roles.
fn roles() -> [&'static str; 5] {
    Role::ALL.map(Role::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_name_and_a_place_of_its_own() {
        for (index, operation) in OPERATIONS.iter().enumerate() {
            let place = operation.route.as_ref().map(|route| (&route.method, route.path));
            for other in OPERATIONS.iter().skip(index + 1) {
                assert_ne!(operation.name, other.name);
                assert!(place.is_none() || place != other.route.as_ref().map(|route| (&route.method, route.path)));
            }
            assert!(operation.summary.ends_with('.'), "{}", operation.name);
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        #[derive(Debug, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Outer {
            #[allow(dead_code, reason = "only read")]
            who: Inner,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Inner {
            #[allow(dead_code, reason = "only read")]
            name: String,
        }
        for (given, field) in [
            (serde_json::json!({}), Some("who")),
            (serde_json::json!({"who": {}}), Some("who.name")),
            (serde_json::json!({"who": {"name": 5}}), Some("who.name")),
            (serde_json::json!({"who": {"name": ""}, "x": 1}), Some("x")),
            (serde_json::json!("x"), None),
        ] {
            match read::<Outer>(given.clone()) {
                Err(ActionRefused::Malformed { field: named, .. }) => assert_eq!(named.as_deref(), field, "{given}"),
                other => panic!("{given}: {other:?}"),
            }
        }
    }
}
