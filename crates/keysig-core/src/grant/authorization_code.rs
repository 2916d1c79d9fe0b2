//! Authorization codes (RFC 6749 §4.1.2): self-contained, so that issuing one writes nothing, and a redemption is the
//! insertion of its login (`docs/tokens.md`).

use crate::access_token::Audience;
use crate::app::App;
use crate::authorize::ResponseType;
use crate::encoding::{base64url, base64url_decode};
use crate::feed::Epoch;
use crate::grant::{Amr, CarriedEpochs, Grant, MAX_CODE_CHARS, Standing, StandingLost, TokenBinding};
use crate::id::{AppId, GrantId, Incarnation, LoginId, SessionId, UserId};
use crate::openid::claims::ClaimsRequest;
use crate::pkce::{CodeChallenge, is_well_formed_verifier};
use crate::scope::ScopeSet;
use crate::seal::{KeyId, Keyring, NonceBytes, mac_with_key, sha256};
use crate::secret::{Secret, constant_time_eq};
use crate::time::Timestamp;
use crate::wire::{Reader, Writer};

/// Base64url of these bytes is `AQE`.
const PREFIX: [u8; 2] = [0x01, 0x01];

/// The longest any profile's code lives, in seconds: how long code keys verify.
const MAX_CODE_LIFETIME_SECONDS: i64 = 600;

/// Clocks of two nodes may differ by this much.
const CLOCK_DIFFERENCE_SECONDS: i64 = 60;

/// Everything a code stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthorizationCode {
    /// The login its redemption will be: fixed when the request arrived, so that a consent posted twice makes one.
    pub login: LoginId,
    /// Which app asked.
    pub app: AppId,
    /// Who agreed.
    pub user: UserId,
    /// Under which agreement.
    pub grant: GrantId,
    /// SHA-256 of the redirect URI the answer was sent to.
    pub redirect_uri_hash: [u8; 32],
    /// Whether the request named it: then the token request must, too (RFC 6749 §4.1.3).
    pub redirect_uri_sent: bool,
    /// What the verifier must meet.
    pub challenge: Option<CodeChallenge>,
    /// For the ID token.
    pub nonce: Option<String>,
    /// Claims that were asked for one by one.
    pub claims: ClaimsRequest,
    /// What was allowed.
    pub scopes: ScopeSet,
    /// When the person signed in.
    pub auth_time: Timestamp,
    /// And how.
    pub amr: Amr,
    /// In which browser session.
    pub session: SessionId,
    /// For which API the tokens will be (RFC 8707 §2).
    pub audience: Audience,
    /// What the tokens must come with.
    pub binding: TokenBinding,
    /// What was asked for.
    pub response_type: ResponseType,
    /// Epochs read when it was made.
    pub user_epoch: Epoch,
    /// See `user_epoch`.
    pub app_epoch: Epoch,
    /// See `user_epoch`.
    pub grant_login_epoch: Epoch,
    /// The life of the store it was made in.
    pub incarnation: Incarnation,
    /// When it was made.
    pub issued_at: Timestamp,
    /// How long it lives from then.
    pub lifetime_seconds: u32,
}

/// Why a code is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeRefused {
    /// Not something this server sealed as a code.
    Malformed,
    /// It was issued to another app (RFC 6749 §4.1.3).
    AnotherClient,
    /// `redirect_uri` differs from the authorization request's, or is missing, or is no longer registered.
    RedirectUri,
    /// The request had a challenge and no verifier came (RFC 7636 §4.5).
    VerifierMissing,
    /// A verifier came and the request had no challenge: a downgrade (RFC 9700 §4.8.2).
    VerifierUnexpected,
    /// Not 43 to 128 unreserved characters.
    VerifierMalformed,
    /// It does not hash to the challenge.
    VerifierWrong,
    /// Too old.
    Expired,
    /// Made before the store went back in time.
    OtherIncarnation,
    /// Its user, app or grant is gone or was revoked since.
    Standing(StandingLost),
    /// The grant's row did not make it: forged with the sealing key alone.
    Forged,
    /// The browser session that it came from has ended (for codes of OpenID Connect).
    SessionEnded,
    /// It was redeemed before.
    Used,
}

/// A code that passed every check but single use, which the store's insert decides.
///
/// ```compile_fail
/// let ticket = keysig_core::grant::authorization_code::Redeemable { scopes: Default::default() };
/// ```
#[derive(Debug)]
#[allow(clippy::manual_non_exhaustive, reason = "a ticket: even this crate makes one in a single place only")]
pub struct Redeemable<'a> {
    /// The grant it rests on.
    pub grant: &'a Grant,
    /// Requested ∩ allowed now.
    pub scopes: ScopeSet,
    _proof: (),
}

