//! Test users of an app (screen D7).

use askama::Template;
use keysig_core::secret::Secret;
use keysig_core::user::Product;

use super::AppHead;
use crate::language::{Sentence, screen};
use crate::pages::{Chrome, When};

/// Why an address is not put on the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestUserProblem {
    /// It is none.
    NoAddress,
    /// Nobody has an account with it, and nobody is invited here.
    NoAccount,
    /// Another developer made the account up.
    OfAnother,
    /// The developer's lists are full.
    Full,
    /// Too many addresses were asked for.
    TooMany {
        /// In so many seconds there may be another.
        seconds: u32,
    },
}

impl TestUserProblem {
    #[cfg(test)]
    pub(super) const ALL: [Self; 5] =
        [Self::NoAddress, Self::NoAccount, Self::OfAnother, Self::Full, Self::TooMany { seconds: 30 }];

    const fn key(self) -> &'static str {
        match self {
            Self::NoAddress => "no-address",
            Self::NoAccount => "no-account",
            Self::OfAnother => "of-another",
            Self::Full => "full",
            Self::TooMany { .. } => "too-many",
        }
    }
}

/// Somebody on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestUserRow {
    /// Their id, for addresses.
    pub id: String,
    /// Their address.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// Since when, where that is known.
    pub added: Option<When>,
    /// The developer made the account up.
    pub is_fake: bool,
    /// The link that signs them in, on a test instance.
    pub login: Option<String>,
}

/// Somebody who was invited and has not come yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitedRow {
    /// The address.
    pub email: String,
    /// When.
    pub at: When,
}

/// `/dashboard/apps/{client_id}/test-users`.
#[derive(Template)]
#[template(path = "developers/test_users.html")]
pub struct TestUsersPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose list.
    pub app: AppHead,
    /// The key of what was done just now.
    pub done: Option<&'static str>,
    /// The address as it was typed.
    pub address: String,
    /// What is wrong with it.
    pub problem: Option<TestUserProblem>,
    /// The list, by address.
    pub rows: Vec<TestUserRow>,
    /// Who has not come yet.
    pub invited: Vec<InvitedRow>,
    /// The address to go on after, where there are more.
    pub next: Option<String>,
}

screen!(TestUsersPage, "dashboard-test-users");

impl TestUsersPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.problem {
            None => 200,
            Some(TestUserProblem::TooMany { .. }) => 429,
            Some(_) => 422,
        }
    }

    /// The value of `Retry-After`, where one is due.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        match self.problem {
            Some(TestUserProblem::TooMany { seconds }) => Some(u64::from(seconds)),
            _ => None,
        }
    }

    /// The key for a value of `?done=`.
    #[must_use]
    pub fn done(name: &str) -> Option<&'static str> {
        ["added", "owner", "invited", "invited-before", "uninvited", "removed", "made-before"]
            .into_iter()
            .zip([
                "done-added",
                "done-owner",
                "done-invited",
                "done-invited-before",
                "done-uninvited",
                "done-removed",
                "done-made-before",
            ])
            .find(|(known, _)| *known == name)
            .map(|(_, key)| key)
    }

    fn section(&self) -> &'static str {
        "test-users"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.problem.is_some())
    }

    fn said(&self, problem: &TestUserProblem) -> Sentence {
        let seconds = match problem {
            TestUserProblem::TooMany { seconds } => *seconds,
            _ => 0,
        };
        self.say(problem.key()).count("n", seconds)
    }

    fn at(&self, when: &When) -> Sentence {
        self.say("at").time("when", &when.machine(), &when.full(self.words()))
    }
}

/// `/dashboard/apps/{client_id}/test-users/{user}/remove`.
#[derive(Template)]
#[template(path = "developers/remove_test_user.html")]
pub struct RemoveTestUserPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose list.
    pub app: AppHead,
    /// Who goes.
    pub row: TestUserRow,
}

screen!(RemoveTestUserPage, "dashboard-test-users");

impl RemoveTestUserPage {
    fn section(&self) -> &'static str {
        "test-users"
    }

    fn heading(&self) -> Sentence {
        self.say("remove-heading").name("who", &self.row.email)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }
}

/// Why an account is not made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FakeUserProblem {
    /// No name.
    Name,
    /// No country.
    Country,
    /// There are as many as there may be.
    Full,
}

impl FakeUserProblem {
    #[cfg(test)]
    pub(super) const ALL: [Self; 3] = [Self::Name, Self::Country, Self::Full];

    const fn key(self) -> &'static str {
        match self {
            Self::Name => "fake-name-wrong",
            Self::Country => "fake-country-wrong",
            Self::Full => "fake-full",
        }
    }

    const fn field(self) -> &'static str {
        match self {
            Self::Name | Self::Full => "name",
            Self::Country => "country",
        }
    }
}

/// `/dashboard/apps/{client_id}/test-users/new`.
#[derive(Template)]
#[template(path = "developers/fake_user.html")]
pub struct FakeUserPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Whose.
    pub app: AppHead,
    /// Tells one form from another.
    pub key: String,
    /// What it is to be called.
    pub name: String,
    /// The country, two letters.
    pub country: String,
    /// The plan.
    pub product: Product,
    /// Whether its library holds something.
    pub has_library: bool,
    /// What is wrong.
    pub problem: Option<FakeUserProblem>,
}

screen!(FakeUserPage, "dashboard-test-users");

impl FakeUserPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.problem.is_some() { 422 } else { 200 }
    }

    fn section(&self) -> &'static str {
        "test-users"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("fake-heading"), self.problem.is_some())
    }

    fn is_plan(&self, product: &Product) -> bool {
        self.product == *product
    }

    fn problem_at(&self, field: &str) -> Option<Sentence> {
        self.problem.filter(|problem| problem.field() == field).map(|problem| self.say(problem.key()))
    }
}

/// The answer to that: the password is shown now or never.
#[derive(Template)]
#[template(path = "developers/fake_user_made.html")]
pub struct FakeUserMadePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Whose.
    pub app: AppHead,
    /// Its address.
    pub email: String,
    /// Its password.
    pub password: Secret,
    /// The link that signs it in, on a test instance.
    pub login: Option<String>,
}

screen!(FakeUserMadePage, "dashboard-test-users");

impl FakeUserMadePage {
    fn section(&self) -> &'static str {
        "test-users"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("made-heading"), false)
    }
}
