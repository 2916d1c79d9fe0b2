//! Secrets: values that cannot be printed, compared with `==`, or serialised by accident.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::encoding::base64url;
use crate::rng::{Rng, random};
use crate::seal::sha256;

/// A secret in the form its owner holds it: a token, a code, a password, a client secret. Wiped when dropped.
///
/// ```compile_fail
/// let secret = keysig_core::secret::Secret::new("hush".into());
/// println!("{secret}");
/// ```
/// ```compile_fail
/// let secret = keysig_core::secret::Secret::new("hush".into());
/// assert!(secret == keysig_core::secret::Secret::new("hush".into()));
/// ```
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret in.
    pub fn new(value: String) -> Self {
        Self(value)
    }

    /// 256 random bits as base64url.
    pub fn generate(rng: &(impl Rng + ?Sized)) -> Self {
        Self(base64url(&random::<32>(rng)))
    }

    /// The value itself, for the one place that hands it out or computes with it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The form a secret of at least 128 random bits is stored in.
    pub fn hash(&self) -> SecretHash {
        SecretHash(sha256(self.0.as_bytes()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// SHA-256 of a secret of at least 128 random bits: what the store keeps. Of a password, see [`crate::password`].
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// From a stored column.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// As stored.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether `presented` hashes to this, in constant time.
    pub fn matches(&self, presented: &str) -> bool {
        self.0.ct_eq(&sha256(presented.as_bytes())).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// Equality that takes the same time whatever differs.
pub fn constant_time_eq(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new("hunter2".to_owned());
        assert!(!format!("{secret:?} {:?}", secret.hash()).contains("hunter2"));
        assert!(secret.hash().matches("hunter2"));
        assert!(!secret.hash().matches("hunter3"));
    }
}
