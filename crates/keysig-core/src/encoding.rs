//! Strict encodings: one text for one value, so that no token or secret has a second spelling.

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// base64url without padding; non-zero trailing bits are refused (a re-encoded token is another token).
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false),
);

/// Plain base64 with its padding, as HTTP Basic uses it (RFC 7617 §2).
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(false),
);

/// `bytes` as base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    BASE64URL.encode(bytes)
}

/// The bytes of canonical base64url; `None` for anything else, padding and stray bits included.
pub fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    BASE64URL.decode(text).ok()
}

/// The bytes of canonical padded base64; `None` for anything else.
pub fn base64_decode(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// `bytes` as padded base64.
pub fn base64_encode(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `N` bytes from exactly `2 N` hexadecimal digits.
pub fn hex_decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (index, slot) in bytes.iter_mut().enumerate() {
        *slot = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(bytes)
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// 16 bytes as the 22 base62 characters of a catalogue or playlist id.
pub fn base62(bytes: &[u8; 16]) -> String {
    let mut number = u128::from_be_bytes(*bytes);
    let mut digits = [b'0'; 22];
    for slot in digits.iter_mut().rev() {
        if let Some(digit) = BASE62.get((number % 62) as usize) {
            *slot = *digit;
        }
        number /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stray_bits_and_padding_are_refused() {
        assert_eq!(base64url_decode("AQ"), Some(vec![1]));
        assert_eq!(base64url_decode("AR"), None);
        assert_eq!(base64url_decode("AQ=="), None);
        assert_eq!(base64_decode("AQ=="), Some(vec![1]));
        assert_eq!(base64_decode("AQ"), None);
        assert_eq!(base64_decode("AR=="), None);
    }

    #[test]
    fn base62_ids_have_22_characters() {
        assert_eq!(base62(&[0; 16]), "0".repeat(22));
        assert_eq!(base62(&[255; 16]).len(), 22);
        assert_ne!(base62(&[1; 16]), base62(&[2; 16]));
    }
}
