//! `rosterd group`: groups and who is in them.

mod set;

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use rosterd_app::groups::{self, GroupDraft};
use rosterd_app::{Act, App, Caller};
use rosterd_domain::group::{GroupName, GroupWithCount};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::permissions::PermissionTree;
use rosterd_domain::user::UserInfo;
use rosterd_storage::Reads;
use serde_json::{Map, Value, json};

use super::output::{Output, plain};
use super::permissions::{FORCE_HELP, RightArg, ensure_clear};
use super::{Access, CliError, find};
use crate::config::Config;

// A constant, as rustdoc would want code marks in it.
const PERMISSION_HELP: &str =
    "A right that the group gives its members, such as features.direct_tool_servers=true; may be repeated";

#[derive(Debug, Subcommand)]
pub(super) enum GroupCommand {
    /// List groups, the last changed first
    List,
    /// Show a group and its members
    Show(GroupArg),
    /// Create a group
    Create(CreateArgs),
    /// Change name, description, place and rights of a group; what is not named stays
    Set(set::SetArgs),
    /// Add accounts to a group; those that are members stay members
    Add(MembersArgs),
    /// Remove accounts from a group; those that are not members are skipped
    Remove(MembersArgs),
    /// Delete a group and its memberships
    Delete(GroupArg),
}

#[derive(Debug, Args)]
pub(super) struct GroupArg {
    /// Name or id of the group
    group: String,
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// Name of the group, 1 to 255 characters
    name: String,
    /// What the group is for
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
    #[arg(long = "permission", value_name = "SECTION.KEY=true|false", help = PERMISSION_HELP)]
    permissions: Vec<RightArg>,
    #[arg(long, help = FORCE_HELP)]
    force: bool,
    /// E-mail address or id of the account that owns the group [default: the primary admin]
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct MembersArgs {
    #[command(flatten)]
    group: GroupArg,
    /// E-mail addresses or ids of accounts
    #[arg(required = true, value_name = "USER")]
    users: Vec<String>,
}

pub(super) fn run(config: &Config, command: GroupCommand, output: Output) -> Result<(), CliError> {
    match &command {
        GroupCommand::Create(args) => ensure_clear(&args.permissions, args.force)?,
        GroupCommand::Set(args) => ensure_clear(&args.permissions, args.force)?,
        _ => {}
    }
    let access = match &command {
        GroupCommand::List | GroupCommand::Show(_) => Access::Read,
        GroupCommand::Create(_)
        | GroupCommand::Set(_)
        | GroupCommand::Add(_)
        | GroupCommand::Remove(_)
        | GroupCommand::Delete(_) => Access::Change,
    };
    super::with_app(config, access, async |app| match command {
        GroupCommand::List => list(app, output).await,
        GroupCommand::Show(args) => show(app, args.group, output).await,
        GroupCommand::Create(args) => create(app, args, output).await,
        GroupCommand::Set(args) => set::run(app, args, output).await,
        GroupCommand::Add(args) => add(app, args, output).await,
        GroupCommand::Remove(args) => remove(app, args, output).await,
        GroupCommand::Delete(args) => delete(app, args.group, output).await,
    })
}

async fn list(app: &App, output: Output) -> Result<(), CliError> {
    let groups = app.scan(Caller::operator(), |act| groups::list(act, None)).await?;
    let mut rows = output.rows(&["ID", "MEMBERS", "NAME", "DESCRIPTION"]);
    for group in &groups {
        rows.row(&json_of(group)?, || cells(group))?;
    }
    rows.finish()
}

async fn show(app: &App, name: String, output: Output) -> Result<(), CliError> {
    let work = move |act: &mut Act<'_>| {
        let group = find::group(act.read(), &name)?;
        let members = groups::members(act, &group.group.id)?;
        Ok::<_, CliError>((group, members))
    };
    let (group, members) = app.snapshot(Caller::operator(), work).await?;
    let mut whole = json_of(&group)?;
    whole["users"] = serde_json::to_value(&members).map_err(CliError::Json)?;
    output.print(&whole, || describe(&group, &members))
}

fn describe(group: &GroupWithCount, members: &[UserInfo]) -> String {
    let (parent, GroupWithCount { group, member_count, .. }) = (group.parent(), group);
    let permissions = group.permissions.as_ref().map_or("none", JsonText::as_str);
    let mut text = format!(
        "id:           {}\nname:         {}\ndescription:  {}\npermissions:  {}\nmembers:      {member_count}",
        group.id,
        plain(&group.name),
        plain(&group.description),
        plain(permissions),
    );
    // Writing to a String cannot fail.
    if let Some(parent) = parent {
        let _ = write!(text, "\nparent:       {}", plain(parent.as_str()));
    }
    for member in members {
        let _ = write!(text, "\n  {}  {}", member.id, plain(&member.email));
    }
    text
}

