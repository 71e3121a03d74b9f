//! A user's variables: short texts by name that prompts may use (rule N11).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::DomainError;
use crate::json::{JsonObject, JsonText};

/// The most characters of all variables together, written as Python writes JSON: `{"a": "b", "c": "d"}`, not ASCII-escaped.
pub const MAX_VARIABLES_CHARS: usize = 100_000;

/// The most characters of one value.
pub const MAX_VALUE_CHARS: usize = 20_000;

/// The variables of one user, as they are shown: texts by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserVariables {
    /// Value by name.
    pub variables: BTreeMap<String, String>,
}

impl UserVariables {
    /// The variables of what is stored: its text values, whatever their names; anything else stored reads as none.
    #[must_use]
    pub fn read(stored: Option<&JsonText>) -> Self {
        let object = stored.and_then(JsonText::object).unwrap_or_default();
        let texts = object.iter().filter_map(|(name, value)| {
            serde_json::from_str::<String>(value.get()).ok().map(|text| (name.to_owned(), text))
        });
        Self { variables: texts.collect() }
    }

    /// Judges what was sent; it replaces all that is stored. Line ends `\r\n` become `\n`.
    ///
    /// # Errors
    /// [`DomainError::InvalidVariables`], which says what does not fit: first the size of the whole, then each variable in
    /// its order, name before value.
    pub fn parse(sent: &JsonObject) -> Result<Self, DomainError> {
        if python_chars(sent) > MAX_VARIABLES_CHARS {
            return Err(invalid(format!(
                "All variables together may have {MAX_VARIABLES_CHARS} characters."
            )));
        }
        let mut variables = BTreeMap::new();
        for (name, value) in sent.iter() {
            if !is_name(name) {
                return Err(invalid(format!(
                    "\"{name}\" is no name for a variable: it must begin with a letter from a to z and continue with \
                     letters from a to z, digits and underscores."
                )));
            }
            let Ok(text) = serde_json::from_str::<String>(value.get()) else {
                return Err(invalid(format!("The variable \"{name}\" must be a text.")));
            };
            let text = text.replace("\r\n", "\n");
            if text.chars().count() > MAX_VALUE_CHARS {
                return Err(invalid(format!(
                    "The variable \"{name}\" is longer than {MAX_VALUE_CHARS} characters."
                )));
            }
            if text.contains('\0') {
                return Err(invalid(format!(
                    "The variable \"{name}\" must not contain the character U+0000."
                )));
            }
            variables.insert(name.to_owned(), text);
        }
        Ok(Self { variables })
    }

    /// The text to store.
    #[must_use]
    pub fn to_stored(&self) -> JsonText {
        let mut object = JsonObject::new();
        for (name, text) in &self.variables {
            let raw = serde_json::value::to_raw_value(text).unwrap_or_else(|_| RawValue::NULL.to_owned());
            object.insert(name.clone(), raw);
        }
        JsonText::from_object(&object)
    }
}

fn invalid(why: String) -> DomainError {
    DomainError::InvalidVariables(why)
}

/// `[a-z][a-z0-9_]*`, the whole of it.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// How many characters Python's `json.dumps` makes of it with `ensure_ascii=False`.
fn python_chars(object: &JsonObject) -> usize {
    let entries: usize = object
        .iter()
        .map(|(name, value)| {
            let value: Value = serde_json::from_str(value.get()).unwrap_or_default();
            text_chars(name) + 2 + value_chars(&value)
        })
        .sum();
    2 + entries + separators(object.len())
}

/// Characters of the `, ` between so many entries.
fn separators(entries: usize) -> usize {
    2 * entries.saturating_sub(1)
}

fn value_chars(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(true) => 4,
        Value::Bool(false) => 5,
        Value::Number(number) => number.to_string().len(),
        Value::String(text) => text_chars(text),
        Value::Array(items) => 2 + items.iter().map(value_chars).sum::<usize>() + separators(items.len()),
        Value::Object(entries) => {
            let inner: usize =
                entries.iter().map(|(name, value)| text_chars(name) + 2 + value_chars(value)).sum();
            2 + inner + separators(entries.len())
        }
    }
}

