//! Development or live.

use askama::Template;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::pages::Chrome;

/// Something that people look for in an app that everybody may log in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveCheck {
    /// The operator looked at it.
    Reviewed,
    /// It is somewhere else than on its developer's machine.
    RedirectUri,
    /// A home page.
    Homepage,
    /// A privacy policy.
    Privacy,
    /// What it does with data.
    KeepsData,
    /// A secret that works.
    Secret,
}

impl LiveCheck {
    const fn key(self) -> &'static str {
        match self {
            Self::Reviewed => "check-reviewed",
            Self::RedirectUri => "check-redirect-uri",
            Self::Homepage => "check-homepage",
            Self::Privacy => "check-privacy",
            Self::KeepsData => "check-keeps-data",
            Self::Secret => "check-secret",
        }
    }
}

/// `/dashboard/apps/{client_id}/mode`.
#[derive(Template)]
#[template(path = "developers/mode.html")]
pub struct ModePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose mode.
    pub app: AppHead,
    /// It was just changed.
    pub done: bool,
    /// It was to go live, and may not.
    pub was_refused: bool,
    /// Policy keeps it in development until it is reviewed.
    pub held_back: bool,
    /// What people look for, and whether it is there.
    pub checks: Vec<(LiveCheck, bool)>,
    /// How many people have it connected.
    pub people: u64,
    /// Of an app that nobody reviewed: how many people gave it what can change their things, and how many may.
    pub bound: Option<(u64, u32)>,
}

screen!(ModePage, "dashboard-mode");

impl ModePage {
    fn section(&self) -> &'static str {
        "mode"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.was_refused)
    }

    fn check(&self, check: &LiveCheck, has: &bool) -> Sentence {
        self.say(check.key()).choice("has", if *has { "yes" } else { "no" })
    }

    fn bounded(&self, at_risk: &u64, most: &u32) -> Sentence {
        self.say("bounded").count("n", *most).text("at-risk", at_risk)
    }
}
