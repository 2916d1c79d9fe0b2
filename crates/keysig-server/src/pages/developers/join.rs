//! How somebody becomes a developer.

use askama::Template;

use crate::language::screen;
use crate::pages::Chrome;

/// `/dashboard/join`.
#[derive(Template)]
#[template(path = "developers/join.html")]
pub struct JoinPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whether everybody may.
    pub is_open: bool,
}

screen!(JoinPage, "dashboard-apps");

impl JoinPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("join-heading").text("brand", &self.chrome.brand), false)
    }
}
