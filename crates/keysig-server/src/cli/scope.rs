//! `keysig scope`: what apps can ask for, and the words people read.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};

use super::common::Common;
use super::say::{count, is, page, plain, text};
use crate::failure::Failure;

/// Which scope.
#[derive(Args, Debug)]
pub struct Which {
    /// Its name or number
    scope: String,
    #[command(flatten)]
    common: Common,
}

/// What a scope does.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum GroupName {
    /// Reads
    See,
    /// Writes
    Change,
    /// Steers playback
    Control,
}

/// How much harm a scope can do.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
pub enum RiskName {
    /// Sees a little
    S,
    /// Sees personal things
    P,
    /// Controls playback
    C,
    /// Changes things
    W,
}

/// Words by language.
#[derive(Args, Debug)]
pub struct Words {
    /// What it gives, in bold on the consent page; give it again for each language
    #[arg(long = "title", value_name = "LANG=WORDS", value_parser = said)]
    titles: Vec<(String, String)>,
    /// The limit or an example; give it again for each language
    #[arg(long = "detail", value_name = "LANG=WORDS", value_parser = said)]
    details: Vec<(String, String)>,
    /// How its absence is named; give it again for each language
    #[arg(long = "will-not", value_name = "LANG=WORDS", value_parser = said)]
    will_not: Vec<(String, String)>,
}

fn said(text: &str) -> Result<(String, String), String> {
    let (lang, words) = text.split_once('=').ok_or("it is LANG=WORDS, such as en=Your\u{a0}tickets")?;
    Ok((lang.to_owned(), words.to_owned()))
}

impl Words {
    fn by_language(self, is_new: bool) -> Value {
        let mut words = Map::new();
        for (part, said) in [("title", self.titles), ("detail", self.details), ("will_not", self.will_not)] {
            for (lang, said) in said {
                let nothing = || if is_new { json!({"title": "", "detail": "", "will_not": ""}) } else { json!({}) };
                let of_lang = words.entry(lang).or_insert_with(nothing);
                if let Some(of_lang) = of_lang.as_object_mut() {
                    of_lang.insert(part.to_owned(), said.into());
                }
            }
        }
        words.into()
    }
}

/// `keysig scope`.
#[derive(Subcommand, Debug)]
pub enum ScopeCommand {
    /// List what apps can ask for
    List(Common),
    /// Show a scope
    Show(Which),
    /// Make a scope
    Add {
        /// Its name on the wire
        name: String,
        /// What it does
        #[arg(long, value_enum)]
        group: GroupName,
        /// How much harm it can do
        #[arg(long, value_enum, ignore_case = true)]
        risk: RiskName,
        /// It allows deleting
        #[arg(long)]
        can_delete: bool,
        #[command(flatten)]
        words: Words,
        #[command(flatten)]
        common: Common,
    },
    /// Word a scope anew; a higher risk asks everybody who agreed again
    Set {
        #[command(flatten)]
        which: Which,
        /// What it does
        #[arg(long, value_enum)]
        group: Option<GroupName>,
        /// How much harm it can do: it can only rise
        #[arg(long, value_enum, ignore_case = true)]
        risk: Option<RiskName>,
        /// Whether it allows deleting
        #[arg(long)]
        can_delete: Option<bool>,
        #[command(flatten)]
        words: Words,
    },
    /// Take a scope from what apps can ask for; whoever agreed keeps it
    Retire(Which),
    /// Offer a retired scope again
    Restore(Which),
}

/// A choice as it is written.
fn name_of(value: impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

/// Does it.
pub async fn act(command: ScopeCommand) -> Result<(), Failure> {
    let (operation, Which { scope, common }) = match command {
        ScopeCommand::List(common) => {
            return common.say("scope.list", json!({}), |done| page(done, "scopes", line)).await;
        }
        ScopeCommand::Add { name, group, risk, can_delete, words, common } => {
            let words = words.by_language(true);
            let (group, risk) = (name_of(group), name_of(risk));
            let given = json!({"name": name, "group": group, "risk": risk, "can_delete": can_delete, "words": words});
            return common.say("scope.add", given, details).await;
        }
        ScopeCommand::Set { which: Which { scope, common }, group, risk, can_delete, words } => {
            let (group, risk) = (group.and_then(name_of), risk.and_then(name_of));
            let words = words.by_language(false);
            let given = json!({"scope": scope, "group": group, "risk": risk, "can_delete": can_delete, "words": words});
            return common.say("scope.set", given, details).await;
        }
        ScopeCommand::Show(which) => ("scope.show", which),
        ScopeCommand::Retire(which) => ("scope.retire", which),
        ScopeCommand::Restore(which) => ("scope.restore", which),
    };
    common.say(operation, json!({"scope": scope}), details).await
}

fn line(scope: &Value) -> String {
    let retired = if is(scope, "retired") { "  retired" } else { "" };
    let (number, name) = (count(scope, "number"), text(scope, "name"));
    format!("{number:>3}  {name}  {}  {}{retired}\n", text(scope, "group"), text(scope, "risk"))
}

fn details(scope: &Value) -> String {
    let mut lines = line(scope);
    for (lang, words) in scope.get("words").and_then(Value::as_object).into_iter().flatten() {
        let (title, detail) = (plain(text(words, "title")), plain(text(words, "detail")));
        lines.push_str(&format!("  {lang}  {title}: {detail}\n"));
    }
    lines
}
