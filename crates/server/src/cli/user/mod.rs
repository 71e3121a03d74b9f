//! `rosterd user`: the accounts, under the rules that hold for admins.

mod create;
mod delete;
mod deleted;
mod keys;
mod link;
mod list;
mod make_primary;
mod revoke;
mod sessions;
mod set;
mod suspend;

use std::fmt::Write as _;

use clap::{Args, Subcommand, ValueEnum};
use rosterd_app::users::{self, Keys};
use rosterd_app::{App, Caller, last_sign_in};
use rosterd_domain::error::DomainError;
use rosterd_domain::group::NamedGroup;
use rosterd_domain::last_sign_in::LastSignIn;
use rosterd_domain::list::AccountStatus;
use rosterd_domain::name::UserName;
use rosterd_domain::role::Role;
use rosterd_domain::unconfirmed::Unconfirmed;
use rosterd_domain::user::UserModel;
use serde_json::{Value, json};

use super::output::{Output, moment, plain};
use super::{Access, CliError, find, password};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Create an account; the password is asked for, or read from standard input
    Create(create::CreateArgs),
    /// Create an account without a password, and print the link by which its owner sets one
    Invite(link::InviteArgs),
    /// List accounts, newest first unless asked otherwise
    List(list::ListArgs),
    /// Show an account, its groups and its last sign-in
    Show(UserArg),
    /// Change name, e-mail address and picture of an account; not the primary admin's
    Set(set::SetArgs),
    /// Give an account another role; not the primary admin
    SetRole(SetRoleArgs),
    /// Make an active admin the primary admin in place of the one there is, by exchanging when they were made
    MakePrimary(UserArg),
    /// Set an account's password without the old one; its sessions end (not those of Open WebUI on a database of 0.6)
    SetPassword(SetPasswordArgs),
    /// Print a link by which the owner of an account sets a new password; until then nothing changes
    ResetLink(link::ResetLinkArgs),
    /// List the open sessions of an account, newest first
    Sessions(UserArg),
    /// List the API keys of an account, newest first; their text is not stored
    Keys(UserArg),
    /// End all sessions of an account at once, the primary admin's too; with --keys delete its API keys
    Revoke(RevokeArgs),
    /// Suspend an account: its sessions end, and nobody can sign in to it or use its API keys; all data stays
    Suspend(suspend::SuspendArgs),
    /// Let a suspended account in again, with the role that it had
    Resume(UserArg),
    /// Delete an account with its memberships, chats, API keys and OAuth sessions; not the primary admin
    Delete(delete::DeleteArgs),
    /// List, restore and purge deleted accounts that are kept
    #[command(subcommand)]
    Deleted(deleted::DeletedCommand),
}

#[derive(Debug, Args)]
pub(super) struct UserArg {
    /// E-mail address or id of the account
    user: String,
}

#[derive(Debug, Args)]
pub(super) struct SetRoleArgs {
    #[command(flatten)]
    user: UserArg,
    /// The role to have
    role: RoleArg,
}

#[derive(Debug, Args)]
pub(super) struct RevokeArgs {
    #[command(flatten)]
    user: UserArg,
    /// Delete all API keys of the account too
    #[arg(long)]
    keys: bool,
}

#[derive(Debug, Args)]
pub(super) struct SetPasswordArgs {
    #[command(flatten)]
    user: UserArg,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Delete the account's API keys too; otherwise they go on
    #[arg(long)]
    revoke_keys: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleArg {
    Pending,
    User,
    Admin,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Pending => Self::Pending,
            RoleArg::User => Self::User,
            RoleArg::Admin => Self::Admin,
        }
    }
}

pub(super) fn run(config: &Config, command: UserCommand, output: Output) -> Result<(), CliError> {
    match command {
        UserCommand::Create(args) => create::run(config, args, output),
        UserCommand::Invite(args) => link::invite(config, args, output),
        UserCommand::List(args) => list::run(config, args, output),
        UserCommand::Show(args) => show(config, args.user, output),
        UserCommand::Set(args) => set::run(config, args, output),
        UserCommand::SetRole(args) => set_role(config, args, output),
        UserCommand::MakePrimary(args) => make_primary::run(config, args.user, output),
        UserCommand::SetPassword(args) => set_password(config, args, output),
        UserCommand::ResetLink(args) => link::reset(config, args, output),
        UserCommand::Sessions(args) => sessions::run(config, args.user, output),
        UserCommand::Keys(args) => keys::run(config, args.user, output),
        UserCommand::Revoke(args) => revoke::run(config, args, output),
        UserCommand::Suspend(args) => suspend::suspend(config, args, output),
        UserCommand::Resume(args) => suspend::resume(config, args, output),
        UserCommand::Delete(args) => delete::run(config, args, output),
        UserCommand::Deleted(command) => deleted::run(config, command, output),
    }
}

