//! The keys of another provider (RFC 7517 §5).

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::encoding::base64url_decode;
use crate::jose::SigningAlgorithm;

/// No provider publishes more; what is kept of a set stays small.
const MAX_KEYS: usize = 64;
/// No ID token is longer.
const MAX_JWS_CHARS: usize = 16_384;
/// Shorter moduli are broken or about to be (RFC 7518 §3.3).
const MIN_MODULUS_BYTES: usize = 256;
/// Longer ones only cost time.
const MAX_MODULUS_BYTES: usize = 1024;

#[derive(Deserialize)]
struct Listed {
    kty: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

struct Key {
    kid: Option<String>,
    algorithm: SigningAlgorithm,
    key: DecodingKey,
}

/// The keys a provider signs ID tokens with, as far as their algorithms are ours. Those of other kinds are left out: a set
/// may hold keys for anything (RFC 7517 §5).
pub struct ProviderKeys(Vec<Key>);

fn key(listed: Listed) -> Option<Key> {
    if listed.usage.as_deref().is_some_and(|usage| usage != "sig") {
        return None;
    }
    // The algorithm is the key's: what it says, or the one we take such keys for. Never what a header says (RFC 8725 §3.1).
    let (algorithm, key) = match (listed.kty.as_deref()?, listed.crv.as_deref()) {
        ("RSA", _) => {
            let (n, e) = (listed.n?, listed.e?);
            let length = base64url_decode(&n)?.len();
            if !(MIN_MODULUS_BYTES..=MAX_MODULUS_BYTES).contains(&length) {
                return None;
            }
            (SigningAlgorithm::Rs256, DecodingKey::from_rsa_components(&n, &e).ok()?)
        }
        ("EC", Some("P-256")) => {
            (SigningAlgorithm::Es256, DecodingKey::from_ec_components(&listed.x?, &listed.y?).ok()?)
        }
        ("OKP", Some("Ed25519")) => (SigningAlgorithm::EdDsa, DecodingKey::from_ed_components(&listed.x?).ok()?),
        _ => return None,
    };
    let says_so = listed.alg.is_none_or(|alg| SigningAlgorithm::from_name(&alg) == Some(algorithm));
    says_so.then_some(Key { kid: listed.kid, algorithm, key })
}

impl ProviderKeys {
    /// Reads a JWK Set; `None` if it is none.
    pub fn parse(set: &[u8]) -> Option<Self> {
        let set: Set = serde_json::from_slice(set).ok()?;
        let listed = set.keys.into_iter().take(MAX_KEYS).filter_map(|listed| serde_json::from_value(listed).ok());
        Some(Self(listed.filter_map(key).collect()))
    }

    /// Whether the key that `statement` names is among them; if not, the provider may have a new one.
    pub fn knows(&self, statement: &str) -> bool {
        header(statement).is_some_and(|header| self.named(&header).is_some())
    }

    fn named(&self, header: &Header) -> Option<&Key> {
        match &header.kid {
            Some(kid) => self.0.iter().find(|key| key.kid.as_ref() == Some(kid)),
            // A set of several keys must be spoken of by name (OpenID Connect Core §10.1).
            None => match self.0.as_slice() {
                [only] => Some(only),
                _ => None,
            },
        }
    }

    /// The claims of a statement that one of these keys signed, and by which algorithm. Nothing else is checked.
    pub(super) fn verify<C: DeserializeOwned>(&self, statement: &str) -> Option<(C, SigningAlgorithm)> {
        let header = header(statement)?;
        let key = self.named(&header)?;
        // What must be understood and is not (RFC 7515 §4.1.11); and what was signed is not what the header claims.
        if header.crit.is_some() || header.alg != key.algorithm.name() {
            return None;
        }
        let mut rules = Validation::new(match key.algorithm {
            SigningAlgorithm::Rs256 => Algorithm::RS256,
            SigningAlgorithm::Es256 => Algorithm::ES256,
            SigningAlgorithm::EdDsa => Algorithm::EdDSA,
        });
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        let decoded = decode::<C>(statement, &key.key, &rules).ok()?;
        Some((decoded.claims, key.algorithm))
    }
}

fn header(statement: &str) -> Option<Header> {
    if statement.len() > MAX_JWS_CHARS {
        return None;
    }
    serde_json::from_slice(&base64url_decode(statement.split('.').next()?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn keys_of_other_kinds_are_left_out_and_short_ones_too() {
        let keys = crate::jose::keys();
        let now = crate::time::Timestamp::from_unix_millis(1_790_000_000_000);
        let mut set: Vec<Value> = keys.published(now).iter().map(|key| serde_json::to_value(key).unwrap()).collect();
        assert_eq!(ProviderKeys::parse(json!({ "keys": set }).to_string().as_bytes()).unwrap().0.len(), 3);
        let count = |key: Value| ProviderKeys::parse(json!({ "keys": [key] }).to_string().as_bytes()).unwrap().0.len();
        let with = |key: &Value, name: &str, value: Value| {
            let mut key = key.clone();
            key[name] = value;
            key
        };
        let rsa = set.remove(0);
        assert_eq!(count(rsa.clone()), 1);
        assert_eq!(count(with(&rsa, "alg", Value::Null)), 1, "the kind of key tells");
        for (name, value) in [
            ("use", json!("enc")),
            ("alg", json!("none")),
            ("alg", json!("HS256")),
            ("alg", json!("PS256")),
            ("n", json!("AQAB")),
            ("kty", json!("oct")),
            ("kty", json!(7)),
        ] {
            assert_eq!(count(with(&rsa, name, value.clone())), 0, "{name} {value}");
        }
        assert_eq!(count(json!("a key")), 0);
        assert!(ProviderKeys::parse(b"[]").is_none() && ProviderKeys::parse(b"{}").is_none());
    }
}
