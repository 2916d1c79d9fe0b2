//! The token endpoint's rules, one file per grant (RFC 6749 §4). The match over grant types is closed.

pub mod authorization_code;
pub mod device_code;
pub mod refresh_token;

use crate::access_token::{ACCESS_TOKEN_LIFETIME_SECONDS, Audience};
use crate::feed::Epoch;
use crate::id::{AppId, GrantId, LoginId, SessionId, UserId};
use crate::openid::claims::ClaimsRequest;
use crate::openid::id_token::SignIn;
use crate::rng::{Rng, random};
use crate::scope::ScopeSet;
use crate::time::Timestamp;

/// No code is longer than this.
pub const MAX_CODE_CHARS: usize = 1024;
/// No refresh token is longer than this.
pub const MAX_REFRESH_TOKEN_CHARS: usize = 512;
/// A refresh token ends this long after the person agreed, used or not (Spotify: six months, RFC 9700 §4.14.2).
pub const REFRESH_TOKEN_LIFETIME_SECONDS: i64 = 180 * 86_400;

/// One proof of who somebody is, such as a password.
pub const ACR_ONE_FACTOR: &str = "urn:keysig:acr:1fa";
/// Two proofs, or one that holds two: a passkey is a thing one has, opened by a finger, a face or a number.
pub const ACR_TWO_FACTORS: &str = "urn:keysig:acr:2fa";
/// The classes of sign-in there are (`acr_values`), the weaker first.
pub const ACR_VALUES: [&str; 2] = [ACR_ONE_FACTOR, ACR_TWO_FACTORS];

/// How a person proved who they are (RFC 8176), as bits: sealed values and rows carry them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amr(u8);

impl Amr {
    /// By a password (`pwd`).
    pub const PASSWORD: Self = Self(1);
    /// By a one-time code of an authenticator app (`otp`).
    pub const ONE_TIME_CODE: Self = Self(2);
    /// By a passkey whose holder was verified (`pop`, `user`).
    pub const PASSKEY: Self = Self(4);
    /// By a recovery code, which was kept for the loss of all else (`otp`).
    pub const RECOVERY_CODE: Self = Self(8);
    /// At another provider, whose word is taken; RFC 8176 has no name for it.
    pub const UPSTREAM: Self = Self(16);
    /// In a browser that was told not to ask for the second step again: counted as one, for 30 days.
    pub const REMEMBERED_BROWSER: Self = Self(32);

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `method` is among them.
    pub const fn has(self, method: Self) -> bool {
        self.0 & method.0 == method.0 && method.0 != 0
    }

    /// Whether two factors were shown. A remembered browser is no second factor to others: it was one up to 30 days ago.
    pub const fn is_two_factors(self) -> bool {
        let first = self.has(Self::PASSWORD) || self.has(Self::UPSTREAM);
        self.has(Self::PASSKEY) || first && (self.has(Self::ONE_TIME_CODE) || self.has(Self::RECOVERY_CODE))
    }

    /// Whether something was shown that does as a second factor. A remembered browser shows nothing now.
    pub const fn is_second_factor(self) -> bool {
        self.has(Self::PASSKEY) || self.has(Self::ONE_TIME_CODE) || self.has(Self::RECOVERY_CODE)
    }

    /// The names of RFC 8176 §2, each once.
    pub fn names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for (method, name) in [
            (Self::PASSWORD, "pwd"),
            (Self::ONE_TIME_CODE, "otp"),
            (Self::RECOVERY_CODE, "otp"),
            (Self::PASSKEY, "pop"),
            (Self::PASSKEY, "user"),
        ] {
            if self.has(method) && !names.contains(&name) {
                names.push(name);
            }
        }
        if self.is_two_factors() {
            names.push("mfa");
        }
        names
    }

    /// The names under which an account's owner is told how somebody signed in.
    pub fn methods(self) -> Vec<&'static str> {
        let all = [
            (Self::PASSWORD, "password"),
            (Self::UPSTREAM, "upstream"),
            (Self::PASSKEY, "passkey"),
            (Self::ONE_TIME_CODE, "one-time-code"),
            (Self::RECOVERY_CODE, "recovery-code"),
            (Self::REMEMBERED_BROWSER, "remembered-browser"),
        ];
        all.into_iter().filter(|(method, _)| self.has(*method)).map(|(_, name)| name).collect()
    }

    /// The class of the sign-in (OpenID Connect Core §2 `acr`).
    pub const fn acr(self) -> &'static str {
        if self.is_two_factors() { ACR_TWO_FACTORS } else { ACR_ONE_FACTOR }
    }

    /// Whether a sign-in of this kind is of the class `wanted`, or of a stronger one.
    pub fn satisfies(self, wanted: &str) -> bool {
        let rank = |acr: &str| ACR_VALUES.iter().position(|known| *known == acr);
        rank(wanted).is_some_and(|wanted| rank(self.acr()).is_some_and(|has| has >= wanted))
    }

    /// As sealed and stored.
    pub fn bits(self) -> u8 {
        self.0
    }

    /// From what was sealed or stored.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits)
    }
}

