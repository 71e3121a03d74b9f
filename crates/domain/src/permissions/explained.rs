//! Where each right of one account comes from (rule M32).

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::effective::EffectivePermissions;
use super::tree::{Node, PermissionTree};
use super::user_permissions::UserPermissions;
use crate::dialect::Dialect;
use crate::group::{Membership, ReachedGroup};
use crate::ids::{GroupId, UserId};
use crate::role::Role;

/// What an account may do, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainedPermissions {
    /// Whose they are.
    pub user: ExplainedUser,
    /// Every group that counts for the account: its own first, then those above them, both by name.
    pub groups: Vec<ExplainedGroup>,
    /// The known rights in their usual order, then those that are stored somewhere and not known.
    pub rights: Vec<ExplainedRight>,
}

/// Whose rights are explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainedUser {
    /// The id.
    pub id: UserId,
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
}

/// A group that counts for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainedGroup {
    /// The group's id.
    pub id: GroupId,
    /// The group's name.
    pub name: String,
    /// Whether the account is a member of it or of a group below it.
    pub membership: Membership,
    /// The group above it, or null.
    pub parent_group_id: Option<GroupId>,
    /// The account's own groups below it: through these it counts, also where the account is a member of it besides.
    pub through: Vec<GroupId>,
}

/// One right, whether the account holds it, and what gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainedRight {
    /// Its section and its key, such as `chat.delete`.
    pub right: String,
    /// Whether this server knows it. What it does not know is stored in the template or in a group for a newer front end.
    pub known: bool,
    /// Whether the account holds it.
    pub holds: bool,
    /// Whether it holds it as an admin: by rules S2, N4 and K2 admins need not have the right.
    pub by_role: bool,
    /// What the template says; null where it says nothing.
    pub template: Option<TemplateSays>,
    /// The ids of all groups that give it.
    pub groups: Vec<GroupId>,
    /// The ids of the groups because of which the account does not hold what the template or another group gives. A database
    /// of Open WebUI 0.6 takes a group's `false` in place of a default that the stored template lacks; and a group may have a
    /// section where the right belongs.
    pub withheld_by: Vec<GroupId>,
}

/// What the template says of a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplateSays {
    /// Whether it gives the right.
    pub gives: bool,
    /// Whether this is stored. If not, it is the configured default.
    pub stored: bool,
}

/// A group that counts for an account, and what it gives.
#[derive(Debug, Clone, Copy)]
pub struct GroupRights<'a> {
    /// The group.
    pub group: &'a ReachedGroup,
    /// Its permissions.
    pub tree: &'a PermissionTree,
}

/// Rights that a rule asks for but of admins, with the first version in which it does: S2 and K2, then N4.
const NOT_ASKED_OF_ADMINS: [(Dialect, &str, &str); 6] = [
    (Dialect::V0_6, "features", "direct_tool_servers"),
    (Dialect::V0_6, "features", "api_keys"),
    (Dialect::V0_12, "features", "webhooks"),
    (Dialect::V0_12, "settings", "interface"),
    (Dialect::V0_12, "chat", "controls"),
    (Dialect::V0_12, "chat", "system_prompt"),
];

/// Whether an admin holds this right by its role, whatever template and groups say.
#[must_use]
pub fn is_held_by_admins(dialect: Dialect, section: &str, key: &str) -> bool {
    NOT_ASKED_OF_ADMINS.iter().any(|(since, of, right)| *since <= dialect && (*of, *right) == (section, key))
}

impl ExplainedPermissions {
    /// Explains what [`EffectivePermissions::compute`] makes of the same: `template` is what is stored, and empty where nothing
    /// is; `groups` are all that count for the account, in any order.
    #[must_use]
    pub fn of(
        user: ExplainedUser,
        template: &PermissionTree,
        mut groups: Vec<GroupRights<'_>>,
        defaults: &UserPermissions,
    ) -> Self {
        groups.sort_by(|a, b| place_of(a.group).cmp(&place_of(b.group)));
        let effective =
            EffectivePermissions::compute(template, groups.iter().map(|rights| rights.tree), defaults);
        let sources = Sources { template, groups: &groups };
        let mut rights: Vec<_> = defaults
            .iter()
            .map(|(section, key, default)| {
                let by_role =
                    user.role.is_admin() && is_held_by_admins(defaults.rights().dialect(), section, key);
                sources.known(section, key, default, effective.allows(section, key), by_role)
            })
            .collect();
        let givers = sources.givers();
        let all = effective.tree();
        for_each_flag(&all, &mut Vec::new(), &mut |path, given| {
            let is_known = matches!(path, [section, key] if defaults.get(section, key).is_some());
            if !is_known {
                rights.push(sources.unknown(path, given, givers.get(path)));
            }
        });
        Self { user, groups: described(&groups), rights }
    }
}

/// Own groups come first, then it is the name that counts.
fn place_of(reached: &ReachedGroup) -> (bool, &str, &str) {
    let is_inherited = reached.membership == Membership::Inherited;
    (is_inherited, &reached.group.name, reached.group.id.as_str())
}

