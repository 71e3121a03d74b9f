//! Reads stored JSON that is not quite correct: Python's `NaN` and `Infinity`, and values that were encoded twice.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// How often a value may have been encoded.
const MOST_LAYERS: usize = 8;

/// The value that a stored text stands for, as valid JSON without white space around it; `None` when the text cannot be
/// read at all.
///
/// - Valid JSON is itself, to the letter.
/// - `NaN`, `Infinity` and `-Infinity`, where they stand for a number, are `null`; everything around them stays.
/// - A text that holds an object, a list or `null` as JSON is what it holds: the value was encoded twice. Any other text
///   is a text.
/// - The empty text is `null`, and a byte-order mark at the beginning is not there.
#[must_use]
pub fn read(text: &str) -> Option<Cow<'_, RawValue>> {
    read_layer(text, MOST_LAYERS)
}

fn read_layer(text: &str, layers: usize) -> Option<Cow<'_, RawValue>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Ok(raw) = serde_json::from_str::<&RawValue>(text) {
        return Some(decoded(raw, layers).map_or(Cow::Borrowed(raw), Cow::Owned));
    }
    if text.trim().is_empty() {
        return Some(Cow::Borrowed(RawValue::NULL));
    }
    if text.contains("NaN") || text.contains("Infinity") {
        return RawValue::from_string(without_python_numbers(text)).ok().map(Cow::Owned);
    }
    None
}

/// What a text holds that was encoded twice.
fn decoded(raw: &RawValue, layers: usize) -> Option<Box<RawValue>> {
    if layers == 0 || !raw.get().starts_with('"') {
        return None;
    }
    let inner: String = serde_json::from_str(raw.get()).ok()?;
    let is_more_than_text =
        matches!(inner.trim_start().as_bytes().first(), Some(b'{' | b'[' | b'"')) || inner.trim() == "null";
    if !is_more_than_text {
        return None;
    }
    let value = read_layer(&inner, layers - 1)?.into_owned();
    (!value.get().starts_with('"')).then_some(value)
}

/// The same text with Python's three words replaced by `null` wherever they stand outside a string.
///
/// Nothing else is checked: the result is for a JSON parser, which refuses whatever is wrong beyond that.
fn without_python_numbers(text: &str) -> String {
    const WORDS: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
    let mut in_string = false;
    while let Some(first) = rest.chars().next() {
        let mut taken = first.len_utf8();
        match first {
            // The escaped character, whatever it is, does not end the string.
            '\\' if in_string => taken += rest[taken..].chars().next().map_or(0, char::len_utf8),
            '"' => in_string = !in_string,
            _ if !in_string => {
                if let Some(word) = WORDS.into_iter().find(|word| rest.starts_with(word)) {
                    out.push_str("null");
                    rest = &rest[word.len()..];
                    continue;
                }
            }
            _ => {}
        }
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<String> {
        read(text).map(|raw| raw.get().to_owned())
    }

    #[test]
    fn valid_json_is_itself() {
        for text in
            [r#"{"z": 1.50, "a": [1e400]}"#, "[]", "7", "true", "null", "\"text\"", r#""\ud800""#, "\"7\""]
        {
            assert!(matches!(read(text), Some(Cow::Borrowed(raw)) if raw.get() == text), "{text}");
        }
        assert_eq!(value(" {} \n").as_deref(), Some("{}"));
        assert_eq!(value("\u{feff}{}").as_deref(), Some("{}"));
    }

    #[test]
    fn pythons_numbers_are_null_where_they_stand() {
        let text = r#"{"NaN": "\"NaN", "x": [NaN,-Infinity, Infinity], "ü\\": NaN}"#;
        assert_eq!(value(text).unwrap(), r#"{"NaN": "\"NaN", "x": [null,null, null], "ü\\": null}"#);
        assert_eq!(value("NaN").as_deref(), Some("null"));
    }

    #[test]
    fn what_was_encoded_twice_is_what_it_encodes() {
        let mut text = r#"{"ui": {"a": 1.50}}"#.to_owned();
        for layer in 0..MOST_LAYERS {
            text = serde_json::Value::from(text).to_string();
            assert_eq!(value(&text).as_deref(), Some(r#"{"ui": {"a": 1.50}}"#), "{layer}");
        }
        assert_eq!(value(r#""{\"a\": NaN}""#).as_deref(), Some(r#"{"a": null}"#));
        assert_eq!(value(r#""[1]""#).as_deref(), Some("[1]"));
        assert_eq!(value(r#""null""#).as_deref(), Some("null"));
    }

    #[test]
    fn a_text_is_a_text() {
        for text in [r#""{""#, r#""{not JSON}""#, r#""\"quoted\"""#, r#""true""#, r#""""#] {
            assert_eq!(value(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_cannot_be_read_is_nothing() {
        for text in
            ["{", "{\"a\": NaNa}", "{\"a\":1} x", "'x'", "{a: 1}", "\"\\", "{\"a\": Infinity", "[1, NaN"]
        {
            assert_eq!(value(text), None, "{text}");
        }
        assert_eq!(value("").as_deref(), Some("null"));
        assert_eq!(value(" \n").as_deref(), Some("null"));
    }

    #[test]
    fn deep_nesting_is_no_danger() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(value(&deep), Some(deep));
    }
}
