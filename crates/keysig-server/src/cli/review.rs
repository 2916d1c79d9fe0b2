//! `keysig review`: apps whose makers wait for an answer.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::common::Common;
use super::say::{is, list, page, plain, text};
use crate::failure::Failure;

/// Which app.
#[derive(Args, Debug)]
pub struct Which {
    /// Its client ID
    client_id: String,
    #[command(flatten)]
    common: Common,
}

/// `keysig review`.
#[derive(Subcommand, Debug)]
pub enum ReviewCommand {
    /// List apps whose review is not over
    List(Common),
    /// Show what a reviewer looks at
    Show(Which),
    /// Ask the makers of an app something
    Ask {
        #[command(flatten)]
        which: Which,
        /// What they read
        #[arg(long)]
        words: String,
    },
    /// Say that an app is reviewed
    Approve {
        #[command(flatten)]
        which: Which,
        /// What `show` calls what was seen: nothing else is approved
        #[arg(long)]
        seen: String,
        /// A word to its makers
        #[arg(long, default_value = "")]
        words: String,
    },
    /// Say that an app is not reviewed
    Refuse {
        #[command(flatten)]
        which: Which,
        /// Why: its makers read it
        #[arg(long)]
        words: String,
    },
    /// Ask the host of its home page whether it is the app's
    CheckHost(Which),
}

/// Does it.
pub async fn act(command: ReviewCommand) -> Result<(), Failure> {
    let (operation, common, given) = match command {
        ReviewCommand::List(common) => {
            return common.say("review.list", json!({}), |done| page(done, "reviews", line)).await;
        }
        ReviewCommand::CheckHost(Which { client_id, common }) => {
            return common.say("review.check-host", json!({"client_id": client_id}), host).await;
        }
        ReviewCommand::Show(Which { client_id, common }) => ("review.show", common, json!({"client_id": client_id})),
        ReviewCommand::Ask { which: Which { client_id, common }, words } => {
            ("review.ask", common, json!({"client_id": client_id, "words": words}))
        }
        ReviewCommand::Approve { which: Which { client_id, common }, seen, words } => {
            ("review.approve", common, json!({"client_id": client_id, "seen": seen, "words": words}))
        }
        ReviewCommand::Refuse { which: Which { client_id, common }, words } => {
            ("review.refuse", common, json!({"client_id": client_id, "words": words}))
        }
    };
    common.say(operation, given, dossier).await
}

fn line(app: &Value) -> String {
    let (client_id, name, state) = (text(app, "client_id"), plain(text(app, "name")), text(app, "state"));
    format!("{client_id}  {name}  {state}  asked {}\n", text(app, "asked_at"))
}

fn host(done: &Value) -> String {
    match text(done, "found") {
        "no-homepage" => "The app has no home page.\n".to_owned(),
        "named" => "The host names this app: the home page is theirs.\n".to_owned(),
        "not-named" => "The file is there and does not name this app.\n".to_owned(),
        _ => format!("The host did not show the file: {}.\n", plain(text(done, "why"))),
    }
}

fn dossier(app: &Value) -> String {
    let reviewed = if is(app, "is_reviewed") { "  reviewed" } else { "" };
    let (client_id, name, state) = (text(app, "client_id"), plain(text(app, "name")), text(app, "state"));
    let mut lines = format!("{client_id}  {name}  {state}{reviewed}\n");
    for key in ["developer", "description", "homepage", "privacy_url", "terms_url", "support_url"] {
        if !text(app, key).is_empty() {
            lines.push_str(&format!("{key:<12} {}\n", plain(text(app, key))));
        }
    }
    for uri in list(app, "redirect_uris").filter_map(Value::as_str) {
        lines.push_str(&format!("{:<12} {}\n", "address", plain(uri)));
    }
    for scope in list(app, "scopes") {
        let kind = if is(scope, "is_optional") { "optional" } else { "required" };
        let unused = if is(scope, "is_unused") { "  not used for 30 days" } else { "" };
        let (name, reason) = (text(scope, "name"), plain(text(scope, "reason")));
        lines.push_str(&format!("{:<12} {name}  {kind}{unused}  {reason}\n", "permission"));
    }
    for check in list(app, "checks") {
        let met = if is(check, "is_met") { "met" } else { "open" };
        let open: Vec<&str> = list(check, "open").filter_map(Value::as_str).collect();
        lines.push_str(&format!("{:<12} {}  {met}  {}\n", "check", text(check, "name"), plain(&open.join(" "))));
    }
    for said in list(app, "messages") {
        let (at, side, words) = (text(said, "at"), text(said, "side"), plain(text(said, "words")));
        lines.push_str(&format!("{:<12} {at}  {side}  {words}\n", "message"));
    }
    lines.push_str(&format!("{:<12} {}\n", "seen", text(app, "seen")));
    lines
}
