//! Changes of groups.

use std::collections::BTreeSet;

use serde_json::Value;

use super::target::Target;
use super::{PatchRequest, Verb};
use crate::error::{ScimError, ScimType};
use crate::filter::{Comparison, Condition, Operand};
use crate::schema::{Field, List, ResourceKind};
use crate::sent;

/// What a request changes of a group, all operations together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChanges {
    /// The new `displayName`.
    pub display_name: Option<String>,
    /// The new `externalId`, or that there is none any more.
    pub external_id: Option<Option<String>>,
    /// Who comes and goes.
    pub members: MembersChange,
}

/// Who comes and goes: sets of ids. Nobody is in two of them. Ids of nobody are not an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum MembersChange {
    /// Nobody.
    #[default]
    Nothing,
    /// These.
    Changed {
        /// Those who become members, if they are not.
        add: BTreeSet<String>,
        /// Those who are members no more, if they are.
        remove: BTreeSet<String>,
    },
    /// These are the members, and nobody else.
    Replace(BTreeSet<String>),
}

impl PatchRequest {
    /// What the request changes of a group.
    ///
    /// # Errors
    /// As [`PatchRequest::user_changes`]. `mutability` also for a change of one member; `invalidFilter` for members that are not named by
    /// their ids.
    pub fn group_changes(&self) -> Result<GroupChanges, ScimError> {
        let mut changes = GroupChanges::default();
        self.each_target(ResourceKind::Group, &mut |verb, target, value| changes.add(verb, target, value))?;
        Ok(changes)
    }
}

impl GroupChanges {
    fn add(&mut self, verb: Verb, target: Target, value: Option<&Value>) -> Result<(), ScimError> {
        if target.attribute.list == Some(List::Members) {
            return self.members.change(verb, target, value);
        }
        match (target.attribute.field, verb) {
            (Some(Field::ExternalId), Verb::Remove) => self.external_id = Some(None),
            (Some(Field::ExternalId), Verb::Add | Verb::Replace) => {
                let value = value.ok_or_else(|| invalid("`externalId` needs a value"))?;
                self.external_id = Some(sent::text("externalId", value)?);
            }
            (_, Verb::Remove) => {
                let detail = "every group has `displayName`; it cannot be removed";
                return Err(ScimError::new(ScimType::Mutability, detail));
            }
            (_, Verb::Add | Verb::Replace) => {
                self.display_name = Some(sent::some_text("displayName", value)?);
            }
        }
        Ok(())
    }
}

fn invalid(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail)
}

impl MembersChange {
    /// Members go only where the request says who, or says `remove` without any value.
    fn change(&mut self, verb: Verb, target: Target, value: Option<&Value>) -> Result<(), ScimError> {
        let ids = || {
            let named = value.filter(|value| !value.is_null());
            let named = named.ok_or_else(|| invalid("`members` needs a list as its value"))?;
            Ok::<_, ScimError>(sent::member_ids(named)?.into_iter().collect())
        };
        match (verb, target.among, target.sub) {
            (Verb::Add, None, None) => self.add(ids()?),
            (Verb::Replace, None, None) => *self = Self::Replace(ids()?),
            (Verb::Remove, None, None) if value.is_none() => *self = Self::Replace(BTreeSet::new()),
            (Verb::Remove, None, None) => self.remove(ids()?),
            (Verb::Remove, Some(among), None) => self.remove(named_by(&among)?),
            (_, _, Some(_)) | (Verb::Add | Verb::Replace, Some(_), None) => {
                let detail = "a member cannot be changed; add and remove members";
                return Err(ScimError::new(ScimType::Mutability, detail));
            }
        }
        Ok(())
    }

    fn add(&mut self, ids: BTreeSet<String>) {
        match self {
            Self::Nothing if ids.is_empty() => {}
            Self::Nothing => *self = Self::Changed { add: ids, remove: BTreeSet::new() },
            Self::Changed { add, remove } => {
                remove.retain(|id| !ids.contains(id));
                add.extend(ids);
            }
            Self::Replace(members) => members.extend(ids),
        }
    }

    fn remove(&mut self, ids: BTreeSet<String>) {
        match self {
            Self::Nothing if ids.is_empty() => {}
            Self::Nothing => *self = Self::Changed { add: BTreeSet::new(), remove: ids },
            Self::Changed { add, remove } => {
                add.retain(|id| !ids.contains(id));
                remove.extend(ids);
            }
            Self::Replace(members) => members.retain(|id| !ids.contains(id)),
        }
    }

    /// The members of a group that had these.
    #[must_use]
    pub fn apply(&self, mut members: BTreeSet<String>) -> BTreeSet<String> {
        match self {
            Self::Nothing => members,
            Self::Changed { add, remove } => {
                members.retain(|id| !remove.contains(id));
                members.extend(add.iter().cloned());
                members
            }
            Self::Replace(others) => others.clone(),
        }
    }
}

/// The ids that a condition names: `value eq "a" or value eq "b"`. Other conditions could mean all members, so they are refused.
fn named_by(condition: &Condition) -> Result<BTreeSet<String>, ScimError> {
    let refused = || {
        let detail = "members must be named by their ids, as in `members[value eq \"…\"]`";
        Err(ScimError::new(ScimType::InvalidFilter, detail))
    };
    match condition {
        Condition::Compare {
            field: Field::MemberValue,
            comparison: Comparison::Equal,
            with: Operand::Text(id),
        } => Ok([id.clone()].into()),
        Condition::Or(parts) => {
            let mut ids = BTreeSet::new();
            for part in parts {
                ids.append(&mut named_by(part)?);
            }
            Ok(ids)
        }
        // `value eq "a" and type eq "User"`: all members are users.
        Condition::And(parts) => {
            let mut others = parts.iter().filter(|part| **part != Condition::Always(true));
            match (others.next(), others.next()) {
                (Some(part), None) => named_by(part),
                _ => refused(),
            }
        }
        Condition::Always(false) => Ok(BTreeSet::new()),
        _ => refused(),
    }
}
