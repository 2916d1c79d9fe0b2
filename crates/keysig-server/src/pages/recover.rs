//! Forgot password (ux L5), and choosing a new one, also while signed in.

use super::form::{Field, FieldKind, Form, FormPage};
use super::sign_up::{DigitsMistake, NotNow, PasswordMistake, digits, hidden, new_password};
use super::{Chrome, Words};

const SCREEN: &str = "recover";

/// `GET /recover`, and the same again when `POST /recover` did not go on.
pub fn recover_page(
    chrome: Chrome,
    csrf: String,
    tx: Option<&str>,
    email: String,
    is_wrong: bool,
    error: Option<NotNow>,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let field = Field {
        name: "email",
        label: words.say("email"),
        hint: None,
        error: is_wrong.then(|| words.say("email-wrong")),
        value: email,
        kind: FieldKind::Email,
    };
    let sign_in = tx.map_or_else(|| "/login".to_owned(), |tx| format!("/login?tx={tx}"));
    FormPage {
        words,
        heading: words.say("heading"),
        told: vec![words.say("what")],
        form: Some(Form {
            action: "/recover",
            csrf,
            hidden: hidden(&[("tx", tx)]),
            fields: vec![field],
            button: words.say("send"),
        }),
        below: vec![words.say("remembered").link(sign_in)],
        error: error.map(|error| error.words(words)),
        chrome,
    }
}

/// `GET /recover` where no mail goes out.
pub fn no_recovery_page(chrome: Chrome) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let told = vec![words.say("no-mail-here").text("brand", &chrome.brand)];
    let below = vec![words.say("remembered").link("/login")];
    FormPage { words, heading: words.say("heading"), told, form: None, below, error: None, chrome }
}

/// By what somebody may choose a new password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChosenBy<'a> {
    /// The digits of a mail, typed beside it.
    Digits {
        /// The proof's id.
        proof: &'a str,
        /// The address it went to.
        email: &'a str,
    },
    /// The link of a mail.
    Link {
        /// What stands in it.
        link: &'a str,
    },
    /// A session whose person has just shown who they are.
    Session,
}

/// What is wrong with a new password's form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NewPasswordMistakes {
    /// With the digits.
    pub digits: Option<DigitsMistake>,
    /// With the password.
    pub password: Option<PasswordMistake>,
    /// With neither.
    pub not_now: Option<NotNow>,
}

/// A new password is chosen, and whether other browsers are signed out.
pub fn new_password_page(
    chrome: Chrome,
    csrf: String,
    by: ChosenBy<'_>,
    tx: Option<&str>,
    sign_out: bool,
    mistakes: NewPasswordMistakes,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let mut fields = Vec::new();
    let mut told = Vec::new();
    let (action, proof) = match by {
        ChosenBy::Digits { proof, email } => {
            told.push(words.say("check").strong("email", email));
            fields.push(digits(words, mistakes.digits));
            ("/recover/check", Some(proof))
        }
        ChosenBy::Link { link } => ("/recover/confirm", Some(link)),
        ChosenBy::Session => ("/account/password", None),
    };
    fields.push(new_password(words, mistakes.password));
    fields.push(Field {
        name: "sign_out",
        label: words.say("sign-out"),
        hint: None,
        error: None,
        value: if sign_out { "on".to_owned() } else { String::new() },
        kind: FieldKind::Check,
    });
    let heading = words.say(if matches!(by, ChosenBy::Digits { .. }) { "check-heading" } else { "new-heading" });
    let error = mistakes.not_now.map(|not_now| not_now.words(words));
    FormPage {
        words,
        heading,
        told,
        form: Some(Form {
            action,
            csrf,
            hidden: hidden(&[("proof", proof), ("tx", tx)]),
            fields,
            button: words.say("save"),
        }),
        below: below(words, by, tx),
        error: error.or_else(|| mistakes.digits.and_then(|digits| digits.at_form(words))),
        chrome,
    }
}

fn below(words: Words, by: ChosenBy<'_>, tx: Option<&str>) -> Vec<super::Sentence> {
    let mut below = Vec::new();
    if matches!(by, ChosenBy::Digits { .. }) {
        let again = tx.map_or_else(|| "/recover".to_owned(), |tx| format!("/recover?tx={tx}"));
        below.push(words.say("no-mail").link(again));
    }
    // Agreements outlive passwords: who wants an app gone has to say so.
    below.push(words.say("apps").link("/account/apps"));
    below
}

/// A link that is used, over, or never was.
pub fn recovery_over_page(chrome: Chrome) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let told = vec![words.say("over"), words.say("over-again").link("/recover")];
    FormPage { words, heading: words.say("over-heading"), told, form: None, below: Vec::new(), error: None, chrome }
}

/// The password was changed.
pub fn password_changed_page(chrome: Chrome) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let told = vec![words.say("changed"), words.say("apps").link("/account/apps")];
    let below = vec![words.say("back-to-account").link("/account")];
    FormPage { words, heading: words.say("changed-heading"), told, form: None, below, error: None, chrome }
}
