//! The members of a group, with those that it has through the groups below it (rule M7).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Membership, NamedGroup};
use crate::clock::UnixSeconds;
use crate::ids::{GroupId, UserId};
use crate::list::{PAGE_SIZE, SearchText};
use crate::role::Role;

/// Which members are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MembershipFilter {
    /// Members of the group and of all groups below it, each once.
    #[default]
    Effective,
    /// Members of the group itself.
    Direct,
    /// The effective ones that are no direct members.
    Inherited,
}

impl MembershipFilter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Effective, Self::Direct, Self::Inherited];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Effective => "effective",
            Self::Direct => "direct",
            Self::Inherited => "inherited",
        }
    }

    /// One of the words, spelled exactly so.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.as_str() == text)
    }
}

/// What a list of members is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MembersQuery {
    /// Which members.
    pub filter: MembershipFilter,
    /// What a name or e-mail address has to contain (rule L2); `None`: everybody.
    pub search: Option<SearchText>,
    /// Entries to skip, at least 0.
    pub offset: i64,
}

impl MembersQuery {
    /// Entries on a page.
    pub const LIMIT: i64 = PAGE_SIZE;

    /// A page by its number, from 1. Any number is fine: a page past the end is empty.
    #[must_use]
    pub fn page(filter: MembershipFilter, search: Option<SearchText>, page: i64) -> Self {
        let offset = page.max(1).saturating_sub(1).saturating_mul(Self::LIMIT);
        Self { filter, search, offset }
    }
}

/// A member as the database gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// The user's id.
    pub id: UserId,
    /// The name others see.
    pub name: String,
    /// The e-mail address as stored.
    pub email: String,
    /// The role.
    pub role: Role,
    /// Whether the user is a member of the group itself.
    pub direct: bool,
}

/// How many members a group has, whatever was searched for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = GroupMemberCounts))]
pub struct MemberCounts {
    /// Members of the group itself.
    pub direct: i64,
    /// Members of the group and of all groups below it, each once.
    pub effective: i64,
    /// The effective ones that are no direct members.
    pub inherited: i64,
}

impl MemberCounts {
    /// The counts; who is both counts as direct.
    #[must_use]
    pub fn new(direct: i64, effective: i64) -> Self {
        Self { direct, effective, inherited: effective.saturating_sub(direct).max(0) }
    }

    /// How many there are of the asked ones.
    #[must_use]
    pub fn of(self, filter: MembershipFilter) -> i64 {
        match filter {
            MembershipFilter::Effective => self.effective,
            MembershipFilter::Direct => self.direct,
            MembershipFilter::Inherited => self.inherited,
        }
    }
}

/// A member of a group. Of the fields that other lists of users have, only id, name, e-mail address and role are filled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupMember {
    /// The user's id.
    pub id: UserId,
    /// The name others see.
    pub name: String,
    /// The e-mail address as stored.
    pub email: String,
    /// The role.
    #[serde(deserialize_with = "crate::role::deserialize_stored")]
    pub role: Role,
    /// Always null here.
    pub status_emoji: Option<String>,
    /// Always null here.
    pub status_message: Option<String>,
    /// Always null here.
    pub status_expires_at: Option<UnixSeconds>,
    /// Always null here.
    pub bio: Option<String>,
    /// Always null here.
    pub timezone: Option<String>,
    /// Always null here.
    pub last_active_at: Option<UnixSeconds>,
    /// Always empty here.
    pub groups: Vec<NamedGroup>,
    /// Always false here.
    pub is_active: bool,
    /// Whether the user is a member of the group itself, or only of groups below it.
    pub membership_type: Membership,
    /// The groups below it that the user is a direct member of, by id.
    pub via_group_ids: Vec<GroupId>,
}

impl From<MemberRow> for GroupMember {
    fn from(MemberRow { id, name, email, role, direct }: MemberRow) -> Self {
        Self {
            id,
            name,
            email,
            role,
            status_emoji: None,
            status_message: None,
            status_expires_at: None,
            bio: None,
            timezone: None,
            last_active_at: None,
            groups: Vec::new(),
            is_active: false,
            membership_type: if direct { Membership::Direct } else { Membership::Inherited },
            via_group_ids: Vec::new(),
        }
    }
}

/// One page of the members of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupMembers {
    /// The members, by name, then id.
    pub items: Vec<GroupMember>,
    /// How many match in all.
    pub total: i64,
    /// How many members there are, whatever was searched for.
    pub counts: MemberCounts,
}

impl GroupMembers {
    /// The page. `via`: of each of these members the groups below that they are in, in any order.
    #[must_use]
    pub fn new(rows: Vec<MemberRow>, via: Vec<(UserId, GroupId)>, total: i64, counts: MemberCounts) -> Self {
        let mut groups: HashMap<UserId, Vec<GroupId>> = HashMap::new();
        for (user, group) in via {
            groups.entry(user).or_default().push(group);
        }
        let items = rows.into_iter().map(|row| {
            let mut via_group_ids = groups.remove(&row.id).unwrap_or_default();
            via_group_ids.sort();
            GroupMember { via_group_ids, ..row.into() }
        });
        Self { items: items.collect(), total, counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, direct: bool) -> MemberRow {
        MemberRow {
            id: UserId::from_stored(id.to_owned()),
            name: id.to_uppercase(),
            email: format!("{id}@example.com"),
            role: Role::User,
            direct,
        }
    }

    #[test]
    fn m7_a_member_says_by_which_groups_it_comes() {
        let of = |user: &str, group: &str| {
            (UserId::from_stored(user.to_owned()), GroupId::from_stored(group.to_owned()))
        };
        let via = vec![of("a", "z"), of("b", "y"), of("a", "x")];
        let page = GroupMembers::new(vec![row("a", true), row("b", false)], via, 2, MemberCounts::new(1, 2));
        let text = serde_json::to_string(&page).unwrap();
        let wanted = concat!(
            r#"{"items":[{"id":"a","name":"A","email":"a@example.com","role":"user","status_emoji":null,"#,
            r#""status_message":null,"status_expires_at":null,"bio":null,"timezone":null,"last_active_at":null,"#,
            r#""groups":[],"is_active":false,"membership_type":"direct","via_group_ids":["x","z"]},"#
        );
        assert!(text.starts_with(wanted), "{text}");
        let end = concat!(
            r#""membership_type":"inherited","via_group_ids":["y"]}],"total":2,"#,
            r#""counts":{"direct":1,"effective":2,"inherited":1}}"#
        );
        assert!(text.ends_with(end), "{text}");
        assert_eq!(serde_json::from_str::<GroupMembers>(&text).unwrap(), page);
    }

    #[test]
    fn m7_who_is_both_counts_as_direct() {
        let counts = MemberCounts::new(2, 3);
        let of = MembershipFilter::ALL.map(|filter| counts.of(filter));
        assert_eq!(of, [3, 2, 1]);
        assert_eq!(MemberCounts::new(3, 2).inherited, 0);
    }

    #[test]
    fn m7_thirty_a_page() {
        let offset = |page| MembersQuery::page(MembershipFilter::Direct, None, page).offset;
        assert_eq!([1, 2, i64::MAX].map(offset), [0, 30, i64::MAX]);
        assert_eq!(MembershipFilter::parse("direct"), Some(MembershipFilter::Direct));
        assert_eq!(MembershipFilter::parse("Direct"), None);
    }
}
