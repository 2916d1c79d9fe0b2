//! `keysig brand`, `keysig policy` and `keysig limits`.

use clap::Subcommand;
use serde_json::{Map, Value, json};

use super::common::Common;
use super::say::{list, plain};
use crate::failure::Failure;

/// `keysig brand`, `keysig policy`, `keysig limits`.
#[derive(Subcommand, Debug)]
pub enum SettingsCommand {
    /// Show what is set
    Show(Common),
    /// Set some of it
    Set {
        /// What to set, to what; an empty value takes it away
        #[arg(value_name = "NAME=VALUE", value_parser = setting, required = true)]
        values: Vec<(String, String)>,
        #[command(flatten)]
        common: Common,
    },
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Does it; `of` is `brand`, `policy` or `limits`.
pub async fn act(of: &str, command: SettingsCommand) -> Result<(), Failure> {
    match command {
        SettingsCommand::Show(common) => common.say(&format!("{of}.show"), json!({}), values).await,
        SettingsCommand::Set { values: asked, common } => {
            let given: Map<String, Value> = asked.into_iter().map(|(name, value)| (name, value.into())).collect();
            common.say(&format!("{of}.set"), given.into(), values).await
        }
    }
}

fn values(done: &Value) -> String {
    let is_fixed = |name: &str| list(done, "fixed").any(|fixed| fixed == name);
    let line = |(name, value): (&String, &Value)| {
        let fixed = if is_fixed(name) { "   (set in the configuration)" } else { "" };
        format!("{name} = {}{fixed}\n", plain(value.as_str().unwrap_or_default()))
    };
    done.get("values").and_then(Value::as_object).into_iter().flatten().map(line).collect()
}
