//! Proof Key for Code Exchange, RFC 7636, always with `S256`.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ambient::Rng;
use crate::error::Error;
use crate::secret::Secret;

/// A value of `BYTES` random bytes in base64url.
fn random_text<const BYTES: usize>(rng: &dyn Rng) -> Result<Secret, Error> {
    let mut bytes = [0; BYTES];
    rng.fill(&mut bytes)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

/// A `code_verifier` of 384 bits in 64 characters (RFC 7636 §4.1 allows 43 to 128).
pub(crate) fn code_verifier(rng: &dyn Rng) -> Result<Secret, Error> {
    random_text::<48>(rng)
}

/// A `state` of 256 bits (RFC 6749 §10.10 asks for at least 128).
pub(crate) fn state(rng: &dyn Rng) -> Result<Secret, Error> {
    random_text::<32>(rng)
}

/// The `code_challenge` of a verifier, RFC 7636 §4.2.
pub(crate) fn code_challenge(verifier: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::SystemRng;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(code_challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_verifier_has_the_length_and_alphabet_of_rfc_7636() {
        let verifier = code_verifier(&SystemRng).unwrap();
        assert_eq!(verifier.expose().len(), 64);
        assert!(verifier.expose().chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c)));
    }

    #[test]
    fn two_verifiers_differ() {
        let (one, other) = (code_verifier(&SystemRng).unwrap(), code_verifier(&SystemRng).unwrap());
        assert!(!one.matches(other.expose()));
    }
}
