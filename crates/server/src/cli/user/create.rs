//! `rosterd user create`: the way to a first admin without an open sign-up.

use clap::Args;
use rosterd_app::Caller;
use rosterd_app::registration::{self, NewAccount};
use rosterd_domain::email::EmailAddress;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::rules::password_strength::PasswordOwner;

use super::{RoleArg, parse_name, summary};
use crate::cli::output::Output;
use crate::cli::{Access, CliError, password};
use crate::config::Config;

#[derive(Debug, Args)]
pub(in crate::cli) struct CreateArgs {
    /// E-mail address, under which the account signs in
    #[arg(long)]
    email: String,
    /// Name that others see
    #[arg(long)]
    name: String,
    /// Role of the account [default: user; the first account of all is always an admin]
    #[arg(long, value_enum)]
    role: Option<RoleArg>,
    /// The same as --role admin
    #[arg(long, conflicts_with = "role")]
    admin: bool,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

/// What can be checked without the database is checked before a password is asked for.
pub(super) fn run(config: &Config, args: CreateArgs, output: Output) -> Result<(), CliError> {
    EmailAddress::parse(&args.email)?;
    let name = parse_name(&args.name)?;
    let password = password::read(args.password_stdin)?;
    let policy = &config.passwords.policy;
    policy.check(&password)?;
    policy.check_strength(&password, PasswordOwner { name: name.as_str(), email: &args.email })?;
    let role = if args.admin { Some(Role::Admin) } else { args.role.map(Role::from) };
    let new = NewAccount { name, email: args.email, profile_image_url: ProfileImageUrl::default() };
    let user = crate::cli::with_app(config, Access::Make, async |app| {
        Ok(registration::create(app, Caller::operator(), new, password, role).await?)
    })?;
    output
        .print(&summary(&user), || format!("created {} with role {}, id {}", user.email, user.role, user.id))
}
