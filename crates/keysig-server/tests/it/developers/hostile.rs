//! A stranger's words on every page that shows them: a page that holds them has the elements and attributes of one that
//! holds harmless ones, leads nowhere else, and keeps its headers. What registration would refuse is written to the store, so
//! that the pages stand by themselves.

mod corpus;
mod shape;

use std::collections::{BTreeMap, BTreeSet};

use keysig_core::app::{App, ClientType, Mode};
use keysig_core::audit::{AuditAction, AuditRecord};
use keysig_core::id::{EventId, ReportId};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::actions::Actor;
use keysig_server::pages::WebAddress;
use keysig_store::app_offers::{self, Offer};
use keysig_store::reports::{self, Report};
use keysig_store::{Statement, Write, apps, params};

use self::shape::{Shape, shape};
use crate::actors::{Answer, AuthorizeUrl, Browser, START, TestApp, app, app_id, location, user, user_id};
use crate::developers::review::ask;
use crate::operators::at_work;
use crate::people::letters::letters;

/// One that everybody uses, one that is stopped, one that only its makers may use.
const APPS: [&str; 3] = ["graces", "stopped", "closed"];

/// Whoever comes to read a stranger's words.
struct Stage {
    app: TestApp,
    grace: Browser,
    olga: Browser,
    ada: Browser,
    bob: Browser,
    dora: Browser,
    grant: String,
    n: i64,
}

impl Stage {
    async fn new() -> Self {
        let server = TestApp::new().await;
        server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
        for client_id in APPS {
            let theirs = App {
                owner: Some(user_id("grace")),
                mode: if client_id == "closed" { Mode::Development } else { Mode::Live },
                ..app(client_id, ClientType::Confidential, Profile::Spotify)
            };
            server.add(&theirs).await;
        }
        let mut grace = server.signed_in("grace").await;
        ask(&mut grace, "Please look at it.").await.assert_status(303);
        let olga = at_work(&server, "olga", Role::Operator).await;
        let mut ada = server.signed_in("ada").await;
        ada.code(&request("graces")).await;
        let listed = ada.get("/account/apps").await;
        let grant = listed.body.split("/account/apps/").nth(1).unwrap()[..32].to_owned();
        let report = Report {
            id: ReportId::from_bytes([1; 16]),
            app: app_id("graces"),
            user: user_id("ada"),
            category: "spam".to_owned(),
            words: String::new(),
            created_at: START,
        };
        reports::add(&server.server.store, &report).await.unwrap();
        let stop = apps::set_paused(&server.server.store, app_id("stopped"), true, START.plus_seconds(7200));
        stop.await.unwrap();
        let bob = server.signed_in("bob").await;
        server.add_person(&User { role: Role::Developer, ..user("dora", Product::Free) }).await;
        let dora = server.signed_in("dora").await;
        let record = Actor::command_line().record(&server.server, AuditAction::AppTransferred, "");
        let offer = Offer { email: "dora@example.test".to_owned(), expires_at: START.plus_seconds(30 * 86_400) };
        app_offers::offer(&server.server.store, app_id("graces"), &offer, START, Vec::new(), &record).await.unwrap();
        Self { app: server, grace, olga, ada, bob, dora, grant, n: 0 }
    }

    /// Puts a text, and an address, wherever strangers' words are kept.
    async fn write(&mut self, text: &str, uri: &str) {
        let store = &self.app.server.store;
        self.n += 1;
        let clean = [
            "DELETE FROM inspector",
            "DELETE FROM mails",
            "DELETE FROM account_events",
            "DELETE FROM device_authorizations",
        ];
        let mut write = Write::default();
        for sql in clean {
            write = write.and(Statement::new(sql, Vec::new()));
        }
        write = write.and(Statement::new("DELETE FROM grants WHERE user_id = $1", params![user_id("bob")]));
        let reasons =
            (0..19).map(|n| format!("{n} {}", text.replace(['\n', '\r'], " "))).collect::<Vec<_>>().join("\n");
        write = write
            .and(Statement::new("UPDATE app_reports SET words = $1, category = $1", params![text]))
            .and(Statement::new("UPDATE review_messages SET words = $1", params![text]))
            .and(Statement::new("UPDATE users SET display_name = $1 WHERE id = $2", params![text, user_id("grace")]))
            .and(Statement::new("UPDATE audit SET about = $1", params![text]));
        store.write(write).await.unwrap();
        for client_id in APPS {
            let id = app_id(client_id);
            let profile = Statement::new(
                "UPDATE apps SET name = $2, developer = $2, description = $2, homepage = $3, privacy_url = $3,
                                 terms_url = $3, support_url = $3, scope_reasons = $4
                 WHERE id = $1",
                params![id, text, uri, reasons.as_str()],
            );
            let sql = "UPDATE app_redirect_uris SET uri = $2 WHERE app_id = $1 AND position = 3";
            let redirect = Statement::new(sql, params![id, uri]);
            apps::change(store, id, &[profile, redirect], &self.record(text)).await.unwrap();
        }
        // Each change was recorded: the first is kept, so that lists stay as long as they are.
        let sql = "DELETE FROM audit WHERE action = 'app-profile-changed' AND id <> (SELECT MIN(id) FROM audit WHERE action = 'app-profile-changed')";
        store.write(Write::one(Statement::new(sql, Vec::new()))).await.unwrap();
    }

