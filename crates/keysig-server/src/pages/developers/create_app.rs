//! A new app in three answers (screen D2).

use askama::Template;
use keysig_core::redirect_uri::RegistrationRefused;

use super::redirect_problem;
use crate::language::{Sentence, screen};
use crate::pages::Chrome;

/// What kind of program an app is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppKind {
    /// It runs on a server and keeps a secret.
    WebServer,
    /// It runs in people's hands.
    Browser,
    /// It runs in a terminal and listens on loopback.
    CommandLine,
}

impl AppKind {
    /// In the order of the page.
    pub const ALL: [Self; 3] = [Self::WebServer, Self::Browser, Self::CommandLine];

    /// Its name in a form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebServer => "web",
            Self::Browser => "browser",
            Self::CommandLine => "terminal",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewAppProblem {
    /// The name is none.
    Name,
    /// The name may be taken for another.
    LookAlike,
    /// No kind was chosen.
    Kind,
    /// The redirect URI may not be registered.
    RedirectUri(RegistrationRefused),
}

impl NewAppProblem {
    /// The field it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Name | Self::LookAlike => "name",
            Self::Kind => "kind-web",
            Self::RedirectUri(_) => "redirect_uri",
        }
    }
}

/// `/dashboard/new`.
#[derive(Template)]
#[template(path = "developers/create_app.html")]
pub struct CreateAppPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// What makes a second click harmless.
    pub key: String,
    /// Whether the app is to speak OpenID Connect.
    pub is_openid: bool,
    /// As typed.
    pub name: String,
    /// As chosen.
    pub kind: Option<AppKind>,
    /// As typed.
    pub redirect_uri: String,
    /// At most one for each field.
    pub problems: Vec<NewAppProblem>,
}

screen!(CreateAppPage, "dashboard-create");

impl CreateAppPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), !self.problems.is_empty())
    }

    fn is_chosen(&self, kind: &AppKind) -> bool {
        self.kind == Some(*kind)
    }

    fn problem_at(&self, field: &str) -> Option<Sentence> {
        self.problems.iter().find(|problem| problem.field() == field).map(|problem| self.words_for(problem))
    }

    fn words_for(&self, problem: &NewAppProblem) -> Sentence {
        match problem {
            NewAppProblem::Name => self.say("name-wrong"),
            NewAppProblem::LookAlike => self.say("name-look-alike"),
            NewAppProblem::Kind => self.say("kind-missing"),
            NewAppProblem::RedirectUri(reason) => redirect_problem(self.words(), *reason),
        }
    }
}
