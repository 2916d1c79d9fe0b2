//! All signing keys of an instance: which signs now, which are published, and when a new one is due. A key is published
//! before it signs and stays until the last statement it signed has expired (OpenID Connect Core §10.1.1), so that
//! whoever fetched the set a while ago can still verify.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{PublicKey, SigningAlgorithm, SigningKey};
use crate::time::Timestamp;

/// How long a key signs, in seconds.
const SIGNS_SECONDS: i64 = 90 * 86_400;
/// How long before it signs it is published: longer than anybody keeps the set.
const PUBLISHED_BEFORE_SECONDS: i64 = 2 * 86_400;
/// How long it stays after it last signed: the longest life of a statement, and an hour for clocks and caches.
const PUBLISHED_AFTER_SECONDS: i64 = 2 * 3600;
/// No statement that we verify is longer.
const MAX_JWS_CHARS: usize = 8192;

/// A key and when it signs.
pub struct Scheduled {
    /// The key.
    pub key: SigningKey,
    /// It signs from then until the next one of its algorithm does.
    pub signs_from: Timestamp,
}

/// A key that is to be made now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Due {
    /// Its algorithm.
    pub algorithm: SigningAlgorithm,
    /// From when on it will sign.
    pub signs_from: Timestamp,
}

/// A statement that this instance did not sign, or not as this.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotOurs;

/// The key of `algorithm` that must be made now, if one must. `newest` is when the newest there is begins to sign.
pub fn next_due(algorithm: SigningAlgorithm, newest: Option<Timestamp>, now: Timestamp) -> Option<Due> {
    let Some(newest) = newest else { return Some(Due { algorithm, signs_from: now }) };
    let next = newest.plus_seconds(SIGNS_SECONDS);
    let due = now >= next.plus_seconds(-PUBLISHED_BEFORE_SECONDS);
    // After a long stop the old key goes on until the new one has been published long enough.
    due.then(|| Due { algorithm, signs_from: next.later(now.plus_seconds(PUBLISHED_BEFORE_SECONDS)) })
}

/// All keys of an instance.
#[derive(Default)]
pub struct SigningKeys {
    keys: Vec<Scheduled>,
}

impl SigningKeys {
    /// Of these keys.
    pub fn new(mut keys: Vec<Scheduled>) -> Self {
        // Libraries that read no `kid` try the first key, and know RS256.
        keys.sort_by_key(|scheduled| (scheduled.key.algorithm(), scheduled.signs_from));
        Self { keys }
    }

    fn of(&self, algorithm: SigningAlgorithm) -> impl DoubleEndedIterator<Item = &Scheduled> {
        self.keys.iter().filter(move |scheduled| scheduled.key.algorithm() == algorithm)
    }

    /// The key that signs by `algorithm` now.
    pub fn current(&self, algorithm: SigningAlgorithm, now: Timestamp) -> Option<&SigningKey> {
        self.of(algorithm).rev().find(|scheduled| scheduled.signs_from <= now).map(|scheduled| &scheduled.key)
    }

    /// When the newest key of `algorithm` begins to sign.
    pub fn newest(&self, algorithm: SigningAlgorithm) -> Option<Timestamp> {
        self.of(algorithm).next_back().map(|scheduled| scheduled.signs_from)
    }