impl AuthorizationCode {
    /// What it carries, to be compared with what stands now.
    pub fn carried(&self) -> CarriedEpochs {
        CarriedEpochs { user: self.user_epoch, app: self.app_epoch, grant_login: self.grant_login_epoch }
    }
}

fn body(code: &AuthorizationCode) -> Vec<u8> {
    let mut plain = Writer(Vec::with_capacity(384));
    plain.bytes(code.login.as_bytes()).bytes(code.app.as_bytes()).bytes(code.user.as_bytes());
    plain.bytes(code.grant.as_bytes()).bytes(&code.redirect_uri_hash);
    plain.u8(code.redirect_uri_sent.into());
    match &code.challenge {
        Some(challenge) => plain.u8(1).bytes(challenge.as_bytes()),
        None => plain.u8(0),
    };
    plain.short(code.nonce.as_deref().unwrap_or_default().as_bytes()).u32(code.claims.number());
    plain.bytes(&code.scopes.to_bytes());
    plain.i64(code.auth_time.unix_millis()).u8(code.amr.bits()).bytes(code.session.as_bytes());
    code.audience.write(&mut plain);
    plain.u8(code.binding.number()).u8(code.response_type.number());
    plain.u32(code.user_epoch).u32(code.app_epoch).u32(code.grant_login_epoch);
    plain.bytes(code.incarnation.as_bytes()).i64(code.issued_at.unix_millis()).u32(code.lifetime_seconds);
    plain.0
}

fn parse(plain: &[u8]) -> Option<(AuthorizationCode, [u8; 32])> {
    let mut plain = Reader(plain);
    let code = AuthorizationCode {
        login: LoginId::from_bytes(plain.array()?),
        app: AppId::from_bytes(plain.array()?),
        user: UserId::from_bytes(plain.array()?),
        grant: GrantId::from_bytes(plain.array()?),
        redirect_uri_hash: plain.array()?,
        redirect_uri_sent: plain.u8()? == 1,
        challenge: match plain.u8()? {
            0 => None,
            1 => Some(CodeChallenge::from_bytes(plain.array()?)),
            _ => return None,
        },
        nonce: match std::str::from_utf8(plain.short()?).ok()? {
            "" => None,
            nonce => Some(nonce.to_owned()),
        },
        claims: ClaimsRequest::from_number(plain.u32()?),
        scopes: ScopeSet::from_bytes(plain.array()?),
        auth_time: Timestamp::from_unix_millis(plain.i64()?),
        amr: Amr::from_bits(plain.u8()?),
        session: SessionId::from_bytes(plain.array()?),
        audience: Audience::read(&mut plain)?,
        binding: TokenBinding::from_number(plain.u8()?)?,
        response_type: ResponseType::from_number(plain.u8()?)?,
        user_epoch: plain.u32()?,
        app_epoch: plain.u32()?,
        grant_login_epoch: plain.u32()?,
        incarnation: Incarnation::from_bytes(plain.array()?),
        issued_at: Timestamp::from_unix_millis(plain.i64()?),
        lifetime_seconds: plain.u32()?,
    };
    let mac = plain.array()?;
    plain.end().map(|()| (code, mac))
}

/// A code that opened; whether its grant's row made it is checked with the row.
#[derive(Debug)]
pub struct Opened {
    /// What it stands for.
    pub code: AuthorizationCode,
    mac: [u8; 32],
    body: Vec<u8>,
}

/// Makes and opens codes.
pub struct Codes {
    keys: Keyring,
    incarnation: Incarnation,
}

impl Codes {
    /// With the keys of purpose `code` and the store's current life.
    pub fn new(keys: Keyring, incarnation: Incarnation) -> Self {
        Self { keys, incarnation }
    }

    /// The store's current life, for the code's field.
    pub fn incarnation(&self) -> Incarnation {
        self.incarnation
    }

    /// Seals a code. The nonce follows from what is sealed, so that the same code is the same text however often it is
    /// made (GCM-SIV is safe under that).
    pub fn seal(&self, code: &AuthorizationCode, grant_salt: &[u8; 16]) -> Secret {
        let key = self.keys.current(code.issued_at);
        let mut plain = body(code);
        let mac = mac_with_key(grant_salt, &[b"code", &plain]);
        plain.extend_from_slice(&mac);
        let mut nonce: NonceBytes = [0; 12];
        for (slot, byte) in nonce.iter_mut().zip(key.mac(&[&plain])) {
            *slot = byte;
        }
        let sealed = key.seal(nonce, b"", plain);
        Secret::new(base64url(&[&PREFIX[..], &key.id.to_bytes(), &nonce, &sealed].concat()))
    }

