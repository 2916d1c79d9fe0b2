//! Pages of Security and of the second step.

use askama::Template;

use super::samples::{LOGO, Untrusted, chrome};
use super::*;

fn section(theme: Theme, since: Option<When>, codes_left: u64) -> SecondStepSection {
    SecondStepSection { chrome: chrome(theme), since, codes_left }
}

/// Security as a whole.
fn security(theme: Theme, words: Untrusted, since: Option<When>, done: Option<&'static str>) -> SecurityPage {
    let passkeys = samples_passkeys::section(words, since.is_some());
    let (second_step, upstreams) = (section(theme, since, 9), samples_upstream::section(words));
    SecurityPage { chrome: chrome(theme), done, passkeys, second_step, upstreams }
}

/// Every page of them, by name.
pub(super) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let now = 1_795_000_000_000;
    let since = Some(When::new(now - 86_400_000, now));
    let second_step = |has_app, is_recovery, error| {
        let (tx, app_name) = (Some(words.sent.into()), Some(words.app.into()));
        let (csrf, step) = ("ticket".into(), words.sent.into());
        let page = SecondStepPage {
            chrome: chrome(theme),
            csrf,
            step,
            tx,
            app_name,
            passkey: Some(PasskeyAsk { button: "use-passkey", ..samples_passkeys::ask(words) }),
            has_app,
            is_recovery,
            error,
        };
        page.render().unwrap()
    };
    let authenticator = |is_wrong| {
        let page = AuthenticatorPage {
            chrome: chrome(theme),
            csrf: "ticket".into(),
            setup: words.sent.into(),
            picture: labelled_qr_svg("otpauth://totp/Demo:ada", "QR code for an authenticator app"),
            key: "JBSW Y3DP EHPK 3PXP".into(),
            is_wrong,
        };
        page.render().unwrap()
    };
    let change =
        |change| SecondStepChangePage { chrome: chrome(theme), csrf: "ticket".into(), change }.render().unwrap();
    let codes = |is_first| {
        let codes = vec!["abcd-efgh-jkmn".to_owned(), "pqrs-tuvw-xyz1".to_owned()];
        RecoveryCodesPage { chrome: chrome(theme), csrf: "ticket".into(), codes, is_first }.render().unwrap()
    };
    let chooser = |count| {
        let account = Account { name: words.person.into(), email: words.email.into() };
        let one = |n| KnownAccount { session: words.sent.into(), account: account.clone(), is_current: n == 0 };
        let (tx, app_name) = (Some(words.sent.into()), Some(words.app.into()));
        let accounts = (0..count).map(one).collect();
        let app_logo = (count > 1).then_some(LOGO);
        ChooserPage { chrome: chrome(theme), csrf: "ticket".into(), tx, app_name, app_logo, accounts }.render().unwrap()
    };
    vec![
        ("second-step", second_step(true, false, None)),
        ("second-step-empty", second_step(true, false, Some(SecondStepError::Empty))),
        ("second-step-wrong", second_step(true, false, Some(SecondStepError::Wrong))),
        (
            "second-step-throttled",
            second_step(true, false, Some(SecondStepError::Throttled { retry_after_seconds: 30 })),
        ),
        ("recovery-code", second_step(true, true, None)),
        ("recovery-code-empty", second_step(true, true, Some(SecondStepError::Empty))),
        ("recovery-code-wrong", second_step(true, true, Some(SecondStepError::Wrong))),
        ("second-step-passkey", second_step(false, false, None)),
        ("chooser", chooser(3)),
        ("security", security(theme, words, None, Some("second-step-removed")).render().unwrap()),
        ("security-second-step", security(theme, words, since, Some("second-step-added")).render().unwrap()),
        ("authenticator", authenticator(false)),
        ("authenticator-wrong", authenticator(true)),
        ("recovery-codes", codes(true)),
        ("recovery-codes-new", codes(false)),
        ("recovery-codes-confirm", change(SecondStepChange::NewCodes)),
        ("authenticator-remove", change(SecondStepChange::Remove)),
    ]
}
