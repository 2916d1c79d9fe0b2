//! Webhooks, seen from the developer's dashboard and from the app's server.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use keysig_core::app::{App, ClientType, ConsentSettings, OpenIdSettings};
use keysig_core::encoding::{base64_decode, base64_encode};
use keysig_core::profile::Profile;
use keysig_core::user::{Product, Role, User};
use keysig_server::outbound::Outbound;
use keysig_server::webhook_delivery::deliver_due;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::actors::{Answer, Browser, ISSUER, TestApp, app, unescape, user, user_id};

const HOOKS: &str = "/dashboard/apps/graces/webhooks";
const ASKED: &str = "user-read-private user-read-email";

/// A request that an app's server received.
struct Heard {
    id: String,
    timestamp: String,
    signatures: String,
    body: String,
}

impl Heard {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// As the standard says, from nothing but the secret and what was sent: HMAC-SHA-256 over id, time and body.
    fn is_signed_with(&self, secret: &str) -> bool {
        let key = base64_decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
        let expected = format!("v1,{}", base64_encode(mac.as_ref()));
        self.signatures.split(' ').any(|signature| signature == expected)
    }
}

/// An app's server.
struct Receiver(TcpListener);

impl Receiver {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    fn url(&self) -> String {
        format!("http://{}/hook?app=peek", self.0.local_addr().unwrap())
    }

    /// Answers one request.
    async fn hears(&self, status: &str, answer: &str) -> Heard {
        let accepted = tokio::time::timeout(Duration::from_secs(10), self.0.accept()).await;
        let (mut stream, _) = accepted.expect("somebody calls").unwrap();
        let (mut request, mut piece) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut piece).await.unwrap();
            request.extend_from_slice(&piece[..read]);
            let text = String::from_utf8_lossy(&request);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let header = |name: &str| {
                let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
                line.map_or(String::new(), |line| line.split_once(": ").unwrap().1.to_owned())
            };
            if body.len() < header("content-length").parse().unwrap() {
                continue;
            }
            assert!(head.starts_with("POST /hook?app=peek "), "{head}");
            assert_eq!(header("content-type"), "application/json");
            let heard = Heard {
                id: header("webhook-id"),
                timestamp: header("webhook-timestamp"),
                signatures: header("webhook-signature"),
                body: body.to_owned(),
            };
            let length = answer.len();
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{answer}");
            stream.write_all(answer.as_bytes()).await.unwrap();
            return heard;
        }
    }
}

/// Grace, a developer with an app that works without the permission to read addresses.
struct Setting {
    server: TestApp,
    grace: Browser,
    outbound: Option<Arc<Outbound>>,
}

impl Setting {
    async fn new() -> Self {
        Self::with(|app| app).await
    }

    async fn with(change: impl FnOnce(App) -> App) -> Self {
        let server = TestApp::new().await;
        server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
        let optional = server.server.scopes().parse("user-read-email").unwrap();
        let graces = App {
            owner: Some(user_id("grace")),
            consent: ConsentSettings { optional, ..ConsentSettings::default() },
            ..app("graces", ClientType::Confidential, Profile::Spotify)
        };
        server.add(&change(graces)).await;
        let grace = server.signed_in("grace").await;
        Self { server, grace, outbound: None }
    }

    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.grace.get(HOOKS).await.field("csrf");
        self.grace.post(path, &[&[("csrf", csrf.as_str())], fields].concat()).await
    }

    /// Sets the address, and gives the secret that is shown this once.
    async fn sets(&mut self, url: &str) -> String {
        secret_on(&self.post(HOOKS, &[("url", url)]).await)
    }

    async fn deliver(&mut self) -> usize {
        deliver_due(&self.server.server, &mut self.outbound).await.unwrap()
    }

    /// Delivers to a server that answers so.
    async fn heard(&mut self, receiver: &Receiver, status: &str) -> Heard {
        let (heard, tried) = tokio::join!(receiver.hears(status, "so be it"), self.deliver());
        assert_eq!(tried, 1);
        heard
    }

    /// Ada allows everything it asks for, with the box of what is her choice.
    async fn ada_agrees(&self) -> Browser {
        let mut ada = self.server.signed_in("ada").await;
        let request = self.server.client("graces").asks(ASKED);
        let page = ada.open(&request.to_string()).await;
        ada.allow_with(&page, &[("scope", "user-read-email")]).await.destination();
        ada
    }

    /// The page that Ada's browser has of the only app she connected, and its path.
    async fn own_grant(&self) -> String {
        let grants = keysig_store::grants::of_user(&self.server.server.store, user_id("ada")).await.unwrap();
        format!("/account/apps/{}", grants[0].id)
    }

    async fn ada_removes_it(&self, ada: &mut Browser) {
        let path = format!("{}/remove", self.own_grant().await);
        let csrf = ada.get(&path).await.field("csrf");
        ada.post(&path, &[("csrf", &csrf)]).await.assert_status(303);
    }
}

