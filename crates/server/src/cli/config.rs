//! `rosterd config`: what holds, the values that administrators have stored included.

use rosterd_app::stored::stored_settings;
use rosterd_storage::OpenError;

use super::output::{Form, Output, print};
use super::progress::Progress;
use super::{Access, CliError, with_store};
use crate::config::{Config, Stored};
use crate::server::StartError;

/// Prints the configuration. Nothing is made, not even a secret. A database that cannot be read is no failure: somebody
/// may be asking because of that.
pub(super) fn run(config: &Config, output: Output) -> Result<(), CliError> {
    let stored = match read(config) {
        Ok(stored) => stored,
        Err(CliError::Start(StartError::Database(OpenError::Absent { .. }))) => Stored::NoDatabase,
        Err(error) => Stored::Unread(error.sentence()),
    };
    if let Stored::Unread(reason) = &stored {
        output.warn(&format!(
            "the values stored in the database are not shown, because it could not be read: {reason}"
        ));
    }
    match output.form {
        Form::Text => print(config.to_toml(&stored).trim_end()),
        Form::Json => {
            let mut rows = output.rows(&[]);
            config.to_json(&stored).iter().try_for_each(|setting| rows.row(setting, Vec::new))?;
            rows.finish()
        }
    }
}

fn read(config: &Config) -> Result<Stored, CliError> {
    let defaults = config.stored.clone();
    with_store(&config.database, Access::Read, Progress::none(), async |store| {
        let layout = store.layout().clone();
        Ok(Stored::Read(store.read(move |db| stored_settings(db, &layout, &defaults)).await?))
    })
}
