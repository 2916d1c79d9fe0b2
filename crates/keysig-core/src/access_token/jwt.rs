//! Access tokens that an API verifies by itself (RFC 9068). Beside what the API reads, each carries, sealed in its `jti`,
//! what we need to know whether it was revoked since; it opens under no key that access tokens are sealed with, so a
//! `jti` that ended up in a log is no token.

use serde::{Deserialize, Serialize};

use super::{AccessToken, AccessTokens, MAX_ACCESS_TOKEN_CHARS, NotAToken};
use crate::jose::SigningKeys;
use crate::openid::id_token::SignIn;
use crate::time::Timestamp;

/// The `typ` of access tokens (RFC 9068 §2.1): no ID token is ever taken for one.
pub const TYPE: &str = "at+jwt";

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
    /// What it may do.
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

/// No JWT access token of these is longer: beside them it holds a `jti`, a client id, a subject and the words around them.
pub fn longest_chars(issuer: &str, api: &str, scope: &str) -> usize {
    const REST_OF_CLAIMS: usize = MAX_ACCESS_TOKEN_CHARS + 512;
    const HEADER_AND_SIGNATURE: usize = 512;
    (issuer.len() + api.len() + scope.len() + REST_OF_CLAIMS).div_ceil(3) * 4 + HEADER_AND_SIGNATURE
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
    use crate::access_token::tests::a_token;
    use crate::access_token::{AccessTokenFor, Audience};
    use crate::jose::SigningAlgorithm;
    use crate::testing::SeededRng;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

    #[test]
    fn with_every_limit_at_its_maximum_a_signed_token_is_no_longer_than_is_reckoned_with() {
        let states = AccessTokens::new(crate::seal::tests::keyring("jwt"), a_token().incarnation);
        let AccessToken { app, app_epoch, holder, scopes, .. } = a_token();
        let token = AccessTokenFor { app, app_epoch, holder, scopes, audience: Audience::Resource([1; 8]) };
        let jti = states.seal(token, NOW, &SeededRng::new(1));
        let (issuer, api, scope) = ("i".repeat(100), "a".repeat(512), "s".repeat(4000));
        let claims = JwtAccessToken {
            iss: &issuer,
            aud: &api,
            sub: &"s".repeat(64),
            client_id: &"c".repeat(64),
            scope: &scope,
            iat: i64::MAX,
            exp: i64::MAX,
            jti: jti.expose(),
            sign_in: a_token().sign_in().map(SignInClaims::new),
        };
        for algorithm in SigningAlgorithm::ALL {
            let signed = crate::jose::keys().sign(algorithm, TYPE, &claims, NOW).unwrap();
            assert!(signed.len() <= longest_chars(&issuer, &api, &scope), "{algorithm:?}: {}", signed.len());
        }
    }
}
