//! Resource identifiers (RFC 8707 §2).

use keysig_core::access_token::Audience;
use keysig_core::resource::{ApiCatalogue, TokenFormat, UnknownTarget};
use proptest::prelude::*;

use crate::instance::{APIS, ISSUER, JWT_API, OPAQUE_API, any_change, api, changed};

fn any_identifier() -> impl Strategy<Value = String> {
    prop_oneof!["https://api[a-z]{0,9}\\.example(/[a-z0-9]{0,6}){0,2}", "urn:[a-z]{2,9}:[a-z0-9:]{1,12}"]
}

/// None at all, two APIs, our own by two names, and one that nobody knows.
const NAMES: [&str; 6] = ["", OPAQUE_API, JWT_API, ISSUER, "https://id.example/v1", "https://unknown.example"];

proptest! {
    #[test]
    fn an_api_answers_to_its_identifier_and_to_nothing_else(
        identifiers in proptest::collection::btree_set(any_identifier(), 1..5),
        change in any_change(),
    ) {
        let list = identifiers.iter().map(|identifier| api(identifier, TokenFormat::Opaque)).collect();
        let apis = ApiCatalogue::new(ISSUER, list).unwrap();
        for identifier in &identifiers {
            let audience = apis.resolve(identifier).unwrap();
            prop_assert_eq!(apis.identifier(audience), Some(identifier.as_str()));
            prop_assert_eq!(Audience::from_column(audience.to_column()), audience);
            let other = changed(identifier, change);
            prop_assert_eq!(apis.resolve(&other).is_some(), identifiers.contains(&other));
        }
    }

    #[test]
    fn one_login_is_for_one_api_however_often_it_is_named(
        named in proptest::collection::vec(prop::sample::select(&NAMES[..]), 0..5),
    ) {
        let mut audiences: Vec<_> =
            named.iter().filter(|name| !name.is_empty()).map(|name| APIS.resolve(name)).collect();
        audiences.dedup();
        let expected = match audiences.as_slice() {
            [] => Ok(None),
            [Some(one)] => Ok(Some(*one)),
            _ => Err(UnknownTarget),
        };
        prop_assert_eq!(APIS.resolve_all(named.iter().copied()), expected);
        let mut turned = named;
        turned.reverse();
        prop_assert_eq!(APIS.resolve_all(turned.into_iter()), expected);
    }

    #[test]
    fn what_is_listed_is_an_absolute_uri_without_a_fragment(
        text in "(https?|urn|a)?:?/{0,2}[a-z.]{0,9}[ #/\t]?[a-z]{0,5}",
    ) {
        if ApiCatalogue::new(ISSUER, vec![api(&text, TokenFormat::Opaque)]).is_ok() {
            let url = url::Url::parse(&text).unwrap();
            prop_assert!(url.fragment().is_none() && !text.contains([' ', '\t', '#']));
            prop_assert_eq!(text.split(':').next(), Some(url.scheme()));
        }
    }
}
