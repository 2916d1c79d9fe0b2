//! Access tokens: sealed values that need no row and no look-up to verify (`docs/tokens.md`). RFC 6749 §1.4.

pub mod jwt;

use crate::encoding::{base64url, base64url_decode};
use crate::feed::Epoch;
use crate::grant::Amr;
use crate::id::{AppId, GrantId, Incarnation, LoginId, UserId};
use crate::openid::id_token::SignIn;
use crate::rng::{Rng, random};
use crate::scope::ScopeSet;
use crate::seal::{KeyId, Keyring, NonceBytes};
use crate::secret::Secret;
use crate::time::Timestamp;
use crate::wire::{Reader, Writer};

/// How long an access token lives: one hour, as Spotify's do.
pub const ACCESS_TOKEN_LIFETIME_SECONDS: u32 = 3600;

/// No access token is longer than this (design §5); a longer one is refused before it is decoded.
pub const MAX_ACCESS_TOKEN_CHARS: usize = 512;

/// Base64url of these two bytes is `BQE`: tokens look as Spotify's do, and the low nibble holds the version.
const PREFIX: [u8; 2] = [0x05, 0x01];

/// For which API a token was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// This server's Web API.
    OwnApi,
    /// Another resource server: the first eight bytes of the SHA-256 of its identifier (RFC 8707 §2).
    Resource([u8; 8]),
}

impl Audience {
    /// As sealed: a tag, and the resource's eight bytes.
    pub(crate) fn write(self, to: &mut Writer) {
        match self {
            Self::OwnApi => to.u8(0),
            Self::Resource(id) => to.u8(1).bytes(&id),
        };
    }

    /// From what was sealed.
    pub(crate) fn read(from: &mut Reader<'_>) -> Option<Self> {
        match from.u8()? {
            0 => Some(Self::OwnApi),
            1 => from.array().map(Self::Resource),
            _ => None,
        }
    }

    /// For a column: nothing for our own API.
    pub fn to_column(self) -> Option<[u8; 8]> {
        match self {
            Self::OwnApi => None,
            Self::Resource(id) => Some(id),
        }
    }

    /// From a column.
    pub fn from_column(column: Option<[u8; 8]>) -> Self {
        column.map_or(Self::OwnApi, Self::Resource)
    }
}

/// In whose name a token acts. An app's own token is a variant of its own, never a user's with an empty user.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder {
    /// A person who agreed.
    User {
        /// Who.
        user: UserId,
        /// Under which agreement.
        grant: GrantId,
        /// In which login.
        login: LoginId,
        /// The user's epoch when the token was made.
        user_epoch: Epoch,
        /// The grant's access epoch when the token was made.
        grant_epoch: Epoch,
        /// When the person signed in (RFC 9470 §6.2).
        auth_time: Timestamp,
        /// And how.
        amr: Amr,
        /// The grant was paused: the token is well-formed, and the guard answers 403 (design §4.4).
        paused: bool,
    },
    /// The app itself (client credentials, RFC 6749 §4.4).
    App,
}

/// What an access token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessToken {
    /// The key it is sealed with.
    pub key: KeyId,
    /// The nonce it is sealed with: with the login, the token's id.
    pub nonce: NonceBytes,
    /// The app it was issued to.
    pub app: AppId,
    /// The app's epoch when the token was made.
    pub app_epoch: Epoch,
    /// In whose name it acts.
    pub holder: Holder,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Where.
    pub audience: Audience,
    /// The life of the store it was made in.
    pub incarnation: Incarnation,
    /// When it was made.
    pub issued_at: Timestamp,
    /// How long it lives from then.
    pub lifetime_seconds: u32,
}

/// Names one access token. An app's own tokens have the app in the place of the login.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TokenId {
    /// The login (or the app, for an app's own tokens).
    pub login: LoginId,
    /// The seal nonce.
    pub nonce: NonceBytes,
    /// When it was made.
    pub issued_at: Timestamp,
}

impl TokenId {
    /// As the feed carries it.
    pub fn to_bytes(self) -> [u8; 36] {
        let mut bytes = [0; 36];
        let parts = self.login.as_bytes().iter().chain(&self.nonce);
        for (slot, byte) in bytes.iter_mut().zip(parts.copied().chain(self.issued_at.unix_millis().to_be_bytes())) {
            *slot = byte;
        }
        bytes
    }

