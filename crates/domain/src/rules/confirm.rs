//! Whose e-mail address is to be confirmed, and which role an account gets then (rules C1 to C4).
//!
//! An e-mail address is either claimed by whoever opens the account, or somebody answers for it: an administrator who adds or
//! invites people, whoever runs the server, a file that is imported, a proxy that is trusted. Only the first is asked about at the
//! beginning. At a change it does not matter who makes it over HTTP, as a mistake there would let in whoever has the other address.

use crate::email::EmailLookup;
use crate::role::Role;

/// How long nothing is sent again to the same account, in seconds: five minutes (rule C5).
pub const APART: i64 = 300;

/// How an account is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// By its owner, who claims the e-mail address.
    SignUp {
        /// It is the first account of all.
        is_first: bool,
    },
    /// By somebody who answers for the e-mail address.
    Vouched,
}

/// Whether the e-mail address of a new account is to be confirmed (rule C2).
#[must_use]
pub const fn asks_at_opening(opening: Opening) -> bool {
    match opening {
        // Nobody else could let in the first one.
        Opening::SignUp { is_first } => !is_first,
        Opening::Vouched => false,
    }
}

/// A change of the e-mail address of an account.
#[derive(Debug, Clone, Copy)]
pub struct EmailChange<'a> {
    /// What it was.
    pub before: &'a str,
    /// What it is to be.
    pub after: &'a str,
    /// Whoever runs the server makes it, on the command line.
    pub by_operator: bool,
    /// The account is the primary admin.
    pub is_primary: bool,
    /// No other active admin would be left while this one waits (rule P5).
    pub is_last_admin: bool,
}

/// Whether the new e-mail address is to be confirmed (rule C3). Another spelling of the same one is none.
#[must_use]
pub fn asks_at_change(change: EmailChange<'_>) -> bool {
    let is_spared = change.by_operator || change.is_primary || change.is_last_admin;
    !is_spared && !EmailLookup::new(change.before).matches(change.after)
}

/// The role that an account gets once a changed e-mail address is confirmed (rule C3). `has` is the role of its row, and `given`
/// the one that the same update gives it. `waiting` and `suspended` are the roles that it would get if it had been confirmed or
/// resumed.
#[must_use]
pub fn awaited(has: &Role, given: Option<&Role>, waiting: Option<&Role>, suspended: Option<&Role>) -> Role {
    if let Some(given) = given {
        return given.clone();
    }
    if *has != Role::Pending {
        return has.clone();
    }
    let kept = [suspended, waiting].into_iter().flatten().find(|role| **role != Role::Pending);
    kept.cloned().unwrap_or(Role::Pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c2_who_signs_up_is_asked_but_for_the_first() {
        assert!(asks_at_opening(Opening::SignUp { is_first: false }));
        assert!(!asks_at_opening(Opening::SignUp { is_first: true }));
        assert!(!asks_at_opening(Opening::Vouched));
    }

    const CHANGE: EmailChange<'_> = EmailChange {
        before: "bob@example.com",
        after: "robert@example.com",
        by_operator: false,
        is_primary: false,
        is_last_admin: false,
    };

    #[test]
    fn c3_another_e_mail_address_is_asked_about_and_not_another_spelling() {
        assert!(asks_at_change(CHANGE));
        for before in ["Robert@Example.com", " robert@example.com", "robert@example.com"] {
            assert!(!asks_at_change(EmailChange { before, ..CHANGE }), "{before}");
        }
    }

    #[test]
    fn c3_p5_nobody_is_locked_out_who_could_let_others_in() {
        assert!(!asks_at_change(EmailChange { is_primary: true, ..CHANGE }));
        assert!(!asks_at_change(EmailChange { is_last_admin: true, ..CHANGE }));
        assert!(!asks_at_change(EmailChange { by_operator: true, ..CHANGE }));
    }

    #[test]
    fn c3_the_role_that_an_account_had_comes_back() {
        let (pending, user, admin) = (&Role::Pending, &Role::User, &Role::Admin);
        for (has, given, waiting, suspended, awaits) in [
            (user, None, None, None, user),
            (admin, Some(user), None, None, user),
            (user, Some(pending), None, None, pending),
            (pending, Some(admin), Some(user), None, admin),
            (pending, None, None, None, pending),
            (pending, None, Some(user), None, user),
            (pending, None, None, Some(admin), admin),
            (pending, None, Some(user), Some(pending), user),
            (pending, None, Some(pending), Some(user), user),
            // Given past us.
            (user, None, Some(admin), Some(admin), user),
        ] {
            assert_eq!(
                awaited(has, given, waiting, suspended),
                *awaits,
                "{has} {given:?} {waiting:?} {suspended:?}"
            );
        }
        let guest = Role::Unknown("guest".into());
        assert_eq!(awaited(&guest, None, None, None), guest);
    }
}
