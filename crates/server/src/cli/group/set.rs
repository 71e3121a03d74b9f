//! `rosterd group set`: what a group is called, where it is, and what it gives.

use std::str::FromStr;

use clap::{ArgGroup, Args};
use rosterd_app::{Act, App, AppError, Caller, groups};
use rosterd_domain::group::{self, GroupChanges, GroupWithCount};
use rosterd_domain::ids::GroupId;
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::PermissionTree;
use rosterd_storage::StoreError;
use serde_json::{Map, Value, json};

use super::{GroupArg, PERMISSION_HELP, json_of};
use crate::cli::output::{Output, plain};
use crate::cli::permissions::{FORCE_HELP, RightArg};
use crate::cli::{CliError, find};

// A constant, as rustdoc would want code marks in it.
const UNSET_HELP: &str = "A right of which the group is to say nothing any more; may be repeated";

#[derive(Debug, Args)]
#[command(group(
    ArgGroup::new("change")
        .required(true)
        .multiple(true)
        .args(["name", "description", "parent", "no_parent", "permissions", "unset"])
))]
pub(in crate::cli) struct SetArgs {
    #[command(flatten)]
    group: GroupArg,
    /// The new name, 1 to 255 characters
    #[arg(long)]
    name: Option<String>,
    /// What the group is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Name or id of the group above it
    #[arg(long, value_name = "GROUP")]
    parent: Option<String>,
    /// No group is above it any more
    #[arg(long, conflicts_with = "parent")]
    no_parent: bool,
    #[arg(long = "permission", value_name = "SECTION.KEY=true|false", help = PERMISSION_HELP)]
    pub(super) permissions: Vec<RightArg>,
    #[arg(long, value_name = "SECTION.KEY", help = UNSET_HELP)]
    unset: Vec<RightName>,
    #[arg(long, help = FORCE_HELP)]
    pub(super) force: bool,
}

/// A right, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RightName {
    section: String,
    key: String,
}

impl FromStr for RightName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('.') {
            Some((section, key)) if !section.is_empty() && !key.is_empty() && !key.contains('.') => {
                Ok(Self { section: section.to_owned(), key: key.to_owned() })
            }
            _ => Err("SECTION.KEY is needed, such as features.notes"),
        }
    }
}

pub(super) async fn run(app: &App, args: SetArgs, output: Output) -> Result<(), CliError> {
    if args.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(CliError::Failure("name: must not be empty".to_owned()));
    }
    let work = move |act: &mut Act<'_>| {
        let id = find::group(act.read(), &args.group.group)?.group.id;
        let parent = parent_of(act, &args)?;
        // Of the group as it is once nobody else changes it.
        let changes =
            |stored: Option<&GroupWithCount>| changes(&args, parent, stored.ok_or(AppError::GroupNotFound)?);
        Ok::<_, CliError>(groups::update(act, &id, changes)?)
    };
    let group = app.write(Caller::operator(), work).await?;
    output.print(&json_of(&group)?, || {
        format!("group {}, id {}, is as asked now", plain(&group.group.name), group.group.id)
    })
}

/// The parent that is asked for: `None` for the one it has.
fn parent_of(act: &mut Act<'_>, args: &SetArgs) -> Result<Option<Option<GroupId>>, CliError> {
    if args.parent.is_none() && !args.no_parent {
        return Ok(None);
    }
    if !act.app().store().layout().group_parents {
        let older = "this database is one of an older Open WebUI, which has no groups above groups";
        return Err(CliError::Failure(older.to_owned()));
    }
    match &args.parent {
        Some(name) => Ok(Some(Some(find::group(act.read(), name)?.group.id))),
        None => Ok(Some(None)),
    }
}

fn changes(
    args: &SetArgs,
    parent: Option<Option<GroupId>>,
    stored: &GroupWithCount,
) -> Result<GroupChanges, AppError> {
    let stored = &stored.group;
    let name = match &args.name {
        None => None,
        Some(name) => group::new_name(name, Some(stored))?,
    };
    let permissions = if args.permissions.is_empty() && args.unset.is_empty() {
        None
    } else {
        let before = match &stored.permissions {
            None => Value::Null,
            Some(text) if text.is_unreadable() => {
                return Err(StoreError::unreadable("group", "permissions", stored.id.as_str()).into());
            }
            Some(text) => text.to_value(),
        };
        let after = with_rights(&before, &args.permissions, &args.unset);
        PermissionTree::validate_changes(&after, &before)?;
        Some(Some(JsonText::from_stored(after.to_string())))
    };
    Ok(GroupChanges {
        parent,
        name,
        description: args.description.clone(),
        permissions,
        ..GroupChanges::default()
    })
}

/// The permissions with these rights in them, and without those. What else is there stays.
fn with_rights(before: &Value, set: &[RightArg], unset: &[RightName]) -> Value {
    let mut sections = before.as_object().cloned().unwrap_or_else(Map::new);
    for right in set {
        let section = sections.entry(right.section.clone()).or_insert_with(|| json!({}));
        match section.as_object_mut() {
            Some(rights) => {
                rights.insert(right.key.clone(), right.value.into());
            }
            // What stands there is no section; with this it is.
            None => *section = json!({ right.key.clone(): right.value }),
        }
    }
    for right in unset {
        if let Some(rights) = sections.get_mut(&right.section).and_then(Value::as_object_mut) {
            rights.remove(&right.key);
            if rights.is_empty() {
                sections.remove(&right.section);
            }
        }
    }
    Value::Object(sections)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_put_beside_those_that_are_there() {
        let set: Vec<RightArg> =
            ["chat.edit=false", "features.notes=true"].map(|right| right.parse().unwrap()).into();
        let unset: Vec<RightName> =
            ["chat.delete", "zoo.fly", "none.such"].map(|right| right.parse().unwrap()).into();
        let before = json!({ "chat": { "edit": true, "delete": true }, "zoo": { "fly": true }, "x": 7 });
        let after = json!({ "chat": { "edit": false }, "features": { "notes": true }, "x": 7 });
        assert_eq!(with_rights(&before, &set, &unset), after);
        assert_eq!(with_rights(&Value::Null, &set[1..], &[]), json!({ "features": { "notes": true } }));
    }

    #[test]
    fn a_right_is_a_section_and_a_key() {
        for text in ["", "chat", "chat.", ".delete", "chat.delete.x"] {
            assert!(text.parse::<RightName>().is_err(), "{text}");
        }
    }
}
