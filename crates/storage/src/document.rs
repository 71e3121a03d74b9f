//! Reads and replaces one value inside a JSON document by dotted path, leaving every other character as it is.
//!
//! It only finds where values begin and end; numbers and literals are not looked at. So a document in which Python
//! wrote `NaN` or `Infinity` can be read and changed too, and what rosterd does not know keeps its spelling.

use std::borrow::Cow;
use std::ops::Range;

/// One `"key": value` of an object, as places in the document.
struct Member {
    key: Range<usize>,
    value: Range<usize>,
}

/// An object: its members in order and the place of its closing brace.
struct Object {
    members: Vec<Member>,
    end: usize,
}

/// What a document has at a path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// Nothing, or nothing on the way to it.
    Nothing,
    /// The text of this value.
    Value(&'a str),
    /// The document, or what stands on the way, is not an object, or does not end: nobody can say what it holds.
    Unreadable,
}

/// The text of the value at `path`. The last of a repeated key counts, as in Python.
pub(crate) fn find<'a>(document: &'a str, path: &str) -> Found<'a> {
    let mut place = whole(document);
    if document.get(place.clone()).is_some_and(is_nothing) {
        return Found::Nothing;
    }
    for key in path.split('.') {
        let Some(outer) = object(document, place.start) else { return Found::Unreadable };
        let Some(inner) = member(document, &outer, key) else { return Found::Nothing };
        let value = document.get(inner.clone()).unwrap_or_default();
        if is_nothing(value) {
            return Found::Nothing;
        }
        place = inner;
    }
    document.get(place).map_or(Found::Unreadable, Found::Value)
}

fn is_nothing(value: &str) -> bool {
    value.is_empty() || value == "null"
}

/// The document as it is meant: one that was encoded as JSON twice is what it encodes.
pub(crate) fn decoded(document: &str) -> Cow<'_, str> {
    let text = document.trim_start_matches('\u{feff}').trim();
    if !text.starts_with('"') {
        return Cow::Borrowed(text);
    }
    match serde_json::from_str::<String>(text) {
        Ok(inner) if inner.trim_start().starts_with(['{', '"']) => Cow::Owned(decoded(&inner).into_owned()),
        _ => Cow::Borrowed(text),
    }
}

/// The document with `value` (JSON) at `path`; objects on the way are made where they are missing or something else.
/// `None` when the document is not an object, or when a text on the way may be an object that was encoded twice: those
/// must not be overwritten.
pub(crate) fn set(document: &str, path: &str, value: &str) -> Option<String> {
    let mut outer = object(document, whole(document).start)?;
    let mut keys: Vec<&str> = path.split('.').rev().collect();
    while let Some(key) = keys.pop() {
        let Some(place) = member(document, &outer, key) else {
            let comma = if outer.members.is_empty() { "" } else { ", " };
            let addition = format!("{comma}{}: {}", quoted(key), nested(&keys, value));
            let after_last = outer.members.last().map_or(outer.end, |last| last.value.end);
            return splice(document, &(after_last..after_last), &addition);
        };
        match object(document, place.start) {
            Some(inner) if !keys.is_empty() => outer = inner,
            None if !keys.is_empty() && document.get(place.clone()).is_some_and(is_encoded) => return None,
            _ => return splice(document, &place, &nested(&keys, value)),
        }
    }
    None
}

fn is_encoded(value: &str) -> bool {
    value.starts_with('"') && !matches!(decoded(value), Cow::Borrowed(_))
}

/// `value` wrapped in an object for each key left (the outermost last).
fn nested(keys: &[&str], value: &str) -> String {
    keys.iter().fold(value.to_owned(), |inner, key| format!("{{{}: {inner}}}", quoted(key)))
}

