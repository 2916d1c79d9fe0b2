//! The inbox of a test instance.

use askama::Template;

use super::{Chrome, When, screen};
use crate::mail::Post;

/// All mail that waits.
#[derive(Template)]
#[template(path = "inbox.html")]
pub struct InboxPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// Newest first.
    pub mails: Vec<InboxMail>,
}

/// One line of the inbox.
pub struct InboxMail {
    /// Its id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// When it was written.
    pub at: When,
}

screen!(InboxPage, "inbox");

impl InboxPage {
    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }
}

/// One mail.
#[derive(Template)]
#[template(path = "mail.html")]
pub struct MailPage {
    /// What surrounds the page.
    pub chrome: Chrome,
    /// To whom.
    pub to: String,
    /// When it was written.
    pub at: When,
    /// What it is about.
    pub subject: String,
    /// Its language, a tag of ours.
    pub lang: String,
    /// Its lines, and of those that are a link of ours where it leads.
    pub lines: Vec<(String, Option<String>)>,
}

screen!(MailPage, "inbox");

impl MailPage {
    /// Makes links of the lines that lead to a page of `origin`, and of no other: those are paths here.
    pub fn new(chrome: Chrome, to: String, at: When, post: Post, origin: &str) -> Self {
        let line = |line: &str| {
            let path = line.strip_prefix(origin).filter(|path| path.starts_with('/') && !path.contains(' '));
            (line.to_owned(), path.map(str::to_owned))
        };
        let lines = post.text.lines().filter(|text| !text.is_empty()).map(line).collect();
        Self { chrome, to, at, subject: post.subject, lang: post.lang, lines }
    }

    fn page_title(&self) -> String {
        self.chrome.title(self.words(), &self.say("heading"), false)
    }
}
