//! Second steps (RFC 6238): seeds, one-time codes, recovery codes, and what is sealed into a form between two steps
//! (`docs/accounts.md`).

use keysig_core::encoding::{base64url, base64url_decode};
use keysig_core::feed::Epoch;
use keysig_core::grant::Amr;
use keysig_core::id::{RequestId, SessionId, UserId};
use keysig_core::rng::{Rng, random};
use keysig_core::seal::{KeyId, Keyring};
use keysig_core::time::Timestamp;
use keysig_core::user::User;
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};

use crate::browser::Browser;
use crate::server::Server;

/// How long somebody may take from the first step to the second, in seconds.
const BETWEEN_STEPS_SECONDS: i64 = 600;
/// How long somebody may take to set up an authenticator app, in seconds.
const SET_UP_SECONDS: i64 = 3600;
/// How long a browser is not asked again, in seconds.
pub const REMEMBERED_SECONDS: i64 = 30 * 86_400;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
/// RFC 4226 §4, R6.
const SEED_BYTES: usize = 20;
/// 60 bits: with the limit on guesses, out of reach.
const RECOVERY_CODE_CHARS: usize = 12;
/// 32 characters that nobody confuses.
const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
const NONCE_BYTES: usize = 12;

/// The keys of second steps.
pub struct SecondSteps {
    /// Of what is stored: it stays readable under a new address.
    columns: Keyring,
    /// Of what is sealed into forms.
    forms: Keyring,
}

/// What somebody has shown so far, sealed into the form of the second step: nothing is stored in between. Bound to the
/// browser's cookie, so that in another browser it is worth nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FirstStep {
    /// Who.
    pub user: UserId,
    /// Their epoch then: what was raised since ends this, too.
    pub epoch: Epoch,
    /// By what.
    pub amr: Amr,
    /// When. A page that is shown again gains no time by it.
    pub at: Timestamp,
    /// The request that waits.
    pub tx: Option<RequestId>,
    /// The session that is to become stronger; none where one is to begin.
    pub session: Option<SessionId>,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    user: String,
    epoch: Epoch,
    amr: u8,
    tx: Option<String>,
    session: Option<String>,
    at: i64,
}

/// What a sealed value is for. It opens for nothing else.
#[derive(Clone, Copy)]
enum Use {
    FirstStep,
    SetUp(UserId),
}

impl Use {
    fn bound_to(self, browser: [u8; 32]) -> Vec<u8> {
        let (kind, user) = match self {
            Self::FirstStep => (1, [0; 16]),
            Self::SetUp(user) => (2, *user.as_bytes()),
        };
        [&[kind][..], &user, &browser].concat()
    }
}

/// An authenticator app that is being set up: its seed is known to the form and the app alone.
pub struct SetUp {
    seed: Vec<u8>,
}

impl SetUp {
    /// The seed.
    pub fn seed(&self) -> &[u8] {
        &self.seed
    }

    /// The seed as people type it, in groups of four.
    pub fn text(&self) -> String {
        grouped(&totp(&self.seed).secret().to_base32())
    }

    /// The seed as apps scan it; none if no address can hold it.
    pub fn address(&self, user: &User, brand: &str) -> Option<String> {
        let named = |name: &str| name.replace(':', " ");
        let builder = Builder::new().with_secret(self.seed.clone()).with_account_name(named(&user.email));
        builder.with_issuer(Some(named(brand))).build_noncompliant().to_url().ok()
    }
}

fn totp(seed: &[u8]) -> Totp {
    Builder::new().with_secret(seed.to_vec()).build_noncompliant()
}

/// A seed from its text in base32, in any spelling.
pub fn seed_from_text(text: &str) -> Option<Vec<u8>> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_uppercase();
    Secret::try_from_base32(plain).ok().map(|secret| secret.as_bytes().to_vec()).filter(|seed| !seed.is_empty())
}

/// In groups of four.
fn grouped(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The time step whose code `typed` is, now or one step to either side, if it is one. Spaces are ignored, and digits of
/// other scripts are digits.
pub fn step_of(seed: &[u8], typed: &str, now: Timestamp) -> Option<i64> {
    let digit = |c: char| match c {
        '\u{660}'..='\u{669}' => char::from_digit(u32::from(c) - 0x660, 10),
        '\u{6f0}'..='\u{6f9}' => char::from_digit(u32::from(c) - 0x6f0, 10),
        _ => Some(c),
    };
    let typed: String = typed.chars().filter(|c| !c.is_whitespace()).filter_map(digit).take(16).collect();
    let step = totp(seed).check(&typed, u64::try_from(now.unix_seconds()).ok()?)?;
    i64::try_from(step).ok()
}

/// New recovery codes, as they are shown.
pub fn recovery_codes(rng: &(impl Rng + ?Sized)) -> Vec<String> {
    let code = |_| {
        let bytes = random::<RECOVERY_CODE_CHARS>(rng);
        // 256 is a multiple of 32: each character is as likely as any other.
        let chars = bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)).copied().map(char::from));
        grouped(&chars.collect::<String>()).replace(' ', "-")
    };
    (0..RECOVERY_CODES).map(code).collect()
}

impl SecondSteps {
    /// `columns` for what is stored, `forms` for what is sealed into forms.
    pub fn new(columns: Keyring, forms: Keyring) -> Self {
        Self { columns, forms }
    }

    /// A seed as it is stored.
    pub fn seal_seed(&self, user: UserId, seed: &[u8], rng: &(impl Rng + ?Sized)) -> Vec<u8> {
        self.columns.seal_column(&seed_column(user), seed.to_vec(), rng)
    }

