//! Error pages (ux §8): what happened, that nothing was shared, the next step, and a closed corner for developers.

use askama::Template;

use super::{Chrome, WebAddress, screen, unmarked};

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
    /// What happened, as heading. `{app}` stands for the app's name.
    pub title: String,
    /// What to do now. `{app}` stands for the app's name.
    pub sentence: String,
    /// The app's name, if the request got as far as naming one.
    pub app_name: Option<String>,
    /// Whether "Nothing was shared." is worth saying.
    pub nothing_shared: bool,
    /// The way on, as a button.
    pub next_step: Option<NextStep>,
    /// The text that scripts written for other servers look for: word for word in the page, and the whole answer where
    /// HTML is not accepted.
    pub legacy_text: String,
    /// The cause or the fix, in a sentence for developers.
    pub hint: Option<String>,
    /// Names and values for developers, in a closed part of the page.
    pub details: Vec<(&'static str, String)>,
}

screen!(ErrorPage, "error");

/// The button of an error page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// "Open peek.example".
    OpenApp(WebAddress),
    /// A page of ours: its label and its path.
    Ours(&'static str, &'static str),
}

impl ErrorPage {
    fn app(&self) -> &str {
        self.app_name.as_deref().unwrap_or("the app")
    }

    fn page_title(&self) -> String {
        format!("{} – {}", self.title.replace("{app}", &unmarked(self.app())), unmarked(&self.chrome.brand))
    }

    /// A sentence around the place of the app's name, so that the template can fence the name in.
    fn around_app(text: &str) -> (&str, Option<&str>) {
        text.split_once("{app}").map_or((text, None), |(before, after)| (before, Some(after)))
    }
}
