//! What the value of a setting must be.

use serde_json::Value;

use super::translations;
use crate::role::Role;
use crate::rules::duration::TokenLife;

/// What a setting's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Switch,
    /// A text.
    Text,
    /// A text or null.
    OptionalText,
    /// A whole number.
    Number,
    /// A whole number, or an empty text for "no limit" (rule M23).
    Count,
    /// A whole number above 0, or null for "no limit".
    Limit,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A role.
    Role,
    /// How long tokens live, such as `4w`.
    TokenLife,
    /// A JSON list.
    List,
    /// A JSON list or null.
    OptionalList,
    /// A JSON object.
    Object,
    /// Translations of texts: language, text, translated text (rule M31).
    Translations,
}

impl Kind {
    /// The value as it is stored.
    ///
    /// # Errors
    /// What is wrong with a value that somebody wants to store, as a sentence.
    pub(super) fn fit(self, value: Value) -> Result<Value, &'static str> {
        const TEXT: &str = "A text without the NUL character is needed.";
        const LIST: &str = "A list is needed.";
        let (fits, wanted) = match self {
            Self::Switch => (value.is_boolean(), "true or false is needed."),
            Self::Text => (is_text(&value), TEXT),
            Self::OptionalText => (is_text(&value) || value.is_null(), TEXT),
            Self::Number => (is_whole(&value), "A whole number is needed."),
            Self::Count => return count(&value).ok_or("A whole number or an empty text is needed."),
            Self::Limit => (
                value.is_null() || value.as_i64().is_some_and(|number| number > 0),
                "A whole number above 0 or null is needed.",
            ),
            Self::Choice(words) => (
                value.as_str().is_some_and(|text| words.contains(&text)),
                "One of the words that the documentation lists is needed.",
            ),
            Self::Role => {
                (value.as_str().and_then(Role::parse).is_some(), "A role is pending, user or admin.")
            }
            Self::TokenLife => (
                value.as_str().is_some_and(|text| TokenLife::parse(text).is_ok()),
                "A duration such as 4w, 12h or 30m is needed; -1 and 0 mean without end.",
            ),
            Self::List => (value.is_array(), LIST),
            Self::OptionalList => (value.is_array() || value.is_null(), LIST),
            Self::Object => (value.is_object(), "An object is needed."),
            Self::Translations => return translations::cleaned(&value),
        };
        if fits { Ok(value) } else { Err(wanted) }
    }

    /// Whether null is a value of its own. For every other kind a stored null means "not set".
    pub(super) const fn is_nullable(self) -> bool {
        matches!(self, Self::OptionalText | Self::Limit | Self::OptionalList)
    }

    /// Whether values are documents: they can be long, and an event names the setting only.
    #[must_use]
    pub const fn is_document(self) -> bool {
        matches!(self, Self::List | Self::OptionalList | Self::Object | Self::Translations)
    }

    /// Whether a text that does not fit is skipped in the newest dialect, while the rest is stored (rule M25).
    pub(super) const fn is_skipped_where_unfit(self) -> bool {
        matches!(self, Self::Role | Self::TokenLife | Self::Choice(_))
    }
}

/// PostgreSQL takes no NUL in a query, and some of these texts are looked up, such as the id of the default group.
fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.contains('\0'))
}

fn is_whole(value: &Value) -> bool {
    value.is_i64() || value.is_u64()
}

/// Rule M23: a number, a text that is one, an empty text or null. Nothing and 0 are stored as an empty text.
fn count(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Null => 0,
        Value::String(text) if text.trim().is_empty() => 0,
        Value::String(text) => text.trim().parse().ok()?,
        other => other.as_i64()?,
    };
    Some(if number == 0 { Value::from("") } else { number.into() })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn m23_a_count_is_a_number_or_an_empty_text() {
        for (sent, stored) in [
            (json!(7), json!(7)),
            (json!("7"), json!(7)),
            (json!(" 60 "), json!(60)),
            (json!(-1), json!(-1)),
            (json!(""), json!("")),
            (json!(" "), json!("")),
            (json!(null), json!("")),
            (json!(0), json!("")),
            (json!("0"), json!("")),
        ] {
            assert_eq!(Kind::Count.fit(sent.clone()), Ok(stored), "{sent}");
        }
        for sent in [json!("many"), json!("1.5"), json!(1.5), json!(true), json!([]), json!({})] {
            assert!(Kind::Count.fit(sent.clone()).is_err(), "{sent}");
        }
    }

    #[test]
    fn a_limit_is_a_number_above_0_or_null() {
        for sent in [json!(1), json!(1000), json!(null)] {
            assert_eq!(Kind::Limit.fit(sent.clone()), Ok(sent));
        }
        for sent in [json!(0), json!(-1), json!("5"), json!(""), json!(true), json!(1.5)] {
            assert!(Kind::Limit.fit(sent.clone()).is_err(), "{sent}");
        }
    }

    #[test]
    fn a_choice_is_one_of_the_words() {
        let kind = Kind::Choice(&["thread", "channel"]);
        assert_eq!(kind.fit(json!("channel")), Ok(json!("channel")));
        for sent in [json!("x"), json!("Thread"), json!(null), json!(1)] {
            assert!(kind.fit(sent.clone()).is_err(), "{sent}");
        }
    }
}
