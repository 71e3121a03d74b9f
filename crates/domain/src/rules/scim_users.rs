//! Accounts of connections by SCIM: which account a new user leads to, and what becomes of its suspension (rules J4 to J7).

use crate::clock::UnixSeconds;

/// What there is already for a user that a connection sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing: no account has the e-mail address.
    Nobody,
    /// An account that the connection made or was linked to.
    Kept {
        /// It sees it: it has not deleted it.
        is_visible: bool,
        /// It belongs to an admin.
        is_admin: bool,
    },
    /// An account with the e-mail address that has nothing to do with the connection.
    Local {
        /// It belongs to an admin.
        is_admin: bool,
        /// Nobody has shown yet that the e-mail address is theirs who opened it.
        is_unconfirmed: bool,
    },
}

/// What becomes of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// An account is made.
    Make,
    /// The connection is linked to the account that is there.
    Link,
    /// The account that the connection had deleted is shown to it again.
    ShowAgain,
}

/// Why nothing becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The connection has this user.
    Known,
    /// The account belongs to an admin.
    Admin,
    /// The account is not the connection's, and the connection may not be linked to it.
    NotLinked,
    /// The account is not the connection's, and its e-mail address may be somebody else's.
    Unconfirmed,
}

/// Decides what becomes of a user that a connection sends (rules J4, J6 and J7).
///
/// # Errors
/// See [`Refused`].
pub fn plan(found: Found, links_by_email: bool) -> Result<Plan, Refused> {
    match found {
        Found::Nobody => Ok(Plan::Make),
        Found::Kept { is_visible: true, .. } => Err(Refused::Known),
        Found::Kept { is_admin: true, .. } => Err(Refused::Admin),
        Found::Kept { .. } => Ok(Plan::ShowAgain),
        // Whether it is an admin's is nobody's business who could not be linked to it anyway.
        Found::Local { .. } if !links_by_email => Err(Refused::NotLinked),
        Found::Local { is_admin: true, .. } => Err(Refused::Admin),
        // Else somebody could open accounts for others, with passwords of their own, and wait for the provider.
        Found::Local { is_unconfirmed: true, .. } => Err(Refused::Unconfirmed),
        Found::Local { .. } => Ok(Plan::Link),
    }
}

/// How an account stands when a connection says whether it is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Since when and until when it is suspended; `None`: it is not.
    pub suspension: Option<(UnixSeconds, Option<UnixSeconds>)>,
    /// The beginning of the suspension that the connection wants.
    pub wanted: Option<UnixSeconds>,
    /// Another connection wants this very suspension.
    pub wanted_by_others: bool,
}

/// What is done then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Nothing,
    /// The account is suspended.
    Suspend,
    /// The connection wants the suspension too that another one wanted.
    Join,
    /// The suspension, which is somebody else's, loses its end: the account would be let in again, and the connection not asked.
    Prolong,
    /// The connection does not want the suspension any more, another one does.
    Leave,
    /// The suspension ends.
    Resume,
}

/// Decides what an `active` that a connection sends does (rule J5). It ends no suspension but the one that connections alone want.
#[must_use]
pub fn step(active: bool, standing: Standing) -> Step {
    let Standing { suspension, wanted, wanted_by_others } = standing;
    let Some((since, until)) = suspension else {
        return if active { Step::Nothing } else { Step::Suspend };
    };
    match (active, wanted == Some(since)) {
        (true, true) if wanted_by_others => Step::Leave,
        (true, true) => Step::Resume,
        (false, false) if wanted_by_others => Step::Join,
        (false, false) if until.is_some() => Step::Prolong,
        _ => Step::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn j6_a_user_that_the_connection_has_is_refused_and_one_that_it_deleted_comes_back() {
        for links in [true, false] {
            assert_eq!(plan(Found::Nobody, links), Ok(Plan::Make));
            let kept = |is_visible, is_admin| plan(Found::Kept { is_visible, is_admin }, links);
            assert_eq!(kept(true, false), Err(Refused::Known));
            assert_eq!(kept(true, true), Err(Refused::Known));
            assert_eq!(kept(false, false), Ok(Plan::ShowAgain));
            assert_eq!(kept(false, true), Err(Refused::Admin));
        }
    }

    #[test]
    fn j7_an_account_is_linked_by_its_address_only_where_that_is_on_and_an_admins_never() {
        let local = |is_admin, links| plan(Found::Local { is_admin, is_unconfirmed: false }, links);
        assert_eq!(local(false, true), Ok(Plan::Link));
        assert_eq!(local(true, true), Err(Refused::Admin));
        assert_eq!(local(false, false), Err(Refused::NotLinked));
        assert_eq!(local(true, false), Err(Refused::NotLinked), "and is not told to be an admin");
        let waiting = |links| plan(Found::Local { is_admin: false, is_unconfirmed: true }, links);
        assert_eq!((waiting(true), waiting(false)), (Err(Refused::Unconfirmed), Err(Refused::NotLinked)));
    }

    #[test]
    fn j5_a_connection_ends_no_suspension_but_its_own() {
        let at = |suspension, wanted, wanted_by_others| Standing { suspension, wanted, wanted_by_others };
        let since = Some((7, None));
        for (standing, inactive, active) in [
            (at(None, None, false), Step::Suspend, Step::Nothing),
            (at(None, Some(3), false), Step::Suspend, Step::Nothing),
            (at(since, Some(7), false), Step::Nothing, Step::Resume),
            (at(since, Some(7), true), Step::Nothing, Step::Leave),
            (at(since, None, true), Step::Join, Step::Nothing),
            // Somebody else's, also where the connection wanted one before.
            (at(since, None, false), Step::Nothing, Step::Nothing),
            (at(since, Some(3), false), Step::Nothing, Step::Nothing),
            (at(Some((7, Some(9))), None, false), Step::Prolong, Step::Nothing),
        ] {
            assert_eq!(step(false, standing), inactive, "{standing:?}");
            assert_eq!(step(true, standing), active, "{standing:?}");
        }
    }
}
