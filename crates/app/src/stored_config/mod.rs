//! The stored configuration that administrators change at run time (docs/API.md, "Configuration").
//!
//! It is read from the database whenever it is needed, so a change by another process holds at once. Stored value
//! wins over environment, environment over built-in default. A stored value that cannot be read never opens anything: see
//! `Key::closed`.

mod reading;
mod second_factor;

use rosterd_domain::role::Role;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_storage::{ConfigLayout, Reads};
use serde_json::Value;

use crate::error::AppError;
use crate::settings::StoredDefaults;

pub(crate) use reading::tell_unreadable;
pub(crate) use second_factor::SecondFactor;

/// A setting: its name on the wire, its place in the database, its type and its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `SHOW_ADMIN_DETAILS`.
    ShowAdminDetails,
    /// `ADMIN_EMAIL`.
    AdminEmail,
    /// `WEBUI_URL`.
    WebuiUrl,
    /// `ENABLE_SIGNUP`.
    EnableSignup,
    /// `ENABLE_LOGIN_FORM`.
    EnableLoginForm,
    /// `ENABLE_API_KEYS`.
    EnableApiKeys,
    /// `ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS`.
    ApiKeyRestrictions,
    /// `API_KEYS_ALLOWED_ENDPOINTS`.
    ApiKeyAllowedEndpoints,
    /// `DEFAULT_USER_ROLE`.
    DefaultUserRole,
    /// `DEFAULT_GROUP_ID`.
    DefaultGroupId,
    /// `DEFAULT_LOCALE`.
    DefaultLocale,
    /// `DEFAULT_PROMPT_SUGGESTIONS`.
    PromptSuggestions,
    /// `JWT_EXPIRES_IN`.
    JwtExpiresIn,
    /// `ENABLE_COMMUNITY_SHARING`.
    EnableCommunitySharing,
    /// `ENABLE_MESSAGE_RATING`.
    EnableMessageRating,
    /// `ENABLE_FOLDERS`.
    EnableFolders,
    /// `ENABLE_CHANNELS`.
    EnableChannels,
    /// `ENABLE_NOTES`.
    EnableNotes,
    /// `ENABLE_USER_WEBHOOKS`.
    EnableUserWebhooks,
    /// `PENDING_USER_OVERLAY_TITLE`.
    PendingUserOverlayTitle,
    /// `PENDING_USER_OVERLAY_CONTENT`.
    PendingUserOverlayContent,
    /// `RESPONSE_WATERMARK`.
    ResponseWatermark,
}

/// What a setting's value must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Switch,
    /// A text.
    Text,
    /// A text or null.
    OptionalText,
    /// A role.
    Role,
    /// How long tokens live, such as `4w`.
    TokenLife,
    /// A JSON list.
    List,
}

impl Key {
    /// All of them, in the order of the wire shape.
    pub const ALL: [Self; 22] = [
        Self::ShowAdminDetails,
        Self::AdminEmail,
        Self::WebuiUrl,
        Self::EnableSignup,
        Self::EnableLoginForm,
        Self::EnableApiKeys,
        Self::ApiKeyRestrictions,
        Self::ApiKeyAllowedEndpoints,
        Self::DefaultUserRole,
        Self::DefaultGroupId,
        Self::DefaultLocale,
        Self::PromptSuggestions,
        Self::JwtExpiresIn,
        Self::EnableCommunitySharing,
        Self::EnableMessageRating,
        Self::EnableFolders,
        Self::EnableChannels,
        Self::EnableNotes,
        Self::EnableUserWebhooks,
        Self::PendingUserOverlayTitle,
        Self::PendingUserOverlayContent,
        Self::ResponseWatermark,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn wire(self) -> &'static str {
        match self {
            Self::ShowAdminDetails => "SHOW_ADMIN_DETAILS",
            Self::AdminEmail => "ADMIN_EMAIL",
            Self::WebuiUrl => "WEBUI_URL",
            Self::EnableSignup => "ENABLE_SIGNUP",
            Self::EnableLoginForm => "ENABLE_LOGIN_FORM",
            Self::EnableApiKeys => "ENABLE_API_KEYS",
            Self::ApiKeyRestrictions => "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS",
            Self::ApiKeyAllowedEndpoints => "API_KEYS_ALLOWED_ENDPOINTS",
            Self::DefaultUserRole => "DEFAULT_USER_ROLE",
            Self::DefaultGroupId => "DEFAULT_GROUP_ID",
            Self::DefaultLocale => "DEFAULT_LOCALE",
            Self::PromptSuggestions => "DEFAULT_PROMPT_SUGGESTIONS",
            Self::JwtExpiresIn => "JWT_EXPIRES_IN",
            Self::EnableCommunitySharing => "ENABLE_COMMUNITY_SHARING",
            Self::EnableMessageRating => "ENABLE_MESSAGE_RATING",
            Self::EnableFolders => "ENABLE_FOLDERS",
            Self::EnableChannels => "ENABLE_CHANNELS",
            Self::EnableNotes => "ENABLE_NOTES",
            Self::EnableUserWebhooks => "ENABLE_USER_WEBHOOKS",
            Self::PendingUserOverlayTitle => "PENDING_USER_OVERLAY_TITLE",
            Self::PendingUserOverlayContent => "PENDING_USER_OVERLAY_CONTENT",
            Self::ResponseWatermark => "RESPONSE_WATERMARK",
        }
    }

