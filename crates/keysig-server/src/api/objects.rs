//! The JSON objects of the Web API. Fields that Spotify deprecated are sent all the same: typed clients need them.

mod music;
mod people;

use std::sync::Arc;

use keysig_core::parameters::percent_encode;
use keysig_core::time::Timestamp;
use serde_json::{Value, json};

pub use music::Market;
pub use people::People;

/// Makes objects whose addresses are on this server.
#[derive(Clone)]
pub struct Links(pub Arc<str>);

impl Links {
    /// An absolute address under `/v1`.
    pub fn to(&self, path: &str) -> String {
        format!("{}/v1/{path}", self.0)
    }

    /// What every object has: `external_urls`, `href`, `id`, `type`, `uri`. There are no pages about music here, so the
    /// address for people is the object's own.
    fn object(&self, kind: &str, id: &str) -> serde_json::Map<String, Value> {
        let href = self.to(&format!("{kind}s/{}", percent_encode(id)));
        let uri = format!("spotify:{kind}:{}", percent_encode(id));
        let fields = json!({"external_urls": {"spotify": href}, "href": href, "id": id, "type": kind, "uri": uri});
        match fields {
            Value::Object(map) => map,
            _ => serde_json::Map::new(),
        }
    }
}

/// An object with more fields.
fn with(mut object: serde_json::Map<String, Value>, more: Value) -> Value {
    if let Value::Object(more) = more {
        object.extend(more);
    }
    Value::Object(object)
}

/// A time as ISO 8601 in UTC, to the second.
pub fn time(at: Timestamp) -> Value {
    formatted(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// A time as ISO 8601 in UTC, to the millisecond.
pub fn time_with_millis(at: Timestamp) -> Value {
    formatted(at, "%Y-%m-%dT%H:%M:%S.%3fZ")
}

fn formatted(at: Timestamp, format: &str) -> Value {
    jiff::Timestamp::from_millisecond(at.unix_millis()).map_or(Value::Null, |at| at.strftime(format).to_string().into())
}
