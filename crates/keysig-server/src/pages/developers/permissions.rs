//! Permissions (screen D5): what an app may ask for, and the page on which it asks, beside it.

use askama::Template;
use keysig_core::scope::ScopeGroup;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::pages::{Chrome, ConsentPage};

/// What an app does with a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScopeChoice {
    /// It never asks for it.
    #[default]
    NotUsed,
    /// It does not work without.
    Required,
    /// It works without: the person chooses.
    Optional,
}

impl ScopeChoice {
    /// In the order of the page.
    pub const ALL: [Self; 3] = [Self::NotUsed, Self::Required, Self::Optional];

    /// Its name in the form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotUsed => "not-used",
            Self::Required => "required",
            Self::Optional => "optional",
        }
    }

    /// Of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// A scope in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRow {
    /// Its name on the wire.
    pub scope: String,
    /// The thing.
    pub title: String,
    /// Its limit, or an example.
    pub detail: String,
    /// Where it is listed.
    pub group: ScopeGroup,
    /// What the app does with it.
    pub choice: ScopeChoice,
    /// Why, in the app's words.
    pub reason: String,
    /// What is wrong with these.
    pub problem: Option<ReasonProblem>,
    /// Nobody's account was used by it in 30 days, although the app may ask for it.
    pub is_idle: bool,
}

impl ScopeRow {
    /// What may be chosen: there is no sign-in without `openid`.
    fn choices(&self) -> &'static [ScopeChoice] {
        if self.scope == "openid" { &[ScopeChoice::NotUsed, ScopeChoice::Required] } else { &ScopeChoice::ALL }
    }

    fn is(&self, choice: &ScopeChoice) -> bool {
        self.choice == *choice
    }
}

/// What is wrong with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReasonProblem {
    /// It is longer than it may be.
    TooLong,
    /// It holds a character that nobody sees, or a second line.
    Stray,
}

/// `/dashboard/apps/{client_id}/permissions`.
#[derive(Template)]
#[template(path = "developers/permissions.html")]
pub struct PermissionsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose.
    pub app: AppHead,
    /// It was just saved.
    pub saved: bool,
    /// It may ask for all there are, also those that come later.
    pub may_all: bool,
    /// All scopes, as on the consent page.
    pub rows: Vec<ScopeRow>,
    /// The consent page that follows from them.
    pub preview: ConsentPage,
}

screen!(PermissionsPage, "dashboard-permissions");

impl PermissionsPage {
    fn section(&self) -> &'static str {
        "permissions"
    }

    fn path(&self) -> String {
        format!("/dashboard/apps/{}/permissions", self.app.client_id)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.problems().next().is_some())
    }

    fn problems(&self) -> impl Iterator<Item = (&ScopeRow, Sentence)> {
        self.rows.iter().filter_map(|row| Some((row, self.problem(row.problem.as_ref()?))))
    }

    fn problem(&self, problem: &ReasonProblem) -> Sentence {
        self.say(match problem {
            ReasonProblem::TooLong => "reason-too-long",
            ReasonProblem::Stray => "reason-stray",
        })
    }

    fn groups(&self) -> Vec<(&'static str, Vec<&ScopeRow>)> {
        let groups = [("see", ScopeGroup::See), ("change", ScopeGroup::Change), ("control", ScopeGroup::Control)];
        let of = |group| self.rows.iter().filter(|row| row.group == group).collect::<Vec<_>>();
        groups.into_iter().map(|(key, group)| (key, of(group))).filter(|(_, rows)| !rows.is_empty()).collect()
    }

    /// The card of the consent page. It is no page here, so its heading is one below this page's own.
    fn shown(&self) -> Result<String, askama::Error> {
        self.preview.card()
    }
}
