//! `rosterd scim`: identity providers that make, change and disable accounts.

mod show;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use rosterd_app::scim::connections::{self, MadeConnection};
use rosterd_app::{App, Caller};
use rosterd_domain::role::Role;
use rosterd_domain::scim::{
    ConnectionDraft, ConnectionName, ConnectionSettings, ConnectionUpdate, GroupRule,
};
use rosterd_domain::webhook::Overlap;
use serde_json::json;

use super::confirm;
use super::output::{Form, Output, plain};
use super::webhook::overlap;
use super::{Access, CliError};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum ScimCommand {
    /// List connections, the oldest first
    List,
    /// Connect an identity provider and print its token, which is never shown again
    Create(CreateArgs),
    /// Change what a connection may do; what is not given stays
    Change(ChangeArgs),
    /// Replace the token of a connection and print the new one; for a while both open it
    Rotate(RotateArgs),
    /// Delete a connection; its accounts and groups stay as they are
    Delete(DeleteArgs),
    /// List the accounts that a connection would be linked to by e-mail address
    Linkable(LinkableArgs),
}

#[derive(Debug, Args)]
pub(super) struct ConnectionArg {
    /// Name or id of the connection
    connection: String,
}

#[derive(Debug, Args)]
pub(super) struct SettingsArgs {
    /// The role of the accounts that it makes
    #[arg(long, value_name = "ROLE", value_parser = PossibleValuesParser::new(["user", "pending"])
        .map(|role| Role::from_stored(&role)))]
    default_role: Option<Role>,
    /// How the names of its groups lead to groups: it makes its own, is linked to those of the name, or has none
    #[arg(long, value_name = "RULE", value_parser = PossibleValuesParser::new(GroupRule::ALL.map(GroupRule::as_str))
        .try_map(|name| GroupRule::parse(&name).ok_or("no such rule")))]
    group_rule: Option<GroupRule>,
    /// Link it to accounts that have the e-mail address of one of its users already, unless they are admins'
    #[arg(long, value_name = "BOOL", num_args(0..=1), default_missing_value = "true")]
    links_by_email: Option<bool>,
    /// Set the passwords that it sends
    #[arg(long, value_name = "BOOL", num_args(0..=1), default_missing_value = "true")]
    takes_passwords: Option<bool>,
    /// Delete accounts that it made where it asks so, in place of suspending them
    #[arg(long, value_name = "BOOL", num_args(0..=1), default_missing_value = "true")]
    deletes_accounts: Option<bool>,
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// What you call it, such as the name of the identity provider
    name: String,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct ChangeArgs {
    #[command(flatten)]
    connection: ConnectionArg,
    /// What you call it
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    #[command(flatten)]
    connection: ConnectionArg,
    /// How long the token before opens it too, 7d at most; 0: not at all
    #[arg(long, value_name = "DURATION", default_value = "1d", value_parser = overlap)]
    overlap: Overlap,
}

#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    #[command(flatten)]
    connection: ConnectionArg,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(super) struct LinkableArgs {
    #[command(flatten)]
    connection: ConnectionArg,
    /// At most so many accounts
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

impl SettingsArgs {
    fn into_settings(self) -> ConnectionSettings {
        let Self { default_role, group_rule, links_by_email, takes_passwords, deletes_accounts } = self;
        ConnectionSettings { default_role, links_by_email, takes_passwords, deletes_accounts, group_rule }
    }
}

pub(super) fn run(config: &Config, command: ScimCommand, output: Output) -> Result<(), CliError> {
    let access = match &command {
        ScimCommand::List | ScimCommand::Linkable(_) => Access::Read,
        _ => Access::Change,
    };
    super::with_app(config, access, async |app| match command {
        ScimCommand::List => show::list(app, output).await,
        ScimCommand::Linkable(args) => show::linkable(app, args, output).await,
        ScimCommand::Create(args) => create(app, args, output).await,
        ScimCommand::Change(args) => change(app, args, output).await,
        ScimCommand::Rotate(args) => rotate(app, args, output).await,
        ScimCommand::Delete(args) => delete(app, args, output).await,
    })
}

async fn create(app: &App, args: CreateArgs, output: Output) -> Result<(), CliError> {
    let draft =
        ConnectionDraft { name: ConnectionName::parse(&args.name)?, settings: args.settings.into_settings() };
    let made = app.write(Caller::operator(), move |act| connections::create(act, draft)).await?;
    print_made(&made, output)
}

async fn rotate(app: &App, args: RotateArgs, output: Output) -> Result<(), CliError> {
    let (named, overlap) = (args.connection.connection, args.overlap);
    let made = app
        .write(Caller::operator(), move |act| {
            let id = connections::named(act, &named)?;
            connections::rotate(act, &id, overlap)
        })
        .await?;
    print_made(&made, output)
}

/// What the identity provider needs.
fn print_made(made: &MadeConnection, output: Output) -> Result<(), CliError> {
    let mut json = serde_json::to_value(&made.info).map_err(CliError::Json)?;
    json["token"] = made.token.expose().into();
    json["url"] = made.url.clone().into();
    output.print(&json, || {
        let url = made.url.as_deref().map(|url| format!("\nurl:    {url}")).unwrap_or_default();
        format!("id:     {}\ntoken:  {}{url}", made.info.id, made.token.expose())
    })?;
    if made.url.is_none() && output.form == Form::Text {
        output.note("set ROSTERD_PUBLIC_URL to the URL by which the identity provider reaches this server; SCIM is below it at /scim/v2");
    }
    Ok(())
}

async fn change(app: &App, args: ChangeArgs, output: Output) -> Result<(), CliError> {
    let name = args.name.as_deref().map(ConnectionName::parse).transpose()?;
    let update = ConnectionUpdate { name, settings: args.settings.into_settings() };
    if update == ConnectionUpdate::default() {
        return Err(CliError::Usage(
            "give what is to be changed, such as --group-rule none; `rosterd scim change --help` lists it"
                .to_owned(),
        ));
    }
    let named = args.connection.connection;
    let info = app
        .write(Caller::operator(), move |act| {
            let id = connections::named(act, &named)?;
            connections::update(act, &id, update)
        })
        .await?;
    let json = serde_json::to_value(&info).map_err(CliError::Json)?;
    output.print(&json, || format!("changed connection {}", plain(&info.name)))
}

async fn delete(app: &App, args: DeleteArgs, output: Output) -> Result<(), CliError> {
    let named = args.connection.connection;
    if confirm::is_to_be_asked(args.yes) {
        confirm::ask(&format!(
            "Delete the connection {}? Its accounts and groups stay as they are, suspended ones suspended.",
            plain(&named)
        ))?;
    }
    let id = app
        .write(Caller::operator(), move |act| {
            let id = connections::named(act, &named)?;
            connections::delete(act, &id)?;
            Ok::<_, rosterd_app::AppError>(id)
        })
        .await?;
    output.print(&json!({ "id": id }), || format!("deleted connection {id}"))
}
