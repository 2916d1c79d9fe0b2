//! Sign up (ux L2), and the pages that end a sign-up: "Check your email", and what a link leads to.

use super::form::{Field, FieldKind, Form, FormPage};
use super::{Chrome, Sentence, Words, wait_in};

const SCREEN: &str = "sign-up";

/// What was typed, as it is shown again; the password never is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignUpTyped {
    /// The address.
    pub email: String,
    /// The name others see.
    pub name: String,
    /// Whether the address is that of the invitation.
    pub invited: bool,
}

/// What is wrong with what was typed; all of it at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignUpMistakes {
    /// It is no address.
    pub email: bool,
    /// It is no name.
    pub name: bool,
    /// It is no password for here.
    pub password: Option<PasswordMistake>,
}

impl SignUpMistakes {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        self.email || self.name || self.password.is_some()
    }
}

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMistake {
    /// Fewer than 12 characters.
    Short,
    /// More than 128.
    Long,
    /// It is guessed first.
    Common,
}

impl PasswordMistake {
    pub(super) fn words(self, words: Words) -> Sentence {
        words.say(match self {
            Self::Short => "password-short",
            Self::Long => "password-long",
            Self::Common => "password-common",
        })
    }
}

/// Why a form led nowhere though nothing in it is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotNow {
    /// Too many tries, or too many mails.
    Throttled {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
    /// The queue for passwords is full.
    Busy {
        /// As in `Retry-After`.
        retry_after_seconds: u64,
    },
    /// The form came back without the cookie that was set with it.
    CookiesBlocked,
}

impl NotNow {
    /// The sentence of it; each screen's file has it.
    pub fn words(self, words: Words) -> Sentence {
        match self {
            Self::Throttled { retry_after_seconds } => {
                words.say("throttled").text("wait", wait_in(words, retry_after_seconds).plain())
            }
            Self::Busy { retry_after_seconds } => {
                words.say("busy").text("wait", wait_in(words, retry_after_seconds).plain())
            }
            Self::CookiesBlocked => words.say("cookies-blocked"),
        }
    }

    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::Throttled { .. } => 429,
            Self::Busy { .. } => 503,
            Self::CookiesBlocked => 400,
        }
    }

    /// The value of `Retry-After`, in seconds, where one is due.
    pub fn retry_after_seconds(self) -> Option<u64> {
        match self {
            Self::Throttled { retry_after_seconds } | Self::Busy { retry_after_seconds } => Some(retry_after_seconds),
            Self::CookiesBlocked => None,
        }
    }
}

