//! What a connection by SCIM does with groups (rules J8 and J9).

use std::collections::BTreeSet;

use crate::ids::{GroupId, UserId};
use crate::scim::GroupRule;

/// Why a connection may not have, or not change, a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The connection does not manage groups.
    NoGroups,
    /// The connection has a group of this name.
    Taken,
    /// There is a group of this name, which is not the connection's.
    OfOthers,
    /// There is no group of this name, and the connection does not make groups.
    NotThere,
}

impl Refused {
    /// What is wrong, and what mends it.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoGroups => {
                "This connection does not manage groups. An admin can change that: the group rule of the connection."
            }
            Self::Taken => "This connection has a group with this `displayName` already.",
            Self::OfOthers => {
                "There is a group of this name already, which this connection did not make. Give one of the two another name, or \
                 let the connection use existing groups: the group rule of the connection."
            }
            Self::NotThere => {
                "There is no group of this name, and this connection does not make groups. Make the group first, or change the \
                 group rule of the connection."
            }
        }
    }
}

/// A group that the connection made or was linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The group.
    pub id: GroupId,
    /// Whether the connection has deleted it, and sees it no more.
    pub is_hidden: bool,
}

/// A group of the server, and whether it is the connection's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Existing {
    /// The group.
    pub id: GroupId,
    /// Whether the connection has deleted it; `None`: the connection has nothing to do with it.
    pub hidden: Option<bool>,
}

/// What POST of a group does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// It makes a group.
    Make,
    /// The connection is linked to this group, which was there before.
    Link(GroupId),
    /// The connection sees this group again, which it had deleted.
    ShowAgain(GroupId),
}

/// Whether a connection of this rule may write groups (rule J9).
///
/// # Errors
/// [`Refused::NoGroups`].
pub fn ensure_manages(rule: GroupRule) -> Result<(), Refused> {
    if rule == GroupRule::None { Err(Refused::NoGroups) } else { Ok(()) }
}

/// What POST of a group does (rule J9). `own` is the connection's group that it knows by this name, `existing` the group of the
/// server that has this name.
///
/// # Errors
/// [`Refused`].
pub fn plan(rule: GroupRule, own: Option<Own>, existing: Option<Existing>) -> Result<Plan, Refused> {
    ensure_manages(rule)?;
    match own {
        Some(Own { is_hidden: false, .. }) => return Err(Refused::Taken),
        Some(Own { id, is_hidden: true }) => return Ok(Plan::ShowAgain(id)),
        None => {}
    }
    match (existing, rule) {
        (Some(Existing { hidden: Some(false), .. }), _) => Err(Refused::Taken),
        (Some(Existing { id, hidden: Some(true) }), _) => Ok(Plan::ShowAgain(id)),
        (Some(Existing { id, hidden: None }), GroupRule::Existing) => Ok(Plan::Link(id)),
        (Some(Existing { hidden: None, .. }), GroupRule::Make | GroupRule::None) => Err(Refused::OfOthers),
        (None, GroupRule::Make) => Ok(Plan::Make),
        (None, GroupRule::Existing | GroupRule::None) => Err(Refused::NotThere),
    }
}

/// What DELETE of a group does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// The group goes, with its memberships.
    Delete,
    /// The connection's accounts leave the group, and the connection sees it no more.
    LeaveAndHide,
    /// The connection sees the group no more.
    Hide,
}

/// What DELETE of a group does (rule J9): `made` by the connection, and `shared` with accounts that are not the connection's, or with
/// groups below it.
#[must_use]
pub const fn fate(made: bool, shared: bool) -> Fate {
    match (made, shared) {
        (true, false) => Fate::Delete,
        (true, true) => Fate::LeaveAndHide,
        (false, _) => Fate::Hide,
    }
}

/// Who comes and who goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moves {
    /// Those who become members, by id.
    pub join: Vec<UserId>,
    /// Those who are members no more, by id.
    pub leave: Vec<UserId>,
}

/// Who comes and who goes where a request names all members (rule J8). `members` and `known` are accounts that the connection sees: the
/// members, and those among the named ones. So members that it does not see stay, and accounts that it does not see do not come.
#[must_use]
pub fn replaced(members: &BTreeSet<UserId>, known: &BTreeSet<UserId>) -> Moves {
    Moves {
        join: known.difference(members).cloned().collect(),
        leave: members.difference(known).cloned().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str) -> GroupId {
        GroupId::from_stored(id.to_owned())
    }

    fn own(is_hidden: bool) -> Own {
        Own { id: group("own"), is_hidden }
    }

    fn existing(hidden: Option<bool>) -> Existing {
        Existing { id: group("g"), hidden }
    }

    #[test]
    fn j9_a_connection_without_groups_writes_none() {
        for rule in [GroupRule::Make, GroupRule::Existing] {
            assert_eq!(ensure_manages(rule), Ok(()));
        }
        assert_eq!(ensure_manages(GroupRule::None), Err(Refused::NoGroups));
        for (own, existing) in [(None, None), (Some(own(true)), None), (None, Some(existing(None)))] {
            assert_eq!(plan(GroupRule::None, own, existing), Err(Refused::NoGroups));
        }
    }

    #[test]
    fn j9_a_new_name_makes_a_group_or_is_refused() {
        assert_eq!(plan(GroupRule::Make, None, None), Ok(Plan::Make));
        assert_eq!(plan(GroupRule::Existing, None, None), Err(Refused::NotThere));
    }

    #[test]
    fn j9_a_group_of_others_is_linked_only_by_its_rule() {
        assert_eq!(plan(GroupRule::Make, None, Some(existing(None))), Err(Refused::OfOthers));
        assert_eq!(plan(GroupRule::Existing, None, Some(existing(None))), Ok(Plan::Link(group("g"))));
    }

    #[test]
    fn j9_what_the_connection_deleted_comes_back_and_what_it_has_is_taken() {
        for rule in [GroupRule::Make, GroupRule::Existing] {
            for local in [None, Some(existing(None)), Some(existing(Some(false)))] {
                assert_eq!(plan(rule, Some(own(false)), local.clone()), Err(Refused::Taken));
                assert_eq!(plan(rule, Some(own(true)), local), Ok(Plan::ShowAgain(group("own"))));
            }
            // An admin gave a group of the connection this name.
            assert_eq!(plan(rule, None, Some(existing(Some(false)))), Err(Refused::Taken));
            assert_eq!(plan(rule, None, Some(existing(Some(true)))), Ok(Plan::ShowAgain(group("g"))));
        }
    }

    #[test]
    fn j9_only_what_nobody_else_uses_is_deleted() {
        assert_eq!(fate(true, false), Fate::Delete);
        assert_eq!(fate(true, true), Fate::LeaveAndHide);
        assert_eq!((fate(false, false), fate(false, true)), (Fate::Hide, Fate::Hide));
    }

    #[test]
    fn j8_who_is_not_named_leaves_and_who_is_a_member_stays() {
        let ids = |ids: &[&str]| -> BTreeSet<UserId> {
            ids.iter().map(|id| UserId::from_stored((*id).to_owned())).collect()
        };
        let moves = replaced(&ids(&["a", "b"]), &ids(&["b", "c"]));
        assert_eq!(
            (moves.join, moves.leave),
            (ids(&["c"]).into_iter().collect(), ids(&["a"]).into_iter().collect())
        );
        assert_eq!(replaced(&ids(&["a"]), &ids(&["a"])), Moves::default());
    }
}
