//! `keysig app`: what operators do to apps that exist.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::common::Common;
use super::health;
use super::say::{count, is, list, page, plain, text};
use crate::failure::Failure;

/// Which app.
#[derive(Args, Debug)]
pub struct Which {
    /// Its client ID
    client_id: String,
    #[command(flatten)]
    common: Common,
}

/// What comes first.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum OrderName {
    /// The newest
    New,
    /// Those most people have connected
    Popular,
    /// Those with reports that nobody has read; no others
    Reported,
}

impl OrderName {
    const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Popular => "popular",
            Self::Reported => "reported",
        }
    }
}

/// What is done to apps that exist.
#[derive(Subcommand, Debug)]
pub enum AppAct {
    /// List apps, at most a hundred
    List {
        /// A client ID, a name, or a developer's name
        #[arg(default_value = "")]
        sought: String,
        /// What comes first
        #[arg(long, value_enum, default_value_t = OrderName::New)]
        order: OrderName,
        #[command(flatten)]
        common: Common,
    },
    /// Show an app: its addresses and the reports about it
    Show(Which),
    /// Look at what its developer should mend; exit code 1 if something is broken
    Check(Which),
    /// Stop everything of an app: no login, no refresh, no token works
    Pause {
        #[command(flatten)]
        which: Which,
        /// Why: its developer reads it
        #[arg(long)]
        why: String,
    },
    /// Let a stopped app work again
    Resume(Which),
    /// Let nobody new log in to an app; whoever has it connected goes on
    StopLogins(Which),
    /// Let everybody log in to an app again
    AllowLogins(Which),
    /// Say that an app is your own: people are not asked
    Trust(Which),
    /// Say that an app is no longer your own
    Distrust(Which),
    /// Give an app quotas of its own; what is not given is as for all apps, and 0 is any number
    Quota {
        #[command(flatten)]
        which: Which,
        /// Calls of the Web API within 30 seconds
        #[arg(long)]
        calls: Option<u32>,
        /// Token requests within 30 seconds
        #[arg(long)]
        tokens: Option<u32>,
    },
    /// Mark the reports about an app as read
    ReportsRead(Which),
}

/// Does it.
pub async fn act(command: AppAct) -> Result<(), Failure> {
    let (operation, Which { client_id, common }) = match command {
        AppAct::List { sought, order, common } => {
            let given = json!({"q": sought, "order": order.name()});
            return common.say("app.list", given, |done| page(done, "apps", line)).await;
        }
        AppAct::Pause { which: Which { client_id, common }, why } => {
            return common.say("app.pause", json!({"client_id": client_id, "why": why}), details).await;
        }
        AppAct::Quota { which: Which { client_id, common }, calls, tokens } => {
            let given = json!({"client_id": client_id, "calls": calls, "tokens": tokens});
            return common.say("app.quota", given, details).await;
        }
        AppAct::Check(Which { client_id, common }) => {
            return health::checked(&common, "app.check", json!({"client_id": client_id})).await;
        }
        AppAct::Show(which) => ("app.show", which),
        AppAct::Resume(which) => ("app.resume", which),
        AppAct::StopLogins(which) => ("app.stop-logins", which),
        AppAct::AllowLogins(which) => ("app.allow-logins", which),
        AppAct::Trust(which) => ("app.trust", which),
        AppAct::Distrust(which) => ("app.distrust", which),
        AppAct::ReportsRead(which) => ("app.reports-read", which),
    };
    common.say(operation, json!({"client_id": client_id}), details).await
}

fn line(app: &Value) -> String {
    let paused = if is(app, "paused") { "  stopped" } else { "" };
    let trusted = if is(app, "trusted") { "  trusted" } else { "" };
    let (client_id, name, users) = (text(app, "client_id"), plain(text(app, "name")), count(app, "users"));
    format!("{client_id}  {name}  {} people{paused}{trusted}\n", users)
}

fn details(app: &Value) -> String {
    let mut lines = line(app);
    lines.push_str(&format!("developer  {}  {}\n", plain(text(app, "developer")), text(app, "owner")));
    lines.push_str(&format!("mode       {}\n", text(app, "mode")));
    for uri in list(app, "redirect_uris").filter_map(Value::as_str) {
        lines.push_str(&format!("address    {}\n", plain(uri)));
    }
    for report in list(app, "reports") {
        let (category, words) = (text(report, "category"), plain(text(report, "words")));
        lines.push_str(&format!("report     {}  {category}  {words}\n", text(report, "at")));
    }
    lines
}
