//! Another provider's ID token (OpenID Connect Core §3.1.3.7): each rule refuses by itself.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{MAX_SUBJECT_BYTES, ProviderKeys};
use crate::openid::id_token::half_hash;
use crate::secret::constant_time_eq;
use crate::time::Timestamp;

/// Clocks of two machines differ by so much, in seconds.
const CLOCK_DIFFERENCE_SECONDS: i64 = 60;
/// An ID token that came by a code was made for it: an older one was not (OpenID Connect Core §3.1.3.7 rule 10).
const OLDEST_SECONDS: i64 = 600;

/// What an ID token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who it must be from.
    pub issuer: &'a str,
    /// What we are called there.
    pub client_id: &'a str,
    /// What was sent with the request.
    pub nonce: &'a str,
    /// The access token it came with.
    pub access_token: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// Why an ID token is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdTokenRefused {
    /// No key of the provider signed it by that key's algorithm, or it is not readable.
    #[error("no key of the provider signed it")]
    Signature,
    /// Another issuer (mix-up).
    #[error("`iss` is another")]
    Issuer,
    /// It is for somebody else, or for several.
    #[error("`aud` or `azp` is another")]
    Audience,
    /// It has expired, or is too old or from the future.
    #[error("`exp`, `iat` or `nbf` is not about now")]
    Time,
    /// It answers another request, or none (replay, login CSRF).
    #[error("`nonce` is another")]
    Nonce,
    /// It came with another access token (§3.1.3.6).
    #[error("`at_hash` is another")]
    AccessToken,
    /// It names nobody, or at too great a length.
    #[error("`sub` names nobody")]
    Subject,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    sub: String,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// The claims about the person, `sub` among them, of an ID token that passes every rule.