    /// From 36 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let id = Self {
            login: LoginId::from_bytes(reader.array()?),
            nonce: reader.array()?,
            issued_at: Timestamp::from_unix_millis(reader.i64()?),
        };
        reader.end().map(|()| id)
    }
}

/// Why a presented access token is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotAToken {
    /// Not something this server sealed as an access token.
    Invalid,
    /// It was one, and its hour is over.
    Expired,
}

impl AccessToken {
    /// How the person signed in, if it acts for one.
    pub fn sign_in(&self) -> Option<SignIn> {
        match self.holder {
            Holder::User { auth_time, amr, .. } => Some(SignIn { auth_time, amr, session: None }),
            Holder::App => None,
        }
    }

    /// When it ends.
    pub fn expires_at(&self) -> Timestamp {
        self.issued_at.plus_seconds(i64::from(self.lifetime_seconds))
    }

    /// The token's id.
    pub fn id(&self) -> TokenId {
        let login = match self.holder {
            Holder::User { login, .. } => login,
            Holder::App => LoginId::from_bytes(*self.app.as_bytes()),
        };
        TokenId { login, nonce: self.nonce, issued_at: self.issued_at }
    }
}

/// What the caller of [`AccessTokens::seal`] knows; key, nonce and times are added there.
#[derive(Clone, Copy, Debug)]
pub struct AccessTokenFor {
    /// The app.
    pub app: AppId,
    /// Its epoch, as read.
    pub app_epoch: Epoch,
    /// In whose name.
    pub holder: Holder,
    /// What it may do.
    pub scopes: ScopeSet,
    /// Where.
    pub audience: Audience,
    /// For how long.
    pub lifetime_seconds: u32,
}

/// Makes and opens access tokens.
pub struct AccessTokens {
    keys: Keyring,
    incarnation: Incarnation,
}

impl AccessTokens {
    /// With the keys of purpose `access` and the store's current life.
    pub fn new(keys: Keyring, incarnation: Incarnation) -> Self {
        Self { keys, incarnation }
    }

    /// Seals a token that starts now.
    pub fn seal(&self, token: AccessTokenFor, now: Timestamp, rng: &(impl Rng + ?Sized)) -> Secret {
        let key = self.keys.current(now);
        let nonce: NonceBytes = random(rng);
        let mut plain = Writer(Vec::with_capacity(160));
        match token.holder {
            Holder::User { user, grant, login, user_epoch, grant_epoch, auth_time, amr, paused } => {
                plain.u8(if paused { 3 } else { 1 }).bytes(user.as_bytes()).bytes(grant.as_bytes());
                plain.bytes(login.as_bytes()).u32(user_epoch).u32(grant_epoch);
                plain.i64(auth_time.unix_millis()).u8(amr.bits());
            }
            Holder::App => {
                plain.u8(2);
            }
        }
        plain.bytes(token.app.as_bytes()).u32(token.app_epoch).bytes(&token.scopes.to_bytes());
        token.audience.write(&mut plain);
        plain.bytes(self.incarnation.as_bytes()).i64(now.unix_millis()).u32(token.lifetime_seconds);
        let sealed = key.seal(nonce, b"", plain.0);
        Secret::new(base64url(&[&PREFIX[..], &key.id.to_bytes(), &nonce, &sealed].concat()))
    }

    /// Opens what a client presented. Says nothing about revocation: that is [`crate::feed::Revocations::check`].
    pub fn open(&self, presented: &str, now: Timestamp) -> Result<AccessToken, NotAToken> {
        self.open_any_age(presented, now).ok_or(NotAToken::Invalid).and_then(|token| {
            // A token "from the future" beyond clock difference is no token: a backward jump revives nothing.
            if token.incarnation != self.incarnation {
                // Made before the store went back in time, or beside another store under the same key.
                Err(NotAToken::Invalid)
            } else if now >= token.expires_at() || token.issued_at > now.plus_seconds(60) {
                Err(NotAToken::Expired)
            } else {
                Ok(token)
            }
        })
    }