    /// Signs by `algorithm` with the key of now.
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        typ: &str,
        claims: &impl Serialize,
        now: Timestamp,
    ) -> Option<String> {
        self.current(algorithm, now)?.sign(typ, claims)
    }

    fn is_published(&self, scheduled: &Scheduled, now: Timestamp) -> bool {
        let next = self.of(scheduled.key.algorithm()).find(|other| other.signs_from > scheduled.signs_from);
        next.is_none_or(|next| now < next.signs_from.plus_seconds(PUBLISHED_AFTER_SECONDS))
    }

    /// The published keys, as the JWKS shows them (RFC 7517 §5).
    pub fn published(&self, now: Timestamp) -> Vec<&PublicKey> {
        self.keys.iter().filter(|scheduled| self.is_published(scheduled, now)).map(|it| it.key.public()).collect()
    }

    /// The claims of a statement that one of our keys signed as a `typ`, expired or not, whatever key signs now. The
    /// algorithm is the key's, never the header's (RFC 8725 §3.1), and no key that a header brings is looked at (§3.10).
    pub fn verify<C: DeserializeOwned>(&self, typ: &str, statement: &str) -> Result<C, NotOurs> {
        if statement.len() > MAX_JWS_CHARS {
            return Err(NotOurs);
        }
        let header = decode_header(statement).map_err(|_| NotOurs)?;
        if !header.typ.as_deref().is_some_and(|sent| sent.eq_ignore_ascii_case(typ)) {
            return Err(NotOurs);
        }
        let named = |scheduled: &&Scheduled| header.kid.as_deref() == Some(scheduled.key.public().kid.as_str());
        let public = self.keys.iter().find(named).ok_or(NotOurs)?.key.public();
        let (algorithm, key) = verifier(public).ok_or(NotOurs)?;
        let mut rules = Validation::new(algorithm);
        // Time and audience are our callers' to judge, by the clock they were handed.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        decode::<C>(statement, &key, &rules).map(|decoded| decoded.claims).map_err(|_| NotOurs)
    }
}

