//! Signed statements (RFC 7515, RFC 8725).

use keysig_core::encoding::base64url;
use keysig_core::grant::Amr;
use keysig_core::jose::{NotOurs, SigningAlgorithm, SigningKeys};
use keysig_core::openid::id_token::{self, IdToken, SignIn, read_hint};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::instance::{ISSUER, KEYS, NOW, any_change, changed, ed25519};

fn any_claims() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
    ];
    proptest::collection::btree_map("\\PC{1,9}", value, 0..8).prop_map(|map| Value::Object(Map::from_iter(map)))
}

fn signed(typ: &str, claims: &Value) -> String {
    KEYS.sign(SigningAlgorithm::EdDsa, typ, claims, NOW).unwrap()
}

proptest! {
    #[test]
    fn what_is_signed_verifies_to_the_letter_and_only_as_what_it_is(claims in any_claims(), other in "[a-z+]{1,12}") {
        let statement = signed("JWT", &claims);
        prop_assert_eq!(KEYS.verify::<Value>("JWT", &statement), Ok(claims));
        prop_assume!(other != "jwt");
        prop_assert_eq!(KEYS.verify::<Value>(&other, &statement), Err(NotOurs));
    }

    #[test]
    fn no_letter_of_a_statement_can_be_changed(claims in any_claims(), change in any_change()) {
        let statement = changed(&signed("JWT", &claims), change);
        prop_assert_eq!(KEYS.verify::<Value>("JWT", &statement), Err(NotOurs));
    }

    #[test]
    fn no_part_of_one_statement_makes_another(left in any_claims(), right in any_claims(), take in 0..3usize) {
        prop_assume!(left != right);
        let [left, right] = [signed("JWT", &left), signed("at+jwt", &right)];
        let mut parts: Vec<&str> = left.split('.').collect();
        parts[take] = right.split('.').nth(take).unwrap();
        let mixed = parts.join(".");
        for typ in ["JWT", "at+jwt"] {
            prop_assert_eq!(KEYS.verify::<Value>(typ, &mixed), Err(NotOurs));
        }
    }

    #[test]
    fn a_header_decides_nothing(
        alg in "none|HS256|RS256|ES256|EdDSA|\\PC{0,6}",
        kid in "ours|theirs|\\PC{0,6}",
        claims in any_claims(),
        signature in proptest::collection::vec(any::<u8>(), 0..70),
    ) {
        let header =
            json!({ "alg": alg, "typ": "JWT", "kid": kid, "jwk": { "kty": "OKP", "crv": "Ed25519", "x": "AAAA" } });
        let words =
            format!("{}.{}", base64url(header.to_string().as_bytes()), base64url(claims.to_string().as_bytes()));
        prop_assert_eq!(KEYS.verify::<Value>("JWT", &format!("{words}.{}", base64url(&signature))), Err(NotOurs));
        // Signed well, by somebody who calls their key as ours is called.
        let theirs = SigningKeys::new(vec![ed25519([8; 32], "ours")]);
        let forged = theirs.sign(SigningAlgorithm::EdDsa, "JWT", &claims, NOW).unwrap();
        prop_assert_eq!(KEYS.verify::<Value>("JWT", &forged), Err(NotOurs));
    }

    #[test]
    fn a_hint_says_what_the_id_token_said_to_the_app_it_was_for(
        subject in "\\PC{1,30}",
        app in "[a-z]{1,9}",
        asks in "[a-z]{1,9}",
        session in proptest::option::of("\\PC{1,30}"),
        elsewhere: bool,
    ) {
        let sign_in = SignIn { auth_time: NOW, amr: Amr::PASSWORD, session: None };
        let issuer = if elsewhere { "https://other.example" } else { ISSUER };
        let mut token = IdToken::new(issuer, &subject, &app, sign_in, NOW);
        token.sid.clone_from(&session);
        let text = KEYS.sign(SigningAlgorithm::EdDsa, id_token::TYPE, &token, NOW).unwrap();
        prop_assert_eq!(read_hint(&KEYS, ISSUER, Some(&asks), &text).is_ok(), !elsewhere && asks == app);
        let read = read_hint(&KEYS, issuer, None, &text).unwrap();
        prop_assert_eq!((read.sub, read.aud, read.sid), (subject, app, session));
    }
}
