//! Device authorization (RFC 8628): a device without a browser shows a code, a person types it elsewhere.

use std::fmt;

use crate::encoding::{base64url, base64url_decode};
use crate::id::{AppId, DeviceId};
use crate::rng::{Rng, random};
use crate::secret::Secret;
use crate::time::Timestamp;

/// The letters of user codes: no vowels, so that no words appear, and nothing that looks like another (RFC 8628 §6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const USER_CODE_CHARS: usize = 8;
/// How long to wait between two polls, in seconds (RFC 8628 §3.2), and how much longer after each that came too soon (§3.5).
pub const INTERVAL_SECONDS: u32 = 5;

/// What the device shows: eight letters, `WDJB-MJHT`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UserCode([u8; USER_CODE_CHARS]);

impl UserCode {
    /// A new one: 34 bits, guessed against throttles and for minutes only.
    pub fn generate(rng: &(impl Rng + ?Sized)) -> Self {
        let mut code = [0; USER_CODE_CHARS];
        let mut drawn = 0;
        while drawn < USER_CODE_CHARS {
            let [byte] = random::<1>(rng);
            // 240 is the largest multiple of 20: a plain remainder would favour the first letters.
            let letter = ALPHABET.get(usize::from(byte) % ALPHABET.len()).filter(|_| byte < 240);
            if let (Some(letter), Some(slot)) = (letter, code.get_mut(drawn)) {
                *slot = *letter;
                drawn += 1;
            }
        }
        Self(code)
    }

    /// Reads what a person typed: in any case, with or without dashes and blanks.
    pub fn parse(typed: &str) -> Option<Self> {
        let letters: Vec<u8> = typed.bytes().filter(|byte| !b"- ".contains(byte)).take(USER_CODE_CHARS + 1).collect();
        let letters: [u8; USER_CODE_CHARS] = letters.to_ascii_uppercase().try_into().ok()?;
        letters.iter().all(|letter| ALPHABET.contains(letter)).then_some(Self(letters))
    }

    /// As stored under a MAC.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, letter) in self.0.iter().enumerate() {
            if index == USER_CODE_CHARS / 2 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(*letter))?;
        }
        Ok(())
    }
}

/// What the device polls with: the id of its row and 256 random bits, of which the row has a MAC only.
#[derive(Clone, Copy)]
pub struct DeviceCode {
    /// Which row.
    pub id: DeviceId,
    /// What proves it.
    pub secret: [u8; 32],
}

impl DeviceCode {
    /// As the device is given it.
    pub fn to_wire(self) -> Secret {
        Secret::new(base64url(&[&self.id.as_bytes()[..], &self.secret].concat()))
    }

    /// Reads what was presented.
    pub fn parse(presented: &str) -> Option<Self> {
        if presented.len() > 64 {
            return None;
        }
        let bytes = base64url_decode(presented)?;
        let (id, secret) = bytes.split_at_checked(16)?;
        Some(Self { id: DeviceId::from_slice(id)?, secret: secret.try_into().ok()? })
    }
}

/// Why a device gets no token (yet).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceRefused {
    /// Not a device code of ours, or long gone.
    Malformed,
    /// It was issued to another app (RFC 8628 §3.4).
    AnotherClient,
    /// Nobody has decided yet (§3.5 `authorization_pending`).
    Pending,
    /// Nor would they have by now: it asks too often (§3.5 `slow_down`).
    TooSoon,
    /// The person said no.
    Denied,
    /// Nobody decided in time (§3.5 `expired_token`).
    Expired,
    /// It was used before.
    Used,
    /// Its user, app or grant is gone or was revoked since.
    Standing(super::StandingLost),
}

/// What somebody decided about a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Decided<T> {
    /// Nothing yet.
    NotYet,
    /// No.
    Denied,
    /// Yes; by whom and under what.
    Allowed(T),
}

