//! The danger zone in every state.

use askama::Template;

use super::samples::head;
use super::*;
use crate::pages::samples::{DAY_MS, NOW_MS, Untrusted, chrome};
use crate::pages::{Theme, When};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let page = |paused, is_held, offered: bool, done| {
        let until = When::new(NOW_MS + 7 * DAY_MS, NOW_MS);
        let page = DangerPage {
            chrome: chrome(theme),
            app: AppHead { paused, ..head(words) },
            is_held,
            users: 412,
            offer: offered.then(|| (words.email.to_owned(), until)),
            done,
        };
        page.render().unwrap()
    };
    let ask = |deed, users, problem| {
        let page = DangerAskPage {
            chrome: chrome(theme),
            csrf: "ticket".into(),
            app: head(words),
            deed,
            users,
            typed: if problem == Some(DangerProblem::NotTheName) { words.sent.into() } else { String::new() },
            problem,
        };
        page.render().unwrap()
    };
    vec![
        ("danger", page(false, false, false, None)),
        ("danger-paused", page(true, false, true, Some(Deed::Pause))),
        ("danger-held", page(true, true, false, None)),
        ("danger-pause", ask(Deed::Pause, 412, None)),
        ("danger-resume", ask(Deed::Resume, 1, None)),
        ("danger-reset", ask(Deed::Reset, 0, None)),
        ("danger-transfer", ask(Deed::Transfer, 1, Some(DangerProblem::NoAddress))),
        ("danger-transfer-own", ask(Deed::Transfer, 1, Some(DangerProblem::OwnAddress))),
        ("danger-withdraw", ask(Deed::Withdraw, 1, None)),
        ("danger-delete", ask(Deed::Delete, 412, Some(DangerProblem::NotTheName))),
    ]
}
