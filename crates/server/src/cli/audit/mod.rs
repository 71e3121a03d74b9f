//! `rosterd audit`: the audit log.

mod list;
mod verify;

use clap::{Args, Subcommand};
use rosterd_app::Caller;
use rosterd_app::audit::{self, Erased};
use rosterd_domain::audit::Head;
use rosterd_domain::ids::UserId;
use serde_json::json;

use super::output::Output;
use super::{Access, CliError, find};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// List events, newest first
    List(list::ListArgs),
    /// Write all sealed events to standard output in their order, one JSON object a line
    Export(list::ExportArgs),
    /// Verify that no sealed event was altered, removed or put in: 0 if the log is whole, 1 if not
    Verify(verify::VerifyArgs),
    /// Print how far the log is sealed, in one line to be kept elsewhere
    Head,
    /// Replace what the log says about a person by hashes; the seals stay
    Erase(EraseArgs),
}

#[derive(Debug, Args)]
pub(super) struct EraseArgs {
    /// E-mail address or id of the account; its id if it was deleted
    user: String,
}

pub(super) fn run(config: &Config, command: AuditCommand, output: Output) -> Result<(), CliError> {
    match command {
        AuditCommand::List(args) => list::run(config, args, output),
        AuditCommand::Export(args) => list::export(config, &args),
        AuditCommand::Verify(args) => verify::run(config, args, output),
        AuditCommand::Head => head(config, output),
        AuditCommand::Erase(args) => erase(config, &args.user, output),
    }
}

fn head(config: &Config, output: Output) -> Result<(), CliError> {
    let head =
        super::with_app(config, Access::Read, async |app| Ok(audit::head(app, Caller::operator()).await?))?;
    output.print(&json_of(&head), || head.to_string())
}

fn json_of(head: &Head) -> serde_json::Value {
    json!({ "head": head.to_string(), "position": head.position, "lasting": head.lasting, "passing": head.passing })
}

fn erase(config: &Config, name: &str, output: Output) -> Result<(), CliError> {
    let (id, erased) = super::with_app(config, Access::Change, async |app| {
        let asked = name.to_owned();
        let found = app
            .snapshot(Caller::operator(), move |act| {
                Ok::<_, CliError>(find::user(act.read(), &asked).map(|user| user.id).ok())
            })
            .await?;
        // Who was deleted is known by their id alone.
        let id = match found {
            Some(id) => id,
            None => UserId::parse(name).map_err(CliError::Rule)?,
        };
        let erased = audit::erase(app, Caller::operator(), id.clone()).await?;
        if erased.events == 0 && !erased.purged {
            let why = format!(
                "the log has no events about {name} that are not erased; an account that was deleted is given by its id"
            );
            return Err(CliError::Failure(why));
        }
        Ok((id, erased))
    })?;
    let Erased { events, purged } = erased;
    output.print(&json!({ "id": id.as_str(), "erased": events, "purged": purged }), || {
        let kept = if purged { ", and purged the deleted account" } else { "" };
        format!("erased {events} event{} about {id}{kept}", if events == 1 { "" } else { "s" })
    })
}
