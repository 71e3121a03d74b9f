//! What the RFC has and rosterd does not store. Identity providers send it by default, so a change of it is passed over; a misspelt
//! name is an error.

use super::ResourceKind;

/// The rest of RFC 7643, 4.1.
const OF_USERS: [&str; 14] = [
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
    "phoneNumbers",
    "ims",
    "photos",
    "addresses",
    "entitlements",
    "roles",
    "x509Certificates",
];

/// Parts of attributes whose other parts are stored.
const PARTS: [(&str, &str); 7] = [
    ("name", "middleName"),
    ("name", "honorificPrefix"),
    ("name", "honorificSuffix"),
    ("emails", "$ref"),
    ("groups", "type"),
    ("members", "display"),
    ("members", "primary"),
];

/// Whether the core schema has an attribute of this name.
pub(super) fn is_of_core(kind: ResourceKind, name: &str) -> bool {
    kind == ResourceKind::User && OF_USERS.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether the core schema has a part of this name.
pub(super) fn is_part_of_core(attribute: &str, sub: &str) -> bool {
    PARTS.iter().any(|(name, part)| *name == attribute && part.eq_ignore_ascii_case(sub))
}
