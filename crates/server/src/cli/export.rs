//! `rosterd export`: all accounts to standard output, as they are read.

use std::io::{self, IsTerminal, Write};

use clap::Args;
use rosterd_app::Caller;
use rosterd_app::export::Exporting;
use rosterd_domain::transfer::{Export, ExportKind, Secrets};

use super::output::Output;
use super::progress::Progress;
use super::{Access, CliError};
use crate::config::Config;

// Constants, as rustdoc would want code marks in them.
const FORMAT_HELP: &str = "Form of the file: csv, or ndjson with all columns [default: csv]";
const FIELDS_HELP: &str = "Columns to write, such as name,email,password_hash [default: of csv \
    name,email,role,groups; of ndjson all, with hashes]";

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[arg(long, value_name = "FORM", help = FORMAT_HELP)]
    format: Option<ExportKind>,
    #[arg(long, value_name = "COLUMN,…", help = FIELDS_HELP)]
    fields: Option<String>,
}

pub(super) fn run(config: &Config, args: &ExportArgs, output: Output) -> Result<(), CliError> {
    let kind = args.format.unwrap_or_default();
    let export = Export::new(kind, args.fields.as_deref(), Secrets::Written)
        .map_err(|why| CliError::Usage(format!("--fields: {why}")))?;
    super::with_app(config, Access::Read, async |app| {
        // On a terminal the rows themselves show it.
        let mut progress =
            if io::stdout().is_terminal() { Progress::none() } else { Progress::of(output, "exporting") };
        let mut exporting = Exporting::new(app, Caller::operator(), export);
        while let Some(part) = exporting.next_part().await? {
            io::stdout().lock().write_all(&part).map_err(CliError::Output)?;
            progress.at(&format!("{} accounts", exporting.rows()));
        }
        progress.end();
        io::stdout().lock().flush().map_err(CliError::Output)
    })
}
