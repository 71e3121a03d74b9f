//! Groups above groups: which parents a group may have.

use crate::dialect::Dialect;
use crate::error::{DomainError, GroupCycle};
use crate::ids::GroupId;

/// Whether front ends of this dialect know groups above groups. Only then are parents shown and taken, is `data.config`
/// kept by its rules (M1 to M4), and do lists of groups follow the tree (M5 and M6).
#[must_use]
pub fn is_known(dialect: Dialect) -> bool {
    match dialect {
        Dialect::V0_6 => false,
        Dialect::V0_12 => true,
    }
}

/// Refuses a parent that the group may not have (rule M1). `group` is `None` for a group that is being made. `line` is the
/// parent, if it exists, and every group above it.
///
/// Gives whether the parent exists.
///
/// # Errors
/// [`DomainError::GroupCycle`] for the group itself and for a group below it.
pub fn ensure_may_have(
    group: Option<&GroupId>,
    parent: &GroupId,
    line: &[GroupId],
) -> Result<bool, DomainError> {
    if Some(parent) == group {
        return Err(GroupCycle::Itself.into());
    }
    if group.is_some_and(|group| line.contains(group)) {
        return Err(GroupCycle::Descendant.into());
    }
    Ok(line.contains(parent))
}

/// The parent that a client names. `None`: no group can have such an id.
///
/// # Errors
/// [`DomainError::GroupCycle`] for the empty text (rule M1).
pub fn parse_parent(text: &str) -> Result<Option<GroupId>, DomainError> {
    if text.is_empty() {
        return Err(GroupCycle::Empty.into());
    }
    Ok(GroupId::parse(text).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> GroupId {
        GroupId::from_stored(text.to_owned())
    }

    #[test]
    fn m1_neither_the_group_nor_one_below_it_can_be_its_parent() {
        let line = [id("leaf"), id("middle"), id("root")];
        let judge = |group: Option<&str>, parent: &str, line: &[GroupId]| {
            ensure_may_have(group.map(id).as_ref(), &id(parent), line)
        };
        assert_eq!(judge(None, "leaf", &line), Ok(true));
        assert_eq!(judge(Some("other"), "leaf", &line), Ok(true));
        assert_eq!(judge(Some("leaf"), "leaf", &line), Err(GroupCycle::Itself.into()));
        for group in ["middle", "root"] {
            assert_eq!(judge(Some(group), "leaf", &line), Err(GroupCycle::Descendant.into()), "{group}");
        }
        assert_eq!(judge(Some("other"), "gone", &[]), Ok(false));
    }

    #[test]
    fn m1_the_empty_text_is_no_parent() {
        assert_eq!(parse_parent(""), Err(GroupCycle::Empty.into()));
        assert_eq!(parse_parent("g"), Ok(Some(id("g"))));
        assert_eq!(parse_parent(&"x".repeat(256)), Ok(None));
    }

    #[test]
    fn only_the_newest_dialect_has_a_tree() {
        assert_eq!(Dialect::ALL.map(is_known), [false, true]);
    }
}
