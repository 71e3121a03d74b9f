//! `rosterd apply`: a file that declares groups, permissions and settings.

mod text;

use std::io::{self, IsTerminal};

use clap::Args;
use rosterd_app::roster::{self, Order, RosterError};
use rosterd_app::{App, Caller};
use rosterd_domain::roster::{Plan, Wanted, schema};
use serde_json::json;

use super::output::{Output, print};
use super::roster_file::{self, Format};
use super::{Access, CliError};
use crate::config::Config;

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "options that are independent of each other, not states")]
pub(super) struct ApplyArgs {
    /// File that declares the roster, - for standard input
    #[arg(required_unless_present = "schema", value_name = "FILE")]
    file: Option<String>,
    /// Format of the file [default: by the end of its name]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Change what the file declares; without it nothing is changed
    #[arg(long)]
    apply: bool,
    /// Remove what the file does not name where it names others of its kind: groups, members, rights; never accounts
    #[arg(long)]
    prune: bool,
    /// Also set rights that this server does not know, for a newer front end
    #[arg(long)]
    force: bool,
    /// Print the JSON Schema of the file and end
    #[arg(long, exclusive = true)]
    pub(super) schema: bool,
}

/// Prints the schema. Neither a configuration nor a database is needed.
pub(super) fn print_schema() -> Result<(), CliError> {
    print(&format!("{:#}", schema()))
}

pub(super) fn run(config: &Config, args: ApplyArgs, output: Output) -> Result<(), CliError> {
    let file = args.file.unwrap_or_else(|| roster_file::STDIN.to_owned());
    let (roster, faults) = roster_file::read(&file, args.format)?;
    let wanted = Wanted { prune: args.prune, force: args.force };
    let order = Order { roster, faults, wanted };
    let in_colour = config.logging.colours && io::stdout().is_terminal();
    let access = if args.apply { Access::Change } else { Access::Read };
    super::with_app(config, access, async |app| {
        let plan = planned(app, &file, &order).await?;
        // What is printed is what is done, or nothing is: see `roster::apply`.
        if args.apply && !plan.is_empty() {
            apply(app, &file, order, plan.clone()).await?;
        }
        let json = json!({ "applied": args.apply, "changes": plan });
        output.print(&json, || text::of(&plan, args.apply, in_colour))?;
        if args.apply || plan.is_empty() { Ok(()) } else { Err(CliError::WouldChange(plan.steps.len())) }
    })
}

async fn planned(app: &App, file: &str, order: &Order) -> Result<Plan, CliError> {
    let order = order.clone();
    let plan = app.scan(Caller::operator(), move |act| roster::plan(act, &order)).await;
    plan.map_err(|error| told(file, error))
}

async fn apply(app: &App, file: &str, order: Order, plan: Plan) -> Result<(), CliError> {
    let applied = app.write(Caller::operator(), move |act| roster::apply(act, &order, &plan)).await;
    applied.map_err(|error| told(file, error))
}

fn told(file: &str, error: RosterError) -> CliError {
    match error {
        RosterError::Problems(problems) => roster_file::wrong(file, problems),
        RosterError::App(error) => error.into(),
        RosterError::Changed => CliError::Failure(error.to_string()),
    }
}
