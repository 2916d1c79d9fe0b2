//! Access tokens that an API verifies by itself (RFC 9068). Beside what the API reads, each carries, sealed in its `jti`,
//! what we need to know whether it was revoked since; it opens under no key that access tokens are sealed with, so a
//! `jti` that ended up in a log is no token.

use serde::{Deserialize, Serialize};

use super::{AccessToken, AccessTokens, NotAToken};
use crate::jose::SigningKeys;
use crate::openid::id_token::SignIn;
use crate::time::Timestamp;

/// The `typ` of access tokens (RFC 9068 §2.1): no ID token is ever taken for one.
pub const TYPE: &str = "at+jwt";

/// No token with this `scope` is longer: its identifiers and `jti` have limits of their own, and base64 adds a third.
pub fn longest_chars(scope: &str) -> usize {
    const ALL_BUT_SCOPE: usize = 2304;
    ALL_BUT_SCOPE + scope.len() * 4 / 3 + 2
}

/// The claims of a JWT access token (RFC 9068 §2.2).
#[derive(Serialize)]
pub struct JwtAccessToken<'a> {
    /// Who issued it.
    pub iss: &'a str,
    /// For which API.
    pub aud: &'a str,
    /// In whose name: a person's, or the app's own.
    pub sub: &'a str,
    /// To which app.
    pub client_id: &'a str,
    /// What it may do; nothing is said of nothing (RFC 9068 §2.2.3).
    #[serde(skip_serializing_if = "str::is_empty")]
    pub scope: &'a str,
    /// When it was made.
    pub iat: i64,
    /// When it ends.
    pub exp: i64,
    /// See the module.
    pub jti: &'a str,
    /// How the person signed in (RFC 9068 §2.2.1, RFC 9470 §6.1).
    #[serde(flatten)]
    pub sign_in: Option<SignInClaims>,
}

/// How a person signed in, as claims.
#[derive(Serialize, Clone)]
pub struct SignInClaims {
    auth_time: i64,
    acr: &'static str,
    amr: Vec<&'static str>,
}

impl SignInClaims {
    /// As an access token carries it.
    pub fn new(sign_in: SignIn) -> Self {
        Self { auth_time: sign_in.auth_time.unix_seconds(), acr: sign_in.amr.acr(), amr: sign_in.amr.names() }
    }
}

#[derive(Deserialize)]
struct Presented {
    iss: String,
    jti: String,
}

/// Opens a JWT access token: signed by us as such, and what its `jti` holds. `states` opens those and nothing else.
pub fn open(
    keys: &SigningKeys,
    states: &AccessTokens,
    issuer: &str,
    presented: &str,
    now: Timestamp,
) -> Result<AccessToken, NotAToken> {
    let claims: Presented = keys.verify(TYPE, presented).map_err(|_| NotAToken::Invalid)?;
    if claims.iss != issuer {
        return Err(NotAToken::Invalid);
    }
    states.open(&claims.jti, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_token::MAX_ACCESS_TOKEN_CHARS;
    use crate::authorize::MAX_ISSUER_BYTES;
    use crate::grant::Amr;
    use crate::jose::SigningAlgorithm;

    #[test]
    fn with_every_claim_at_its_limit_a_jwt_is_as_long_as_it_is_said_to_be_at_most() {
        let now = Timestamp::from_unix_millis(1_790_000_000_000);
        let (issuer, api) = ("i".repeat(MAX_ISSUER_BYTES), "a".repeat(512));
        let sign_in = SignIn { auth_time: now, amr: Amr::PASSWORD, session: None };
        for scope in [String::new(), "s".repeat(64 * 129)] {
            let claims = JwtAccessToken {
                iss: &issuer,
                aud: &api,
                sub: &"i".repeat(64),
                client_id: &"c".repeat(64),
                scope: &scope,
                iat: now.unix_seconds(),
                exp: now.unix_seconds(),
                jti: &"j".repeat(MAX_ACCESS_TOKEN_CHARS / 2),
                sign_in: Some(SignInClaims::new(sign_in)),
            };
            let keys = crate::jose::keys();
            let signed = keys.sign(SigningAlgorithm::Rs256, TYPE, &claims, now).unwrap();
            assert!(keys.verify::<Presented>(TYPE, &signed).is_ok(), "what we sign we can read, and revoke");
            assert!(signed.len() <= longest_chars(&scope), "{}", signed.len());
        }
    }
}
