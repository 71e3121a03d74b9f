//! Who may have tool servers of their own in their settings (rule S2).

use crate::permissions::EffectivePermissions;
use crate::role::Role;

/// Admins may, and whoever has `features.direct_tool_servers`. What becomes of the key otherwise:
/// [`crate::SettingsUpdate::gate_tool_servers`].
#[must_use]
pub fn may_store_tool_servers(role: &Role, permissions: &EffectivePermissions) -> bool {
    role.is_admin() || permissions.direct_tool_servers()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::{PermissionTree, UserPermissions};

    #[test]
    fn s2_admins_and_those_with_the_right() {
        let none = PermissionTree::default();
        let granting = PermissionTree::from_json(r#"{"features":{"direct_tool_servers":true}}"#);
        let without = EffectivePermissions::compute(&none, [], &UserPermissions::builtin());
        let with = EffectivePermissions::compute(&none, [&granting], &UserPermissions::builtin());
        assert!(may_store_tool_servers(&Role::Admin, &without));
        assert!(may_store_tool_servers(&Role::User, &with));
        assert!(!may_store_tool_servers(&Role::User, &without));
    }
}
