//! `rosterd config`: what holds, the values that administrators have stored included.

use std::path::Path;

use rosterd_api::services::stored::stored_settings;
use rosterd_storage::Db;

use super::output::{Output, print, warn};
use super::{CliError, with_store};
use crate::config::{Config, Stored};

/// Prints the configuration. Nothing is made, not even a secret. A database that cannot be read is no failure: somebody
/// may be asking because of that.
pub(super) fn run(config: &Config, output: Output) -> Result<(), CliError> {
    let stored = if database_exists(config) {
        read(config).unwrap_or_else(|error| Stored::Unread(error.sentence()))
    } else {
        Stored::NoDatabase
    };
    if let Stored::Unread(reason) = &stored {
        warn(&format!("the values stored in the database are not shown, as it was not read: {reason}"));
    }
    match output {
        Output::Text => print(config.to_toml(&stored).trim_end()),
        Output::Json => {
            let mut rows = output.rows();
            config.to_json(&stored).iter().try_for_each(|setting| rows.row(setting, String::new))?;
            rows.finish()
        }
    }
}

/// Whether there is something to open; only for a SQLite file this can be told beforehand.
fn database_exists(config: &Config) -> bool {
    let url = config.database.url.to_string();
    match url.strip_prefix("sqlite:///") {
        Some(file) => Path::new(file).exists(),
        None => !config.database.url.is_sqlite(),
    }
}

fn read(config: &Config) -> Result<Stored, CliError> {
    let mut database = config.database.clone();
    database.migrate = false;
    let defaults = config.stored_defaults();
    with_store(&database, async |store| {
        let layout = store.layout().config;
        let work = move |db: &mut dyn Db| stored_settings(db, layout, &defaults);
        Ok(Stored::Read(store.read(work).await?))
    })
}
