//! PATCH (RFC 7644, 3.5.2), as identity providers send it, and as changes of what is stored.
//!
//! [`PatchRequest::parse`] reads the form of the request, [`PatchRequest::user_changes`] and [`PatchRequest::group_changes`] what it
//! means. What is of the core schema and not stored, or of another schema, changes nothing: identity providers send such attributes
//! by default.

mod emails;
mod group;
mod path;
mod target;
mod user;

use serde_json::{Map, Value};

use crate::error::{ScimError, ScimType};
use crate::schema::ResourceKind;
use crate::sent::{body, check_schemas, member};
use target::{Place, Target};

pub use emails::{EmailParts, EmailsChange, Missing};
pub use group::{GroupChanges, MembersChange};
pub use path::PatchPath;
pub use user::UserChange;

/// The schema of the body.
pub const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// How many operations a request may have.
pub const MAX_OPERATIONS: usize = 5_000;

/// What an operation does with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Adds values.
    Add,
    /// Removes values.
    Remove,
    /// Puts values in the place of others.
    Replace,
}

/// An operation as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What is done.
    pub verb: Verb,
    /// With what; none: with the attributes that the value names.
    pub path: Option<PatchPath>,
    /// The value, if there is one; null is one.
    pub value: Option<Value>,
}

/// The body of PATCH.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchRequest {
    /// Its operations, in the order that they are carried out in.
    pub operations: Vec<Operation>,
}

/// What is done with each attribute that a request names.
type Each<'a> = dyn FnMut(Verb, Target, Option<&Value>) -> Result<(), ScimError> + 'a;

fn syntax(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}

impl PatchRequest {
    /// Reads the body. The names of its members and of operations may have other capital letters than in the RFC.
    ///
    /// # Errors
    /// `invalidSyntax`, where there is no operation or not a known one; `tooMany` for more than [`MAX_OPERATIONS`]; `invalidPath` and `invalidFilter` for a path that cannot be read.
    pub fn parse(value: &Value) -> Result<Self, ScimError> {
        let sent = body(value)?;
        check_schemas(sent, PATCH_SCHEMA)?;
        let operations = match member(sent, "Operations") {
            Some(Value::Array(operations)) if !operations.is_empty() => operations,
            _ => return Err(syntax("`Operations` must be a list with one operation at least")),
        };
        if operations.len() > MAX_OPERATIONS {
            let detail = format!("a request has at most {MAX_OPERATIONS} operations");
            return Err(ScimError::new(ScimType::TooMany, detail));
        }
        Ok(Self { operations: operations.iter().map(Operation::parse).collect::<Result<_, _>>()? })
    }

    /// Carries `each` out for each attribute that the request names, in order.
    fn each_target(&self, kind: ResourceKind, each: &mut Each<'_>) -> Result<(), ScimError> {
        for operation in &self.operations {
            let (verb, value) = (operation.verb, operation.value.as_ref());
            match &operation.path {
                None if verb == Verb::Remove => {
                    return Err(ScimError::new(ScimType::NoTarget, "`remove` needs a `path`"));
                }
                None => each_member(kind, verb, value, each)?,
                Some(path) => match Place::of(kind, path)? {
                    Place::Resource if verb == Verb::Remove => {
                        return Err(ScimError::new(
                            ScimType::Mutability,
                            format!("`{path}` cannot be removed"),
                        ));
                    }
                    Place::Resource => each_member(kind, verb, value, each)?,
                    Place::Target(target) => each(verb, target, value)?,
                    Place::Unstored => {}
                    Place::ReadOnly => {
                        return Err(ScimError::new(
                            ScimType::Mutability,
                            format!("`{path}` cannot be changed"),
                        ));
                    }
                    Place::Unknown => {
                        return Err(ScimError::new(
                            ScimType::InvalidPath,
                            format!("`{path}` names no attribute"),
                        ));
                    }
                },
            }
        }
        Ok(())
    }
}

/// Carries `each` out for each member of a value without a path. Its names may be whole paths, as Entra ID sends them. As in the body of
/// PUT, what is read only or unknown is passed over.
fn each_member(
    kind: ResourceKind,
    verb: Verb,
    value: Option<&Value>,
    each: &mut Each<'_>,
) -> Result<(), ScimError> {
    let needed = || {
        ScimError::new(ScimType::InvalidValue, "an operation without a `path` needs an object as its `value`")
    };
    let object: &Map<String, Value> = match value.ok_or_else(needed)? {
        Value::Object(object) => object,
        // An array of one, as some send it.
        Value::Array(values) => match &values[..] {
            [Value::Object(object)] => object,
            _ => return Err(needed()),
        },
        _ => return Err(needed()),
    };
    for (name, value) in object {
        let path = match PatchPath::parse(name) {
            Ok(path) => path,
            // Of another schema, whatever its name is.
            Err(_) if name.contains(':') => continue,
            Err(error) => return Err(error),
        };
        match Place::of(kind, &path)? {
            Place::Resource => each_member(kind, verb, Some(value), each)?,
            Place::Target(target) => each(verb, target, Some(value))?,
            Place::Unstored | Place::ReadOnly | Place::Unknown => {}
        }
    }
    Ok(())
}

impl Operation {
    fn parse(value: &Value) -> Result<Self, ScimError> {
        let Some(sent) = value.as_object() else { return Err(syntax("an operation must be an object")) };
        let verb = match member(sent, "op").and_then(Value::as_str) {
            Some(op) if op.eq_ignore_ascii_case("add") => Verb::Add,
            Some(op) if op.eq_ignore_ascii_case("remove") => Verb::Remove,
            Some(op) if op.eq_ignore_ascii_case("replace") => Verb::Replace,
            _ => return Err(syntax("`op` must be add, remove or replace")),
        };
        let path = match member(sent, "path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) if path.trim().is_empty() => None,
            Some(Value::String(path)) => Some(PatchPath::parse(path.trim())?),
            Some(_) => return Err(ScimError::new(ScimType::InvalidPath, "`path` must be a text")),
        };
        Ok(Self { verb, path, value: member(sent, "value").cloned() })
    }
}

#[cfg(test)]
mod tests;
