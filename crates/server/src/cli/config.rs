//! `rosterd config`.

use super::{CliError, Output};
use crate::config::Config;

/// Prints the configuration. Nothing is opened or made, not even a secret.
pub(super) fn run(config: &Config, output: Output) -> Result<(), CliError> {
    output.print(&config.to_json(), || config.to_toml().trim_end().to_owned())
}
