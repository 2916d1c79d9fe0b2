//! A `claims` parameter: what is asked for stands in it, to the letter, by another reader of JSON.
#![no_main]

use keysig_core::openid::claims::{Claim, ClaimSet, ClaimsRequest, MAX_CLAIMS_BYTES, RequestedClaims};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fn texts(wanted: &Value) -> Vec<String> {
    let values = wanted["values"].as_array().into_iter().flatten();
    values.chain([&wanted["value"]]).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn asked(members: &Value) -> ClaimSet {
    let names = members.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    names.filter_map(Claim::from_name).fold(ClaimSet::default(), ClaimSet::with)
}

fuzz_target!(|text: &str| {
    let Ok(read) = RequestedClaims::parse(text) else { return };
    assert!(text.len() <= MAX_CLAIMS_BYTES);
    assert_eq!(ClaimsRequest::from_number(read.request.number()), read.request);
    // What nobody reads may hold numbers that fit nowhere; another reader stops there.
    let Ok(json) = serde_json::from_str::<Value>(text) else { return };
    assert!(json.is_object());
    assert_eq!(read.request, ClaimsRequest { id_token: asked(&json["id_token"]), userinfo: asked(&json["userinfo"]) });
    assert_eq!(read.subjects, texts(&json["id_token"]["sub"]));
    let acr = &json["id_token"]["acr"];
    let essential = (acr["essential"] == true).then(|| texts(acr)).filter(|values| !values.is_empty());
    assert_eq!(read.essential_acr, essential);
});
