//! `rosterd completions`: what a shell needs to complete commands and options, from the command line itself.

use clap::Args;
use clap_complete::Shell;
use serde_json::json;

use super::{CliError, Output, help};

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(args: &CompletionsArgs, output: Output) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut help::command(), help::PROGRAM, &mut script);
    let script = String::from_utf8_lossy(&script);
    output
        .print(&json!({ "shell": args.shell.to_string(), "script": script }), || script.trim_end().to_owned())
}
