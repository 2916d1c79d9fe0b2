//! The pages of sign-up, recovery, profile and mail, one of each.

use askama::Template;

use super::samples::{NOW_MS, Untrusted, chrome};
use super::*;
use crate::mail::Post;

/// By name.
pub(super) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let chrome = || chrome(theme);
    let csrf = || "ticket".to_owned();
    let throttled = NotNow::Throttled { retry_after_seconds: 30 };
    let typed = |invited| SignUpTyped { email: words.email.into(), name: words.person.into(), invited };
    let sign_up = |typed, invite, mistakes, error| {
        sign_up_page(chrome(), csrf(), (Some(words.sent), invite), typed, mistakes, error)
    };
    let all_wrong = SignUpMistakes { email: true, name: true, password: Some(PasswordMistake::Common) };
    let none = SignUpMistakes::default();
    let check = |mistake| check_email_page(chrome(), csrf(), (words.sent, Some(words.sent)), words.email, mistake);
    let confirm_first =
        |mistake| confirm_first_page(chrome(), csrf(), (words.sent, Some(words.sent)), words.email, mistake);
    let confirm = |asks, mistake| confirm_sign_up_page(chrome(), csrf(), words.sent, words.email, asks, mistake);
    let new_password = |by, mistakes| new_password_page(chrome(), csrf(), by, Some(words.sent), true, mistakes);
    let by_digits = ChosenBy::Digits { proof: words.sent, email: words.email };
    let both = NewPasswordMistakes {
        digits: Some(DigitsMistake::Wrong),
        password: Some(PasswordMistake::Short),
        not_now: None,
    };
    let busy = NewPasswordMistakes { not_now: Some(NotNow::Busy { retry_after_seconds: 2 }), ..Default::default() };
    let forms = vec![
        ("sign-up", sign_up(SignUpTyped::default(), None, none, None)),
        ("sign-up-wrong", sign_up(typed(false), None, all_wrong, None)),
        ("sign-up-throttled", sign_up(typed(false), None, none, Some(throttled))),
        ("sign-up-invited", sign_up(typed(true), Some(words.sent), none, None)),
        ("sign-up-by-invitation", sign_up_closed_page(chrome(), true)),
        ("sign-up-closed", sign_up_closed_page(chrome(), false)),
        ("sign-up-check", check(None)),
        ("sign-up-check-wrong", check(Some(DigitsMistake::Wrong))),
        ("sign-up-check-closed", check(Some(DigitsMistake::Closed))),
        ("sign-up-check-cookies", check(Some(DigitsMistake::NotNow(NotNow::CookiesBlocked)))),
        ("sign-up-confirm", confirm(false, None)),
        ("sign-up-confirm-elsewhere", confirm(true, Some(ConfirmMistake::Wrong))),
        ("sign-up-over", link_over_page(chrome(), "/signup")),
        ("sign-in-confirm-first", confirm_first(None)),
        ("sign-in-confirm-first-wrong", confirm_first(Some(DigitsMistake::Wrong))),
        ("sign-in-confirm-first-throttled", confirm_first(Some(DigitsMistake::NotNow(throttled)))),
        ("sign-in-confirm-address", confirm_address_page(chrome(), csrf(), words.sent, words.email, None)),
        ("sign-in-address-confirmed", address_confirmed_page(chrome())),
        ("recover", recover_page(chrome(), csrf(), None, String::new(), false, None)),
        ("recover-wrong", recover_page(chrome(), csrf(), Some(words.sent), words.email.into(), true, None)),
        ("recover-none", no_recovery_page(chrome())),
        ("recover-check", new_password(by_digits, NewPasswordMistakes::default())),
        ("recover-check-wrong", new_password(by_digits, both)),
        ("recover-confirm", new_password(ChosenBy::Link { link: words.sent }, NewPasswordMistakes::default())),
        ("recover-over", recovery_over_page(chrome())),
        ("password", new_password(ChosenBy::Session, busy)),
        ("password-changed", password_changed_page(chrome())),
        ("email", new_email_page(chrome(), csrf(), words.email, String::new(), false, None)),
        ("email-wrong", new_email_page(chrome(), csrf(), words.email, words.email.into(), true, None)),
        ("email-check", check_new_email_page(chrome(), csrf(), words.sent, words.email, None)),
        ("email-confirm", confirm_new_email_page(chrome(), csrf(), words.sent, words.email)),
        ("email-over", new_email_over_page(chrome(), true)),
        ("email-sign-in-first", new_email_over_page(chrome(), false)),
    ];
    let profile = |name_is_wrong, saved| ProfilePage {
        chrome: chrome(),
        csrf: csrf(),
        name: words.person.into(),
        name_is_wrong,
        locale: "de".into(),
        email: words.email.into(),
        saved,
    };
    let at = || When::new(NOW_MS - 3_600_000, NOW_MS);
    let line = InboxMail { id: words.sent.into(), to: words.email.into(), subject: words.app.into(), at: at() };
    let post = Post {
        to: None,
        subject: words.app.into(),
        text: format!("Hello,\n\nhttps://id.example/login\n\nhttps://id.example.evil/\n\n{}\n", words.person),
        lang: "en".into(),
    };
    let mail = MailPage::new(chrome(), words.email.into(), at(), post, "https://id.example");
    let mut pages: Vec<(&str, String)> = forms.into_iter().map(|(name, page)| (name, page.render().unwrap())).collect();
    pages.extend([
        ("profile", profile(false, false).render().unwrap()),
        ("profile-saved", profile(false, true).render().unwrap()),
        ("profile-wrong", profile(true, false).render().unwrap()),
        ("inbox", InboxPage { chrome: chrome(), mails: vec![line] }.render().unwrap()),
        ("inbox-empty", InboxPage { chrome: chrome(), mails: vec![] }.render().unwrap()),
        ("mail", mail.render().unwrap()),
    ]);
    pages
}