    fn record(&self, about: &str) -> AuditRecord {
        let mut record = Actor::command_line().record(&self.app.server, AuditAction::AppProfileChanged, about);
        record.id = EventId::generate(START.plus_seconds(self.n), &*self.app.server.rng);
        record.app = Some(app_id("graces"));
        record
    }

    /// Every page that shows them, by name.
    async fn pages(&mut self, text: &str, uri: &str) -> Vec<(String, Answer)> {
        let mut pages = self.of_people(text, uri).await;
        for path in [
            "",
            "/redirect-uris",
            "/secrets",
            "/events",
            "/usage",
            "/webhooks",
            "/profile",
            "/review",
            "/permissions",
            "/test-users",
            "/mode",
            "/danger",
            "/danger/pause",
            "/danger/transfer",
            "/danger/delete",
        ] {
            let path = format!("/dashboard/apps/graces{path}");
            pages.push((path.clone(), self.grace.get(&path).await));
        }
        pages.push(("offered".to_owned(), self.dora.get("/dashboard").await));
        pages.push(("/dashboard".to_owned(), self.grace.get("/dashboard").await));
        keysig_server::inspector::flush(&self.app.server).await;
        let inspector = self.grace.get("/dashboard/apps/graces/inspector").await;
        let records: BTreeSet<String> =
            inspector.body.split("/inspector/").skip(1).map(|rest| rest[..32].to_owned()).collect();
        pages.push(("inspector".to_owned(), inspector));
        // Which of them stands first, of one millisecond, is chance: all are looked at.
        for record in records {
            let record = self.grace.get(&format!("/dashboard/apps/graces/inspector/{record}")).await;
            pages.push(("record".to_owned(), record));
        }
        let (grace, ada) = (user_id("grace"), user_id("ada"));
        for path in [
            "/admin".to_owned(),
            "/admin/apps".to_owned(),
            "/admin/apps?order=reported".to_owned(),
            "/admin/apps/graces".to_owned(),
            "/admin/apps/graces/pause".to_owned(),
            "/admin/apps/graces/trust".to_owned(),
            "/admin/reviews".to_owned(),
            "/admin/reviews/graces".to_owned(),
            "/admin/reviews/graces/consent".to_owned(),
            "/admin/audit".to_owned(),
            format!("/admin/users/{grace}"),
            format!("/admin/users/{ada}"),
        ] {
            pages.push((path.clone(), self.olga.get(&path).await));
        }
        pages
    }

    async fn of_people(&mut self, text: &str, uri: &str) -> Vec<(String, Answer)> {
        let mut pages = Vec::new();
        // People are asked whatever they agreed to before.
        let ask = request("graces").with("show_dialog", "true").to_string();
        let mut nobody = self.app.browser();
        let login = nobody.open(&ask).await;
        pages.push(("login".to_owned(), login));
        let consent = self.ada.open(&ask).await;
        let choose = format!("/login/choose?tx={}", consent.field("tx"));
        pages.push(("chooser".to_owned(), self.ada.get(&choose).await));
        pages.push(("leaving".to_owned(), self.ada.decide(&consent, "allow").await));
        pages.push(("consent".to_owned(), consent));
        pages.push(("not a test user".to_owned(), self.ada.open(&request("closed").to_string()).await));
        pages.push(("stopped".to_owned(), self.ada.open(&request("stopped").to_string()).await));
        let elsewhere = format!("{uri}?elsewhere");
        for (name, parameter, value) in [
            ("mismatch", "redirect_uri", elsewhere.as_str()),
            ("no such app", "client_id", text),
            ("no such scope", "scope", text),
        ] {
            let wrong = request("graces").with(parameter, value);
            pages.push((name.to_owned(), self.ada.get(&wrong.to_string()).await));
        }
        let back = request("graces").with("redirect_uri", uri).with("show_dialog", "true");
        pages.push(("led back there".to_owned(), self.ada.open(&back.to_string()).await));
        for path in ["", "/report", "/remove"] {
            let path = format!("/account/apps/{}{path}", self.grant);
            pages.push((path.clone(), self.ada.get(&path).await));
        }
        for path in ["/account/apps", "/account/apps/remove-all", "/account/events", "/account"] {
            pages.push((path.to_owned(), self.ada.get(path).await));
        }
        pages.extend(self.of_devices().await);
        pages.push(self.of_mail(&ask).await);
        pages
    }

