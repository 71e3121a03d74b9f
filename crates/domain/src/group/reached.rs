//! The groups that count for a user.

use serde::{Deserialize, Deserializer, Serialize};

use super::Group;
use crate::dialect::Dialect;
use crate::ids::GroupId;

/// A group that counts for a user, as the user's own routes show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserGroup {
    /// The group above it. Only in the newest dialect.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<GroupId>, required = false))]
    pub parent_group_id: Option<Option<GroupId>>,
    /// The group; its keys stand beside the others.
    #[serde(flatten)]
    pub group: Group,
    /// How it comes to count. Only where inherited groups were asked for (rule N20).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub membership_type: Option<Membership>,
}

impl<'de> Deserialize<'de> for UserGroup {
    /// Only from JSON: the group carries JSON as text, which serde's own `flatten` would lose.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Rest {
            #[serde(default, deserialize_with = "crate::json::present")]
            parent_group_id: Option<Option<GroupId>>,
            #[serde(default)]
            membership_type: Option<Membership>,
        }
        let (group, Rest { parent_group_id, membership_type }) = crate::json::read_twice(deserializer)?;
        Ok(Self { parent_group_id, group, membership_type })
    }
}

/// How a group comes to count for a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Membership {
    /// The user is a member of it.
    Direct,
    /// The user is a member of a group somewhere below it, and not of it.
    Inherited,
}

/// A group that counts for a user, as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReachedGroup {
    /// The group.
    pub group: Group,
    /// The group above it.
    pub parent: Option<GroupId>,
    /// How it comes to count.
    pub membership: Membership,
}

impl ReachedGroup {
    /// The group as it is shown. Whether `inherited` groups were asked for decides whether `membership_type` is told; the
    /// older dialect knows neither it nor parents (rule N20).
    #[must_use]
    pub fn into_answer(self, dialect: Dialect, inherited: bool) -> UserGroup {
        let Self { group, parent, membership } = self;
        match dialect {
            Dialect::V0_6 => UserGroup { parent_group_id: None, group, membership_type: None },
            Dialect::V0_12 => UserGroup {
                parent_group_id: Some(parent),
                group,
                membership_type: inherited.then_some(membership),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::group;
    use super::*;

    #[test]
    fn n20_inherited_groups_say_so_in_the_newest_dialect() {
        let reached = || ReachedGroup {
            group: group(),
            parent: Some(GroupId::from_stored("top".into())),
            membership: Membership::Inherited,
        };
        let text =
            |dialect, inherited| serde_json::to_string(&reached().into_answer(dialect, inherited)).unwrap();
        let plain = serde_json::to_string(&group()).unwrap();
        assert_eq!(text(Dialect::V0_6, true), plain);
        let with_parent = plain.replacen('{', r#"{"parent_group_id":"top","#, 1);
        assert_eq!(text(Dialect::V0_12, false), with_parent);
        let with_type =
            with_parent.replace(r#""updated_at":2}"#, r#""updated_at":2,"membership_type":"inherited"}"#);
        assert_eq!(text(Dialect::V0_12, true), with_type);
        let read: UserGroup = serde_json::from_str(&with_type).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), with_type);
    }
}
