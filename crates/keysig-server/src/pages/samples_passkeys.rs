//! The pages of passkeys.

use askama::Template;

use super::samples::{Untrusted, chrome};
use super::*;

const OPTIONS: &str = r#"{"challenge":"AAAA","rpId":"localhost"}"#;

/// What a page carries that asks for a passkey.
pub(super) fn ask(words: Untrusted) -> PasskeyAsk {
    PasskeyAsk {
        options: OPTIONS.into(),
        ticket: "sealed".into(),
        action: "/login/passkey".into(),
        hidden: vec![("typed".into(), words.email.into())],
        button: "sign-in-with-passkey",
    }
}

/// The section of the Security page.
pub(super) fn section(words: Untrusted, are_possible: bool) -> PasskeysSection {
    const NOW_MS: i64 = 1_795_000_000_000;
    let card = |last_used| PasskeyCard {
        id: words.sent.into(),
        name: words.app.into(),
        created_at: When::new(NOW_MS - 86_400_000, NOW_MS),
        last_used,
    };
    let cards = if are_possible { vec![card(None), card(Some(When::new(NOW_MS, NOW_MS)))] } else { Vec::new() };
    PasskeysSection { lang: chrome(Theme::System).lang, are_possible, cards }
}

pub(super) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let offer = |passkey: bool, outcome| PasskeyOfferPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        passkey: passkey.then(|| NewPasskey { options: OPTIONS.into(), ticket: "sealed".into() }),
        tx: Some(words.sent.into()),
        onward: "/account/security".into(),
        outcome,
    };
    let named = |is_new, name_is_wrong| PasskeyPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        id: words.sent.into(),
        name: words.app.into(),
        is_new,
        tx: Some(words.sent.into()),
        onward: "/account/security".into(),
        name_is_wrong,
    };
    let remove = |is_last_way_in| RemovePasskeyPage {
        chrome: chrome(theme),
        csrf: "ticket".into(),
        id: words.sent.into(),
        name: words.app.into(),
        is_last_way_in,
    };
    let removed = PasskeyRemovedPage { chrome: chrome(theme), name: words.app.into() };
    vec![
        ("passkey-offer", offer(true, None).render().unwrap()),
        ("passkey-offer-cancelled", offer(true, Some(NoPasskey::Cancelled)).render().unwrap()),
        ("passkey-offer-exists", offer(true, Some(NoPasskey::Exists)).render().unwrap()),
        ("passkey-offer-late", offer(true, Some(NoPasskey::TooLate)).render().unwrap()),
        ("passkey-offer-refused", offer(true, Some(NoPasskey::Refused)).render().unwrap()),
        ("passkey-offer-full", offer(true, Some(NoPasskey::TooMany { most: 20 })).render().unwrap()),
        ("passkey-offer-impossible", offer(false, None).render().unwrap()),
        ("passkey-made", named(true, false).render().unwrap()),
        ("passkey-rename", named(false, false).render().unwrap()),
        ("passkey-rename-wrong", named(false, true).render().unwrap()),
        ("passkey-remove", remove(false).render().unwrap()),
        ("passkey-remove-last", remove(true).render().unwrap()),
        ("passkey-removed", removed.render().unwrap()),
    ]
}
