//! Whether a second factor is demanded (rule M13).

use rosterd_storage::Reads;

use super::reading::{as_switch, tell_unreadable};
use crate::auth_method::AuthMethod;
use crate::error::AppError;

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
    pub(crate) fn read(db: &mut dyn Reads) -> Result<Self, AppError> {
        const PATHS: [&str; 3] =
            ["auth.mfa.enable", "auth.mfa.allow_oauth_bypass", "auth.mfa.allow_trusted_header_bypass"];
        let stored = db.find_configs(&PATHS)?;
        let is_on = |index: usize, closed: bool| {
            let Some(text) = stored.get(index).and_then(Option::as_ref) else { return false };
            let value = text.to_value();
            if value.is_null() && !text.is_unreadable() {
                return false;
            }
            as_switch(&value).unwrap_or_else(|| {
                tell_unreadable(PATHS[index]);
                closed
            })
        };
        Ok(Self {
            demanded: is_on(0, true),
            oauth_is_enough: is_on(1, false),
            trusted_header_is_enough: is_on(2, false),
        })
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
