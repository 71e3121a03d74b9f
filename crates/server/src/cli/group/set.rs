//! `rosterd group set`: what a group is called, where it is, and what it gives.

use std::str::FromStr;

use clap::{ArgGroup, Args};
use rosterd_app::{Act, App, AppError, Caller, groups};
use rosterd_domain::group::{self, GroupChanges, GroupWithCount};
use rosterd_domain::ids::GroupId;
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::PermissionTree;
use rosterd_domain::roster::{RightChange, RightPath, with_changes};
use rosterd_storage::StoreError;
use serde_json::Value;

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
    ensure_one_wish(&args.permissions, &args.unset)?;
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
        let after = with_changes(stored.permissions.as_ref(), &right_changes(args))
            .map_err(|_not_json| StoreError::unreadable("group", "permissions", stored.id.as_str()))?;
        let before = stored.permissions.as_ref().map_or(Value::Null, JsonText::to_value);
        PermissionTree::validate_changes(&after.to_value(), &before)?;
        Some(Some(after))
    };
    Ok(GroupChanges {
        parent,
        name,
        description: args.description.clone(),
        permissions,
        ..GroupChanges::default()
    })
}

/// What becomes of each right that is named.
fn right_changes(args: &SetArgs) -> Vec<RightChange> {
    let change = |section: &str, key: &str, after| RightChange {
        right: RightPath::new(&[section, key]),
        before: None,
        after,
    };
    let set = args.permissions.iter().map(|right| change(&right.section, &right.key, Some(right.value)));
    set.chain(args.unset.iter().map(|right| change(&right.section, &right.key, None))).collect()
}

/// Refuses a right of which two things are asked.
fn ensure_one_wish(set: &[RightArg], unset: &[RightName]) -> Result<(), CliError> {
    let twice = set.iter().enumerate().find_map(|(place, right)| {
        let same = |section: &str, key: &str| section == right.section && key == right.key;
        if unset.iter().any(|other| same(&other.section, &other.key)) {
            return Some((right, "by --permission and by --unset"));
        }
        let differs = |other: &RightArg| same(&other.section, &other.key) && other.value != right.value;
        set[..place].iter().any(differs).then_some((right, "by --permission twice, with two values"))
    });
    match twice {
        None => Ok(()),
        Some((right, how)) => Err(CliError::Usage(format!(
            "{}.{} is named {how}; leave one of them out",
            plain(&right.section),
            plain(&right.key)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_one_right_one_thing_can_be_asked() {
        let told = |set: &[&str], unset: &[&str]| {
            let set: Vec<RightArg> = set.iter().map(|right| right.parse().unwrap()).collect();
            let unset: Vec<RightName> = unset.iter().map(|right| right.parse().unwrap()).collect();
            ensure_one_wish(&set, &unset).err().map(|error| error.sentence())
        };
        assert_eq!(told(&["chat.edit=true", "chat.edit=true"], &["chat.delete", "chat.delete"]), None);
        let sentence = told(&["chat.edit=true"], &["chat.edit"]).unwrap();
        assert_eq!(sentence, "chat.edit is named by --permission and by --unset; leave one of them out");
        let sentence = told(&["chat.edit=true", "chat.edit=false"], &[]).unwrap();
        assert!(sentence.contains("by --permission twice"), "{sentence}");
    }

    #[test]
    fn a_right_is_a_section_and_a_key() {
        for text in ["", "chat", "chat.", ".delete", "chat.delete.x"] {
            assert!(text.parse::<RightName>().is_err(), "{text}");
        }
    }
}
