//! The names of tools in what a model put out and in what is noted about it.

use serde_json::Value;

/// Longer names are none.
const MOST_CHARS: usize = 128;

/// Where tools may stand inside an object.
const INSIDE: [&str; 4] = ["tool_calls", "tools", "output", "meta"];

/// Hands over every name. Stored JSON is nested at most 127 deep, so the walk ends.
pub(super) fn names(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::Object(entries) => {
            if entries.get("type").is_some_and(is_tool) {
                let name = entries.get("name").filter(|name| !is_nothing(name));
                take(name.or_else(|| entries.get("tool_name")), found);
                take(entries.get("function").and_then(|function| function.get("name")), found);
            }
            for key in INSIDE {
                if let Some(inner) = entries.get(key) {
                    names(inner, found);
                }
            }
        }
        _ => {}
    }
}

fn take(name: Option<&Value>, found: &mut impl FnMut(&str)) {
    let name = name.and_then(Value::as_str).map(str::trim).unwrap_or_default();
    if !name.is_empty() && name.chars().count() <= MOST_CHARS {
        found(name);
    }
}

fn is_tool(kind: &Value) -> bool {
    match kind {
        Value::String(kind) => {
            kind.contains("tool") || kind == "function_call" || kind == "function_call_output"
        }
        other => other.to_string().contains("tool"),
    }
}

/// What counts as no name, so that another one is looked for.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        Value::Bool(true) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(value: &Value) -> Vec<String> {
        let mut found = Vec::new();
        names(value, &mut |name| found.push(name.to_owned()));
        found
    }

    #[test]
    fn tools_are_found_by_their_type_wherever_they_may_stand() {
        let output = json!([
            {"type": "function_call", "name": "weather", "function": {"name": "weather_fn"}},
            {"type": "message", "name": "no", "output": [{"type": "tool", "name": "inner"}]},
            {"type": "function_call_output", "tool_name": "weather"},
            {"type": "function", "name": "no"},
            [[{"type": "my-tool", "name": "", "tool_name": " clock "}]],
        ]);
        assert_eq!(all(&output), ["weather", "weather_fn", "inner", "weather", "clock"]);
        let meta = json!({"tool_calls": {"type": "tool_call", "name": "a"}, "meta": {"tools": [{"type": ["tool"], "name": "b"}]}, "other": [{"type": "tool", "name": "no"}]});
        assert_eq!(all(&meta), ["a", "b"]);
    }

    #[test]
    fn what_is_no_name_is_left_out() {
        let long = "x".repeat(MOST_CHARS + 1);
        let odd = json!([
            {"type": "tool"}, {"type": "tool", "name": 5, "tool_name": "no"}, {"type": "tool", "name": "  "},
            {"type": "tool", "name": long}, {"name": "no"}, {"type": null, "name": "no"}, "tool", 7, null,
            {"type": "tool", "name": "x".repeat(MOST_CHARS), "function": "f"},
        ]);
        assert_eq!(all(&odd), ["x".repeat(MOST_CHARS)]);
    }
}