    /// Whether Open WebUI's own admin page knows it. The others are told on request only.
    #[must_use]
    pub fn is_classic(self) -> bool {
        !matches!(
            self,
            Self::AdminEmail | Self::EnableLoginForm | Self::DefaultLocale | Self::PromptSuggestions
        )
    }

    /// The dotted path in the database.
    #[must_use]
    pub fn path(self, layout: ConfigLayout) -> &'static str {
        match self {
            Self::ShowAdminDetails => "auth.admin.show",
            Self::AdminEmail => "auth.admin.email",
            Self::WebuiUrl => "webui.url",
            Self::EnableSignup => "ui.enable_signup",
            // The older layout spells this one like its variable.
            Self::EnableLoginForm => match layout {
                ConfigLayout::Document => "ui.ENABLE_LOGIN_FORM",
                ConfigLayout::KeyValue => "ui.enable_login_form",
            },
            Self::EnableApiKeys => "auth.enable_api_keys",
            Self::ApiKeyRestrictions => "auth.api_key.endpoint_restrictions",
            Self::ApiKeyAllowedEndpoints => "auth.api_key.allowed_endpoints",
            Self::DefaultUserRole => "ui.default_user_role",
            Self::DefaultGroupId => "ui.default_group_id",
            Self::DefaultLocale => "ui.default_locale",
            Self::PromptSuggestions => "ui.prompt_suggestions",
            Self::JwtExpiresIn => "auth.jwt_expiry",
            Self::EnableCommunitySharing => "ui.enable_community_sharing",
            Self::EnableMessageRating => "ui.enable_message_rating",
            Self::EnableFolders => "folders.enable",
            Self::EnableChannels => "channels.enable",
            Self::EnableNotes => "notes.enable",
            Self::EnableUserWebhooks => "ui.enable_user_webhooks",
            Self::PendingUserOverlayTitle => "ui.pending_user_overlay_title",
            Self::PendingUserOverlayContent => "ui.pending_user_overlay_content",
            Self::ResponseWatermark => "ui.watermark",
        }
    }

    /// What its value must be.
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::AdminEmail => Kind::OptionalText,
            Self::WebuiUrl
            | Self::ApiKeyAllowedEndpoints
            | Self::DefaultGroupId
            | Self::DefaultLocale
            | Self::PendingUserOverlayTitle
            | Self::PendingUserOverlayContent
            | Self::ResponseWatermark => Kind::Text,
            Self::DefaultUserRole => Kind::Role,
            Self::JwtExpiresIn => Kind::TokenLife,
            Self::PromptSuggestions => Kind::List,
            Self::ShowAdminDetails
            | Self::EnableSignup
            | Self::EnableLoginForm
            | Self::EnableApiKeys
            | Self::ApiKeyRestrictions
            | Self::EnableCommunitySharing
            | Self::EnableMessageRating
            | Self::EnableFolders
            | Self::EnableChannels
            | Self::EnableNotes
            | Self::EnableUserWebhooks => Kind::Switch,
        }
    }

    fn default(self, defaults: &StoredDefaults) -> Value {
        match self {
            Self::ShowAdminDetails => defaults.show_admin_details.into(),
            Self::AdminEmail => defaults.admin_email.clone().into(),
            Self::WebuiUrl => defaults.webui_url.clone().into(),
            Self::EnableSignup => defaults.enable_signup.into(),
            Self::EnableLoginForm => defaults.enable_login_form.into(),
            Self::EnableApiKeys => defaults.enable_api_keys.into(),
            Self::DefaultUserRole => defaults.default_user_role.as_str().into(),
            Self::DefaultGroupId => defaults.default_group_id.clone().into(),
            Self::DefaultLocale => defaults.default_locale.clone().into(),
            Self::PromptSuggestions => defaults.prompt_suggestions.clone(),
            Self::JwtExpiresIn => defaults.jwt_expires_in.clone().into(),
            Self::PendingUserOverlayTitle => defaults.pending_user_overlay_title.clone().into(),
            Self::PendingUserOverlayContent => defaults.pending_user_overlay_content.clone().into(),
            Self::ResponseWatermark => defaults.response_watermark.clone().into(),
            Self::ApiKeyAllowedEndpoints => "".into(),
            Self::ApiKeyRestrictions | Self::EnableChannels => false.into(),
            Self::EnableCommunitySharing
            | Self::EnableMessageRating
            | Self::EnableFolders
            | Self::EnableNotes
            | Self::EnableUserWebhooks => true.into(),
        }
    }

    /// What is wrong with a value that somebody wants to store here.
    pub fn fault(self, value: &Value) -> Option<&'static str> {
        let right = match self.kind() {
            Kind::Switch => value.is_boolean(),
            Kind::Text => is_text(value),
            Kind::OptionalText => is_text(value) || value.is_null(),
            Kind::Role => value.as_str().and_then(Role::parse).is_some(),
            Kind::TokenLife => value.as_str().is_some_and(|text| TokenLife::parse(text).is_ok()),
            Kind::List => value.is_array(),
        };
        let wanted = match self.kind() {
            Kind::Switch => "true or false is needed.",
            Kind::Text | Kind::OptionalText => "A text without the NUL character is needed.",
            Kind::Role => "A role is pending, user or admin.",
            Kind::TokenLife => "A duration such as 4w, 12h or 30m is needed; -1 and 0 mean without end.",
            Kind::List => "A list is needed.",
        };
        (!right).then_some(wanted)
    }
}