fn quoted(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

fn splice(document: &str, place: &Range<usize>, text: &str) -> Option<String> {
    Some([document.get(..place.start)?, text, document.get(place.end..)?].concat())
}

/// The document without white space around it.
fn whole(document: &str) -> Range<usize> {
    let start = document.len() - document.trim_start().len();
    start..document.trim_end().len().max(start)
}

/// The place of the value of `key`.
fn member(document: &str, object: &Object, key: &str) -> Option<Range<usize>> {
    let named = object.members.iter().rev().find(|member| {
        let text = document.get(member.key.clone()).unwrap_or_default();
        // The key as written, quotes included; only one with an escape has to be decoded.
        text.get(1..text.len().saturating_sub(1)) == Some(key)
            || (text.contains('\\')
                && serde_json::from_str::<String>(text).is_ok_and(|decoded| decoded == key))
    });
    named.map(|member| member.value.clone())
}

/// The object that begins at `start`; `None` if that is not an object or it does not end.
fn object(document: &str, start: usize) -> Option<Object> {
    let bytes = document.as_bytes();
    let mut members = Vec::new();
    if bytes.get(start) != Some(&b'{') {
        return None;
    }
    let mut at = skip_space(bytes, start + 1);
    loop {
        match bytes.get(at)? {
            b'}' => return Some(Object { members, end: at }),
            b',' => at = skip_space(bytes, at + 1),
            b'"' => {
                let key = at..string_end(bytes, at)?;
                let colon = skip_space(bytes, key.end);
                if bytes.get(colon) != Some(&b':') {
                    return None;
                }
                let value_start = skip_space(bytes, colon + 1);
                let value = value_start..value_end(bytes, value_start)?;
                at = skip_space(bytes, value.end);
                members.push(Member { key, value });
            }
            _ => return None,
        }
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// Past the closing quote of the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Past the value that begins at `start`. Counts brackets instead of calling itself: a document may nest deeper
/// than the stack is high.
fn value_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            // A number or a literal inside the object we read: what ends it belongs to that object.
            b'}' | b']' | b',' if depth == 0 => return (at > start).then_some(at),
            byte if depth == 0 && byte.is_ascii_whitespace() => return (at > start).then_some(at),
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#" {"version": 0, "ui": {"enable_signup":false, "limit": NaN}, "a\"b": [1, {"}": "]"}], "x": 1.50} "#;

    #[test]
    fn finds_the_text_of_a_value() {
        assert_eq!(find(DOCUMENT, "version"), Found::Value("0"));
        assert_eq!(find(DOCUMENT, "ui.enable_signup"), Found::Value("false"));
        assert_eq!(find(DOCUMENT, "ui.limit"), Found::Value("NaN"));
        assert_eq!(find(DOCUMENT, "a\"b"), Found::Value(r#"[1, {"}": "]"}]"#));
        assert_eq!(find(DOCUMENT, "x"), Found::Value("1.50"));
        assert_eq!(find(r#"{"a": 1, "a": 2}"#, "a"), Found::Value("2"));
        for absent in ["ui.none", "none", "none.at.all", ""] {
            assert_eq!(find(DOCUMENT, absent), Found::Nothing, "{absent}");
        }
        for nothing in ["null", "", " \n", r#"{"a": null}"#, "{}"] {
            assert_eq!(find(nothing, "a.b"), Found::Nothing, "{nothing}");
        }
    }

    #[test]
    fn replaces_a_value_and_nothing_else() {
        let changed = set(DOCUMENT, "ui.enable_signup", "true").unwrap();
        assert_eq!(changed, DOCUMENT.replace("\"enable_signup\":false", "\"enable_signup\":true"));
        let changed = set(DOCUMENT, "x", r#"{"y": 1}"#).unwrap();
        assert_eq!(changed, DOCUMENT.replace("1.50", r#"{"y": 1}"#));
    }

    #[test]
    fn adds_what_is_missing_at_the_end_of_its_object() {
        assert_eq!(set("{}", "a", "1").unwrap(), r#"{"a": 1}"#);
        assert_eq!(
            set(r#"{"v": 0}"#, "user.permissions", "{}").unwrap(),
            r#"{"v": 0, "user": {"permissions": {}}}"#
        );
        assert_eq!(set(r#"{"u": {"b": 2 } }"#, "u.c.d", "3").unwrap(), r#"{"u": {"b": 2, "c": {"d": 3} } }"#);
        assert_eq!(set(r#"{"u": null}"#, "u.c", "3").unwrap(), r#"{"u": {"c": 3}}"#);
        assert_eq!(set(r#"{"u": 7}"#, "u.c", "3").unwrap(), r#"{"u": {"c": 3}}"#);
        assert_eq!(set(r#"{"u": "{\"d\": 1}"}"#, "u.c", "3"), None, "an object that was encoded twice");
    }

    #[test]
    fn what_is_not_an_object_is_left_alone() {
        for broken in [
            "[]",
            "\"{}\"",
            "{",
            r#"{"a""#,
            r#"{"a": "#,
            r#"{"a": "b}"#,
            "{a: 1}",
            r#"{"a": 1, "b": {"c": 2"#,
        ] {
            assert_eq!(set(broken, "a", "1"), None, "{broken}");
            assert_eq!(find(broken, "a"), Found::Unreadable, "{broken}");
        }
        for nothing in ["", "null"] {
            assert_eq!(set(nothing, "a", "1"), None, "{nothing}");
        }
        assert_eq!(find(DOCUMENT, "version.x"), Found::Unreadable);
    }

    #[test]
    fn a_document_that_was_encoded_twice_is_what_it_encodes() {
        let twice = serde_json::Value::from(DOCUMENT).to_string();
        assert_eq!(decoded(&twice), DOCUMENT.trim());
        assert_eq!(decoded(&serde_json::Value::from(twice).to_string()), DOCUMENT.trim());
        for other in [DOCUMENT.trim(), "\"text\"", "7", "\"{", ""] {
            assert_eq!(decoded(other), other);
        }
        assert_eq!(decoded("\u{feff}{}"), "{}");
    }

    #[test]
    fn depth_does_not_matter() {
        let deep = format!(r#"{{"a": {}1{}, "b": 2}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(find(&deep, "b"), Found::Value("2"));
    }
}
