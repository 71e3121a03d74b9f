//! `rosterd migrate-from`: everything that another database knows of its accounts comes into a new standalone one.

use std::collections::BTreeMap;
use std::io;

use clap::Args;
use rosterd_app::{Caller, audit};
use rosterd_storage::DatabaseUrl;
use rosterd_storage::migrate_from::{self, Carried, Check, MigrateError, Order, Report};
use serde_json::{Value, json};

use super::backup::work;
use super::output::{Output, plain};
use super::progress::Progress;
use super::{Access, CliError};
use crate::config::Config;
use crate::folder;
use crate::server::StartError;

#[derive(Debug, Args)]
pub(super) struct MigrateFromArgs {
    /// The database to carry from: one of Open WebUI 0.6 or 0.12, or of rosterd. - reads its URL from standard input, so that
    /// no other user of the machine sees its password
    #[arg(value_name = "DATABASE_URL")]
    source: String,
    /// The PostgreSQL schema of its tables
    #[arg(long, value_name = "NAME")]
    schema: Option<String>,
    /// Check and count only: nothing is written
    #[arg(long, visible_alias = "preview")]
    dry_run: bool,
    /// Remove what an unfinished migration has copied, and begin anew
    #[arg(long)]
    restart: bool,
}

/// Checks, carries, compares, and lets servers start.
pub(super) fn run(mut config: Config, args: &MigrateFromArgs, output: Output) -> Result<(), CliError> {
    let order =
        Order { source: source_of(args)?, target: config.database.store_options(), restart: args.restart };
    let report = {
        let (order, progress) = (order.clone(), Progress::of(output, "migrating"));
        let tell = progress.teller();
        let look = move |stop: &_| migrate_from::look(&order, stop, &|stage| tell(stage.to_string()));
        super::block_on(progress.during(work(look)))?
    };
    if args.dry_run || report.stops() {
        output.print(&json_of(&report, None, args.dry_run), || text_of(&report))?;
        if report.stops() {
            let mend = "the source cannot be carried before what stands first is mended; nothing was written";
            return Err(CliError::Failure(mend.to_owned()));
        }
        return Ok(());
    }
    report.checks.iter().for_each(|check| output.warn(&sentence(check)));
    if let Some(folder) = config.database.folder() {
        folder::make(&folder).map_err(|source| StartError::Folder { folder, source })?;
    }
    let carried = {
        let (report, progress) = (report.clone(), Progress::of(output, "migrating"));
        let tell = progress.teller();
        let copy =
            move |stop: &_| migrate_from::copy(&order, &report, stop, &|stage| tell(stage.to_string()));
        super::block_on(progress.during(work(copy)))?
    };
    config.database.unfinished = true;
    let (from, rows, run) = (report.kind.as_str(), carried.rows.clone(), carried.run.clone());
    let ended = super::with_app(&config, Access::Change, async |app| {
        Ok(audit::tell_migrated(app, Caller::operator(), from, rows, run).await?)
    })?;
    if !ended {
        return Err(MigrateError::Concurrent.into());
    }
    output.print(&json_of(&report, Some(&carried), false), || done(&report, &carried))
}

fn source_of(args: &MigrateFromArgs) -> Result<DatabaseUrl, CliError> {
    let text = if args.source == "-" {
        let mut line = String::new();
        let unreadable =
            |error| CliError::Failure(format!("no URL can be read from standard input: {error}"));
        io::stdin().read_line(&mut line).map_err(unreadable)?;
        line
    } else {
        args.source.clone()
    };
    let wrong = |error| CliError::Usage(format!("the source: {error}"));
    let url = DatabaseUrl::parse(&text).map_err(wrong)?;
    match &args.schema {
        Some(_) if url.is_sqlite() => {
            Err(CliError::Usage("--schema: a SQLite file has no schemas; leave it out".to_owned()))
        }
        Some(schema) => Ok(url.with_schema(schema)),
        None => Ok(url),
    }
}

fn json_of(report: &Report, carried: Option<&Carried>, dry_run: bool) -> Value {
    let checks: Vec<Value> = report
        .checks
        .iter()
        .map(|check| {
            json!({
                "code": check.code.as_str(),
                "stops": check.code.stops(),
                "table": check.table,
                "rows": check.rows,
                "named": check.named,
                "sentence": check.to_string(),
            })
        })
        .collect();
    json!({
        "from": report.kind.as_str(),
        "source": report.source,
        "rows": carried.map_or(&report.rows, |carried| &carried.rows),
        "checks": checks,
        "stops": report.stops(),
        "dry_run": dry_run,
        "goes_on": carried.map_or(report.begun, |carried| carried.went_on),
        "settled": carried.map(|carried| carried.settled),
        "done": carried.is_some(),
    })
}

/// What a preview shows: what stops first, then the rest, then the counts.
fn text_of(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .checks
        .iter()
        .map(|check| format!("{}: {}", if check.code.stops() { "stops" } else { "odd" }, sentence(check)))
        .collect();
    lines.push(format!("{} has {}", report.kind.as_str(), counted(&report.rows)));
    lines.push(if report.stops() {
        "Nothing can be carried before what stops is mended.".to_owned()
    } else if report.begun {
        "Nothing was changed. Without --dry-run the migration that was begun goes on.".to_owned()
    } else {
        "Nothing was changed. Without --dry-run all of it is carried.".to_owned()
    });
    lines.join("\n")
}

fn done(report: &Report, carried: &Carried) -> String {
    let mut lines = vec![format!(
        "carried from {}, and compared row by row: {}",
        report.kind.as_str(),
        counted(&carried.rows)
    )];
    if carried.settled > 0 {
        lines.push(format!(
            "{} rows had changed at the source meanwhile and were brought up to date",
            carried.settled
        ));
    }
    lines.push(
        "start the server with the token secret of the source: then sessions and API keys go on".to_owned(),
    );
    lines.join("\n")
}

/// Such as `84 rows of user, 3 rows of group`.
fn counted(rows: &BTreeMap<&'static str, u64>) -> String {
    let counted: Vec<String> = rows
        .iter()
        .filter(|(_, rows)| **rows > 0)
        .map(|(table, rows)| format!("{rows} rows of {table}"))
        .collect();
    if counted.is_empty() { "no rows".to_owned() } else { counted.join(", ") }
}

/// The sentence of a check, which has ids and e-mail addresses of the source in it.
fn sentence(check: &Check) -> String {
    plain(&check.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_where_there_are_any() {
        assert_eq!(
            counted(&BTreeMap::from([("user", 2), ("chat", 0), ("group", 1)])),
            "1 rows of group, 2 rows of user"
        );
        assert_eq!(counted(&BTreeMap::new()), "no rows");
    }
}
