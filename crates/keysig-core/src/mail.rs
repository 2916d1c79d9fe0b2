//! Mail on its way: how often it is tried, and what proves that somebody reads an address (RFC 5321 has no such proof:
//! only what arrived there and came back is one).

use crate::id::ProofId;
use crate::rng::{Rng, random};
use crate::seal::PurposeKey;
use crate::secret::Secret;

/// A mail that did not arrive in a day is given up: what it holds is no good any more.
pub const GIVEN_UP_AFTER_SECONDS: i64 = 86_400;

/// How long after the n-th try the next one is due, in seconds: a minute at first, an hour at most.
pub fn wait_seconds_after(tries: u32) -> i64 {
    let doublings = tries.saturating_sub(1).min(6);
    (60_i64 << doublings).min(3600)
}

/// What is proven by reading a mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// The address of an account that does not exist yet.
    SignUp,
    /// That whoever forgot a password reads the account's address.
    Recover,
    /// The new address of an account.
    Address,
    /// The address of an account that nobody vouches for.
    Confirm,
    /// That the operator asked whoever reads this address to sign up.
    Invite,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::SignUp, Self::Recover, Self::Address, Self::Confirm, Self::Invite];

    /// The name in its column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::Recover => "recover",
            Self::Address => "address",
            Self::Confirm => "confirm",
            Self::Invite => "invite",
        }
    }

    /// From its column.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }

    /// How long it can be proven, in seconds.
    pub const fn lifetime_seconds(self) -> i64 {
        match self {
            Self::SignUp | Self::Recover | Self::Address | Self::Confirm => 30 * 60,
            Self::Invite => 7 * 86_400,
        }
    }
}

/// Wrong digits that one proof survives.
pub const MAX_WRONG_DIGITS: u32 = 5;

const DIGITS: u32 = 1_000_000;

/// Six random digits, each number as likely as any other.
pub fn new_digits(rng: &(impl Rng + ?Sized)) -> Secret {
    // Numbers beyond the last whole million would make the first ones likelier.
    const WHOLE: u32 = u32::MAX - u32::MAX % DIGITS;
    loop {
        let number = u32::from_be_bytes(random(rng));
        if number < WHOLE {
            return Secret::new(format!("{:06}", number % DIGITS));
        }
    }
}

/// What somebody typed as six digits, in ASCII: spaces and hyphens are for the eye, and Arabic keyboards have digits of
/// their own.
pub fn typed_digits(typed: &str) -> Option<Secret> {
    let mut digits = String::new();
    for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-').take(7) {
        let zero = match c {
            '0'..='9' => '0',
            '\u{660}'..='\u{669}' => '\u{660}',
            '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
            _ => return None,
        };
        digits.push(char::from_digit(u32::from(c) - u32::from(zero), 10)?);
    }
    (digits.len() == 6).then(|| Secret::new(digits))
}

/// The MAC under which the secret of a link is stored.
pub fn secret_mac(key: &PurposeKey, purpose: Purpose, id: ProofId, secret: &Secret) -> [u8; 32] {
    key.mac(&[b"mail link", purpose.name().as_bytes(), id.as_bytes(), secret.expose().as_bytes()])
}

/// The MAC under which digits are stored: without the key a million tries would tell them.
pub fn digits_mac(key: &PurposeKey, purpose: Purpose, id: ProofId, digits: &Secret) -> [u8; 32] {
    key.mac(&[b"mail digits", purpose.name().as_bytes(), id.as_bytes(), digits.expose().as_bytes()])
}

/// What stands in a link: the proof's id and its secret.
pub fn print_link(id: ProofId, secret: &Secret) -> String {
    format!("{id}.{}", secret.expose())
}

/// The two parts of [`print_link`].
pub fn parse_link(text: &str) -> Option<(ProofId, Secret)> {
    let (id, secret) = text.split_once('.')?;
    // 32 bytes in base64url.
    (secret.len() == 43).then(|| Some((ProofId::parse(id)?, Secret::new(secret.to_owned()))))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::tests::keyring;
    use crate::testing::SeededRng;
    use crate::time::Timestamp;

    #[test]
    fn the_wait_doubles_from_a_minute_to_an_hour() {
        assert_eq!([1, 2, 3, 6, 7, 50].map(wait_seconds_after), [60, 120, 240, 1920, 3600, 3600]);
    }

    #[test]
    fn digits_are_six_and_read_as_people_type_them() {
        let rng = SeededRng::new(3);
        for _ in 0..200 {
            let digits = new_digits(&rng);
            assert_eq!(digits.expose().len(), 6);
            let (front, back) = digits.expose().split_at(3);
            assert_eq!(typed_digits(&format!(" {front} {back}-")).unwrap().expose(), digits.expose());
        }
        assert_eq!(typed_digits("٠١٢٣٤٥").unwrap().expose(), "012345");
        assert_eq!(typed_digits("۰۱۲ ۳۴۵").unwrap().expose(), "012345");
        for bad in ["", "12345", "1234567", "12345a", "１２３４５６", "-1 2345"] {
            assert!(typed_digits(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_mac_is_of_one_purpose_one_proof_and_one_secret() {
        let key = keyring("mail").lasting();
        let ids = [1, 2].map(|n| ProofId::from_bytes([n; 16]));
        let secrets = ["123456", "123457"].map(|text| Secret::new(text.to_owned()));
        let mut macs = std::collections::HashSet::new();
        for purpose in Purpose::ALL {
            for id in ids {
                for secret in &secrets {
                    macs.insert(digits_mac(&key, purpose, id, secret));
                    macs.insert(secret_mac(&key, purpose, id, secret));
                }
            }
        }
        assert_eq!(macs.len(), 5 * 2 * 2 * 2);
    }

    #[test]
    fn a_link_is_read_as_it_was_written_and_no_other() {
        let rng = SeededRng::new(4);
        let (id, secret) = (ProofId::generate(Timestamp::from_unix_millis(1), &rng), Secret::generate(&rng));
        let text = print_link(id, &secret);
        let (read, read_secret) = parse_link(&text).unwrap();
        assert_eq!((read, read_secret.expose()), (id, secret.expose()));
        assert!(parse_link(&text[1..]).is_none() && parse_link(&text[..text.len() - 1]).is_none());
        assert!(parse_link("").is_none() && parse_link(&format!("{text}A")).is_none());
    }

    #[test]
    fn a_purpose_survives_its_column() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_name(purpose.name()), Some(purpose));
        }
        assert_eq!(Purpose::from_name("SignUp"), None);
    }
}