fn verifier(public: &PublicKey) -> Option<(Algorithm, DecodingKey)> {
    let field = |field: &Option<String>| field.clone().unwrap_or_default();
    Some(match SigningAlgorithm::from_name(&public.alg)? {
        SigningAlgorithm::Rs256 => {
            (Algorithm::RS256, DecodingKey::from_rsa_components(&field(&public.n), &field(&public.e)).ok()?)
        }
        SigningAlgorithm::Es256 => {
            (Algorithm::ES256, DecodingKey::from_ec_components(&field(&public.x), &field(&public.y)).ok()?)
        }
        SigningAlgorithm::EdDsa => (Algorithm::EdDSA, DecodingKey::from_ed_components(&field(&public.x)).ok()?),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::encoding::{base64url, base64url_decode};
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
    use serde_json::{Value, json};
    use std::sync::OnceLock;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

    fn der(algorithm: SigningAlgorithm) -> Vec<u8> {
        static RSA: OnceLock<Vec<u8>> = OnceLock::new();
        match algorithm {
            SigningAlgorithm::Rs256 => RSA
                .get_or_init(|| {
                    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
                    let der: aws_lc_rs::encoding::Pkcs8V1Der = pair.as_der().unwrap();
                    der.as_ref().to_vec()
                })
                .clone(),
            SigningAlgorithm::Es256 => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
                pair.to_pkcs8v1().unwrap().as_ref().to_vec()
            }
            SigningAlgorithm::EdDsa => Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap().as_ref().to_vec(),
        }
    }

    /// One key of each algorithm, signing from `NOW` on.
    pub(crate) fn keys() -> SigningKeys {
        let scheduled = |algorithm: SigningAlgorithm| Scheduled {
            key: SigningKey::from_pkcs8(algorithm, &format!("sig-{}", algorithm.name()), &der(algorithm)).unwrap(),
            signs_from: NOW,
        };
        SigningKeys::new(SigningAlgorithm::ALL.map(scheduled).into_iter().collect())
    }

    #[test]
    fn what_is_signed_verifies_as_what_it_is_and_as_nothing_else() {
        let keys = keys();
        for algorithm in SigningAlgorithm::ALL {
            let statement = keys.sign(algorithm, "JWT", &json!({"sub": "ada", "exp": 1}), NOW).unwrap();
            let claims: Value = keys.verify("JWT", &statement).unwrap();
            assert_eq!(claims["sub"], "ada", "{algorithm:?}, though it expired long ago");
            assert_eq!(keys.verify::<Value>("at+jwt", &statement), Err(NotOurs), "another type");
            assert_eq!(SigningKeys::default().verify::<Value>("JWT", &statement), Err(NotOurs), "another instance");
        }
    }

    #[test]
    fn no_bit_of_a_statement_can_be_changed_and_no_other_algorithm_claimed() {
        let keys = keys();
        let statement = keys.sign(SigningAlgorithm::EdDsa, "JWT", &json!({"sub": "ada"}), NOW).unwrap();
        for at in 0..statement.len() {
            let mut other = statement.as_bytes().to_vec();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(keys.verify::<Value>("JWT", &other).is_err(), "{at}: {other}");
        }
        let parts: Vec<&str> = statement.split('.').collect();
        let kid = "sig-EdDSA";
        for header in [
            format!(r#"{{"alg":"none","typ":"JWT","kid":"{kid}"}}"#),
            format!(r#"{{"alg":"HS256","typ":"JWT","kid":"{kid}"}}"#),
            format!(r#"{{"alg":"ES256","typ":"JWT","kid":"{kid}"}}"#),
            r#"{"alg":"EdDSA","typ":"JWT","kid":"../etc/passwd"}"#.to_owned(),
            r#"{"alg":"EdDSA","typ":"JWT"}"#.to_owned(),
        ] {
            let forged = format!("{}.{}.{}", base64url(header.as_bytes()), parts[1], parts[2]);
            assert!(keys.verify::<Value>("JWT", &forged).is_err(), "{header}");
            assert!(keys.verify::<Value>("JWT", &format!("{}.{}.", base64url(header.as_bytes()), parts[1])).is_err());
        }
        for text in ["", ".", "..", "a.b.c", &statement[..statement.len() - 1], &format!("{statement}A")] {
            assert!(keys.verify::<Value>("JWT", text).is_err());
        }
    }

    #[test]
    fn public_keys_hold_nothing_private() {
        for public in keys().published(NOW) {
            let shown = serde_json::to_value(public).unwrap();
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(shown.get(private).is_none(), "{private}");
            }
            assert!(shown["kid"].is_string() && shown["alg"].is_string() && shown["use"] == "sig");
        }
        let keys = keys();
        let rsa = keys.current(SigningAlgorithm::Rs256, NOW).unwrap().public();
        assert_eq!(base64url_decode(rsa.n.as_deref().unwrap()).unwrap().len(), 256);
        assert_eq!(rsa.e.as_deref(), Some("AQAB"));
    }

    #[test]
    fn a_key_is_published_before_it_signs_and_stays_until_what_it_signed_has_expired() {
        let day = 86_400;
        let algorithm = SigningAlgorithm::EdDsa;
        assert_eq!(next_due(algorithm, None, NOW), Some(Due { algorithm, signs_from: NOW }));
        assert_eq!(next_due(algorithm, Some(NOW), NOW.plus_seconds(87 * day)), None);
        let due = next_due(algorithm, Some(NOW), NOW.plus_seconds(88 * day)).unwrap();
        assert_eq!(due.signs_from, NOW.plus_seconds(90 * day));
        let late = next_due(algorithm, Some(NOW), NOW.plus_seconds(200 * day)).unwrap();
        assert_eq!(late.signs_from, NOW.plus_seconds(202 * day), "never before it was published");

        let key = |kid: &str, signs_from| Scheduled {
            key: SigningKey::from_pkcs8(algorithm, kid, &der(algorithm)).unwrap(),
            signs_from,
        };
        let keys = SigningKeys::new(vec![key("new", due.signs_from), key("old", NOW)]);
        let kids = |at: i64| {
            let now = NOW.plus_seconds(at);
            keys.published(now).iter().map(|key| key.kid.clone()).collect::<Vec<_>>().join(" ")
        };
        let signer = |at: i64| keys.current(algorithm, NOW.plus_seconds(at)).unwrap().public().kid.clone();
        assert_eq!((kids(88 * day), signer(88 * day)), ("old new".to_owned(), "old".to_owned()));
        assert_eq!((kids(90 * day), signer(90 * day)), ("old new".to_owned(), "new".to_owned()));
        assert_eq!(kids(90 * day + 3600), "old new", "an ID token of the last second is still alive");
        assert_eq!(kids(90 * day + 7200), "new");
    }
}
