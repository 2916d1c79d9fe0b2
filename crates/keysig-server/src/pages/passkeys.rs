//! Passkeys (ux L3): the offer, what came of it, their names, and the end of one.

use askama::Template;

use super::{Chrome, Lang, Sentence, When, Words, screen};

/// What the script asks the browser for when somebody shows a passkey. Posts `csrf`, what it hides, `passkey_ticket` and
/// `passkey` to `action`. Its form is hidden until the script runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyAsk {
    /// For `navigator.credentials.get`, as JSON.
    pub options: String,
    /// The ceremony, sealed.
    pub ticket: String,
    /// Where the answer is posted: a path of ours.
    pub action: String,
    /// Other fields of the form.
    pub hidden: Vec<(String, String)>,
    /// The words of its button, of all pages.
    pub button: &'static str,
}

/// What the script asks the browser for when somebody makes a passkey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// For `navigator.credentials.create`, as JSON.
    pub options: String,
    /// The ceremony, sealed.
    pub ticket: String,
}

/// "Sign in faster": the offer. Posts `csrf`, `tx`, `ticket`, and `credential` or `outcome` to `/account/passkeys`.
#[derive(Template)]
#[template(path = "passkey_offer.html")]
pub struct PasskeyOfferPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The ceremony; absent where this address has no passkeys.
    pub passkey: Option<NewPasskey>,
    /// The request that waits.
    pub tx: Option<String>,
    /// Where "Not now" leads: a path of ours.
    pub onward: String,
    /// What came of the last try.
    pub outcome: Option<NoPasskey>,
}

screen!(PasskeyOfferPage, "passkeys");

/// Why there is no new passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPasskey {
    /// The person closed the dialog, or let it run out.
    Cancelled,
    /// The device has one for this account.
    Exists,
    /// The page was open for too long, or its form was sent twice.
    TooLate,
    /// The device made one that we cannot take.
    Refused,
    /// The account has as many as it may have.
    TooMany {
        /// How many that is.
        most: usize,
    },
}

impl NoPasskey {
    fn words(self, words: Words) -> Sentence {
        match self {
            Self::Cancelled => words.say("cancelled"),
            Self::Exists => words.say("exists"),
            Self::TooLate => words.say("too-late"),
            Self::Refused => words.say("refused"),
            Self::TooMany { most } => words.say("too-many").count("most", most),
        }
    }
}

impl PasskeyOfferPage {
    /// The HTTP status that goes with the page.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.outcome {
            None | Some(NoPasskey::Cancelled | NoPasskey::Exists) => 200,
            Some(NoPasskey::TooLate | NoPasskey::Refused | NoPasskey::TooMany { .. }) => 422,
        }
    }

    /// Closing a dialog is a choice and no error.
    fn has_failed(&self) -> bool {
        self.status() != 200
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("offer-heading"), self.has_failed())
    }

    fn section(&self) -> &'static str {
        "security"
    }
}

/// One passkey: its name, and, right after it was made, that it was. Posts `csrf`, `name` and `tx` to
/// `/account/passkeys/{id}`.
#[derive(Template)]
#[template(path = "passkey.html")]
pub struct PasskeyPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Its id.
    pub id: String,
    /// Its name, or what was typed.
    pub name: String,
    /// It was made a moment ago.
    pub is_new: bool,
    /// The request that waits.
    pub tx: Option<String>,
    /// Where it goes on without a change: a path of ours.
    pub onward: String,
    /// The name that was typed will not do.
    pub name_is_wrong: bool,
}

screen!(PasskeyPage, "passkeys");

impl PasskeyPage {
    fn heading(&self) -> Sentence {
        self.say(if self.is_new { "made-heading" } else { "rename-heading" })
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), self.name_is_wrong)
    }

    fn section(&self) -> &'static str {
        "security"
    }
}

/// Before a passkey is removed: what will happen, or why it cannot be. Posts `csrf` to `/account/passkeys/{id}/remove`.
#[derive(Template)]
#[template(path = "passkey_remove.html")]
pub struct RemovePasskeyPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The person tried, and nothing else lets them in.
    pub is_last_way_in: bool,
}

screen!(RemovePasskeyPage, "passkeys");

impl RemovePasskeyPage {
    fn heading(&self) -> Sentence {
        self.say("remove-heading").name("name", &self.name)
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.heading(), self.is_last_way_in)
    }

    fn section(&self) -> &'static str {
        "security"
    }
}

/// After a passkey was removed.
#[derive(Template)]
#[template(path = "passkey_removed.html")]
pub struct PasskeyRemovedPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// What it was called.
    pub name: String,
}

screen!(PasskeyRemovedPage, "passkeys");

impl PasskeyRemovedPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("removed-heading"), false)
    }

    fn section(&self) -> &'static str {
        "security"
    }
}

/// A passkey on the Security page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyCard {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was added.
    pub created_at: When,
    /// When it last let somebody in.
    pub last_used: Option<When>,
}

/// The passkeys on the Security page; render it with `|safe`, since it is a template of its own.
#[derive(Template, Debug, Clone, PartialEq, Eq)]
#[template(path = "parts/passkeys.html")]
pub struct PasskeysSection {
    /// The language of the page.
    pub lang: Lang,
    /// Whether this address has passkeys at all; an IP address has none.
    pub are_possible: bool,
    /// One for each, oldest first.
    pub cards: Vec<PasskeyCard>,
}

impl PasskeysSection {
    fn words(&self) -> Words {
        self.lang.words("passkeys")
    }

    fn say(&self, key: &'static str) -> Sentence {
        self.words().say(key)
    }
}
