//! Secrets in every state.

use askama::Template;
use keysig_core::secret::Secret;

use super::samples::head;
use super::*;
use crate::pages::samples::{DAY_MS, NOW_MS, Untrusted, chrome};
use crate::pages::{Theme, When};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let at = |days: i64| When::new(NOW_MS + days * DAY_MS, NOW_MS);
    let row = |last_used, state| SecretRow {
        key: "0123456789abcdef".into(),
        last_four: "9f2c".into(),
        created: at(-40),
        last_used,
        state,
    };
    let page = || SecretsPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        app: head(words),
        is_public: false,
        new: None,
        is_full: false,
        may_add: false,
        rows: vec![
            row(Some(at(0)), SecretState::Active),
            row(None, SecretState::Stops(at(1))),
            row(Some(at(-3)), SecretState::Stopped(at(-2))),
        ],
    };
    let retire = |uses, is_last, leaked| {
        let page = RetireSecretPage {
            chrome: chrome(theme),
            csrf: "ticket".into(),
            app: head(words),
            key: "0123456789abcdef".into(),
            last_four: "9f2c".into(),
            uses,
            is_last,
            leaked,
        };
        page.render().unwrap()
    };
    let new = Some(Secret::new("0123456789abcdef0123456789abcdef".into()));
    vec![
        ("secrets", page().render().unwrap()),
        ("secrets-new", SecretsPage { new, ..page() }.render().unwrap()),
        ("secrets-full", SecretsPage { is_full: true, ..page() }.render().unwrap()),
        ("secrets-none", SecretsPage { rows: Vec::new(), may_add: true, ..page() }.render().unwrap()),
        ("secrets-public", SecretsPage { is_public: true, ..page() }.render().unwrap()),
        ("secret-retire", retire(12, false, false)),
        ("secret-retire-last", retire(0, true, false)),
        ("secret-leaked", retire(1, true, true)),
    ]
}
