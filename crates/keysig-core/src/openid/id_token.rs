//! ID tokens (OpenID Connect Core §2): what an app may believe about a sign-in.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use serde::{Deserialize, Serialize};

use super::claims::PersonClaims;
use crate::encoding::base64url;
use crate::grant::Amr;
use crate::id::SessionId;
use crate::jose::{NotOurs, SigningAlgorithm, SigningKeys};
use crate::time::Timestamp;

/// How long an ID token lives, in seconds.
pub const ID_TOKEN_LIFETIME_SECONDS: i64 = 3600;
/// No ID token is longer, with every claim in it at its limit: what is assembled with one in it stays below 8 KiB.
pub const MAX_ID_TOKEN_CHARS: usize = 3072;
/// The `typ` of ID tokens and signed userinfo answers.
pub const TYPE: &str = "JWT";

/// The claims of an ID token.
#[derive(Serialize)]
pub struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    acr: &'static str,
    amr: Vec<&'static str>,
    /// As sent, and absent where none was (OpenID Connect Core §3.1.3.7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// Of the access token that comes with it (§3.1.3.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Of the code that comes with it (§3.3.2.11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// What the app calls the browser session ([`super::subject::session_name`]).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// About the person.
    #[serde(flatten)]
    pub person: PersonClaims<'a>,
}

/// How and where somebody signed in.
#[derive(Clone, Copy, Debug)]
pub struct SignIn {
    /// When.
    pub auth_time: Timestamp,
    /// How.
    pub amr: Amr,
    /// In which browser session, where that is known.
    pub session: Option<SessionId>,
}

impl<'a> IdToken<'a> {
    /// For `client_id` about `subject`, from now on.
    pub fn new(issuer: &'a str, subject: &'a str, client_id: &'a str, sign_in: SignIn, now: Timestamp) -> Self {
        Self {
            iss: issuer,
            sub: subject,
            aud: client_id,
            exp: now.unix_seconds() + ID_TOKEN_LIFETIME_SECONDS,
            iat: now.unix_seconds(),
            auth_time: sign_in.auth_time.unix_seconds(),
            acr: sign_in.amr.acr(),
            amr: sign_in.amr.names(),
            nonce: None,
            at_hash: None,
            c_hash: None,
            sid: None,
            person: PersonClaims::default(),
        }
    }
}

/// The left half of a token's hash, by the hash of the signature's algorithm (OpenID Connect Core §3.1.3.6).
pub fn half_hash(token: &str, algorithm: SigningAlgorithm) -> String {
    let hash = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Es256 => digest(&SHA256, token.as_bytes()),
        SigningAlgorithm::EdDsa => digest(&SHA512, token.as_bytes()),
    };
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    base64url(left)
}

/// What an `id_token_hint` says, whether or not it has expired.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Hint {
    iss: String,
    /// Whom the app took it for.
    pub sub: String,
    /// Whose app it was made for.
    pub aud: String,
    /// In which browser session, by the app's name for it.
    pub sid: Option<String>,
}

/// Reads an `id_token_hint`: ours, and where the caller says which app asks, made for that app (OpenID Connect Core
/// §3.1.2.1, RP-Initiated Logout §4). An expired one is as good: it only names somebody.
pub fn read_hint(keys: &SigningKeys, issuer: &str, client_id: Option<&str>, hint: &str) -> Result<Hint, NotOurs> {
    let hint: Hint = keys.verify(TYPE, hint)?;
    let right = hint.iss == issuer && client_id.is_none_or(|client_id| hint.aud == client_id);
    if right { Ok(hint) } else { Err(NotOurs) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::{MAX_ISSUER_BYTES, MAX_NONCE_BYTES};
    use crate::id::UserId;
    use crate::jose::SigningKeys;
    use crate::openid::claims::ClaimSet;
    use crate::user::{Product, Role, User};

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
    const ISSUER: &str = "http://127.0.0.1:8080";

    fn keys() -> SigningKeys {
        crate::jose::keys()
    }

    fn signed(keys: &SigningKeys, client_id: &str) -> String {
        let sign_in = SignIn { auth_time: NOW, amr: Amr::PASSWORD, session: Some(SessionId::from_bytes([7; 16])) };
        let token = IdToken::new(ISSUER, "ada", client_id, sign_in, NOW);
        keys.sign(SigningAlgorithm::EdDsa, TYPE, &token, NOW).unwrap()
    }

    #[test]
    fn hashes_are_the_left_half_by_the_algorithm_s_hash() {
        // OpenID Connect Core §A.3 and §A.4.
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(half_hash(access_token, SigningAlgorithm::Rs256), "77QmUPtjPfzWtF2AnpK9RQ");
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        assert_eq!(half_hash(code, SigningAlgorithm::Es256), "LDktKdoQak3Pk0cnXxCltA");
        assert_eq!(half_hash("x", SigningAlgorithm::EdDsa).len(), 43);
    }

    #[test]
    fn a_hint_is_ours_and_made_for_the_app_that_shows_it() {
        let keys = keys();
        let token = signed(&keys, "web");
        assert_eq!(read_hint(&keys, ISSUER, Some("web"), &token).unwrap().sub, "ada");
        assert_eq!(read_hint(&keys, ISSUER, None, &token).unwrap().aud, "web");
        assert_eq!(read_hint(&keys, ISSUER, Some("other"), &token), Err(NotOurs));
        assert_eq!(read_hint(&keys, "https://other.example", Some("web"), &token), Err(NotOurs));
        assert_eq!(read_hint(&SigningKeys::default(), ISSUER, Some("web"), &token), Err(NotOurs));
    }

    #[test]
    fn with_every_claim_at_its_limit_an_id_token_stays_within_its_own() {
        let keys = keys();
        let user = User {
            id: UserId::from_bytes([1; 16]),
            public_id: "i".repeat(64),
            email: "e".repeat(254),
            email_verified: false,
            locale: None,
            display_name: "\u{1d11e}".repeat(80),
            country: "NL".to_owned(),
            product: Product::Free,
            role: Role::User,
            epoch: 1,
            disabled: false,
        };
        let (issuer, client_id) = ("i".repeat(MAX_ISSUER_BYTES), "c".repeat(64));
        let sign_in = SignIn { auth_time: NOW, amr: Amr::PASSWORD, session: None };
        // JSON escapes a quote: no nonce gets longer.
        let nonce = "\"".repeat(MAX_NONCE_BYTES);
        let mut token = IdToken::new(&issuer, &user.public_id, &client_id, sign_in, NOW);
        token.nonce = Some(&nonce);
        token.at_hash = Some("h".repeat(43));
        token.c_hash = Some("h".repeat(43));
        token.sid = Some("s".repeat(43));
        token.person = PersonClaims::of(&user, ClaimSet::PROFILE.union(ClaimSet::EMAIL));
        let signed = keys.sign(SigningAlgorithm::Rs256, TYPE, &token, NOW).unwrap();
        assert!(signed.len() <= MAX_ID_TOKEN_CHARS, "{}", signed.len());
    }

    #[test]
    fn what_was_not_asked_for_is_not_there() {
        let claims: serde_json::Value = keys().verify(TYPE, &signed(&keys(), "web")).unwrap_or_default();
        assert!(claims.is_null(), "another instance's keys");
        let keys = keys();
        let claims: serde_json::Value = keys.verify(TYPE, &signed(&keys, "web")).unwrap();
        for absent in ["nonce", "at_hash", "c_hash", "sid", "name", "email", "azp"] {
            assert!(claims.get(absent).is_none(), "{absent}");
        }
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
        assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
    }
}
