//! What holds for every filter.

use proptest::prelude::*;
use rosterd_scim::ResourceKind;
use rosterd_scim::filter::{Filter, MAX_DEPTH};

use super::strategies::{any_filter, config, nearly, user, user_filter};

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn a_filter_that_is_written_is_read_again(filter in any_filter()) {
        let text = filter.to_string();
        prop_assert!(filter.depth() <= MAX_DEPTH);
        prop_assert_eq!(Filter::parse(&text), Ok(filter), "{}", text);
    }

    #[test]
    fn capital_letters_in_words_make_no_difference(filter in any_filter()) {
        let text = filter.to_string();
        // Only where there are no texts, in which they do.
        prop_assume!(!text.contains('"'));
        let louder = text.replace(" and ", " AND ").replace(" or ", " Or ").replace("not (", "NOT(").replace(" pr", " PR");
        prop_assert_eq!(Filter::parse(&louder).map(|filter| filter.to_string().to_lowercase()), Ok(text.to_lowercase()));
    }

    #[test]
    fn any_text_is_read_or_refused_where_it_is_wrong(text in prop_oneof![nearly(any_filter()), ".{0,60}".boxed()]) {
        match Filter::parse(&text) {
            Ok(filter) => prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter)),
            Err(error) => prop_assert!(error.position().is_some_and(|at| text.is_char_boundary(at)), "{}", error),
        }
    }

    #[test]
    fn any_filter_is_bound_or_refused(filter in any_filter()) {
        for kind in ResourceKind::ALL {
            let _ = filter.bind(kind);
        }
    }

    #[test]
    fn the_logic_is_that_of_truth_values(a in user_filter(), b in user_filter(), user in user()) {
        let holds = |text: &str| Filter::parse(text).unwrap().bind(ResourceKind::User).map(|bound| bound.matches(&user));
        let (Ok(first), Ok(second)) = (holds(&a), holds(&b)) else { return Ok(()) };
        prop_assert_eq!(holds(&format!("not ({a})")), Ok(!first));
        prop_assert_eq!(holds(&format!("({a}) and ({b})")), Ok(first && second));
        prop_assert_eq!(holds(&format!("({a}) or ({b})")), Ok(first || second));
    }

    #[test]
    fn what_a_filter_asks_is_the_same_when_it_is_written(text in user_filter(), user in user()) {
        let filter = Filter::parse(&text).unwrap();
        let again = Filter::parse(&filter.to_string()).unwrap();
        prop_assert_eq!(filter.bind(ResourceKind::User), again.bind(ResourceKind::User));
        if let Ok(condition) = filter.bind(ResourceKind::User) {
            let _ = condition.matches(&user);
        }
    }
}
