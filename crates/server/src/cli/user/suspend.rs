//! `rosterd user suspend` and `rosterd user resume`: shuts somebody out for a time, and lets them in again.

use std::time::Duration;

use clap::Args;
use rosterd_app::{AppError, Caller, suspensions};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::error::DomainError;
use rosterd_domain::rules::suspension::SuspensionTerms;
use rosterd_domain::suspension::Suspension;
use rosterd_domain::user::UserModel;

use super::{UserArg, moment, summary};
use crate::cli::output::{Output, plain};
use crate::cli::{Access, CliError, find, times};
use crate::config::{Config, positive_duration};

#[derive(Debug, Args)]
pub(in crate::cli) struct SuspendArgs {
    #[command(flatten)]
    user: UserArg,
    /// Why, in words for other admins
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// When it ends by itself, such as 2026-12-24 or 2026-12-24T18:00:00Z [default: when the account is resumed]
    #[arg(long, value_name = "TIME", value_parser = times::second, conflicts_with = "span")]
    until: Option<UnixSeconds>,
    /// How long it lasts, such as 14d
    #[arg(long = "for", id = "span", value_name = "DURATION", value_parser = positive_duration)]
    span: Option<Duration>,
}

pub(super) fn suspend(config: &Config, args: SuspendArgs, output: Output) -> Result<(), CliError> {
    let user = crate::cli::with_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let id = find::user(act.read(), &args.user.user)?.id;
            let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
            let after = args.span.map(|span| act.now().saturating_add(seconds(span)));
            let terms = SuspensionTerms { reason: args.reason, until: args.until.or(after) };
            suspensions::suspend(act, &id, terms).map_err(as_typed)
        })
        .await
    })?;
    output.print(&summary(&user), || {
        format!(
            "{} is suspended{}",
            plain(&user.email),
            user.suspension.as_ref().map_or_else(String::new, end)
        )
    })
}

pub(super) fn resume(config: &Config, args: UserArg, output: Output) -> Result<(), CliError> {
    let user = crate::cli::with_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let id = find::user(act.read(), &args.user)?.id;
            Ok::<_, CliError>(suspensions::resume(act, &id)?)
        })
        .await
    })?;
    output.print(&summary(&user), || {
        format!("{} is not suspended any more; its role is {}", plain(&user.email), user.role)
    })
}

/// Faults in the words of the options.
fn as_typed(error: AppError) -> CliError {
    match error {
        AppError::Rule(DomainError::Fields(faults)) => {
            let each = faults.into_iter().map(|(path, message)| format!("--{} {message}", path.join(".")));
            CliError::Usage(each.collect::<Vec<_>>().join("; "))
        }
        other => other.into(),
    }
}

/// When it ends, as the end of a sentence.
fn end(suspension: &Suspension) -> String {
    suspension.until.map_or_else(String::new, |until| format!(" until {}", moment(until)))
}

/// What `rosterd user show` says of it; nothing of an account that is not suspended.
pub(super) fn described(user: &UserModel) -> String {
    let Some(suspension) = &user.suspension else { return String::new() };
    let reason =
        suspension.reason.as_deref().map_or_else(String::new, |reason| format!(": {}", plain(reason)));
    format!(
        "\nsuspended:    since {}{}{reason}\nrole before:  {}",
        moment(suspension.since),
        end(suspension),
        suspension.role
    )
}

#[cfg(test)]
mod tests {
    use rosterd_domain::role::Role;

    use super::*;

    #[test]
    fn an_end_is_told_where_there_is_one() {
        let suspension = |until| Suspension { reason: None, since: 0, until, role: Role::User };
        assert_eq!(end(&suspension(None)), "");
        assert_eq!(end(&suspension(Some(86_400))), " until 1970-01-02 00:00:00 UTC");
    }

    #[test]
    fn a_fault_names_the_option() {
        let fault = |path: &str| (vec![path.to_owned()], "must be in the future".to_owned());
        let error = AppError::from(DomainError::Fields(vec![fault("until")]));
        let CliError::Usage(told) = as_typed(error) else { panic!("a usage error is wanted") };
        assert_eq!(told, "--until must be in the future");
    }
}
