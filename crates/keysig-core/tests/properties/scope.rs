//! `scope` (RFC 6749 §3.3).

use keysig_core::scope::{MAX_SCOPE_BYTES, MAX_SCOPES, ScopeRefused, ScopeSet, edit_distance};
use proptest::prelude::*;

use crate::instance::SCOPES;

fn names() -> Vec<String> {
    SCOPES.entries().map(|(_, entry)| entry.name.clone()).collect()
}

fn any_names(at_most: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(prop::sample::select(names()), 0..=at_most)
}

proptest! {
    #[test]
    fn order_repetition_and_separators_mean_nothing(
        names in any_names(20),
        separators in proptest::collection::vec("[ ,]{1,3}", 20),
    ) {
        let one_by_one = names.iter().fold(ScopeSet::EMPTY, |all, name| all.with(SCOPES.find(name).unwrap()));
        let mixed: String =
            names.iter().rev().zip(&separators).map(|(name, separator)| format!("{name}{separator}")).collect();
        prop_assert_eq!(SCOPES.parse(&names.join(" ")), Ok(one_by_one));
        prop_assert_eq!(SCOPES.parse(&mixed), Ok(one_by_one));
    }

    #[test]
    fn what_is_printed_reads_the_same_and_names_each_once(names in any_names(20)) {
        let scopes = SCOPES.parse(&names.join(" ")).unwrap();
        let printed = SCOPES.print(scopes);
        prop_assert_eq!(SCOPES.parse(&printed), Ok(scopes));
        let mut expected = names;
        expected.sort_unstable();
        expected.dedup();
        prop_assert_eq!(printed, expected.join(" "));
        prop_assert_eq!(ScopeSet::from_bytes(scopes.to_bytes()), scopes);
    }

    #[test]
    fn a_name_that_does_not_exist_is_refused_by_its_name(
        before in any_names(5),
        unknown in "[a-zA-Z:.-]{1,40}",
        after in any_names(5),
    ) {
        prop_assume!(SCOPES.find(&unknown).is_none());
        let all = [before, vec![unknown.clone()], after].concat().join(" ");
        let Err(ScopeRefused::Unknown { sent, nearest }) = SCOPES.parse(&all) else {
            return Err(TestCaseError::fail("it passed"));
        };
        prop_assert_eq!(&sent, &unknown);
        prop_assert!(nearest.is_none_or(|nearest| SCOPES.find(&nearest).is_some()));
    }

    #[test]
    fn limits_hold_to_the_letter(
        name in prop::sample::select(names()),
        count in MAX_SCOPES - 2..MAX_SCOPES + 3,
        bytes in MAX_SCOPE_BYTES - 2..MAX_SCOPE_BYTES + 3,
    ) {
        let many = vec![name.as_str(); count].join(" ");
        prop_assert_eq!(SCOPES.parse(&many).is_ok(), count <= MAX_SCOPES);
        let long = SCOPES.parse(&"x".repeat(bytes)).unwrap_err();
        prop_assert_eq!(long == ScopeRefused::TooLarge, bytes > MAX_SCOPE_BYTES);
    }

    #[test]
    fn sets_behave_as_sets(left: u128, right: u128) {
        let [left, right] = [left, right].map(|bits| ScopeSet::from_bytes(bits.to_be_bytes()));
        let (both, either) = (left.intersection(right), left.union(right));
        prop_assert_eq!(left.without(right).union(both), left);
        prop_assert!(left.without(right).intersection(right).is_empty());
        prop_assert!(both.is_subset(left) && left.is_subset(either));
        prop_assert_eq!(left.is_subset(right), both == left);
        prop_assert_eq!(left.iter().fold(ScopeSet::EMPTY, ScopeSet::with), left);
    }

    #[test]
    fn edit_distance_is_a_distance(a in "[ab]{0,8}", b in "[ab]{0,8}", c in "[ab]{0,8}") {
        prop_assert_eq!(edit_distance(&a, &b), edit_distance(&b, &a));
        prop_assert_eq!(edit_distance(&a, &b) == 0, a == b);
        prop_assert!(edit_distance(&a, &c) <= edit_distance(&a, &b) + edit_distance(&b, &c));
    }
}
