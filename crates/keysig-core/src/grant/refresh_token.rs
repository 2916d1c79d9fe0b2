//! Refresh tokens (RFC 6749 §6, RFC 9700 §4.14): not random but derived, so that the successor of a token is the same
//! bytes whenever it is made again, and a lost answer costs nobody their session (`docs/tokens.md`).

use crate::encoding::{base64url, base64url_decode};
use crate::grant::{Login, MAX_REFRESH_TOKEN_CHARS, REFRESH_TOKEN_LIFETIME_SECONDS};
use crate::id::{AppId, LoginId, UserId};
use crate::profile::RefreshRule;
use crate::seal::{KeyId, Keyring, NonceBytes};
use crate::secret::{Secret, constant_time_eq};
use crate::time::Timestamp;
use crate::wire::{Reader, Writer};

/// Base64url of these bytes is `AQI`.
const PREFIX: [u8; 2] = [0x01, 0x02];

/// How long the predecessor of the current token is still answered, with the same successor.
pub const REPLAY_WINDOW_SECONDS: i64 = 30;
/// How often within the window, after the burst.
pub const MAX_REPLAYS: u32 = 3;
/// Right after a rotation the requests that were under way beside it arrive: a page of many tabs, a pool of workers. They
/// are one client, however many they are, and are not counted (ADR 0009).
const BURST_SECONDS: i64 = 5;

/// A refresh token that opened. Whether the login's row made it is checked with the row.
#[derive(Debug, Clone, Copy)]
pub struct PresentedRefreshToken {
    /// Whose.
    pub user: UserId,
    /// Which row.
    pub login: LoginId,
    /// Which app's.
    pub app: AppId,
    /// Which generation.
    pub generation: u32,
    key: KeyId,
    mac: [u8; 32],
}

/// What a presented refresh token leads to; this table and nothing else decides (design §4.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefreshDecision {
    /// The current one: replace it by its successor.
    Rotate,
    /// The current one: hand it back.
    Echo,
    /// The one before, in the burst of its own rotation: hand out the same successor again.
    SameBurst,
    /// The one before, a moment ago: count it, and hand out the same successor again.
    Replay,
    /// An old one: somebody has a copy. The login ends.
    Theft,
    /// One this row has never made: the store went back in time.
    FromTheFuture,
}

/// Why a refresh token is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefreshRefused {
    /// Not something this server made.
    Malformed,
    /// Its login is not there, or did not make it.
    UnknownLogin,
    /// It was issued to another app (RFC 6749 §10.4).
    AnotherClient,
    /// Past its absolute end, or unused for too long (RFC 9700 §4.14.2).
    Expired,
    /// The browser session it came from has ended, and it did not ask to outlive it (OpenID Connect Core §11).
    SessionEnded,
    /// `resource` names another API than the login is for (RFC 8707 §2.2).
    Target,
    /// Its login was ended.
    LoginEnded,
    /// An old generation: theft, and the login was ended just now.
    Reused,
    /// A generation its row has never reached.
    FromTheFuture,
    /// A scope that the login does not have: it may only shrink.
    ScopeWidened,
    /// Its user, app or grant is gone or was revoked since.
    Standing(super::StandingLost),
}

/// Makes and opens refresh tokens.
pub struct RefreshTokens {
    keys: Keyring,
}

impl RefreshTokens {
    /// With the keys of purpose `refresh`.
    pub fn new(keys: Keyring) -> Self {
        Self { keys }
    }

    /// The key that a generation starting now uses.
    pub fn current_key(&self, now: Timestamp) -> u32 {
        self.keys.current(now).id.number()
    }

    /// The token of the row's current generation. Row and key are both needed to make it.
    pub fn make(&self, login: &Login, now: Timestamp) -> Option<Secret> {
        self.make_generation(login, login.generation, KeyId::from_number(login.mac_key), now)
    }

