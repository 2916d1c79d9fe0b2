//! `keysig user`: what operators do to accounts that exist.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::commands::{RoleName, role};
use super::common::Common;
use super::say::{is, list, page, plain, text};
use crate::failure::Failure;

/// Which account.
#[derive(Args, Debug)]
pub struct Whom {
    /// Their address or id
    who: String,
    #[command(flatten)]
    common: Common,
}

/// What is done to accounts that exist.
#[derive(Subcommand, Debug)]
pub enum UserAct {
    /// Look for accounts
    List {
        /// The beginning of an address, an id, or the id of a request
        #[arg(default_value = "")]
        sought: String,
        /// Go on after this address
        #[arg(long, value_name = "EMAIL", default_value = "")]
        after: String,
        #[command(flatten)]
        common: Common,
    },
    /// List everybody who works in the operator area
    Roles(Common),
    /// Show an account: its sessions, connected apps and last events
    Show(Whom),
    /// Close an account: its sessions and connected apps end now
    Lock(Whom),
    /// Open a closed account again
    Unlock(Whom),
    /// End all sessions and connected apps of an account
    Revoke(Whom),
    /// Take the password away: a new one is chosen by mail
    ResetPassword(Whom),
    /// Delete an account and everything of it, for ever
    Delete {
        #[command(flatten)]
        whom: Whom,
        /// Its address once more
        #[arg(long, value_name = "EMAIL")]
        confirm: String,
    },
    /// Change what somebody may do
    Role {
        #[command(flatten)]
        whom: Whom,
        /// What else they may do
        #[arg(long = "to", value_enum)]
        role: RoleName,
    },
}

/// Does it.
pub async fn act(command: UserAct) -> Result<(), Failure> {
    let (operation, Whom { who, common }) = match command {
        UserAct::List { sought, after, common } => {
            let given = json!({"q": sought, "after": after});
            return common.say("user.list", given, |done| page(done, "accounts", account)).await;
        }
        UserAct::Roles(common) => {
            return common.say("user.roles", json!({}), |done| page(done, "accounts", account)).await;
        }
        UserAct::Show(Whom { who, common }) => return common.say("user.show", json!({"who": who}), details).await,
        UserAct::Delete { whom: Whom { who, common }, confirm } => {
            let given = json!({"who": who, "confirm": confirm});
            return common.say("user.delete", given, |done| format!("Deleted: {}", account(done))).await;
        }
        UserAct::Role { whom: Whom { who, common }, role: name } => {
            return common.say("user.role", json!({"who": who, "role": role(name).name()}), account).await;
        }
        UserAct::Lock(whom) => ("user.lock", whom),
        UserAct::Unlock(whom) => ("user.unlock", whom),
        UserAct::Revoke(whom) => ("user.revoke", whom),
        UserAct::ResetPassword(whom) => ("user.reset-password", whom),
    };
    common.say(operation, json!({"who": who}), account).await
}

fn account(account: &Value) -> String {
    let locked = if is(account, "locked") { "  locked" } else { "" };
    format!("{}  {}  {}{locked}\n", text(account, "id"), plain(text(account, "email")), text(account, "role"))
}

fn details(shown: &Value) -> String {
    let mut lines = account(shown);
    for session in list(shown, "sessions") {
        let (browser, address) = (plain(text(session, "user_agent")), text(session, "address"));
        lines.push_str(&format!("session  {}  {address}  {browser}\n", text(session, "last_seen_at")));
    }
    for app in list(shown, "apps") {
        let (client_id, scope) = (text(app, "client_id"), text(app, "scope"));
        lines.push_str(&format!("app      {}  {client_id}  {scope}\n", text(app, "last_used_at")));
    }
    for event in list(shown, "events") {
        let (what, about) = (text(event, "event"), plain(text(event, "about")));
        lines.push_str(&format!("event    {}  {what}  {about}\n", text(event, "at")));
    }
    lines
}
