//! `keysig audit`.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};

use super::common::Common;
use super::say::{count, list, page, plain, report, say, text};
use crate::actions::audit::Line;
use crate::actions::audit_copy;
use crate::failure::Failure;

/// Which records.
#[derive(Args, Debug)]
pub struct Filter {
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
}

impl Filter {
    /// As it is asked for, with one more member.
    fn with(&self, name: &str, value: &str) -> Value {
        let Self { actor, action, app, user, from, until } = self;
        json!({"actor": actor, "action": action, "app": app, "user": user, "from": from, "until": until, name: value})
    }
}

/// As what a copy is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum FormatName {
    /// A JSON object a line
    Ndjson,
    /// A table
    Csv,
}

/// `keysig audit`.
#[derive(Subcommand, Debug)]
pub enum AuditCommand {
    /// The records, the latest first
    List {
        #[command(flatten)]
        filter: Filter,
        /// Go on before this record
        #[arg(long, value_name = "ID", default_value = "")]
        before: String,
        #[command(flatten)]
        common: Common,
    },
    /// Check that no record was altered or taken away; exit code 1 if one was
    Verify(Common),
    /// Take a copy, which is itself recorded
    Export {
        #[command(flatten)]
        filter: Filter,
        /// As what
        #[arg(long, value_enum, default_value_t = FormatName::Ndjson)]
        format: FormatName,
        /// Write it to a new file [default: the standard output]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
}

/// Does it.
pub async fn act(command: AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::List { filter, before, common } => {
            common.say("audit.list", filter.with("before", &before), |done| page(done, "records", record)).await
        }
        AuditCommand::Verify(common) => {
            let done = common.act("audit.verify", json!({})).await?;
            report(&done, common.json, |done| {
                let (records, chains) = (count(done, "records"), count(done, "chains"));
                format!("Records: {records}, chains: {chains}, checkpoints: {}.\n", count(done, "checkpoints"))
            })?;
            match done.get("broken").and_then(Value::as_str) {
                Some(broken) => Err(Failure::failed(broken)),
                None => Ok(()),
            }
        }
        AuditCommand::Export { filter, format, out, common } => export(&filter, format, out, &common).await,
    }
}

async fn export(filter: &Filter, format: FormatName, out: Option<PathBuf>, common: &Common) -> Result<(), Failure> {
    let mut file: Box<dyn Write + Send> = match &out {
        None => Box::new(std::io::stdout()),
        Some(path) => {
            // Whoever may read the directory is not whoever may read the audit; and nothing is written over.
            let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
            Box::new(opened.map_err(|error| Failure::of_file(path, error))?)
        }
    };
    let is_csv = format == FormatName::Csv;
    let desk = common.target.desk().await?;
    let copied = async {
        desk.act("audit.export", filter.with("format", if is_csv { "csv" } else { "ndjson" })).await?;
        let (mut before, mut copied) = (String::new(), 0_u64);
        loop {
            let done = desk.act("audit.list", filter.with("before", &before)).await?;
            let mut lines = Vec::new();
            for record in list(&done, "records") {
                let line: Line = serde_json::from_value(record.clone())
                    .map_err(|error| Failure::failed(format!("a record cannot be read: {error}")))?;
                lines.push(line);
            }
            let read = u64::try_from(lines.len()).unwrap_or(u64::MAX);
            let text = audit_copy::lines(lines.into_iter(), is_csv, copied == 0);
            file.write_all(&text).map_err(|error| Failure::failed(error.to_string()))?;
            copied += read;
            match done.get("next").and_then(Value::as_str) {
                Some(next) => next.clone_into(&mut before),
                None => break,
            }
        }
        file.flush().map_err(|error| Failure::failed(error.to_string()))?;
        Ok(copied)
    };
    let copied = copied.await;
    desk.close().await;
    let copied = copied?;
    match out {
        // The copy is the answer.
        None => Ok(()),
        Some(_) if common.json => say(&format!("{}\n", json!({"records": copied}))),
        Some(_) => say(&format!("Records: {copied}.\n")),
    }
}

fn record(record: &Value) -> String {
    let who = record.get("actor").and_then(Value::as_str).unwrap_or("command-line");
    let key = match text(record, "by_key") {
        "" => String::new(),
        key => format!(" by {}", plain(key)),
    };
    let (at, action) = (text(record, "at"), text(record, "action"));
    format!("{}  {at}  {who}{key}  {action}  {}\n", text(record, "id"), plain(text(record, "about")))
}