    fn make_generation(&self, login: &Login, generation: u32, key_id: KeyId, now: Timestamp) -> Option<Secret> {
        let key = self.keys.find(key_id, now, REFRESH_TOKEN_LIFETIME_SECONDS)?;
        let mut subject = Writer(Vec::with_capacity(128));
        subject.bytes(login.user.as_bytes()).bytes(login.id.as_bytes()).bytes(login.app.as_bytes()).u32(generation);
        let mac = key.mac(&[&subject.0, &login.salt]);
        subject.bytes(&mac);
        let mut nonce: NonceBytes = [0; 12];
        for (slot, byte) in nonce.iter_mut().zip(key.mac(&[b"nonce", &mac])) {
            *slot = byte;
        }
        let sealed = key.seal(nonce, b"", subject.0);
        Some(Secret::new(base64url(&[&PREFIX[..], &key_id.to_bytes(), &nonce, &sealed].concat())))
    }

    /// Opens what a client presented.
    pub fn open(&self, presented: &str, now: Timestamp) -> Result<PresentedRefreshToken, RefreshRefused> {
        self.try_open(presented, now).ok_or(RefreshRefused::Malformed)
    }

    fn try_open(&self, presented: &str, now: Timestamp) -> Option<PresentedRefreshToken> {
        if presented.len() > MAX_REFRESH_TOKEN_CHARS {
            return None;
        }
        let mut bytes = base64url_decode(presented)?;
        let mut reader = Reader(&bytes);
        if reader.array::<2>()? != PREFIX {
            return None;
        }
        let key_id = KeyId::from_slice(reader.take(4)?)?;
        let nonce: NonceBytes = reader.array()?;
        let key = self.keys.find(key_id, now, REFRESH_TOKEN_LIFETIME_SECONDS)?;
        let sealed = bytes.get_mut(2 + 4 + 12..)?;
        let length = key.open(nonce, b"", sealed)?;
        let mut plain = Reader(sealed.get(..length)?);
        let token = PresentedRefreshToken {
            user: UserId::from_bytes(plain.array()?),
            login: LoginId::from_bytes(plain.array()?),
            app: AppId::from_bytes(plain.array()?),
            generation: plain.u32()?,
            mac: plain.array()?,
            key: key_id,
        };
        plain.end().map(|()| token)
    }

    /// Whether the row made the token.
    pub fn was_made_by(&self, presented: &PresentedRefreshToken, login: &Login, now: Timestamp) -> bool {
        let Some(key) = self.keys.find(presented.key, now, REFRESH_TOKEN_LIFETIME_SECONDS) else { return false };
        let mut subject = Writer(Vec::with_capacity(64));
        subject.bytes(login.user.as_bytes()).bytes(login.id.as_bytes()).bytes(login.app.as_bytes());
        subject.u32(presented.generation);
        constant_time_eq(&key.mac(&[&subject.0, &login.salt]), &presented.mac)
    }
}

