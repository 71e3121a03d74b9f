//! `rosterd user set`: name, e-mail address and picture of an account.

use clap::{ArgGroup, Args};
use rosterd_app::Caller;
use rosterd_app::users::{self, SentUpdate};
use rosterd_domain::email::EmailAddress;

use super::{UserArg, parse_name, summary};
use crate::cli::output::{Output, plain};
use crate::cli::{Access, CliError, find};
use crate::config::Config;

// A constant, as rustdoc would take the URL for a link.
const PICTURE_HELP: &str =
    "The new profile image: an http(s) URL, a data: URI of a picture, or /user.png for the usual one";

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true).args(["name", "email", "picture"])))]
pub(in crate::cli) struct SetArgs {
    #[command(flatten)]
    user: UserArg,
    /// The new name
    #[arg(long)]
    name: Option<String>,
    /// The new e-mail address, under which the account signs in from now on
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    #[arg(long, value_name = "URL", help = PICTURE_HELP)]
    picture: Option<String>,
}

/// What can be checked without the database is checked before it is opened.
pub(super) fn run(config: &Config, args: SetArgs, output: Output) -> Result<(), CliError> {
    let SetArgs { user: UserArg { user }, name, email, picture } = args;
    if let Some(name) = &name {
        parse_name(name)?;
    }
    if let Some(email) = &email {
        EmailAddress::parse(email)?;
    }
    let sent = SentUpdate { role: None, name, email, profile_image_url: picture, password: None };
    let user = crate::cli::with_app(config, Access::Change, async |app| {
        let found = app.snapshot(Caller::operator(), move |act| find::user(act.read(), &user)).await?;
        Ok(users::update(app, Caller::operator(), found.id, sent).await?)
    })?;
    output.print(&summary(&user), || {
        format!("{}, id {}, is as asked now: {}", plain(&user.email), user.id, plain(&user.name))
    })
}
