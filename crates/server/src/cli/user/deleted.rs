//! `rosterd user deleted`: accounts that were deleted and can be restored.

use clap::{Args, Subcommand};
use rosterd_app::deleted::{self, MOST_DELETED};
use rosterd_app::{Act, App, Caller};
use rosterd_domain::deleted_user::{DeletedCursor, DeletedUserInfo};
use rosterd_domain::ids::UserId;
use serde_json::{Value, json};

use super::delete::listed;
use super::summary;
use crate::cli::output::{Output, moment, plain};
use crate::cli::{Access, CliError, confirm};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum DeletedCommand {
    /// List the deleted accounts that are kept, the last deleted first
    List,
    /// Restore a deleted account, with all that was kept of it
    Restore(DeletedArg),
    /// Remove what is kept of a deleted account: it cannot be restored any more
    Purge(PurgeArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DeletedArg {
    /// E-mail address or id that the account had
    user: String,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct PurgeArgs {
    #[command(flatten)]
    user: DeletedArg,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(config: &Config, command: DeletedCommand, output: Output) -> Result<(), CliError> {
    match command {
        DeletedCommand::List => {
            crate::cli::with_app(config, Access::Read, async |app| list(app, output).await)
        }
        DeletedCommand::Restore(args) => restore(config, args.user, output),
        DeletedCommand::Purge(args) => purge(config, args, output),
    }
}

async fn list(app: &App, output: Output) -> Result<(), CliError> {
    let mut rows = output.rows(&["ID", "ROLE", "E-MAIL ADDRESS", "NAME", "DELETED", "KEPT UNTIL"]);
    let mut after = None;
    loop {
        let page = move |act: &mut Act<'_>| deleted::list(act, after.as_ref(), MOST_DELETED);
        let page = app.scan(Caller::operator(), page).await?;
        for user in &page.users {
            rows.row(&serde_json::to_value(user).map_err(CliError::Json)?, || cells(user))?;
        }
        match page.users.last() {
            Some(last) => after = Some(DeletedCursor::after(last)),
            None => return rows.finish(),
        }
    }
}

fn cells(user: &DeletedUserInfo) -> Vec<String> {
    vec![
        plain(user.id.as_str()),
        plain(user.role.as_str()),
        plain(&user.email),
        plain(&user.name),
        moment(user.deleted_at),
        moment(user.kept_until),
    ]
}

fn restore(config: &Config, name: String, output: Output) -> Result<(), CliError> {
    let restored = crate::cli::with_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let id = find(act, &name)?.id;
            Ok::<_, CliError>(deleted::restore(act, &id)?)
        })
        .await
    })?;
    let mut json = summary(&restored.user);
    json["restored"] = json!(restored.rows.restored);
    json["left_out"] = json!(restored.rows.left_out);
    json["groups_gone"] = json!(restored.rows.groups_gone);
    output.print(&json, || {
        let email = plain(&restored.user.email);
        let mut text =
            format!("restored {email}, id {}: {}", restored.user.id, listed(&restored.rows.restored));
        if !restored.rows.left_out.is_empty() {
            text.push_str("\nleft out, since what they belong to is gone: ");
            text.push_str(&listed(&restored.rows.left_out));
        }
        if !restored.rows.groups_gone.is_empty() {
            let groups: Vec<&str> = restored.rows.groups_gone.iter().map(AsRef::as_ref).collect();
            text.push_str("\ngroups that are gone: ");
            text.push_str(&plain(&groups.join(", ")));
        }
        text
    })
}

fn purge(config: &Config, args: PurgeArgs, output: Output) -> Result<(), CliError> {
    let user = crate::cli::with_app(config, Access::Change, async |app| {
        let name = args.user.user;
        let user = app.snapshot(Caller::operator(), move |act| find(act, &name)).await?;
        if confirm::is_to_be_asked(args.yes) {
            let (email, name) = (plain(&user.email), plain(&user.name));
            confirm::ask(&format!("{email} ({name}), id {}\nRemove what is kept of it for good?", user.id))?;
        }
        app.write(Caller::operator(), move |act| Ok::<_, CliError>(deleted::purge(act, &user.id)?)).await
    })?;
    let json: Value = serde_json::to_value(&user).map_err(CliError::Json)?;
    output.print(&json, || format!("purged {}, id {}", plain(&user.email), user.id))
}

/// The one deleted account with this id or e-mail address.
fn find(act: &mut Act<'_>, name: &str) -> Result<DeletedUserInfo, CliError> {
    let mut found = deleted::find(act, name)?;
    if found.len() > 1 {
        let ids: Vec<&str> = found.iter().map(|user| UserId::as_str(&user.id)).collect();
        let (count, ids) = (ids.len(), ids.join(", "));
        return Err(CliError::Failure(format!(
            "{count} deleted accounts had the e-mail address {name}; use an id instead, the last deleted first: {ids}"
        )));
    }
    let unknown =
        || CliError::Failure(format!("no deleted account with the e-mail address or id {name} is kept"));
    found.pop().ok_or_else(unknown)
}
