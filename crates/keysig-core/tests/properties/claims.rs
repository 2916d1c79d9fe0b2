//! The `claims` parameter (OpenID Connect Core §5.5).

use keysig_core::openid::claims::{Claim, ClaimSet, ClaimsMalformed, ClaimsRequest, MAX_CLAIMS_BYTES, RequestedClaims};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use serde_json::{Map, Value, json};

/// What may be said about a claim that is asked for, all of which we read over.
fn any_wish() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        any::<bool>().prop_map(|essential| json!({ "essential": essential })),
        any::<i64>().prop_map(|value| json!({ "value": value, "values": [value, null, [[]], {"a": "b"}] })),
        "\\PC{0,9}".prop_map(|text| json!({ "value": text, "x": {"value": []} })),
    ]
}

/// Some of our claims with others between them, as a JSON object.
fn any_members() -> impl Strategy<Value = (ClaimSet, Map<String, Value>)> {
    let claims = subsequence(&Claim::ALL[..], 0..=Claim::ALL.len());
    let wishes = proptest::collection::vec(any_wish(), Claim::ALL.len());
    let others = proptest::collection::btree_map("[a-z#:/]{1,9}x", any_wish(), 0..4);
    (claims, wishes, others).prop_map(|(claims, wishes, others)| {
        let set = claims.iter().fold(ClaimSet::default(), |set, claim| set.with(*claim));
        let ours = claims.iter().map(|claim| claim.name().to_owned()).zip(wishes);
        // An essential `acr` decides more than what is included; it has a property of its own.
        let ours = ours.map(|(name, wish)| if name == "acr" { (name, Value::Null) } else { (name, wish) });
        (set, ours.chain(others).collect())
    })
}

proptest! {
    #[test]
    fn what_is_asked_for_is_what_is_read(
        (id_token, id_token_members) in any_members(),
        (userinfo, userinfo_members) in any_members(),
        pretty: bool,
    ) {
        let json = json!({ "id_token": id_token_members, "userinfo": userinfo_members, "other": [1, {}] });
        let text = if pretty { format!("{json:#}") } else { json.to_string() };
        let read = RequestedClaims::parse(&text);
        prop_assume!(text.len() <= MAX_CLAIMS_BYTES);
        let request = ClaimsRequest { id_token, userinfo };
        prop_assert_eq!(read, Ok(RequestedClaims { request, ..RequestedClaims::default() }));
        prop_assert_eq!(ClaimsRequest::from_number(request.number()), request);
    }

    #[test]
    fn every_way_of_signing_in_that_would_do_is_read(
        values in proptest::collection::vec("\\PC{0,9}", 0..5),
        essential: bool,
        one: bool,
    ) {
        let wish = match values.as_slice() {
            [value] if one => json!({ "essential": essential, "value": value }),
            values => json!({ "essential": essential, "values": values }),
        };
        let read = RequestedClaims::parse(&json!({ "id_token": { "acr": wish } }).to_string()).unwrap();
        prop_assert!(read.request.id_token.has(Claim::Acr));
        prop_assert_eq!(read.essential_acr, Some(values).filter(|values| essential && !values.is_empty()));
    }

    #[test]
    fn the_one_who_must_sign_in_is_named_to_the_letter(subject in "\\PC{0,20}", value in any_wish()) {
        let read = RequestedClaims::parse(
            &json!({ "id_token": { "sub": { "value": subject } }, "userinfo": { "sub": value } }).to_string(),
        );
        prop_assert_eq!(read.unwrap().subjects, [subject]);
    }

    #[test]
    fn a_name_that_stands_twice_is_refused(
        (_, members) in any_members(),
        twice: Index,
        escaped: bool,
        to in "id_token|userinfo",
    ) {
        prop_assume!(!members.is_empty());
        let name = members.keys().nth(twice.index(members.len())).unwrap();
        // `\u0065` is `e`: the same name in another spelling.
        let again = if escaped { name.replacen('e', "\\u0065", 1) } else { name.clone() };
        let members = serde_json::to_string(&members).unwrap();
        let text = format!("{{\"{to}\":{},\"{again}\":null}}}}", members.strip_suffix('}').unwrap());
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "another reader takes one of the two");
        prop_assert_eq!(RequestedClaims::parse(&text), Err(ClaimsMalformed));
    }

    #[test]
    fn only_an_object_that_is_not_too_long_is_read(
        blanks in 0..2 * MAX_CLAIMS_BYTES,
        other in "[\\[\"0-9tn](\\PC{0,20})",
    ) {
        let text = format!("{{{}}}", " ".repeat(blanks));
        prop_assert_eq!(RequestedClaims::parse(&text).is_ok(), blanks + 2 <= MAX_CLAIMS_BYTES);
        prop_assert_eq!(RequestedClaims::parse(&other), Err(ClaimsMalformed));
    }

    #[test]
    fn claims_and_the_scopes_that_bring_them_agree((claims, _) in any_members()) {
        let scopes = ClaimsRequest { id_token: claims, userinfo: ClaimSet::default() }.scopes();
        let allowed = ClaimSet::allowed_by(scopes);
        let about_the_person = ClaimSet::PROFILE.union(ClaimSet::EMAIL);
        // Whoever agreed to what the request asks for may be told what it asks for.
        prop_assert_eq!(claims.intersection(allowed), claims.intersection(about_the_person));
    }
}