/// A text in quotes, with what JSON must escape: two characters where there is a short escape, else six.
fn text_chars(text: &str) -> usize {
    let inner: usize = text
        .chars()
        .map(|c| match c {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..='\u{1f}' => 6,
            _ => 1,
        })
        .sum();
    2 + inner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<UserVariables, DomainError> {
        UserVariables::parse(&serde_json::from_str(json).unwrap())
    }

    fn read(json: &str) -> String {
        serde_json::to_string(&UserVariables::read(Some(&JsonText::from_stored(json.to_owned())))).unwrap()
    }

    #[test]
    fn n11_line_ends_become_one_character_and_a_lone_return_stays() {
        let parsed = parse(r#"{"a1_":"", "city":"x\r\ny\r\n\rz"}"#).unwrap();
        assert_eq!(parsed.to_stored().as_str(), r#"{"a1_":"","city":"x\ny\n\rz"}"#);
    }

    #[test]
    fn n11_names_are_lower_case_words() {
        for name in ["City", "1st", "", "a.b", "_a", "ä", "a\\n", "a b"] {
            let refused = parse(&format!(r#"{{"{name}":"x"}}"#));
            assert!(matches!(refused, Err(DomainError::InvalidVariables(_))), "{name}: {refused:?}");
        }
        assert!(parse(r#"{"a":"x","z9_b":"y"}"#).is_ok());
    }

    #[test]
    fn n11_values_are_texts() {
        for value in ["1", "null", "[]", "{}", "true"] {
            let refused = parse(&format!(r#"{{"good":"x","n":{value}}}"#));
            assert!(matches!(refused, Err(DomainError::InvalidVariables(_))), "{value}");
        }
    }

    #[test]
    fn n11_a_value_has_20_000_characters_after_line_ends_are_counted_once() {
        let fits = format!("{}\\r\\n", "ü".repeat(MAX_VALUE_CHARS - 1));
        assert!(parse(&format!(r#"{{"a":"{fits}"}}"#)).is_ok());
        let long = "x".repeat(MAX_VALUE_CHARS + 1);
        assert!(parse(&format!(r#"{{"a":"{long}"}}"#)).is_err());
    }

    #[test]
    fn n11_all_together_have_100_000_characters_as_python_writes_them() {
        // Five names of one character: `{"a": "…", "b": "…", …}` takes 2 + 5 × (3 + 2 + 2) + 4 × 2 = 45 beside the values.
        let body = |last: usize| {
            let lengths = [MAX_VALUE_CHARS, MAX_VALUE_CHARS, MAX_VALUE_CHARS, MAX_VALUE_CHARS, last];
            let entries: Vec<_> = ["a", "b", "c", "d", "e"]
                .iter()
                .zip(lengths)
                .map(|(name, length)| format!(r#""{name}":"{}""#, "ü".repeat(length)))
                .collect();
            format!("{{{}}}", entries.join(","))
        };
        assert!(parse(&body(MAX_VALUE_CHARS - 45)).is_ok());
        let refused = parse(&body(MAX_VALUE_CHARS - 44)).unwrap_err();
        assert!(refused.to_string().contains("100000"), "{refused}");
        // The size is judged first.
        assert!(
            parse(&body(MAX_VALUE_CHARS - 44).replace("\"a\"", "\"A\""))
                .unwrap_err()
                .to_string()
                .contains("100000")
        );
    }

    #[test]
    fn n11_reading_shows_texts_only_whatever_their_names() {
        assert_eq!(
            read(r#"{"city":"Bern","count":1,"list":["a"],"UPPER":"kept","empty":""}"#),
            r#"{"variables":{"UPPER":"kept","city":"Bern","empty":""}}"#
        );
        for odd in ["null", r#"["not"]"#, "7", r#"{"a": 1"#] {
            assert_eq!(read(odd), r#"{"variables":{}}"#, "{odd}");
        }
        assert_eq!(UserVariables::read(None), UserVariables::default());
    }
}
