//! Codes of device authorization (RFC 8628): what people type and what devices poll with.

use keysig_core::encoding::base64url;
use keysig_core::grant::device_code::{DeviceCode, UserCode};
use keysig_core::id::DeviceId;
use keysig_core::testing::SeededRng;
use proptest::prelude::*;

use crate::instance::{any_change, changed};

proptest! {
    #[test]
    fn a_user_code_is_read_however_it_is_typed(
        seed: u64,
        blanks in proptest::collection::vec("[- ]{0,2}", 9),
        upper in proptest::collection::vec(any::<bool>(), 8),
    ) {
        let code = UserCode::generate(&SeededRng::new(seed));
        let shown = code.to_string();
        prop_assert_eq!(UserCode::parse(&shown), Some(code));
        let mut typed = blanks[8].clone();
        for ((letter, blank), upper) in shown.replace('-', "").chars().zip(&blanks).zip(upper) {
            typed.push(if upper { letter } else { letter.to_ascii_lowercase() });
            typed.push_str(blank);
        }
        prop_assert_eq!(UserCode::parse(&typed), Some(code));
    }

    #[test]
    fn what_reads_as_a_user_code_is_eight_letters_of_its_alphabet(
        typed in "[BCDFGHJKLMNPQRSTVWXZaeiouy0-9 \u{c9}-]{7,10}",
    ) {
        let letters: String = typed.chars().filter(|letter| !"- ".contains(*letter)).collect();
        let good = letters.len() == 8 && letters.chars().all(|letter| "BCDFGHJKLMNPQRSTVWXZ".contains(letter));
        let read = UserCode::parse(&typed);
        prop_assert_eq!(read.map(|code| code.to_string().replace('-', "")), good.then_some(letters));
    }

    #[test]
    fn a_device_code_has_one_spelling(id: [u8; 16], secret: [u8; 32], change in any_change()) {
        let code = DeviceCode { id: DeviceId::from_bytes(id), secret };
        let text = code.to_wire();
        let read = DeviceCode::parse(text.expose()).unwrap();
        prop_assert_eq!((read.id, read.secret), (code.id, secret));
        let other = changed(text.expose(), change);
        let misread = DeviceCode::parse(&other).is_some_and(|read| read.id == code.id && read.secret == secret);
        prop_assert!(!misread, "{}", other);
    }

    #[test]
    fn only_48_bytes_are_a_device_code(bytes in proptest::collection::vec(any::<u8>(), 40..60)) {
        prop_assert_eq!(DeviceCode::parse(&base64url(&bytes)).is_some(), bytes.len() == 48);
    }
}
