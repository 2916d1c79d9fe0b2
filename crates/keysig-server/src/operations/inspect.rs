//! An authorization address, looked at.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::actions::{ActionRefused, Actor};
use crate::inspector::pasted::{self, Found, Told};
use crate::inspector::{Fact, Facts, Reason, Warning};
use crate::language::Lang;
use crate::pages::about_reason;
use crate::server::Server;

/// What is looked at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pasted {
    /// The address that a program opened, such as `https://accounts.example.com/authorize?client_id=…`.
    url: String,
}

/// How a request would fare.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Inspected {
    /// Whether it would pass, or lead to a page that asks the person.
    passes: bool,
    /// Why it would be refused.
    refused: Option<WhyRefused>,
    /// What should be mended although it would pass.
    warnings: Vec<String>,
}

/// Why a request would be refused.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct WhyRefused {
    /// The name of the reason.
    reason: &'static str,
    /// What it is called.
    title: String,
    /// The cause, in a sentence.
    cause: String,
    /// The fix, in a sentence.
    fix: String,
    /// What was sent, and what was looked for.
    facts: Vec<NamedFact>,
}

/// Something that was sent or looked for.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NamedFact {
    /// Which.
    name: String,
    /// What.
    value: String,
}

fn why(reason: Reason, facts: Facts) -> WhyRefused {
    let say = |part| about_reason(reason, part, &facts).plain();
    let (title, cause, fix) = (say("title"), say("cause"), say("fix"));
    let facts = facts.into_iter().map(|Fact { name, value }| NamedFact { name, value }).collect();
    WhyRefused { reason: reason.name(), title, cause, fix, facts }
}

fn mend(warning: Warning) -> String {
    Lang::En.words("inspector-reasons").say(format!("warning-{}", warning.name())).plain()
}

pub(super) async fn inspect(server: &Server, _: &Actor, given: Pasted) -> Result<Inspected, ActionRefused> {
    let Some(parameters) = pasted::parameters(given.url.trim()) else {
        let problem = "This is no authorization address: it has no query that can be read.".to_owned();
        return Err(ActionRefused::Invalid { field: "url", problem });
    };
    Ok(match pasted::inspect(server, Told::Operator, &parameters).await? {
        Found::Passes(warnings) => {
            Inspected { passes: true, refused: None, warnings: warnings.into_iter().map(mend).collect() }
        }
        Found::Refused(reason, facts) => {
            Inspected { passes: false, refused: Some(why(reason, facts)), warnings: Vec::new() }
        }
    })
}
