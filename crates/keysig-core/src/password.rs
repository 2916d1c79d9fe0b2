//! Passwords: Argon2id (RFC 9106) at the floor of the OWASP cheat sheet, as PHC strings.

mod guessed;

pub use guessed::is_guessed_first;

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::encoding::base64_encode;
use crate::rng::{Rng, random};
use crate::secret::{Secret, constant_time_eq};

/// Shortest password a person may choose, in characters.
pub const MIN_PASSWORD_CHARS: usize = 12;
/// Longest one, in characters; a longer one is refused before it is hashed.
pub const MAX_PASSWORD_CHARS: usize = 128;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// A password as stored. A PHC string; no `Debug` of its value.
#[derive(Clone)]
pub struct PasswordHash(String);

/// The memory Argon2 works in: 19 MiB, kept by whoever hashes often, because asking for it anew costs a tenth more.
#[derive(Default)]
pub struct HashingMemory(Vec<Block>);

fn argon2(memory_kib: u32, passes: u32) -> Option<Argon2<'static>> {
    let params = Params::new(memory_kib, passes, 1, Some(32)).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn base64_unpadded(bytes: &[u8]) -> String {
    base64_encode(bytes).trim_end_matches('=').to_owned()
}

fn decode_unpadded(text: &str) -> Option<Vec<u8>> {
    let padding = (4 - text.len() % 4) % 4;
    crate::encoding::base64_decode(&format!("{text}{}", "=".repeat(padding)))
}

fn derive(
    password: &Secret,
    salt: &[u8],
    memory_kib: u32,
    passes: u32,
    memory: &mut HashingMemory,
) -> Option<[u8; 32]> {
    let argon2 = argon2(memory_kib, passes)?;
    let blocks = argon2.params().block_count();
    if memory.0.len() < blocks {
        memory.0.resize(blocks, Block::default());
    }
    let mut tag = [0; 32];
    let room = memory.0.get_mut(..blocks)?;
    argon2.hash_password_into_with_memory(password.expose().as_bytes(), salt, &mut tag, room).ok()?;
    Some(tag)
}

impl PasswordHash {
    /// Hashes a new password; takes about 20 ms and [`HashingMemory`]. `None` only if the parameters were impossible.
    pub fn new(password: &Secret, rng: &(impl Rng + ?Sized), memory: &mut HashingMemory) -> Option<Self> {
        let salt: [u8; 16] = random(rng);
        let tag = derive(password, &salt, MEMORY_KIB, PASSES, memory)?;
        let (salt, tag) = (base64_unpadded(&salt), base64_unpadded(&tag));
        Some(Self(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${salt}${tag}")))
    }

    /// From its column or a seed file.
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }

    /// As stored.
    pub fn as_phc(&self) -> &str {
        &self.0
    }

    /// A hash no password has, in which a sign-in to an unknown account spends the time a known one would
    /// (user enumeration by time).
    pub fn of_nobody() -> Self {
        let (salt, tag) = (base64_unpadded(&[0; 16]), base64_unpadded(&[0; 32]));
        Self(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${salt}${tag}"))
    }

    /// Whether it was made with other parameters than new ones are: then it is made anew at the next sign-in.
    pub fn is_dated(&self) -> bool {
        !self.0.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1$"))
    }

    /// Of an account that has no password: its owner signs in by a passkey or elsewhere.
    pub fn none() -> Self {
        Self(String::new())
    }

    /// Whether there is a password.
    pub fn is_set(&self) -> bool {
        !self.0.is_empty()
    }

    /// Whether `password` is the one; `false` too if the stored text is damaged. Where there is none it takes as long as
    /// where there is: time must not tell how somebody signs in.
    pub fn matches(&self, password: &Secret, memory: &mut HashingMemory) -> bool {
        if !self.is_set() {
            let _ = Self::of_nobody().try_matches(password, memory);
            return false;
        }
        self.try_matches(password, memory).unwrap_or(false)
    }

    fn try_matches(&self, password: &Secret, memory: &mut HashingMemory) -> Option<bool> {
        let mut parts = self.0.split('$').skip(1);
        if (parts.next()?, parts.next()?) != ("argon2id", "v=19") {
            return None;
        }
        let mut numbers = parts.next()?.split(',');
        let memory_kib = numbers.next()?.strip_prefix("m=")?.parse().ok()?;
        let passes = numbers.next()?.strip_prefix("t=")?.parse().ok()?;
        if numbers.next()? != "p=1" {
            return None;
        }
        let (salt, tag) = (decode_unpadded(parts.next()?)?, decode_unpadded(parts.next()?)?);
        Some(constant_time_eq(&derive(password, &salt, memory_kib, passes, memory)?, &tag))
    }
}

/// Whether a person may choose this password by its length, counted in characters. No rule of composition: those make
/// passwords worse (NIST SP 800-63B §3.1.1.2); what is guessed first is [`is_guessed_first`].
pub fn is_acceptable_password(password: &Secret) -> bool {
    (MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&password.expose().chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRng;

    #[test]
    fn only_the_password_itself_matches() {
        let mut memory = HashingMemory::default();
        let hash = PasswordHash::new(&Secret::new("demo-password".into()), &SeededRng::new(1), &mut memory).unwrap();
        assert!(hash.as_phc().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hash.matches(&Secret::new("demo-password".into()), &mut memory));
        assert!(!hash.is_dated());
        assert!(PasswordHash::from_phc(hash.as_phc().replace("t=2", "t=1")).is_dated());
        assert!(!hash.matches(&Secret::new("demo-passwort".into()), &mut memory));
        assert!(!PasswordHash::of_nobody().matches(&Secret::new("demo-password".into()), &mut memory));
        assert!(!PasswordHash::from_phc("damaged".into()).matches(&Secret::new("x".into()), &mut memory));
        let (none, mut unused) = (PasswordHash::none(), HashingMemory::default());
        for nothing in ["", "demo-password"] {
            assert!(!none.is_set() && !none.matches(&Secret::new(nothing.into()), &mut unused));
        }
        assert_eq!(unused.0.len(), memory.0.len(), "as much was hashed as for anybody");
    }

    #[test]
    fn passwords_have_12_to_128_characters() {
        let acceptable = |text: String| is_acceptable_password(&Secret::new(text));
        assert!(!acceptable("ä".repeat(11)));
        assert!(acceptable("ä".repeat(12)));
        assert!(acceptable("a".repeat(128)));
        assert!(!acceptable("a".repeat(129)));
    }
}
