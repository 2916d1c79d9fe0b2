//! Signed statements. The first byte says as what a text is read; odd ones take it as it is, even ones take edits of a
//! statement of ours. What verifies is what was signed.
#![no_main]

use std::sync::LazyLock;

use keysig_core::access_token::jwt::{self, JwtAccessToken};
use keysig_core::access_token::{AccessTokenFor, AccessTokens, Audience, Holder};
use keysig_core::grant::Amr;
use keysig_core::id::{AppId, SessionId};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::openid::id_token::{self, IdToken, SignIn, read_hint};
use keysig_core::scope::ScopeSet;
use keysig_core::testing::SeededRng;
use keysig_fuzz::{INCARNATION, ISSUER, JWT_API, KEYS, NOW, edited, keyring};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

struct Statement {
    typ: &'static str,
    issuer: &'static str,
    text: String,
    /// Whoever knows one ECDSA signature can write down a second one for the same words.
    one_signature: bool,
}

static STATES: LazyLock<AccessTokens> = LazyLock::new(|| AccessTokens::new(keyring("access-jwt"), INCARNATION));
static OTHER_STATES: LazyLock<AccessTokens> = LazyLock::new(|| AccessTokens::new(keyring("access"), INCARNATION));

static GOOD: LazyLock<Vec<Statement>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for algorithm in SigningAlgorithm::ALL {
        for issuer in [ISSUER, "https://other.example"] {
            let sign_in = SignIn { auth_time: NOW, amr: Amr::PASSWORD, session: None };
            let mut id_token = IdToken::new(issuer, "ada", "app", sign_in, NOW);
            // As in the corpus, where statements of ours stand whole.
            id_token.sid = Some(SessionId::from_bytes([5; 16]).to_string());
            let token = AccessTokenFor {
                app: AppId::from_bytes([1; 16]),
                app_epoch: 1,
                holder: Holder::App,
                scopes: ScopeSet::EMPTY,
                audience: Audience::OwnApi,
                lifetime_seconds: 3600,
            };
            let jti = STATES.seal(token, NOW, &SeededRng::new(1));
            let access_token = JwtAccessToken {
                iss: issuer,
                aud: JWT_API,
                sub: "app",
                client_id: "app",
                scope: "",
                iat: NOW.unix_seconds(),
                exp: NOW.unix_seconds() + 3600,
                jti: jti.expose(),
                sign_in: None,
            };
            let mut add = |typ, text: Option<String>| {
                let text = text.expect("signs");
                all.push(Statement { typ, issuer, text, one_signature: algorithm != SigningAlgorithm::Es256 });
            };
            add(id_token::TYPE, KEYS.sign(algorithm, id_token::TYPE, &id_token, NOW));
            add(jwt::TYPE, KEYS.sign(algorithm, jwt::TYPE, &access_token, NOW));
            add("logout+jwt", KEYS.sign(algorithm, "logout+jwt", &json!({"iss": issuer}), NOW));
        }
    }
    all
});

/// Everything before the signature.
fn words(text: &str) -> &str {
    text.rsplit_once('.').map_or(text, |(words, _)| words)
}

fuzz_target!(|data: &[u8]| {
    let Some((how, rest)) = data.split_first() else { return };
    let text = if how % 2 == 1 {
        String::from_utf8_lossy(rest).into_owned()
    } else {
        edited(&GOOD[usize::from(how / 2) % GOOD.len()].text, rest)
    };
    let of = |typ: &str| {
        let same = |good: &Statement| good.text == text || !good.one_signature && words(&good.text) == words(&text);
        GOOD.iter().find(|good| good.typ == typ && same(good))
    };
    for typ in [id_token::TYPE, jwt::TYPE, "logout+jwt"] {
        let verified = KEYS.verify::<Value>(typ, &text);
        match of(typ) {
            Some(good) if good.text == text => assert_eq!(verified.expect("was signed")["iss"], good.issuer),
            Some(good) => assert!(verified.is_err() || verified.is_ok_and(|claims| claims["iss"] == good.issuer)),
            None => assert!(verified.is_err(), "{typ}"),
        }
    }
    for client_id in [None, Some("app"), Some("another")] {
        if let Ok(hint) = read_hint(&KEYS, ISSUER, client_id, &text) {
            assert!(of(id_token::TYPE).is_some_and(|good| good.issuer == ISSUER));
            assert!(client_id != Some("another") && hint.sub == "ada" && hint.aud == "app");
        }
    }
    if let Ok(token) = jwt::open(&KEYS, &STATES, ISSUER, &text, NOW) {
        assert!(of(jwt::TYPE).is_some_and(|good| good.issuer == ISSUER));
        assert_eq!(token.app, AppId::from_bytes([1; 16]));
    }
    assert!(jwt::open(&KEYS, &OTHER_STATES, ISSUER, &text, NOW).is_err(), "the keys of another purpose");
});