/// What besides itself a token must come with. The one place to extend when DPoP comes (RFC 9449).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenBinding {
    /// Nothing: whoever bears it may use it (RFC 6750 §1.2).
    Bearer,
}

impl TokenBinding {
    /// As sealed and stored.
    pub fn number(self) -> u8 {
        match self {
            Self::Bearer => 0,
        }
    }

    /// From what was sealed or stored.
    pub fn from_number(number: u8) -> Option<Self> {
        (number == 0).then_some(Self::Bearer)
    }
}

/// What a user agreed to for one app; it outlives logins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// A new agreement after a removal is a new id.
    pub id: GrantId,
    /// Who agreed.
    pub user: UserId,
    /// To what app.
    pub app: AppId,
    /// To what.
    pub scopes: ScopeSet,
    /// Part of every code's MAC: the sealing key alone makes no code.
    pub salt: [u8; 16],
    /// Raised by any reduction: access tokens below it are dead.
    pub access_epoch: Epoch,
    /// Raised by removal: logins below it are dead.
    pub login_epoch: Epoch,
    /// Refresh still answers, with tokens the guard refuses.
    pub paused: bool,
    /// When access was removed, if it was.
    pub removed_at: Option<Timestamp>,
    /// The app as it was shown when they agreed: name, owner and redirect hosts. A change asks again.
    pub shown: String,
    /// When they agreed.
    pub created_at: Timestamp,
    /// When the app last minted a token under it, to the hour.
    pub last_used_at: Timestamp,
    /// When it ends by itself, if the person agreed for a time only.
    pub expires_at: Option<Timestamp>,
}

impl Grant {
    /// Whether the time it was agreed for is over: like removed, whatever rests on it.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| now >= end)
    }

    /// How long an access token lives that is made now: none outlives what it rests on.
    pub fn access_token_lifetime_seconds(&self, now: Timestamp) -> u32 {
        let left = self.expires_at.map(|end| end.millis_since(now).div_euclid(1000).max(0));
        let left = left.and_then(|seconds| u32::try_from(seconds).ok());
        left.map_or(ACCESS_TOKEN_LIFETIME_SECONDS, |left| left.min(ACCESS_TOKEN_LIFETIME_SECONDS))
    }
}

/// One login of one app: one row, written once at redemption and changed in place by rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// Fixed when the authorization request arrived.
    pub id: LoginId,
    /// Whose.
    pub user: UserId,
    /// Which app's.
    pub app: AppId,
    /// Under which agreement.
    pub grant: GrantId,
    /// The current refresh token's generation, from 1.
    pub generation: u32,
    /// How often the current generation was handed out again to a holder of the one before.
    pub replays: u32,
    /// The key id of the current generation's MAC, so that key rotation forks nothing.
    pub mac_key: u32,
    /// Part of every refresh token's MAC: the key alone makes no token.
    pub salt: [u8; 16],
    /// The random value of the redemption that wrote the row: a conflict with one's own attempt is success.
    pub attempt: [u8; 16],
    /// What was allowed in this login.
    pub scopes: ScopeSet,
    /// Epochs read at redemption.
    pub user_epoch: Epoch,
    /// See `user_epoch`.
    pub app_epoch: Epoch,
    /// See `user_epoch`.
    pub grant_login_epoch: Epoch,
    /// When the person signed in.
    pub auth_time: Timestamp,
    /// And how.
    pub amr: Amr,
    /// For which API its tokens are.
    pub audience: Audience,
    /// What its tokens must come with.
    pub binding: TokenBinding,
    /// The browser session it came from, if `openid` was asked for.
    pub session: Option<SessionId>,
    /// Claims that were asked for one by one (OpenID Connect Core §5.5).
    pub claims: ClaimsRequest,
    /// When the code was redeemed.
    pub created_at: Timestamp,
    /// When the current generation began.
    pub rotated_at: Timestamp,
    /// The absolute end of its refresh tokens.
    pub expires_at: Timestamp,
    /// When it was ended (theft, revocation), if it was.
    pub ended_at: Option<Timestamp>,
}