fn show(config: &Config, name: String, output: Output) -> Result<(), CliError> {
    let (user, groups, last) = super::with_app(config, Access::Read, async |app| {
        app.snapshot(Caller::operator(), move |act| {
            let user = find::user(act.read(), &name)?.into_answer(act.app().dialect(), act.now());
            let groups = act.read().list_group_names_of(&user.id)?;
            let last = if act.app().store().layout().sign_ins {
                Some(last_sign_in::of_user(act, &user.id)?)
            } else {
                None
            };
            Ok::<_, CliError>((user, groups, last))
        })
        .await
    })?;
    let mut whole = serde_json::to_value(&user).map_err(CliError::Json)?;
    whole["groups"] = serde_json::to_value(&groups).map_err(CliError::Json)?;
    whole["last_sign_in"] = serde_json::to_value(last).map_err(CliError::Json)?;
    output.print(&whole, || describe(&user, &groups, last))
}

fn describe(user: &UserModel, groups: &[NamedGroup], last: Option<LastSignIn>) -> String {
    let mut text = format!(
        "id:           {}\nemail:        {}\nname:         {}\nrole:         {}\ncreated:      {}\nlast active:  {}",
        user.id,
        plain(&user.email),
        plain(&user.name),
        user.role,
        moment(user.created_at),
        moment(user.last_active_at),
    );
    text.push_str(&suspend::described(user));
    if let Some(Unconfirmed { role, since }) = &user.unconfirmed {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\nunconfirmed:  since {}; has role {} once the e-mail address is confirmed",
            moment(*since),
            plain(role.as_str())
        );
    }
    if let Some(last) = last {
        let signed_in = last.signed_in_at.map_or_else(|| "never, as far as is known".to_owned(), moment);
        let failed_at = last.failed_at.map_or_else(String::new, |at| format!(", the last at {}", moment(at)));
        // Writing to a String cannot fail.
        let _ = write!(text, "\nsigned in:    {signed_in}\nfailed since: {}{failed_at}", last.failed);
    }
    if let Some(status) = &user.status_message {
        // Writing to a String cannot fail.
        let _ = write!(text, "\nstatus:       {}", plain(status));
    }
    for group in groups {
        let _ = write!(text, "\ngroup:        {}  ({})", plain(&group.name), group.id);
    }
    text
}

fn set_role(config: &Config, args: SetRoleArgs, output: Output) -> Result<(), CliError> {
    let role = Role::from(args.role);
    let user = super::with_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let id = find::user(act.read(), &args.user.user)?.id;
            Ok::<_, CliError>(users::set_role(act, &id, &role)?)
        })
        .await
    })?;
    output.print(&summary(&user), || format!("{} has role {} now", plain(&user.email), user.role))
}

/// What can be checked without the database is checked before it is opened.
fn set_password(config: &Config, args: SetPasswordArgs, output: Output) -> Result<(), CliError> {
    let password = password::read(args.password_stdin)?;
    config.passwords.policy.check(&password)?;
    let keys = if args.revoke_keys { Keys::Go } else { Keys::Stay };
    let (reset, sessions) = super::with_app(config, Access::Change, async |app| {
        let name = args.user.user;
        let user = app.snapshot(Caller::operator(), move |act| find::user(act.read(), &name)).await?;
        let reset = users::reset_password(app, Caller::operator(), user.id, password, keys).await?;
        Ok((reset, over(app)))
    })?;
    let mut told = summary(&reset.user);
    told["api_keys_deleted"] = reset.keys_deleted.into();
    told["api_keys_left"] = reset.keys_left.into();
    output.print(&told, || {
        let keys = keys::sentence(reset.keys_deleted, reset.keys_left);
        format!("{} has a new password; {sessions}{keys}", plain(&reset.user.email))
    })
}

/// Which sessions of an account a new password ends.
fn over(app: &App) -> &'static str {
    match (app.store().layout().session_stamp, app.keeps_sessions()) {
        (true, _) => "its sessions are over",
        (false, true) => {
            "its sessions are over, but those that Open WebUI opened stay open until their tokens end"
        }
        (false, false) => "open sessions stay open",
    }
}

/// A name as it is typed for an account.
fn parse_name(name: &str) -> Result<UserName, CliError> {
    UserName::parse(name).map_err(|why| match why {
        DomainError::Field { message, .. } => CliError::Usage(format!("--name: a name {message}")),
        other => other.into(),
    })
}

/// An account as commands and lists print it.
fn summary(user: &UserModel) -> Value {
    let status = if user.suspension.is_some() { AccountStatus::Suspended } else { AccountStatus::Active };
    let mut summary = json!({
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "last_active_at": user.last_active_at,
        "status": status.as_str(),
    });
    if let Some(suspension) = &user.suspension {
        summary["suspension"] = json!(suspension);
    }
    summary
}
