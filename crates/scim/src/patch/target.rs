//! What a path means.

use super::PatchPath;
use crate::error::{ScimError, ScimType};
use crate::filter::Condition;
use crate::path::AttributePath;
use crate::schema::{Attribute, Mutability, Named, ResourceKind};

/// What a path leads to.
pub(super) enum Place {
    /// The resource itself, by the URN of its schema.
    Resource,
    /// Something that is stored.
    Target(Target),
    /// Something that is known and not stored.
    Unstored,
    /// Something that clients cannot change.
    ReadOnly,
    /// Nothing.
    Unknown,
}

/// A stored attribute, or a part of one.
pub(super) struct Target {
    pub(super) attribute: &'static Attribute,
    /// Which values of the list.
    pub(super) among: Option<Condition>,
    /// Which part of the attribute, or of those values.
    pub(super) sub: Option<&'static Attribute>,
}

impl Place {
    /// # Errors
    /// `invalidPath` for square brackets that have no place there, `invalidFilter` for what is in them.
    pub(super) fn of(kind: ResourceKind, path: &PatchPath) -> Result<Self, ScimError> {
        if path.filter.is_none() && path.attribute.to_string().eq_ignore_ascii_case(kind.schema().id) {
            return Ok(Self::Resource);
        }
        let (attribute, sub) = match kind.resolve(&path.attribute) {
            Named::Known { attribute, sub } => (attribute, sub),
            Named::Unstored => return Ok(Self::Unstored),
            Named::Unknown => return Ok(Self::Unknown),
        };
        if attribute.mutability == Mutability::ReadOnly {
            return Ok(Self::ReadOnly);
        }
        let Some(filter) = &path.filter else {
            return Ok(Self::Target(Target { attribute, among: None, sub }));
        };
        if attribute.list.is_none() || sub.is_some() {
            let detail = format!("`{path}` has square brackets after what is no list");
            return Err(ScimError::new(ScimType::InvalidPath, detail));
        }
        let among = Some(filter.bind_value(kind, attribute)?);
        let Some(name) = &path.sub else {
            return Ok(Self::Target(Target { attribute, among, sub: None }));
        };
        let named = AttributePath::new(attribute.name, Some(name)).map(|part| kind.resolve(&part));
        Ok(match named {
            Ok(Named::Known { sub, .. }) => Self::Target(Target { attribute, among, sub }),
            Ok(Named::Unstored) => Self::Unstored,
            Ok(Named::Unknown) | Err(_) => Self::Unknown,
        })
    }
}
