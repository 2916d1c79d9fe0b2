//! Quickstart (screen D3): what a program needs to know, and a program that knows it.

use askama::Template;
use keysig_core::secret::Secret;

use super::AppHead;
use super::snippets::{Snippets, Tab};
use crate::language::{Sentence, screen};
use crate::pages::Chrome;

/// How the first login went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstLogin {
    /// Nobody tried yet.
    Waiting,
    /// The latest request was refused.
    Refused,
    /// So many people use the app.
    Worked {
        /// With a grant.
        people: u64,
    },
}

/// `/dashboard/apps/{client_id}`.
#[derive(Template)]
#[template(path = "developers/quickstart.html")]
pub struct QuickstartPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Which app.
    pub app: AppHead,
    /// Whether it was made by this very request.
    pub is_new: bool,
    /// Whether an earlier click made it, whose answer nobody saw.
    pub was_made_before: bool,
    /// Its secret, shown once.
    pub secret: Option<Secret>,
    /// The start of our addresses.
    pub server: String,
    /// The tab that is open.
    pub tab: Tab,
    /// The program, and what is around it.
    pub snippets: Snippets,
    /// How it goes.
    pub first_login: FirstLogin,
}

screen!(QuickstartPage, "dashboard-quickstart");

impl QuickstartPage {
    fn section(&self) -> &'static str {
        "quickstart"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }

    fn is_open(&self, tab: &Tab) -> bool {
        self.tab == *tab
    }

    fn program(&self) -> Result<String, askama::Error> {
        self.snippets.program(self.tab)
    }

    fn tab_name(&self, tab: &Tab) -> Sentence {
        self.words().say(format!("tab-{}", tab.name())).choice("spotipy", yes_or_no(!self.snippets.is_openid()))
    }

    fn inspector(&self) -> String {
        // Client IDs need no encoding.
        format!("/dashboard/apps/{}/inspector", self.app.client_id)
    }

    /// How to go about it.
    fn how(&self) -> Sentence {
        match (self.tab, self.snippets.has_secret()) {
            (Tab::Button, true) => self.say("how-form"),
            (Tab::Button, false) => self.say("how-page").text("uri", self.snippets.redirect_uri()),
            _ => self.say("how").text("file", self.snippets.file(self.tab)),
        }
    }

    fn commands(&self) -> Option<String> {
        self.snippets.commands(self.tab, self.secret.as_ref().map(Secret::expose))
    }
}

fn yes_or_no(is: bool) -> &'static str {
    if is { "yes" } else { "no" }
}
