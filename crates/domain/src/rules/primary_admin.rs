//! The primary admin (rules P1 and N21).
//!
//! It has to be read in the same transaction as the change that the rule guards.

use crate::clock::UnixSeconds;
use crate::dialect::Dialect;
use crate::error::{DomainError, Prohibited};
use crate::ids::UserId;
use crate::role::Role;
use crate::user::AccountRow;

/// Decides whether `actor`, an admin or (`None`) the server's own, may change `target` and give it `new_role` (`None`: the
/// one it has) (rule P1). `primary` is `None` only while there is no user at all.
///
/// # Errors
/// [`Prohibited::PrimaryAdminProtected`] when somebody else changes the primary admin;
/// [`Prohibited::PrimaryAdminKeepsRole`] when it takes the admin role off itself.
pub fn ensure_may_update(
    actor: Option<&UserId>,
    target: &UserId,
    new_role: Option<&Role>,
    primary: Option<&UserId>,
) -> Result<(), DomainError> {
    if primary != Some(target) {
        return Ok(());
    }
    if actor != Some(target) {
        return Err(Prohibited::PrimaryAdminProtected.into());
    }
    if new_role.is_some_and(|role| !role.is_admin()) {
        return Err(Prohibited::PrimaryAdminKeepsRole.into());
    }
    Ok(())
}

/// When an account counts as made that says `wanted` of it: then, unless it would take the place of `primary` (rule T4).
#[must_use]
pub fn made_after(
    dialect: Dialect,
    primary: &AccountRow,
    wanted: UnixSeconds,
    role: &Role,
    id: &UserId,
) -> UnixSeconds {
    let place = |time: UnixSeconds, role: &Role| match dialect {
        Dialect::V0_6 => (time, false),
        // Who is no admin comes later (rule N21).
        Dialect::V0_12 => (time, !role.is_admin()),
    };
    let stands = (place(primary.created_at, &primary.role), primary.id.as_str());
    if (place(wanted, role), id.as_str()) > stands { wanted } else { primary.created_at.saturating_add(1) }
}

/// Decides whether `actor`, an admin or (`None`) the server's own, may end sessions of `target` (rules N12 and A6). The
/// operator may end those of the primary admin too: this is what somebody does whose session was stolen.
///
/// # Errors
/// [`Prohibited::PrimaryAdminSessions`] when another account ends those of the primary admin.
pub fn ensure_may_end_sessions(
    actor: Option<&UserId>,
    target: &UserId,
    primary: Option<&UserId>,
) -> Result<(), DomainError> {
    if primary == Some(target) && actor.is_some_and(|actor| actor != target) {
        return Err(Prohibited::PrimaryAdminSessions.into());
    }
    Ok(())
}

