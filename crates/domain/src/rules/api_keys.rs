//! Who may use API keys.

use crate::clock::UnixSeconds;
use crate::dialect::Dialect;
use crate::permissions::EffectivePermissions;
use crate::role::Role;

/// Whether an account may make an API key and be called by one: keys are enabled on this server, and the account is
/// an admin's or has `features.api_keys`.
#[must_use]
pub fn may_use_api_key(role: &Role, permissions: &EffectivePermissions, enabled: bool) -> bool {
    enabled && (role.is_admin() || permissions.api_keys())
}

/// What the deletion of one's own key is answered with; `was_there` is whether there was one. In the newest dialect it is
/// always true: there is none now (rule M20).
#[must_use]
pub const fn answer_to_deletion(dialect: Dialect, was_there: bool) -> bool {
    match dialect {
        Dialect::V0_6 => was_there,
        Dialect::V0_12 => true,
    }
}

/// Whether a key whose `expires_at` is this has ended at `now`: its last second is the one before. A key without one has
/// no end. A time beyond the year 5000 is one in milliseconds, as some scripts write it.
#[must_use]
pub const fn has_ended(expires_at: Option<UnixSeconds>, now: UnixSeconds) -> bool {
    const FIRST_IN_MILLISECONDS: i64 = 100_000_000_000;
    match expires_at {
        None => false,
        Some(at) if at >= FIRST_IN_MILLISECONDS => at / 1000 <= now,
        Some(at) => at <= now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::{PermissionTree, UserPermissions};

    #[test]
    fn m20_deleting_nothing_is_true_in_the_newest_dialect() {
        for was_there in [true, false] {
            assert_eq!(answer_to_deletion(Dialect::V0_6, was_there), was_there);
            assert!(answer_to_deletion(Dialect::V0_12, was_there));
        }
    }

    #[test]
    fn a_key_ends_at_its_second() {
        assert!(!has_ended(None, i64::MAX));
        assert!(!has_ended(Some(1001), 1000));
        assert!(has_ended(Some(1000), 1000));
        assert!(has_ended(Some(0), 1000), "what could not be read");
        assert!(has_ended(Some(1_700_000_000_000), 1_700_000_000));
        assert!(!has_ended(Some(1_700_000_001_000), 1_700_000_000));
        assert!(!has_ended(Some(i64::MAX), 1_700_000_000));
    }

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
