//! `rosterd mail`: the outbox, and a test of the mail server.

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use rosterd_app::mail::{self, MOST_MAILS};
use rosterd_app::{App, Caller};
use rosterd_domain::ids::MailId;
use rosterd_domain::mail::{MailInfo, MailQuery, MailState};

use super::output::{Output, moment, plain};
use super::{Access, CliError};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum MailCommand {
    /// Send a test mail at once: 0 if the mail server took it, 1 if not
    Test(TestArgs),
    /// List the mails of the outbox, newest first
    List(ListArgs),
    /// Have the server send a mail once more, with all its attempts
    Retry(RetryArgs),
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// E-mail address to send it to
    address: String,
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only mails in this state
    #[arg(long, value_parser = PossibleValuesParser::new(MailState::ALL.map(MailState::as_str))
        .try_map(|name| MailState::parse(&name).ok_or("no such state")))]
    state: Option<MailState>,
    /// At most so many mails
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    /// Id of the mail
    id: String,
}

pub(super) fn run(config: &Config, command: MailCommand, output: Output) -> Result<(), CliError> {
    match command {
        MailCommand::Test(args) => {
            super::with_app(config, Access::Change, async |app| test(app, args, output).await)
        }
        MailCommand::List(args) => {
            super::with_app(config, Access::Read, async |app| list(app, &args, output).await)
        }
        MailCommand::Retry(args) => {
            super::with_app(config, Access::Change, async |app| retry(app, &args, output).await)
        }
    }
}

async fn test(app: &App, args: TestArgs, output: Output) -> Result<(), CliError> {
    let test = mail::test(app, Caller::operator(), Some(args.address)).await?;
    let json = serde_json::to_value(&test).map_err(CliError::Json)?;
    if test.sent {
        return output
            .print(&json, || format!("the mail server took the test for {}", plain(&test.recipient)));
    }
    let why = test.error.as_deref().unwrap_or_default();
    output.print(&json, || format!("not sent: {}", plain(why)))?;
    Err(CliError::Failure("the test was not sent".to_owned()))
}

async fn list(app: &App, args: &ListArgs, output: Output) -> Result<(), CliError> {
    let mut rows = output.rows(&[
        "ID",
        "KIND",
        "STATE",
        "RECIPIENT",
        "ATTEMPTS",
        "NOTED",
        "NEXT ATTEMPT",
        "SENT",
        "ERROR",
    ]);
    let (mut left, mut before) = (args.limit, None);
    while left > 0 {
        let limit = left.min(MOST_MAILS);
        let query = MailQuery { state: args.state, before, limit };
        let page = app.snapshot(Caller::operator(), move |act| mail::list(act, &query)).await?;
        for mail in &page {
            rows.row(&serde_json::to_value(mail).map_err(CliError::Json)?, || cells(mail))?;
        }
        let is_last = i64::try_from(page.len()).is_ok_and(|count| count < limit);
        before = page.last().map(|last| last.id.clone());
        left -= limit;
        if is_last {
            break;
        }
    }
    rows.finish()
}

fn cells(mail: &MailInfo) -> Vec<String> {
    let none = || "-".to_owned();
    vec![
        plain(mail.id.as_str()),
        plain(&mail.kind),
        mail.state.as_str().to_owned(),
        plain(&mail.recipient),
        mail.attempts.to_string(),
        moment(mail.created_at),
        mail.next_attempt_at.map_or_else(none, moment),
        mail.sent_at.map_or_else(none, moment),
        mail.last_error.as_deref().map_or_else(none, plain),
    ]
}

async fn retry(app: &App, args: &RetryArgs, output: Output) -> Result<(), CliError> {
    let id = MailId::parse(&args.id)?;
    let mail = app.write(Caller::operator(), move |act| mail::retry(act, &id)).await?;
    let json = serde_json::to_value(&mail).map_err(CliError::Json)?;
    output.print(&json, || format!("mail {} is sent by the server, at once", plain(mail.id.as_str())))
}
