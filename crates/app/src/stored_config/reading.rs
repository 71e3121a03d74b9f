//! How a stored text is read as the value of a setting, and which value counts if it cannot be read.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::lenient_bool;
use rosterd_domain::role::Role;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_storage::ConfigLayout;
use serde_json::Value;

use super::{Key, Kind, StoredConfig};
use crate::settings::StoredDefaults;

impl StoredConfig {
    /// What holds where this is stored, in the order of [`Key::ALL`].
    pub(super) fn of(stored: Vec<Option<JsonText>>, layout: ConfigLayout, defaults: &StoredDefaults) -> Self {
        let mut config = Self { values: Vec::with_capacity(Key::ALL.len()), unreadable: Vec::new() };
        for (key, text) in Key::ALL.into_iter().zip(stored.into_iter().chain(std::iter::repeat(None))) {
            if text.as_ref().is_some_and(JsonText::is_unreadable) {
                config.unreadable.push(key);
            }
            config.values.push((key, key.holds(text.as_ref(), layout, defaults)));
        }
        config
    }

    /// Whether what is stored here cannot be read.
    pub(crate) fn is_unreadable(&self, key: Key) -> bool {
        self.unreadable.contains(&key)
    }

    /// What holds once these texts are stored too, as it would be read.
    pub(crate) fn with(
        mut self,
        stored: &[(Key, JsonText)],
        layout: ConfigLayout,
        defaults: &StoredDefaults,
    ) -> Self {
        for (key, text) in stored {
            self.unreadable.retain(|unreadable| unreadable != key);
            for (of, value) in &mut self.values {
                if of == key {
                    *value = key.holds(Some(text), layout, defaults);
                }
            }
        }
        self
    }
}

impl Key {
    /// What holds where something is stored that cannot be read: nobody can say that it was meant to be open. A setting
    /// that opens nothing has its default.
    fn closed(self, defaults: &StoredDefaults) -> Value {
        /// What tokens live for where neither the stored life nor the default ends.
        const BOUNDED: &str = "4w";
        match self {
            // A restriction is closed when it holds; with the built-in list it leaves no path.
            Self::ApiKeyRestrictions => true.into(),
            Self::ApiKeyAllowedEndpoints | Self::DefaultGroupId => "".into(),
            Self::DefaultUserRole => Role::Pending.as_str().into(),
            Self::JwtExpiresIn if defaults.token_life == TokenLife::Never => BOUNDED.into(),
            Self::ShowAdminDetails
            | Self::EnableSignup
            | Self::EnableLoginForm
            | Self::EnableApiKeys
            | Self::EnableCommunitySharing
            | Self::EnableMessageRating
            | Self::EnableFolders
            | Self::EnableChannels
            | Self::EnableNotes
            | Self::EnableUserWebhooks => false.into(),
            Self::AdminEmail
            | Self::WebuiUrl
            | Self::DefaultLocale
            | Self::PromptSuggestions
            | Self::JwtExpiresIn
            | Self::PendingUserOverlayTitle
            | Self::PendingUserOverlayContent
            | Self::ResponseWatermark => self.default(defaults),
        }
    }

    /// The value as it holds, whatever is stored.
    pub(super) fn holds(
        self,
        stored: Option<&JsonText>,
        layout: ConfigLayout,
        defaults: &StoredDefaults,
    ) -> Value {
        match stored.map(|text| self.read(text)) {
            None | Some(Stored::Nothing) => self.default(defaults),
            Some(Stored::Value(value)) => value,
            Some(Stored::Unreadable) => {
                tell_unreadable(self.path(layout));
                self.closed(defaults)
            }
        }
    }

    /// Whether this text decides what holds, be it that it cannot be read.
    pub(crate) fn is_stored(self, text: &JsonText) -> bool {
        !matches!(self.read(text), Stored::Nothing)
    }

