//! Usage of an app (screen D10).

use askama::Template;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::pages::{Chrome, When};

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Span {
    /// The last 24 hours, by the hour.
    #[default]
    Day,
    /// Seven days, by day.
    Week,
    /// Thirty days, by day.
    Month,
}

impl Span {
    const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The value of `?span=`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
        }
    }

    /// From its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.name() == name)
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Day => "span-24h",
            Self::Week => "span-7d",
            Self::Month => "span-30d",
        }
    }
}

/// How often what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// People who were sent back with an answer that lets the app in.
    pub logins: u64,
    /// Refused requests.
    pub refused: u64,
    /// Requests for tokens.
    pub token_requests: u64,
    /// Calls of the Web API.
    pub api_calls: u64,
    /// Answers with status 429.
    pub limited: u64,
}

/// An hour or a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRow {
    /// When it begins.
    pub begins: When,
    /// What happened in it.
    pub figures: Figures,
    /// How many people used the app; not told of an hour.
    pub people: Option<u64>,
}

/// What an app, or all apps of its developer, may ask for within 30 seconds, and have asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaLine {
    /// The key of its words.
    pub key: &'static str,
    /// So many lately.
    pub used: u32,
    /// So many at most.
    pub most: Option<u32>,
}

/// `/dashboard/apps/{client_id}/usage`.
#[derive(Template)]
#[template(path = "developers/usage.html")]
pub struct UsagePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Whose.
    pub app: AppHead,
    /// What is looked at.
    pub span: Span,
    /// The hours or days, the oldest first.
    pub rows: Vec<UsageRow>,
    /// Why requests were refused, the most frequent first.
    pub reasons: Vec<(String, u64)>,
    /// How many different people used it in all days of the span.
    pub people: u64,
    /// Its quotas.
    pub quotas: Vec<QuotaLine>,
}

screen!(UsagePage, "dashboard-usage");

/// The height of a drawing, and the width of one bar with its gap.
const HEIGHT: u64 = 60;
const STEP: u64 = 10;

/// One figure over time.
struct Chart {
    key: &'static str,
    values: Vec<u64>,
}

impl Chart {
    fn all(&self) -> u64 {
        self.values.iter().sum()
    }

    fn most(&self) -> u64 {
        self.values.iter().copied().max().unwrap_or(0)
    }

    fn width(&self) -> u64 {
        self.values.len() as u64 * STEP
    }

    /// Left edge, top and height of each bar: whatever is not nothing can be seen.
    fn bars(&self) -> Vec<(u64, u64, u64)> {
        let most = self.most().max(1);
        let shown = (0_u64..).zip(&self.values).filter(|(_, value)| **value > 0);
        shown
            .map(|(n, value)| {
                let height = (value.saturating_mul(HEIGHT) / most).max(2);
                (n * STEP, HEIGHT - height, height)
            })
            .collect()
    }
}

impl UsagePage {
    fn section(&self) -> &'static str {
        "usage"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }

    fn quota(&self, line: &QuotaLine) -> Sentence {
        match line.most {
            Some(most) => self.say("used-of").text("used", line.used).text("most", most),
            None => self.say("used-of-any").text("used", line.used),
        }
    }

    fn spans(&self) -> [(Span, bool); 3] {
        Span::ALL.map(|span| (span, span == self.span))
    }

    fn by_day(&self) -> bool {
        self.span != Span::Day
    }

    fn charts(&self) -> Vec<Chart> {
        let of = |key, value: fn(&UsageRow) -> u64| Chart { key, values: self.rows.iter().map(value).collect() };
        let mut charts = vec![
            of("logins", |row| row.figures.logins),
            of("refusals", |row| row.figures.refused),
            of("token-requests", |row| row.figures.token_requests),
            of("api-calls", |row| row.figures.api_calls),
            of("limited", |row| row.figures.limited),
        ];
        if self.by_day() {
            charts.insert(2, of("people", |row| row.people.unwrap_or(0)));
        }
        charts
    }

    fn is_empty(&self) -> bool {
        self.people == 0 && self.rows.iter().all(|row| row.figures == Figures::default())
    }

    fn label(&self, chart: &Chart) -> Sentence {
        let what = self.say(chart.key).plain();
        self.say("chart").text("what", what).count("n", chart.all()).count("most", chart.most())
    }

    /// The sum of a chart; of people, who may have come on several days, how many they are.
    fn total(&self, chart: &Chart) -> u64 {
        if chart.key == "people" { self.people } else { chart.all() }
    }

    fn begins(&self, row: &UsageRow) -> Sentence {
        let date = row.begins.date(self.words());
        if self.by_day() { date } else { self.say("at").text("date", date.plain()).text("time", row.begins.clock()) }
    }
}
