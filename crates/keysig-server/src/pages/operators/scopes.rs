//! The scopes: a list, an editor, and what it means to retire one.

use askama::Template;

use crate::language::{Lang, Sentence, screen};
use crate::pages::Chrome;

/// A scope in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRow {
    /// Its number.
    pub number: u8,
    /// Its name on the wire.
    pub name: String,
    /// What people read.
    pub title: String,
    /// `see`, `change` or `control`.
    pub group: &'static str,
    /// `S`, `P`, `C` or `W`.
    pub risk: &'static str,
    /// Whether nobody can be asked for it any more.
    pub retired: bool,
}

/// `/admin/scopes`.
#[derive(Template)]
#[template(path = "operators/scopes.html")]
pub struct ScopesPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// By number.
    pub scopes: Vec<ScopeRow>,
    /// Something was just saved.
    pub done: bool,
}

/// What was typed of a scope.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeForm {
    /// Its name.
    pub name: String,
    /// `see`, `change` or `control`.
    pub group: String,
    /// `S`, `P`, `C` or `W`.
    pub risk: String,
    /// Whether it can delete.
    pub can_delete: bool,
    /// Title, detail and promise in each language.
    pub words: Vec<(Lang, [String; 3])>,
}

/// `/admin/scopes/new` and `/admin/scopes/{number}`.
#[derive(Template)]
#[template(path = "operators/scope.html")]
pub struct ScopePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Its number, unless it is new.
    pub number: Option<u8>,
    /// Whether it is retired.
    pub retired: bool,
    /// What is in the form.
    pub form: ScopeForm,
    /// The field that will not do, and why.
    pub problem: Option<(&'static str, String)>,
}

/// `/admin/scopes/{number}/retire`.
#[derive(Template)]
#[template(path = "operators/retire_scope.html")]
pub struct RetireScopePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Its number.
    pub number: u8,
    /// Its name.
    pub name: String,
    /// Whether it is retired already: then it is about taking it back.
    pub retired: bool,
    /// In how many agreements it is.
    pub agreements: u64,
}

screen!(ScopesPage, "admin-scopes");
screen!(ScopePage, "admin-scopes");
screen!(RetireScopePage, "admin-scopes");

impl ScopesPage {
    fn section(&self) -> &'static str {
        "scopes"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }
}

impl ScopePage {
    fn section(&self) -> &'static str {
        "scopes"
    }

    fn heading(&self) -> Sentence {
        match self.number {
            Some(_) => self.say("one").text("name", &self.form.name),
            None => self.say("new"),
        }
    }

    fn action(&self) -> String {
        self.number.map_or_else(|| "/admin/scopes/new".to_owned(), |number| format!("/admin/scopes/{number}"))
    }

    fn has_problem(&self, field: &str) -> bool {
        self.problem.as_ref().is_some_and(|(wrong, _)| *wrong == field)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), self.problem.is_some())
    }
}

impl RetireScopePage {
    fn section(&self) -> &'static str {
        "scopes"
    }

    fn heading(&self) -> Sentence {
        self.say(if self.retired { "take-back" } else { "retire" }).text("name", &self.name)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}
