//! How commands answer: JSON, or lines that people read.

use std::io::Write;

use serde_json::Value;

use crate::failure::Failure;

/// A member that is a text; empty where there is none.
pub fn text<'a>(done: &'a Value, key: &str) -> &'a str {
    done.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a member is true.
pub fn is(done: &Value, key: &str) -> bool {
    done.get(key).and_then(Value::as_bool).unwrap_or_default()
}

/// A member that is a number.
pub fn count(done: &Value, key: &str) -> u64 {
    done.get(key).and_then(Value::as_u64).unwrap_or_default()
}

/// The members of a list.
pub fn list<'a>(done: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    done.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// Strangers' words without what would command a terminal.
pub fn plain(words: &str) -> String {
    words.chars().filter(|char| !char.is_control()).collect()
}

/// A list, and from where it goes on.
pub fn page(done: &Value, key: &str, line: fn(&Value) -> String) -> String {
    let mut lines: String = list(done, key).map(line).collect();
    if let Some(next) = done.get("next").and_then(Value::as_str) {
        lines.push_str(&format!("More follow {next}.\n"));
    }
    lines
}

/// Answers.
pub fn report(done: &Value, json: bool, words: impl FnOnce(&Value) -> String) -> Result<(), Failure> {
    say(&if json { format!("{done}\n") } else { words(done) })
}

/// Writes to the standard output.
pub fn say(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| Failure::failed(error.to_string()))
}
