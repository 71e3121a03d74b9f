//! The primary admin (rules P1 and N21).
//!
//! It has to be read in the same transaction as the change that the rule guards.

use crate::error::{DomainError, Prohibited};
use crate::ids::UserId;
use crate::role::Role;

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
