//! The review of an app (screen D12).

use askama::Template;

use super::AppHead;
use crate::checklist::Checked;
use crate::language::{Sentence, screen};
use crate::pages::{Chrome, When};

/// Where a review stands, to the makers of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewStage {
    /// They have not asked.
    NotAsked,
    /// They wait.
    Waiting,
    /// They were asked something.
    AskedBack,
    /// The app is reviewed, as it is now.
    Reviewed,
    /// It was reviewed, and has changed since.
    Changed,
    /// It was refused.
    Refused,
}

impl ReviewStage {
    #[cfg(test)]
    pub(super) const ALL: [Self; 6] =
        [Self::NotAsked, Self::Waiting, Self::AskedBack, Self::Reviewed, Self::Changed, Self::Refused];

    const fn key(self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Waiting => "waiting",
            Self::AskedBack => "asked-back",
            Self::Reviewed => "reviewed",
            Self::Changed => "changed",
            Self::Refused => "refused",
        }
    }

    const fn tone(self) -> &'static str {
        match self {
            Self::Reviewed => "ok",
            Self::NotAsked | Self::Waiting => "info",
            Self::AskedBack | Self::Changed | Self::Refused => "warn",
        }
    }

    /// Whether it can be asked for without a word.
    #[must_use]
    pub const fn may_be_silent(self) -> bool {
        matches!(self, Self::NotAsked | Self::Changed)
    }

    const fn button(self) -> &'static str {
        match self {
            Self::NotAsked => "ask",
            Self::Changed | Self::Refused => "ask-again",
            Self::Waiting | Self::AskedBack | Self::Reviewed => "send",
        }
    }
}

/// Why what was written is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenProblem {
    /// Nothing is there.
    Empty,
    /// Too long, or with characters that nobody sees.
    Unreadable,
    /// Nobody has answered what was written before.
    TooMany,
    /// It was answered meanwhile.
    AnsweredMeanwhile,
    /// The app is reviewed.
    Reviewed,
}

impl WrittenProblem {
    #[cfg(test)]
    pub(super) const ALL: [Self; 5] =
        [Self::Empty, Self::Unreadable, Self::TooMany, Self::AnsweredMeanwhile, Self::Reviewed];

    const fn key(self) -> &'static str {
        match self {
            Self::Empty => "wrong-empty",
            Self::Unreadable => "wrong-unreadable",
            Self::TooMany => "wrong-too-many",
            Self::AnsweredMeanwhile => "wrong-answered",
            Self::Reviewed => "wrong-reviewed",
        }
    }
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewLine {
    /// Whether the makers of the app wrote it.
    pub is_own: bool,
    /// What.
    pub words: String,
    /// When.
    pub at: When,
}

/// `/dashboard/apps/{client_id}/review`.
#[derive(Template)]
#[template(path = "developers/review.html")]
pub struct ReviewPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose.
    pub app: AppHead,
    /// Where it stands.
    pub stage: ReviewStage,
    /// What a reviewer looks for.
    pub checks: Vec<Checked>,
    /// The oldest first.
    pub messages: Vec<ReviewLine>,
    /// Where the home page's host can say that it is the app's.
    pub host_file: Option<String>,
    /// What was typed and not sent.
    pub typed: String,
    /// Why it was not.
    pub problem: Option<WrittenProblem>,
    /// Something was sent just now.
    pub is_sent: bool,
}

screen!(ReviewPage, "dashboard-review");

impl ReviewPage {
    fn section(&self) -> &'static str {
        "review"
    }

    fn path(&self) -> String {
        format!("/dashboard/apps/{}/review", self.app.client_id)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.problem.is_some())
    }

    fn state(&self) -> Sentence {
        self.words().say(format!("state-{}", self.stage.key()))
    }

    fn state_means(&self) -> Sentence {
        self.words().say(format!("state-{}-what", self.stage.key()))
    }

    fn check(&self, check: &Checked) -> Sentence {
        self.words().say(format!("check-{}", check.point.name()))
    }

    fn mends(&self, check: &Checked) -> Sentence {
        self.words().say(format!("check-{}-open", check.point.name()))
    }
}
