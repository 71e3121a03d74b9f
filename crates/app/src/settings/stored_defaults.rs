//! What holds where the database says nothing.

use std::collections::BTreeMap;

use rosterd_domain::dialect::Dialect;
use rosterd_domain::permissions::{OPEN_WEBUI_0_12, UserPermissions};
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::stored_config::Key;
use serde_json::Value;

/// What holds where the database says nothing: the defaults of the settings that it can hold.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDefaults {
    /// What is configured.
    configured: BTreeMap<Key, Value>,
    /// What is built in.
    built_in: BTreeMap<Key, Value>,
    /// The rights that are given where there is no template (`user.permissions`).
    pub permissions: UserPermissions,
}

impl StoredDefaults {
    /// The default of a setting.
    #[must_use]
    pub fn value(&self, key: Key) -> &Value {
        self.configured.get(&key).or_else(|| self.built_in.get(&key)).unwrap_or(&Value::Null)
    }

    /// Gives a setting another default.
    ///
    /// # Errors
    /// What is wrong with the value, as a sentence: it must be one that could be stored.
    pub fn set(&mut self, key: Key, value: impl Into<Value>) -> Result<(), &'static str> {
        let value = value.into();
        match key.fault(&value) {
            None => {
                self.configured.insert(key, value);
                Ok(())
            }
            Some(fault) => Err(fault),
        }
    }

    /// The same for the front end of this dialect: some of what is built in differs.
    #[must_use]
    pub fn in_dialect(&self, dialect: Dialect) -> Self {
        let built_in = Key::ALL.iter().map(|key| (*key, key.default_in(dialect))).collect();
        Self { built_in, ..self.clone() }
    }

    /// How long tokens live.
    #[must_use]
    pub fn token_life(&self) -> TokenLife {
        const BUILT_IN: TokenLife = TokenLife::Seconds(4 * 7 * 24 * 3600);
        self.value(Key::JwtExpiresIn)
            .as_str()
            .and_then(|text| TokenLife::parse(text).ok())
            .unwrap_or(BUILT_IN)
    }
}

impl Default for StoredDefaults {
    /// Those that are built in.
    fn default() -> Self {
        Self {
            configured: BTreeMap::new(),
            built_in: Key::ALL.iter().map(|key| (*key, key.default())).collect(),
            permissions: OPEN_WEBUI_0_12.builtin(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_must_fit_its_setting() {
        let mut defaults = StoredDefaults::default();
        assert_eq!(defaults.value(Key::EnableSignup), true);
        assert_eq!(defaults.set(Key::EnableSignup, false), Ok(()));
        assert!(defaults.set(Key::EnableSignup, "perhaps").is_err());
        assert_eq!(defaults.value(Key::EnableSignup), false);
    }

    #[test]
    fn what_is_configured_holds_in_every_dialect() {
        let mut defaults = StoredDefaults::default();
        let webhooks = |defaults: &StoredDefaults, dialect| {
            defaults.in_dialect(dialect).value(Key::EnableUserWebhooks).clone()
        };
        assert_eq!(webhooks(&defaults, Dialect::V0_6), true);
        assert_eq!(webhooks(&defaults, Dialect::V0_12), false);
        defaults.set(Key::EnableUserWebhooks, false).unwrap();
        assert_eq!(webhooks(&defaults, Dialect::V0_6), false);
    }

    #[test]
    fn tokens_live_as_long_as_the_setting_says() {
        let mut defaults = StoredDefaults::default();
        assert_eq!(defaults.token_life(), TokenLife::Seconds(4 * 7 * 24 * 3600));
        defaults.set(Key::JwtExpiresIn, "-1").unwrap();
        assert_eq!(defaults.token_life(), TokenLife::Never);
    }
}
