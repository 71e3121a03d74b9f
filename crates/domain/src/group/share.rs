//! Who may share with a group: `data.config.share`, and the lists that go by it (rule M6).

use serde_json::Value;
use serde_json::value::RawValue;

use super::data::share_of;
use crate::json::JsonText;

/// Who may share with a group that is being made, where the request does not say (rule M2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NewShare {
    /// Members of the group.
    #[default]
    Members,
    /// Every user.
    Everybody,
    /// Nobody.
    Nobody,
}

impl NewShare {
    /// How each is configured.
    pub const WORDS: [(&'static str, Self); 3] =
        [("members", Self::Members), ("true", Self::Everybody), ("false", Self::Nobody)];

    /// The value that is stored.
    #[must_use]
    pub fn to_json(self) -> Box<RawValue> {
        match self {
            // The text of a word in quotes is JSON; `null`, which counts as everybody, stands in for what cannot happen.
            Self::Members => RawValue::from_string("\"members\"".to_owned())
                .unwrap_or_else(|_not_json| RawValue::NULL.to_owned()),
            Self::Everybody => RawValue::TRUE.to_owned(),
            Self::Nobody => RawValue::FALSE.to_owned(),
        }
    }
}

/// Whether a group is in a list for somebody who is no admin (rules M5 and M6). `asked` is the parameter `share`, `data`
/// that of the group; `reached`: they are a member of the group or of one below it.
#[must_use]
pub fn is_listed(asked: Option<bool>, data: Option<&JsonText>, reached: bool) -> bool {
    match asked {
        None => reached,
        Some(true) => match stored(data) {
            Share::Everybody => true,
            Share::Members => reached,
            Share::Nobody | Share::Other => false,
        },
        Some(false) => reached && stored(data) == Share::Nobody,
    }
}

/// What is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    Everybody,
    Members,
    Nobody,
    /// What no front end writes.
    Other,
}

/// The value is compared as JSON: Python and SQLite may have made a text or a number of a switch.
fn stored(data: Option<&JsonText>) -> Share {
    match share_of(data).map(|share| share.to_value()) {
        None | Some(Value::Null | Value::Bool(true)) => Share::Everybody,
        Some(Value::Bool(false)) => Share::Nobody,
        Some(Value::Number(number)) if number.as_i64() == Some(1) => Share::Everybody,
        Some(Value::Number(number)) if number.as_i64() == Some(0) => Share::Nobody,
        Some(Value::String(text)) => match text.as_str() {
            "members" => Share::Members,
            "true" | "True" => Share::Everybody,
            "false" | "False" => Share::Nobody,
            _ => Share::Other,
        },
        Some(_) => Share::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(share: &str) -> JsonText {
        JsonText::from_stored(format!(r#"{{"config":{{"share":{share}}}}}"#))
    }

    #[test]
    fn m5_without_the_parameter_the_reached_ones_are_listed() {
        for share in ["true", "false", "\"members\""] {
            assert_eq!(
                [true, false].map(|reached| is_listed(None, Some(&data(share)), reached)),
                [true, false]
            );
        }
    }

    #[test]
    fn m6_share_true_lists_what_can_be_shared_with() {
        let listed =
            |share: &str| [true, false].map(|reached| is_listed(Some(true), Some(&data(share)), reached));
        for share in ["true", "null", "\"true\"", "\"True\"", "1"] {
            assert_eq!(listed(share), [true, true], "{share}");
        }
        assert_eq!(listed("\"members\""), [true, false]);
        for share in ["false", "0", "\"no\"", "[]", "2"] {
            assert_eq!(listed(share), [false, false], "{share}");
        }
        for nothing in [None, Some("null"), Some("{}"), Some(r#"{"config":null}"#), Some("{")] {
            let data = nothing.map(|text| JsonText::from_stored(text.to_owned()));
            assert!(is_listed(Some(true), data.as_ref(), false), "{nothing:?}");
        }
    }

    #[test]
    fn m6_share_false_lists_those_of_the_callers_that_nobody_may_share_with() {
        let listed = |share: &str, reached| is_listed(Some(false), Some(&data(share)), reached);
        for share in ["false", "\"false\"", "\"False\"", "0"] {
            assert_eq!([true, false].map(|reached| listed(share, reached)), [true, false], "{share}");
        }
        for share in ["true", "null", "\"members\"", "7"] {
            assert!(!listed(share, true), "{share}");
        }
    }

    #[test]
    fn m2_the_default_is_one_of_three_words() {
        for (word, share) in NewShare::WORDS {
            let stored = JsonText::from_stored(share.to_json().get().to_owned());
            assert_eq!(stored.to_value().to_string().trim_matches('"'), word);
        }
    }
}
