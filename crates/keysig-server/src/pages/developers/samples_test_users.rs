//! Test users in every state, and the two modes of an app.

use askama::Template;
use keysig_core::secret::Secret;
use keysig_core::user::Product;

use super::samples::head;
use super::*;
use crate::pages::Theme;
use crate::pages::samples::{Untrusted, chrome, when};

/// All of them, by name.
pub(in crate::pages) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let login = || Some("/dev/login/0/0".to_owned());
    let row = |is_fake: bool, login| TestUserRow {
        id: "0".repeat(32),
        email: words.email.into(),
        name: words.person.into(),
        added: (!is_fake).then(|| when(3)),
        is_fake,
        login,
    };
    let page = || TestUsersPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        app: head(words),
        done: None,
        address: String::new(),
        problem: None,
        rows: vec![row(false, None), row(true, login())],
        invited: vec![InvitedRow { email: words.email.into(), at: when(1) }],
        next: Some(words.email.into()),
    };
    let wrong =
        |problem| TestUsersPage { address: words.sent.into(), problem: Some(problem), ..page() }.render().unwrap();
    let [no_address, no_account, of_another, full, too_many] = TestUserProblem::ALL.map(wrong);
    let remove = |is_fake, is_live| {
        let app = AppHead { is_live, ..head(words) };
        let page = RemoveTestUserPage { chrome: chrome(theme), csrf: "ticket".into(), app, row: row(is_fake, None) };
        page.render().unwrap()
    };
    let fake = |problem: Option<FakeUserProblem>| {
        let page = FakeUserPage {
            chrome: chrome(theme),
            csrf: "ticket".into(),
            app: head(words),
            key: "0".repeat(32),
            name: words.person.into(),
            country: "SE".into(),
            product: Product::Premium,
            has_library: true,
            problem,
        };
        page.render().unwrap()
    };
    let [name, country, fakes_full] = FakeUserProblem::ALL.map(|problem| fake(Some(problem)));
    let made = FakeUserMadePage {
        chrome: chrome(theme),
        app: head(words),
        email: "testlistener.1f3c@test.invalid".into(),
        password: Secret::new("0123456789abcdefghij".into()),
        login: login(),
    };
    let empty = TestUsersPage { rows: Vec::new(), invited: Vec::new(), next: None, ..page() };
    let live = TestUsersPage { app: AppHead { is_live: true, ..head(words) }, ..page() };
    let done = |done| TestUsersPage { done: TestUsersPage::done(done), ..page() }.render().unwrap();
    let mode = |is_live: bool, held_back, done, was_refused, people| {
        let has = |check: LiveCheck| (check, is_live);
        let all = [LiveCheck::Reviewed, LiveCheck::RedirectUri, LiveCheck::Homepage];
        let others = [LiveCheck::Privacy, LiveCheck::KeepsData, LiveCheck::Secret];
        let page = ModePage {
            chrome: chrome(theme),
            csrf: "ticket".into(),
            app: AppHead { is_live, ..head(words) },
            done,
            was_refused,
            held_back,
            checks: all.into_iter().chain(others).map(has).collect(),
            people,
            bound: (!is_live).then_some((12, 100)),
        };
        page.render().unwrap()
    };
    vec![
        ("test-users", page().render().unwrap()),
        ("test-users-empty", empty.render().unwrap()),
        ("test-users-live", live.render().unwrap()),
        ("test-users-no-address", no_address),
        ("test-users-no-account", no_account),
        ("test-users-of-another", of_another),
        ("test-users-full", full),
        ("test-users-too-many", too_many),
        ("test-user-remove", remove(false, false)),
        ("test-user-remove-live", remove(false, true)),
        ("test-user-remove-fake", remove(true, false)),
        ("fake-user", fake(None)),
        ("fake-user-name", name),
        ("fake-user-country", country),
        ("fake-user-full", fakes_full),
        ("fake-user-made", made.render().unwrap()),
        ("test-users-added", done("added")),
        ("test-users-owner", done("owner")),
        ("test-users-invited", done("invited")),
        ("test-users-invited-before", done("invited-before")),
        ("test-users-uninvited", done("uninvited")),
        ("test-users-removed", done("removed")),
        ("test-users-made-before", done("made-before")),
        ("mode-development", mode(false, false, false, false, 0)),
        ("mode-held-back", mode(false, true, false, true, 1)),
        ("mode-closed", mode(false, false, true, false, 12)),
        ("mode-live", mode(true, false, false, false, 12)),
        ("mode-opened", mode(true, false, true, false, 0)),
    ]
}
