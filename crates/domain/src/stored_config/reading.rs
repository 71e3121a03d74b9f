//! How a stored text is read as the value of a setting, and which value counts if it cannot be read.

use serde_json::Value;

use super::{Key, Kind};
use crate::json::JsonText;
use crate::permissions::lenient_bool;
use crate::role::Role;
use crate::rules::duration::TokenLife;

/// What a setting's stored text stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// `null` where that is no value of the setting: it was never made.
    Nothing,
    /// This value, which has the type of its key.
    Value(Value),
    /// Something else.
    Unreadable,
}

/// The value that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The value, which has the type of its key.
    pub value: Value,
    /// Whether it holds because what is stored cannot be read.
    pub is_unreadable: bool,
}

impl Key {
    /// What holds where something is stored that cannot be read: nobody can say that it was meant to be open. A setting
    /// that opens nothing has its default.
    #[must_use]
    pub fn closed(self, default: &Value) -> Value {
        /// What tokens live for where neither the stored life nor the default ends.
        const BOUNDED: &str = "4w";
        match (self.row().closed, self.kind()) {
            (Some(literal), _) => literal.value(),
            (None, Kind::Switch) => false.into(),
            (None, Kind::Role) => Role::Pending.as_str().into(),
            (None, Kind::TokenLife) if is_endless(default) => BOUNDED.into(),
            (
                None,
                Kind::TokenLife
                | Kind::Text
                | Kind::OptionalText
                | Kind::Number
                | Kind::Count
                | Kind::Limit
                | Kind::Choice(_)
                | Kind::List
                | Kind::OptionalList
                | Kind::Object
                | Kind::Translations,
            ) => default.clone(),
        }
    }

    /// The value as it holds, whatever is stored. `default` is the configured one.
    #[must_use]
    pub fn holds(self, stored: Option<&JsonText>, default: &Value) -> Held {
        let readable = |value| Held { value, is_unreadable: false };
        match stored.map(|text| self.read(text)) {
            None | Some(Stored::Nothing) => readable(default.clone()),
            Some(Stored::Value(value)) => readable(value),
            Some(Stored::Unreadable) => Held { value: self.closed(default), is_unreadable: true },
        }
    }

    /// Reads what is stored: 0, 1, `"False"` and the like are the switches they mean, -1 and 0 are lives of tokens, and a
    /// value that was encoded as JSON twice is what it encodes.
    #[must_use]
    pub fn read(self, text: &JsonText) -> Stored {
        if text.is_unreadable() {
            return Stored::Unreadable;
        }
        let value = text.to_value();
        if value.is_null() && !self.kind().is_nullable() {
            return Stored::Nothing;
        }
        let read = match (self.kind(), &value) {
            (Kind::Switch, _) => as_switch(&value).map(Value::Bool),
            (Kind::TokenLife, Value::Number(number)) => Some(number.to_string().into()),
            (Kind::Role | Kind::TokenLife, Value::String(text)) => Some(
                serde_json::from_str(text)
                    .ok()
                    .filter(Value::is_string)
                    .unwrap_or_else(|| text.trim().into()),
            ),
            _ => None,
        };
        let value = read.unwrap_or(value);
        self.kind().fit(value).map_or(Stored::Unreadable, Stored::Value)
    }
}

fn is_endless(life: &Value) -> bool {
    life.as_str().and_then(|text| TokenLife::parse(text).ok()) == Some(TokenLife::Never)
}

/// A switch as it is meant, also where it was encoded as JSON twice.
fn as_switch(value: &Value) -> Option<bool> {
    match value {
        Value::String(text) => {
            let text = text.trim().trim_matches('"').trim();
            lenient_bool(&Value::String(text.to_owned()))
        }
        other => lenient_bool(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(key: Key, text: &str) -> Value {
        key.holds(Some(&JsonText::from_stored(text.to_owned())), &key.default()).value
    }

    #[test]
    fn a_switch_is_read_as_it_is_meant() {
        for (text, on) in [
            ("true", true),
            ("1", true),
            ("1.0", true),
            (r#""True""#, true),
            (r#"" yes ""#, true),
            (r#""\"on\"""#, true),
            ("false", false),
            ("0", false),
            (r#""False""#, false),
            (r#""0""#, false),
            (r#""OFF""#, false),
        ] {
            for key in [Key::EnableSignup, Key::ApiKeyRestrictions, Key::EnableNotes, Key::EnableMfa] {
                assert_eq!(stored(key, text), Value::Bool(on), "{key:?} {text}");
            }
        }
    }

    #[test]
    fn a_switch_that_cannot_be_read_is_closed() {
        for text in ["2", r#""""#, r#""perhaps""#, "[]", "{}", "{", "fals", "NaN x"] {
            for key in Key::ALL.iter().filter(|key| key.kind() == Kind::Switch) {
                let restricts = matches!(key, Key::ApiKeyRestrictions | Key::EnableMfa);
                assert_eq!(stored(*key, text), Value::Bool(restricts), "{key:?} {text}");
            }
        }
    }

    #[test]
    fn nothing_stored_is_the_default() {
        for key in Key::ALL {
            let null = if key.kind().is_nullable() { Value::Null } else { key.default() };
            assert_eq!(stored(*key, "null"), null, "{key:?}");
            let held = key.holds(None, &key.default());
            assert_eq!(held, Held { value: key.default(), is_unreadable: false }, "{key:?}");
        }
    }

    #[test]
    fn other_settings_that_cannot_be_read_open_nothing() {
        assert_eq!(stored(Key::DefaultUserRole, r#""superuser""#), "pending");
        assert_eq!(stored(Key::DefaultUserRole, r#""\"user\"""#), "user");
        assert_eq!(stored(Key::DefaultUserRole, r#"" user""#), "user");
        assert_eq!(stored(Key::DefaultGroupId, "7"), "");
        assert_eq!(stored(Key::ApiKeyAllowedEndpoints, "[\"/\"]"), "");
        assert_eq!(stored(Key::FolderMaxFileCount, "\"7\""), 7);
        assert_eq!(stored(Key::FolderMaxFileCount, "\"many\""), "");
        assert_eq!(stored(Key::ChannelModelResponseMode, "\"x\""), "thread");
        assert_eq!(stored(Key::JwtExpiresIn, "-1"), "-1");
        assert_eq!(stored(Key::JwtExpiresIn, r#""2d""#), "2d");
        for text in ["3600", "true", r#""for ever""#, "{"] {
            assert_eq!(stored(Key::JwtExpiresIn, text), "4w", "{text}");
            let text = JsonText::from_stored(text.to_owned());
            for (default, closed) in [("-1", "4w"), ("2h", "2h")] {
                let held = Key::JwtExpiresIn.holds(Some(&text), &Value::from(default));
                assert_eq!(held, Held { value: closed.into(), is_unreadable: true });
            }
        }
    }
}
