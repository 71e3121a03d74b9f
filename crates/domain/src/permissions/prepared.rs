//! Trees that were looked through beforehand, so that they are united without a look at any name.
//!
//! Nearly all permissions that are stored hold known rights and nothing else. Of those a union is an OR of bits, and no
//! tree has to be copied for a request that asks for rights.

use super::rights::Rights;
use super::tree::{Node, PermissionTree};
use super::user_permissions::UserPermissions;

/// A tree, and what it says of the known rights if it says nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedTree {
    tree: PermissionTree,
    known: Option<KnownRights>,
}

impl PreparedTree {
    /// Looks through a tree on a server that knows these rights.
    #[must_use]
    pub fn new(tree: PermissionTree, rights: &'static Rights) -> Self {
        let known = KnownRights::of(&tree, rights);
        Self { tree, known }
    }

    /// The tree itself.
    #[must_use]
    pub fn tree(&self) -> &PermissionTree {
        &self.tree
    }

    /// What it says of these rights; `None` where it says anything else, too.
    pub(super) fn known(&self, rights: &Rights) -> Option<KnownRights> {
        self.known.filter(|known| known.values.rights == rights)
    }
}

/// Some of the known rights, each given or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KnownRights {
    /// A bit for each right that is mentioned, at the same place as in `values`.
    mentioned: u128,
    /// What is not mentioned is not given here.
    values: UserPermissions,
}

impl KnownRights {
    /// What the tree says; `None` where something else stands in it, if only a section of another name.
    fn of(tree: &PermissionTree, rights: &'static Rights) -> Option<Self> {
        let mut known = Self { mentioned: 0, values: rights.none() };
        for (section, node) in tree.iter() {
            let Node::Section(entries) = node else { return None };
            if !rights.sections().any(|known| known.name == section) {
                return None;
            }
            for (key, node) in entries.iter() {
                let Node::Flag(given) = node else { return None };
                let place = rights.position(section, key)?;
                known.mentioned |= 1 << place;
                known.values.given |= u128::from(*given) << place;
            }
        }
        Some(known)
    }

    /// All rights, with these values.
    pub(super) fn all(values: UserPermissions) -> Self {
        Self { mentioned: u128::MAX, values }
    }

    /// Adds what the other grants, as [`PermissionTree::union`].
    pub(super) fn union(&mut self, other: Self) {
        self.mentioned |= other.mentioned;
        self.values.given |= other.values.given;
    }

    /// Each right, with its default where it is not mentioned, as [`PermissionTree::fill`].
    pub(super) fn filled(self, defaults: &UserPermissions) -> UserPermissions {
        let given = self.values.given | defaults.given & !self.mentioned;
        UserPermissions { given, ..*defaults }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EffectivePermissions, OPEN_WEBUI_0_6, OPEN_WEBUI_0_12};
    use super::*;

    /// Permissions as they may be stored: known rights alone, and every way of being something else.
    const TEXTS: [&str; 12] = [
        "null",
        "{}",
        r#"{"chat":{}}"#,
        r#"{"chat":{"delete":true,"edit":false}}"#,
        r#"{"chat":{"delete":false},"features":{"api_keys":true,"web_search":false}}"#,
        r#"{"features":{"direct_tool_servers":true},"workspace":{"models":true}}"#,
        r#"{"settings":{"interface":false},"chat":{"edit":true}}"#,
        r#"{"access_grants":{}}"#,
        r#"{"zoo":{}}"#,
        r#"{"zoo":{"lion":true},"chat":{"delete":true}}"#,
        r#"{"chat":{"fly":true,"delete":{"own":true}}}"#,
        r#"{"chat":true,"features":{"api_keys":true}}"#,
    ];

    #[test]
    fn what_was_looked_through_comes_to_the_same() {
        for rights in [&OPEN_WEBUI_0_6, &OPEN_WEBUI_0_12] {
            let mut by_sets = 0;
            let defaults = rights.builtin();
            let prepared = TEXTS.map(|text| PreparedTree::new(PermissionTree::from_json(text), rights));
            for template in &prepared {
                for (one, other) in
                    prepared.iter().flat_map(|one| prepared.iter().map(move |other| (one, other)))
                {
                    let quick = EffectivePermissions::of(template, [one, other], &defaults);
                    let trees = [one.tree(), other.tree()];
                    let slow = EffectivePermissions::compute(template.tree(), trees, &defaults);
                    assert_eq!(quick, slow);
                    let text = serde_json::to_string(&quick).unwrap();
                    assert_eq!(text, serde_json::to_string(&slow).unwrap());
                    assert_eq!([&quick.to_json(), &slow.to_json()], [&text, &text]);
                    assert_eq!(text, serde_json::to_string(&slow.tree()).unwrap());
                    by_sets += usize::from([template, one, other].iter().all(|tree| tree.known.is_some()));
                }
            }
            assert!(by_sets > 200, "{by_sets}");
        }
    }

    #[test]
    fn only_known_rights_make_a_set() {
        let known = |text, rights| PreparedTree::new(PermissionTree::from_json(text), rights).known.is_some();
        let kinds = |rights| TEXTS.map(|text| known(text, rights));
        let of_both = [true, true, true, true, true, true];
        assert_eq!(kinds(&OPEN_WEBUI_0_6)[..6], of_both);
        assert_eq!(kinds(&OPEN_WEBUI_0_12)[..6], of_both);
        assert_eq!(kinds(&OPEN_WEBUI_0_6)[6..], [false; 6]);
        assert_eq!(kinds(&OPEN_WEBUI_0_12)[6..], [true, true, false, false, false, false]);
    }
}
