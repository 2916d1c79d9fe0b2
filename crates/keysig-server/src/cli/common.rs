//! What the commands of operators have in common: each asks for one of [`crate::operations::OPERATIONS`].

use clap::Args;
use serde_json::Value;

use super::commands::Target;
use super::say::report;
use crate::failure::Failure;

/// On which store, and how it is answered.
#[derive(Args, Debug)]
pub struct Common {
    #[command(flatten)]
    pub(super) target: Target,
    /// Answer with JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Common {
    /// Does it; what came of it.
    pub async fn act(&self, operation: &str, given: Value) -> Result<Value, Failure> {
        let desk = self.target.desk().await?;
        let done = desk.act(operation, given).await;
        desk.close().await;
        done
    }

    /// Does it and says what came of it.
    pub async fn say(
        &self,
        operation: &str,
        given: Value,
        words: impl FnOnce(&Value) -> String,
    ) -> Result<(), Failure> {
        report(&self.act(operation, given).await?, self.json, words)
    }
}
