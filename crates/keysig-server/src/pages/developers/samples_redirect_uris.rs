//! Redirect URIs in every state.

use askama::Template;
use keysig_core::redirect_advice::Advice;
use keysig_core::redirect_uri::RegistrationRefused;

use super::samples::head;
use super::*;
use crate::pages::samples::{NOW_MS, Untrusted, chrome};
use crate::pages::{Theme, When};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let row = |uri: &str, advice, used: bool| UriRow {
        uri: uri.into(),
        matches_any_port: advice == Some(Advice::AnyPort),
        last_used: used.then(|| When::new(NOW_MS - 60_000, NOW_MS)),
        advice,
    };
    let page = || RedirectUrisPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        app: head(words),
        typed: String::new(),
        problem: None,
        done: None,
        tested: None,
        asked: None,
        rows: vec![
            row("http://127.0.0.1/callback", Some(Advice::AnyPort), true),
            row(words.url, Some(Advice::TwinBySlash), false),
            row("myapp://cb", Some(Advice::ClaimableScheme("myapp".into())), false),
            row("https://peek.example/CB", Some(Advice::TwinByCase), false),
        ],
    };
    let refused = |problem| {
        let page = RedirectUrisPage { typed: words.sent.into(), problem: Some(problem), ..page() };
        page.render().unwrap()
    };
    let tested = |tested| RedirectUrisPage { tested: Some(tested), ..page() }.render().unwrap();
    let done = |done| RedirectUrisPage { done: Some(done), ..page() }.render().unwrap();
    let asked = UriAsked { uri: words.url.into(), is_in_use: true, is_last: true, and_frame: true };
    let offered = Some("http://127.0.0.1:8888/callback".to_owned());
    let missed = |nearest: Option<&str>, refused| {
        tested(Tested::Missed { sent: words.sent.into(), nearest: nearest.map(str::to_owned), refused })
    };
    vec![
        ("redirect-uris", page().render().unwrap()),
        ("redirect-uris-none", RedirectUrisPage { rows: Vec::new(), ..page() }.render().unwrap()),
        ("redirect-uris-empty", refused(UriProblem::Empty)),
        ("redirect-uris-before", refused(UriProblem::Before)),
        ("redirect-uris-full", refused(UriProblem::Full)),
        (
            "redirect-uris-localhost",
            refused(UriProblem::Refused { reason: RegistrationRefused::Localhost, offered: offered.clone() }),
        ),
        ("redirect-uris-stray", refused(UriProblem::StrayAtTheEnd { offered })),
        ("redirect-uris-saved", done(UriDone::Saved(0))),
        ("redirect-uris-removed", done(UriDone::Removed)),
        ("redirect-uris-sure", RedirectUrisPage { asked: Some(asked), ..page() }.render().unwrap()),
        ("redirect-uris-met", tested(Tested::Exactly { sent: words.sent.into() })),
        (
            "redirect-uris-met-any-port",
            tested(Tested::ByAnyPort { sent: words.sent.into(), registered: "http://127.0.0.1/callback".into() }),
        ),
        ("redirect-uris-missed", missed(Some("http://127.0.0.1:8888/callback/"), None)),
        ("redirect-uris-insecure", missed(None, Some(RegistrationRefused::Localhost))),
    ]
}
