//! The pages on which operators set things.

use askama::Template;

use super::*;
use crate::pages::samples::{Untrusted, chrome};
use crate::pages::{Chrome, FooterLinks, Lang, Theme, WebAddress};

fn field(key: &'static str, value: &str, choices: &[&'static str]) -> SettingField {
    SettingField { key, value: value.into(), choices: choices.to_vec(), fixed: false, problem: None, suggestion: None }
}

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let settings = |of, fields, done, previews: &[&'static str]| {
        let page = SettingsPage {
            chrome: Chrome {
                links: FooterLinks { help: WebAddress::parse("https://peek.example/help"), ..FooterLinks::default() },
                ..chrome(theme)
            },
            csrf: "ticket".into(),
            of,
            fields,
            done,
            previews: previews.to_vec(),
        };
        page.render().unwrap()
    };
    let policy = vec![
        field("signup", "open", &["open", "invite", "off"]),
        SettingField { fixed: true, ..field("compat", "strict", &["friendly", "strict"]) },
        field("consent_days", words.sent, &[]),
        field("review_required", "no", &["yes", "no"]),
        field("unreviewed_people", "100", &[]),
    ];
    let wrong = vec![
        field("brand", words.app, &[]),
        SettingField {
            problem: Some("cannot be read on our pages".into()),
            suggestion: Some("#806600".into()),
            ..field("accent", words.sent, &[])
        },
    ];
    let form = ScopeForm {
        name: words.sent.into(),
        group: "change".into(),
        risk: "W".into(),
        can_delete: true,
        words: Lang::ALL
            .into_iter()
            .map(|lang| (lang, [words.app.into(), words.reason.into(), String::new()]))
            .collect(),
    };
    let scope = |number, retired, problem| {
        let page =
            ScopePage { chrome: chrome(theme), csrf: "ticket".into(), number, retired, form: form.clone(), problem };
        page.render().unwrap()
    };
    let retire = |retired, agreements| {
        let page = RetireScopePage {
            chrome: chrome(theme),
            csrf: "ticket".into(),
            number: 64,
            name: words.sent.into(),
            retired,
            agreements,
        };
        page.render().unwrap()
    };
    let row = |retired| ScopeRow {
        number: 64,
        name: words.sent.into(),
        title: words.app.into(),
        group: "change",
        risk: "W",
        retired,
    };
    let scopes = ScopesPage { chrome: chrome(theme), scopes: vec![row(false), row(true)], done: true };
    vec![
        ("admin-policy", settings(SettingsSection::Policy, policy, true, &[])),
        ("admin-brand-wrong", settings(SettingsSection::Brand, wrong, false, &["login-light", "mail-dark"])),
        ("admin-scopes", scopes.render().unwrap()),
        ("admin-scope", scope(Some(64), true, None)),
        ("admin-scope-wrong", scope(None, false, Some(("words", "title and detail are missing in: de, ar".into())))),
        ("admin-scope-retire", retire(false, 12)),
        ("admin-scope-take-back", retire(true, 0)),
    ]
}
