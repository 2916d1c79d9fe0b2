//! What one app did (receipts), and the form to report it.

use askama::Template;

use super::{Chrome, Sentence, WebAddress, When, Words, screen, wait_in};

/// Calls on one of the days that are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayOfUse {
    /// Its place from the left, from 0.
    pub n: u64,
    /// So many calls.
    pub times: u64,
}

/// One row: a day, a permission, a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseLine {
    /// The day.
    pub day: When,
    /// The permission; `None` where a call needed none.
    pub title: Option<String>,
    /// So many calls.
    pub times: u64,
    /// The last of them.
    pub last_used: When,
}

/// `/account/apps/{grant_id}`.
#[derive(Template)]
#[template(path = "app_details.html")]
pub struct AppDetailsPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The grant.
    pub grant_id: String,
    /// The app's name.
    pub name: String,
    /// What it says it is for.
    pub description: Option<String>,
    /// Its own pages, each with the key of its words.
    pub links: Vec<(&'static str, WebAddress)>,
    /// The last 30 days, the oldest first.
    pub days: Vec<DayOfUse>,
    /// The rows, the newest day first.
    pub lines: Vec<UseLine>,
}

screen!(AppDetailsPage, "connected-apps");

/// The height of the drawing.
const HEIGHT: u64 = 60;

impl AppDetailsPage {
    fn section(&self) -> &'static str {
        "apps"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("details-heading").name("name", &self.name), false)
    }

    fn most(&self) -> u64 {
        self.days.iter().map(|day| day.times).max().unwrap_or(0)
    }

    fn all(&self) -> u64 {
        self.days.iter().map(|day| day.times).sum()
    }

    /// Left edge, top and height of each bar: a day with any call has one that can be seen.
    fn bars(&self) -> Vec<(u64, u64, u64)> {
        let most = self.most().max(1);
        let used = self.days.iter().filter(|day| day.times > 0);
        used.map(|day| {
            let height = (day.times.saturating_mul(HEIGHT) / most).max(2);
            (day.n * 10, HEIGHT - height, height)
        })
        .collect()
    }
}

/// What is wrong with an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportCategory {
    /// It pretends to be another.
    Pretends,
    /// It did what nobody wanted.
    DoesMore,
    /// It misuses data.
    Data,
    /// Something else.
    Other,
}

impl ReportCategory {
    const ALL: [Self; 4] = [Self::Pretends, Self::DoesMore, Self::Data, Self::Other];

    /// The name in forms and rows.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pretends => "pretends",
            Self::DoesMore => "does-more",
            Self::Data => "data",
            Self::Other => "other",
        }
    }

    /// From its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Pretends => "report-pretends",
            Self::DoesMore => "report-does-more",
            Self::Data => "report-data",
            Self::Other => "report-other",
        }
    }
}

/// Why a report was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportError {
    /// No category.
    Missing,
    /// Too many words.
    TooLong,
    /// Too many reports.
    TooMany {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
}

impl ReportError {
    fn words(self, words: Words) -> Sentence {
        match self {
            Self::Missing => words.say("report-missing"),
            Self::TooLong => words.say("report-too-long"),
            Self::TooMany { retry_after_seconds } => {
                words.say("report-too-many").text("wait", wait_in(words, retry_after_seconds).plain())
            }
        }
    }
}

/// Reports an app. Posts `csrf`, `category` and `words` to `/account/apps/{grant_id}/report`.
#[derive(Template)]
#[template(path = "report_app.html")]
pub struct ReportAppPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The grant.
    pub grant_id: String,
    /// The app's name.
    pub name: String,
    /// What was chosen.
    pub category: Option<ReportCategory>,
    /// What was typed.
    pub words_sent: String,
    /// Why it was not taken.
    pub error: Option<ReportError>,
}

screen!(ReportAppPage, "connected-apps");

impl ReportAppPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.error {
            None => 200,
            Some(ReportError::Missing | ReportError::TooLong) => 422,
            Some(ReportError::TooMany { .. }) => 429,
        }
    }

    /// The value of `Retry-After`, in seconds, where one is due.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self.error? {
            ReportError::TooMany { retry_after_seconds } => Some(retry_after_seconds),
            ReportError::Missing | ReportError::TooLong => None,
        }
    }

    fn section(&self) -> &'static str {
        "apps"
    }

    fn categories(&self) -> [(ReportCategory, bool); 4] {
        ReportCategory::ALL.map(|category| (category, self.category == Some(category)))
    }

    fn is_missing(&self) -> bool {
        self.error == Some(ReportError::Missing)
    }

    fn is_too_long(&self) -> bool {
        self.error == Some(ReportError::TooLong)
    }

    fn page_title(&self) -> String {
        let heading = self.say("report-heading").name("name", &self.name);
        self.chrome.title(self.words(), &heading, self.error.is_some())
    }
}

/// Says thank you, and where to go on.
#[derive(Template)]
#[template(path = "reported.html")]
pub struct ReportedPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The grant.
    pub grant_id: String,
    /// The app's name.
    pub name: String,
}

screen!(ReportedPage, "connected-apps");

impl ReportedPage {
    fn section(&self) -> &'static str {
        "apps"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("report-thanks-heading"), false)
    }
}
