//! An authenticator in software: it makes ES256 keys and signs as phones and security keys do (Web Authentication Level 2 §6),
//! honestly unless a test says otherwise.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::seal::sha256;
use serde_json::{Value, json};

use crate::actors::{Answer, Browser, TestApp, unescape};

/// The address under which tests have passkeys.
pub const LOCALHOST: &str = "http://localhost:8080";

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 4;
const HAS_CREDENTIAL: u8 = 0x40;

/// A device with one passkey on it.
#[derive(Clone)]
pub struct Authenticator {
    pub pkcs8: Vec<u8>,
    pub credential_id: Vec<u8>,
    pub user_handle: Vec<u8>,
    /// The page it believes to be on, as the browser tells it.
    pub origin: String,
    pub rp_id: String,
    /// Whether it asks for the person's finger, face or PIN.
    pub verifies: bool,
    pub counter: u32,
}

/// The form on a page that the script would fill in.
#[derive(Clone)]
pub struct Ceremony {
    pub options: Value,
    pub csrf: String,
    pub ticket: String,
}

impl Ceremony {
    /// What the page carries for the script.
    #[track_caller]
    pub fn on(page: &Answer) -> Self {
        let part = page.body.split("data-passkey=\"").nth(1);
        let part = part.unwrap_or_else(|| panic!("no passkey is asked for: {}", page.body));
        let options = serde_json::from_str(&unescape(part.split('"').next().unwrap())).unwrap();
        let hidden = |name: &str| {
            let value = part.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
            value.split('"').next().unwrap().to_owned()
        };
        let ticket = if part.contains("name=\"passkey_ticket\"") { "passkey_ticket" } else { "ticket" };
        Self { options, csrf: hidden("csrf"), ticket: hidden(ticket) }
    }

    fn challenge(&self) -> &str {
        self.options["challenge"].as_str().unwrap()
    }
}

impl Authenticator {
    /// Makes a key for what a page of `origin` asks for.
    pub fn for_options(options: &Value) -> Self {
        let rng = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).unwrap().as_ref().to_vec();
        let credential_id = sha256(&pkcs8)[..20].to_vec();
        let user_handle = base64url_decode(options["user"]["id"].as_str().unwrap()).unwrap();
        Self {
            pkcs8,
            credential_id,
            user_handle,
            origin: LOCALHOST.to_owned(),
            rp_id: options["rp"]["id"].as_str().unwrap().to_owned(),
            verifies: true,
            counter: 0,
        }
    }

    fn key(&self) -> EcdsaKeyPair {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &self.pkcs8).unwrap()
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false}).to_string().into()
    }

    fn authenticator_data(&self, more: u8) -> Vec<u8> {
        let verified = if self.verifies { USER_VERIFIED } else { 0 };
        [&sha256(self.rp_id.as_bytes())[..], &[USER_PRESENT | verified | more], &self.counter.to_be_bytes()].concat()
    }

    /// The public key as COSE has it (RFC 9053 §7.1.1): `alg` is -7 for ES256.
    fn cose_key(&self) -> Vec<u8> {
        let key = self.key();
        let point = key.public_key().as_ref().to_vec();
        let (x, y) = point[1..].split_at(32);
        [&[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..], x, &[0x22, 0x58, 32], y].concat()
    }

    /// Answers `navigator.credentials.create`, without attestation.
    pub fn create(&self, challenge: &str) -> String {
        let id_length = u16::try_from(self.credential_id.len()).unwrap().to_be_bytes();
        let data =
            [&self.authenticator_data(HAS_CREDENTIAL)[..], &[0; 16], &id_length, &self.credential_id, &self.cose_key()]
                .concat();
        let length = u8::try_from(data.len()).unwrap();
        let object = [&b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"[..], &[length], &data].concat();
        let id = base64url(&self.credential_id);
        json!({
            "id": id, "rawId": id, "type": "public-key",
            "response": {
                "clientDataJSON": base64url(&self.client_data("webauthn.create", challenge)),
                "attestationObject": base64url(&object),
                "transports": ["internal"],
            },
        })
        .to_string()
    }

    /// Answers `navigator.credentials.get`.
    pub fn get(&mut self, challenge: &str) -> String {
        self.counter += 1;
        let data = self.authenticator_data(0);
        let client_data = self.client_data("webauthn.get", challenge);
        let signed = [&data[..], &sha256(&client_data)].concat();
        let signature = self.key().sign(&SystemRandom::new(), &signed).unwrap();
        let id = base64url(&self.credential_id);
        json!({
            "id": id, "rawId": id, "type": "public-key",
            "response": {
                "clientDataJSON": base64url(&client_data),
                "authenticatorData": base64url(&data),
                "signature": base64url(signature.as_ref()),
                "userHandle": base64url(&self.user_handle),
            },
        })
        .to_string()
    }

    /// Makes the passkey that the offer at hand asks for, and posts it.
    pub async fn register(browser: &mut Browser) -> (Self, Answer) {
        let ceremony = Ceremony::on(browser.open("/account/passkeys/new").await.assert_status(200));
        let authenticator = Self::for_options(&ceremony.options);
        let answer = authenticator.add(browser, &ceremony).await;
        (authenticator, answer)
    }

    /// Posts a new passkey for this ceremony.
    pub async fn add(&self, browser: &mut Browser, ceremony: &Ceremony) -> Answer {
        let made = self.create(ceremony.challenge());
        let fields = [("csrf", &*ceremony.csrf), ("ticket", &ceremony.ticket), ("credential", &made), ("outcome", "")];
        browser.post("/account/passkeys", &fields).await
    }

    /// Signs in on the sign-in page of a fresh visit.
    pub async fn sign_in(&mut self, browser: &mut Browser) -> Answer {
        let ceremony = Ceremony::on(&browser.open("/login").await);
        self.answer(browser, &ceremony, "").await
    }

    /// Answers this ceremony of a sign-in page.
    pub async fn answer(&mut self, browser: &mut Browser, ceremony: &Ceremony, tx: &str) -> Answer {
        let answer = self.get(ceremony.challenge());
        post(browser, ceremony, &answer, tx).await
    }
}

/// Posts what the script would, once an authenticator has answered.
pub async fn post(browser: &mut Browser, ceremony: &Ceremony, answer: &str, tx: &str) -> Answer {
    let fields = [
        ("csrf", &*ceremony.csrf),
        ("typed", "typed@example.test"),
        ("tx", tx),
        ("passkey_ticket", &ceremony.ticket),
        ("passkey", answer),
    ];
    browser.post("/login/passkey", &fields).await
}

/// A server on localhost, with ada signed in and her new passkey.
pub async fn with_passkey() -> (TestApp, Browser, Authenticator) {
    let app = TestApp::new().await.on(LOCALHOST).await;
    let mut ada = app.signed_in("ada").await;
    let (authenticator, answer) = Authenticator::register(&mut ada).await;
    answer.assert_status(303);
    (app, ada, authenticator)
}
