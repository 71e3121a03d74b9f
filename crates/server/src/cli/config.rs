//! `rosterd config`.

use super::CliError;
use crate::config::Config;

/// Prints the configuration. Nothing is opened or made, not even a secret.
pub(super) fn run(config: &Config) -> Result<(), CliError> {
    super::print(config.to_toml().trim_end())
}
