//! A document as TOML that people like to read: a line for each right, for each setting and for each member.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::HEADING;

/// `document` is what serde makes of a roster.
pub(super) fn text(document: &Value) -> String {
    let mut text = format!("{HEADING}\n");
    for (name, value) in document.as_object().into_iter().flatten() {
        match value {
            Value::Array(groups) => groups.iter().filter_map(Value::as_object).for_each(|group| {
                text.push_str("\n[[groups]]\n");
                add_entries(&mut text, group);
            }),
            Value::Object(entries) => {
                let _ = writeln!(text, "\n[{}]", key(name));
                add_entries(&mut text, entries);
            }
            _ => {}
        }
        if value.as_array().is_some_and(Vec::is_empty) {
            // A key of its own would belong to the table above.
            text.insert_str(HEADING.len() + 1, &format!("\n{} = []\n", key(name)));
        }
    }
    text
}

/// Rights are written with dotted keys; everything else is one entry.
fn add_entries(text: &mut String, entries: &Map<String, Value>) {
    for (name, value) in entries {
        match value {
            Value::Object(inner) if is_rights(value) && !inner.is_empty() => {
                add_rights(text, &key(name), inner);
            }
            value => {
                let _ = writeln!(text, "{} = {}", key(name), entry(value));
            }
        }
    }
}

/// Whether this is nothing but tables of switches.
fn is_rights(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::Object(inner) => inner.values().all(is_rights),
        _ => false,
    }
}

fn add_rights(text: &mut String, path: &str, rights: &Map<String, Value>) {
    for (name, value) in rights {
        let path = format!("{path}.{}", key(name));
        match value {
            Value::Object(inner) if !inner.is_empty() => add_rights(text, &path, inner),
            value => {
                let _ = writeln!(text, "{path} = {}", inline(value));
            }
        }
    }
}

/// The value of an entry. TOML has neither null nor numbers beyond 63 bits: null is the empty text, and what has one inside is
/// JSON text, as docs/DECLARE.md says.
fn entry(value: &Value) -> String {
    match value {
        Value::Null => "\"\"".to_owned(),
        value if !has_all(value) => quoted(&value.to_string()),
        Value::Array(values) if !values.is_empty() => {
            let lines: Vec<_> = values.iter().map(|value| format!("    {},\n", inline(value))).collect();
            format!("[\n{}]", lines.concat())
        }
        value => inline(value),
    }
}

/// Whether TOML has everything that is in a value.
fn has_all(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Number(number) => number.is_i64() || number.is_f64(),
        Value::Array(values) => values.iter().all(has_all),
        Value::Object(entries) => entries.values().all(has_all),
        Value::Bool(_) | Value::String(_) => true,
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(inline).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Object(entries) => {
            let entries: Vec<_> =
                entries.iter().map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        value => value.to_string(),
    }
}

fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string: JSON's, but for one character that TOML wants escaped, too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}
