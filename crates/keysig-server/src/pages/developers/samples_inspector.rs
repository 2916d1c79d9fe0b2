//! The Inspector's pages in every state.

use askama::Template;

use super::samples::head;
use super::*;
use crate::inspector::replay::{Reached, Verdict};
use crate::inspector::{Fact, Reason, Step, Warning};
use crate::pages::samples::{NOW_MS, Untrusted, chrome};
use crate::pages::{Theme, When};

fn row(words: Untrusted, outcome: &'static str, reason: Option<Reason>) -> InspectorRow {
    InspectorRow {
        id: "0".repeat(32),
        at: When::new(NOW_MS - 60_000, NOW_MS),
        step: Step::Authorize,
        outcome,
        reason,
        user: Some(words.person.into()),
        request_id: "req_7Q2M".into(),
    }
}

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let refused = row(words, "refused", Some(Reason::RedirectUriNotRegistered));
    let list = |rows: Vec<InspectorRow>, older| InspectorPage {
        chrome: chrome(theme),
        app: head(words),
        rows,
        filter: InspectorFilter { user: words.sent.into(), ..InspectorFilter::default() },
        older,
        again: "/dashboard/apps/demo-web/inspector".into(),
        dropped: 2,
    };
    let record = |row: InspectorRow, fixes: Vec<Fix>, verdict, failed: bool| InspectorRecordPage {
        chrome: chrome(theme),
        app: head(words),
        csrf: "ticket".into(),
        row,
        facts: vec![Fact::new("nearest", "http://127.0.0.1:8888/callback"), Fact::new("sent", words.sent)],
        warnings: vec![Warning::NoState],
        fixes,
        done: !failed,
        failed,
        compared: Some(Compared::new(words.sent, "http://127.0.0.1:8888/callback")),
        checks: vec![("client", Reached::Passed), ("redirect-uri", Reached::Failed), ("scope", Reached::Not)],
        parameters: vec![(words.sent.into(), words.sent.into())],
        verdict,
        curl: format!("curl -G '{}'", words.sent),
        saw: "saw-page",
    };
    let inspect = |problem, found| InspectPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        address: words.sent.into(),
        problem,
        found,
    };
    let passed = row(words, "warned", None);
    let facts = vec![Fact::new("scope", words.sent)];
    let fixes = vec![Fix::RegisterUri(words.sent.into()), Fix::AddTestUser];
    let list = |rows, older| list(rows, older).render().unwrap();
    let inspect = |problem, found| inspect(problem, found).render().unwrap();
    vec![
        ("inspector", list(vec![refused.clone(), passed.clone()], Some("/dashboard".into()))),
        ("inspector-empty", list(Vec::new(), None)),
        ("inspector-record", record(refused.clone(), fixes, Verdict::Passes, false).render().unwrap()),
        (
            "inspector-record-failed",
            record(refused, Vec::new(), Verdict::Refused(Reason::ScopeUnknown, facts.clone()), true).render().unwrap(),
        ),
        ("inspector-record-passed", record(passed, Vec::new(), Verdict::AsBefore(None), false).render().unwrap()),
        ("inspect", inspect(None, None)),
        ("inspect-problem", inspect(Some("inspect-not-one"), None)),
        ("inspect-refused", inspect(None, Some(Some((Reason::ScopeUnknown, facts))))),
        ("inspect-passes", inspect(None, Some(None))),
    ]
}
