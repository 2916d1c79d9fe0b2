//! My apps (screen D1).

use askama::Template;

use super::AppHead;
use crate::language::screen;
use crate::pages::Chrome;

/// An app in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRow {
    /// Which.
    pub head: AppHead,
    /// How many people use it.
    pub users: u64,
    /// How many of its requests were refused in the last 24 hours.
    pub refused: u64,
}

/// `/dashboard`.
#[derive(Template)]
#[template(path = "developers/my_apps.html")]
pub struct MyAppsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// One was just deleted.
    pub deleted: bool,
    /// Those that others want to hand over to them.
    pub offered: Vec<AppHead>,
    /// Theirs, by name.
    pub apps: Vec<AppRow>,
    /// Where the sample app is, if there is one.
    pub sample_app: Option<String>,
}

screen!(MyAppsPage, "dashboard-apps");

impl MyAppsPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }
}
