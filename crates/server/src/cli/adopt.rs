//! `rosterd adopt`: what is missing or wrong in an Open WebUI database, and the adding of what is ours.

use std::fmt::Write as _;

use clap::Args;
use rosterd_storage::AdoptReport;
use serde_json::{Value, json};

use super::output::{Output, plain};
use super::progress::Progress;
use super::{Access, CliError, with_store};
use crate::config::Config;

/// Ids that a line shows; JSON has all of them.
const SHOWN_IDS: usize = 10;

#[derive(Debug, Args)]
pub(super) struct AdoptArgs {
    /// Add what is missing; without it nothing is changed
    #[arg(long)]
    apply: bool,
}

/// Reports, and adds with `--apply`. Migrations stay off: a dry run must not make tables in an empty database.
pub(super) fn run(mut config: Config, args: &AdoptArgs, output: Output) -> Result<(), CliError> {
    config.database.migrate = false;
    let access = if args.apply { Access::Change } else { Access::Read };
    let doing =
        if args.apply { "checking the database and adding what is missing" } else { "checking the database" };
    let progress = Progress::of(output, doing);
    let (own, report, added) = with_store(&config.database, access, progress, async |store| {
        let report = store.adopt_report().await?;
        let added = if args.apply { Some(store.adopt_apply().await?) } else { None };
        Ok((store.layout().is_standalone(), report, added))
    })?;
    output.print(&json_of(own, &report, added.as_deref()), || text_of(own, &report, added.as_deref()))
}

fn json_of(own: bool, report: &AdoptReport, added: Option<&[String]>) -> Value {
    let duplicates: Vec<Value> = report
        .duplicate_emails
        .iter()
        .map(|shared| json!({ "email": shared.email, "users": shared.users }))
        .collect();
    let orphans: Vec<Value> =
        report.orphans.iter().map(|rows| json!({ "table": rows.table, "ids": rows.ids })).collect();
    json!({
        "tables": if own { "rosterd" } else { "open-webui" },
        "duplicate_emails": duplicates,
        "orphans": orphans,
        "missing": report.missing,
        "added": added.unwrap_or_default(),
        "applied": added.is_some(),
    })
}

fn text_of(own: bool, report: &AdoptReport, added: Option<&[String]>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    for shared in &report.duplicate_emails {
        let users: Vec<String> = shared.users.iter().map(ToString::to_string).collect();
        let _ =
            writeln!(text, "{} accounts share {}: {}", users.len(), plain(&shared.email), some_of(&users));
    }
    for rows in &report.orphans {
        let _ = writeln!(text, "rows of {} that belong to nobody: {}", rows.table, some_of(&rows.ids));
    }
    if !report.duplicate_emails.is_empty() || !report.orphans.is_empty() {
        text.push_str("rosterd does not change these rows. Please decide what should happen to them.\n");
    }
    let names = if added.is_some() { added.unwrap_or_default() } else { &report.missing };
    for name in names {
        let _ = writeln!(text, "{}: {name}", if added.is_some() { "added" } else { "missing" });
    }
    text.push_str(match (added, names.is_empty()) {
        (_, true) if own => "This database is rosterd's own, and nothing is missing.",
        (_, true) => "Nothing is missing.",
        (None, false) => "Nothing was changed. `rosterd adopt --apply` adds what is missing.",
        (Some(_), false) => "Restart running servers, so that they use it.",
    });
    text
}

fn some_of(ids: &[String]) -> String {
    let first: Vec<String> = ids.iter().take(SHOWN_IDS).map(|id| plain(id)).collect();
    match ids.len().saturating_sub(SHOWN_IDS) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut_for_people() {
        let ids: Vec<String> = (0..12).map(|number| number.to_string()).collect();
        assert_eq!(some_of(&ids), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more");
        assert_eq!(some_of(&ids[..2]), "0, 1");
    }
}
