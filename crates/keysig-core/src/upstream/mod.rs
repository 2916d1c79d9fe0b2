//! Signing in through another provider: what is believed of what it says (OpenID Connect Core §3.1.3.7, RFC 9700 §4.4).

mod id_token;
mod keys;
mod person;

pub use id_token::{Expected, IdTokenRefused, check_id_token};
pub use keys::ProviderKeys;
pub use person::{Fields, MAX_SUBJECT_BYTES, Person};

use crate::secret::constant_time_eq;

/// Whether the answer names the provider that was asked (RFC 9207 §2.4). One that promises to name itself and does not is
/// turned away like one that names another: both are how a mix-up looks.
pub fn is_from_issuer(issuer: &str, promised: bool, named: Option<&str>) -> bool {
    match named {
        Some(named) => constant_time_eq(named.as_bytes(), issuer.as_bytes()),
        None => !promised,
    }
}

#[cfg(test)]
mod tests {
    use super::is_from_issuer;

    #[test]
    fn an_answer_is_from_whom_it_names_and_from_nobody_if_it_promised_a_name() {
        let issuer = "https://id.example";
        assert!(is_from_issuer(issuer, true, Some(issuer)) && is_from_issuer(issuer, false, Some(issuer)));
        assert!(is_from_issuer(issuer, false, None));
        for other in ["https://id.example/", "https://ID.example", "https://evil.example", ""] {
            assert!(
                !is_from_issuer(issuer, false, Some(other)) && !is_from_issuer(issuer, true, Some(other)),
                "{other}"
            );
        }
        assert!(!is_from_issuer(issuer, true, None));
    }
}