    fn open_any_age(&self, presented: &str, now: Timestamp) -> Option<AccessToken> {
        if presented.len() > MAX_ACCESS_TOKEN_CHARS {
            return None;
        }
        let mut bytes = base64url_decode(presented)?;
        let mut reader = Reader(&bytes);
        if reader.array::<2>()? != PREFIX {
            return None;
        }
        let key_id = KeyId::from_slice(reader.take(4)?)?;
        let nonce: NonceBytes = reader.array()?;
        let key = self.keys.find(key_id, now, i64::from(ACCESS_TOKEN_LIFETIME_SECONDS) + 120)?;
        let sealed = bytes.get_mut(2 + 4 + 12..)?;
        let length = key.open(nonce, b"", sealed)?;
        let mut plain = Reader(sealed.get(..length)?);
        let variant = plain.u8()?;
        let holder = match variant {
            1 | 3 => Holder::User {
                user: UserId::from_bytes(plain.array()?),
                grant: GrantId::from_bytes(plain.array()?),
                login: LoginId::from_bytes(plain.array()?),
                user_epoch: plain.u32()?,
                grant_epoch: plain.u32()?,
                auth_time: Timestamp::from_unix_millis(plain.i64()?),
                amr: Amr::from_bits(plain.u8()?),
                paused: variant == 3,
            },
            2 => Holder::App,
            _ => return None,
        };
        let token = AccessToken {
            key: key_id,
            nonce,
            holder,
            app: AppId::from_bytes(plain.array()?),
            app_epoch: plain.u32()?,
            scopes: ScopeSet::from_bytes(plain.array()?),
            audience: Audience::read(&mut plain)?,
            incarnation: Incarnation::from_bytes(plain.array()?),
            issued_at: Timestamp::from_unix_millis(plain.i64()?),
            lifetime_seconds: plain.u32()?,
        };
        plain.end().map(|()| token)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::testing::SeededRng;

    pub(crate) fn a_token() -> AccessToken {
        AccessToken {
            key: KeyId::from_number(1),
            nonce: [1; 12],
            app: AppId::from_bytes([1; 16]),
            app_epoch: 1,
            holder: Holder::User {
                user: UserId::from_bytes([2; 16]),
                grant: GrantId::from_bytes([3; 16]),
                login: LoginId::from_bytes([4; 16]),
                user_epoch: 1,
                grant_epoch: 1,
                auth_time: NOW,
                amr: Amr::PASSWORD,
                paused: false,
            },
            scopes: ScopeSet::EMPTY,
            audience: Audience::OwnApi,
            incarnation: Incarnation::from_bytes([5; 16]),
            issued_at: Timestamp::from_unix_millis(1_000_000),
            lifetime_seconds: 3600,
        }
    }

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

    fn tokens() -> AccessTokens {
        AccessTokens::new(crate::seal::tests::keyring("access"), Incarnation::from_bytes([5; 16]))
    }

    fn sealed(holder: Holder) -> String {
        let AccessToken { app, app_epoch, scopes, audience, .. } = a_token();
        tokens()
            .seal(
                AccessTokenFor { app, app_epoch, holder, scopes, audience, lifetime_seconds: 3600 },
                NOW,
                &SeededRng::new(3),
            )
            .expose()
            .to_owned()
    }

    #[test]
    fn what_was_sealed_is_what_opens() {
        for holder in [a_token().holder, Holder::App] {
            let opened = tokens().open(&sealed(holder), NOW).expect("opens");
            assert_eq!(opened.holder, holder);
            assert_eq!(opened.app, a_token().app);
        }
    }

    #[test]
    fn tokens_look_as_spotify_s_do_and_stay_within_their_limit() {
        let token = sealed(a_token().holder);
        assert!(token.starts_with("BQ"));
        assert!(token.len() <= MAX_ACCESS_TOKEN_CHARS, "{}", token.len());
    }

    #[test]
    fn a_token_ends_with_its_hour() {
        let token = sealed(a_token().holder);
        assert!(tokens().open(&token, NOW.plus_seconds(3599)).is_ok());
        assert_eq!(tokens().open(&token, NOW.plus_seconds(3600)), Err(NotAToken::Expired));
        assert_eq!(tokens().open(&token, NOW.plus_seconds(-3600)), Err(NotAToken::Expired));
    }

    #[test]
    fn no_prefix_bit_flip_or_second_spelling_is_a_token() {
        let token = sealed(a_token().holder);
        for cut in 0..token.len() {
            assert_eq!(tokens().open(&token[..cut], NOW), Err(NotAToken::Invalid));
        }
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert_eq!(tokens().open(&other, NOW), Err(NotAToken::Invalid));
        }
        assert_eq!(tokens().open(&format!("{token}="), NOW), Err(NotAToken::Invalid));
        assert_eq!(tokens().open(&token.to_uppercase(), NOW), Err(NotAToken::Invalid));
    }
}
