//! A page of the operator area that is a sheet of parts: facts, tables, forms. What they are differs from page to page, how they
//! look does not.

use askama::Template;
use keysig_core::id::LogoId;
use keysig_core::secret::Secret;

use crate::language::{Sentence, screen};
use crate::pages::Chrome;

/// The page.
#[derive(Template)]
#[template(path = "operators/sheet.html")]
pub struct AdminSheet {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Which entry of the navigation it belongs to.
    pub section: &'static str,
    /// Its heading.
    pub heading: Sentence,
    /// What was just done.
    pub done: Option<Sentence>,
    /// Its parts.
    pub parts: Vec<SheetPart>,
}

screen!(AdminSheet, "admin-area");

/// One part.
pub enum SheetPart {
    /// A sentence.
    Words(Sentence),
    /// Something good or bad to know.
    Note(bool, Sentence),
    /// What is shown this once.
    Secret {
        /// What is said of it.
        told: Sentence,
        /// It.
        value: Secret,
        /// The page of ours that leads on.
        done: String,
    },
    /// Names and values.
    Facts(Vec<(Sentence, SheetCell)>),
    /// A table.
    Table(SheetTable),
    /// A form.
    Form(SheetForm),
    /// Another page of ours as people see it, under a heading: HTML of a template, its own headings one below this page's.
    Shown(Sentence, String),
    /// Ways on, as buttons.
    Ways(Vec<(Sentence, String)>),
}

/// A table.
pub struct SheetTable {
    /// What it shows, as its heading.
    pub heading: Sentence,
    /// Its columns.
    pub head: Vec<Sentence>,
    /// Its rows.
    pub rows: Vec<Vec<SheetCell>>,
}

/// A cell, or a value of a fact. All of it may be a stranger's text.
#[derive(Clone, Debug, Default)]
pub struct SheetCell {
    /// What stands in it.
    pub text: String,
    /// The page of ours that it leads to.
    pub to: Option<String>,
    /// What stands below, smaller.
    pub below: String,
    /// How it is marked: `ok`, `warn`, or not.
    pub tag: &'static str,
    /// The picture beside it.
    pub logo: Option<LogoId>,
}

impl From<String> for SheetCell {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

impl From<&str> for SheetCell {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<Sentence> for SheetCell {
    fn from(said: Sentence) -> Self {
        said.plain().into()
    }
}

impl SheetCell {
    /// As a link to a page of ours.
    #[must_use]
    pub fn to(self, path: String) -> Self {
        Self { to: Some(path), ..self }
    }

    /// With something smaller below.
    #[must_use]
    pub fn below(self, below: impl Into<String>) -> Self {
        Self { below: below.into(), ..self }
    }

    /// With a picture, if there is one.
    #[must_use]
    pub fn with_logo(self, logo: Option<LogoId>) -> Self {
        Self { logo, ..self }
    }

    /// Marked.
    #[must_use]
    pub fn tagged(self, tag: &'static str) -> Self {
        Self { tag, ..self }
    }
}

/// A form.
pub struct SheetForm {
    /// Where it goes: a path of ours.
    pub action: String,
    /// The form ticket; none where it only asks, by GET.
    pub csrf: Option<String>,
    /// What goes along unseen.
    pub hidden: Vec<(&'static str, String)>,
    /// What stands above its fields.
    pub told: Vec<Sentence>,
    /// Its fields.
    pub fields: Vec<SheetField>,
    /// What its button says.
    pub button: Sentence,
    /// Whether it cannot be undone, or hurts.
    pub is_danger: bool,
}

/// A field.
pub struct SheetField {
    /// Its name, and its id in the page.
    pub name: &'static str,
    /// What it asks.
    pub label: Sentence,
    /// The answer as it was given.
    pub value: String,
    /// What is wrong with it.
    pub error: Option<String>,
    /// What there is to choose from: value and label; none where it is typed.
    pub choices: Vec<(String, String)>,
}

impl AdminSheet {
    fn section(&self) -> &'static str {
        self.section
    }

    fn wrong(&self) -> Vec<(&'static str, &str)> {
        let forms = self.parts.iter().filter_map(|part| match part {
            SheetPart::Form(form) => Some(form),
            _ => None,
        });
        let fields = forms.flat_map(|form| &form.fields);
        fields.filter_map(|field| Some((field.name, field.error.as_deref()?))).collect()
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading, !self.wrong().is_empty())
    }
}
