//! Client authentication in a token request (RFC 6749 §2.3): Basic header and body.

use keysig_core::client_authentication::{ClientRefused, Credential, PresentedClient, present};
use keysig_core::encoding::base64_encode;
use keysig_core::parameters::{Parameters, percent_encode};
use proptest::prelude::*;

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", base64_encode(format!("{}:{}", percent_encode(id), percent_encode(secret)).as_bytes()))
}

fn body(pairs: &[(&str, &str)]) -> Parameters {
    let body: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
    Parameters::parse(body.join("&").as_bytes()).unwrap()
}

fn is_client(presented: &PresentedClient, id: &str, secret: &str) -> bool {
    let shown = match &presented.credential {
        Credential::Nothing => "",
        Credential::Secret(secret) => secret.expose(),
    };
    presented.client_id == id && shown == secret
}

proptest! {
    #[test]
    fn a_client_is_the_same_by_header_and_by_body(id in "\\PC{1,20}", secret in "\\PC{0,30}") {
        let by_header = present(Some(&basic(&id, &secret)), &body(&[("client_id", &id)])).unwrap();
        let by_body = present(None, &body(&[("client_id", &id), ("client_secret", &secret)])).unwrap();
        prop_assert!(by_header.by_header && !by_body.by_header);
        prop_assert!(is_client(&by_header, &id, &secret) && is_client(&by_body, &id, &secret));
    }

    #[test]
    fn two_proofs_are_none(id in "[a-z]{1,9}", secret in "[a-z]{1,9}", other in "[a-z]{1,9}") {
        let header = basic(&id, &secret);
        let both = present(Some(&header), &body(&[("client_id", &id), ("client_secret", &other)]));
        prop_assert_eq!(both.unwrap_err(), ClientRefused::TwoMethods);
        let named = present(Some(&header), &body(&[("client_id", &other)]));
        prop_assert_eq!(named.err(), (id != other).then_some(ClientRefused::IdsDiffer));
        let asserted = present(Some(&header), &body(&[("client_assertion", &other)]));
        prop_assert_eq!(asserted.unwrap_err(), ClientRefused::Assertion);
    }

    #[test]
    fn no_header_but_basic_says_who_asks(scheme in "[A-Za-z]{0,8}", rest in "\\PC{0,30}") {
        let header = format!("{scheme} {rest}");
        match present(Some(&header), &body(&[("client_id", "app")])) {
            Ok(_) | Err(ClientRefused::IdsDiffer) => prop_assert!(scheme.eq_ignore_ascii_case("basic")),
            Err(refused) => prop_assert_eq!(refused, ClientRefused::Malformed),
        }
    }

    #[test]
    fn a_header_has_one_spelling(
        id in "[a-z]{1,9}",
        secret in "[a-z]{1,9}",
        at: prop::sample::Index,
        letter in "[A-Za-z0-9+/= ]",
    ) {
        let header = basic(&id, &secret);
        let at = "Basic ".len() + at.index(header.len() - "Basic ".len());
        let mut other = header.clone();
        other.replace_range(at..=at, &letter);
        prop_assume!(other != header);
        let read = present(Some(&other), &Parameters::default());
        prop_assert!(read.is_err() || read.is_ok_and(|client| !is_client(&client, &id, &secret)));
        for longer in [format!("{header}="), format!("{header} "), header.replace(' ', "  ")] {
            prop_assert_eq!(present(Some(&longer), &Parameters::default()).unwrap_err(), ClientRefused::Malformed);
        }
    }
}
