//! Error pages (ux §8): what happened, that nothing was shared, the next step, and a closed corner for developers.

use askama::Template;

use super::{Chrome, Sentence, WebAddress, screen};

/// An error page. Its constructors, in `refusals.rs`, hold the words of each case.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The HTTP status that goes with it.
    pub status: u16,
    /// The value of `Retry-After`, in seconds, where one is due.
    pub retry_after_seconds: Option<u64>,
    /// What happened, as heading.
    pub title: Sentence,
    /// What to do now.
    pub sentence: Sentence,
    /// Whether "Nothing was shared." is worth saying.
    pub nothing_shared: bool,
    /// The way on, as a button.
    pub next_step: Option<NextStep>,
    /// What whoever is here can do about it at once, and the words of its button.
    pub form: Option<(Sentence, ErrorForm)>,
    /// The text that scripts written for other servers look for: word for word in the page, and the whole answer where
    /// HTML is not accepted.
    pub legacy_text: String,
    /// The cause or the fix, in a sentence for developers: these read English.
    pub hint: Option<String>,
    /// Names and values for developers, in a closed part of the page.
    pub details: Vec<(&'static str, String)>,
}

screen!(ErrorPage, "error");

/// A form of an error page: whoever sends it goes on with the request that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorForm {
    /// Where it is sent.
    pub action: String,
    /// The form ticket.
    pub csrf: String,
    /// The request that waits.
    pub tx: String,
}

/// The button of an error page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// "Open peek.example".
    OpenApp(WebAddress),
    /// A page of ours: the key of its label, and its path.
    Ours(&'static str, &'static str),
}

impl ErrorPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.title, false)
    }
}