/// A waiting device, as far as the rules for its polls go.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<T> {
    /// Whose device.
    pub app: AppId,
    /// What was decided.
    pub decided: Decided<T>,
    /// The last poll, if there was one.
    pub polled_at: Option<Timestamp>,
    /// How long to wait between polls, in seconds.
    pub interval_seconds: u32,
    /// When it is over.
    pub expires_at: Timestamp,
}

/// Every rule for a poll by `app`, in order (RFC 8628 §3.4, §3.5). The code is proven.
pub fn check_poll<T>(waiting: Waiting<T>, app: AppId, now: Timestamp) -> Result<T, DeviceRefused> {
    if waiting.app != app {
        return Err(DeviceRefused::AnotherClient);
    }
    if now >= waiting.expires_at {
        return Err(DeviceRefused::Expired);
    }
    match waiting.decided {
        Decided::Allowed(allowed) => Ok(allowed),
        Decided::Denied => Err(DeviceRefused::Denied),
        Decided::NotYet => {
            let earliest = waiting.polled_at.map(|at| at.plus_seconds(i64::from(waiting.interval_seconds)));
            // A second of grace: clients count from when they got the answer, we from when we gave it.
            let too_soon = earliest.is_some_and(|earliest| now.plus_seconds(1) < earliest);
            Err(if too_soon { DeviceRefused::TooSoon } else { DeviceRefused::Pending })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRng;

    const NOW: Timestamp = Timestamp::from_unix_millis(1_790_000_000_000);
    const APP: AppId = AppId::from_bytes([1; 16]);

    #[test]
    fn a_user_code_is_read_as_people_type_it() {
        let code = UserCode::generate(&SeededRng::new(3));
        let shown = code.to_string();
        assert!(shown.len() == 9 && shown.as_bytes()[4] == b'-');
        for typed in
            [shown.clone(), shown.to_lowercase(), shown.replace('-', ""), format!(" {} ", shown.replace('-', " "))]
        {
            assert_eq!(UserCode::parse(&typed), Some(code), "{typed}");
        }
        for bad in ["", "BCDF", "BCDF-GHJA", "BCDF-GHJKK", "BCDFGHJÉ", "BCDF_GHJK"] {
            assert_eq!(UserCode::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_device_code_reads_back_and_has_no_second_spelling() {
        let code = DeviceCode { id: DeviceId::from_bytes([1; 16]), secret: [2; 32] };
        let text = code.to_wire();
        assert_eq!(DeviceCode::parse(text.expose()).unwrap().secret, code.secret);
        for bad in ["", "x", &text.expose()[1..], &format!("{}A", text.expose()), &format!("{}=", text.expose())] {
            assert!(DeviceCode::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_poll_that_comes_too_soon_is_told_to_slow_down() {
        let waiting = Waiting {
            app: APP,
            decided: Decided::<()>::NotYet,
            polled_at: None,
            interval_seconds: 5,
            expires_at: NOW.plus_seconds(600),
        };
        let polled = Waiting { polled_at: Some(NOW), ..waiting };
        let at = |waiting, seconds| check_poll(waiting, APP, NOW.plus_seconds(seconds));
        assert_eq!(at(waiting, 0), Err(DeviceRefused::Pending));
        assert_eq!(at(polled, 3), Err(DeviceRefused::TooSoon));
        assert_eq!(at(polled, 4), Err(DeviceRefused::Pending));
        assert_eq!(at(polled, 600), Err(DeviceRefused::Expired));
        assert_eq!(at(Waiting { decided: Decided::Denied, ..polled }, 0), Err(DeviceRefused::Denied));
        assert_eq!(at(Waiting { decided: Decided::Allowed(()), ..polled }, 0), Ok(()), "however soon");
        assert_eq!(at(Waiting { decided: Decided::Allowed(()), ..polled }, 600), Err(DeviceRefused::Expired));
        assert_eq!(check_poll(waiting, AppId::from_bytes([9; 16]), NOW), Err(DeviceRefused::AnotherClient));
    }
}
