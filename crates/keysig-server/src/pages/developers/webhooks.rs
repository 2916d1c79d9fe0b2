//! Webhooks of an app (screen D9).

use askama::Template;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::pages::{Chrome, When};

/// Why an address is none that webhooks are sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookUrlProblem {
    /// Nothing was typed.
    Empty,
    /// Longer than any address has to be.
    TooLong,
    /// Not a URL with a host.
    NoAddress,
    /// Not encrypted.
    NotHttps,
    /// A name or password in front of the host.
    SignIn,
    /// A part after `#`, which is never sent.
    Fragment,
    /// A machine that only some can reach.
    NotPublic,
    /// A test server, and another machine.
    NotLoopback,
}

impl WebhookUrlProblem {
    #[cfg(test)]
    pub(super) const ALL: [Self; 8] = [
        Self::Empty,
        Self::TooLong,
        Self::NoAddress,
        Self::NotHttps,
        Self::SignIn,
        Self::Fragment,
        Self::NotPublic,
        Self::NotLoopback,
    ];

    const fn key(self) -> &'static str {
        match self {
            Self::Empty => "url-empty",
            Self::TooLong => "url-too-long",
            Self::NoAddress => "url-no-address",
            Self::NotHttps => "url-not-https",
            Self::SignIn => "url-sign-in",
            Self::Fragment => "url-fragment",
            Self::NotPublic => "url-not-public",
            Self::NotLoopback => "url-not-loopback",
        }
    }
}

/// A signing secret, told apart by its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretLine {
    /// Its last characters.
    pub last_four: String,
    /// When it was made.
    pub made_at: When,
    /// Until when it signs, in unix milliseconds, where another took its place.
    pub until: Option<i64>,
}

/// How a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Not tried yet.
    Waits,
    /// It was answered with a success.
    Arrived,
    /// It failed and is tried again.
    TriedAgain {
        /// When, in unix milliseconds.
        at_ms: i64,
    },
    /// It failed too often, or for good.
    GivenUp,
}

/// A delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryLine {
    /// Its id, for the form that retries it.
    pub id: String,
    /// Its type, as in the body.
    pub event: &'static str,
    /// When it happened.
    pub at: When,
    /// When it was tried last.
    pub tried_at: Option<When>,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub tries: u32,
    /// What was answered last.
    pub status: Option<u32>,
    /// The beginning of the answer, or why there was none: a stranger's text.
    pub answer: String,
    /// What was or will be sent.
    pub body: String,
}

/// `/dashboard/apps/{client_id}/webhooks`.
#[derive(Template)]
#[template(path = "developers/webhooks.html")]
pub struct WebhooksPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Whose.
    pub app: AppHead,
    /// The form ticket.
    pub csrf: String,
    /// Whether the app has a webhook.
    pub is_set: bool,
    /// The address, as it is or was typed.
    pub url: String,
    /// What is wrong with it.
    pub problem: Option<WebhookUrlProblem>,
    /// The key of what was done just now.
    pub done: Option<&'static str>,
    /// A signing secret that is shown this once.
    pub new_secret: Option<String>,
    /// Those that sign, the newest first.
    pub secrets: Vec<SecretLine>,
    /// The latest deliveries, the newest first.
    pub deliveries: Vec<DeliveryLine>,
}

screen!(WebhooksPage, "dashboard-webhooks");

impl WebhooksPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.problem.is_some() { 422 } else { 200 }
    }

    /// The key for a value of `?done=`.
    #[must_use]
    pub fn done(name: &str) -> Option<&'static str> {
        match name {
            "saved" => Some("done-saved"),
            "tested" => Some("done-tested"),
            "retried" => Some("done-retried"),
            "removed" => Some("done-removed"),
            _ => None,
        }
    }

    fn section(&self) -> &'static str {
        "webhooks"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.problem.is_some())
    }

    fn ahead(&self, at_ms: &i64) -> Sentence {
        let at = When::new(*at_ms, *at_ms);
        let at = self.say("at").text("date", at.date(self.words()).plain()).text("time", at.clock());
        self.say("until").text("at", at.plain())
    }

    fn state(&self, line: &DeliveryLine) -> Sentence {
        match line.state {
            DeliveryState::Waits => self.say("waits"),
            DeliveryState::Arrived => self.say("arrived"),
            DeliveryState::GivenUp => self.say("given-up").count("n", line.tries),
            DeliveryState::TriedAgain { at_ms } => {
                let at = When::new(at_ms, at_ms);
                let at = self.say("at").text("date", at.date(self.words()).plain()).text("time", at.clock());
                self.say("tried-again").count("n", line.tries).text("at", at.plain())
            }
        }
    }

    fn tone(&self, line: &DeliveryLine) -> &'static str {
        match line.state {
            DeliveryState::Arrived => "ok",
            DeliveryState::GivenUp | DeliveryState::TriedAgain { .. } => "warn",
            DeliveryState::Waits => "info",
        }
    }
}

/// `/dashboard/apps/{client_id}/webhooks/remove`.
#[derive(Template)]
#[template(path = "developers/remove_webhook.html")]
pub struct RemoveWebhookPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Whose.
    pub app: AppHead,
    /// The form ticket.
    pub csrf: String,
    /// The address that is no longer told.
    pub url: String,
}

screen!(RemoveWebhookPage, "dashboard-webhooks");

impl RemoveWebhookPage {
    fn section(&self) -> &'static str {
        "webhooks"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("remove-heading"), false)
    }
}
