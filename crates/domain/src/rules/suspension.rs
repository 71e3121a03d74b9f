//! Suspending accounts (rules U1 to U4), and that an active admin always remains (rule P5).
//!
//! Storage and use cases do the rest of U1: sessions end, `auth.active` is false, the role is `pending`.

use crate::clock::{LAST_SECOND, UnixSeconds};
use crate::error::{DomainError, Prohibited};
use crate::ids::UserId;
use crate::role::Role;
use crate::suspension::{Suspension, SuspensionRow};
use crate::text::{MAX_REASON, all_of, ensure_short, ensure_storable};

/// Why and until when an account is to be suspended, as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuspensionTerms {
    /// Why; blanks around it do not count, and nothing but blanks is none.
    pub reason: Option<String>,
    /// When it ends by itself; `None`: not before somebody ends it.
    pub until: Option<UnixSeconds>,
}

impl SuspensionTerms {
    /// The same as it can be stored at `now`.
    ///
    /// # Errors
    /// [`DomainError::Fields`] at `["reason"]` and `["until"]`, each if it cannot.
    pub fn judge(self, now: UnixSeconds) -> Result<Self, DomainError> {
        let reason = self.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
        let text = reason.as_deref().unwrap_or_default();
        let later = match self.until {
            Some(until) if until <= now => Err(DomainError::field("until", "must be in the future")),
            Some(until) if until > LAST_SECOND => {
                Err(DomainError::field("until", "must be a number of seconds since the epoch"))
            }
            _ => Ok(()),
        };
        all_of([ensure_storable("reason", text), ensure_short("reason", text, None, MAX_REASON), later])?;
        Ok(Self { reason, until: self.until })
    }
}

/// Decides whether `actor`, an admin or (`None`) the server's own, may suspend `target` (rule U2).
///
/// # Errors
/// [`Prohibited::PrimaryAdminNotSuspended`] for the primary admin, whoever asks; [`Prohibited::OwnSuspension`] for oneself.
pub fn ensure_may_suspend(
    actor: Option<&UserId>,
    target: &UserId,
    primary: Option<&UserId>,
) -> Result<(), DomainError> {
    if primary == Some(target) {
        return Err(Prohibited::PrimaryAdminNotSuspended.into());
    }
    if actor == Some(target) {
        return Err(Prohibited::OwnSuspension.into());
    }
    Ok(())
}

/// Decides whether an account with this role may cease to be an active admin (rule P5): be suspended or deleted, or get another
/// role. `others` is asked only where that matters: whether another active admin is there. A suspended one is none.
///
/// # Errors
/// [`Prohibited::LastAdmin`]; those of `others`.
pub fn ensure_admin_remains<E: From<DomainError>>(
    role: &Role,
    others: impl FnOnce() -> Result<bool, E>,
) -> Result<(), E> {
    if role.is_admin() && !others()? {
        return Err(DomainError::from(Prohibited::LastAdmin).into());
    }
    Ok(())
}

/// Decides whether an account may get this role (rule U3). `None`: it keeps the one it has.
///
/// # Errors
/// [`DomainError::Suspended`] for another role while it is suspended.
pub fn ensure_role_stays(has: &Role, wanted: Option<&Role>, is_suspended: bool) -> Result<(), DomainError> {
    if is_suspended && wanted.is_some_and(|wanted| wanted != has) {
        return Err(DomainError::Suspended);
    }
    Ok(())
}

/// What is stored of an account that is suspended at `now`, or was already (`stored`) and is suspended on other terms. `has` is
/// the role that its row has, and `is_active` whether it could sign in.
///
/// The role that it gets back is the one that it had, or the one that it was given past us since (rule U3).
#[must_use]
pub fn suspended(
    stored: Option<&SuspensionRow>,
    terms: SuspensionTerms,
    (has, is_active): (&Role, bool),
    now: UnixSeconds,
) -> SuspensionRow {
    let SuspensionTerms { reason, until } = terms;
    let before = stored.map(|row| (row.shown.since, &row.shown.role, row.was_active));
    let (since, role, was_active) = match before {
        Some((since, role, was_active)) if *has == Role::Pending => (since, role, was_active),
        Some((since, _, was_active)) => (since, has, was_active),
        None => (now, has, is_active),
    };
    SuspensionRow { shown: Suspension { reason, since, until, role: role.clone() }, was_active }
}

/// The role that an account gets when its suspension ends; `None`: it keeps the one that its row `has`, because somebody gave it
/// past us (rule U3), or because it is the same.
#[must_use]
pub fn role_back<'a>(has: &Role, suspension: &'a Suspension) -> Option<&'a Role> {
    (*has == Role::Pending && suspension.role != Role::Pending).then_some(&suspension.role)
}