    /// Opens what a client presented.
    pub fn open(&self, presented: &str, now: Timestamp) -> Result<Opened, CodeRefused> {
        self.try_open(presented, now).ok_or(CodeRefused::Malformed)
    }

    fn try_open(&self, presented: &str, now: Timestamp) -> Option<Opened> {
        if presented.len() > MAX_CODE_CHARS {
            return None;
        }
        let mut bytes = base64url_decode(presented)?;
        let mut reader = Reader(&bytes);
        if reader.array::<2>()? != PREFIX {
            return None;
        }
        let key_id = KeyId::from_slice(reader.take(4)?)?;
        let nonce: NonceBytes = reader.array()?;
        let key = self.keys.find(key_id, now, MAX_CODE_LIFETIME_SECONDS + 120)?;
        let sealed = bytes.get_mut(2 + 4 + 12..)?;
        let length = key.open(nonce, b"", sealed)?;
        let plain = sealed.get(..length)?;
        let (code, mac) = parse(plain)?;
        let body = plain.get(..length.checked_sub(mac.len())?)?.to_vec();
        Some(Opened { code, mac, body })
    }

    /// Every rule of RFC 6749 §4.1.3 and RFC 7636 §4.6 that needs no row but the app's, in order. A failed one leaves
    /// the code unspent: a foreign client cannot burn it.
    pub fn check_presented(
        &self,
        opened: &Opened,
        app: &App,
        redirect_uri: Option<&str>,
        verifier: Option<&str>,
        now: Timestamp,
    ) -> Result<(), CodeRefused> {
        let code = &opened.code;
        if code.app != app.id {
            return Err(CodeRefused::AnotherClient);
        }
        let is_right =
            |uri: &str| app.resolve(uri).is_ok() && constant_time_eq(&sha256(uri.as_bytes()), &code.redirect_uri_hash);
        if !redirect_uri.map_or(!code.redirect_uri_sent, is_right) {
            return Err(CodeRefused::RedirectUri);
        }
        match (&code.challenge, verifier) {
            (None, None) => {}
            (Some(_), None) => return Err(CodeRefused::VerifierMissing),
            // PKCE downgrade: an attacker stripped the challenge from the request (RFC 9700 §4.8.2).
            (None, Some(_)) => return Err(CodeRefused::VerifierUnexpected),
            (Some(_), Some(verifier)) if !is_well_formed_verifier(verifier) => {
                return Err(CodeRefused::VerifierMalformed);
            }
            (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => {}
            (Some(_), Some(_)) => return Err(CodeRefused::VerifierWrong),
        }
        // One from the future means that the clock was set back: nobody knows how old it is.
        let from_the_future = code.issued_at > now.plus_seconds(CLOCK_DIFFERENCE_SECONDS);
        if from_the_future || now >= code.issued_at.plus_seconds(i64::from(code.lifetime_seconds)) {
            return Err(CodeRefused::Expired);
        }
        if code.incarnation != self.incarnation {
            return Err(CodeRefused::OtherIncarnation);
        }
        Ok(())
    }

    /// The rules that need the rows of user, app and grant: revocation since, and the proof that the grant's row was
    /// there when the code was made.
    pub fn check_standing<'a>(&self, opened: &Opened, standing: Standing<'a>) -> Result<Redeemable<'a>, CodeRefused> {
        let code = &opened.code;
        let grant = standing.check(code.carried()).map_err(CodeRefused::Standing)?;
        if !constant_time_eq(&mac_with_key(&grant.salt, &[b"code", &opened.body]), &opened.mac) {
            return Err(CodeRefused::Forged);
        }
        Ok(Redeemable { grant, scopes: code.scopes.intersection(grant.scopes), _proof: () })
    }
}

/// What a second redemption of a code does besides being refused (RFC 6749 §4.1.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SecondRedemption {
    /// Nothing: a page that ran its callback twice is no thief.
    Deny,
    /// The login of the first is ended.
    DenyAndRevoke,
}

