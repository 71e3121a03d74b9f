//! The stored configuration that administrators change at run time (docs/API.md, "`GET, POST /auths/admin/config`").
//!
//! It is read from the database whenever it is needed, so a change by another process holds at once. What each setting
//! is stands in the table of [`rosterd_domain::stored_config`]. A stored value that cannot be read never opens anything:
//! see [`Key::closed`].

mod second_factor;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use rosterd_domain::json::JsonText;
use rosterd_domain::role::Role;
use rosterd_domain::rules::api_keys::is_allowed;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_storage::{ConfigLayout, Layout, Reads};
use serde_json::Value;

use crate::error::AppError;
use crate::settings::StoredDefaults;
use crate::versions;

pub use rosterd_domain::stored_config::{Key, Kind};
pub(crate) use second_factor::SecondFactor;

/// Settings as they hold now: those of the administrator's form, or those that somebody asked for.
#[derive(Debug, Clone)]
pub struct StoredConfig {
    values: BTreeMap<Key, Value>,
    /// Those whose stored text cannot be read.
    unreadable: BTreeSet<Key>,
}

impl StoredConfig {
    /// Reads those of the form, in one statement.
    ///
    /// # Errors
    /// Those of the store.
    pub fn read(db: &mut dyn Reads, layout: &Layout, defaults: &StoredDefaults) -> Result<Self, AppError> {
        let keys: Vec<Key> = Key::of_form(layout.dialect).collect();
        let stored = find(db, &keys, layout.config)?;
        Ok(Self::of_stored(stored, layout.config, defaults))
    }

    /// Settings of these stored texts.
    pub(crate) fn of_stored(
        stored: impl Iterator<Item = (Key, Option<JsonText>)>,
        layout: ConfigLayout,
        defaults: &StoredDefaults,
    ) -> Self {
        let mut config = Self { values: BTreeMap::new(), unreadable: BTreeSet::new() };
        for (key, text) in stored {
            if text.as_ref().is_some_and(JsonText::is_unreadable) {
                config.unreadable.insert(key);
            }
            config.values.insert(key, held(key, text.as_ref(), layout, defaults));
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
            self.unreadable.remove(key);
            self.values.insert(*key, held(*key, Some(text), layout, defaults));
        }
        self
    }

    /// The value of a setting; null for one that was not read.
    #[must_use]
    pub fn value(&self, key: Key) -> &Value {
        self.values.get(&key).unwrap_or(&Value::Null)
    }

    /// The entity tag of all values that were read (rule S4).
    #[must_use]
    pub fn version(&self) -> String {
        let values = self.values.iter().map(|(key, value)| (key.wire().to_owned(), value.clone()));
        versions::of_value(Value::Object(values.collect()))
    }

    /// A switch.
    #[must_use]
    pub fn is_on(&self, key: Key) -> bool {
        self.value(key).as_bool().unwrap_or(false)
    }

    /// A text; empty where there is none.
    #[must_use]
    pub fn text(&self, key: Key) -> &str {
        self.value(key).as_str().unwrap_or_default()
    }

    /// How long new tokens live.
    #[must_use]
    pub fn token_life(&self, defaults: &StoredDefaults) -> TokenLife {
        // What is held here was read by the same rule.
        TokenLife::parse(self.text(Key::JwtExpiresIn)).unwrap_or_else(|_why| defaults.token_life())
    }

    /// The role of new accounts.
    #[must_use]
    pub fn default_role(&self) -> Role {
        Role::parse(self.text(Key::DefaultUserRole)).unwrap_or(Role::Pending)
    }
}

/// The values of some settings as they hold now, in the order asked, in one statement.
fn read(
    db: &mut dyn Reads,
    keys: &[Key],
    layout: ConfigLayout,
    defaults: &StoredDefaults,
) -> Result<Vec<Value>, AppError> {
    let stored = find(db, keys, layout)?;
    Ok(stored.map(|(key, text)| held(key, text.as_ref(), layout, defaults)).collect())
}

/// Each of these settings with its stored text, in one statement.
pub(crate) fn find<'keys>(
    db: &mut dyn Reads,
    keys: &'keys [Key],
    layout: ConfigLayout,
) -> Result<impl Iterator<Item = (Key, Option<JsonText>)> + use<'keys>, AppError> {
    let places: Vec<_> = keys.iter().map(|key| layout.place_of(*key)).collect();
    let stored = db.find_configs(&places)?;
    Ok(keys.iter().copied().zip(stored.into_iter().chain(std::iter::repeat(None))))
}

/// The value of a setting as it holds, whatever is stored. What cannot be read is told once.
pub(crate) fn held(
    key: Key,
    stored: Option<&JsonText>,
    layout: ConfigLayout,
    defaults: &StoredDefaults,
) -> Value {
    let held = key.holds(stored, defaults.value(key));
    if held.is_unreadable {
        tell_unreadable(layout.place_of(key));
    }
    held.value
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

/// The settings that decide on API keys, read alone because every request with a key needs them.
#[derive(Debug)]
pub struct ApiKeyConfig {
    /// Whether API keys work at all.
    pub enabled: bool,
    /// The only paths they work for, when they are restricted.
    allowed: Option<Vec<String>>,
}

impl ApiKeyConfig {
    /// # Errors
    /// Those of the store.
    pub fn read(
        db: &mut dyn Reads,
        layout: ConfigLayout,
        defaults: &StoredDefaults,
    ) -> Result<Self, AppError> {
        const KEYS: [Key; 3] = [Key::EnableApiKeys, Key::ApiKeyRestrictions, Key::ApiKeyAllowedEndpoints];
        let values = read(db, &KEYS, layout, defaults)?;
        let [enabled, restricted, paths] = values.as_slice() else {
            return Err(AppError::Internal("the settings of API keys were not read one by one"));
        };
        let allowed = (*restricted == Value::Bool(true)).then(|| {
            let paths = paths.as_str().unwrap_or_default();
            paths.split(',').map(|path| path.trim().to_owned()).collect()
        });
        Ok(Self { enabled: *enabled == Value::Bool(true), allowed })
    }

    /// Whether keys work for this path: it is on the list, or below a path that is.
    #[must_use]
    pub fn allows(&self, path: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| is_allowed(allowed, path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restricted_keys_work_below_the_listed_paths_only() {
        let config =
            ApiKeyConfig { enabled: true, allowed: Some(vec!["/api/v1/users".into(), String::new()]) };
        assert!(config.allows("/api/v1/users"));
        assert!(config.allows("/api/v1/users/search"));
        assert!(!config.allows("/api/v1/users-of-others"));
        assert!(!config.allows("/api/v1/auths/"));
    }
}