pub(super) fn hidden(pairs: &[(&'static str, Option<&str>)]) -> Vec<(&'static str, String)> {
    pairs.iter().filter_map(|(name, value)| value.map(|value| (*name, value.to_owned()))).collect()
}

/// A field for a new password.
pub(super) fn new_password(words: Words, mistake: Option<PasswordMistake>) -> Field {
    Field {
        name: "password",
        label: words.say("password"),
        hint: Some(words.say("password-hint")),
        error: mistake.map(|mistake| mistake.words(words)),
        value: String::new(),
        kind: FieldKind::NewPassword,
    }
}

/// `GET /signup`, and the same again when `POST /signup` did not go on.
pub fn sign_up_page(
    chrome: Chrome,
    csrf: String,
    (tx, invite): (Option<&str>, Option<&str>),
    typed: SignUpTyped,
    mistakes: SignUpMistakes,
    error: Option<NotNow>,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let brand = chrome.brand.clone();
    let fields = vec![
        Field {
            name: "email",
            label: words.say("email"),
            hint: None,
            error: mistakes.email.then(|| words.say("email-wrong")),
            value: typed.email,
            kind: if typed.invited { FieldKind::GivenEmail } else { FieldKind::Email },
        },
        Field {
            name: "name",
            label: words.say("name"),
            hint: Some(words.say("name-hint")),
            error: mistakes.name.then(|| words.say("name-wrong")),
            value: typed.name,
            kind: FieldKind::Name,
        },
        new_password(words, mistakes.password),
    ];
    let sign_in = tx.map_or_else(|| "/login".to_owned(), |tx| format!("/login?tx={tx}"));
    FormPage {
        words,
        heading: words.say("heading").text("brand", &brand),
        told: Vec::new(),
        form: Some(Form {
            action: "/signup",
            csrf,
            hidden: hidden(&[("tx", tx), ("invite", invite)]),
            fields,
            button: words.say("sign-up"),
        }),
        below: vec![words.say("has-account").link(sign_in)],
        error: error.map(|error| error.words(words)),
        chrome,
    }
}

/// `GET /signup` where nobody signs up by themselves, or an invitation is no good any more.
pub fn sign_up_closed_page(chrome: Chrome, by_invitation: bool) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let told = words.say(if by_invitation { "by-invitation" } else { "closed" }).text("brand", &chrome.brand);
    let heading = words.say("heading").text("brand", &chrome.brand);
    FormPage {
        words,
        heading,
        told: vec![told],
        form: None,
        below: vec![words.say("has-account").link("/login")],
        error: None,
        chrome,
    }
}

/// Why digits led nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigitsMistake {
    /// Not these.
    Wrong,
    /// None do any more.
    Closed,
    /// Not now.
    NotNow(NotNow),
}

impl DigitsMistake {
    /// The HTTP status that goes with it.
    pub fn status(self) -> u16 {
        match self {
            Self::Wrong | Self::Closed => 422,
            Self::NotNow(not_now) => not_now.status(),
        }
    }

    /// The value of `Retry-After`, in seconds, where one is due.
    pub fn retry_after_seconds(self) -> Option<u64> {
        match self {
            Self::NotNow(not_now) => not_now.retry_after_seconds(),
            Self::Wrong | Self::Closed => None,
        }
    }

    pub(super) fn at_field(self, words: Words) -> Option<Sentence> {
        match self {
            Self::Wrong => Some(words.say("code-wrong")),
            Self::Closed => Some(words.say("code-closed")),
            Self::NotNow(_) => None,
        }
    }

    pub(super) fn at_form(self, words: Words) -> Option<Sentence> {
        match self {
            Self::NotNow(not_now) => Some(not_now.words(words)),
            Self::Wrong | Self::Closed => None,
        }
    }
}

/// A field for six digits.
pub(super) fn digits(words: Words, mistake: Option<DigitsMistake>) -> Field {
    Field {
        name: "code",
        label: words.say("code"),
        hint: Some(words.say("code-hint")),
        error: mistake.and_then(|mistake| mistake.at_field(words)),
        value: String::new(),
        kind: FieldKind::Digits,
    }
}

/// `GET /signup/check`: a mail is on its way, to whatever kind of address.
pub fn check_email_page(
    chrome: Chrome,
    csrf: String,
    (proof, tx): (&str, Option<&str>),
    email: &str,
    mistake: Option<DigitsMistake>,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let again = tx.map_or_else(|| "/signup".to_owned(), |tx| format!("/signup?tx={tx}"));
    FormPage {
        words,
        heading: words.say("check-heading"),
        told: vec![words.say("check").strong("email", email)],
        form: Some(Form {
            action: "/signup/check",
            csrf,
            hidden: hidden(&[("proof", Some(proof)), ("tx", tx)]),
            fields: vec![digits(words, mistake)],
            button: words.say("continue"),
        }),
        below: vec![words.say("no-mail").link(again)],
        error: mistake.and_then(|mistake| mistake.at_form(words)),
        chrome,
    }
}

/// What is wrong with the password of a confirmation in another browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmMistake {
    /// It is not the one that was chosen.
    Wrong,
    /// Not now.
    NotNow(NotNow),
}