    /// Whoever connects the app for the first time gets a mail.
    async fn of_mail(&mut self, ask: &str) -> (String, Answer) {
        let consent = self.bob.open(ask).await;
        self.bob.decide(&consent, "allow").await;
        let mails = letters(&self.app).await;
        let mail = mails.first().expect("a mail about the new app");
        assert!(!mail.post.subject.chars().any(char::is_control), "{:?}", mail.post.subject);
        let lines: Vec<&str> = mail.post.text.lines().collect();
        assert!(!lines.iter().any(|line| line.starts_with("Bcc:") || *line == "."), "{lines:?}");
        ("mail".to_owned(), self.bob.get(&format!("/dev/mail/{}", mail.id)).await)
    }

    async fn of_devices(&mut self) -> Vec<(String, Answer)> {
        let asked = self.app.client("graces").post("/oauth2/device/authorize", &[("scope", "user-read-email")]).await;
        let code = asked.text("user_code");
        let pair = self.ada.get("/pair").await;
        let named = self.ada.post("/pair", &[("csrf", &pair.field("csrf")), ("code", &code)]).await;
        let consent = match location(&named) {
            Some(path) => self.ada.open(&path).await,
            None => named,
        };
        let done = self.ada.decide(&consent, "deny").await;
        vec![("device".to_owned(), consent), ("device done".to_owned(), done)]
    }

    async fn shapes(&mut self, text: &str, uri: &str) -> Vec<(String, Shape)> {
        self.write(text, uri).await;
        let pages = self.pages(text, uri).await;
        pages.into_iter().map(|(name, answer)| (name, shape(&answer, text))).collect()
    }
}

fn request(client_id: &str) -> AuthorizeUrl {
    AuthorizeUrl::of(client_id).with_pkce()
}

/// The kinds of address that pages tell apart: of the web, encrypted or not, with a sign-in part, a scheme of an app, and
/// what is none.
const HARMLESS_URIS: [&str; 6] = [
    "https://harmless.example/x",
    "https://somebody@harmless.example/x",
    "http://harmless.example/x",
    "harmless:/x",
    "harmless.scheme:/x",
    "harmless",
];
/// Pages that say what was wrong with a request or an app, in other words for other mistakes: what stands on any page of ours
/// may stand on these.
const VARIED: [&str; 9] = [
    "/dashboard/apps/graces/usage",
    "/dashboard",
    "/dashboard/apps/graces/review",
    "inspector",
    "record",
    "mismatch",
    "no such app",
    "no such scope",
    "led back there",
];

#[tokio::test]
async fn a_stranger_s_words_change_no_page() {
    let mut stage = Stage::new().await;
    let mut harmless: BTreeMap<String, Vec<Shape>> = BTreeMap::new();
    for (n, uri) in HARMLESS_URIS.into_iter().enumerate() {
        // Another name each time, as every value below is: so people are asked anew.
        for (name, shape) in stage.shapes(&format!("Harmless {n}"), uri).await {
            assert!(shape.problems.is_empty(), "{name}: {:?}", shape.problems);
            harmless.entry(name).or_default().push(shape);
        }
    }
    assert!(harmless.len() >= 44, "every page is looked at: {} {:?}", harmless.len(), harmless.keys());
    let ours: BTreeSet<String> = harmless.values().flatten().flat_map(Shape::kinds).collect();
    let corpus = corpus::all();
    assert!(corpus.len() >= 60);
    let mut failed = Vec::new();
    for value in &corpus {
        let shown: String = value.chars().take(60).collect();
        for (name, found) in stage.shapes(value, value).await {
            let known = harmless.get(&name).unwrap_or_else(|| panic!("{name} is new with {shown:?}"));
            if VARIED.contains(&name.as_str()) {
                failed.extend(
                    found.kinds().filter(|kind| !ours.contains(kind)).map(|kind| format!("{name}, {shown:?}: {kind}")),
                );
            } else if !known.iter().any(|known| known.elements == found.elements) {
                failed.push(format!("{name}, {shown:?}: {}", found.differs(&known[0])));
            }
            if !known.iter().any(|known| known.headers == found.headers) {
                failed.push(format!("{name}, {shown:?}: {:?}", found.headers));
            }
            failed.extend(found.problems.iter().map(|problem| format!("{name}, {shown:?}: {problem}")));
        }
    }
    assert!(failed.is_empty(), "{} pages\n{}", failed.len(), failed[..failed.len().min(40)].join("\n"));
}

#[test]
fn what_is_a_link_is_one_of_the_web() {
    for value in corpus::all() {
        if let Some(address) = WebAddress::parse(&value) {
            assert!(address.href().starts_with("https://") || address.href().starts_with("http://"), "{value}");
            assert!(!address.href().contains(['"', '<', '>', ' ', '\n']), "{value}");
            assert!(address.host().is_ascii() && !address.href().split('/').nth(2).unwrap().contains('@'), "{value}");
        }
    }
}
