//! What cannot be taken back, or stops everybody (screen D14).

use askama::Template;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::pages::{Chrome, When};

/// What is done to an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It stops until its developer lets it go on.
    Pause,
    /// It goes on.
    Resume,
    /// Everybody's access ends.
    Reset,
    /// It is offered to somebody else.
    Transfer,
    /// That offer ends.
    Withdraw,
    /// It is no more.
    Delete,
}

impl Deed {
    /// In the order of the page.
    pub const ALL: [Self; 6] = [Self::Pause, Self::Resume, Self::Reset, Self::Transfer, Self::Withdraw, Self::Delete];

    /// Its name in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Reset => "reset",
            Self::Transfer => "transfer",
            Self::Withdraw => "withdraw",
            Self::Delete => "delete",
        }
    }

    /// Of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.name() == name)
    }
}

/// `/dashboard/apps/{client_id}/danger`.
#[derive(Template)]
#[template(path = "developers/danger.html")]
pub struct DangerPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Which app.
    pub app: AppHead,
    /// The operator switched it off.
    pub is_held: bool,
    /// So many people have it connected.
    pub users: u64,
    /// To whom it is offered, and until when.
    pub offer: Option<(String, When)>,
    /// What was just done.
    pub done: Option<Deed>,
}

screen!(DangerPage, "dashboard-danger");

impl DangerPage {
    fn section(&self) -> &'static str {
        "danger"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }

    fn done(&self, deed: &Deed) -> Sentence {
        self.words().say(format!("{}-done", deed.name()))
    }

    fn offered(&self, email: &str, until: &When) -> Sentence {
        let words = self.words();
        self.say("offered").name("address", email).time("when", &until.machine(), &until.absolute(words))
    }

    /// What can be done to it as it is.
    fn ways(&self) -> Vec<(&'static str, Sentence, Sentence)> {
        let can = |deed: &Deed| match deed {
            Deed::Pause => !self.app.paused,
            Deed::Resume => self.app.paused && !self.is_held,
            Deed::Withdraw => self.offer.is_some(),
            Deed::Reset | Deed::Transfer | Deed::Delete => true,
        };
        let way = |deed: Deed| {
            let words = self.words();
            let what = words.say(format!("{}-what", deed.name())).count("n", self.users);
            (deed.name(), words.say(format!("{}-heading", deed.name())), what)
        };
        Deed::ALL.into_iter().filter(can).map(way).collect()
    }
}

/// What is wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DangerProblem {
    /// It is not the name of the app.
    NotTheName,
    /// It is no address.
    NoAddress,
    /// It is their own.
    OwnAddress,
}

/// `/dashboard/apps/{client_id}/danger/{deed}`: what will happen.
#[derive(Template)]
#[template(path = "developers/danger_ask.html")]
pub struct DangerAskPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Which app.
    pub app: AppHead,
    /// What is about to be done.
    pub deed: Deed,
    /// So many people have it connected.
    pub users: u64,
    /// What was typed.
    pub typed: String,
    /// What is wrong with it.
    pub problem: Option<DangerProblem>,
}

screen!(DangerAskPage, "dashboard-danger");

impl DangerAskPage {
    fn section(&self) -> &'static str {
        "danger"
    }

    fn heading(&self) -> Sentence {
        self.words().say(format!("{}-heading", self.deed.name()))
    }

    fn what(&self) -> Sentence {
        self.words().say(format!("{}-what", self.deed.name())).count("n", self.users)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), self.problem.is_some())
    }

    fn button(&self) -> Sentence {
        self.words().say(format!("{}-button", self.deed.name()))
    }

    fn label(&self) -> Sentence {
        match self.deed {
            Deed::Transfer => self.say("address"),
            _ => self.say("type-name").name("app", &self.app.name),
        }
    }

    fn is_typed(&self) -> bool {
        matches!(self.deed, Deed::Transfer | Deed::Delete)
    }

    fn is_harmless(&self) -> bool {
        matches!(self.deed, Deed::Resume | Deed::Withdraw)
    }

    fn says_wrong(&self, problem: &DangerProblem) -> Sentence {
        self.say(match problem {
            DangerProblem::NotTheName => "not-the-name",
            DangerProblem::NoAddress => "no-address",
            DangerProblem::OwnAddress => "own-address",
        })
    }
}
