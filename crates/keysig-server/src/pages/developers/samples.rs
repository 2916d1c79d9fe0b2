//! One of every page of the dashboard, for the tests and for looking at.

use askama::Template;
use keysig_core::audit::AuditAction;

use super::*;
use crate::pages::samples::{NOW_MS, Untrusted, chrome};
use crate::pages::{Theme, When};

pub(in crate::pages) fn head(words: Untrusted) -> AppHead {
    AppHead { client_id: "demo-web".into(), name: words.app.into(), logo: None, is_live: false, paused: false }
}

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let my_apps = |apps, offered: Vec<AppHead>| {
        let sample_app = Some("https://peek.example/sample".into());
        let deleted = !offered.is_empty();
        let page = MyAppsPage { chrome: chrome(theme), csrf: "ticket".into(), deleted, offered, apps, sample_app };
        page.render().unwrap()
    };
    let join = |is_open| JoinPage { chrome: chrome(theme), csrf: "ticket".into(), is_open }.render().unwrap();
    let event = |action| AppEvent {
        action,
        about: words.sent.into(),
        actor: Some(words.person.into()),
        at: When::new(NOW_MS, NOW_MS),
        address: "192.0.2.1".into(),
    };
    let events = AppEventsPage {
        chrome: chrome(theme),
        app: head(words),
        events: AuditAction::ALL.iter().map(|action| event(*action)).collect(),
        older: Some("0".into()),
    };
    vec![
        ("dashboard", my_apps(vec![AppRow { head: head(words), users: 12, refused: 3 }], vec![head(words)])),
        ("dashboard-empty", my_apps(Vec::new(), Vec::new())),
        ("dashboard-join", join(true)),
        ("dashboard-join-closed", join(false)),
        ("dashboard-events", events.render().unwrap()),
    ]
}
