//! `rosterd version`, which `--version` means too.

use serde_json::json;

use super::{CliError, Output};

const NAME: &str = env!("CARGO_PKG_NAME");
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Prints the version.
pub(super) fn run(output: Output) -> Result<(), CliError> {
    output.print(&json!({ "name": NAME, "version": VERSION }), || format!("{NAME} {VERSION}"))
}
