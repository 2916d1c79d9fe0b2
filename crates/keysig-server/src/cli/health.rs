//! `keysig health`, and `keysig app check`.

use serde_json::{Value, json};

use super::common::Common;
use super::say::{report, text};
use crate::doctor;
use crate::failure::Failure;

/// How the server is.
pub async fn act(common: Common) -> Result<(), Failure> {
    checked(&common, "health", json!({})).await
}

/// Asks for checks; a failure if something is broken.
pub async fn checked(common: &Common, operation: &str, given: Value) -> Result<(), Failure> {
    let done = common.act(operation, given).await?;
    report(&done, common.json, doctor::in_words)?;
    match text(&done, "verdict") {
        "broken" => Err(Failure::failed("something is broken")),
        _ => Ok(()),
    }
}
