//! The store as a thief of its files sees it: of all that was given out or typed in secret, nothing is found, in whatever
//! spelling. (At the end of every other test the same is asked of what it was given: `actors/issued.rs`.)

use std::collections::{HashMap, HashSet};

use keysig_core::app::{App, ClientType, StoredSecret};
use keysig_core::encoding::{base64_decode, base64_encode, base64url, base64url_decode, hex, hex_decode};
use keysig_core::profile::Profile;
use keysig_core::secret::Secret;
use keysig_core::user::{Product, Role, User};
use keysig_server::upstream::Provider;

use crate::actors::{Answer, Browser, PASSWORD, TestApp, VERIFIER, app, unescape, user, user_id};
use crate::people::letters::{NEW_PASSWORD, digits, forget, letters, link, newest, sign_up};
use crate::provider::FakeProvider;
use crate::relying_party::{RP, asks, granted, relying_party};
use crate::second_steps::{RECOVERY, SEED, code, set_up};

const EVE: &str = "eve@example.test";

/// What must not be found, by what it is.
#[derive(Default)]
struct Secrets(Vec<(String, Vec<u8>)>);

impl Secrets {
    /// In every spelling of the text, and of the bytes that it stands for.
    fn add(&mut self, what: &str, secret: &str) {
        assert!(!secret.is_empty(), "{what}");
        let mut spellings = vec![secret.as_bytes().to_vec()];
        let bare = secret.strip_prefix("whsec_").unwrap_or(secret);
        let hexadecimal = hex_decode::<16>(bare).map(Vec::from);
        for decoded in [base64url_decode(bare), base64_decode(bare), hexadecimal].into_iter().flatten() {
            // Of a cookie of a session the first 16 bytes are its id, which is kept.
            let decoded = if what == "sid" { decoded[16..].to_vec() } else { decoded };
            spellings.extend(Some(decoded).filter(|bytes| bytes.len() >= 12));
        }
        for bytes in spellings {
            for spelled in [hex(&bytes), hex(&bytes).to_uppercase(), base64_encode(&bytes), base64url(&bytes)] {
                self.0.push((what.to_owned(), spelled.trim_end_matches('=').as_bytes().to_vec()));
            }
            self.0.push((what.to_owned(), bytes));
        }
    }

    /// What is found, each once.
    fn found_in(&self, dump: &[u8]) -> HashSet<String> {
        const FRONT: usize = 6;
        let mut by_front: HashMap<&[u8], Vec<&(String, Vec<u8>)>> = HashMap::new();
        for secret in self.0.iter() {
            by_front.entry(&secret.1[..FRONT]).or_default().push(secret);
        }
        let mut found = HashSet::new();
        for at in 0..dump.len().saturating_sub(FRONT) {
            for (what, secret) in by_front.get(&dump[at..at + FRONT]).into_iter().flatten() {
                if dump[at..].starts_with(secret) {
                    found.insert(format!("{what}: {}", String::from_utf8_lossy(secret)));
                }
            }
        }
        found
    }
}

fn jar(secrets: &mut Secrets, browser: &Browser) {
    for (name, value) in &browser.jar {
        if matches!(name.as_str(), "sid" | "browser") {
            secrets.add(name, value);
        }
    }
}

fn tokens(secrets: &mut Secrets, answer: &Answer) {
    let json = answer.assert_status(200).json();
    for name in ["access_token", "refresh_token", "id_token", "device_code", "user_code"] {
        if let Some(value) = json[name].as_str() {
            secrets.add(name, value);
        }
    }
}

/// Eve makes an account by the digits of a mail, and forgets her password.
async fn sign_up_and_recover(server: &TestApp, secrets: &mut Secrets) {
    let mut eve = server.browser();
    let sent = sign_up(&mut eve, "/signup", EVE, "Eve L.", NEW_PASSWORD).await;
    let check = eve.get(sent.header("location")).await;
    let letter = letters(server).await;
    let six = digits(newest(&letter, EVE));
    secrets.add("digits of a sign-up", &six);
    let proof = link(newest(&letter, EVE), "/signup/confirm");
    secrets.add("link of a sign-up", proof.split_once('.').unwrap().1);
    secrets.add("password", NEW_PASSWORD);
    let fields = [("csrf", &*check.field("csrf")), ("proof", &check.field("proof")), ("code", &six)];
    eve.post("/signup/check", &fields).await.assert_status(303);
    jar(secrets, &eve);
    server.clock.advance(1);
    let mut again = server.browser();
    let check = forget(&mut again, EVE).await;
    server.clock.advance(1);
    let letter = letters(server).await;
    let six = digits(newest(&letter, EVE));
    secrets.add("digits of a recovery", &six);
    let password = "another pebble hums";
    secrets.add("second password", password);
    let fields = [
        ("csrf", &*check.field("csrf")),
        ("proof", &check.field("proof")),
        ("code", &six),
        ("password", password),
        ("sign_out", "on"),
    ];
    again.post("/recover/check", &fields).await.assert_status(303);
    jar(secrets, &again);
}