pub fn check_id_token(
    keys: &ProviderKeys,
    id_token: &str,
    expected: Expected<'_>,
) -> Result<Map<String, Value>, IdTokenRefused> {
    let (claims, algorithm) = keys.verify::<Claims>(id_token).ok_or(IdTokenRefused::Signature)?;
    if claims.iss != expected.issuer {
        return Err(IdTokenRefused::Issuer);
    }
    let audience = match &claims.aud {
        Audience::One(one) => std::slice::from_ref(one),
        Audience::Several(several) => several.as_slice(),
    };
    let ours = |name: &String| name == expected.client_id;
    // Others whom it is for could pass it on; only where it says that we asked for it is it taken (rules 3 to 5).
    let asked_by_us = claims.azp.as_ref().map_or(audience.len() == 1, ours);
    if !audience.iter().any(ours) || !asked_by_us {
        return Err(IdTokenRefused::Audience);
    }
    #[allow(clippy::cast_precision_loss, reason = "a float holds the seconds of millions of years")]
    let (early, late, oldest) = {
        let now = expected.now.unix_seconds();
        let (early, late) = (now - CLOCK_DIFFERENCE_SECONDS, now + CLOCK_DIFFERENCE_SECONDS);
        (early as f64, late as f64, (now - OLDEST_SECONDS) as f64)
    };
    let is_now = claims.exp > early && claims.iat <= late && claims.iat >= oldest;
    if !is_now || claims.nbf.is_some_and(|nbf| nbf > late) {
        return Err(IdTokenRefused::Time);
    }
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if !constant_time_eq(nonce.as_bytes(), expected.nonce.as_bytes()) {
        return Err(IdTokenRefused::Nonce);
    }
    let right = half_hash(expected.access_token, algorithm);
    if claims.at_hash.is_some_and(|at_hash| at_hash != right) {
        return Err(IdTokenRefused::AccessToken);
    }
    if claims.sub.is_empty() || claims.sub.len() > MAX_SUBJECT_BYTES {
        return Err(IdTokenRefused::Subject);
    }
    let mut about = claims.others;
    about.insert("sub".to_owned(), Value::String(claims.sub));
    Ok(about)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64url;
    use crate::jose::{SigningAlgorithm, SigningKeys};
    use serde_json::json;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
    const ISSUER: &str = "https://id.example";

    fn provider() -> (SigningKeys, ProviderKeys) {
        let keys = crate::jose::keys();
        let set = json!({ "keys": keys.published(NOW) }).to_string();
        let known = ProviderKeys::parse(set.as_bytes()).unwrap();
        (keys, known)
    }

    fn claims() -> Value {
        let now = NOW.unix_seconds();
        json!({
            "iss": ISSUER, "aud": "keysig", "sub": "ada", "exp": now + 300, "iat": now, "nonce": "n-1",
            "email": "ada@example.test",
        })
    }

    fn expected() -> Expected<'static> {
        Expected { issuer: ISSUER, client_id: "keysig", nonce: "n-1", access_token: "at", now: NOW }
    }

    fn checked(claims: &Value, algorithm: SigningAlgorithm) -> Result<Map<String, Value>, IdTokenRefused> {
        let (keys, known) = provider();
        check_id_token(&known, &keys.sign(algorithm, "JWT", claims, NOW).unwrap(), expected())
    }

    #[test]
    fn a_right_one_is_believed_by_each_algorithm() {
        for algorithm in SigningAlgorithm::ALL {
            let about = checked(&claims(), algorithm).unwrap();
            assert_eq!((&about["sub"], &about["email"]), (&json!("ada"), &json!("ada@example.test")), "{algorithm:?}");
        }
        let mut whole = claims();
        whole["at_hash"] = json!(half_hash("at", SigningAlgorithm::EdDsa));
        whole["aud"] = json!(["other", "keysig"]);
        whole["azp"] = json!("keysig");
        checked(&whole, SigningAlgorithm::EdDsa).unwrap();
    }

    #[test]
    fn each_rule_refuses_by_itself() {
        let now = NOW.unix_seconds();
        for (name, value, refused) in [
            ("iss", json!("https://id.example/"), IdTokenRefused::Issuer),
            ("iss", json!("https://evil.example"), IdTokenRefused::Issuer),
            ("aud", json!("other"), IdTokenRefused::Audience),
            ("aud", json!(["keysig", "other"]), IdTokenRefused::Audience),
            ("aud", json!([]), IdTokenRefused::Audience),
            ("azp", json!("other"), IdTokenRefused::Audience),
            ("exp", json!(now - 61), IdTokenRefused::Time),
            ("iat", json!(now + 61), IdTokenRefused::Time),
            ("iat", json!(now - 601), IdTokenRefused::Time),
            ("nbf", json!(now + 61), IdTokenRefused::Time),
            ("nonce", json!("n-2"), IdTokenRefused::Nonce),
            ("nonce", Value::Null, IdTokenRefused::Nonce),
            ("at_hash", json!("77QmUPtjPfzWtF2AnpK9RQ"), IdTokenRefused::AccessToken),
            ("sub", json!(""), IdTokenRefused::Subject),
            ("sub", json!("s".repeat(256)), IdTokenRefused::Subject),
            ("sub", Value::Null, IdTokenRefused::Signature),
            ("exp", Value::Null, IdTokenRefused::Signature),
            ("iat", Value::Null, IdTokenRefused::Signature),
        ] {
            let mut bent = claims();
            bent[name] = value.clone();
            assert_eq!(checked(&bent, SigningAlgorithm::Rs256), Err(refused), "{name} {value}");
        }
    }

    #[test]
    fn no_header_chooses_the_algorithm_or_the_key() {
        let (keys, known) = provider();
        let right = keys.sign(SigningAlgorithm::Rs256, "JWT", &claims(), NOW).unwrap();
        let (_, body) = right.split_once('.').unwrap();
        let (body, signature) = body.split_once('.').unwrap();
        let public = keys.published(NOW).first().map(|key| key.n.clone().unwrap()).unwrap();
        for (header, what) in [
            (json!({"alg": "none", "kid": "sig-RS256"}), "none"),
            (json!({"alg": "None"}), "none, otherwise spelled"),
            (json!({"alg": "HS256", "kid": "sig-RS256"}), "the public key as a secret"),
            (json!({"alg": "ES256", "kid": "sig-RS256"}), "another key's algorithm"),
            (json!({"alg": "RS256", "kid": "sig-EdDSA"}), "another key"),
            (json!({"alg": "RS256"}), "one of several keys, unnamed"),
            (json!({"alg": "RS256", "kid": "sig-RS256", "crit": ["b64"]}), "what must be understood"),
        ] {
            let header = base64url(header.to_string().as_bytes());
            let mac = crate::seal::mac_with_key(public.as_bytes(), &[format!("{header}.{body}").as_bytes()]);
            for signature in [signature.to_owned(), String::new(), base64url(&mac)] {
                let forged = format!("{header}.{body}.{signature}");
                assert_eq!(check_id_token(&known, &forged, expected()), Err(IdTokenRefused::Signature), "{what}");
            }
        }
        let stranger = crate::jose::keys().sign(SigningAlgorithm::Es256, "JWT", &claims(), NOW).unwrap();
        assert!(known.knows(&stranger), "its name says nothing");
        assert_eq!(check_id_token(&known, &stranger, expected()), Err(IdTokenRefused::Signature));
        for text in ["", ".", "a.b.c", &format!("{right}A"), &"a".repeat(20_000)] {
            assert_eq!(check_id_token(&known, text, expected()), Err(IdTokenRefused::Signature));
            assert!(!known.knows(text) || text.starts_with(&right));
        }
    }
}