/// What gives rights.
struct Sources<'a> {
    template: &'a PermissionTree,
    groups: &'a [GroupRights<'a>],
}

impl<'a> Sources<'a> {
    /// A right of the table. `given` is what comes of all sources together.
    fn known(&self, section: &str, key: &str, default: bool, given: bool, by_role: bool) -> ExplainedRight {
        let path = [section, key];
        let stored = flag(node(self.template, &path));
        let says = TemplateSays { gives: stored.unwrap_or(default), stored: stored.is_some() };
        let groups_where = |wanted: &dyn Fn(&Node) -> bool| -> Vec<GroupId> {
            let of = self.groups.iter().filter(|rights| node(rights.tree, &path).is_some_and(wanted));
            of.map(|rights| rights.group.group.id.clone()).collect()
        };
        let givers = groups_where(&|node| matches!(node, Node::Flag(true)));
        let is_said = says.gives || !givers.is_empty();
        let withheld_by = if is_said && !given {
            // A section wins over every flag; without one it is a flag in place of the default.
            let sections = groups_where(&|node| matches!(node, Node::Section(_)));
            let refusals = || groups_where(&|node| matches!(node, Node::Flag(false)));
            if sections.is_empty() { refusals() } else { sections }
        } else {
            Vec::new()
        };
        ExplainedRight {
            right: path.join("."),
            known: true,
            holds: given || by_role,
            by_role,
            template: Some(says),
            groups: if given { givers } else { Vec::new() },
            withheld_by,
        }
    }

    /// A right that only other programs know.
    fn unknown(&self, path: &[&str], given: bool, givers: Option<&Vec<GroupId>>) -> ExplainedRight {
        ExplainedRight {
            right: path.join("."),
            known: false,
            holds: given,
            by_role: false,
            template: flag(node(self.template, path)).map(|gives| TemplateSays { gives, stored: true }),
            groups: givers.cloned().unwrap_or_default(),
            withheld_by: Vec::new(),
        }
    }

    /// The groups that give each right, by its path.
    fn givers(&self) -> HashMap<Vec<&'a str>, Vec<GroupId>> {
        let mut givers: HashMap<Vec<&str>, Vec<GroupId>> = HashMap::new();
        for GroupRights { group, tree } in self.groups {
            for_each_flag(tree, &mut Vec::new(), &mut |path, given| {
                if given {
                    givers.entry(path.to_vec()).or_default().push(group.group.id.clone());
                }
            });
        }
        givers
    }
}

/// What stands at a path.
fn node<'a>(tree: &'a PermissionTree, path: &[&str]) -> Option<&'a Node> {
    let (last, sections) = path.split_last()?;
    let mut tree = tree;
    for section in sections {
        match tree.get(section)? {
            Node::Section(inner) => tree = inner,
            Node::Flag(_) => return None,
        }
    }
    tree.get(last)
}

fn flag(node: Option<&Node>) -> Option<bool> {
    match node? {
        Node::Flag(given) => Some(*given),
        Node::Section(_) => None,
    }
}

/// Calls `work` with the path and the value of every right. `path` leads to the tree and is as before afterwards.
fn for_each_flag<'a>(
    tree: &'a PermissionTree,
    path: &mut Vec<&'a str>,
    work: &mut impl FnMut(&[&'a str], bool),
) {
    for (key, node) in tree.iter() {
        path.push(key);
        match node {
            Node::Flag(given) => work(path, *given),
            Node::Section(inner) => for_each_flag(inner, path, work),
        }
        path.pop();
    }
}

/// The groups as they are shown, in this order. Rings of parents end (rule M19).
fn described(groups: &[GroupRights<'_>]) -> Vec<ExplainedGroup> {
    let by_id: HashMap<&GroupId, usize> =
        groups.iter().enumerate().map(|(place, rights)| (&rights.group.group.id, place)).collect();
    let above = |rights: &GroupRights<'_>| by_id.get(rights.group.parent.as_ref()?).copied();
    let mut through = vec![Vec::new(); groups.len()];
    let own = groups.iter().enumerate().filter(|(_, it)| it.group.membership == Membership::Direct);
    for (place, rights) in own {
        let mut seen = HashSet::from([place]);
        let mut next = above(rights);
        while let Some(reached) = next.filter(|reached| seen.insert(*reached)) {
            through[reached].push(rights.group.group.id.clone());
            next = above(&groups[reached]);
        }
    }
    let describe = |(rights, through): (&GroupRights<'_>, Vec<GroupId>)| {
        let ReachedGroup { group, membership, .. } = rights.group;
        ExplainedGroup {
            id: group.id.clone(),
            name: group.name.clone(),
            membership: *membership,
            parent_group_id: above(rights).map(|parent| groups[parent].group.group.id.clone()),
            through,
        }
    };
    groups.iter().zip(through).map(describe).collect()
}

#[cfg(test)]
mod tests;
