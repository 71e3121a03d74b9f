//! Who may store which part of their settings (rules S2 and N4).

use crate::permissions::EffectivePermissions;
use crate::role::Role;

/// Which guarded parts of their settings somebody may store. What becomes of the others:
/// [`crate::SettingsUpdate::strip`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four rights, each of which counts for itself")]
pub struct SettingsRights {
    /// `ui.toolServers`: needs `features.direct_tool_servers`.
    pub tool_servers: bool,
    /// How the front end looks and behaves: needs `settings.interface`.
    pub interface: bool,
    /// `ui.system`: needs both `chat.controls` and `chat.system_prompt`.
    pub system: bool,
    /// Webhooks: needs `features.webhooks`.
    pub webhooks: bool,
}

impl SettingsRights {
    /// All of them: what an admin has.
    pub const ALL: Self = Self { tool_servers: true, interface: true, system: true, webhooks: true };

    /// What this role and these permissions allow.
    #[must_use]
    pub fn of(role: &Role, permissions: &EffectivePermissions) -> Self {
        if role.is_admin() {
            return Self::ALL;
        }
        Self {
            tool_servers: permissions.direct_tool_servers(),
            interface: permissions.allows("settings", "interface"),
            system: permissions.allows("chat", "controls") && permissions.allows("chat", "system_prompt"),
            webhooks: permissions.allows("features", "webhooks"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::{PermissionTree, UserPermissions};

    fn of(role: &Role, template: &str) -> SettingsRights {
        let template = PermissionTree::from_json(template);
        SettingsRights::of(role, &EffectivePermissions::compute(&template, [], &UserPermissions::builtin()))
    }

    #[test]
    fn s2_n4_admins_and_those_with_the_right() {
        assert_eq!(of(&Role::Admin, "{}"), SettingsRights::ALL);
        let none = of(&Role::User, "{}");
        assert!(!none.tool_servers && !none.webhooks);
        let granted =
            r#"{"features":{"direct_tool_servers":true,"webhooks":true},"settings":{"interface":true}}"#;
        assert_eq!(of(&Role::User, granted), SettingsRights::ALL);
    }

    #[test]
    fn n4_a_system_prompt_needs_both_rights() {
        for missing in [r#"{"chat":{"controls":false}}"#, r#"{"chat":{"system_prompt":false}}"#] {
            assert!(!of(&Role::User, missing).system, "{missing}");
        }
        assert!(of(&Role::User, "{}").system);
    }
}
