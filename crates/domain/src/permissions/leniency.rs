//! What counts as a boolean, in a template that an admin sends and in stored permissions.

use serde_json::Value;

/// Reads a boolean as `Open WebUI`'s form validation does: `true` and `false`; 0 and 1; and, in any case, the words
/// `true`, `t`, `yes`, `y`, `on`, `1` and their opposites. Anything else is `None`.
#[must_use]
pub fn lenient_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Some(true),
            "false" | "f" | "no" | "n" | "off" | "0" => Some(false),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_and_numbers_pass_in_any_case() {
        for yes in [
            json!(true),
            json!("True"),
            json!("T"),
            json!("YES"),
            json!("y"),
            json!("on"),
            json!("1"),
            json!(1),
            json!(1.0),
        ] {
            assert_eq!(lenient_bool(&yes), Some(true), "{yes}");
        }
        for no in [
            json!(false),
            json!("FALSE"),
            json!("f"),
            json!("No"),
            json!("n"),
            json!("off"),
            json!("0"),
            json!(0),
            json!(-0.0),
        ] {
            assert_eq!(lenient_bool(&no), Some(false), "{no}");
        }
    }

    #[test]
    fn the_rest_does_not() {
        for other in [
            json!("perhaps"),
            json!(""),
            json!(" true"),
            json!(2),
            json!(0.5),
            json!(null),
            json!([]),
            json!({}),
        ] {
            assert_eq!(lenient_bool(&other), None, "{other}");
        }
    }
}
