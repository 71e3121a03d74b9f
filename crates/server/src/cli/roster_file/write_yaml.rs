//! A document as YAML that people like to read, in block style.

use std::fmt::Write as _;

use serde_json::Value;

use super::HEADING;

/// Texts that would be something else without quotation marks, in YAML 1.2 or for readers of 1.1, in any case.
const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// `document` is what serde makes of a roster.
pub(super) fn text(document: &Value) -> String {
    let mut text = format!("{HEADING}\n");
    match document {
        Value::Object(entries) if !entries.is_empty() => add(&mut text, document, 0),
        _ => text.push_str("{}\n"),
    }
    text
}

/// The lines of a table or list that is not empty; each begins with its indentation.
fn add(text: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                let _ = write!(text, "{indent}{}:", scalar(name));
                add_after(text, value, depth + 1);
            }
        }
        Value::Array(values) => {
            for value in values {
                if is_block(value) {
                    // The first line of the block stands behind the dash.
                    let mut block = String::new();
                    add(&mut block, value, depth + 1);
                    let _ = write!(text, "{indent}- {}", block.trim_start_matches(' '));
                } else {
                    let _ = writeln!(text, "{indent}- {}", flow(value));
                }
            }
        }
        _ => {}
    }
}

/// What comes after a key.
fn add_after(text: &mut String, value: &Value, depth: usize) {
    if is_block(value) {
        text.push('\n');
        add(text, value, depth);
    } else {
        let _ = writeln!(text, " {}", flow(value));
    }
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(entries) => !entries.is_empty(),
        Value::Array(values) => !values.is_empty(),
        _ => false,
    }
}

/// A value in one line.
fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Object(_) => "{}".to_owned(),
        Value::Array(_) => "[]".to_owned(),
        value => value.to_string(),
    }
}

/// A text, in quotation marks where it needs them.
fn scalar(text: &str) -> String {
    let inner = |c: char| c.is_alphanumeric() || " _-.@+/".contains(c);
    let is_plain = text.starts_with(char::is_alphabetic)
        && text.chars().all(inner)
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_lowercase().as_str());
    if is_plain { text.to_owned() } else { quoted(text) }
}

/// In double quotation marks: JSON's, with everything escaped that YAML does not take as it is.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for c in Value::from(text).to_string().chars() {
        match c {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted
}
