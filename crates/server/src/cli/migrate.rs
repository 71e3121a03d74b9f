//! `rosterd migrate`: for deployments that switch migration at start off.

use super::CliError;
use crate::config::Config;
use crate::server;

/// Opens the database with migrations on; a database of Open WebUI is only checked.
pub(super) fn run(mut config: Config) -> Result<(), CliError> {
    config.database.migrate = true;
    let store = super::block_on(async { Ok(server::open_store(&config.database).await?) })?;
    super::print(if store.layout().is_own() {
        "the database is up to date"
    } else {
        "this is a database of Open WebUI; its tables are left as they are, and have all that is needed"
    })
}
