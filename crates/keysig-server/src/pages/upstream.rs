//! Signing in through other providers (`docs/upstream.md`): the buttons on the sign-in page, the section of the Security
//! page, and the pages on the way there and back.

use askama::Template;

use super::{Account, Chrome, Lang, Sentence, WebAddress, When, Words, screen};

const SCREEN: &str = "upstream";

/// Why somebody who went to a provider is still not signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpstreamProblem {
    /// They, or the provider, said no.
    Declined,
    /// It does not answer.
    Down,
    /// Its answer is not believed.
    Refused,
    /// Too late, used before, or begun in another browser.
    Stale,
    /// The operator closed the account here.
    Closed,
    /// Many tries from this block of addresses.
    TooMany,
}

impl UpstreamProblem {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Declined, Self::Down, Self::Refused, Self::Stale, Self::Closed, Self::TooMany];

    /// Its name in addresses and of its words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::Down => "down",
            Self::Refused => "refused",
            Self::Stale => "stale",
            Self::Closed => "closed",
            Self::TooMany => "too-many",
        }
    }

    /// From an address.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.name() == name)
    }

    const fn key(self) -> &'static str {
        match self {
            Self::Declined => "problem-declined",
            Self::Down => "problem-down",
            Self::Refused => "problem-refused",
            Self::Stale => "problem-stale",
            Self::Closed => "problem-closed",
            Self::TooMany => "problem-too-many",
        }
    }
}

/// A provider to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its name in addresses.
    pub id: String,
    /// Its name on the button.
    pub name: String,
}

/// `parts/upstreams.html`: a button for each provider. Each posts `csrf` and, in a login flow, `tx` to `/login/upstream/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UpstreamButtons {
    /// The language of the page.
    pub lang: Lang,
    /// The ticket of the sign-in form.
    pub csrf: String,
    /// The pending authorization request.
    pub tx: Option<String>,
    /// On "Confirm it's you": where that leads. Then each posts it, and `csrf`, to `/account/confirm/upstream/{id}`.
    pub next: Option<String>,
    /// The providers.
    pub offered: Vec<Offered>,
    /// Where somebody comes back from, and why it led nowhere.
    pub problem: Option<(String, UpstreamProblem)>,
}

impl UpstreamButtons {
    pub(super) fn say(&self, key: &'static str) -> Sentence {
        self.lang.words(SCREEN).say(key)
    }

    /// What went wrong, in words.
    pub(super) fn problem(&self) -> Option<Sentence> {
        let (name, problem) = self.problem.as_ref()?;
        Some(self.say(problem.key()).name("provider", name))
    }
}

/// A linked account, on the Security page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedAccount {
    /// In its address.
    pub id: String,
    /// The provider's name.
    pub provider: String,
    /// What they are called there; may be empty.
    pub name: String,
    /// Since when.
    pub since: When,
    /// When it was last used.
    pub last_used: When,
}

/// Other ways to sign in, a part of the Security page.
#[derive(Template, Debug, Clone, PartialEq, Eq, Default)]
#[template(path = "parts/security_upstreams.html")]
pub struct UpstreamSection {
    /// The language of the page.
    pub lang: Lang,
    /// The accounts that are linked.
    pub linked: Vec<LinkedAccount>,
    /// The providers that are not.
    pub offered: Vec<Offered>,
}

impl UpstreamSection {
    fn words(&self) -> Words {
        self.lang.words(SCREEN)
    }

    fn say(&self, key: &'static str) -> Sentence {
        self.words().say(key)
    }
}

/// "Continue to GitHub": the way to a provider after a form POST (see [`super::LeavingPage`] for why it is a page).
#[derive(Template)]
#[template(path = "to_provider.html")]
pub struct ToProviderPage {
    chrome: Chrome,
    provider: String,
    destination: WebAddress,
}

screen!(ToProviderPage, "upstream");

impl ToProviderPage {
    /// `url` is the provider's address with its parameters; `None` if it is no web address.
    #[must_use]
    pub fn new(chrome: Chrome, provider: String, url: &str) -> Option<Self> {
        let chrome = Chrome { back: None, ..chrome };
        Some(Self { destination: WebAddress::parse(url)?, chrome, provider })
    }

    fn page_title(&self) -> String {
        let heading = self.say("leaving").name("provider", &self.provider);
        self.chrome.title(self.words(), &heading, false)
    }
}

/// What is asked of somebody who proved an account elsewhere that belongs to nobody here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkingQuestion {
    /// Whether to link it to the account they are signed in to.
    Link {
        /// That account.
        account: Account,
    },
    /// Their address has an account here: whether to sign in to that.
    AccountExists,
    /// Whether to make an account.
    SignUp {
        /// What they will be called, as typed or as the provider says.
        display_name: String,
        /// What was typed is no name.
        failed: bool,
    },
    /// No account may be made by it; they may have one here.
    NoAccount {
        /// Because the provider does not know the address to be theirs.
        unconfirmed: bool,
        /// Anybody may make one by an address of theirs.
        may_sign_up: bool,
    },
}

