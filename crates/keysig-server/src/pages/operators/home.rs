//! The operator's home.

use askama::Template;

use crate::language::screen;
use crate::pages::Chrome;

/// `/admin`.
#[derive(Template)]
#[template(path = "operators/home.html")]
pub struct AdminHomePage {
    /// What surrounds the page.
    pub chrome: Chrome,
}

screen!(AdminHomePage, "admin-home");

impl AdminHomePage {
    fn section(&self) -> &'static str {
        "home"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }
}
