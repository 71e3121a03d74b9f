//! Handing over the place of the primary admin (rule P9).
//!
//! Whose account was made first is the primary admin (rule P1), for Open WebUI too. So to hand over is to exchange two times
//! of creation. It has to be judged in the transaction that writes them, under the lock of accounts.

use crate::clock::UnixSeconds;
use crate::error::{DomainError, Prohibited};
use crate::ids::UserId;
use crate::user::AccountRow;

/// Decides whether `actor`, an admin or (`None`) the server's own, may hand over. `primary` is `None` only while there is no
/// user at all.
///
/// # Errors
/// [`Prohibited::PrimaryAdminHandsOver`] for every account but the primary admin.
pub fn ensure_may_hand_over(actor: Option<&UserId>, primary: Option<&UserId>) -> Result<(), DomainError> {
    if actor.is_some() && actor != primary {
        return Err(Prohibited::PrimaryAdminHandsOver.into());
    }
    Ok(())
}

/// Why an account cannot become the primary admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It is already.
    Already,
    /// It has another role.
    NoAdmin,
    /// Nobody can sign in to it.
    NotActive,
    /// No second comes before the one in which the primary admin was made.
    NoTime,
}

impl Unfit {
    /// What is told of it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Already => "This account is the primary admin already.",
            Self::NoAdmin => {
                "Only an admin can become the primary admin. Give the account the role admin first."
            }
            Self::NotActive => {
                "Nobody can sign in to this account, so it cannot become the primary admin. Switch it on first."
            }
            Self::NoTime => {
                "The primary admin's created_at is the lowest that can be stored, so no account can take its place."
            }
        }
    }
}

/// Decides whether `target` can become the primary admin. `active`: whether it has a row in `auth` that does not say
/// otherwise.
///
/// # Errors
/// [`Unfit`].
pub fn ensure_fit(target: &AccountRow, active: bool, primary: Option<&UserId>) -> Result<(), Unfit> {
    if primary == Some(&target.id) {
        return Err(Unfit::Already);
    }
    if !target.role.is_admin() {
        return Err(Unfit::NoAdmin);
    }
    if active { Ok(()) } else { Err(Unfit::NotActive) }
}

/// The times of creation that two accounts have afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchanged {
    /// That of the new primary admin: lower than everybody else's.
    pub new: UnixSeconds,
    /// That of the former one.
    pub former: UnixSeconds,
}

/// Exchanges the times of the primary admin and of its successor. Where the two are equal, the successor's becomes one second
/// earlier. So it does where a third account has the primary admin's time: that one would come first by its id, and for Open
/// WebUI it would be chance.
///
/// # Errors
/// [`Unfit::NoTime`].
pub fn exchange(
    primary: UnixSeconds,
    successor: UnixSeconds,
    third_is_as_early: bool,
) -> Result<Exchanged, Unfit> {
    let new = if successor > primary && !third_is_as_early {
        primary
    } else {
        primary.checked_sub(1).ok_or(Unfit::NoTime)?
    };
    Ok(Exchanged { new, former: successor.max(primary) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::account;
    use crate::role::Role;

    fn id(text: &str) -> UserId {
        UserId::from_stored(text.to_owned())
    }

    #[test]
    fn p9_only_the_primary_admin_and_the_operator_hand_over() {
        let (first, other) = (id("first"), id("other"));
        assert_eq!(ensure_may_hand_over(Some(&first), Some(&first)), Ok(()));
        assert_eq!(ensure_may_hand_over(None, Some(&first)), Ok(()));
        let refused = Err(Prohibited::PrimaryAdminHandsOver.into());
        assert_eq!(ensure_may_hand_over(Some(&other), Some(&first)), refused);
        assert_eq!(ensure_may_hand_over(Some(&other), None), refused);
    }

    #[test]
    fn p9_an_active_admin_follows_and_nobody_else() {
        let of = |role| AccountRow { id: id("other"), role, ..account() };
        let first = id("first");
        let judge = |role, active| ensure_fit(&of(role), active, Some(&first));
        assert_eq!(judge(Role::Admin, true), Ok(()));
        assert_eq!(judge(Role::Admin, false), Err(Unfit::NotActive));
        for role in [Role::Pending, Role::User, Role::Unknown("root".into())] {
            assert_eq!(judge(role, true), Err(Unfit::NoAdmin));
        }
        assert_eq!(ensure_fit(&of(Role::Admin), true, Some(&id("other"))), Err(Unfit::Already));
    }

    #[test]
    fn p9_two_times_are_exchanged() {
        assert_eq!(exchange(10, 20, false), Ok(Exchanged { new: 10, former: 20 }));
    }

    #[test]
    fn p9_of_equal_times_the_successors_becomes_earlier() {
        assert_eq!(exchange(10, 10, false), Ok(Exchanged { new: 9, former: 10 }));
        assert_eq!(exchange(10, 10, true), Ok(Exchanged { new: 9, former: 10 }));
        // A stored time that is none reads as 0.
        assert_eq!(exchange(10, 0, false), Ok(Exchanged { new: 9, former: 10 }));
        assert_eq!(exchange(i64::MIN, i64::MIN, false), Err(Unfit::NoTime));
    }

    #[test]
    fn p9_no_third_account_comes_first_by_it() {
        assert_eq!(exchange(10, 20, true), Ok(Exchanged { new: 9, former: 20 }));
        for (primary, successor) in [(10, 10), (10, 11), (10, 99)] {
            for tied in [false, true] {
                let Exchanged { new, former } = exchange(primary, successor, tied).unwrap();
                assert!(new < former && new <= primary && (!tied || new < primary));
            }
        }
    }
}