/// `GET /signup/confirm`: the link was opened. In another browser than the sign-up began in, whoever reads the mail shows
/// that they are also the one who chose the password.
pub fn confirm_sign_up_page(
    chrome: Chrome,
    csrf: String,
    link: &str,
    email: &str,
    asks_password: bool,
    mistake: Option<ConfirmMistake>,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let (mut told, mut fields) = (vec![words.say("confirm").strong("email", email)], Vec::new());
    if asks_password {
        told.push(words.say("confirm-elsewhere"));
        fields.push(Field {
            name: "password",
            label: words.say("confirm-password"),
            hint: None,
            error: (mistake == Some(ConfirmMistake::Wrong)).then(|| words.say("confirm-wrong")),
            value: String::new(),
            kind: FieldKind::Password,
        });
    }
    FormPage {
        words,
        heading: words.say("confirm-heading"),
        told,
        form: Some(Form {
            action: "/signup/confirm",
            csrf,
            hidden: hidden(&[("proof", Some(link))]),
            fields,
            button: words.say("confirm-button"),
        }),
        below: vec![words.say("confirm-not-you")],
        error: match mistake {
            Some(ConfirmMistake::NotNow(not_now)) => Some(not_now.words(words)),
            Some(ConfirmMistake::Wrong) | None => None,
        },
        chrome,
    }
}

/// A link that is used, over, or never was.
pub fn link_over_page(chrome: Chrome, again: &str) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    FormPage {
        words,
        heading: words.say("over-heading"),
        told: vec![words.say("over"), words.say("over-again").link(again)],
        form: None,
        below: vec![words.say("has-account").link("/login")],
        error: None,
        chrome,
    }
}

/// An address as it is shown to somebody who has not shown yet that they read it: "a•••@example.com".
fn masked(email: &str) -> String {
    let (name, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}•••@{domain}")
}

/// Who signs in to an account whose address nobody vouches for: a mail is on its way.
pub fn confirm_first_page(
    chrome: Chrome,
    csrf: String,
    (proof, tx): (&str, Option<&str>),
    email: &str,
    mistake: Option<DigitsMistake>,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let again = tx.map_or_else(|| "/login".to_owned(), |tx| format!("/login?tx={tx}"));
    let first = words.say("confirm-first").name("email", masked(email));
    let (error, mut told) = match mistake {
        None => (Some(first), Vec::new()),
        Some(mistake) => (mistake.at_form(words), vec![first]),
    };
    told.push(words.say("confirm-first-how"));
    FormPage {
        words,
        heading: words.say("confirm-heading"),
        told,
        form: Some(Form {
            action: "/login/email",
            csrf,
            hidden: hidden(&[("proof", Some(proof))]),
            fields: vec![digits(words, mistake)],
            button: words.say("continue"),
        }),
        below: vec![words.say("confirm-first-again").link(again)],
        error,
        chrome,
    }
}

/// `GET /login/email`: the link of that mail was opened.
pub fn confirm_address_page(
    chrome: Chrome,
    csrf: String,
    link: &str,
    email: &str,
    not_now: Option<NotNow>,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    FormPage {
        words,
        heading: words.say("confirm-heading"),
        told: vec![words.say("confirm-first-ask").strong("email", email)],
        form: Some(Form {
            action: "/login/email",
            csrf,
            hidden: hidden(&[("proof", Some(link))]),
            fields: Vec::new(),
            button: words.say("confirm-button"),
        }),
        below: vec![words.say("confirm-first-not-you")],
        error: not_now.map(|not_now| not_now.words(words)),
        chrome,
    }
}

/// The address is confirmed, in another browser than the sign-in began in.
pub fn address_confirmed_page(chrome: Chrome) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    FormPage {
        words,
        heading: words.say("confirmed-heading"),
        told: vec![words.say("confirmed")],
        form: None,
        below: vec![words.say("confirmed-sign-in").link("/login")],
        error: None,
        chrome,
    }
}
