//! `keysig inspect`.

use clap::Args;
use serde_json::{Value, json};

use super::common::Common;
use super::say::{list, plain, text};
use crate::failure::Failure;

/// What is looked at.
#[derive(Args, Debug)]
pub struct InspectArgs {
    /// The address that a program opened, the whole of it
    url: String,
    #[command(flatten)]
    common: Common,
}

/// Does it.
pub async fn act(args: InspectArgs) -> Result<(), Failure> {
    args.common.say("inspect", json!({"url": args.url}), found).await
}

fn found(done: &Value) -> String {
    if let Some(refused) = done.get("refused").filter(|refused| !refused.is_null()) {
        let (title, cause, fix) = (text(refused, "title"), text(refused, "cause"), text(refused, "fix"));
        let mut lines = format!("Refused: {}\n{}\n{}\n", plain(title), plain(cause), plain(fix));
        for fact in list(refused, "facts") {
            lines.push_str(&format!("  {}: {}\n", text(fact, "name"), plain(text(fact, "value"))));
        }
        return lines;
    }
    let warnings = list(done, "warnings").filter_map(Value::as_str).map(|warning| format!("But: {}\n", plain(warning)));
    "It would pass, or lead to a page that asks the person.\n".to_owned() + &warnings.collect::<String>()
}
