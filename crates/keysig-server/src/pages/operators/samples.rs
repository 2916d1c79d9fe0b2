//! One of every page of the operator area, for the tests and for looking at.

use askama::Template;

use super::*;
use crate::pages::Theme;
use crate::pages::samples::{Untrusted, chrome};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, _words: Untrusted) -> Vec<(&'static str, String)> {
    vec![("admin", AdminHomePage { chrome: chrome(theme) }.render().unwrap())]
}