/// What a login begins with, whatever led to it: a code, a device, an answer through the browser.
pub struct Beginning {
    /// See [`Login::id`].
    pub id: LoginId,
    /// See [`Login::user`].
    pub user: UserId,
    /// See [`Login::app`].
    pub app: AppId,
    /// See [`Login::grant`].
    pub grant: GrantId,
    /// See [`Login::scopes`].
    pub scopes: ScopeSet,
    /// What was read when it was agreed on.
    pub epochs: CarriedEpochs,
    /// How and where the person signed in.
    pub sign_in: SignIn,
    /// See [`Login::audience`].
    pub audience: Audience,
    /// See [`Login::binding`].
    pub binding: TokenBinding,
    /// See [`Login::claims`].
    pub claims: ClaimsRequest,
    /// See [`Login::expires_at`].
    pub expires_at: Timestamp,
}

impl Login {
    /// A login that begins now; `mac_key` is the key of its first refresh token.
    pub fn begin(with: Beginning, mac_key: u32, now: Timestamp, rng: &(impl Rng + ?Sized)) -> Self {
        Self {
            id: with.id,
            user: with.user,
            app: with.app,
            grant: with.grant,
            generation: 1,
            replays: 0,
            mac_key,
            salt: random(rng),
            attempt: random(rng),
            scopes: with.scopes,
            user_epoch: with.epochs.user,
            app_epoch: with.epochs.app,
            grant_login_epoch: with.epochs.grant_login,
            auth_time: with.sign_in.auth_time,
            amr: with.sign_in.amr,
            audience: with.audience,
            binding: with.binding,
            session: with.sign_in.session,
            claims: with.claims,
            created_at: now,
            rotated_at: now,
            expires_at: with.expires_at,
            ended_at: None,
        }
    }

    /// What it carries, to be compared with what stands now.
    pub fn carried(&self) -> CarriedEpochs {
        CarriedEpochs { user: self.user_epoch, app: self.app_epoch, grant_login: self.grant_login_epoch }
    }

    /// How and where its person signed in.
    pub fn sign_in(&self) -> SignIn {
        SignIn { auth_time: self.auth_time, amr: self.amr, session: self.session }
    }

    /// The browser session without which it can no longer be refreshed: that of a sign-in which did not ask to outlive it
    /// (OpenID Connect Core §11, Back-Channel Logout §2.7).
    pub fn ends_with_session(&self) -> Option<SessionId> {
        self.session.filter(|_| !ScopeSet::OFFLINE_ACCESS.is_subset(self.scopes))
    }
}

/// Whether the user, app and grant behind something are still in force.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The user's epoch, or `None` if there is no such user or the account is closed.
    pub user_epoch: Option<Epoch>,
    /// The app's epoch, or `None` if it is paused.
    pub app_epoch: Option<Epoch>,
    /// The grant.
    pub grant: Option<&'a Grant>,
    /// The time.
    pub now: Timestamp,
}

/// Why standing is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StandingLost {
    /// The account is gone or closed, or everything of the user was revoked since.
    User,
    /// The app is gone or paused, or everything of it was revoked since.
    App,
    /// The person removed the app.
    Grant,
    /// The time that the person agreed for is over.
    GrantEnded,
}

/// What a thing carried when it was made, to be compared with what stands now: lower is dead, whatever any clock says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CarriedEpochs {
    /// The user's.
    pub user: Epoch,
    /// The app's.
    pub app: Epoch,
    /// The grant's login epoch.
    pub grant_login: Epoch,
}

impl<'a> Standing<'a> {
    /// The grant, if everything that `carried` rests on still stands. A missing row is a refusal.
    pub fn check(&self, carried: CarriedEpochs) -> Result<&'a Grant, StandingLost> {
        if self.user_epoch.is_none_or(|now| carried.user < now) {
            return Err(StandingLost::User);
        }
        if self.app_epoch.is_none_or(|now| carried.app < now) {
            return Err(StandingLost::App);
        }
        let in_force = |grant: &&Grant| grant.removed_at.is_none() && carried.grant_login >= grant.login_epoch;
        let grant = self.grant.filter(in_force).ok_or(StandingLost::Grant)?;
        if grant.has_ended(self.now) { Err(StandingLost::GrantEnded) } else { Ok(grant) }
    }
}
