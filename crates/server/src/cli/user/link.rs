//! `rosterd user invite` and `rosterd user reset-link`: links by which somebody sets their own password (rules O2 to O6).

use std::time::Duration;

use clap::Args;
use rosterd_app::links::{self, Invitation, LinkTerms, MadeLink};
use rosterd_app::registration::NewAccount;
use rosterd_app::{AppError, Caller};
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::GroupId;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::user::UserModel;
use serde_json::{Value, json};

use super::{RoleArg, UserArg, moment, parse_name, summary};
use crate::cli::output::{Form, Output, plain};
use crate::cli::{Access, CliError, find};
use crate::config::{Config, positive_duration};

#[derive(Debug, Args)]
pub(in crate::cli) struct InviteArgs {
    /// E-mail address, under which the account signs in
    email: String,
    /// Name that others see; its owner can change it
    #[arg(long)]
    name: String,
    /// Role of the account [default: user; the first account of all is always an admin]
    #[arg(long, value_enum)]
    role: Option<RoleArg>,
    /// Name or id of a group that the account joins; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    #[command(flatten)]
    life: LifeArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ResetLinkArgs {
    #[command(flatten)]
    user: UserArg,
    #[command(flatten)]
    life: LifeArgs,
}

#[derive(Debug, Args)]
struct LifeArgs {
    /// For how long the link can be used, 5m to 30d [default: 7d for an invite, 1d for a new password]
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    expires_in: Option<Duration>,
}

impl LifeArgs {
    fn terms(&self) -> LinkTerms {
        let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        LinkTerms { expires_in: self.expires_in.map(seconds), ..LinkTerms::default() }
    }
}

pub(super) fn invite(config: &Config, args: InviteArgs, output: Output) -> Result<(), CliError> {
    let account = NewAccount {
        name: parse_name(&args.name)?,
        email: args.email,
        profile_image_url: ProfileImageUrl::default(),
    };
    let (role, terms, groups) = (args.role.map(Role::from), args.life.terms(), args.groups);
    let invited = crate::cli::with_signing_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let of = |name: &String| Ok(find::group(act.read(), name)?.group.id);
            let groups: Vec<GroupId> = groups.iter().map(of).collect::<Result<_, CliError>>()?;
            let invitation = Invitation { account, role, groups, terms };
            links::invite(act, &invitation).map_err(as_typed)
        })
        .await
    })?;
    tell(&invited.user, &invited.link, ("invited", "invite/accept"), output)
}

pub(super) fn reset(config: &Config, args: ResetLinkArgs, output: Output) -> Result<(), CliError> {
    let (name, terms) = (args.user.user, args.life.terms());
    let (user, link) = crate::cli::with_signing_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let user = find::user(act.read(), &name)?;
            let link = links::make_reset(act, &user.id, terms).map_err(as_typed)?;
            Ok::<_, CliError>((user, link))
        })
        .await
    })?;
    tell(&user, &link, ("a link for a new password of", "password/reset"), output)
}

/// Prints the link alone, or the token where nobody knows the URL, so that it can go straight into a message. `made` is what was made, in
/// words, and the call that uses it.
fn tell(user: &UserModel, link: &MadeLink, made: (&str, &str), output: Output) -> Result<(), CliError> {
    if output.form == Form::Text {
        explain(user, link, made, output);
    }
    output.print(&told(user, link), || link.url.clone().unwrap_or_else(|| link.token.expose().to_owned()))
}

fn explain(user: &UserModel, link: &MadeLink, (what, call): (&str, &str), output: Output) {
    output.note(&format!(
        "{what} {}, role {}; the link can be used once, until {}{}",
        plain(&user.email),
        user.role,
        moment(link.expires_at),
        if link.mailed { ", and the server sends it by mail" } else { "" }
    ));
    if link.url.is_none() {
        output.note(&format!(
            "this is the token alone: set ROSTERD_PUBLIC_URL to get a link. It is used at /console/link#TOKEN, or by \
             POST /api/v1/auths/{call}"
        ));
    }
}

fn told(user: &UserModel, link: &MadeLink) -> Value {
    json!({
        "user": summary(user),
        "token": link.token.expose(),
        "link": link.url,
        "expires_at": link.expires_at,
        "mailed": link.mailed,
    })
}

/// Faults in the words of the options.
fn as_typed(error: AppError) -> CliError {
    match error {
        AppError::Rule(DomainError::Field { path, message }) => {
            let option = path.join(".").replace('_', "-");
            CliError::Usage(format!("--{option} {message}"))
        }
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_the_option() {
        let fault = DomainError::Field { path: vec!["expires_in".to_owned()], message: "must be".to_owned() };
        let CliError::Usage(told) = as_typed(fault.into()) else { panic!("a usage error is wanted") };
        assert_eq!(told, "--expires-in must be");
    }
}