/// `/account/linking`. Posts `decision` (`link`, `sign-in`, `sign-up`, `leave`), `id`, `csrf` and `display_name` there.
#[derive(Template)]
#[template(path = "linking.html")]
pub struct LinkingPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Which of those that waited in this browser.
    pub id: String,
    /// The provider's name.
    pub provider: String,
    /// What they are called there; may be empty.
    pub name: String,
    /// Their address there.
    pub email: Option<String>,
    /// The question.
    pub question: LinkingQuestion,
}

screen!(LinkingPage, "upstream");

impl LinkingPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.failed() { 422 } else { 200 }
    }

    fn failed(&self) -> bool {
        matches!(self.question, LinkingQuestion::SignUp { failed: true, .. })
    }

    fn heading(&self) -> Sentence {
        let key = match self.question {
            LinkingQuestion::Link { .. } => "link-heading",
            LinkingQuestion::AccountExists => "exists-heading",
            LinkingQuestion::SignUp { .. } => "sign-up-heading",
            LinkingQuestion::NoAccount { .. } => "no-account-heading",
        };
        self.say(key).name("provider", &self.provider)
    }

    /// The account elsewhere as its owner knows it: its name, or its address, or both.
    fn theirs(&self) -> Sentence {
        match (self.name.as_str(), self.email.as_deref()) {
            ("", None) => self.say("theirs-nameless"),
            (name, Some(email)) if !name.is_empty() => {
                self.say("theirs-both").strong("name", name).name("email", email)
            }
            (name, email) => self.say("theirs").strong("name", email.unwrap_or(name)),
        }
        .name("provider", &self.provider)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), self.failed())
    }
}

/// `/account/security/upstream/{id}/link`: what happens, before somebody is sent to a provider to link an account.
#[derive(Template)]
#[template(path = "upstream_link.html")]
pub struct UpstreamLinkPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The provider.
    pub provider: Offered,
}

screen!(UpstreamLinkPage, "upstream");

impl UpstreamLinkPage {
    fn heading(&self) -> Sentence {
        self.say("link-heading").name("provider", &self.provider.name)
    }

    fn section(&self) -> &'static str {
        "security"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}

/// `/account/security/upstream/{id}/unlink`: what happens, before an account elsewhere is unlinked.
#[derive(Template)]
#[template(path = "upstream_unlink.html")]
pub struct UpstreamUnlinkPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The account.
    pub linked: LinkedAccount,
}

screen!(UpstreamUnlinkPage, "upstream");

impl UpstreamUnlinkPage {
    fn heading(&self) -> Sentence {
        self.say("unlink-heading").name("provider", &self.linked.provider)
    }

    fn section(&self) -> &'static str {
        "security"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}

/// Why an account elsewhere was not linked or unlinked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkProblem {
    /// It is another person's here.
    Taken,
    /// They have one of that provider already.
    HasOne,
    /// Nothing else would let them in.
    LastWay,
    /// On the way to the provider and back.
    Journey(UpstreamProblem),
    /// It was not shown that it is them: on the way, or by another account there.
    NotConfirmed(Option<UpstreamProblem>),
}

/// A link that was not made, or not taken away, and the way back to the Security page.
#[derive(Template)]
#[template(path = "upstream_problem.html")]
pub struct UpstreamProblemPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The provider's name.
    pub provider: String,
    /// What went wrong.
    pub problem: LinkProblem,
}

screen!(UpstreamProblemPage, "upstream");

impl UpstreamProblemPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.problem {
            LinkProblem::Taken | LinkProblem::HasOne | LinkProblem::LastWay => 409,
            LinkProblem::NotConfirmed(None) => 403,
            LinkProblem::Journey(problem) | LinkProblem::NotConfirmed(Some(problem)) => match problem {
                UpstreamProblem::Down => 502,
                UpstreamProblem::TooMany => 429,
                _ => 400,
            },
        }
    }

    fn heading(&self) -> Sentence {
        let key = match self.problem {
            LinkProblem::LastWay => "not-unlinked",
            LinkProblem::NotConfirmed(_) => "not-confirmed",
            LinkProblem::Taken | LinkProblem::HasOne | LinkProblem::Journey(_) => "not-linked",
        };
        self.say(key).name("provider", &self.provider)
    }

    fn reason(&self) -> Sentence {
        let key = match self.problem {
            LinkProblem::Taken => "taken",
            LinkProblem::HasOne => "has-one",
            LinkProblem::LastWay => "last-way",
            LinkProblem::NotConfirmed(None) => "another-account",
            LinkProblem::Journey(problem) | LinkProblem::NotConfirmed(Some(problem)) => problem.key(),
        };
        self.say(key).name("provider", &self.provider)
    }

    fn section(&self) -> &'static str {
        "security"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}
