//! What must not be seen: tokens, client secrets, code verifiers.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

/// A secret text. It prints as its last four characters (`…9f2c`), is wiped from memory when dropped, and can be
/// neither serialised nor compared with `==`.
///
/// ```compile_fail
/// fn serialised<T: serde::Serialize>() {}
/// serialised::<keysig_client::Secret>();
/// ```
/// ```compile_fail
/// fn compared<T: PartialEq>() {}
/// compared::<keysig_client::Secret>();
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(SecretString::from(secret.into()))
    }

    /// The secret itself, for the moment it is sent or sealed.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether `presented` is this secret, in a time that does not tell how much of it was right.
    pub fn matches(&self, presented: &str) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(self.expose().as_bytes(), presented.as_bytes()).is_ok()
    }
}

impl From<String> for Secret {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for Secret {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = self.expose();
        // Four characters of a short secret would be too much of it.
        let shown = if secret.len() < 16 { None } else { secret.char_indices().nth_back(3) };
        write!(f, "…{}", shown.and_then(|(at, _)| secret.get(at..)).unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// For `#[serde(serialize_with)]` on the few fields that are stored: the name says what happens.
pub(crate) fn expose<S: serde::Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// [`expose`] for a secret that may be absent.
pub(crate) fn expose_option<S: serde::Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_some(secret.expose()),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_its_last_four_characters() {
        assert_eq!(format!("{:?}", Secret::new("b3a1c7d2e8f94a019f2c")), "…9f2c");
    }

    #[test]
    fn of_a_short_secret_nothing_is_printed() {
        assert_eq!(format!("{:?}", Secret::new("demo-secret")), "…");
    }

    #[test]
    fn a_secret_matches_itself_and_not_its_prefix() {
        let secret = Secret::new("abcdefgh");
        assert!(secret.matches("abcdefgh"));
        assert!(!secret.matches("abcdefg"));
        assert!(!secret.matches(""));
    }
}
