//! What is said to somebody who may not, or not like this.

use askama::Template;

use crate::language::screen;
use crate::pages::Chrome;

/// Something was not done, and why.
#[derive(Template)]
#[template(path = "operators/refused.html")]
pub struct AdminRefusedPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Why, in a sentence.
    pub problem: String,
}

screen!(AdminRefusedPage, "admin-refused");

impl AdminRefusedPage {
    fn section(&self) -> &'static str {
        ""
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), true)
    }
}

/// The operator area or the dashboard asks for a second factor, and the account has none.
#[derive(Template)]
#[template(path = "operators/second_factor_first.html")]
pub struct SecondFactorFirstPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Whether it is the dashboard that asks.
    pub of_developers: bool,
}

screen!(SecondFactorFirstPage, "admin-refused");

impl SecondFactorFirstPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("first-heading"), false)
    }
}
