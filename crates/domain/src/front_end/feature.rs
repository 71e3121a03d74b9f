//! The features that front ends are told of.

use serde_json::Value;

use super::{Audience, Switch};
use crate::dialect::Dialect;
use crate::stored_config::Key;

/// One feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// Its name in the answer.
    pub name: &'static str,
    /// Where its value comes from.
    pub source: Source,
    /// Who is told at least.
    told: Audience,
    /// Who the older front end tells at least.
    told_by_older: Audience,
    /// Whether a standalone server has it. A switch for what it does not have is off there.
    alone: bool,
}

/// Where the value of a feature comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// It is always the same.
    Fixed(bool),
    /// Whether a trusted proxy signs people in.
    TrustedHeaders,
    /// A stored setting.
    Stored(Key),
    /// Whether any entry of a stored list is enabled.
    AnyEnabled(Key),
    /// A switch of the environment.
    Configured(Switch),
}

impl Source {
    /// The stored setting it is read from.
    #[must_use]
    pub fn key(self) -> Option<Key> {
        match self {
            Self::Stored(key) | Self::AnyEnabled(key) => Some(key),
            Self::Fixed(_) | Self::TrustedHeaders | Self::Configured(_) => None,
        }
    }
}

/// A stored switch of Open WebUI that those who are signed in are told of.
const fn stored(name: &'static str, key: Key) -> Feature {
    Feature::new(name, Source::Stored(key))
}

/// The same with a switch of the environment.
const fn configured(name: &'static str, switch: Switch) -> Feature {
    Feature::new(name, Source::Configured(switch))
}

impl Feature {
    const fn new(name: &'static str, source: Source) -> Self {
        let told = Audience::Pending;
        Self { name, source, told, told_by_older: told, alone: false }
    }

    const fn for_anybody(self) -> Self {
        Self { told: Audience::Anybody, ..self.for_anybody_in_older() }
    }

    const fn for_anybody_in_older(self) -> Self {
        Self { told_by_older: Audience::Anybody, ..self }
    }

    /// A standalone server has it.
    const fn of_ours(self) -> Self {
        Self { alone: true, ..self }
    }

    /// Every feature, in the order of the answer.
    pub const ALL: &'static [Self] = &[
        Self::new("slim", Source::Fixed(false)).for_anybody(),
        Self::new("auth", Source::Fixed(true)).for_anybody().of_ours(),
        Self::new("auth_trusted_header", Source::TrustedHeaders).for_anybody().of_ours(),
        configured("enable_signup_password_confirmation", Switch::SignupPasswordConfirmation)
            .for_anybody()
            .of_ours(),
        stored("enable_ldap", Key::EnableLdap).for_anybody(),
        stored("enable_signup", Key::EnableSignup).for_anybody().of_ours(),
        stored("enable_login_form", Key::EnableLoginForm).for_anybody().of_ours(),
        configured("enable_websocket", Switch::Websocket).for_anybody(),
        stored("enable_api_keys", Key::EnableApiKeys).for_anybody_in_older().of_ours(),
        stored("enable_password_change_form", Key::EnablePasswordChangeForm).of_ours(),
        configured("enable_version_update_check", Switch::VersionUpdateCheck),
        configured("enable_pyodide_file_persistence", Switch::PyodideFilePersistence),
        configured("enable_public_active_users_count", Switch::PublicActiveUsersCount),
        configured("enable_easter_eggs", Switch::EasterEggs),
        stored("enable_direct_connections", Key::EnableDirectConnections),
        stored("enable_direct_integrations", Key::EnableDirectIntegrations),
        configured("enable_plugins", Switch::Plugins),
        configured("enable_tools", Switch::Tools),
        configured("enable_functions", Switch::Functions),
        configured("enable_tool_servers", Switch::ToolServers),
        Self::new("enable_terminal_servers", Source::AnyEnabled(Key::TerminalServers)),
        stored("enable_folders", Key::EnableFolders),
        stored("folder_max_file_count", Key::FolderMaxFileCount),
        stored("enable_channels", Key::EnableChannels),
        stored("enable_encrypted_channels", Key::EnableEncryptedChannels),
        stored("enable_apps", Key::EnableApps),
        stored("enable_calendar", Key::EnableCalendar),
        stored("enable_automations", Key::EnableAutomations),
        stored("enable_notes", Key::EnableNotes),
        stored("enable_context_compaction", Key::EnableContextCompaction),
        stored("enable_tool_permissions", Key::EnableToolPermissions),
        stored("enable_web_search", Key::EnableWebSearch),
        stored("enable_web_search_confirmation", Key::EnableWebSearchConfirmation),
        stored("web_search_confirmation_content", Key::WebSearchConfirmationContent),
        stored("enable_code_execution", Key::EnableCodeExecution),
        stored("enable_code_interpreter", Key::EnableCodeInterpreter),
        stored("enable_image_generation", Key::EnableImageGeneration),
        stored("enable_autocomplete_generation", Key::EnableAutocompleteGeneration),
        stored("enable_title_generation", Key::EnableTitleGeneration),
        stored("enable_follow_up_generation", Key::EnableFollowUpGeneration),
        stored("enable_tags_generation", Key::EnableTagsGeneration),
        stored("enable_community_sharing", Key::EnableCommunitySharing),
        stored("enable_message_rating", Key::EnableMessageRating),
        stored("enable_user_webhooks", Key::EnableUserWebhooks),
        stored("enable_user_status", Key::EnableUserStatus).of_ours(),
        configured("enable_admin_export", Switch::AdminExport),
        configured("enable_admin_chat_access", Switch::AdminChatAccess),
        configured("enable_admin_analytics", Switch::AdminAnalytics),
        stored("enable_google_drive_integration", Key::EnableGoogleDrive),
        stored("enable_onedrive_integration", Key::EnableOnedrive),
        stored("enable_memories", Key::EnableMemories),
        stored("enable_subagents", Key::EnableSubagents),
    ];

    /// Those that this audience is told of.
    pub fn told_to(audience: Audience, dialect: Dialect) -> impl Iterator<Item = Self> {
        let told = move |feature: &Self| match dialect {
            Dialect::V0_6 => feature.told_by_older <= audience,
            Dialect::V0_12 => feature.told <= audience,
        };
        Self::ALL.iter().copied().filter(told)
    }

    /// Whether every answer has it, in either dialect.
    #[must_use]
    pub fn is_for_anybody(self) -> bool {
        self.told == Audience::Anybody
    }

    /// What is told, given what `source` says: a standalone server has no feature of Open WebUI.
    #[must_use]
    pub fn answer_value(self, value: Value, is_standalone: bool) -> Value {
        match value {
            Value::Bool(on) => (on && (self.alone || !is_standalone)).into(),
            other => other,
        }
    }
}

