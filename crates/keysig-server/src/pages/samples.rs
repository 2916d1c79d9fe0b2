//! One of every page, for the tests and for looking at: `cargo test -p keysig-server pages` leaves them in `target/pages`.

use std::cell::Cell;

use askama::Template;

use keysig_core::id::LogoId;
use keysig_core::scope::ScopeFile;

use super::*;

/// The text that people and developers chose.
#[derive(Clone, Copy)]
pub(super) struct Untrusted {
    pub(super) app: &'static str,
    pub(super) developer: &'static str,
    pub(super) reason: &'static str,
    pub(super) other_app: &'static str,
    pub(super) person: &'static str,
    pub(super) email: &'static str,
    pub(super) url: &'static str,
    pub(super) sent: &'static str,
    pub(super) code: &'static str,
}

pub(super) const FRIENDLY: Untrusted = Untrusted {
    app: "Playlist Peek",
    developer: "Grace H.",
    reason: "to put new songs in the playlist you choose",
    other_app: "Train Tunes",
    person: "Ada L.",
    email: "ada@example.test",
    url: "https://peek.example/callback?code=AQB0&state=a%26b",
    sent: "http://localhost:8888/callback",
    code: "WDJB-MJHT",
};

/// Breaks out of an attribute and an element, and turns the line around.
pub(super) const HOSTILE: &str = "\"'><script>alert(1)</script>\u{202e}{app}";

pub(super) const ATTACK: Untrusted = Untrusted {
    app: HOSTILE,
    developer: HOSTILE,
    reason: HOSTILE,
    other_app: HOSTILE,
    person: HOSTILE,
    email: HOSTILE,
    url: "https://peek.example/callback?state=\"'><script>alert(1)</script>",
    sent: HOSTILE,
    code: HOSTILE,
};

/// A picture that is not there: the pages have room for it all the same.
pub(super) const LOGO: LogoId = LogoId::from_bytes([7; 16]);
pub(super) const NOW_MS: i64 = 1_795_000_000_000;
pub(super) const DAY_MS: i64 = 86_400_000;

thread_local! {
    /// The language of the pages that are being made.
    static LANG: Cell<Lang> = const { Cell::new(Lang::En) };
}

/// All pages in a language.
pub(super) fn all_in(lang: Lang, theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    LANG.set(lang);
    let pages = all(theme, words);
    LANG.set(Lang::En);
    pages
}

/// All pages of developers and operators, which are in English.
pub(super) fn work(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    [
        developers::samples::all(theme, words),
        developers::samples_create::all(theme, words),
        developers::samples_redirect_uris::all(theme, words),
        developers::samples_inspector::all(theme, words),
        developers::samples_danger::all(theme, words),
        developers::samples_permissions::all(theme, words),
        developers::samples_secrets::all(theme, words),
        developers::samples_settings::all(theme, words),
        developers::samples_test_users::all(theme, words),
        developers::samples_hooks::all(theme, words),
        developers::samples_profile::all(theme, words),
        developers::samples_review::all(theme, words),
        operators::samples::all(theme, words),
    ]
    .concat()
}

pub(super) fn chrome(theme: Theme) -> Chrome {
    Chrome {
        brand: "Demo Music".into(),
        test_mode: true,
        theme,
        request_id: "req_7Q2M".into(),
        signed_in: None,
        lang: LANG.get(),
        languages: Lang::ALL.to_vec(),
        back: Some("/login?tx=7Q2M".into()),
        accent: None,
        links: super::FooterLinks::default(),
    }
}

/// The catalogue that ships, by wire name.
pub(super) fn named_catalogue() -> Vec<(&'static str, ScopeText<'static>)> {
    static FILE: std::sync::OnceLock<ScopeFile> = std::sync::OnceLock::new();
    let file = FILE.get_or_init(|| toml::from_str(include_str!("../../../../seed/scopes.toml")).unwrap());
    file.scope.iter().map(|entry| (entry.name.as_str(), ScopeText::of(entry, "en").unwrap())).collect()
}

pub(super) fn catalogue() -> Vec<ScopeText<'static>> {
    named_catalogue().into_iter().map(|(_, words)| words).collect()
}

pub(super) fn scopes(names: &[&str]) -> Vec<ScopeText<'static>> {
    let catalogue = named_catalogue();
    names.iter().map(|wanted| catalogue.iter().find(|(name, _)| name == wanted).unwrap().1).collect()
}

pub(super) fn sign_in(theme: Theme, words: Untrusted, error: Option<SignInError>) -> SignInPage {
    SignInPage {
        chrome: chrome(theme),
        tx: Some(words.sent.into()),
        csrf: "ticket".into(),
        app_name: Some(words.app.into()),
        app_logo: None,
        again: false,
        recovers: true,
        signs_up: true,
        identifier: if error.is_some() { words.email.into() } else { String::new() },
        passkey: Some(samples_passkeys::ask(words)),
        error,
        upstreams: UpstreamButtons::default(),
    }
}

