//! Brand and policy: forms of settings.

use askama::Template;

use crate::language::{Sentence, screen};
use crate::pages::Chrome;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsSection {
    /// Name, accent, links.
    Brand,
    /// Who may do what.
    Policy,
}

impl SettingsSection {
    /// In addresses and keys of sentences.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brand => "brand",
            Self::Policy => "policy",
        }
    }
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingField {
    /// Its name in the form, and the beginning of the keys of its words.
    pub key: &'static str,
    /// What it is set to, or what was typed.
    pub value: String,
    /// What it can be set to; empty where it is typed.
    pub choices: Vec<&'static str>,
    /// Whether the configuration has it, so that it is not changed here.
    pub fixed: bool,
    /// What is wrong with it, to be read after its name.
    pub problem: Option<String>,
    /// A value that would do.
    pub suggestion: Option<String>,
}

/// `/admin/brand` and `/admin/policy`.
#[derive(Template)]
#[template(path = "operators/settings.html")]
pub struct SettingsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Which.
    pub of: SettingsSection,
    /// The settings.
    pub fields: Vec<SettingField>,
    /// They were just changed.
    pub done: bool,
    /// What can be looked at before it is saved: the values of buttons.
    pub previews: Vec<&'static str>,
}

screen!(SettingsPage, "admin-settings");

impl SettingsPage {
    fn section(&self) -> &'static str {
        self.of.name()
    }

    fn of_section(&self, key: &str) -> Sentence {
        self.words().say(format!("{}-{key}", self.of.name()))
    }

    fn of_field(&self, field: &SettingField, key: &str) -> Sentence {
        self.words().say(format!("{}-{key}", field.key))
    }

    fn problem(&self, field: &SettingField) -> Sentence {
        let problem = field.problem.as_deref().unwrap_or_default();
        self.say("problem-line").text("field", self.of_field(field, "label").plain()).text("problem", problem)
    }

    /// The value in words.
    fn shown(&self, field: &SettingField) -> String {
        let chosen = field.choices.iter().find(|choice| **choice == field.value);
        chosen.map_or_else(|| field.value.clone(), |choice| self.of_field(field, choice).plain())
    }

    fn failed(&self) -> bool {
        self.fields.iter().any(|field| field.problem.is_some())
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.of_section("heading"), self.failed())
    }
}
