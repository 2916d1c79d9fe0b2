//! One of every page of the operator area, for the tests and for looking at.

use askama::Template;

use super::*;
use crate::pages::Theme;
use crate::pages::samples::{Untrusted, chrome};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let refused = AdminRefusedPage { chrome: chrome(theme), problem: words.sent.into() };
    let first = |of_developers| SecondFactorFirstPage { chrome: chrome(theme), of_developers }.render().unwrap();
    let own = vec![
        ("admin", AdminHomePage { chrome: chrome(theme) }.render().unwrap()),
        ("admin-refused", refused.render().unwrap()),
        ("admin-second-factor-first", first(false)),
        ("dashboard-second-factor-first", first(true)),
    ];
    [own, super::samples_settings::all(theme, words)].concat()
}