pub(super) fn consent(
    theme: Theme,
    words: Untrusted,
    question: Question,
    asked: &[&str],
    allowed: &[&str],
) -> ConsentPage {
    let held = scopes(&[asked, allowed].concat());
    let asked: Vec<_> =
        scopes(asked).into_iter().map(|text| ScopeText { reason: Some(words.reason), ..text }).collect();
    let permissions = Permissions::of(&asked);
    ConsentPage {
        chrome: chrome(theme),
        tx: words.sent.into(),
        csrf: "ticket".into(),
        app: AppIdentity {
            name: words.app.into(),
            developer: words.developer.into(),
            logo: (question == Question::More).then_some(LOGO),
            home: WebAddress::parse("https://peek.example/"),
            destination: Destination::of(words.url).unwrap(),
            badge: Badge::NotReviewed { users: 12, first_seen: When::new(NOW_MS - 2 * DAY_MS, NOW_MS) },
        },
        account: account(words),
        question,
        changed: false,
        permissions,
        optional: Vec::new(),
        already_allowed: Permissions::of(&scopes(allowed)),
        will_not: will_not(&catalogue(), &held),
        api: None,
        keeps_data: DataKeeping::UntilDisconnected,
        privacy_url: WebAddress::parse("https://peek.example/privacy"),
        ends: None,
        most: None,
    }
}

pub(super) fn pair(theme: Theme, words: Untrusted, error: Option<PairError>) -> PairPage {
    let code = if matches!(error, None | Some(PairError::Empty)) { String::new() } else { words.code.into() };
    PairPage { chrome: chrome(theme), csrf: "ticket".into(), code, error }
}

pub(super) fn form_post(theme: Theme, words: Untrusted, action: &str) -> Option<FormPostPage> {
    let fields = vec![("code", "AQB0".into()), ("state", words.sent.into())];
    FormPostPage::new(chrome(theme), words.app.into(), action.into(), fields)
}

/// The last two load nothing.
pub(super) const FRAMES: &[&str] = &[
    "https://peek.example/out?iss=https%3A%2F%2Fid.example&sid=7Q2M",
    "https://peek.example/\"'><script>alert(1)</script>",
    "javascript:alert(1)",
    "peek-app://out",
];

pub(super) fn signed_out(theme: Theme, words: Untrusted, frames: &[&str], onward: Option<&str>) -> SignedOutPage {
    SignedOutPage {
        chrome: chrome(theme),
        account: Some(account(words)),
        frames: frames.iter().map(|frame| (*frame).to_owned()).collect(),
        onward: onward.map(|url| Onward::new(words.app.into(), url.into()).unwrap()),
    }
}

pub(super) fn account(words: Untrusted) -> Account {
    Account { name: words.person.into(), email: words.email.into() }
}

/// So many days before now.
pub(super) fn when(days: i64) -> When {
    When::new(NOW_MS - days * DAY_MS, NOW_MS)
}

fn known(words: Untrusted) -> KnownApp {
    KnownApp { name: words.app.into(), home: WebAddress::parse("https://peek.example/") }
}