async fn create(app: &App, args: CreateArgs, output: Output) -> Result<(), CliError> {
    let name = GroupName::parse(&args.name)?;
    if name.as_str().is_empty() {
        return Err(CliError::Failure("name: must not be empty".to_owned()));
    }
    let CreateArgs { description, permissions, owner, .. } = args;
    let permissions = permission_tree(&permissions)?;
    let work = move |act: &mut Act<'_>| {
        let owner = match owner {
            Some(owner) => find::user(act.read(), &owner)?.id,
            None => act.read().find_primary_admin()?.ok_or_else(|| {
                CliError::Failure("nobody can own a group yet; create an account first".to_owned())
            })?,
        };
        let namesakes: Vec<String> =
            find::groups_named(act.read(), name.as_str())?.iter().map(id_of).collect();
        let draft = GroupDraft { name, description, permissions, ..GroupDraft::default() };
        Ok::<_, CliError>((groups::create(act, draft, Some(owner))?, namesakes))
    };
    let (group, namesakes) = app.write(Caller::operator(), work).await?;
    if !namesakes.is_empty() {
        // Open WebUI lets groups share a name, so this is no error.
        output.warn(&format!(
            "there is another group named {} ({}); use the id to tell them apart",
            plain(&group.group.name),
            namesakes.join(", ")
        ));
    }
    output.print(&json_of(&group)?, || {
        format!("created group {}, id {}", plain(&group.group.name), group.group.id)
    })
}

fn id_of(group: &GroupWithCount) -> String {
    plain(group.group.id.as_str())
}

/// The rights as a group holds them: maps in maps.
fn permission_tree(rights: &[RightArg]) -> Result<Option<JsonText>, CliError> {
    if rights.is_empty() {
        return Ok(None);
    }
    let mut sections = Map::new();
    for right in rights {
        let section = sections.entry(right.section.clone()).or_insert_with(|| json!({}));
        section[&right.key] = right.value.into();
    }
    let permissions = Value::Object(sections);
    PermissionTree::validate(&permissions)?;
    Ok(Some(JsonText::from_stored(permissions.to_string())))
}

async fn add(app: &App, args: MembersArgs, output: Output) -> Result<(), CliError> {
    let work = move |act: &mut Act<'_>| {
        let (group, users) = find_named(act.read(), &args)?;
        Ok::<_, CliError>(groups::add_members(act, &group, &users)?)
    };
    print_members(&app.write(Caller::operator(), work).await?, output)
}

async fn remove(app: &App, args: MembersArgs, output: Output) -> Result<(), CliError> {
    let work = move |act: &mut Act<'_>| {
        let (group, users) = find_named(act.read(), &args)?;
        Ok::<_, CliError>(groups::remove_members(act, &group, &users)?)
    };
    print_members(&app.write(Caller::operator(), work).await?, output)
}

/// The group and the accounts. Where the API skips ids it does not know, a command says what it cannot find.
fn find_named(db: &mut dyn Reads, args: &MembersArgs) -> Result<(GroupId, Vec<UserId>), CliError> {
    let group = find::group(db, &args.group.group)?.group.id;
    let users: Result<_, CliError> = args.users.iter().map(|user| Ok(find::user(db, user)?.id)).collect();
    Ok((group, users?))
}

fn print_members(group: &GroupWithCount, output: Output) -> Result<(), CliError> {
    output.print(&json_of(group)?, || {
        let members = if group.member_count == 1 { "member" } else { "members" };
        format!("group {} has {} {members} now", plain(&group.group.name), group.member_count)
    })
}

async fn delete(app: &App, name: String, output: Output) -> Result<(), CliError> {
    let work = move |act: &mut Act<'_>| {
        let group = find::group(act.read(), &name)?;
        groups::delete(act, &group.group.id)?;
        Ok::<_, CliError>(group)
    };
    let group = app.write(Caller::operator(), work).await?;
    output.print(&json_of(&group)?, || {
        format!("deleted group {}, id {}", plain(&group.group.name), group.group.id)
    })
}

fn json_of(group: &GroupWithCount) -> Result<Value, CliError> {
    serde_json::to_value(group).map_err(CliError::Json)
}

/// A row of the list.
fn cells(group: &GroupWithCount) -> Vec<String> {
    let GroupWithCount { group, member_count, .. } = group;
    vec![group.id.to_string(), member_count.to_string(), plain(&group.name), plain(&group.description)]
}
