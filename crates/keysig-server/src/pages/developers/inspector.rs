//! The Inspector (screen D8): the list of an app's requests, and one of them.

use askama::Template;

use super::AppHead;
use crate::inspector::replay::{Reached, Verdict};
use crate::inspector::{Facts, Reason, Step, Warning};
use crate::language::{Lang, Sentence, Words, screen};
use crate::pages::{Chrome, When};

/// A request in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectorRow {
    /// Its record.
    pub id: String,
    /// When.
    pub at: When,
    /// Where it came to.
    pub step: Step,
    /// `passed`, `warned`, `shown` or `refused`.
    pub outcome: &'static str,
    /// Why it was refused.
    pub reason: Option<Reason>,
    /// Whom it was about.
    pub user: Option<String>,
    /// The id its answer had.
    pub request_id: String,
}

/// What the list is narrowed to; empty is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InspectorFilter {
    /// An outcome's name.
    pub outcome: String,
    /// A step's name.
    pub step: String,
    /// An address or name as typed.
    pub user: String,
}

/// `/dashboard/apps/{client_id}/inspector`.
#[derive(Template)]
#[template(path = "developers/inspector.html")]
pub struct InspectorPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Whose requests.
    pub app: AppHead,
    /// The latest first.
    pub rows: Vec<InspectorRow>,
    /// What is shown of them.
    pub filter: InspectorFilter,
    /// The address of the next page, if there is one.
    pub older: Option<String>,
    /// The address that shows the same anew.
    pub again: String,
    /// How many records were lost since the server started.
    pub dropped: u64,
}

screen!(InspectorPage, "dashboard-inspector");

/// What stands in place of a fact that is not known.
const UNKNOWN: &str = "…";

/// A sentence about a reason, with what it names.
pub fn about(reason: Reason, part: &str, facts: &Facts) -> Sentence {
    let words = Lang::En.words("inspector-reasons");
    let fact = |name: &str| facts.iter().find(|fact| fact.name == name).map_or(UNKNOWN, |fact| fact.value.as_str());
    let mut sentence = words.say(format!("{}-{part}", reason.name()));
    for name in ["name", "nearest", "scope", "sent", "have", "length", "seconds", "message", "most", "limit"] {
        sentence = sentence.name(name, fact(name));
    }
    let known = facts.iter().find(|fact| fact.name == "known").map_or("", |fact| fact.value.as_str());
    sentence.text("known", known)
}

impl InspectorPage {
    fn section(&self) -> &'static str {
        "inspector"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }

    fn steps(&self) -> [Step; 6] {
        Step::ALL
    }

    fn outcomes(&self) -> [&'static str; 4] {
        crate::inspector::Outcome::NAMES
    }

    fn step(&self, step: Step) -> Sentence {
        self.words().say(format!("step-{}", step.name()))
    }

    fn outcome(&self, outcome: &str) -> Sentence {
        self.words().say(format!("outcome-{outcome}"))
    }

    fn title(&self, reason: &Reason) -> Sentence {
        about(*reason, "title", &Facts::new())
    }
}

/// A change that would mend what a request was refused for. What it changes comes from the record, never from the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Register the redirect URI that was sent.
    RegisterUri(String),
    /// Let the app ask for the scopes.
    EnableScopes(String),
    /// Put the person on the list; their address is typed.
    AddTestUser,
}

impl Fix {
    /// Its name in forms.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RegisterUri(_) => "register-uri",
            Self::EnableScopes(_) => "enable-scopes",
            Self::AddTestUser => "add-test-user",
        }
    }

    /// What it is about.
    pub fn about(&self) -> &str {
        match self {
            Self::RegisterUri(about) | Self::EnableScopes(about) => about,
            Self::AddTestUser => "",
        }
    }
}

/// What was sent beside what was expected: each in the part before they differ, what differs, and the part after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// As sent.
    pub sent: [String; 3],
    /// As expected.
    pub have: [String; 3],
}

