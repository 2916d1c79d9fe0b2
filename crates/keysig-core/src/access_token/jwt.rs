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
