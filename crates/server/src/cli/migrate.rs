//! `rosterd migrate`: for deployments that switch migration at start off.

use serde_json::json;

use super::progress::Progress;
use super::{Access, CliError, Output};
use crate::config::Config;

/// Opens the database with migrations on; a database of Open WebUI is only checked.
pub(super) fn run(mut config: Config, output: Output) -> Result<(), CliError> {
    config.database.migrate = true;
    let progress = Progress::of(output, "opening the database");
    config.database.watch = progress.watch();
    let own = super::with_store(&config.database, Access::Make, progress, async |store| {
        Ok(store.layout().is_standalone())
    })?;
    output.print(&json!({ "tables": if own { "rosterd" } else { "open-webui" }, "up_to_date": true }), || {
        let done = if own {
            "the database is up to date"
        } else {
            "this is a database of Open WebUI; its tables have everything that rosterd needs and were not changed"
        };
        done.to_owned()
    })
}
