//! `rosterd user create`: the way to a first admin without an open sign-up.

use std::io::{self, IsTerminal};

use clap::{Args, Subcommand, ValueEnum};
use rosterd_api::services::accounts::{self, NewAccount};
use rosterd_domain::email::EmailAddress;
use rosterd_domain::role::Role;
use rosterd_domain::secret::PlainPassword;

use super::CliError;
use crate::config::Config;
use crate::server;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Create an account; the password is asked for, or read from standard input
    Create(CreateArgs),
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    /// E-mail address, under which the account signs in
    #[arg(long)]
    email: String,
    /// Name that others see
    #[arg(long)]
    name: String,
    /// Role of the account
    #[arg(long, value_enum, default_value_t = RoleArg::User)]
    role: RoleArg,
    /// The same as --role admin
    #[arg(long, conflicts_with = "role")]
    admin: bool,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Print the account as a JSON object
    #[arg(long)]
    json: bool,
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

pub(super) fn run(config: &Config, command: UserCommand) -> Result<(), CliError> {
    match command {
        UserCommand::Create(args) => create(config, &args),
    }
}

/// What can be checked without the database is checked before a password is asked for.
fn create(config: &Config, args: &CreateArgs) -> Result<(), CliError> {
    EmailAddress::parse(&args.email)?;
    let name = args.name.trim();
    if name.is_empty() {
        return Err(CliError::Usage("--name: is empty".to_owned()));
    }
    let password = read_password(args.password_stdin)?;
    config.passwords.policy.check(&password)?;
    let new = NewAccount {
        name: name.to_owned(),
        email: args.email.clone(),
        password,
        profile_image_url: accounts::DEFAULT_IMAGE_URL.to_owned(),
    };
    let role = if args.admin { Role::Admin } else { args.role.into() };
    let user = super::block_on(async {
        let app = server::open_app(config).await?;
        Ok(accounts::create(&app, new, role).await?)
    })?;
    if args.json {
        let account = serde_json::json!({
            "id": user.id,
            "email": user.email,
            "name": user.name,
            "role": user.role,
            "created_at": user.created_at,
        });
        return super::print(&account.to_string());
    }
    super::print(&format!("created {} with role {}, id {}", user.email, user.role, user.id))
}

fn read_password(from_stdin: bool) -> Result<PlainPassword, CliError> {
    if from_stdin {
        let mut line = String::new();
        io::stdin().read_line(&mut line).map_err(CliError::Input)?;
        let password = line.strip_suffix('\n').unwrap_or(&line);
        return Ok(PlainPassword::new(password.strip_suffix('\r').unwrap_or(password).to_owned()));
    }
    if !io::stdin().is_terminal() {
        return Err(CliError::Usage(
            "there is no terminal to ask for a password; use --password-stdin".to_owned(),
        ));
    }
    let first = rpassword::prompt_password("Password: ").map_err(CliError::Input)?;
    let second = rpassword::prompt_password("Again: ").map_err(CliError::Input)?;
    if first != second {
        return Err(CliError::Failure("the two passwords differ".to_owned()));
    }
    Ok(PlainPassword::new(first))
}
