//! Consent (ux §2): who asks, for what, and two buttons of the same weight.

use askama::Template;
use keysig_core::consent::Until;

use super::{
    Account, AppIdentity, Chrome, DataKeeping, Destination, OptionalLine, Permissions, Sentence, WebAddress, When,
    screen,
};

/// The consent page. Posts `tx`, `csrf`, the ticked `scope`s, `until` and `decision` (`deny` or `allow`) to `/consent`;
/// client, scopes and redirect come from the stored request, never from the form. "Not you?" is a link to `/login/choose?tx=`.
#[derive(Template)]
#[template(path = "consent.html", blocks = ["main"])]
pub struct ConsentPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The pending authorization request.
    pub tx: String,
    /// The form ticket.
    pub csrf: String,
    /// Who asks.
    pub app: AppIdentity,
    /// Who is asked.
    pub account: Account,
    /// What kind of question it is.
    pub question: Question,
    /// The page before showed something else by now: it is asked again.
    pub changed: bool,
    /// What is asked for: everything at first, only what is new in `More`, nothing in `ContinueAs`.
    pub permissions: Permissions,
    /// What the person may allow besides.
    pub optional: Vec<OptionalLine>,
    /// What was allowed before.
    pub already_allowed: Permissions,
    /// From [`super::will_not`].
    pub will_not: Vec<String>,
    /// The API beside ours at which the app would act in the person's name (RFC 8707 §2).
    pub api: Option<String>,
    /// What the app says about the data it copies.
    pub keeps_data: DataKeeping,
    /// The app's privacy policy.
    pub privacy_url: Option<WebAddress>,
    /// When an earlier answer ends.
    pub ends: Option<When>,
    /// So many days an answer holds at most, and when that is over.
    pub most: Option<(u32, When)>,
}

screen!(ConsentPage, "consent");

/// What kind of question the consent page asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// There is no grant yet, or everything is asked again.
    First,
    /// The grant does not cover the request (ux B4).
    More,
    /// The grant does, but any program could claim the redirect (ux B9).
    ContinueAs,
}

impl ConsentPage {
    fn heading(&self) -> Sentence {
        match self.question {
            Question::First => self.say("heading-first").name("app", &self.app.name),
            Question::More => {
                let new = self.permissions.len() + self.optional.len();
                self.say("heading-more").name("app", &self.app.name).count("n", new)
            }
            Question::ContinueAs if self.app.destination.is_device() => {
                self.say("heading-device").name("person", &self.account.name)
            }
            Question::ContinueAs => self.say("heading-continue").name("person", &self.account.name),
        }
    }

    /// The card alone, to be shown within another page: its headings are one below that page's own.
    pub fn card(&self) -> Result<String, askama::Error> {
        let card = self.as_main().render()?;
        Ok(card.replace("<h2>", "<h3>").replace("</h2>", "</h3>").replace("<h1>", "<h2>").replace("</h1>", "</h2>"))
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), false)
    }

    fn of_app(&self, key: &'static str) -> Sentence {
        self.say(key).name("app", &self.app.name)
    }

    fn group(&self, key: &'static str) -> Sentence {
        self.say(key).choice("more", if self.question == Question::More { "yes" } else { "no" })
    }

    fn keeping(&self) -> Sentence {
        match self.keeps_data {
            DataKeeping::UntilDisconnected => self.of_app("keeps-until-disconnected"),
            DataKeeping::Days(days) => self.of_app("keeps-days").count("n", days),
            DataKeeping::NotKept => self.of_app("keeps-nothing"),
            DataKeeping::NotSaid => self.of_app("keeps-not-said"),
        }
    }

    fn stays(&self) -> Sentence {
        let ends = self.ends.as_ref().or(self.most.as_ref().map(|(_, ends)| ends));
        match ends {
            Some(ends) => self.say("access-ends").text("date", ends.date(self.words()).plain()),
            None => self.say("access-stays"),
        }
    }

    /// Where the answer goes, by the part nobody can imitate.
    fn goes(&self) -> Sentence {
        let key = match self.app.destination {
            Destination::Loopback(_) => "goes-to-program",
            Destination::Scheme(_) => "goes-to-app",
            Destination::Web(_) | Destination::Device { .. } => "goes-to-web",
        };
        self.say(key).strong("host", self.app.destination.name())
    }

    /// How long the answer may hold: the value of each radio button and its words, the first as it is without a choice.
    fn times(&self) -> Vec<(String, Sentence)> {
        let mut times = Vec::new();
        let most = self.most.as_ref().map(|(days, _)| i64::from(*days));
        let days = |days: i64| (days.to_string(), self.say("days").count("n", days.unsigned_abs()));
        match &self.ends {
            Some(ends) => {
                let date = ends.date(self.words()).plain();
                times.push(("as-before".to_owned(), self.say("until-as-before").text("date", &date)));
                if self.most.is_none() {
                    times.push(("removed".to_owned(), self.say("until-removed")));
                }
            }
            None if self.most.is_some() => times.extend(most.map(|most| ("as-before".to_owned(), days(most).1))),
            None => times.push(("as-before".to_owned(), self.say("until-removed"))),
        }
        times.extend(Until::DAYS.into_iter().filter(|days| most.is_none_or(|most| *days < most)).map(days));
        times
    }
}
