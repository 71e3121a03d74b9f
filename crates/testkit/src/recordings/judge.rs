//! Compares an answer with what the recording wants.

use serde_json::Value;

use super::exchange::{Answer, Exchange};

/// Everything that differs, each in a line; empty when the answer is right.
pub(super) fn problems(exchange: &Exchange, answer: &Answer) -> Vec<String> {
    let wanted = exchange.wanted();
    let mut found = Vec::new();
    compare("status", wanted.status.as_ref(), Some(&answer.status), &mut found);
    compare("type", wanted.content_type.as_ref(), answer.content_type.as_ref(), &mut found);
    compare("sha256", wanted.sha256.as_ref(), answer.sha256.as_ref(), &mut found);
    compare("location", wanted.location.as_ref(), answer.location.as_ref(), &mut found);
    let disposition = (wanted.content_disposition.as_ref(), answer.content_disposition.as_ref());
    compare("content-disposition", disposition.0, disposition.1, &mut found);
    match (&wanted.json, &answer.json) {
        (Some(wanted), Some(got)) => {
            diff(wanted, got, "json", exchange.allows_more_keys(), &mut found);
        }
        (Some(wanted), None) => found.push(format!("json: wanted {}, the answer is not JSON", brief(wanted))),
        (None, _) => {}
    }
    for (what, wanted, got) in
        [("claims", &wanted.claims, &answer.claims), ("cookies", &wanted.cookies, &answer.cookies)]
    {
        if let Some(wanted) = wanted {
            diff(wanted, got.as_ref().unwrap_or(&Value::Null), what, true, &mut found);
        }
    }
    let json = answer.json.as_ref().map(Value::to_string).unwrap_or_default();
    for key in exchange.absent.iter().filter(|key| json.contains(&format!("\"{key}\""))) {
        found.push(format!("key {key} must not be in the answer"));
    }
    found
}

fn compare<T: PartialEq + std::fmt::Debug>(
    what: &str,
    wanted: Option<&T>,
    got: Option<&T>,
    found: &mut Vec<String>,
) {
    if wanted.is_some() && wanted != got {
        found.push(format!("{what}: wanted {wanted:?}, got {got:?}"));
    }
}

/// Numbers are compared by value (`1` equals `1.0`), objects without regard to the order of their keys.
pub(super) fn diff(wanted: &Value, got: &Value, path: &str, subset: bool, found: &mut Vec<String>) {
    match (wanted, got) {
        (Value::Object(wanted), Value::Object(got)) => {
            for (key, value) in wanted {
                match got.get(key) {
                    None => found.push(format!("{path}.{key}: missing")),
                    Some(other) => diff(value, other, &format!("{path}.{key}"), subset, found),
                }
            }
            if !subset {
                for (key, value) in got.iter().filter(|(key, _)| !wanted.contains_key(*key)) {
                    found.push(format!("{path}.{key}: unexpected {}", brief(value)));
                }
            }
        }
        (Value::Array(wanted), Value::Array(got)) => {
            if wanted.len() != got.len() {
                found.push(format!("{path}: {} items wanted, {} got", wanted.len(), got.len()));
            }
            for (at, (one, other)) in wanted.iter().zip(got).enumerate() {
                diff(one, other, &format!("{path}[{at}]"), subset, found);
            }
        }
        (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
        _ if wanted == got => {}
        _ => found.push(format!("{path}: wanted {}, got {}", brief(wanted), brief(got))),
    }
}

/// The first ninety characters.
fn brief(value: &Value) -> String {
    value.to_string().chars().take(90).collect()
}
