//! Settings in every state.

use askama::Template;
use keysig_core::jose::SigningAlgorithm;

use super::samples::head;
use super::*;
use crate::pages::Theme;
use crate::pages::samples::{Untrusted, chrome};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let page = |saved, problem, form| {
        let page =
            AppSettingsPage { chrome: chrome(theme), csrf: "ticket".into(), app: head(words), saved, problem, form };
        page.render().unwrap()
    };
    let filled = AppSettingsForm {
        algorithm: SigningAlgorithm::Es256,
        rotates: true,
        post_logout: words.sent.into(),
        back_channel: words.sent.into(),
        front_channel: String::new(),
    };
    vec![
        ("app-settings", page(false, None, AppSettingsForm::default())),
        ("app-settings-saved", page(true, None, filled.clone())),
        ("app-settings-wrong", page(false, Some(("back_channel", format!("logout address {}", words.sent))), filled)),
    ]
}
