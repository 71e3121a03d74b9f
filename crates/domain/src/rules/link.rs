//! How long one-time links can be used, by whom they are made, and when one is dead (rules O2 to O4).

use crate::clock::UnixSeconds;
use crate::email::EmailLookup;
use crate::error::{DomainError, Prohibited};
use crate::ids::UserId;
use crate::link::{LinkKind, LinkRow};

/// The shortest time for which a link can be used, in seconds: five minutes.
pub const SHORTEST_LIFE: i64 = 300;

/// The longest, in seconds: 30 days.
pub const LONGEST_LIFE: i64 = 30 * 24 * 3600;

/// For how many seconds a link of this kind can be used (rule O2). `asked` is `None` for the usual time: a week for an invite, a
/// day for a new password and for an e-mail address.
///
/// # Errors
/// [`DomainError::Field`] at `["expires_in"]` for less than [`SHORTEST_LIFE`] and more than [`LONGEST_LIFE`].
pub fn life(kind: LinkKind, asked: Option<i64>) -> Result<i64, DomainError> {
    match asked {
        None => Ok(match kind {
            LinkKind::Invite => 7 * 24 * 3600,
            LinkKind::Reset | LinkKind::Confirm => 24 * 3600,
        }),
        Some(seconds) if (SHORTEST_LIFE..=LONGEST_LIFE).contains(&seconds) => Ok(seconds),
        Some(_) => {
            let message =
                format!("must be {SHORTEST_LIFE} to {LONGEST_LIFE} seconds: five minutes to 30 days");
            Err(DomainError::field("expires_in", message))
        }
    }
}

/// Decides whether `actor`, an admin or (`None`) the server's own, may make a link that sets the password of `target` (rule O4).
///
/// # Errors
/// [`Prohibited::PrimaryAdminLink`] for the primary admin, whoever asks over HTTP.
pub fn ensure_may_make(
    actor: Option<&UserId>,
    target: &UserId,
    primary: Option<&UserId>,
) -> Result<(), DomainError> {
    if primary == Some(target) && actor.is_some() { Err(Prohibited::PrimaryAdminLink.into()) } else { Ok(()) }
}

/// The account of a link as it is now.
#[derive(Debug, Clone, Copy)]
pub struct LinkOwner<'a> {
    /// Its e-mail address.
    pub email: &'a str,
    /// It is neither suspended nor switched off.
    pub is_active: bool,
    /// It is the primary admin: a link that another admin made before it became that opens nothing any more (rule O4).
    pub is_primary: bool,
    /// It waits until its e-mail address is confirmed (rule C1).
    pub is_waiting: bool,
}

/// Whether a link still opens something at `now` (rules O3 and C4). `owner` is `None` where the account is gone; `maker_is_good` says
/// whether who made it is an active admin, or nobody in particular.
#[must_use]
pub fn is_good(link: &LinkRow, owner: Option<LinkOwner<'_>>, maker_is_good: bool, now: UnixSeconds) -> bool {
    let may_be_made = |owner: LinkOwner<'_>| !owner.is_primary || link.maker.is_none();
    let is_same =
        |owner: LinkOwner<'_>| owner.is_active && EmailLookup::new(&link.email).matches(owner.email);
    let is_of_use = |owner: LinkOwner<'_>| link.kind != LinkKind::Confirm || owner.is_waiting;
    let is_good = |owner| is_same(owner) && may_be_made(owner) && is_of_use(owner);
    now < link.expires_at && maker_is_good && owner.is_some_and(is_good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::LinkId;

    const NOW: UnixSeconds = 1_000;

    fn id(text: &str) -> UserId {
        UserId::from_stored(text.to_owned())
    }

    #[test]
    fn o2_a_link_can_be_used_for_five_minutes_to_30_days() {
        assert_eq!(life(LinkKind::Invite, None), Ok(604_800));
        assert_eq!(life(LinkKind::Reset, None), Ok(86_400));
        assert_eq!(life(LinkKind::Confirm, None), Ok(86_400));
        for kind in LinkKind::ALL {
            for seconds in [SHORTEST_LIFE, LONGEST_LIFE] {
                assert_eq!(life(kind, Some(seconds)), Ok(seconds));
            }
            for seconds in [SHORTEST_LIFE - 1, LONGEST_LIFE + 1, 0, -1, i64::MIN, i64::MAX] {
                let refused = life(kind, Some(seconds)).unwrap_err();
                assert!(
                    matches!(&refused, DomainError::Field { path, .. } if path == &["expires_in"]),
                    "{refused}"
                );
            }
        }
    }

    fn bobs(kind: LinkKind) -> LinkRow {
        LinkRow {
            id: LinkId::from_stored("l".to_owned()),
            kind,
            user: id("bob"),
            email: "Bob@example.com".to_owned(),
            token_hash: String::new(),
            maker: Some(id("ada")),
            created_at: 0,
            expires_at: NOW + 1,
        }
    }

    /// Bob, who is active.
    const BOB: LinkOwner<'_> =
        LinkOwner { email: "bob@example.com", is_active: true, is_primary: false, is_waiting: false };

    #[test]
    fn o3_a_link_is_dead_when_its_time_its_account_or_its_maker_is_gone() {
        let link = bobs(LinkKind::Reset);
        let owner = |email, is_active| Some(LinkOwner { email, is_active, ..BOB });
        let primary = Some(LinkOwner { is_primary: true, ..BOB });
        assert!(!is_good(&link, primary, true, NOW), "O4: it was made before");
        assert!(is_good(&LinkRow { maker: None, ..link.clone() }, primary, true, NOW), "by the operator");
        assert!(is_good(&link, owner("bob@Example.com", true), true, NOW), "the same however it is spelled");
        for (owner, maker, now) in [
            (owner("bob@example.com", true), true, NOW + 1),
            (owner("bob@example.com", true), false, NOW),
            (owner("bob@example.com", false), true, NOW),
            (owner("robert@example.com", true), true, NOW),
            (None, true, NOW),
        ] {
            assert!(!is_good(&link, owner, maker, now), "{owner:?} {maker} {now}");
        }
    }

    #[test]
    fn c4_a_link_that_confirms_is_dead_once_its_account_waits_no_more() {
        let owner = |is_waiting| Some(LinkOwner { is_waiting, ..BOB });
        let is_good = |kind, waits| is_good(&bobs(kind), owner(waits), true, NOW);
        assert!(is_good(LinkKind::Confirm, true) && !is_good(LinkKind::Confirm, false));
        assert!(
            is_good(LinkKind::Reset, true) && is_good(LinkKind::Invite, false),
            "others do not ask for it"
        );
    }

    #[test]
    fn o4_nobody_makes_a_link_for_the_primary_admin_but_the_operator() {
        let (first, other) = (id("first"), id("other"));
        let make = |actor, target| ensure_may_make(actor, target, Some(&first));
        for actor in [&first, &other] {
            assert_eq!(make(Some(actor), &first), Err(Prohibited::PrimaryAdminLink.into()));
            assert_eq!(make(Some(actor), &other), Ok(()));
        }
        assert_eq!((make(None, &first), ensure_may_make(Some(&first), &first, None)), (Ok(()), Ok(())));
    }
}
