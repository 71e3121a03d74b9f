//! Replaces what may differ between two correct servers: the wording of errors, current times, secrets, new ids.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::fixtures::Actors;

/// Seconds around now in which a number counts as a time of now.
const NOW_WINDOW: f64 = 600.0;

/// How far ahead an `expires_at` may lie to count as given just now. Seconds.
const EXPIRY_WINDOW: i64 = 400 * 86_400;

/// Normalises answers.
pub(super) struct Normalizer {
    /// Recorded ids: these must come back exactly.
    known: BTreeSet<String>,
}

impl Normalizer {
    pub(super) fn new(actors: &Actors) -> Self {
        Self { known: actors.users.values().chain(actors.groups.values()).cloned().collect() }
    }

    /// The comparable form of a whole answer. `now`: when the request was sent, epoch seconds.
    pub(super) fn answer(&self, answer: &Value, now: i64) -> Value {
        match answer.get("detail") {
            Some(Value::String(_)) => json!({ "detail": "<text>" }),
            Some(Value::Array(errors)) => json!({ "detail": locations(errors) }),
            Some(other) => json!({ "detail": other }),
            None => self.value(answer, now, ""),
        }
    }

    /// The comparable form of a token's claims: its id is any text, its end so many minutes from now. Null without claims.
    pub(super) fn claims(&self, claims: Option<&Value>, now: i64) -> Value {
        let Some(Value::Object(claims)) = claims else { return Value::Null };
        let normal = |key: &str, value: &Value| match (key, value.as_i64()) {
            ("exp", Some(exp)) => json!(format!("<{} min>", (exp - now + 30).div_euclid(60))),
            ("jti", _) if value.is_string() => json!("<text>"),
            _ => self.value(value, now, key),
        };
        claims.iter().map(|(key, value)| (key.clone(), normal(key, value))).collect()
    }

    fn value(&self, value: &Value, now: i64, key: &str) -> Value {
        match value {
            Value::Object(object) => {
                object.iter().map(|(key, inner)| (key.clone(), self.value(inner, now, key))).collect()
            }
            Value::Array(items) => {
                let key = if key.is_empty() { "[]" } else { key };
                items.iter().map(|item| self.value(item, now, key)).collect()
            }
            Value::Number(number) => placeholder(number, now, key).map_or_else(|| value.clone(), Value::from),
            Value::String(_) if matches!(key, "token" | "api_key") => Value::from("<secret>"),
            Value::String(text) if self.is_new_id(text) => Value::from("<uuid>"),
            _ => value.clone(),
        }
    }

    /// A lower-case UUID that is neither in the recorded roster nor one of the made-up ids of the recordings.
    fn is_new_id(&self, text: &str) -> bool {
        let is_uuid = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            });
        is_uuid && !self.known.contains(text) && !text.contains("0000-4000-8000")
    }
}

fn placeholder(number: &serde_json::Number, now: i64, key: &str) -> Option<&'static str> {
    let whole = number.as_i64();
    #[expect(clippy::cast_precision_loss, reason = "epoch seconds are far below 2^52")]
    let near_now = number.as_f64().is_some_and(|n| (n - now as f64).abs() < NOW_WINDOW);
    if matches!(key, "last_active_at" | "updated_at") && (whole.is_some() || number.is_u64()) {
        Some("<time>")
    } else if near_now {
        Some("<now>")
    } else if key == "expires_at" && whole.is_some_and(|at| now < at && at < now + EXPIRY_WINDOW) {
        Some("<future>")
    } else {
        None
    }
}

/// The `loc` of each error of a 422, joined by slashes and sorted: of a validation error only the place counts.
fn locations(errors: &[Value]) -> Vec<String> {
    let mut places: Vec<String> = errors
        .iter()
        .filter_map(Value::as_object)
        .map(|error| {
            let path = error.get("loc").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let steps: Vec<String> = path
                .iter()
                .map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned))
                .collect();
            steps.join("/")
        })
        .collect();
    places.sort();
    places
}
