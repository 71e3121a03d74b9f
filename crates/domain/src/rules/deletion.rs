//! Deleting an account (rules P1 to P4).
//!
//! Whether an account may be deleted is decided here, in the transaction that deletes it. The storage layer deletes
//! everything that rule P4 names.

use crate::error::DomainError;
use crate::ids::UserId;

use super::primary_admin;

/// Decides whether `actor`, an admin or (`None`) the server's own, may delete `target`. `found` is what was read by the id `target`; it is given
/// back when the account may go.
///
/// # Errors
/// First P1 and P3, see [`primary_admin::ensure_may_delete`], then [`DomainError::UserNotFound`] when there is no such
/// user (P2).
pub fn ensure_deletable<T>(
    actor: Option<&UserId>,
    target: &UserId,
    found: Option<T>,
    primary: Option<&UserId>,
) -> Result<T, DomainError> {
    primary_admin::ensure_may_delete(actor, target, primary)?;
    found.ok_or(DomainError::UserNotFound)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Prohibited;

    fn delete(actor: &str, target: &str, found: Option<&'static str>) -> Result<&'static str, DomainError> {
        let id = |text: &str| UserId::from_stored(text.to_owned());
        ensure_deletable(Some(&id(actor)), &id(target), found, Some(&id("first")))
    }

    #[test]
    fn p1_p3_are_told_before_p2() {
        assert_eq!(delete("other", "first", Some("row")), Err(Prohibited::PrimaryAdminProtected.into()));
        assert_eq!(delete("other", "other", None), Err(Prohibited::OwnAccount.into()));
    }

    #[test]
    fn p2_an_unknown_id_is_no_user() {
        assert_eq!(delete("first", "nobody", None), Err(DomainError::UserNotFound));
    }

    #[test]
    fn p4_the_row_that_may_go_is_the_one_that_was_read() {
        assert_eq!(delete("first", "other", Some("row")), Ok("row"));
    }
}
