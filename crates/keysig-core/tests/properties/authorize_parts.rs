//! `response_type` and `prompt`: sets of words.

use keysig_core::authorize::{Prompt, PromptRefused, ResponseMode, ResponseType};
use proptest::prelude::*;
use proptest::sample::subsequence;

const RESPONSE_TYPES: [&str; 3] = ["code", "id_token", "token"];

proptest! {
    #[test]
    fn a_response_type_is_a_set_of_names_in_any_order(names in subsequence(&RESPONSE_TYPES[..], 1..=3).prop_shuffle()) {
        let read = ResponseType::parse(&names.join(" ")).unwrap();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        prop_assert_eq!(ResponseType::parse(&sorted.join(" ")), Some(read));
        prop_assert_eq!(ResponseType::from_number(read.number()), Some(read));
        let has = (read.has_code(), read.has_id_token(), read.has_token());
        prop_assert_eq!(has, (names.contains(&"code"), names.contains(&"id_token"), names.contains(&"token")));
        prop_assert_eq!(read.is_legacy(), names != ["code"]);
        prop_assert_eq!(read.default_mode() == ResponseMode::Query, !read.is_legacy());
    }

    #[test]
    fn a_name_twice_or_one_that_is_none_is_no_response_type(
        names in subsequence(&RESPONSE_TYPES[..], 1..=3),
        at: prop::sample::Index,
        other in "([a-zA-Z_]{0,9}|code|token)",
    ) {
        let mut with_other = names.clone();
        with_other.insert(at.index(names.len() + 1), &other);
        let is_new = RESPONSE_TYPES.contains(&other.as_str()) && !names.contains(&other.as_str());
        prop_assert_eq!(ResponseType::parse(&with_other.join(" ")).is_some(), is_new);
        prop_assert_eq!(ResponseType::parse(&names.join("  ")).is_some(), names.len() == 1);
    }

    #[test]
    fn order_and_repetition_of_prompts_mean_nothing(
        shown in proptest::collection::vec(prop::sample::select(&Prompt::VALUES[1..]), 0..6),
        blanks in 1..3usize,
    ) {
        let read = Prompt::parse(&shown.join(&" ".repeat(blanks))).unwrap();
        let turned: Vec<_> = shown.iter().rev().copied().collect();
        prop_assert_eq!(Prompt::parse(&turned.join(" ")), Ok(read));
        let expected = Prompt {
            none: false,
            login: shown.contains(&"login"),
            consent: shown.contains(&"consent"),
            select_account: shown.contains(&"select_account"),
        };
        prop_assert_eq!(read, expected);
        let with_none = [shown.clone(), vec!["none"]].concat().join(" ");
        prop_assert_eq!(Prompt::parse(&with_none).is_ok(), shown.is_empty());
    }

    #[test]
    fn a_prompt_that_does_not_exist_is_refused_whatever_stands_beside_it(
        word in "[a-zA-Z_,]{1,14}",
        beside in subsequence(&Prompt::VALUES[..], 0..=4),
    ) {
        prop_assume!(!Prompt::VALUES.contains(&word.as_str()));
        prop_assert_eq!(Prompt::parse(&format!("{} {word}", beside.join(" "))), Err(PromptRefused));
    }
}