/// Whether a suspension has ended by itself at `now` (rule U4).
#[must_use]
pub fn is_over(suspension: &Suspension, now: UnixSeconds) -> bool {
    suspension.until.is_some_and(|until| until <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_000;

    fn id(text: &str) -> UserId {
        UserId::from_stored(text.to_owned())
    }

    fn terms(reason: &str, until: Option<UnixSeconds>) -> SuspensionTerms {
        SuspensionTerms { reason: Some(reason.to_owned()), until }
    }

    fn row(role: Role, until: Option<UnixSeconds>) -> SuspensionRow {
        SuspensionRow { shown: Suspension { reason: None, since: 1, until, role }, was_active: true }
    }

    #[test]
    fn u1_terms_are_trimmed_and_an_end_lies_ahead() {
        assert_eq!(terms("  on leave ", Some(NOW + 1)).judge(NOW), Ok(terms("on leave", Some(NOW + 1))));
        assert_eq!(terms("  ", None).judge(NOW), Ok(SuspensionTerms::default()));
        assert!(terms(&"x".repeat(MAX_REASON), None).judge(NOW).is_ok());
        for (terms, paths) in [
            (terms("x", Some(NOW)), vec!["until"]),
            (terms("x", Some(LAST_SECOND + 1)), vec!["until"]),
            (terms("a\0b", None), vec!["reason"]),
            (terms(&"x".repeat(MAX_REASON + 1), Some(-1)), vec!["reason", "until"]),
        ] {
            let Err(DomainError::Fields(faults)) = terms.clone().judge(NOW) else { panic!("{terms:?}") };
            let told: Vec<_> = faults.iter().map(|(path, _)| path.join("/")).collect();
            assert_eq!(told, paths, "{terms:?}");
        }
    }

    #[test]
    fn u2_nobody_suspends_the_primary_admin_or_themselves() {
        let (first, other) = (id("first"), id("other"));
        let suspend = |actor, target| ensure_may_suspend(actor, target, Some(&first));
        for actor in [None, Some(&first), Some(&other)] {
            assert_eq!(suspend(actor, &first), Err(Prohibited::PrimaryAdminNotSuspended.into()));
        }
        assert_eq!(suspend(Some(&other), &other), Err(Prohibited::OwnSuspension.into()));
        assert_eq!((suspend(Some(&first), &other), suspend(None, &other)), (Ok(()), Ok(())));
    }

    #[test]
    fn p5_an_active_admin_always_remains() {
        let may = |role: Role, others| ensure_admin_remains(&role, || Ok::<_, DomainError>(others));
        assert_eq!(may(Role::Admin, false), Err(Prohibited::LastAdmin.into()));
        assert_eq!(may(Role::Admin, true), Ok(()));
        for role in [Role::User, Role::Pending, Role::Unknown("root".into())] {
            let unasked = || -> Result<bool, DomainError> { panic!("it does not matter") };
            assert_eq!(ensure_admin_remains(&role, unasked), Ok(()));
        }
    }

    #[test]
    fn u3_a_suspended_account_gets_no_other_role() {
        let (has, wanted) = (Role::Pending, Role::User);
        assert_eq!(ensure_role_stays(&has, Some(&wanted), true), Err(DomainError::Suspended));
        for (wanted, is_suspended) in [(Some(&wanted), false), (Some(&has), true), (None, true)] {
            assert_eq!(ensure_role_stays(&has, wanted, is_suspended), Ok(()));
        }
    }

    #[test]
    fn u3_the_role_comes_back_unless_somebody_gave_another() {
        let back = |has, former| role_back(&has, &row(former, None).shown).cloned();
        assert_eq!(back(Role::Pending, Role::Admin), Some(Role::Admin));
        assert_eq!(back(Role::Pending, Role::Unknown("guest".into())), Some(Role::Unknown("guest".into())));
        assert_eq!(back(Role::User, Role::Admin), None, "it was given past us");
        assert_eq!(back(Role::Pending, Role::Pending), None, "it was pending before");
    }

    #[test]
    fn u1_u3_a_second_suspension_keeps_what_was_before() {
        let first = suspended(None, terms("a", None), (&Role::Admin, false), NOW);
        assert_eq!((first.shown.since, &first.shown.role, first.was_active), (NOW, &Role::Admin, false));
        let again = suspended(Some(&first), terms("b", Some(9)), (&Role::Pending, false), NOW + 5);
        let shown = Suspension { reason: Some("b".into()), since: NOW, until: Some(9), role: Role::Admin };
        assert_eq!(again, SuspensionRow { shown, was_active: false });
        let given = suspended(Some(&first), terms("b", None), (&Role::User, false), NOW + 5);
        assert_eq!(given.shown.role, Role::User, "what was given past us counts");
    }

    #[test]
    fn u4_a_suspension_is_over_at_its_end() {
        let over = |until| is_over(&row(Role::User, until).shown, NOW);
        assert_eq!((over(None), over(Some(NOW + 1)), over(Some(NOW))), (false, false, true));
    }
}
