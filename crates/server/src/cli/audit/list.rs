//! `rosterd audit list` and `rosterd audit export`.

use std::io::Write as _;

use chrono::DateTime;
use clap::Args;
use rosterd_app::{Caller, audit};
use rosterd_domain::audit::{ActionFilter, AuditEvent, EventQuery, to_ocsf};
use rosterd_domain::clock::UnixMillis;

use crate::cli::output::{Output, plain};
use crate::cli::{Access, CliError, times};
use crate::config::Config;

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// Only what this account or job did, by its id
    #[arg(long, value_name = "ID")]
    actor: Option<String>,
    /// Only what is about this user or group, by its id
    #[arg(long, value_name = "ID")]
    subject: Option<String>,
    /// Only this action, such as user.created, or all of a kind, such as user.*
    #[arg(long, value_parser = action)]
    action: Option<ActionFilter>,
    /// Only what happened at this moment or later, such as 2026-11-26 or 2026-11-26T10:00:00Z
    #[arg(long, value_name = "TIME", value_parser = times::milli)]
    from: Option<UnixMillis>,
    /// Only what happened before this moment
    #[arg(long, value_name = "TIME", value_parser = times::milli)]
    to: Option<UnixMillis>,
    /// Only what came from this client IP
    #[arg(long, value_name = "IP")]
    client_ip: Option<String>,
    /// Only what belongs to the request with this id
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
    /// At most so many events
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArgs {
    /// Only events with a higher position
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    after: i64,
    /// As events of the Open Cybersecurity Schema Framework
    #[arg(long)]
    ocsf: bool,
}

fn action(text: &str) -> Result<ActionFilter, String> {
    ActionFilter::parse(text)
        .ok_or_else(|| format!("`{text}` is no action such as user.created, and no kind such as user.*"))
}

pub(super) fn run(config: &Config, args: ListArgs, output: Output) -> Result<(), CliError> {
    let mut rows = output.rows(&["TIME", "ACTION", "ACTOR", "SUBJECT", "CLIENT IP", "DETAILS"]);
    let mut left = args.limit;
    let mut query = EventQuery {
        actor: args.actor,
        subject: args.subject,
        action: args.action,
        from: args.from,
        to: args.to,
        client_ip: args.client_ip,
        request_id: args.request_id,
        ..EventQuery::default()
    };
    crate::cli::with_app(config, Access::Read, async |app| {
        while left > 0 {
            query.limit = left.min(audit::MOST);
            let asked = query.clone();
            let page = app.scan(Caller::operator(), move |act| audit::list(act, &asked)).await?;
            let is_last = page.len() < usize::try_from(query.limit).unwrap_or(usize::MAX);
            query.after = page.last().map(|event| event.id.clone());
            left -= query.limit;
            for event in &page {
                rows.row(&serde_json::to_value(event).map_err(CliError::Json)?, || cells(event))?;
            }
            if is_last {
                break;
            }
        }
        Ok(())
    })?;
    rows.finish()
}

fn cells(event: &AuditEvent) -> Vec<String> {
    let or_none = |text: Option<&str>| text.map_or_else(|| "-".to_owned(), plain);
    let time = DateTime::from_timestamp_millis(event.at)
        .map_or_else(|| event.at.to_string(), |time| time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string());
    let actor = match &event.actor.id {
        Some(id) => format!("{} {id}", event.actor.kind),
        None => event.actor.kind.clone(),
    };
    let subject = event.subject.as_ref().map(|subject| {
        [Some(subject.kind.as_str()), subject.id.as_deref(), subject.label.as_deref()]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
    });
    let details = event.details.as_ref().map(|details| details.as_str().to_owned());
    let counted = event.count.map(|count| format!("{count} times"));
    let erased = event.erased.as_ref().map(|_hashes| "erased".to_owned());
    let details = details.or(counted).or(erased);
    vec![
        time,
        plain(&event.action),
        plain(&actor),
        or_none(subject.as_deref()),
        or_none(event.client_ip.as_deref()),
        or_none(details.as_deref()),
    ]
}

pub(super) fn export(config: &Config, args: &ExportArgs) -> Result<(), CliError> {
    crate::cli::with_app(config, Access::Read, async |app| {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let mut after = args.after;
        loop {
            let page = audit::sealed_after(app, Caller::operator(), after).await?;
            let Some(last) = page.last().and_then(|event| event.position) else { break };
            for event in &page {
                let line = if args.ocsf {
                    to_ocsf(event, &app.settings().version).to_string()
                } else {
                    serde_json::to_string(event).map_err(CliError::Json)?
                };
                writeln!(out, "{line}").map_err(CliError::Output)?;
            }
            after = last;
        }
        out.flush().map_err(CliError::Output)
    })
}
