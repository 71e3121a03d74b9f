//! Options that every command takes: the command line's share of the configuration.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::config::{ConfigError, Kind, Setting, Sources, nearest, plain_name};

// Constants, as rustdoc would take the brackets and URLs of doc comments for links.
const CONFIG_HELP: &str = "TOML file with settings [variable: ROSTERD_CONFIG; default: none]";
const HOST_HELP: &str = "IP or host name to listen on [variable: HOST; default: 127.0.0.1]";
const PORT_HELP: &str = "Port to listen on, 0 for a free one [variable: PORT; default: 8080]";
const DATABASE_HELP: &str =
    "SQLite or PostgreSQL [variable: DATABASE_URL; default: sqlite:///./data/rosterd.db]";
const SET_HELP: &str =
    "Any other setting except secrets, by its variable or its name in the TOML file; may be repeated";

/// Keeps a command's own options apart from these in its help.
pub(super) const EVERYWHERE: &str = "Options of every command";

#[derive(Debug, Args)]
pub(super) struct Options {
    #[arg(long, short, global = true, help_heading = EVERYWHERE, value_name = "FILE", help = CONFIG_HELP)]
    config: Option<PathBuf>,
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "HOST", help = HOST_HELP)]
    host: Option<String>,
    #[arg(long, short, global = true, help_heading = EVERYWHERE, value_name = "PORT", help = PORT_HELP)]
    port: Option<String>,
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "URL", help = DATABASE_HELP)]
    database_url: Option<String>,
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "NAME=VALUE", help = SET_HELP)]
    set: Vec<String>,
    /// Log more to standard error; -vv logs everything
    #[arg(long, short, global = true, help_heading = EVERYWHERE, action = ArgAction::Count)]
    verbose: u8,
    /// Log warnings and errors only; commands print no notes, warnings and progress
    #[arg(long, short, global = true, help_heading = EVERYWHERE, conflicts_with = "verbose")]
    quiet: bool,
}

impl Options {
    /// Whether a command logs what it does, as the server always does.
    pub(super) fn is_verbose(&self) -> bool {
        self.verbose > 0
    }

    /// Whether nothing but errors is told beside results.
    pub(super) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// What is logged, where an option says it.
    fn log_filter(&self) -> Option<String> {
        let filter = match (self.quiet, self.verbose) {
            (true, _) => "warn",
            (false, 0) => return None,
            (false, 1) => "debug",
            (false, _) => "trace",
        };
        Some(filter.to_owned())
    }

    /// The sources of this process's settings.
    pub(super) fn sources(self, settings: &[Setting]) -> Result<Sources, ConfigError> {
        let mut flags = BTreeMap::new();
        let log_filter = self.log_filter();
        for pair in self.set {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| ConfigError::SetWithoutValue(plain_name(&pair)))?;
            let setting = settings
                .iter()
                .find(|setting| setting.key == name || setting.variables().any(|variable| variable == name))
                .ok_or_else(|| unknown(name, settings))?;
            if setting.kind == Kind::Secret {
                return Err(ConfigError::SecretSet(name.to_owned()));
            }
            flags.insert(setting.variable.clone().into_owned(), value.to_owned());
        }
        // An option of its own is plainer than --set and wins over it.
        for (variable, value) in [
            ("HOST", self.host),
            ("PORT", self.port),
            ("DATABASE_URL", self.database_url),
            ("RUST_LOG", log_filter),
        ] {
            if let Some(value) = value {
                flags.insert(variable.to_owned(), value);
            }
        }
        Sources::of_process(self.config.as_deref(), flags, settings)
    }
}

fn unknown(name: &str, settings: &[Setting]) -> ConfigError {
    let known = settings.iter().flat_map(|setting| setting.variables().chain([setting.key.as_ref()]));
    let nearest = nearest(name, known.map(|known| (known, known))).map(str::to_owned);
    ConfigError::UnknownSet { name: plain_name(name), nearest }
}