/// PostgreSQL takes no NUL in a query, and some of these texts are looked up, such as the id of the default group.
fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.contains('\0'))
}

/// Every setting as it holds now.
#[derive(Debug, Clone)]
pub struct StoredConfig {
    values: Vec<(Key, Value)>,
    /// Those whose stored text cannot be read.
    unreadable: Vec<Key>,
}

impl StoredConfig {
    /// Reads all settings, in one statement.
    ///
    /// # Errors
    /// Those of the store.
    pub fn read(
        db: &mut dyn Reads,
        layout: ConfigLayout,
        defaults: &StoredDefaults,
    ) -> Result<Self, AppError> {
        let paths = Key::ALL.map(|key| key.path(layout));
        let stored = db.find_configs(&paths)?;
        Ok(Self::of(stored, layout, defaults))
    }

    /// The value of a setting.
    #[must_use]
    pub fn value(&self, key: Key) -> &Value {
        self.values.iter().find(|(of, _)| *of == key).map_or(&Value::Null, |(_, value)| value)
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
        TokenLife::parse(self.text(Key::JwtExpiresIn)).unwrap_or(defaults.token_life)
    }

    /// The role of new accounts.
    #[must_use]
    pub fn default_role(&self) -> Role {
        Role::parse(self.text(Key::DefaultUserRole)).unwrap_or(Role::Pending)
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
    pub fn read(db: &mut dyn Reads, defaults: &StoredDefaults) -> Result<Self, AppError> {
        const KEYS: [Key; 3] = [Key::EnableApiKeys, Key::ApiKeyRestrictions, Key::ApiKeyAllowedEndpoints];
        // These paths are the same in both layouts.
        let layout = ConfigLayout::KeyValue;
        let stored = db.find_configs(&KEYS.map(|key| key.path(layout)))?;
        let value =
            |index: usize, key: Key| key.holds(stored.get(index).and_then(Option::as_ref), layout, defaults);
        let restricted = value(1, KEYS[1]) == Value::Bool(true);
        let allowed = restricted.then(|| {
            let list = value(2, KEYS[2]);
            list.as_str().unwrap_or_default().split(',').map(|path| path.trim().to_owned()).collect()
        });
        Ok(Self { enabled: value(0, KEYS[0]) == Value::Bool(true), allowed })
    }

    /// Whether keys work for this path: it is on the list, or below a path that is.
    #[must_use]
    pub fn allows(&self, path: &str) -> bool {
        let Some(allowed) = &self.allowed else { return true };
        allowed.iter().filter(|prefix| !prefix.is_empty()).any(|prefix| {
            path == prefix
                || path
                    .strip_prefix(prefix.as_str())
                    .is_some_and(|rest| rest.starts_with('/') || prefix.ends_with('/'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_has_the_type_of_its_key() {
        let defaults = StoredDefaults::default();
        for key in Key::ALL {
            assert_eq!(key.fault(&key.default(&defaults)), None, "{key:?}");
        }
    }

    #[test]
    fn restricted_keys_work_below_the_listed_paths_only() {
        let config =
            ApiKeyConfig { enabled: true, allowed: Some(vec!["/api/v1/users".into(), String::new()]) };
        assert!(config.allows("/api/v1/users"));
        assert!(config.allows("/api/v1/users/search"));
        assert!(!config.allows("/api/v1/users-of-others"));
        assert!(!config.allows("/api/v1/auths/"));
    }

    #[test]
    fn no_two_settings_share_a_name_or_a_place() {
        for layout in [ConfigLayout::Document, ConfigLayout::KeyValue] {
            let mut paths = Key::ALL.map(|key| key.path(layout));
            paths.sort_unstable();
            assert!(paths.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }
}
