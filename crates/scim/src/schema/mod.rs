//! Which attributes there are: the tables that filters, PATCH, projections and the discovery documents follow.
//!
//! Only what is stored is in the tables, so no client is told of an attribute that would be lost. To add one: a line in
//! [`tables`](self), its [`Field`] if it can be searched for, and its place in [`UserAttributes`](crate::UserAttributes) or
//! [`GroupForm`](crate::GroupForm).

mod attribute;
mod discovery;
mod field;
mod tables;
mod unstored;

use crate::path::AttributePath;

pub use attribute::{Attribute, Kind, Mutability, Returned, Schema, Uniqueness};
pub use discovery::{RESOURCE_TYPE, SCHEMA, SERVICE_PROVIDER_CONFIG};
pub use field::{Field, List};
pub use tables::{GROUP, USER, USER_WITH_PASSWORD};

/// The schemas of resources that identity providers read and write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    /// A person's account.
    User,
    /// A group of accounts.
    Group,
}

/// What a name means.
#[derive(Debug, Clone, Copy)]
pub enum Named {
    /// An attribute, or a part of a complex one.
    Known {
        /// The attribute.
        attribute: &'static Attribute,
        /// The part that was named.
        sub: Option<&'static Attribute>,
    },
    /// Something of the core schema, or of another schema, that is not stored.
    Unstored,
    /// Nothing: a misspelt name.
    Unknown,
}

impl ResourceKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::User, Self::Group];

    /// The name of the type of resource, as in `meta.resourceType`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// The path after the base URL.
    #[must_use]
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }

    /// The table of its attributes. That of users has the password, which may be sent even where it is ignored.
    #[must_use]
    pub fn schema(self) -> &'static Schema {
        match self {
            Self::User => &USER_WITH_PASSWORD,
            Self::Group => &GROUP,
        }
    }

    /// The attributes that every resource has, and then its own.
    pub fn attributes(self) -> impl Iterator<Item = &'static Attribute> {
        tables::COMMON.iter().chain(self.schema().attributes)
    }

    /// What a name means for resources of this type. Upper and lower case are the same.
    #[must_use]
    pub fn resolve(self, path: &AttributePath) -> Named {
        if path.schema().is_some_and(|schema| !schema.eq_ignore_ascii_case(self.schema().id)) {
            return Named::Unstored;
        }
        let Some(attribute) = find(self.attributes(), path.name()) else {
            return if unstored::is_of_core(self, path.name()) { Named::Unstored } else { Named::Unknown };
        };
        let Some(sub) = path.sub() else { return Named::Known { attribute, sub: None } };
        match find(attribute.sub_attributes.iter(), sub) {
            Some(sub) => Named::Known { attribute, sub: Some(sub) },
            None if unstored::is_part_of_core(attribute.name, sub) => Named::Unstored,
            None => Named::Unknown,
        }
    }
}

/// The attribute of this name.
pub(crate) fn find(
    mut attributes: impl Iterator<Item = &'static Attribute>,
    name: &str,
) -> Option<&'static Attribute> {
    attributes.find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(kind: ResourceKind, text: &str) -> Named {
        kind.resolve(&AttributePath::parse(text).unwrap())
    }

    #[test]
    fn case_and_the_own_schema_make_no_difference() {
        for text in ["username", "USERNAME", "URN:ietf:params:scim:schemas:core:2.0:user:userName"] {
            let Named::Known { attribute, sub: None } = named(ResourceKind::User, text) else {
                panic!("{text}")
            };
            assert_eq!(attribute.name, "userName");
        }
        let Named::Known { sub: Some(sub), .. } = named(ResourceKind::User, "Name.FamilyName") else {
            panic!()
        };
        assert_eq!(sub.name, "familyName");
    }

    #[test]
    fn what_is_not_stored_is_not_unknown() {
        for text in [
            "title",
            "phoneNumbers",
            "name.middleName",
            "members.display",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ] {
            let kind = if text.starts_with('m') { ResourceKind::Group } else { ResourceKind::User };
            assert!(matches!(named(kind, text), Named::Unstored), "{text}");
        }
        for (kind, text) in [
            (ResourceKind::User, "shoeSize"),
            (ResourceKind::User, "name.shoeSize"),
            (ResourceKind::User, "userName.value"),
            (ResourceKind::User, "members"),
            (ResourceKind::Group, "userName"),
        ] {
            assert!(matches!(named(kind, text), Named::Unknown), "{text}");
        }
    }

    #[test]
    fn fields_and_tables_name_the_same_attributes() {
        for field in Field::ALL {
            let found = ResourceKind::ALL.into_iter().any(|kind| {
                kind.attributes().any(|attribute| {
                    let (name, sub) = field.location();
                    attribute.name == name
                        && match sub {
                            None => attribute.field == Some(field),
                            Some(sub) => find(attribute.sub_attributes.iter(), sub)
                                .is_some_and(|sub| sub.field == Some(field)),
                        }
                })
            });
            assert!(found, "{field:?}");
        }
    }

    #[test]
    fn names_are_unique() {
        for kind in ResourceKind::ALL {
            let mut names: Vec<_> = kind.attributes().map(|a| a.name.to_ascii_lowercase()).collect();
            names.sort();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all, "{kind:?}");
        }
    }
}