/// Ada logs in to apps of every kind, refreshes, and lets a device in.
async fn log_in(server: &TestApp, secrets: &mut Secrets) {
    let mut ada = server.signed_in("ada").await;
    for client in ["web", "public", "standard"] {
        let app = server.client(client);
        let code = ada.code(&app.request()).await;
        secrets.add("code", &code);
        let answer = app.exchange(&code).await;
        tokens(secrets, &answer);
        let refreshed = app.refresh(&answer.text("refresh_token")).await;
        tokens(secrets, &refreshed);
        server.api("/v1/me", &refreshed.text("access_token")).await.assert_status(200);
        // Once more, and wrong ones: what is refused is not kept either.
        app.exchange(&code).await.assert_status(400);
        app.refresh("not-a-refresh-token-of-anybody-at-all").await.assert_status(400);
        secrets.add("wrong refresh token", "not-a-refresh-token-of-anybody-at-all");
    }
    secrets.add("verifier", VERIFIER);
    tokens(secrets, &server.client("web").client_credentials().await);
    let received = granted(&mut ada, &asks("code id_token token").with("client_id", RP)).await;
    for name in ["code", "access_token", "id_token"] {
        secrets.add(name, received.text(name));
    }
    let device = server.client("standard").post("/oauth2/device/authorize", &[("scope", "user-read-email")]).await;
    tokens(secrets, &device);
    let page = ada.get("/pair").await;
    let fields = [("csrf", &*page.field("csrf")), ("code", &device.text("user_code"))];
    let asked = ada.post("/pair", &fields).await.destination();
    let asked = ada.open(&asked).await;
    ada.decide(&asked, "allow").await.assert_status(200);
    let fields =
        [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", &*device.text("device_code"))];
    tokens(secrets, &server.client("standard").post("/api/token", &fields).await);
    jar(secrets, &ada);
    secrets.add("csrf", &ada.get("/logout").await.field("csrf"));
}

/// Bob has an authenticator app and recovery codes, and Ada an account elsewhere whose tokens are kept.
async fn second_step_and_upstream(server: &TestApp, provider: &FakeProvider, secrets: &mut Secrets) {
    set_up(server, "bob").await;
    secrets.add("seed", std::str::from_utf8(SEED).unwrap());
    secrets.add("seed in base32", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for recovery in RECOVERY {
        secrets.add("recovery code", recovery);
        secrets.add("recovery code", &recovery.replace('-', ""));
    }
    let mut bob = server.browser();
    let page = bob.first_step("bob").await;
    secrets.add("first step", &page.field("step"));
    bob.second_step(&page, &[("code", &code(server)), ("remember", "yes")]).await.assert_status(303);
    let mut again = server.browser();
    let page = again.first_step("bob").await;
    again.second_step(&page, &[("recovery_code", RECOVERY[0])]).await.assert_status(303);
    for browser in [&bob, &again] {
        jar(secrets, browser);
    }
    // Codes that the browser of Bob makes by itself.
    let page = bob.get("/account/security/recovery-codes").await;
    let made = bob.post("/account/security/recovery-codes", &[("csrf", &page.field("csrf"))]).await;
    let shown: Vec<&str> =
        made.body.split("<li class=\"code\"><bdi>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert!(shown.len() >= 8, "{}", made.body);
    shown.iter().for_each(|code| secrets.add("new recovery code", code));

    let mut somebody = server.browser();
    let page = somebody.comes_by(provider, "example", "/login").await;
    somebody.decides(&page, "sign-up").await;
    assert!(somebody.is_signed_in().await);
    jar(secrets, &somebody);
    for token in ["upstream-access", "upstream-refresh"] {
        secrets.add("token of another provider", token);
    }
}

/// Grace's app has two secrets, and a webhook whose secrets change.
async fn webhooks(server: &TestApp, secrets: &mut Secrets) {
    let mut grace = server.signed_in("grace").await;
    let path = "/dashboard/apps/graces/webhooks";
    let csrf = grace.get(path).await.field("csrf");
    for (path, field) in
        [(path.to_owned(), ("url", "http://127.0.0.1:9/hook")), (format!("{path}/secret"), ("old", "day"))]
    {
        let made = grace.post(&path, &[("csrf", &csrf), field]).await;
        let secret = made.assert_status(200).body.split("<code>").nth(1).unwrap().split('<').next().unwrap();
        secrets.add("webhook secret", &unescape(secret));
    }
    jar(secrets, &grace);
}

#[tokio::test]
async fn a_thief_of_the_store_s_files_finds_nothing_that_opens_anything() {
    let server = TestApp::new().await;
    let provider = FakeProvider::start(&server.clock).await;
    let server =
        crate::provider::with_providers(server, vec![Provider { keep_tokens: true, ..provider.openid() }]).await;
    server.add_person(&User { role: Role::Developer, ..user("grace", Product::Free) }).await;
    server.add(&relying_party(RP)).await;
    let old = StoredSecret {
        hash: Secret::new("graces-old-secret".to_owned()).hash(),
        retires_at: Some(server.server.now().plus_seconds(3600)),
    };
    let mut graces = app("graces", ClientType::Confidential, Profile::Spotify);
    graces.secrets.push(old);
    server.add(&App { owner: Some(user_id("grace")), ..graces }).await;

    let mut secrets = Secrets::default();
    secrets.add("password", PASSWORD);
    for secret in ["web-secret", "graces-secret", "graces-old-secret", "standard-secret"] {
        secrets.add("client secret", secret);
    }
    sign_up_and_recover(&server, &mut secrets).await;
    log_in(&server, &mut secrets).await;
    second_step_and_upstream(&server, &provider, &mut secrets).await;
    webhooks(&server, &mut secrets).await;
    server.place().issued().iter().for_each(|issued| secrets.add("given out", issued));
    assert!(secrets.0.len() > 300, "{} spellings", secrets.0.len());

    let place = server.place();
    let dump = place.dump();
    assert_eq!(secrets.found_in(&dump), HashSet::new());
    // The search finds what is there: who the people are, and their ids.
    let mut known = Secrets::default();
    known.add("address", EVE);
    known.add("id", &hex(user_id("ada").as_bytes()));
    assert_eq!(known.found_in(&dump).len(), 2);
    server.server.store.close().await;
    assert_eq!(secrets.found_in(&place.dump()), HashSet::new(), "nor after all is written back");
}
