//! What one user may do: the template and the permissions of all groups together.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::prepared::{KnownRights, PreparedTree};
use super::{PermissionTree, UserPermissions};
use crate::dialect::Dialect;

/// The rights of one user: the template, OR-ed with every group's permissions, every known right filled in. Admins
/// get the same computation; that they may do more anyway is decided by each rule.
#[derive(Debug, Clone)]
pub struct EffectivePermissions(Held);

#[derive(Debug, Clone)]
enum Held {
    /// Known rights alone.
    Known(UserPermissions),
    Tree(PermissionTree),
}

impl EffectivePermissions {
    /// Computes the rights, as [`Self::compute`] does, from trees that were looked through before.
    #[must_use]
    pub fn of<'a>(
        template: &PreparedTree,
        groups: impl IntoIterator<Item = &'a PreparedTree> + Clone,
        defaults: &UserPermissions,
    ) -> Self {
        match Self::known(template, groups.clone(), defaults) {
            Some(known) => Self(Held::Known(known)),
            None => Self::compute(template.tree(), groups.into_iter().map(PreparedTree::tree), defaults),
        }
    }

    /// The same where nobody mentions anything but known rights.
    fn known<'a>(
        template: &PreparedTree,
        groups: impl IntoIterator<Item = &'a PreparedTree>,
        defaults: &UserPermissions,
    ) -> Option<UserPermissions> {
        let rights = defaults.rights();
        let mut sum =
            if template.tree().is_empty() { KnownRights::all(*defaults) } else { template.known(rights)? };
        if rights.dialect() == Dialect::V0_12 {
            sum = KnownRights::all(sum.filled(defaults));
        }
        for group in groups {
            sum.union(group.known(rights)?);
        }
        Some(sum.filled(defaults))
    }

    /// Computes the rights. `template` is what is stored; an empty one means that nothing is, and then `defaults` are
    /// the template. `groups` are the permissions of each group the user is in, in any order. At the end `defaults`
    /// fill what neither the template nor any group mentions, which matters where an older server stored a template
    /// without rights that are known by now. In the newest dialect they fill the template before the groups are added
    /// (rule N18): there a group that says no takes nothing away that the defaults give.
    #[must_use]
    pub fn compute<'a>(
        template: &PermissionTree,
        groups: impl IntoIterator<Item = &'a PermissionTree>,
        defaults: &UserPermissions,
    ) -> Self {
        let mut tree = if template.is_empty() { PermissionTree::from(defaults) } else { template.clone() };
        if defaults.rights().dialect() == Dialect::V0_12 {
            tree.fill(defaults);
        }
        for group in groups {
            tree.union(group);
        }
        tree.fill(defaults);
        Self(Held::Tree(tree))
    }

    /// Whether the right is given, be it known or only stored.
    #[must_use]
    pub fn allows(&self, section: &str, key: &str) -> bool {
        match &self.0 {
            Held::Known(known) => known.get(section, key) == Some(true),
            Held::Tree(tree) => tree.allows(section, key),
        }
    }

    /// Whether the user may connect tool servers of their own (`features.direct_tool_servers`, rule S2).
    #[must_use]
    pub fn direct_tool_servers(&self) -> bool {
        self.allows("features", "direct_tool_servers")
    }

    /// Whether the user may make and use API keys (`features.api_keys`).
    #[must_use]
    pub fn api_keys(&self) -> bool {
        self.allows("features", "api_keys")
    }

    /// As JSON text, the same as it is serialized.
    #[must_use]
    pub fn to_json(&self) -> String {
        match &self.0 {
            Held::Known(known) => known.to_json(),
            Held::Tree(tree) => tree.to_json(),
        }
    }

    /// All rights, the known ones first.
    #[must_use]
    pub fn tree(&self) -> Cow<'_, PermissionTree> {
        match &self.0 {
            Held::Known(known) => Cow::Owned(PermissionTree::from(known)),
            Held::Tree(tree) => Cow::Borrowed(tree),
        }
    }
}

impl PartialEq for EffectivePermissions {
    /// Whether they give the same, however they were computed.
    fn eq(&self, other: &Self) -> bool {
        self.tree() == other.tree()
    }
}

impl Eq for EffectivePermissions {}

impl Serialize for EffectivePermissions {
    /// As the tree itself.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Held::Known(known) => known.serialize(serializer),
            Held::Tree(tree) => tree.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for EffectivePermissions {
    /// As another server computed them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PermissionTree::deserialize(deserializer).map(|tree| Self(Held::Tree(tree)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::OPEN_WEBUI_0_12;
    use super::*;

    fn effective(template: &str, groups: &[&str]) -> EffectivePermissions {
        let groups: Vec<PermissionTree> = groups.iter().map(|json| PermissionTree::from_json(json)).collect();
        EffectivePermissions::compute(
            &PermissionTree::from_json(template),
            &groups,
            &UserPermissions::builtin(),
        )
    }

    #[test]
    fn without_anything_stored_the_defaults_count() {
        let permissions = effective("null", &[]);
        assert_eq!(*permissions.tree(), PermissionTree::from(&UserPermissions::builtin()));
        assert!(!permissions.api_keys() && !permissions.direct_tool_servers());
    }

    #[test]
    fn any_group_can_grant_and_none_can_take_away() {
        let permissions = effective(
            r#"{"chat":{"delete":true}}"#,
            &[
                r#"{"features":{"api_keys":true},"chat":{"delete":false}}"#,
                "null",
                r#"{"features":{"api_keys":false}}"#,
            ],
        );
        assert!(permissions.api_keys());
        assert!(permissions.allows("chat", "delete"));
    }

    #[test]
    fn without_a_template_no_group_can_take_a_default_away() {
        assert!(effective("null", &[r#"{"chat":{"delete":false}}"#]).allows("chat", "delete"));
    }

    #[test]
    fn the_defaults_fill_only_what_neither_template_nor_group_mentions() {
        let permissions = effective(r#"{"chat":{"share":true}}"#, &[r#"{"chat":{"delete":false}}"#]);
        assert!(!permissions.allows("chat", "delete"));
        assert!(permissions.allows("chat", "edit"));
    }

    #[test]
    fn n18_in_the_newest_dialect_a_default_counts_whatever_groups_say() {
        let template = PermissionTree::from_json(r#"{"chat":{"share":true},"zoo":{"lion":true}}"#);
        let group = PermissionTree::from_json(r#"{"chat":{"delete":false,"fly":true},"club":{"door":true}}"#);
        let newest = OPEN_WEBUI_0_12.builtin();
        let permissions = EffectivePermissions::compute(&template, [&group], &newest);
        for (section, key) in [
            ("chat", "delete"),
            ("chat", "fly"),
            ("settings", "interface"),
            ("zoo", "lion"),
            ("club", "door"),
        ] {
            assert!(permissions.allows(section, key), "{section}.{key}");
        }
        assert!(!permissions.allows("features", "webhooks"));
    }

    #[test]
    fn it_serializes_as_the_tree() {
        let json = serde_json::to_string(&effective("{}", &[r#"{"zoo":{"fly":true}}"#])).unwrap();
        assert!(json.starts_with(r#"{"workspace":{"#) && json.ends_with(r#""zoo":{"fly":true}}"#), "{json}");
    }
}