/// Whether an entry of a list of connections is enabled: `config.enable`, which counts as true where it is absent.
#[must_use]
pub fn any_enabled(list: &Value) -> bool {
    let is_enabled = |entry: &Value| {
        let switch = entry.pointer("/config/enable").or_else(|| entry.get("enabled"));
        entry.is_object() && switch.and_then(Value::as_bool).unwrap_or(true)
    };
    list.as_array().is_some_and(|entries| entries.iter().any(is_enabled))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(audience: Audience, dialect: Dialect) -> Vec<&'static str> {
        Feature::told_to(audience, dialect).map(|feature| feature.name).collect()
    }

    #[test]
    fn anybody_is_told_of_signing_in() {
        let newest = names(Audience::Anybody, Dialect::V0_12);
        assert_eq!(
            newest,
            [
                "slim",
                "auth",
                "auth_trusted_header",
                "enable_signup_password_confirmation",
                "enable_ldap",
                "enable_signup",
                "enable_login_form",
                "enable_websocket",
            ]
        );
        let older = names(Audience::Anybody, Dialect::V0_6);
        assert_eq!(older, [newest.as_slice(), &["enable_api_keys"]].concat());
    }

    #[test]
    fn who_is_signed_in_is_told_of_all() {
        for dialect in Dialect::ALL {
            for audience in [Audience::Pending, Audience::Verified] {
                assert_eq!(names(audience, dialect).len(), Feature::ALL.len());
            }
        }
    }

    #[test]
    fn alone_there_is_only_what_is_there() {
        let on: Vec<_> = Feature::ALL
            .iter()
            .filter(|feature| feature.answer_value(json!(true), true) == json!(true))
            .map(|feature| feature.name)
            .collect();
        assert_eq!(
            on,
            [
                "auth",
                "auth_trusted_header",
                "enable_signup_password_confirmation",
                "enable_signup",
                "enable_login_form",
                "enable_api_keys",
                "enable_password_change_form",
                "enable_user_status",
            ]
        );
        assert!(Feature::ALL.iter().all(|feature| feature.answer_value(json!(true), false) == json!(true)));
        assert!(Feature::ALL.iter().all(|feature| feature.answer_value(json!(false), false) == json!(false)));
        assert!(Feature::ALL.iter().all(|feature| feature.answer_value(json!(7), true) == json!(7)));
    }

    #[test]
    fn one_enabled_terminal_is_enough() {
        assert!(any_enabled(&json!([{ "url": "x" }])));
        assert!(any_enabled(&json!([{ "config": { "enable": false } }, { "config": { "enable": true } }])));
        for none in [
            json!([]),
            json!(null),
            json!({}),
            json!([1]),
            json!([{ "config": { "enable": false } }, { "enabled": false }]),
        ] {
            assert!(!any_enabled(&none), "{none}");
        }
    }
}
