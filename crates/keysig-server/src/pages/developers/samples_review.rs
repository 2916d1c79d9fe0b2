//! The review of an app, in every state.

use askama::Template;

use super::samples::head;
use super::*;
use crate::checklist::{Checked, Point};
use crate::pages::samples::{NOW_MS, Untrusted, chrome};
use crate::pages::{Theme, When};

fn page(theme: Theme, words: Untrusted) -> ReviewPage {
    let check = |point| Checked {
        point,
        is_met: matches!(point, Point::Homepage | Point::Logo),
        open: if point == Point::Reasons { vec![words.sent.into()] } else { Vec::new() },
    };
    let line = |is_own| ReviewLine {
        is_own,
        words: format!("{}\n{}", words.sent, words.reason),
        at: When::new(NOW_MS, NOW_MS),
    };
    ReviewPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        app: head(words),
        stage: ReviewStage::NotAsked,
        checks: Point::ALL.map(check).into(),
        messages: vec![line(true), line(false)],
        host_file: Some("https://peek.example/.well-known/keysig-app.txt".into()),
        typed: String::new(),
        problem: None,
        is_sent: false,
    }
}

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let page = || page(theme, words);
    let stage = |stage| ("review", ReviewPage { stage, ..page() }.render().unwrap());
    let wrong = |problem| {
        let stage = if problem == WrittenProblem::Reviewed { ReviewStage::Reviewed } else { ReviewStage::Waiting };
        let typed = words.sent.into();
        ("review-wrong", ReviewPage { typed, stage, problem: Some(problem), ..page() }.render().unwrap())
    };
    let empty = ReviewPage { messages: Vec::new(), host_file: None, is_sent: true, ..page() };
    let mut pages = vec![("review-empty", empty.render().unwrap())];
    pages.extend(ReviewStage::ALL.map(stage));
    pages.extend(WrittenProblem::ALL.map(wrong));
    pages
}
