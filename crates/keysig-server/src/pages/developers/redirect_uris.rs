//! Redirect URIs (screen D4).

use askama::Template;
use keysig_core::redirect_advice::Advice;
use keysig_core::redirect_uri::RegistrationRefused;

use super::{AppHead, redirect_problem};
use crate::language::{Sentence, screen};
use crate::pages::difference::{Marked, difference};
use crate::pages::{Chrome, When};

/// Why an address was not saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UriProblem {
    /// Nothing was typed.
    Empty,
    /// What is stray in it is at its end, where nobody sees it.
    StrayAtTheEnd {
        /// What would do.
        offered: Option<String>,
    },
    /// It may not be registered.
    Refused {
        /// Why.
        reason: RegistrationRefused,
        /// What would do.
        offered: Option<String>,
    },
    /// It is registered.
    Before,
    /// There are as many as there may be.
    Full,
}

impl UriProblem {
    /// Of an address that may not be registered.
    #[must_use]
    pub fn refused(typed: &str, reason: RegistrationRefused, offered: Option<String>) -> Self {
        let is_at_the_end = offered.as_ref().is_some_and(|offered| typed.starts_with(offered.as_str()));
        match reason {
            _ if typed.trim().is_empty() => Self::Empty,
            RegistrationRefused::StrayCharacter if is_at_the_end => Self::StrayAtTheEnd { offered },
            _ => Self::Refused { reason, offered },
        }
    }

    fn offered(&self) -> Option<&String> {
        match self {
            Self::StrayAtTheEnd { offered } | Self::Refused { offered, .. } => offered.as_ref(),
            Self::Empty | Self::Before | Self::Full => None,
        }
    }
}

/// What was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UriDone {
    /// The one at this place was added.
    Saved(usize),
    /// One was removed.
    Removed,
}

/// What a tested address met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tested {
    /// One that is registered just so.
    Exactly {
        /// What was sent.
        sent: String,
    },
    /// One that is registered without a port.
    ByAnyPort {
        /// What was sent.
        sent: String,
        /// What it matches.
        registered: String,
    },
    /// None.
    Missed {
        /// What was sent.
        sent: String,
        /// The nearest of those that are registered.
        nearest: Option<String>,
        /// Why it could not be registered, if it could not.
        refused: Option<RegistrationRefused>,
    },
}

/// An address that is removed only by whoever is sure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriAsked {
    /// It.
    pub uri: String,
    /// People came back by it lately.
    pub is_in_use: bool,
    /// There is no other.
    pub is_last: bool,
    /// The address that is framed at a sign-out goes with it.
    pub and_frame: bool,
}

/// A registered address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UriRow {
    /// It.
    pub uri: String,
    /// Whether its port is free.
    pub matches_any_port: bool,
    /// When somebody last came back by it, to the hour.
    pub last_used: Option<When>,
    /// What is to be known about it.
    pub advice: Option<Advice>,
}

/// `/dashboard/apps/{client_id}/redirect-uris`.
#[derive(Template)]
#[template(path = "developers/redirect_uris.html")]
pub struct RedirectUrisPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose addresses.
    pub app: AppHead,
    /// What was typed and not saved.
    pub typed: String,
    /// Why it was not.
    pub problem: Option<UriProblem>,
    /// What was just done.
    pub done: Option<UriDone>,
    /// What a test found.
    pub tested: Option<Tested>,
    /// One that is asked about before it is removed.
    pub asked: Option<UriAsked>,
    /// All of them.
    pub rows: Vec<UriRow>,
}

screen!(RedirectUrisPage, "dashboard-redirect-uris");

impl RedirectUrisPage {
    fn section(&self) -> &'static str {
        "redirect-uris"
    }

    fn path(&self) -> String {
        format!("/dashboard/apps/{}/redirect-uris", self.app.client_id)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.problem.is_some())
    }

    fn words_for(&self, problem: &UriProblem) -> Sentence {
        match problem {
            UriProblem::Empty => self.say("empty"),
            UriProblem::StrayAtTheEnd { .. } => self.say("stray-at-the-end"),
            UriProblem::Refused { reason, .. } => redirect_problem(self.words(), *reason),
            UriProblem::Before => self.say("before"),
            UriProblem::Full => self.say("full"),
        }
    }

    /// What a button offers says what it will do: a stray character is removed, all else is used instead.
    fn offer(&self, problem: &UriProblem, offered: &str) -> Sentence {
        match problem {
            UriProblem::StrayAtTheEnd { .. }
            | UriProblem::Refused { reason: RegistrationRefused::StrayCharacter, .. } => self.say("remove-it"),
            _ => self.say("use").name("uri", offered),
        }
    }

    fn told(&self, advice: &Advice) -> Sentence {
        match advice {
            Advice::TwinBySlash => self.say("twin-slash"),
            Advice::TwinByCase => self.say("twin-case"),
            Advice::AnyPort => self.say("any-port-note"),
            Advice::ClaimableScheme(scheme) => self.say("claimable").name("scheme", format!("{scheme}:")),
        }
    }

    fn saved(&self, place: &usize) -> Sentence {
        let advice = self.rows.get(*place).and_then(|row| row.advice.as_ref());
        match advice {
            None => self.say("saved"),
            Some(Advice::TwinBySlash) => self.say("saved-twin-slash"),
            Some(Advice::TwinByCase) => self.say("saved-twin-case"),
            Some(Advice::AnyPort) => self.say("saved-any-port"),
            Some(Advice::ClaimableScheme(scheme)) => self.say("saved-claimable").name("scheme", format!("{scheme}:")),
        }
    }

    fn why_not(&self, refused: &RegistrationRefused) -> Sentence {
        redirect_problem(self.words(), *refused)
    }

    fn compared(&self, sent: &str, registered: &str) -> (Marked, Marked) {
        difference(sent, registered)
    }
}
