//! The status a person sets for others to see: an emoji, a line of text, and when it ends.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::clock::UnixSeconds;
use crate::dialect::Dialect;
use crate::error::{DomainError, Prohibited};
use crate::json::JsonText;
use crate::text::{MAX_STATUS_EMOJI, MAX_STATUS_MESSAGE, all_of, ensure_short, ensure_storable};

/// A status, with the three keys that `GET /user/status` shows (rule V1); without any there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserStatus {
    /// The emoji, as text.
    pub status_emoji: Option<String>,
    /// The line of text.
    pub status_message: Option<String>,
    /// The second at which the status ends; without it, it does not end.
    pub status_expires_at: Option<UnixSeconds>,
}

impl UserStatus {
    /// The status as it reads at `now`: itself, or nothing at all once `status_expires_at` has come (rule S5).
    #[must_use]
    pub fn at(self, now: UnixSeconds) -> Self {
        if self.status_expires_at.is_some_and(|end| end <= now) { Self::default() } else { self }
    }
}

/// Where the switch of statuses is configured; `None` in the older dialect, which has none (rule N7).
#[must_use]
pub const fn switch_path(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::V0_6 => None,
        Dialect::V0_12 => Some("users.enable_status"),
    }
}

/// Refuses where an administrator has switched statuses off (rule N7). `stored` is the value at [`switch_path`], the JSON
/// `null` included; where there is none, `default` counts.
///
/// # Errors
/// [`Prohibited::StatusSwitchedOff`].
pub fn ensure_switched_on(stored: Option<&JsonText>, default: bool) -> Result<(), DomainError> {
    let on = stored.map_or(default, |stored| match stored.to_value() {
        Value::Null => false,
        Value::Bool(on) => on,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    });
    if on { Ok(()) } else { Err(Prohibited::StatusSwitchedOff.into()) }
}

/// A change of status. For each field (rule S5): outer `None`, the field was absent and stays; `Some(None)`, it was
/// `null` and is cleared; `Some(Some(_))`, it is set. Unknown keys are ignored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusUpdate {
    /// The emoji, at most 64 characters.
    #[serde(deserialize_with = "present_text", skip_serializing_if = "Option::is_none")]
    pub status_emoji: Option<Option<String>>,
    /// The line of text, at most 500 characters.
    #[serde(deserialize_with = "present_text", skip_serializing_if = "Option::is_none")]
    pub status_message: Option<Option<String>>,
    /// When the status ends.
    #[serde(deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub status_expires_at: Option<Option<UnixSeconds>>,
}

impl StatusUpdate {
    /// What of it is not stored already.
    #[must_use]
    pub fn beside(self, stored: &UserStatus) -> Self {
        Self {
            status_emoji: self.status_emoji.filter(|emoji| *emoji != stored.status_emoji),
            status_message: self.status_message.filter(|message| *message != stored.status_message),
            status_expires_at: self.status_expires_at.filter(|end| *end != stored.status_expires_at),
        }
    }

    /// Checks the length of what was sent against the limits of [`crate::text`]. What is stored already may be sent
    /// again.
    ///
    /// # Errors
    /// [`DomainError::Fields`] with each field that is too long.
    pub fn ensure_fits(&self, stored: &UserStatus) -> Result<(), DomainError> {
        let judge = |field, sent: &Option<Option<String>>, stored: &Option<String>, max| match sent {
            Some(Some(text)) => ensure_short(field, text, stored.as_deref(), max),
            _ => Ok(()),
        };
        all_of([
            judge("status_emoji", &self.status_emoji, &stored.status_emoji, MAX_STATUS_EMOJI),
            judge("status_message", &self.status_message, &stored.status_message, MAX_STATUS_MESSAGE),
        ])
    }
}

/// Serde calls this only when the key is there, so `null` becomes `Some(None)`.
#[expect(clippy::option_option, reason = "absent, null and set are three things")]
fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// As [`present`], for text that has to be stored.
#[expect(clippy::option_option, reason = "absent, null and set are three things")]
fn present_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    if let Some(text) = &text {
        ensure_storable("status", text).map_err(de::Error::custom)?;
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(json: &str) -> StatusUpdate {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn s5_absent_null_and_value_are_three_things() {
        assert_eq!(update("{}"), StatusUpdate::default());
        assert_eq!(update(r#"{"status_emoji":null}"#).status_emoji, Some(None));
        let set = update(r#"{"status_message":"","status_expires_at":7,"other":1}"#);
        assert_eq!(set.status_message, Some(Some(String::new())));
        assert_eq!(set.status_expires_at, Some(Some(7)));
        assert_eq!(set.status_emoji, None);
    }

    #[test]
    fn n7_false_null_zero_and_empty_switch_statuses_off() {
        let on =
            |stored: &str| ensure_switched_on(Some(&JsonText::from_stored(stored.to_owned())), true).is_ok();
        for off in ["false", "null", "0", "0.0", "\"\""] {
            assert!(!on(off), "{off}");
        }
        for stored in ["true", "1", "\"false\"", "{}"] {
            assert!(on(stored), "{stored}");
        }
        assert!(ensure_switched_on(None, true).is_ok());
        assert_eq!(ensure_switched_on(None, false), Err(Prohibited::StatusSwitchedOff.into()));
    }

    #[test]
    fn s5_an_expired_status_reads_as_null() {
        let status = UserStatus {
            status_emoji: Some("🚀".into()),
            status_message: Some("Shipping".into()),
            status_expires_at: Some(100),
        };
        assert_eq!(status.clone().at(99), status);
        assert_eq!(status.clone().at(100), UserStatus::default());
        assert_eq!(status.at(101), UserStatus::default());
    }

    #[test]
    fn s5_a_status_without_an_end_stays() {
        let status = UserStatus { status_emoji: Some("🌴".into()), ..UserStatus::default() };
        assert_eq!(status.clone().at(i64::MAX), status);
    }

    #[test]
    fn a_long_status_is_refused_unless_it_is_the_stored_one() {
        let long = "x".repeat(MAX_STATUS_MESSAGE + 1);
        let sent = StatusUpdate {
            status_emoji: Some(Some("🚀".repeat(MAX_STATUS_EMOJI + 1))),
            status_message: Some(Some(long.clone())),
            ..StatusUpdate::default()
        };
        let stored = UserStatus { status_message: Some(long), ..UserStatus::default() };
        let paths = |stored: &UserStatus| match sent.ensure_fits(stored) {
            Err(DomainError::Fields(faults)) => faults.into_iter().map(|(path, _)| path[0].clone()).collect(),
            _ => Vec::new(),
        };
        assert_eq!(paths(&UserStatus::default()), ["status_emoji", "status_message"]);
        assert_eq!(paths(&stored), ["status_emoji"]);
        let fits = StatusUpdate {
            status_emoji: Some(Some("🚀".repeat(MAX_STATUS_EMOJI))),
            status_message: Some(None),
            status_expires_at: None,
        };
        assert_eq!(fits.ensure_fits(&UserStatus::default()), Ok(()));
    }

    #[test]
    fn v1_the_three_keys_are_always_there() {
        let json = serde_json::to_string(&UserStatus::default()).unwrap();
        assert_eq!(json, r#"{"status_emoji":null,"status_message":null,"status_expires_at":null}"#);
    }

    #[test]
    fn wrong_types_and_nul_are_refused() {
        for json in
            [r#"{"status_emoji":1}"#, r#"{"status_expires_at":"soon"}"#, r#"{"status_message":"a\u0000"}"#]
        {
            assert!(serde_json::from_str::<StatusUpdate>(json).is_err(), "{json}");
        }
    }
}