#[track_caller]
fn secret_on(page: &Answer) -> String {
    page.assert_status(200);
    let text = page.body.split("<code>whsec_").nth(1).unwrap_or_else(|| panic!("no secret: {}", page.body));
    format!("whsec_{}", unescape(text.split('<').next().unwrap()))
}

#[tokio::test]
async fn an_app_is_told_that_somebody_removed_it_and_can_tell_that_it_is_us() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    let secret = setting.sets(&receiver.url()).await;
    assert!(!setting.grace.get(HOOKS).await.body.contains(&secret[6..20]), "it is shown once");
    let mut ada = setting.ada_agrees().await;
    assert_eq!(setting.deliver().await, 0, "of an agreement the app hears by a code");
    setting.server.clock.advance(3);
    setting.ada_removes_it(&mut ada).await;
    let heard = setting.heard(&receiver, "204 No Content").await;
    assert!(heard.is_signed_with(&secret), "{}", heard.signatures);
    assert!(!heard.is_signed_with("whsec_AAAA"));
    assert!(heard.id.starts_with("msg_"));
    assert_eq!(heard.timestamp, setting.server.server.now().unix_seconds().to_string());
    assert_eq!(
        heard.json(),
        json!({
            "type": "grant.revoked",
            "timestamp": "2026-11-23T12:00:03Z",
            "data": {
                "client_id": "graces", "user": "ada", "scope_before": ASKED.split(' ').rev().collect::<Vec<_>>().join(" "),
                "scope_after": "", "reason": "removed_by_user",
            },
        })
    );
    assert_eq!(setting.deliver().await, 0, "told once");
    let page = setting.grace.get(HOOKS).await;
    assert!(page.body.contains("Arrived") && page.body.contains("Answered 204"), "{}", page.body);
}

#[tokio::test]
async fn it_is_told_what_is_left_in_the_order_it_happened() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    setting.sets(&receiver.url()).await;
    let mut ada = setting.ada_agrees().await;
    let grant = setting.own_grant().await;
    let email = setting.server.server.scopes().parse("user-read-email").unwrap().iter().next().unwrap();
    for (step, fields) in
        [("turn-off", [("scope", email.number().to_string())].to_vec()), ("pause", vec![]), ("resume", vec![])]
    {
        let csrf = ada.get("/account/apps").await.field("csrf");
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
        ada.post(&format!("{grant}/{step}"), &all).await.assert_status(303);
        setting.server.clock.advance(1);
    }
    setting.ada_removes_it(&mut ada).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let heard = setting.heard(&receiver, "200 OK").await.json();
        let text = |key: &str| heard["data"][key].as_str().unwrap().to_owned();
        told.push((heard["type"].as_str().unwrap().to_owned(), text("scope_after"), text("reason")));
    }
    let expected = [
        ("grant.reduced", "user-read-private", "turned_off_by_user"),
        ("grant.reduced", "", "paused_by_user"),
        ("grant.revoked", "", "removed_by_user"),
    ];
    assert_eq!(told, expected.map(|(event, after, reason)| (event.to_owned(), after.to_owned(), reason.to_owned())));
    assert_eq!(setting.deliver().await, 0, "that it may go on, it hears by trying");
}

