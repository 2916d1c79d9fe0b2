//! A screen that is one form, or that only says something: heading, sentences, fields, one button. The sign-up, recovery and
//! address screens differ in words and fields alone.

use askama::Template;

use super::{Chrome, Sentence};
use crate::language::{Lang, Words};

/// The page.
#[derive(Template)]
#[template(path = "form.html")]
pub struct FormPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Its words.
    pub words: Words,
    /// Its heading.
    pub heading: Sentence,
    /// What stands above the form.
    pub told: Vec<Sentence>,
    /// The form; none where there is nothing to do here.
    pub form: Option<Form>,
    /// What stands below the form.
    pub below: Vec<Sentence>,
    /// What is wrong with no field in particular.
    pub error: Option<Sentence>,
}

/// The form of a page.
pub struct Form {
    /// Where it is posted: a path of ours.
    pub action: &'static str,
    /// The form ticket.
    pub csrf: String,
    /// What goes along unseen.
    pub hidden: Vec<(&'static str, String)>,
    /// What is asked.
    pub fields: Vec<Field>,
    /// What the button says.
    pub button: Sentence,
}

/// A field.
pub struct Field {
    /// The name, and the id in the page.
    pub name: &'static str,
    /// What it asks.
    pub label: Sentence,
    /// What helps to answer.
    pub hint: Option<Sentence>,
    /// What is wrong with the answer.
    pub error: Option<Sentence>,
    /// The answer as it was given; of a password never.
    pub value: String,
    /// What kind of answer.
    pub kind: FieldKind,
}

/// What kind of answer a field takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// The name people are called by.
    Name,
    /// An address.
    Email,
    /// An address that is not to be changed.
    GivenEmail,
    /// A new password.
    NewPassword,
    /// The one there is.
    Password,
    /// Six digits.
    Digits,
    /// Yes or no; yes at first, or as the value says: "on" or nothing.
    Check,
    /// A language of those offered, by its tag.
    Language,
}

impl Field {
    fn input_type(&self) -> &'static str {
        match self.kind {
            FieldKind::Email | FieldKind::GivenEmail => "email",
            FieldKind::NewPassword | FieldKind::Password => "password",
            FieldKind::Name | FieldKind::Digits | FieldKind::Check | FieldKind::Language => "text",
        }
    }

    fn autocomplete(&self) -> &'static str {
        match self.kind {
            FieldKind::Name => "name",
            FieldKind::Email | FieldKind::GivenEmail => "username",
            FieldKind::NewPassword => "new-password",
            FieldKind::Password => "current-password",
            FieldKind::Digits => "one-time-code",
            FieldKind::Check | FieldKind::Language => "off",
        }
    }

    fn is_check(&self) -> bool {
        self.kind == FieldKind::Check
    }

    fn is_language(&self) -> bool {
        self.kind == FieldKind::Language
    }

    fn is_digits(&self) -> bool {
        self.kind == FieldKind::Digits
    }

    fn is_given(&self) -> bool {
        self.kind == FieldKind::GivenEmail
    }

    fn is_chosen(&self, lang: &Lang) -> bool {
        self.value == lang.tag()
    }

    /// What describes the field to those who cannot see it, hint before error.
    fn described_by(&self) -> Option<String> {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        let ids: Vec<String> = hint.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

impl FormPage {
    fn words(&self) -> Words {
        self.words
    }

    fn say(&self, key: &'static str) -> Sentence {
        self.words.say(key)
    }

    fn wrong(&self) -> Vec<(&'static str, &Sentence)> {
        let fields = self.form.iter().flat_map(|form| &form.fields);
        fields.filter_map(|field| field.error.as_ref().map(|error| (field.name, error))).collect()
    }

    fn failed(&self) -> bool {
        self.error.is_some() || !self.wrong().is_empty()
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words, &self.heading, self.failed())
    }
}