/// Decides whether `actor`, an admin or (`None`) the server's own, may delete `target` (rules P1 and P3).
///
/// # Errors
/// [`Prohibited::PrimaryAdminProtected`] for the primary admin, whoever asks; [`Prohibited::OwnAccount`] for oneself.
pub fn ensure_may_delete(
    actor: Option<&UserId>,
    target: &UserId,
    primary: Option<&UserId>,
) -> Result<(), DomainError> {
    if primary == Some(target) {
        return Err(Prohibited::PrimaryAdminProtected.into());
    }
    if actor == Some(target) {
        return Err(Prohibited::OwnAccount.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::account;

    fn id(text: &str) -> UserId {
        UserId::from_stored(text.to_owned())
    }

    fn update(actor: &str, target: &str, role: &Role) -> Result<(), DomainError> {
        ensure_may_update(Some(&id(actor)), &id(target), Some(role), Some(&id("first")))
    }

    fn delete(actor: &str, target: &str) -> Result<(), DomainError> {
        ensure_may_delete(Some(&id(actor)), &id(target), Some(&id("first")))
    }

    #[test]
    fn t4_nobody_is_made_before_the_primary_admin() {
        let primary = AccountRow { id: id("m"), role: Role::Admin, created_at: 100, ..account() };
        let made =
            |dialect, wanted, role: &Role, of: &str| made_after(dialect, &primary, wanted, role, &id(of));
        for dialect in Dialect::ALL {
            assert_eq!(made(dialect, 101, &Role::User, "a"), 101);
            assert_eq!(made(dialect, 99, &Role::User, "z"), 101);
            assert_eq!(made(dialect, 100, &Role::Admin, "a"), 101);
            assert_eq!(made(dialect, 100, &Role::Admin, "z"), 100);
        }
        assert_eq!(made(Dialect::V0_6, 100, &Role::User, "a"), 101);
        assert_eq!(made(Dialect::V0_12, 100, &Role::User, "a"), 100, "rule N21");
    }

    #[test]
    fn p1_nobody_else_changes_the_primary_admin() {
        for role in [Role::Admin, Role::User, Role::Pending] {
            assert_eq!(update("other", "first", &role), Err(Prohibited::PrimaryAdminProtected.into()));
        }
    }

    #[test]
    fn p1_the_primary_admin_changes_itself_but_stays_admin() {
        assert_eq!(update("first", "first", &Role::Admin), Ok(()));
        for role in [Role::User, Role::Pending, Role::Unknown("root".into())] {
            assert_eq!(update("first", "first", &role), Err(Prohibited::PrimaryAdminKeepsRole.into()));
        }
    }

    #[test]
    fn p1_n10_counts_also_where_no_role_is_sent() {
        let (first, other) = (id("first"), id("other"));
        let update = |actor: &UserId| ensure_may_update(Some(actor), &first, None, Some(&first));
        assert_eq!(update(&other), Err(Prohibited::PrimaryAdminProtected.into()));
        assert_eq!(update(&first), Ok(()));
    }

    #[test]
    fn n12_only_the_primary_admin_ends_its_own_sessions() {
        let (first, other) = (id("first"), id("other"));
        let end = |actor, target| ensure_may_end_sessions(Some(actor), target, Some(&first));
        assert_eq!(end(&other, &first), Err(Prohibited::PrimaryAdminSessions.into()));
        assert_eq!((end(&first, &first), end(&other, &other), end(&first, &other)), (Ok(()), Ok(()), Ok(())));
        assert_eq!(ensure_may_end_sessions(None, &first, Some(&first)), Ok(()), "the operator");
    }

    #[test]
    fn p1_other_admins_are_ordinary() {
        assert_eq!(update("first", "other", &Role::Pending), Ok(()));
        assert_eq!(update("other", "other", &Role::User), Ok(()));
        assert_eq!(ensure_may_update(Some(&id("a")), &id("b"), Some(&Role::User), None), Ok(()));
    }

    #[test]
    fn p1_nobody_deletes_the_primary_admin() {
        assert_eq!(delete("other", "first"), Err(Prohibited::PrimaryAdminProtected.into()));
        assert_eq!(delete("first", "first"), Err(Prohibited::PrimaryAdminProtected.into()));
    }

    #[test]
    fn p1_the_servers_own_is_not_the_primary_admin() {
        let (first, other) = (id("first"), id("other"));
        let refused = Err(Prohibited::PrimaryAdminProtected.into());
        assert_eq!(ensure_may_update(None, &first, Some(&Role::Admin), Some(&first)), refused);
        assert_eq!(ensure_may_delete(None, &first, Some(&first)), refused);
        assert_eq!(ensure_may_update(None, &other, Some(&Role::User), Some(&first)), Ok(()));
        assert_eq!(ensure_may_delete(None, &other, Some(&first)), Ok(()));
    }

    #[test]
    fn p3_nobody_deletes_themselves() {
        assert_eq!(delete("other", "other"), Err(Prohibited::OwnAccount.into()));
        assert_eq!(delete("first", "other"), Ok(()));
    }
}