#[tokio::test]
async fn what_does_not_arrive_is_tried_again_under_the_same_name_and_then_given_up() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    let secret = setting.sets(&receiver.url()).await;
    setting.post(&format!("{HOOKS}/test"), &[]).await.assert_status(303);
    let first = setting.heard(&receiver, "500 Internal Server Error").await;
    assert_eq!(first.json()["type"], "webhook.test");
    for wait in [5, 300, 1800, 7200, 18_000, 36_000, 86_400] {
        setting.server.clock.advance(wait - 1);
        assert_eq!(setting.deliver().await, 0, "not before {wait} s");
        setting.server.clock.advance(1);
        let again = setting.heard(&receiver, "302 Found").await;
        assert_eq!((&again.id, &again.body), (&first.id, &first.body), "one event, one name");
        assert!(again.timestamp != first.timestamp && again.is_signed_with(&secret), "signed when it is sent");
    }
    setting.server.clock.advance(10 * 86_400);
    assert_eq!(setting.deliver().await, 0);
    let mut grace = setting.server.signed_in("grace").await;
    let page = grace.get(HOOKS).await;
    assert!(page.body.contains("Given up after 8 tries") && page.body.contains("so be it"), "{}", page.body);
    let (csrf, id) = (page.field("csrf"), first.id.strip_prefix("msg_").unwrap().to_owned());
    let retry = format!("{HOOKS}/deliveries/{id}/retry");
    assert_eq!(grace.post(&retry, &[("csrf", &csrf)]).await.header("location"), format!("{HOOKS}?done=retried"));
    assert_eq!(setting.heard(&receiver, "200 OK").await.id, first.id);
}

#[tokio::test]
async fn a_server_that_says_it_is_gone_is_left_alone() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    setting.sets(&receiver.url()).await;
    setting.post(&format!("{HOOKS}/test"), &[]).await.assert_status(303);
    setting.heard(&receiver, "410 Gone").await;
    setting.server.clock.advance(600);
    assert_eq!(setting.deliver().await, 0);
}

#[tokio::test]
async fn what_waited_is_sent_after_a_restart() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    let secret = setting.sets(&receiver.url()).await;
    let mut ada = setting.ada_agrees().await;
    setting.ada_removes_it(&mut ada).await;
    let restarted = setting.server.restart().await;
    let (heard, tried) =
        tokio::join!(receiver.hears("200 OK", ""), async { deliver_due(&restarted.server, &mut None).await.unwrap() });
    assert_eq!(tried, 1);
    assert!(heard.is_signed_with(&secret) && heard.json()["type"] == "grant.revoked");
}

#[tokio::test]
async fn while_a_secret_takes_the_place_of_another_both_sign() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    let old = setting.sets(&receiver.url()).await;
    let new = secret_on(&setting.post(&format!("{HOOKS}/secret"), &[("old", "day")]).await);
    assert_ne!(old, new);
    let test = format!("{HOOKS}/test");
    setting.post(&test, &[]).await.assert_status(303);
    let both = setting.heard(&receiver, "200 OK").await;
    assert!(both.is_signed_with(&old) && both.is_signed_with(&new), "{}", both.signatures);
    setting.server.clock.advance(86_400);
    setting.post(&test, &[]).await.assert_status(303);
    let one = setting.heard(&receiver, "200 OK").await;
    assert!(!one.is_signed_with(&old) && one.is_signed_with(&new), "a day later one does");
    let at_once = setting.post(&format!("{HOOKS}/secret"), &[("old", "now")]).await;
    assert!(at_once.body.contains("Confirm it"), "who was not asked for a day is asked: {}", at_once.body);
    let mut grace = setting.server.signed_in("grace").await;
    let csrf = grace.get(HOOKS).await.field("csrf");
    let newest = secret_on(&grace.post(&format!("{HOOKS}/secret"), &[("csrf", &csrf), ("old", "now")]).await);
    setting.grace = grace;
    setting.post(&test, &[]).await.assert_status(303);
    let last = setting.heard(&receiver, "200 OK").await;
    assert!(last.is_signed_with(&newest) && !last.is_signed_with(&new));
}