    /// Reads what is stored: 0, 1, `"False"` and the like are the switches they mean, -1 and 0 are lives of tokens, and a
    /// value that was encoded as JSON twice is what it encodes.
    fn read(self, text: &JsonText) -> Stored {
        if text.is_unreadable() {
            return Stored::Unreadable;
        }
        let value = text.to_value();
        if value.is_null() {
            return Stored::Nothing;
        }
        let meant = match (self.kind(), &value) {
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
        let value = meant.unwrap_or(value);
        if self.fault(&value).is_none() { Stored::Value(value) } else { Stored::Unreadable }
    }
}

/// What a setting's stored text stands for.
enum Stored {
    /// `null`: the setting was never made.
    Nothing,
    /// This value, which has the type of its key.
    Value(Value),
    /// Something else.
    Unreadable,
}

/// A switch as it is meant, also where it was encoded as JSON twice.
pub(super) fn as_switch(value: &Value) -> Option<bool> {
    match value {
        Value::String(text) => {
            let text = text.trim().trim_matches('"').trim();
            lenient_bool(&Value::String(text.to_owned()))
        }
        other => lenient_bool(other),
    }
}

/// Says once in the life of the process that a stored setting cannot be read.
pub(crate) fn tell_unreadable(path: &str) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned()) {
        tracing::warn!(
            key = path,
            "a stored setting cannot be read, so the safest value is used; save it again, on the admin page or by \
             `POST /api/v1/auths/admin/config`, or repair it in the table `config`"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(key: Key, text: &str) -> Value {
        let text = JsonText::from_stored(text.to_owned());
        key.holds(Some(&text), ConfigLayout::KeyValue, &StoredDefaults::default())
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
            for key in [Key::EnableSignup, Key::ApiKeyRestrictions, Key::EnableNotes] {
                assert_eq!(stored(key, text), Value::Bool(on), "{key:?} {text}");
            }
        }
    }

    #[test]
    fn a_switch_that_cannot_be_read_is_closed() {
        for text in ["2", r#""""#, r#""perhaps""#, "[]", "{}", "{", "fals", "NaN x"] {
            for key in Key::ALL.into_iter().filter(|key| key.kind() == Kind::Switch) {
                assert_eq!(stored(key, text), Value::Bool(key == Key::ApiKeyRestrictions), "{key:?} {text}");
            }
        }
    }

    #[test]
    fn nothing_stored_is_the_default() {
        let defaults = StoredDefaults::default();
        for key in Key::ALL {
            assert_eq!(stored(key, "null"), key.default(&defaults), "{key:?}");
            assert_eq!(key.holds(None, ConfigLayout::Document, &defaults), key.default(&defaults), "{key:?}");
            assert_eq!(key.fault(&key.closed(&defaults)), None, "{key:?}");
        }
    }

    #[test]
    fn other_settings_that_cannot_be_read_open_nothing() {
        assert_eq!(stored(Key::DefaultUserRole, r#""superuser""#), "pending");
        assert_eq!(stored(Key::DefaultUserRole, r#""\"user\"""#), "user");
        assert_eq!(stored(Key::DefaultUserRole, r#"" user""#), "user");
        assert_eq!(stored(Key::DefaultGroupId, "7"), "");
        assert_eq!(stored(Key::ApiKeyAllowedEndpoints, "[\"/\"]"), "");
        assert_eq!(stored(Key::JwtExpiresIn, "-1"), "-1");
        assert_eq!(stored(Key::JwtExpiresIn, r#""2d""#), "2d");
        for text in ["3600", "true", r#""for ever""#, "{"] {
            assert_eq!(stored(Key::JwtExpiresIn, text), "4w", "{text}");
            let endless = StoredDefaults {
                jwt_expires_in: "-1".to_owned(),
                token_life: TokenLife::Never,
                ..StoredDefaults::default()
            };
            let text = JsonText::from_stored(text.to_owned());
            assert_eq!(Key::JwtExpiresIn.holds(Some(&text), ConfigLayout::KeyValue, &endless), "4w");
        }
    }
}
