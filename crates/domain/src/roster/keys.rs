//! The keys of the document, with the sentences that the JSON Schema shows.

/// A key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Its name.
    pub(super) name: &'static str,
    /// What it says, as a sentence.
    pub(super) about: &'static str,
}

const fn key(name: &'static str, about: &'static str) -> Key {
    Key { name, about }
}

/// A key that editors look for in JSON and YAML; it says nothing about the roster.
pub(super) const SCHEMA: &str = "$schema";

/// Those of the document.
pub(super) const DOCUMENT: [Key; 3] = [
    key("permissions", "Rights of the default template. Those that are not named stay as they are."),
    key(
        "settings",
        "Settings that administrators store, by their names. Those that are not named stay as they are.",
    ),
    key("groups", "Groups. Those that are not named stay as they are, unless --prune removes them."),
];

/// Those of a group.
pub(super) const GROUP: [Key; 6] = [
    key("name", "The name, 1 to 255 characters. It says which group is meant, unless there is an id."),
    key("id", "The id: to give a group another name, and where several groups have one name."),
    key("description", "What the group is for."),
    key(
        "parent",
        "Name or id of the group above this one, whose permissions its members have too; empty for none.",
    ),
    key("members", "E-mail addresses (or ids) of the accounts that are members."),
    key("permissions", "What the group gives its members beyond the default template."),
];

/// What people look for in the document and do not find, and where it is.
pub(super) const ELSEWHERE: &[(&str, &str)] = &[
    ("users", ACCOUNTS),
    ("accounts", ACCOUNTS),
    ("roles", ACCOUNTS),
    ("admins", ACCOUNTS),
    ("role", ACCOUNTS),
    ("email", ACCOUNTS),
    ("passwords", ACCOUNTS),
    ("children", "name the group above in `parent` of each of them"),
    ("default_permissions", "it is called `permissions`"),
    ("config", "it is called `settings`"),
    ("rights", "it is called `permissions`"),
];

const ACCOUNTS: &str = "this file never makes or changes accounts; use `rosterd user` or `rosterd import`";
