//! The machine's clock and generator: the only place that asks them. Everything else is handed a `Clock` and an `Rng`.

use std::cell::RefCell;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use keysig_core::jose::SigningAlgorithm;
use keysig_core::rng::Rng;
use keysig_core::time::{Clock, Timestamp};

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// The operating system's cryptographic generator. Asked directly: a generator of our own would spend 50 ms of every start
/// on seeding itself. A thread asks for a kilobyte at a time, because nonces and ids are small and many.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsRng;

const POOL_BYTES: usize = 1024;

struct Pool {
    bytes: [u8; POOL_BYTES],
    used: usize,
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES }) };
}

#[allow(clippy::disallowed_methods, reason = "the one place that draws the machine's randomness")]
fn ask(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        // Without randomness every token would be guessable: there is nothing safe left to do.
        std::process::abort();
    }
}

/// A new private key (PKCS #8, DER). The library draws its own randomness: an RSA key can be made in no other way.
pub fn make_signing_key(algorithm: SigningAlgorithm) -> Option<Vec<u8>> {
    Some(match algorithm {
        SigningAlgorithm::Rs256 => {
            let der: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048).ok()?.as_der().ok()?;
            der.as_ref().to_vec()
        }
        SigningAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
            pair.to_pkcs8v1().ok()?.as_ref().to_vec()
        }
        SigningAlgorithm::EdDsa => Ed25519KeyPair::generate().ok()?.to_pkcs8v1().ok()?.as_ref().to_vec(),
    })
}

impl Rng for OsRng {
    fn fill(&self, bytes: &mut [u8]) {
        POOL.with_borrow_mut(|pool| {
            if bytes.len() > POOL_BYTES - pool.used {
                ask(&mut pool.bytes);
                pool.used = 0;
            }
            let Some(fresh) = pool.bytes.get_mut(pool.used..pool.used + bytes.len()) else { return ask(bytes) };
            bytes.copy_from_slice(fresh);
            // What was handed out is nobody else's to find.
            fresh.fill(0);
            pool.used += bytes.len();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_handed_out_twice() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            let mut bytes = [0; 12];
            OsRng.fill(&mut bytes);
            assert!(bytes != [0; 12] && seen.insert(bytes));
        }
        let mut large = [0; POOL_BYTES * 3];
        OsRng.fill(&mut large);
        assert!(large.chunks(32).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