#[tokio::test]
async fn whoever_deletes_their_account_is_told_of_by_the_name_each_app_knows() {
    let sector = OpenIdSettings { sector: Some("peek.example".to_owned()), ..OpenIdSettings::default() };
    for openid in [OpenIdSettings::default(), sector] {
        let is_pairwise = openid.sector.is_some();
        let mut setting = Setting::with(|app| App { openid, ..app }).await;
        let receiver = Receiver::start().await;
        setting.sets(&receiver.url()).await;
        let mut ada = setting.ada_agrees().await;
        setting.ada_removes_it(&mut ada).await;
        let known = keysig_store::apps::by_id(&setting.server.server.store, crate::actors::app_id("graces")).await;
        let name = keysig_core::openid::subject::subject(&known.unwrap().unwrap(), &user("ada", Product::Premium));
        assert_eq!(name != "ada", is_pairwise);
        let csrf = ada.get("/account/delete").await.field("csrf");
        let fields = [("csrf", csrf.as_str()), ("email", "ada@example.test")];
        ada.post("/account/delete", &fields).await.assert_status(200);
        let heard = setting.heard(&receiver, "200 OK").await.json();
        assert_eq!(heard["type"], "user.deleted", "and nothing else is told of her any more");
        assert_eq!(heard["data"], json!({"client_id": "graces", "user": name}));
        assert_eq!(setting.deliver().await, 0);
    }
}

#[tokio::test]
async fn a_secret_that_is_about_to_stop_is_told_of_once_and_never_shown() {
    let mut setting = Setting::with(|app| {
        let mut app = app;
        app.secrets[0].retires_at = Some(crate::actors::START.plus_seconds(100_000));
        app
    })
    .await;
    let receiver = Receiver::start().await;
    setting.sets(&receiver.url()).await;
    let store = setting.server.server.store.clone();
    let note = |at| {
        let store = store.clone();
        async move { keysig_store::webhooks::note_expiring(&store, at).await.unwrap() }
    };
    note(setting.server.server.now()).await;
    assert_eq!(setting.deliver().await, 0, "it is more than a day");
    setting.server.clock.advance(20_000);
    note(setting.server.server.now()).await;
    note(setting.server.server.now()).await;
    let heard = setting.heard(&receiver, "200 OK").await;
    assert_eq!(heard.json()["type"], "secret.expiring");
    assert_eq!(
        heard.json()["data"],
        json!({"client_id": "graces", "secret_last_four": "cret", "expires_at": "2026-11-24T15:46:40Z"})
    );
    note(setting.server.server.now()).await;
    assert_eq!(setting.deliver().await, 0);
}

#[tokio::test]
async fn an_address_is_refused_with_a_reason_and_kept() {
    let mut setting = Setting::new().await;
    for (typed, words) in [
        ("", "Enter an address."),
        ("http://192.168.1.1/hook", "sends only to this machine"),
        ("https://169.254.169.254/latest", "sends only to this machine"),
        ("http://ada:pw@127.0.0.1/", "Remove the name and password"),
    ] {
        let page = setting.post(HOOKS, &[("url", typed)]).await;
        page.assert_status(422);
        assert!(page.body.contains(words) && page.body.contains("aria-invalid=\"true\""), "{typed}: {}", page.body);
        assert_eq!(unescape(&page.field("url")), typed);
    }
    assert!(!setting.grace.get(HOOKS).await.body.contains("Signing secrets"), "nothing was set");
}