    /// A seed from its column.
    pub fn open_seed(&self, user: UserId, sealed: &[u8]) -> Option<Vec<u8>> {
        self.columns.open_column(&seed_column(user), sealed)
    }

    /// A recovery code as it is stored: in any spelling, of this account alone.
    pub fn recovery_code_mac(&self, user: UserId, typed: &str) -> [u8; 32] {
        let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
        self.columns.lasting().mac(&[b"recovery code", user.as_bytes(), plain.to_ascii_lowercase().as_bytes()])
    }

    fn seal(&self, server: &Server, browser: &Browser, of: Use, plain: Vec<u8>) -> Option<String> {
        let (key, nonce) = (self.forms.current(server.now()), random::<NONCE_BYTES>(&*server.rng));
        let about = of.bound_to(browser.mac(server)?);
        Some(base64url(&[&key.id.to_bytes()[..], &nonce, &key.seal(nonce, &about, plain)].concat()))
    }

    fn open(&self, server: &Server, browser: &Browser, of: Use, sealed: &str, life_seconds: i64) -> Option<Vec<u8>> {
        let bytes = base64url_decode(sealed)?;
        let (id, rest) = bytes.split_at_checked(4)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
        let key = self.forms.find(KeyId::from_slice(id)?, server.now(), life_seconds)?;
        let mut plain = sealed.to_vec();
        let length = key.open(nonce.try_into().ok()?, &of.bound_to(browser.mac(server)?), &mut plain)?;
        plain.truncate(length);
        Some(plain)
    }

    /// Seals the first step for the form of the second. None in a browser without its cookie.
    pub fn seal_first_step(&self, server: &Server, browser: &Browser, first: &FirstStep) -> Option<String> {
        let sealed = Sealed {
            user: first.user.to_string(),
            epoch: first.epoch,
            amr: first.amr.bits(),
            tx: first.tx.map(|tx| tx.to_string()),
            session: first.session.map(|session| session.to_string()),
            at: first.at.unix_millis(),
        };
        self.seal(server, browser, Use::FirstStep, serde_json::to_vec(&sealed).ok()?)
    }

    /// Opens what [`Self::seal_first_step`] sealed, in the browser it was given to, for ten minutes.
    pub fn open_first_step(&self, server: &Server, browser: &Browser, sealed: &str) -> Option<FirstStep> {
        let plain = self.open(server, browser, Use::FirstStep, sealed, BETWEEN_STEPS_SECONDS)?;
        let sealed: Sealed = serde_json::from_slice(&plain).ok()?;
        let at = Timestamp::from_unix_millis(sealed.at);
        if server.now() >= at.plus_seconds(BETWEEN_STEPS_SECONDS) {
            return None;
        }
        Some(FirstStep {
            user: UserId::parse(&sealed.user)?,
            epoch: sealed.epoch,
            amr: Amr::from_bits(sealed.amr),
            at,
            tx: sealed.tx.as_deref().and_then(RequestId::parse),
            session: sealed.session.as_deref().and_then(SessionId::parse),
        })
    }

    /// A new seed for `user`, and itself sealed into the form that confirms it. None in a browser without its cookie.
    pub fn begin_set_up(&self, server: &Server, browser: &Browser, user: UserId) -> Option<(SetUp, String)> {
        let seed = random::<SEED_BYTES>(&*server.rng).to_vec();
        let until = server.now().plus_seconds(SET_UP_SECONDS).unix_millis().to_be_bytes();
        let sealed = self.seal(server, browser, Use::SetUp(user), [&until[..], &seed].concat())?;
        Some((SetUp { seed }, sealed))
    }

    /// The seed that [`Self::begin_set_up`] sealed, for the same person in the same browser, for an hour.
    pub fn open_set_up(&self, server: &Server, browser: &Browser, user: UserId, sealed: &str) -> Option<SetUp> {
        let plain = self.open(server, browser, Use::SetUp(user), sealed, SET_UP_SECONDS)?;
        let (until, seed) = plain.split_at_checked(8)?;
        let until = i64::from_be_bytes(until.try_into().ok()?);
        (server.now().unix_millis() < until).then(|| SetUp { seed: seed.to_vec() })
    }
}

fn seed_column(user: UserId) -> Vec<u8> {
    [&b"second_factors|seed|"[..], user.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keysig_core::testing::SeededRng;

    /// RFC 6238 Appendix B, the last six of its eight digits.
    const SEED: &[u8] = b"12345678901234567890";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000)
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")]
        {
            assert_eq!(step_of(SEED, code, at(seconds)), Some(seconds / 30), "{code}");
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_late_in_any_spelling() {
        assert_eq!(step_of(SEED, "287 082", at(29)), Some(1));
        assert_eq!(step_of(SEED, " 28\u{a0}70\u{2009}82 ", at(89)), Some(1));
        assert_eq!(step_of(SEED, "٢٨٧٠٨٢", at(59)), Some(1));
        assert_eq!(step_of(SEED, "۲۸۷۰۸۲", at(59)), Some(1));
        assert_eq!(step_of(SEED, "287082", at(90)), None);
        for wrong in ["", "28708", "2870820", "+87082", "287083", "28708a"] {
            assert_eq!(step_of(SEED, wrong, at(59)), None, "{wrong}");
        }
    }

    #[test]
    fn recovery_codes_are_ten_and_no_two_are_alike() {
        let codes = recovery_codes(&SeededRng::new(1));
        assert_eq!(codes.len(), RECOVERY_CODES);
        for (n, code) in codes.iter().enumerate() {
            assert!(code.len() == 14 && code.bytes().all(|byte| byte == b'-' || ALPHABET.contains(&byte)), "{code}");
            assert!(!codes[..n].contains(code));
        }
    }
}
