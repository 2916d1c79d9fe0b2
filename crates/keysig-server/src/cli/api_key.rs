//! `keysig api-key`: keys of the admin API.

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::common::Common;
use super::say::{page, plain, text};
use crate::actions::api_keys::USUAL_DAYS;
use crate::failure::Failure;

/// What may be done with a key.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum KeyRole {
    /// Looks
    Viewer,
    /// Helps people: locks accounts, stops apps
    Support,
    /// Does everything
    Operator,
}

impl KeyRole {
    const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Support => "support",
            Self::Operator => "operator",
        }
    }
}

/// `keysig api-key`.
#[derive(Subcommand, Debug)]
pub enum ApiKeyCommand {
    /// Make a key, which is shown this once
    Add {
        /// What it is for
        #[arg(long)]
        name: String,
        /// What may be done with it
        #[arg(long, value_enum, default_value_t = KeyRole::Viewer)]
        role: KeyRole,
        /// For how many days it works
        #[arg(long, default_value_t = USUAL_DAYS)]
        days: u32,
        #[command(flatten)]
        common: Common,
    },
    /// List the keys
    List(Common),
    /// End a key at once
    Revoke {
        /// Its id
        id: String,
        #[command(flatten)]
        common: Common,
    },
}

/// Does it.
pub async fn act(command: ApiKeyCommand) -> Result<(), Failure> {
    match command {
        ApiKeyCommand::Add { name, role, days, common } => {
            let given = json!({"name": name, "role": role.name(), "days": days});
            let made = |done: &Value| {
                let until = done.get("key").map(|key| text(key, "expires_at")).unwrap_or_default();
                format!("{}   (shown only now; works until {until})\n", text(done, "secret"))
            };
            common.say("api-key.add", given, made).await
        }
        ApiKeyCommand::List(common) => common.say("api-key.list", json!({}), |done| page(done, "keys", line)).await,
        ApiKeyCommand::Revoke { id, common } => {
            common.say("api-key.revoke", json!({"id": id}), |done| format!("Ended: {}", line(done))).await
        }
    }
}

fn line(key: &Value) -> String {
    let maker = match text(key, "made_by") {
        "" => "command-line",
        address => address,
    };
    let used = match text(key, "last_used_at") {
        "" => "never used".to_owned(),
        at => format!("used {at}"),
    };
    let (id, name, last_four, role) =
        (text(key, "id"), plain(text(key, "name")), text(key, "last_four"), text(key, "role"));
    format!("{id}  …{last_four}  {name}  {role}  {}  until {}  {used}\n", plain(maker), text(key, "expires_at"))
}
