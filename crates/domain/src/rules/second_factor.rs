//! What is kept of a second factor, which only Open WebUI checks (rules M13 and M15).
//!
//! It is one document, of which Open WebUI alone knows all. It refuses accounts with fields that it does not know, so none
//! may be added.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::json::JsonText;

/// What a sign-in in progress has noted, and what ends with the sessions.
const IN_PROGRESS: [&str; 3] = ["login_challenge", "manage_challenge", "reset_ticket"];

/// What is kept once all sessions of the account have ended: nothing that is in progress, and a new revision. `None` where
/// nothing is kept, which stays so.
#[must_use]
pub fn after_sessions_ended(kept: Option<&JsonText>, revision: &str) -> Option<JsonText> {
    let mut kept = kept.and_then(JsonText::object)?;
    for field in IN_PROGRESS {
        kept.insert(field.to_owned(), RawValue::NULL.to_owned());
    }
    let revision = serde_json::value::to_raw_value(revision).ok()?;
    kept.insert("revision".to_owned(), revision);
    Some(JsonText::from_object(&kept))
}

/// Whether the account has a second factor that counts: one with a secret, which need not be set up anew. What cannot be
/// read is none.
#[must_use]
pub fn is_enrolled(kept: Option<&JsonText>) -> bool {
    let Some(Value::Object(kept)) = kept.map(JsonText::to_value) else { return false };
    has_secret(&kept) && kept.get("reset_required") != Some(&Value::Bool(true))
}

/// What an account's owner is told of the second factor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FactorStatus {
    /// There is a secret, whether or not it has to be set up anew.
    pub enabled: bool,
    /// Recovery codes that were not used yet.
    pub recovery_codes_remaining: usize,
}

impl FactorStatus {
    /// Of what is kept (`auth.mfa`). What cannot be read is none.
    #[must_use]
    pub fn of(kept: Option<&JsonText>) -> Self {
        let Some(Value::Object(kept)) = kept.map(JsonText::to_value) else { return Self::default() };
        Self {
            enabled: has_secret(&kept),
            recovery_codes_remaining: kept
                .get("recovery_hashes")
                .and_then(Value::as_array)
                .map_or(0, Vec::len),
        }
    }
}

fn has_secret(kept: &Map<String, Value>) -> bool {
    kept.get("secret").and_then(Value::as_str).is_some_and(|secret| !secret.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    #[test]
    fn m15_what_is_in_progress_ends_and_the_rest_stays() {
        let kept = json(r#"{"secret":"s","login_challenge":{"a":1},"revision":"old","other":1.50}"#);
        assert_eq!(
            after_sessions_ended(Some(&kept), "new").unwrap().as_str(),
            r#"{"secret":"s","login_challenge":null,"revision":"new","other":1.50,"manage_challenge":null,"reset_ticket":null}"#
        );
        for nothing in [None, Some(json("null")), Some(json("[1]")), Some(json("{"))] {
            assert_eq!(after_sessions_ended(nothing.as_ref(), "new"), None);
        }
    }

    #[test]
    fn m13_a_factor_counts_with_a_secret_that_need_not_be_reset() {
        assert!(is_enrolled(Some(&json(r#"{"secret":"s"}"#))));
        assert!(is_enrolled(Some(&json(r#"{"secret":"s","reset_required":false}"#))));
        for none in [
            r#"{"secret":""}"#,
            r#"{"secret":"s","reset_required":true}"#,
            r#"{"secret":7}"#,
            "{}",
            "null",
            "[]",
            "{",
        ] {
            assert!(!is_enrolled(Some(&json(none))), "{none}");
        }
        assert!(!is_enrolled(None));
    }

    #[test]
    fn the_owner_is_told_of_the_secret_and_the_codes_that_are_left() {
        let of = |text| FactorStatus::of(Some(&json(text)));
        let told = |enabled, recovery_codes_remaining| FactorStatus { enabled, recovery_codes_remaining };
        assert_eq!(of(r#"{"secret":"s","recovery_hashes":["a","b"]}"#), told(true, 2));
        assert_eq!(of(r#"{"secret":"s","reset_required":true}"#), told(true, 0));
        assert_eq!(of(r#"{"secret":"","recovery_hashes":7}"#), told(false, 0));
        for none in ["null", "[]", "{"] {
            assert_eq!(of(none), told(false, 0), "{none}");
        }
        assert_eq!(FactorStatus::of(None), told(false, 0));
    }
}
