//! Permissions in every state.

use askama::Template;
use keysig_core::scope::ScopeGroup;

use super::samples::head;
use super::*;
use crate::pages::samples::{Untrusted, chrome, consent};
use crate::pages::{Question, Theme};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let row = |scope: &str, group, choice, is_idle, problem| ScopeRow {
        scope: scope.to_owned(),
        title: "Your private playlists".into(),
        detail: "Titles and tracks".into(),
        group,
        choice,
        reason: words.reason.into(),
        problem,
        is_idle,
    };
    let page = |saved, may_all, problem| {
        let page = PermissionsPage {
            chrome: chrome(theme),
            csrf: "ticket".into(),
            app: head(words),
            saved,
            may_all,
            rows: vec![
                row("openid", ScopeGroup::See, ScopeChoice::Required, false, None),
                row("playlist-read-private", ScopeGroup::See, ScopeChoice::Required, true, problem),
                row("playlist-modify-private", ScopeGroup::Change, ScopeChoice::Optional, false, None),
                row("user-modify-playback-state", ScopeGroup::Control, ScopeChoice::NotUsed, false, None),
            ],
            preview: consent(theme, words, Question::First, &["playlist-read-private"], &[]),
        };
        page.render().unwrap()
    };
    vec![
        ("permissions", page(false, false, None)),
        ("permissions-saved", page(true, true, None)),
        ("permissions-too-long", page(false, false, Some(ReasonProblem::TooLong))),
        ("permissions-stray", page(false, false, Some(ReasonProblem::Stray))),
    ]
}
