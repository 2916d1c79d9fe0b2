//! A `scope` parameter: order, repetition and separators mean nothing, limits hold, and nothing unknown passes.
#![no_main]

use keysig_core::scope::{MAX_SCOPE_BYTES, MAX_SCOPES, ScopeRefused, ScopeSet, edit_distance};
use keysig_fuzz::SCOPES;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let names: Vec<&str> = text.split([' ', ',']).filter(|name| !name.is_empty()).collect();
    match SCOPES.parse(text) {
        Ok(scopes) => {
            assert!(names.len() <= MAX_SCOPES && scopes.is_subset(SCOPES.all()));
            let printed = SCOPES.print(scopes);
            assert_eq!(SCOPES.parse(&printed), Ok(scopes));
            assert_eq!(printed.split(' ').filter(|name| !name.is_empty()).count(), scopes.iter().count());
            let turned = names.iter().rev().copied().collect::<Vec<_>>().join(",");
            assert_eq!(SCOPES.parse(&turned), Ok(scopes));
            let one_by_one = names.iter().filter_map(|name| SCOPES.find(name)).fold(ScopeSet::EMPTY, ScopeSet::with);
            assert_eq!(one_by_one, scopes);
            assert!(names.iter().all(|name| SCOPES.find(name).is_some()));
            assert_eq!(ScopeSet::from_bytes(scopes.to_bytes()), scopes);
        }
        Err(ScopeRefused::TooLarge) => {
            assert!(names.len() > MAX_SCOPES || names.iter().any(|name| name.len() > MAX_SCOPE_BYTES));
        }
        Err(ScopeRefused::Unknown { sent, nearest }) => {
            assert!(names.contains(&sent.as_str()) && SCOPES.find(&sent).is_none());
            if let Some(nearest) = nearest {
                assert!(SCOPES.find(&nearest).is_some());
                assert_eq!(edit_distance(&sent, &nearest), edit_distance(&nearest, &sent));
            }
        }
    }
});