/// The table of design §4.3. The token's MAC, app and client authentication are known to be good. Window arithmetic
/// uses the later of our clock and the row's: a clock that jumps back reopens nothing.
pub fn decide(presented_generation: u32, login: &Login, now: Timestamp, rule: RefreshRule) -> RefreshDecision {
    let now = now.later(login.rotated_at);
    if presented_generation == login.generation {
        return match rule {
            RefreshRule::Rotate => RefreshDecision::Rotate,
            RefreshRule::Echo => RefreshDecision::Echo,
        };
    }
    if presented_generation > login.generation {
        return RefreshDecision::FromTheFuture;
    }
    let within = |seconds| now <= login.rotated_at.plus_seconds(seconds);
    if presented_generation + 1 != login.generation {
        RefreshDecision::Theft
    } else if within(BURST_SECONDS) {
        RefreshDecision::SameBurst
    } else if within(REPLAY_WINDOW_SECONDS) && login.replays < MAX_REPLAYS {
        RefreshDecision::Replay
    } else {
        RefreshDecision::Theft
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::GrantId;
    use crate::scope::ScopeSet;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);

    fn tokens() -> RefreshTokens {
        RefreshTokens::new(crate::seal::tests::keyring("refresh"))
    }

    fn login(generation: u32) -> Login {
        Login {
            id: LoginId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            app: AppId::from_bytes([3; 16]),
            grant: GrantId::from_bytes([4; 16]),
            generation,
            replays: 0,
            mac_key: tokens().current_key(NOW),
            salt: [5; 16],
            attempt: [6; 16],
            scopes: ScopeSet::EMPTY,
            user_epoch: 1,
            app_epoch: 1,
            grant_login_epoch: 1,
            auth_time: NOW,
            amr: crate::grant::Amr::PASSWORD,
            audience: crate::access_token::Audience::OwnApi,
            binding: crate::grant::TokenBinding::Bearer,
            session: None,
            claims: crate::openid::claims::ClaimsRequest::default(),
            created_at: NOW,
            rotated_at: NOW,
            expires_at: NOW.plus_seconds(REFRESH_TOKEN_LIFETIME_SECONDS),
            ended_at: None,
        }
    }

    #[test]
    fn a_generation_is_one_byte_string_whenever_it_is_made_again() {
        let first = tokens().make(&login(2), NOW).unwrap();
        let much_later = tokens().make(&login(2), NOW.plus_seconds(90 * 86_400)).unwrap();
        assert_eq!(first.expose(), much_later.expose());
        assert_ne!(first.expose(), tokens().make(&login(3), NOW).unwrap().expose());
        assert!(first.expose().starts_with("AQ") && first.expose().len() <= MAX_REFRESH_TOKEN_CHARS);
    }

    #[test]
    fn a_token_is_its_row_s_only_while_salt_app_and_generation_agree() {
        let text = tokens().make(&login(2), NOW).unwrap();
        let opened = tokens().open(text.expose(), NOW).unwrap();
        assert_eq!(opened.generation, 2);
        assert!(tokens().was_made_by(&opened, &login(2), NOW));
        assert!(!tokens().was_made_by(&opened, &Login { salt: [0; 16], ..login(2) }, NOW));
        assert!(!tokens().was_made_by(&opened, &Login { app: AppId::from_bytes([9; 16]), ..login(2) }, NOW));
        assert!(!tokens().was_made_by(&opened, &Login { user: UserId::from_bytes([9; 16]), ..login(2) }, NOW));
    }

    #[test]
    fn no_other_spelling_is_a_token() {
        let text = tokens().make(&login(2), NOW).unwrap();
        for at in 0..text.expose().len() {
            let mut other = text.expose().as_bytes().to_vec();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            assert!(tokens().open(std::str::from_utf8(&other).unwrap(), NOW).is_err());
            assert!(tokens().open(&text.expose()[..at], NOW).is_err());
        }
    }

    #[test]
    fn the_table_decides() {
        use RefreshDecision::*;
        let row = login(5);
        let at = |generation, seconds| decide(generation, &row, NOW.plus_seconds(seconds), RefreshRule::Rotate);
        assert_eq!(at(5, 0), Rotate);
        assert_eq!(decide(5, &row, NOW, RefreshRule::Echo), Echo);
        assert_eq!(at(4, 0), SameBurst);
        assert_eq!(at(4, 5), SameBurst);
        assert_eq!(at(4, 6), Replay);
        assert_eq!(at(4, 30), Replay);
        assert_eq!(at(4, 31), Theft);
        assert_eq!(at(4, -7200), SameBurst, "a clock that jumped back turns neither way");
        assert_eq!(at(3, 0), Theft);
        assert_eq!(at(6, 0), FromTheFuture);
        let replayed = Login { replays: MAX_REPLAYS, ..row };
        let replayed_at = |seconds| decide(4, &replayed, NOW.plus_seconds(seconds), RefreshRule::Rotate);
        assert_eq!((replayed_at(5), replayed_at(6)), (SameBurst, Theft));
    }
}
