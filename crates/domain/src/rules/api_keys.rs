//! Who may use API keys.

use crate::permissions::EffectivePermissions;
use crate::role::Role;

/// Whether an account may make an API key and be called by one: keys are enabled on this server, and the account is
/// an admin's or has `features.api_keys`.
#[must_use]
pub fn may_use_api_key(role: &Role, permissions: &EffectivePermissions, enabled: bool) -> bool {
    enabled && (role.is_admin() || permissions.api_keys())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::{PermissionTree, UserPermissions};

    #[test]
    fn the_switch_comes_before_role_and_right() {
        let none = PermissionTree::default();
        let granting = PermissionTree::from_json(r#"{"features":{"api_keys":true}}"#);
        let without = EffectivePermissions::compute(&none, [], &UserPermissions::builtin());
        let with = EffectivePermissions::compute(&none, [&granting], &UserPermissions::builtin());
        assert!(may_use_api_key(&Role::Admin, &without, true));
        assert!(may_use_api_key(&Role::User, &with, true));
        assert!(!may_use_api_key(&Role::User, &without, true));
        assert!(!may_use_api_key(&Role::Admin, &with, false));
    }
}
