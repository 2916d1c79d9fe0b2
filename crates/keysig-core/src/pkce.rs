//! Proof Key for Code Exchange (RFC 7636), method S256 only: `plain` protects nothing that TLS does not.

use crate::encoding::{base64url, base64url_decode};
use crate::seal::sha256;
use crate::secret::constant_time_eq;

/// The challenge of an authorization request: the SHA-256 of a verifier only its maker knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeChallenge([u8; 32]);

/// Why a challenge is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChallengeRefused {
    /// `code_challenge_method` is not `S256`, in just this spelling (RFC 7636 §4.4.1).
    MethodNotS256,
    /// Not the base64url, without padding, of 32 bytes (RFC 7636 §4.2): no verifier could ever meet it.
    Malformed {
        /// How many characters were sent; S256 always has 43.
        length: usize,
    },
    /// A method without a challenge.
    Missing,
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method`; `None` if neither was sent.
    pub fn parse(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, ChallengeRefused> {
        match (challenge, method) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(ChallengeRefused::Missing),
            // A missing method means `plain` (RFC 7636 §4.3): refused like `plain` itself, never read as S256.
            (Some(challenge), Some("S256")) => base64url_decode(challenge)
                .and_then(|bytes| bytes.try_into().ok())
                .map(|bytes| Some(Self(bytes)))
                .ok_or(ChallengeRefused::Malformed { length: challenge.len() }),
            (Some(_), _) => Err(ChallengeRefused::MethodNotS256),
        }
    }

    /// From the sealed form.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For sealing.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As the wire has it.
    pub fn to_wire(&self) -> String {
        base64url(&self.0)
    }

    /// Whether `verifier` hashes to this challenge (RFC 7636 §4.6), in constant time.
    pub fn is_met_by(&self, verifier: &str) -> bool {
        constant_time_eq(&self.0, &sha256(verifier.as_bytes()))
    }
}

/// Whether a verifier has 43 to 128 unreserved characters (RFC 7636 §4.1).
pub fn is_well_formed_verifier(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 Appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_vector_of_the_rfc_holds() {
        let challenge = CodeChallenge::parse(Some(CHALLENGE), Some("S256")).unwrap().unwrap();
        assert!(challenge.is_met_by(VERIFIER));
        assert!(!challenge.is_met_by(&VERIFIER.replace('d', "e")));
        assert!(is_well_formed_verifier(VERIFIER));
    }

    #[test]
    fn only_s256_in_this_spelling_is_a_method() {
        for method in [None, Some("plain"), Some("s256"), Some("S512"), Some("none")] {
            assert_eq!(CodeChallenge::parse(Some(CHALLENGE), method), Err(ChallengeRefused::MethodNotS256));
        }
        assert_eq!(CodeChallenge::parse(None, Some("S256")), Err(ChallengeRefused::Missing));
    }

    #[test]
    fn a_challenge_no_verifier_can_meet_is_refused() {
        for bad in [&CHALLENGE[..42], &format!("{CHALLENGE}="), &format!("{CHALLENGE}A"), &CHALLENGE.replace('E', " ")]
        {
            assert!(matches!(CodeChallenge::parse(Some(bad), Some("S256")), Err(ChallengeRefused::Malformed { .. })));
        }
    }

    #[test]
    fn verifiers_have_43_to_128_unreserved_characters() {
        assert!(!is_well_formed_verifier(&"a".repeat(42)));
        assert!(is_well_formed_verifier(&"a".repeat(43)));
        assert!(is_well_formed_verifier(&"~".repeat(128)));
        assert!(!is_well_formed_verifier(&"a".repeat(129)));
        assert!(!is_well_formed_verifier(&format!("{}+", "a".repeat(43))));
    }
}