/// Decides a second redemption that was right in every other check. `first_at` is when the first was.
pub fn second_redemption(first_at: Timestamp, now: Timestamp, has_secret_or_pkce: bool) -> SecondRedemption {
    const CALLBACK_RAN_TWICE_SECONDS: i64 = 10;
    if !has_secret_or_pkce || now > first_at.plus_seconds(CALLBACK_RAN_TWICE_SECONDS) {
        SecondRedemption::DenyAndRevoke
    } else {
        SecondRedemption::Deny
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRng;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
    const SALT: [u8; 16] = [9; 16];

    fn code() -> AuthorizationCode {
        AuthorizationCode {
            login: LoginId::generate(NOW, &SeededRng::new(1)),
            app: AppId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            grant: GrantId::from_bytes([3; 16]),
            redirect_uri_hash: sha256(b"https://app.example/cb"),
            redirect_uri_sent: true,
            challenge: Some(CodeChallenge::from_bytes([4; 32])),
            nonce: None,
            claims: ClaimsRequest::default(),
            scopes: ScopeSet::EMPTY,
            auth_time: NOW,
            amr: Amr::PASSWORD,
            session: SessionId::from_bytes([5; 16]),
            audience: Audience::OwnApi,
            binding: TokenBinding::Bearer,
            response_type: ResponseType::CODE,
            user_epoch: 1,
            app_epoch: 1,
            grant_login_epoch: 1,
            incarnation: Incarnation::from_bytes([6; 16]),
            issued_at: NOW,
            lifetime_seconds: 600,
        }
    }

    fn codes() -> Codes {
        Codes::new(crate::seal::tests::keyring("code"), code().incarnation)
    }

    fn grant() -> Grant {
        Grant {
            id: code().grant,
            user: code().user,
            app: code().app,
            scopes: ScopeSet::EMPTY,
            salt: SALT,
            access_epoch: 1,
            login_epoch: 1,
            paused: false,
            removed_at: None,
            shown: String::new(),
            created_at: NOW,
            last_used_at: NOW,
            expires_at: None,
        }
    }

    #[test]
    fn the_same_code_is_the_same_text_and_opens_to_itself() {
        let text = codes().seal(&code(), &SALT);
        assert_eq!(text.expose(), codes().seal(&code(), &SALT).expose());
        assert!(text.expose().starts_with("AQ"));
        assert_eq!(codes().open(text.expose(), NOW).unwrap().code, code());
    }

    #[test]
    fn a_code_with_every_limit_at_its_maximum_stays_within_1024_characters() {
        let code = AuthorizationCode { nonce: Some("n".repeat(256)), audience: Audience::Resource([7; 8]), ..code() };
        assert!(codes().seal(&code, &SALT).expose().len() <= MAX_CODE_CHARS);
    }

    #[test]
    fn the_key_without_the_grant_s_row_makes_no_code() {
        let forged = codes().seal(&code(), &[0; 16]);
        let opened = codes().open(forged.expose(), NOW).unwrap();
        let grant = grant();
        let standing = Standing { user_epoch: Some(1), app_epoch: Some(1), grant: Some(&grant), now: NOW };
        assert_eq!(codes().check_standing(&opened, standing).unwrap_err(), CodeRefused::Forged);
        assert!(codes().open("AQE", NOW).is_err(), "and the row without the key makes none either");
    }

    #[test]
    fn lower_epochs_and_missing_rows_are_refused() {
        let opened = codes().open(codes().seal(&code(), &SALT).expose(), NOW).unwrap();
        let good = grant();
        let check = |user_epoch, app_epoch, grant: Option<&Grant>| {
            codes().check_standing(&opened, Standing { user_epoch, app_epoch, grant, now: NOW }).map(|_| ())
        };
        assert_eq!(check(Some(1), Some(1), Some(&good)), Ok(()));
        let lost = |what| Err(CodeRefused::Standing(what));
        assert_eq!(check(Some(2), Some(1), Some(&good)), lost(StandingLost::User));
        assert_eq!(check(None, Some(1), Some(&good)), lost(StandingLost::User));
        assert_eq!(check(Some(1), Some(2), Some(&good)), lost(StandingLost::App));
        assert_eq!(check(Some(1), None, Some(&good)), lost(StandingLost::App));
        assert_eq!(check(Some(1), Some(1), None), lost(StandingLost::Grant));
        let removed = Grant { removed_at: Some(NOW), ..good.clone() };
        assert_eq!(check(Some(1), Some(1), Some(&removed)), lost(StandingLost::Grant));
        let ended = Grant { expires_at: Some(NOW), ..good.clone() };
        assert_eq!(check(Some(1), Some(1), Some(&ended)), lost(StandingLost::GrantEnded));
        let raised = Grant { login_epoch: 2, ..good };
        assert_eq!(check(Some(1), Some(1), Some(&raised)), lost(StandingLost::Grant));
    }

    #[test]
    fn a_page_that_runs_its_callback_twice_is_no_thief() {
        let later = |seconds| second_redemption(NOW, NOW.plus_seconds(seconds), true);
        assert_eq!(later(0), SecondRedemption::Deny);
        assert_eq!(later(10), SecondRedemption::Deny);
        assert_eq!(later(11), SecondRedemption::DenyAndRevoke);
        assert_eq!(second_redemption(NOW, NOW, false), SecondRedemption::DenyAndRevoke);
    }
}
