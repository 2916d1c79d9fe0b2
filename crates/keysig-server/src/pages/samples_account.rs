//! One of every page of the account.

use askama::Template;
use keysig_core::account_event::AccountEvent;

use super::samples::*;
use super::*;

/// Of the catalogue that ships.
const FIVE: [&str; 5] = [
    "user-read-email",
    "user-read-private",
    "playlist-read-private",
    "playlist-modify-private",
    "user-modify-playback-state",
];

fn permissions(names: &[&str]) -> Vec<UsedPermission> {
    let line = |(n, scope): (u8, &ScopeText<'_>)| UsedPermission {
        last_used: (n % 3 > 0).then(|| When::new(NOW_MS - i64::from(n) * DAY_MS, NOW_MS)),
        times: u64::from(n % 3) * 20,
        ..UsedPermission::of(n, scope, n == 1)
    };
    (0..).zip(&scopes(names)).map(line).collect()
}

fn connected(words: Untrusted, badge: Option<Badge>, names: &[&str]) -> ConnectedApp {
    ConnectedApp {
        grant_id: words.sent.into(),
        name: words.app.into(),
        logo: badge.is_some().then_some(LOGO),
        home: WebAddress::parse("https://peek.example/"),
        badge,
        connected_at: When::new(NOW_MS - 200 * DAY_MS, NOW_MS),
        last_used: Some(When::new(NOW_MS - DAY_MS / 12, NOW_MS)),
        ends_at: Some(When::new(NOW_MS + 20 * DAY_MS, NOW_MS)),
        has_ended: false,
        is_paused: false,
        permissions: permissions(names),
    }
}

fn apps(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let chrome = || chrome(theme);
    let list = |apps, done, is_review| ConnectedAppsPage {
        chrome: chrome(),
        csrf: "ticket".into(),
        apps,
        is_review,
        unused: 1,
        done,
    };
    let other = Untrusted { app: words.other_app, ..words };
    let gone = ConnectedApp { last_used: None, ends_at: None, is_paused: true, ..connected(other, None, &[]) };
    let two = vec![connected(words, Some(Badge::Reviewed), &FIVE), gone];
    let done = |done| Some((done, words.app.to_owned()));
    let rendered = |page: ConnectedAppsPage| page.render().unwrap();
    let report = |error| {
        let (category, words_sent) = (Some(ReportCategory::Data), "It sings & <b>dances</b>".into());
        let (csrf, grant_id, name) = ("ticket".into(), words.sent.into(), words.app.into());
        ReportAppPage { chrome: chrome(), csrf, grant_id, name, category, words_sent, error }.render().unwrap()
    };
    let days = (0..30).map(|n| DayOfUse { n, times: n * n % 17 }).collect();
    let line = |n: i64, title: Option<&str>| UseLine {
        day: When::new(NOW_MS - n * DAY_MS, NOW_MS),
        title: title.map(str::to_owned),
        times: 12,
        last_used: When::new(NOW_MS - n * DAY_MS, NOW_MS),
    };
    let details = |days, lines| {
        let (grant_id, name) = (words.sent.into(), words.app.into());
        let description = Some(words.reason.to_owned());
        let page = WebAddress::parse("https://peek.example/terms");
        let links = ["details-privacy", "details-terms", "details-support"];
        let links = links.into_iter().filter_map(|key| Some((key, page.clone()?))).collect();
        AppDetailsPage { chrome: chrome(), grant_id, name, description, links, days, lines }.render().unwrap()
    };
    let reported = ReportedPage { chrome: chrome(), grant_id: words.sent.into(), name: words.app.into() };
    let remove = RemoveAppPage {
        chrome: chrome(),
        csrf: "ticket".into(),
        grant_id: words.sent.into(),
        name: words.app.into(),
        contact_url: WebAddress::parse("https://peek.example/"),
    };
    let names = vec![words.app.into(), words.other_app.into()];
    let remove_all = RemoveAllPage { chrome: chrome(), csrf: "ticket".into(), names };
    vec![
        ("apps", rendered(list(two.clone(), done(AppDone::Removed), false))),
        ("apps-paused", rendered(list(two.clone(), done(AppDone::Paused), false))),
        ("apps-review", rendered(list(two, None, true))),
        ("apps-review-none", rendered(list(Vec::new(), None, true))),
        ("apps-none", rendered(ConnectedAppsPage { unused: 0, ..list(Vec::new(), done(AppDone::AllRemoved), false) })),
        ("apps-details", details(days, vec![line(0, Some("Your email")), line(1, None)])),
        ("apps-details-none", details(Vec::new(), Vec::new())),
        ("apps-report", report(None)),
        ("apps-report-missing", report(Some(ReportError::Missing))),
        ("apps-report-long", report(Some(ReportError::TooLong))),
        ("apps-report-throttled", report(Some(ReportError::TooMany { retry_after_seconds: 60 }))),
        ("apps-reported", reported.render().unwrap()),
        ("apps-remove", remove.render().unwrap()),
        ("apps-remove-all", remove_all.render().unwrap()),
    ]
}

fn sessions(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let chrome = || chrome(theme);
    let firefox = DeviceName::of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    let device = |is_this| Device {
        id: words.sent.into(),
        name: if is_this { firefox } else { DeviceName::of(words.app) },
        first_seen: is_this.then(|| When::new(NOW_MS - 40 * DAY_MS, NOW_MS)),
        last_seen: When::new(NOW_MS - DAY_MS, NOW_MS),
        address: "192.0.2.7".into(),
        is_this,
    };
    let devices =
        |devices, done| DevicesPage { chrome: chrome(), csrf: "ticket".into(), devices, done }.render().unwrap();
    let line = |event| EventLine {
        event,
        about: words.app.into(),
        at: When::new(NOW_MS - DAY_MS, NOW_MS),
        device: firefox,
        address: "2001:db8::1".into(),
    };
    let events = AccountEvent::ALL.into_iter().map(line).collect();
    vec![
        ("devices", devices(vec![device(true), device(false)], None)),
        ("devices-signed-out", devices(vec![device(true)], Some("done-others"))),
        ("events", EventsPage { chrome: chrome(), events }.render().unwrap()),
    ]
}

fn data(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    let chrome = || chrome(theme);
    let delete = |typed, owned| {
        let (csrf, email) = ("ticket".into(), words.email.into());
        DeleteAccountPage { chrome: chrome(), csrf, email, typed, connected: 2, owned }.render().unwrap()
    };
    vec![
        ("export", ExportPage { chrome: chrome(), csrf: "ticket".into() }.render().unwrap()),
        ("delete", delete(None, 1)),
        ("delete-other-email", delete(Some(words.app.into()), 0)),
        ("deleted", AccountDeletedPage { chrome: chrome() }.render().unwrap()),
    ]
}

/// By name.
pub(super) fn all(theme: Theme, words: Untrusted) -> Vec<(&'static str, String)> {
    [apps(theme, words), sessions(theme, words), data(theme, words)].concat()
}
