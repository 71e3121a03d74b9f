//! Parsed permission texts, found by the text itself. Nothing here can become stale, because a changed text is
//! another text.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rosterd_domain::permissions::{PermissionTree, PreparedTree, Rights, StoredTemplate, UserPermissions};
use rosterd_domain::stored_config::Key;

use crate::stored_config::tell_unreadable;

/// Where the template lies in the stored configuration: at the same place in either layout.
pub const TEMPLATE_PATH: &str = Key::UserPermissions.row().key_value;

/// Bytes of text kept at most; the trees take several times as much.
const KEPT_BYTES: u64 = 512 * 1024;

/// How many texts that may be, roughly: one a group.
const KEPT_TEXTS: usize = 1024;

/// How many templates: there is one, and now and then another.
const KEPT_TEMPLATES: usize = 4;

/// Trees by the text they were read from.
pub(crate) struct PermissionTrees {
    parsed: Cache<Box<str>, Arc<PreparedTree>, Bytewise>,
    templates: Cache<Box<str>, Arc<PreparedTree>, Bytewise>,
    defaults: Arc<PreparedTree>,
    rights: &'static Rights,
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<Box<str>, Arc<PreparedTree>> for Bytewise {
    fn weight(&self, text: &Box<str>, _tree: &Arc<PreparedTree>) -> u64 {
        text.len() as u64 + 64
    }
}

impl PermissionTrees {
    /// None yet, but for the tree of the configured defaults.
    pub(crate) fn new(defaults: &UserPermissions) -> Self {
        Self {
            parsed: Cache::with_weighter(KEPT_TEXTS, KEPT_BYTES, Bytewise),
            templates: Cache::with_weighter(KEPT_TEMPLATES, KEPT_BYTES, Bytewise),
            defaults: Arc::new(PreparedTree::new(PermissionTree::from(defaults), defaults.rights())),
            rights: defaults.rights(),
        }
    }

    /// The configured defaults: the template where none was ever stored.
    pub(crate) fn defaults(&self) -> Arc<PreparedTree> {
        Arc::clone(&self.defaults)
    }

    /// The tree of a stored text, see [`PermissionTree::from_json`].
    pub(crate) fn of(&self, text: &str) -> Arc<PreparedTree> {
        if let Some(tree) = self.parsed.get(text) {
            return tree;
        }
        let tree = Arc::new(PreparedTree::new(PermissionTree::from_json(text), self.rights));
        self.parsed.insert(text.into(), Arc::clone(&tree));
        tree
    }

    /// The tree of a stored template, see [`StoredTemplate::read`]. What of it cannot be read is told once.
    pub(crate) fn of_template(&self, text: &str) -> Arc<PreparedTree> {
        if let Some(tree) = self.templates.get(text) {
            return tree;
        }
        let StoredTemplate { tree, unreadable } = StoredTemplate::read(text, self.rights);
        for right in unreadable {
            let dot = if right.is_empty() { "" } else { "." };
            tell_unreadable(&format!("{TEMPLATE_PATH}{dot}{right}"));
        }
        let tree = Arc::new(PreparedTree::new(tree, self.rights));
        self.templates.insert(text.into(), Arc::clone(&tree));
        tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_text_is_another_tree() {
        let trees = PermissionTrees::new(&UserPermissions::builtin());
        let (gives, takes) = (r#"{"chat":{"delete":true}}"#, r#"{"chat":{"delete":false}}"#);
        for _ in 0..2 {
            assert!(trees.of(gives).tree().allows("chat", "delete"));
            assert!(!trees.of(takes).tree().allows("chat", "delete"));
        }
        assert!(Arc::ptr_eq(&trees.of(gives), &trees.of(gives)), "taken apart once");
        assert!(trees.defaults().tree().allows("chat", "edit"));
    }

    #[test]
    fn more_texts_than_fit_push_others_out() {
        let trees = PermissionTrees::new(&UserPermissions::builtin());
        for number in 0..10_000 {
            let text = format!(r#"{{"zoo":{{"{number}{}":true}}}}"#, "x".repeat(500));
            assert!(!trees.of(&text).tree().is_empty());
        }
        assert!(trees.parsed.weight() <= KEPT_BYTES);
    }
}
