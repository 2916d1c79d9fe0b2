//! The commands with which operators act on accounts and read the audit: faces of [`crate::actions`].

use clap::{Args, Subcommand};
use serde_json::Value;

use super::commands::{RoleName, Target, report, role, text};
use crate::actions::ask::Ask;
use crate::actions::audit::Asked;
use crate::failure::Failure;

/// On which store, and how it is answered.
#[derive(Args, Debug)]
pub struct Common {
    #[command(flatten)]
    target: Target,
    /// Answer with JSON
    #[arg(long)]
    json: bool,
}

/// Which account.
#[derive(Args, Debug)]
pub struct Whom {
    /// Their address or id
    who: String,
    #[command(flatten)]
    common: Common,
}

/// What `keysig user` does to accounts that exist.
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
    /// Show an account
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
pub async fn user(command: UserAct) -> Result<(), Failure> {
    let (request, common) = match command {
        UserAct::List { sought, after, common } => {
            let done = common.target.act(&Ask::UserList { sought, after }).await?;
            return report(&done, common.json, |done| page(done, "accounts", account));
        }
        UserAct::Show(Whom { who, common }) => (Ask::UserShow { who }, common),
        UserAct::Lock(Whom { who, common }) => (Ask::UserLock { who }, common),
        UserAct::Unlock(Whom { who, common }) => (Ask::UserUnlock { who }, common),
        UserAct::Revoke(Whom { who, common }) => (Ask::UserRevoke { who }, common),
        UserAct::ResetPassword(Whom { who, common }) => (Ask::UserResetPassword { who }, common),
        UserAct::Delete { whom: Whom { who, common }, confirm } => (Ask::UserDelete { who, typed: confirm }, common),
        UserAct::Role { whom: Whom { who, common }, role: name } => {
            (Ask::UserRole { who, role: role(name).name().to_owned() }, common)
        }
    };
    let done = common.target.act(&request).await?;
    let is_deleted = matches!(request, Ask::UserDelete { .. });
    report(&done, common.json, |done| if is_deleted { format!("Deleted: {}", account(done)) } else { account(done) })
}

/// `keysig audit`.
#[derive(Subcommand, Debug)]
pub enum AuditCommand {
    /// The records, the latest first
    List {
        /// By whom: an address or id
        #[arg(long, default_value = "")]
        actor: String,
        /// Of what, such as user-locked
        #[arg(long, default_value = "")]
        action: String,
        /// On which app: its client ID
        #[arg(long, default_value = "")]
        app: String,
        /// On whose account: an address or id
        #[arg(long, default_value = "")]
        user: String,
        /// From this day on, as 2026-11-25
        #[arg(long, default_value = "")]
        from: String,
        /// To this day, itself included
        #[arg(long, default_value = "")]
        until: String,
        /// Go on before this record
        #[arg(long, value_name = "ID", default_value = "")]
        before: String,
        #[command(flatten)]
        common: Common,
    },
    /// Check that no record was altered or taken away; exit code 1 if one was
    Verify(Common),
}

/// Does it.
pub async fn audit(command: AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::List { actor, action, app, user, from, until, before, common } => {
            let asked = Asked { actor, action, app, user, from, until };
            let done = common.target.act(&Ask::AuditList { asked, before }).await?;
            report(&done, common.json, |done| page(done, "records", record))
        }
        AuditCommand::Verify(common) => {
            let done = common.target.act(&Ask::AuditVerify {}).await?;
            report(&done, common.json, |done| {
                let count = |key: &str| done.get(key).and_then(Value::as_u64).unwrap_or_default();
                let (records, chains, checkpoints) = (count("records"), count("chains"), count("checkpoints"));
                format!("Records: {records}, chains: {chains}, checkpoints: {checkpoints}.\n")
            })?;
            match done.get("broken").and_then(Value::as_str) {
                Some(broken) => Err(Failure::failed(broken)),
                None => Ok(()),
            }
        }
    }
}

/// A list, and from where it goes on.
fn page(done: &Value, key: &str, line: fn(&Value) -> String) -> String {
    let mut lines: String = done.get(key).and_then(Value::as_array).into_iter().flatten().map(line).collect();
    if let Some(next) = done.get("next").and_then(Value::as_str) {
        lines.push_str(&format!("More follow {next}.\n"));
    }
    lines
}

fn account(account: &Value) -> String {
    let is_locked = account.get("locked").and_then(Value::as_bool).unwrap_or_default();
    let locked = if is_locked { "  locked" } else { "" };
    format!("{}  {}  {}{locked}\n", text(account, "id"), plain(text(account, "email")), text(account, "role"))
}

fn record(record: &Value) -> String {
    let who = record.get("actor").and_then(Value::as_str).unwrap_or("command-line");
    let (at, action) = (text(record, "at"), text(record, "action"));
    format!("{}  {at}  {who}  {action}  {}\n", text(record, "id"), plain(text(record, "about")))
}

/// Strangers' words without what would command a terminal.
fn plain(words: &str) -> String {
    words.chars().filter(|char| !char.is_control()).collect()
}
