//! `rosterd man`: the man pages, from the command line itself.

use std::path::{Path, PathBuf};

use clap::Args;
use clap_mangen::Man;
use serde_json::json;

use super::{CliError, Output, help};

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write the man page of every command into this folder, which must exist
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// Prints rosterd(1), or writes all pages.
pub(super) fn run(args: &ManArgs, output: Output) -> Result<(), CliError> {
    match &args.folder {
        Some(folder) => write_all(folder, output),
        None => print_one(output),
    }
}

fn print_one(output: Output) -> Result<(), CliError> {
    let mut page = Vec::new();
    Man::new(help::command()).render(&mut page).map_err(CliError::Output)?;
    let page = String::from_utf8_lossy(&page);
    output.print(&json!({ "name": "rosterd.1", "page": page }), || page.trim_end().to_owned())
}

fn write_all(folder: &Path, output: Output) -> Result<(), CliError> {
    clap_mangen::generate_to(help::command(), folder).map_err(|why| {
        CliError::Failure(format!("the man pages cannot be written to {}: {why}", folder.display()))
    })?;
    output.print(&json!({ "folder": folder }), || format!("the man pages are in {}", folder.display()))
}