impl Compared {
    /// Compares two texts from both ends.
    pub fn new(sent: &str, have: &str) -> Self {
        let (a, b): (Vec<char>, Vec<char>) = (sent.chars().collect(), have.chars().collect());
        let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
        let most = a.len().min(b.len()) - start;
        let end = a.iter().rev().zip(b.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
        let parts = |all: &[char]| {
            let part = |from: usize, to: usize| all.get(from..to).unwrap_or_default().iter().collect::<String>();
            [part(0, start), part(start, all.len() - end), part(all.len() - end, all.len())]
        };
        Self { sent: parts(&a), have: parts(&b) }
    }
}

/// `/dashboard/apps/{client_id}/inspector/{record_id}`.
#[derive(Template)]
#[template(path = "developers/inspector_record.html")]
pub struct InspectorRecordPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Whose request.
    pub app: AppHead,
    /// The form ticket.
    pub csrf: String,
    /// The request.
    pub row: InspectorRow,
    /// What the words name.
    pub facts: Facts,
    /// What should be mended although it passed.
    pub warnings: Vec<Warning>,
    /// What would mend it.
    pub fixes: Vec<Fix>,
    /// The fix that was applied a moment ago.
    pub done: bool,
    /// The fix that could not be applied.
    pub failed: bool,
    /// Sent beside expected.
    pub compared: Option<Compared>,
    /// How far it came.
    pub checks: Vec<(&'static str, Reached)>,
    /// Its parameters; of those that are not kept, what is.
    pub parameters: Vec<(String, String)>,
    /// How it would fare now.
    pub verdict: Verdict,
    /// The request as a command.
    pub curl: String,
    /// The name of the page that was shown, or of what became of it.
    pub saw: &'static str,
}

screen!(InspectorRecordPage, "dashboard-inspector");

impl InspectorRecordPage {
    fn section(&self) -> &'static str {
        "inspector"
    }

    fn heading(&self) -> Sentence {
        match self.row.reason {
            Some(reason) => about(reason, "title", &self.facts),
            None => self.words().say(format!("was-{}", self.row.outcome)),
        }
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), self.failed)
    }

    fn step(&self) -> Sentence {
        self.words().say(format!("step-{}", self.row.step.name()))
    }

    fn reason(&self, reason: &Reason, part: &str) -> Sentence {
        about(*reason, part, &self.facts)
    }

    fn warning(&self, warning: &Warning) -> Sentence {
        Lang::En.words("inspector-reasons").say(format!("warning-{}", warning.name()))
    }

    fn check(&self, name: &str) -> Sentence {
        self.words().say(format!("check-{name}"))
    }

    fn fix(&self, fix: &Fix) -> Sentence {
        self.words().say(format!("fix-{}", fix.name())).name("about", fix.about())
    }

    fn replay(&self) -> Sentence {
        verdict(self.words(), &self.verdict)
    }
}

/// How a request would fare, in words.
pub fn verdict(words: Words, verdict: &Verdict) -> Sentence {
    match verdict {
        Verdict::Passes => words.say("would-pass"),
        Verdict::Refused(reason, facts) => {
            words.say("would-be-refused").text("why", about(*reason, "title", facts).plain())
        }
        Verdict::AsBefore(_) => words.say("cannot-be-replayed"),
    }
}

/// `/dashboard/inspect`: an address that somebody pasted, looked at without signing in.
#[derive(Template)]
#[template(path = "developers/inspect.html")]
pub struct InspectPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// What was pasted.
    pub address: String,
    /// Why it cannot be looked at.
    pub problem: Option<&'static str>,
    /// What was found: why it would be refused, if it would.
    pub found: Option<Option<(Reason, Facts)>>,
}

screen!(InspectPage, "dashboard-inspector");

impl InspectPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("inspect-heading"), self.problem.is_some())
    }

    fn about(&self, reason: &Reason, part: &str, facts: &Facts) -> Sentence {
        about(*reason, part, facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_title_its_cause_and_its_fix() {
        for reason in Reason::ALL {
            for part in ["title", "cause", "fix"] {
                let said = about(*reason, part, &Facts::new()).plain();
                assert!(!said.is_empty() && !said.contains('⟦'), "{reason:?} has no {part}: {said}");
            }
            assert_eq!(Reason::from_name(reason.name()), Some(*reason));
        }
        for warning in Warning::ALL {
            let said = Lang::En.words("inspector-reasons").say(format!("warning-{}", warning.name())).plain();
            assert!(!said.contains('⟦'), "{warning:?}");
        }
    }

    #[test]
    fn each_check_has_its_words() {
        let words = Lang::En.words("dashboard-inspector");
        let names = keysig_core::authorize::Check::ALL.iter().map(|check| check.name());
        for name in names.chain(keysig_core::token_checks::TokenCheck::ALL.iter().map(|check| check.name())) {
            assert!(!words.say(format!("check-{name}")).plain().contains('⟦'), "{name}");
        }
    }

    #[test]
    fn what_differs_stands_between_what_does_not() {
        let compared = Compared::new("http://127.0.0.1:8888/callback/", "http://127.0.0.1:8888/callback");
        assert_eq!(compared.sent[1..], ["/".to_owned(), String::new()]);
        assert_eq!(compared.have[1], "");
        let compared = Compared::new("https://a.example/cb", "https://b.example/cb");
        assert_eq!(compared.sent, ["https://", "a", ".example/cb"].map(str::to_owned));
        assert_eq!(Compared::new("", "x").have[1], "x");
    }
}
