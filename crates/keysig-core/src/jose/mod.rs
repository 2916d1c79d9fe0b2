//! Signed statements: compact JWS (RFC 7515), the keys that make them, and the set that verifies them (RFC 7517).

mod algorithm;
mod key;
mod set;

pub use algorithm::SigningAlgorithm;
pub use key::{PublicKey, SigningKey};
pub use set::{Due, NotOurs, Scheduled, SigningKeys, next_due};

#[cfg(test)]
pub(crate) use set::tests::keys;
