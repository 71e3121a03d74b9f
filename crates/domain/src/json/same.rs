//! Whether two JSON values are the same for a program that shows one and sends it back.

use serde_json::Value;

use super::JsonText;

/// The same of two texts. What cannot be taken apart (nested too deep, for example) is the same only letter by letter.
#[must_use]
pub fn is_same_text(one: &JsonText, other: &JsonText) -> bool {
    if one.as_str() == other.as_str() {
        return true;
    }
    let (one_value, other_value) = (one.to_value(), other.to_value());
    if one_value.is_null() || other_value.is_null() {
        return one.is_null() && other.is_null();
    }
    is_same(&one_value, &other_value)
}

/// Whether two values are the same whatever the order of keys and the spelling of numbers: JavaScript knows `10.0` and
/// `1e1` as `10`, and sends that back.
#[must_use]
pub fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| is_same(one, other)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_and_spelling_do_not_matter() {
        let one = json!({ "a": [10, { "x": null, "y": 12_345_678_901_234_567_890_u64 }], "b": "x" });
        let other = json!({ "b": "x", "a": [10.0, { "y": 1.234_567_890_123_456_8e19, "x": null }] });
        assert!(is_same(&one, &other) && is_same(&other, &one));
    }

    #[test]
    fn texts_are_the_same_as_they_are_read() {
        let text = |text: &str| JsonText::from_stored(text.to_owned());
        let deep = "[".repeat(200) + &"]".repeat(200);
        for (one, other) in [
            (r#"{"a": NaN, "b": 10.0}"#, r#"{"b": 10, "a": null}"#),
            (r#""{\"a\": 1}""#, r#"{"a":1}"#),
            ("{", "null"),
            (deep.as_str(), deep.as_str()),
        ] {
            assert!(
                is_same_text(&text(one), &text(other)) && is_same_text(&text(other), &text(one)),
                "{one}"
            );
        }
        for (one, other) in
            [(deep.as_str(), "null"), (deep.as_str(), "{"), (deep.as_str(), "[]"), ("0", "null")]
        {
            assert!(
                !is_same_text(&text(one), &text(other)) && !is_same_text(&text(other), &text(one)),
                "{one}"
            );
        }
    }

    #[test]
    fn everything_else_does() {
        for (one, other) in [
            (json!({}), json!({ "a": null })),
            (json!([1, 2]), json!([2, 1])),
            (json!(1), json!(true)),
            (json!("1"), json!(1)),
            (json!(null), json!(false)),
            (json!({ "a": 1 }), json!({ "b": 1 })),
            (json!(1), json!(1.5)),
        ] {
            assert!(!is_same(&one, &other) && !is_same(&other, &one), "{one} {other}");
        }
    }
}