#[tokio::test]
async fn a_server_that_faces_people_sends_to_public_addresses_only() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    setting.sets(&receiver.url()).await;
    setting.post(&format!("{HOOKS}/test"), &[]).await.assert_status(303);
    // The address was set while this was a test server; at the delivery it is judged again.
    let server = setting.server.set_to(|settings| settings.test_mode = false).await;
    assert_eq!(deliver_due(&server.server, &mut None).await.unwrap(), 1);
    let called = tokio::time::timeout(Duration::from_millis(300), receiver.0.accept()).await;
    assert!(called.is_err(), "nobody called");
    let told = keysig_store::webhooks::of_app(&server.server.store, crate::actors::app_id("graces"), 1).await.unwrap();
    assert_eq!((told[0].arrived, told[0].status, told[0].next_try_at), (false, None, None));
    let mut grace = server.signed_in("grace").await;
    let csrf = grace.get(HOOKS).await.field("csrf");
    for private in ["https://127.0.0.1/", "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/"] {
        let page = grace.post(HOOKS, &[("csrf", &csrf), ("url", private)]).await;
        page.assert_status(422);
        assert!(page.body.contains("cannot be reached from everywhere"), "{private}");
    }
}

#[tokio::test]
async fn an_answer_is_a_stranger_s_text() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    setting.sets(&receiver.url()).await;
    setting.post(&format!("{HOOKS}/test"), &[]).await.assert_status(303);
    let hostile = format!("</pre><script>alert(1)</script>\0\u{1b}[31m{}", "x".repeat(4000));
    let (_, tried) = tokio::join!(receiver.hears("400 Bad Request", &hostile), setting.deliver());
    assert_eq!(tried, 1);
    let page = setting.grace.get(HOOKS).await;
    assert!(page.body.contains("&#60;script&#62;alert(1)") && !page.body.contains("<script>"), "{}", page.body);
    assert!(!page.body.contains(&"x".repeat(600)), "the beginning is enough");
}

#[tokio::test]
async fn removing_a_webhook_takes_its_secrets_and_what_waits() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    let old = setting.sets(&receiver.url()).await;
    setting.post(&format!("{HOOKS}/test"), &[]).await.assert_status(303);
    let page = setting.grace.get(&format!("{HOOKS}/remove")).await;
    assert!(page.body.contains(&receiver.url().replace('&', "&#38;")), "{}", page.body);
    let removed = setting.grace.post(&format!("{HOOKS}/remove"), &[("csrf", &page.field("csrf"))]).await;
    assert_eq!(removed.header("location"), format!("{HOOKS}?done=removed"));
    assert_eq!(setting.deliver().await, 0);
    assert_eq!(setting.grace.get(&format!("{HOOKS}/remove")).await.header("location"), HOOKS);
    assert_ne!(setting.sets(&receiver.url()).await, old);
    let events = setting.grace.get("/dashboard/apps/graces/events").await;
    assert!(events.body.contains("Webhook changed"), "{}", events.body);
}

#[tokio::test]
async fn forms_of_others_change_nothing() {
    let mut setting = Setting::new().await;
    let receiver = Receiver::start().await;
    setting.sets(&receiver.url()).await;
    let mut eve = setting.server.signed_in("ada").await;
    for (path, field) in [("", "url"), ("/secret", "old"), ("/test", "x"), ("/remove", "x")] {
        let path = format!("{HOOKS}{path}");
        let forged = setting.grace.post(&path, &[("csrf", "x"), (field, "https://eve.example/")]).await;
        forged.assert_status(403);
        eve.post(&path, &[("csrf", "x")]).await.assert_status(303);
    }
    let webhook = keysig_store::webhooks::of(
        &setting.server.server.store,
        crate::actors::app_id("graces"),
        setting.server.server.now(),
    );
    let webhook = webhook.await.unwrap().unwrap();
    assert_eq!((webhook.url, webhook.secrets.len()), (receiver.url(), 1));
    assert!(ISSUER.starts_with("http"));
}
