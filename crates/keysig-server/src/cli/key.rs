//! `keysig key`: signing keys, and the end of those that seal.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::common::Common;
use super::say::{count, is, page, text};
use crate::failure::Failure;

/// Which key.
#[derive(Args, Debug)]
pub struct Which {
    /// Its name in the JWKS, or the number of a sealing key in eight hexadecimal digits
    kid: String,
    #[command(flatten)]
    common: Common,
}

/// `keysig key`.
#[derive(Subcommand, Debug)]
pub enum KeyCommand {
    /// List the signing keys: next, current, retired
    List(Common),
    /// Say what would die with a key
    Show(Which),
    /// Make the next key: published at once, it signs when no cache lacks it
    Rotate {
        /// RS256, ES256 or EdDSA
        #[arg(long, value_name = "ALG")]
        algorithm: String,
        #[command(flatten)]
        common: Common,
    },
    /// End a key at once, and everything that rests on it
    Revoke(Which),
}

/// Does it.
pub async fn act(command: KeyCommand) -> Result<(), Failure> {
    let keys = |done: &Value| page(done, "keys", line);
    match command {
        KeyCommand::List(common) => common.say("key.list", json!({}), keys).await,
        KeyCommand::Show(Which { kid, common }) => common.say("key.show", json!({"kid": kid}), reach).await,
        KeyCommand::Rotate { algorithm, common } => {
            common.say("key.rotate", json!({"algorithm": algorithm}), keys).await
        }
        KeyCommand::Revoke(Which { kid, common }) => common.say("key.revoke", json!({"kid": kid}), keys).await,
    }
}

fn line(key: &Value) -> String {
    let (kid, algorithm, stage) = (text(key, "kid"), text(key, "algorithm"), text(key, "stage"));
    let until = match text(key, "may_go_at") {
        "" => String::new(),
        at => format!("  may go {at}"),
    };
    format!("{kid}  {algorithm}  {stage}  signs from {}{until}\n", text(key, "signs_from"))
}

fn reach(done: &Value) -> String {
    let signs = if is(done, "signs_now") { "It signs now: another one does at once, then. " } else { "" };
    format!("{signs}Tokens of at most {} logins rest on it.\n", count(done, "logins"))
}
