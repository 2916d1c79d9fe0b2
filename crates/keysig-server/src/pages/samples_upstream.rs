//! One of every page on the way to other providers and back.

use askama::Template;

use super::samples::{Untrusted, account, chrome, sign_in, when};
use super::*;

fn offered(words: Untrusted) -> Offered {
    Offered { id: "example".into(), name: words.other_app.into() }
}

fn buttons(words: Untrusted, problem: Option<UpstreamProblem>) -> UpstreamButtons {
    UpstreamButtons {
        lang: chrome(Theme::System).lang,
        csrf: "ticket".into(),
        tx: Some("7Q2M".into()),
        offered: vec![offered(words), Offered { id: "github".into(), name: "GitHub".into() }],
        next: None,
        problem: problem.map(|problem| (words.other_app.to_owned(), problem)),
    }
}

fn linked(words: Untrusted) -> LinkedAccount {
    LinkedAccount {
        id: "5e884898da280471".into(),
        provider: words.other_app.into(),
        name: words.person.into(),
        since: when(40),
        last_used: when(1),
    }
}

pub(super) fn to_confirm(words: Untrusted) -> UpstreamButtons {
    UpstreamButtons { next: Some("/account/security".into()), tx: None, ..buttons(words, None) }
}

pub(super) fn section(words: Untrusted) -> UpstreamSection {
    UpstreamSection { lang: chrome(Theme::System).lang, linked: vec![linked(words)], offered: vec![offered(words)] }
}

pub(super) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let linking = |email: Option<&str>, question| LinkingPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        id: "0192".into(),
        provider: words.other_app.into(),
        name: words.person.into(),
        email: email.map(str::to_owned),
        question,
    };
    let sign_up = |failed| {
        let display_name = words.person.to_owned();
        linking(Some(words.email), LinkingQuestion::SignUp { display_name, failed })
    };
    let problem = |problem| {
        let page = UpstreamProblemPage { chrome: chrome(theme), provider: words.other_app.into(), problem };
        page.render().unwrap()
    };
    let with_buttons = |problem| SignInPage { upstreams: buttons(words, problem), ..sign_in(theme, words, None) };
    vec![
        ("sign-in-upstreams", with_buttons(None).render().unwrap()),
        ("sign-in-upstream-down", with_buttons(Some(UpstreamProblem::Down)).render().unwrap()),
        (
            "to-provider",
            ToProviderPage::new(chrome(theme), words.other_app.into(), words.url).unwrap().render().unwrap(),
        ),
        ("linking", linking(Some(words.email), LinkingQuestion::Link { account: account(words) }).render().unwrap()),
        ("linking-exists", linking(Some(words.email), LinkingQuestion::AccountExists).render().unwrap()),
        (
            "linking-none",
            linking(None, LinkingQuestion::NoAccount { unconfirmed: false, may_sign_up: true }).render().unwrap(),
        ),
        (
            "linking-unconfirmed",
            linking(Some(words.email), LinkingQuestion::NoAccount { unconfirmed: true, may_sign_up: false })
                .render()
                .unwrap(),
        ),
        ("linking-sign-up", sign_up(false).render().unwrap()),
        ("linking-sign-up-wrong", sign_up(true).render().unwrap()),
        (
            "upstream-link",
            UpstreamLinkPage { chrome: chrome(theme), csrf: "ticket".into(), provider: offered(words) }
                .render()
                .unwrap(),
        ),
        (
            "upstream-unlink",
            UpstreamUnlinkPage { chrome: chrome(theme), csrf: "ticket".into(), linked: linked(words) }
                .render()
                .unwrap(),
        ),
        ("upstream-taken", problem(LinkProblem::Taken)),
        ("upstream-last-way", problem(LinkProblem::LastWay)),
        ("upstream-another", problem(LinkProblem::NotConfirmed(None))),
        ("upstream-stale", problem(LinkProblem::Journey(UpstreamProblem::Stale))),
    ]
}
