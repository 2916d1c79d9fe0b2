//! Profile: what others see, the language, the address of the account.

use askama::Template;

use super::form::{Field, FieldKind, Form, FormPage};
use super::sign_up::{DigitsMistake, NotNow, digits, hidden};
use super::{Chrome, screen};

const SCREEN: &str = "profile";

/// `/account/profile`. Posts `csrf`, `name` and `locale` to itself.
#[derive(Template)]
#[template(path = "profile.html")]
pub struct ProfilePage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// The form ticket.
    pub csrf: String,
    /// The name, or what was typed.
    pub name: String,
    /// Whether that is no name.
    pub name_is_wrong: bool,
    /// The language chosen, a tag of ours.
    pub locale: String,
    /// The address.
    pub email: String,
    /// It was saved by the request before.
    pub saved: bool,
}

screen!(ProfilePage, "profile");

impl ProfilePage {
    fn section(&self) -> &'static str {
        "profile"
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), self.name_is_wrong)
    }
}

/// `GET /account/email`: a new address is asked for.
pub fn new_email_page(
    chrome: Chrome,
    csrf: String,
    now: &str,
    email: String,
    is_wrong: bool,
    error: Option<NotNow>,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let field = Field {
        name: "email",
        label: words.say("new-email"),
        hint: None,
        error: is_wrong.then(|| words.say("email-wrong")),
        value: email,
        kind: FieldKind::Email,
    };
    FormPage {
        words,
        heading: words.say("email-heading"),
        told: vec![words.say("email-now").strong("email", now), words.say("email-what")],
        form: Some(Form {
            action: "/account/email",
            csrf,
            hidden: Vec::new(),
            fields: vec![field],
            button: words.say("email-send"),
        }),
        below: vec![words.say("back-to-profile").link("/account/profile")],
        error: error.map(|error| error.words(words)),
        chrome,
    }
}

/// `GET /account/email/check`: a mail is on its way to the new address.
pub fn check_new_email_page(
    chrome: Chrome,
    csrf: String,
    proof: &str,
    email: &str,
    mistake: Option<DigitsMistake>,
) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    FormPage {
        words,
        heading: words.say("check-heading"),
        told: vec![words.say("check").strong("email", email)],
        form: Some(Form {
            action: "/account/email/check",
            csrf,
            hidden: hidden(&[("proof", Some(proof))]),
            fields: vec![digits(words, mistake)],
            button: words.say("continue"),
        }),
        below: vec![words.say("no-mail").link("/account/email")],
        error: mistake.and_then(|mistake| mistake.at_form(words)),
        chrome,
    }
}

/// `GET /account/email/confirm`: the link was opened.
pub fn confirm_new_email_page(chrome: Chrome, csrf: String, link: &str, email: &str) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    FormPage {
        words,
        heading: words.say("confirm-heading"),
        told: vec![words.say("confirm").strong("email", email)],
        form: Some(Form {
            action: "/account/email/confirm",
            csrf,
            hidden: hidden(&[("proof", Some(link))]),
            fields: Vec::new(),
            button: words.say("confirm-button"),
        }),
        below: vec![words.say("back-to-profile").link("/account/profile")],
        error: None,
        chrome,
    }
}

/// A link to a new address that does nothing: it is used or over, or nobody is signed in whom it could be about.
pub fn new_email_over_page(chrome: Chrome, signed_in: bool) -> FormPage {
    let words = chrome.lang.words(SCREEN);
    let told = match signed_in {
        true => vec![words.say("over"), words.say("over-again").link("/account/email")],
        false => vec![words.say("sign-in-first").link("/login")],
    };
    FormPage { words, heading: words.say("over-heading"), told, form: None, below: Vec::new(), error: None, chrome }
}
