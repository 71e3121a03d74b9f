//! Whether a second factor is demanded (rule M13).

use rosterd_domain::json::JsonText;
use rosterd_storage::{ConfigLayout, Reads};
use serde_json::Value;

use super::{Key, read};
use crate::auth_method::AuthMethod;
use crate::error::AppError;
use crate::settings::StoredDefaults;

/// The settings by which a newer Open WebUI beside us demands a second factor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SecondFactor {
    demanded: bool,
    oauth_is_enough: bool,
    trusted_header_is_enough: bool,
}

impl SecondFactor {
    /// Reads them, in one statement. What cannot be read demands the factor and lets nobody past it.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn read(
        db: &mut dyn Reads,
        layout: ConfigLayout,
        defaults: &StoredDefaults,
    ) -> Result<Self, AppError> {
        const KEYS: [Key; 3] = [Key::EnableMfa, Key::MfaAllowOauthBypass, Key::MfaAllowTrustedHeaderBypass];
        let values = read(db, &KEYS, layout, defaults)?;
        let is_on = |index: usize| values.get(index) == Some(&Value::Bool(true));
        Ok(Self { demanded: is_on(0), oauth_is_enough: is_on(1), trusted_header_is_enough: is_on(2) })
    }

    /// Whether this stored setting demands it of nobody. What cannot be read does not say so.
    pub(crate) fn is_off(stored: Option<&JsonText>, defaults: &StoredDefaults) -> bool {
        let key = Key::EnableMfa;
        key.holds(stored, defaults.value(key)).value == Value::Bool(false)
    }

    /// Whether the factor is demanded of sessions that began by this method; `None`: one that rosterd does not know.
    pub(crate) fn is_demanded_of(self, method: Option<AuthMethod>) -> bool {
        let is_enough = match method {
            Some(AuthMethod::Oauth) => self.oauth_is_enough,
            Some(AuthMethod::TrustedHeader) => self.trusted_header_is_enough,
            Some(AuthMethod::Password) | None => false,
        };
        self.demanded && !is_enough
    }
}