/// Every error page, by name.
pub(super) fn errors(theme: Theme, words: Untrusted) -> Vec<(&'static str, ErrorPage)> {
    let (chrome, app) = (|| chrome(theme), || known(words));
    let add_me = || ErrorForm {
        action: "/dashboard/apps/demo-web/test-users/me".into(),
        csrf: "ticket".into(),
        tx: "0".repeat(32),
    };
    vec![
        ("error-unknown-client", ErrorPage::unknown_client(chrome(), words.sent)),
        (
            "error-redirect-mismatch",
            ErrorPage::redirect_mismatch(chrome(), app(), words.sent, Some("http://127.0.0.1:8888/callback")),
        ),
        ("error-redirect-insecure", ErrorPage::redirect_insecure(chrome(), app(), words.sent)),
        ("error-illegal-scope", ErrorPage::illegal_scope(chrome(), app(), words.sent, Some("user-read-private"))),
        ("error-response-type", ErrorPage::response_type(chrome(), app(), words.sent)),
        ("error-legacy-flow-off", ErrorPage::legacy_flow_off(chrome(), app(), words.sent)),
        ("error-missing-parameter", ErrorPage::missing_parameter(chrome(), None, "client_id")),
        ("error-duplicate-parameter", ErrorPage::duplicate_parameter(chrome(), Some(app()), "scope")),
        ("error-malformed-parameter", ErrorPage::malformed_parameter(chrome(), None, "state", "It is not UTF-8.")),
        ("error-oversized", ErrorPage::oversized(chrome(), Some(app()), 400, "state", 4096)),
        ("error-not-a-test-user", ErrorPage::not_a_test_user(chrome(), app(), words.email)),
        (
            "error-not-a-test-user-of-mine",
            ErrorPage::not_a_test_user(chrome(), app(), words.email)
                .mended_at("https://music.example/dashboard/apps/demo-web/test-users")
                .with_form("add-me", words.email, add_me()),
        ),
        ("error-fake-elsewhere", ErrorPage::fake_elsewhere(chrome(), app())),
        ("error-logins-stopped", ErrorPage::logins_stopped(chrome(), app())),
        ("error-too-many-people", ErrorPage::too_many_people(chrome(), app(), 100)),
        ("error-app-unavailable", ErrorPage::app_unavailable(chrome(), app(), PausedBy::Service)),
        ("error-tx-expired", ErrorPage::tx_expired(chrome(), Some(app()))),
        ("error-already-answered", ErrorPage::already_answered(chrome(), Some(app()))),
        ("error-device-gone", ErrorPage::device_gone(chrome())),
        ("error-post-logout-mismatch", ErrorPage::post_logout_mismatch(chrome(), app(), words.sent)),
        ("error-busy", ErrorPage::busy(chrome(), 5)),
        ("error-internal", ErrorPage::internal(chrome())),
        ("error-not-found", ErrorPage::not_found(chrome())),
        ("error-method-not-allowed", ErrorPage::method_not_allowed(chrome(), "GET, HEAD")),
        ("error-csrf-failed", ErrorPage::csrf_failed(chrome())),
    ]
}

