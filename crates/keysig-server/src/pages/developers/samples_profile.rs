//! What an app says of itself, in every state.

use askama::Template;

use super::app_profile::KEEPS;
use super::samples::head;
use super::*;
use crate::logo::LogoRefused;
use crate::pages::Theme;
use crate::pages::samples::{LOGO, Untrusted, chrome};

fn page(theme: Theme, words: Untrusted) -> AppProfilePage {
    AppProfilePage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        app: head(words),
        typed: ProfileTyped {
            name: words.app.into(),
            description: words.sent.into(),
            links: [words.url, words.sent, "", ""].map(str::to_owned),
            keeps: KEEPS[3].into(),
            days: "30".into(),
        },
        problems: Vec::new(),
        no_logo: None,
        is_reviewed: false,
        done: None,
    }
}

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let page = || page(theme, words);
    let with_logo = AppHead { logo: Some(LOGO), ..head(words) };
    let done = |done| AppProfilePage { done: AppProfilePage::done(done), ..page() }.render().unwrap();
    let fields = [ProfileField::Name, ProfileField::Description, ProfileField::Days].into_iter();
    let fields = fields.chain(ProfileField::LINKS);
    let wrong = |problem| {
        let problems = fields.clone().map(|field| (field, problem)).collect();
        ("profile-wrong", AppProfilePage { problems, ..page() }.render().unwrap())
    };
    let no_logo = |why| ("profile-no-logo", AppProfilePage { no_logo: Some(why), ..page() }.render().unwrap());
    let mut pages = vec![
        ("profile", page().render().unwrap()),
        ("profile-logo", AppProfilePage { app: with_logo, is_reviewed: true, ..page() }.render().unwrap()),
        ("profile-saved", done("saved")),
        ("profile-logo-set", done("logo")),
        ("profile-logo-removed", done("no-logo")),
    ];
    pages.extend(LogoRefused::ALL.map(no_logo));
    pages.extend(ProfileProblem::ALL.map(wrong));
    pages
}