/// Every page, by name.
pub(super) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    pub(super) const FIVE: [&str; 5] = [
        "playlist-read-private",
        "user-read-recently-played",
        "playlist-modify-private",
        "user-library-read",
        "user-modify-playback-state",
    ];
    let chrome = || chrome(theme);
    let sign_in = |error| sign_in(theme, words, error).render().unwrap();
    let consent = |question, asked: &[&str], allowed: &[&str]| consent(theme, words, question, asked, allowed);
    let choices = |question| ConsentPage {
        optional: OptionalLine::of(&[
            ("user-read-email", ScopeText { reason: Some(words.reason), ..scopes(&["user-read-email"])[0] }),
            ("playlist-modify-private", scopes(&["playlist-modify-private"])[0]),
        ]),
        ..consent(question, &["user-top-read"], &FIVE[..2])
    };
    let sign_out = |has_others| SignOutConfirmPage {
        chrome: chrome(),
        csrf: "ticket".into(),
        account: account(words),
        has_others,
        asked_by: None,
        hidden: vec![],
    };
    let asked_to_sign_out = SignOutConfirmPage {
        asked_by: Some(words.app.into()),
        hidden: vec![("client_id", words.sent.into()), ("state", words.sent.into())],
        ..sign_out(false)
    };
    let native = ConsentPage {
        app: AppIdentity {
            destination: Destination::of("peek-app://callback").unwrap(),
            ..consent(Question::ContinueAs, &[], &FIVE).app
        },
        ..consent(Question::ContinueAs, &[], &FIVE)
    };
    let device = |question, asked: &[&str], allowed: &[&str]| {
        let destination = Destination::Device { code: words.code.into() };
        let page = consent(question, asked, allowed);
        ConsentPage { app: AppIdentity { destination, ..page.app }, ..page }.render().unwrap()
    };
    let pair = |error| pair(theme, words, error).render().unwrap();
    let device_done =
        |connected| DeviceDonePage { chrome: chrome(), app_name: words.app.into(), connected }.render().unwrap();
    let leaving = |url: &str| LeavingPage::new(chrome(), words.app.into(), url.into()).unwrap().render().unwrap();
    let recheck_by = |second_only, error| {
        let hidden = vec![("name".to_owned(), words.sent.into())];
        let (action, csrf) = ("/account/confirm".into(), "ticket".into());
        let passkey = Some(PasskeyAsk { button: "use-passkey", ..samples_passkeys::ask(words) });
        let upstreams = samples_upstream::to_confirm(words);
        let account = account(words);
        let page = RecheckPage {
            chrome: chrome(),
            csrf,
            account,
            action,
            hidden,
            passkey,
            upstreams,
            has_app: true,
            second_only,
            error,
        };
        page.render().unwrap()
    };
    let recheck = |error| recheck_by(false, error);
    let mut pages = vec![
        ("recheck", recheck(None)),
        ("recheck-second", recheck_by(true, None)),
        ("recheck-second-wrong", recheck_by(true, Some(RecheckError::WrongCode))),
        ("recheck-second-passkey", recheck_by(true, Some(RecheckError::WrongPasskey))),
        ("recheck-wrong", recheck(Some(RecheckError::Wrong))),
        ("recheck-wrong-code", recheck(Some(RecheckError::WrongCode))),
        ("recheck-throttled", recheck(Some(RecheckError::Throttled { retry_after_seconds: 30 }))),
        ("recheck-passkey", recheck(Some(RecheckError::WrongPasskey))),
        ("recheck-late", recheck(Some(RecheckError::PasskeyTooLate))),
        ("recheck-busy", recheck(Some(RecheckError::Busy { retry_after_seconds: 2 }))),
        ("sign-in", sign_in(None)),
        ("sign-in-wrong", sign_in(Some(SignInError::WrongCredentials))),
        ("sign-in-throttled", sign_in(Some(SignInError::Throttled { retry_after_seconds: 30 }))),
        ("sign-in-cookies", sign_in(Some(SignInError::CookiesBlocked))),
        (
            "sign-in-again",
            SignInPage { again: true, app_logo: Some(LOGO), ..self::sign_in(theme, words, None) }.render().unwrap(),
        ),
        ("sign-in-other", sign_in(Some(SignInError::OtherAccountWanted))),
        ("sign-in-passkey-unknown", sign_in(Some(SignInError::UnknownPasskey))),
        ("sign-in-passkey-late", sign_in(Some(SignInError::PasskeyTooLate))),
        ("sign-in-closed", sign_in(Some(SignInError::Closed))),
        ("sign-in-busy", sign_in(Some(SignInError::Busy { retry_after_seconds: 1 }))),
        ("consent-first", consent(Question::First, &FIVE, &[]).render().unwrap()),
        ("consent-choices", choices(Question::First).render().unwrap()),
        (
            "consent-choices-more",
            ConsentPage { ends: Some(When::new(NOW_MS + 20 * DAY_MS, NOW_MS)), ..choices(Question::More) }
                .render()
                .unwrap(),
        ),
        ("consent-changed", ConsentPage { changed: true, ..consent(Question::First, &FIVE, &[]) }.render().unwrap()),
        ("consent-nothing", consent(Question::First, &[], &[]).render().unwrap()),
        ("consent-more", consent(Question::More, &["user-modify-playback-state"], &FIVE[..3]).render().unwrap()),
        ("consent-continue", native.render().unwrap()),
        (
            "consent-api",
            ConsentPage { api: Some(words.url.into()), ..consent(Question::First, &FIVE, &[]) }.render().unwrap(),
        ),
        ("consent-device", device(Question::First, &FIVE, &[])),
        ("consent-device-continue", device(Question::ContinueAs, &[], &FIVE)),
        ("pair", pair(None)),
        ("pair-empty", pair(Some(PairError::Empty))),
        ("pair-unknown", pair(Some(PairError::Unknown))),
        ("pair-throttled", pair(Some(PairError::Throttled { retry_after_seconds: 30 }))),
        ("pair-cookies", pair(Some(PairError::CookiesBlocked))),
        ("device-connected", device_done(true)),
        ("device-not-connected", device_done(false)),
        ("form-post", form_post(theme, words, "https://peek.example/callback").unwrap().render().unwrap()),
        ("leaving", leaving(words.url)),
        ("leaving-app", leaving("peek-app://callback?code=AQB0&state=1")),
        ("sign-out", sign_out(false).render().unwrap()),
        ("sign-out-several", sign_out(true).render().unwrap()),
        ("sign-out-asked", asked_to_sign_out.render().unwrap()),
        ("signed-out", signed_out(theme, words, &[], None).render().unwrap()),
        ("signed-out-onward", signed_out(theme, words, FRAMES, Some(words.url)).render().unwrap()),
        ("signed-out-app", signed_out(theme, words, &[], Some("peek-app://signed-out")).render().unwrap()),
        ("home", HomePage { chrome: chrome() }.render().unwrap()),
        (
            "home-signed-in",
            HomePage { chrome: Chrome { signed_in: Some(words.person.into()), ..chrome() } }.render().unwrap(),
        ),
        (
            "account",
            AccountPage { chrome: chrome(), csrf: "ticket".into(), account: account(words), connected_apps: 2 }
                .render()
                .unwrap(),
        ),
    ];
    pages.extend(samples_security::all(theme, words));
    pages.extend(samples_passkeys::all(theme, words));
    pages.extend(samples_mail::all(theme, words));
    pages.extend(samples_account::all(theme, words));
    pages.extend(samples_upstream::all(theme, words));
    pages.extend(errors(theme, words).into_iter().map(|(name, page)| (name, page.render().unwrap())));
    pages
}
