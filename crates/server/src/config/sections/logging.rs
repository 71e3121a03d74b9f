//! `[logging]`: what is logged, and how a line looks.

use tracing_subscriber::EnvFilter;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const LEVEL: Setting = Setting::new(
    "logging.level",
    "GLOBAL_LOG_LEVEL",
    &[],
    Kind::Choice(&["trace", "debug", "info", "warning", "error", "critical"]),
    "info",
    "Least severe level that is logged.",
);
const FILTER: Setting = Setting::new(
    "logging.filter",
    "RUST_LOG",
    &[],
    Kind::Text,
    "",
    "The same for each module, such as info,rosterd_storage=debug. It has priority over the level.",
);
const FORMAT: Setting = Setting::new(
    "logging.format",
    "ROSTERD_LOG_FORMAT",
    &[],
    Kind::Choice(&["text", "json"]),
    "text",
    "text: lines for people. json: one JSON object for each line. Both are written to standard error.",
);

const NO_COLOR: Setting = Setting::new(
    "logging.no_color",
    "NO_COLOR",
    &[],
    Kind::Text,
    "",
    "If it is set to any text, such as 1, the log has no colours, even on a terminal (no-color.org).",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[LEVEL, FILTER, FORMAT, NO_COLOR];

/// What is logged, and how a line looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggingConfig {
    /// Directives of the filter.
    pub filter: String,
    /// How a line looks.
    pub format: LogFormat,
    /// Whether lines for people may be coloured where they go to a terminal.
    pub colours: bool,
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LoggingConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        // Python's names of the levels, as Open WebUI takes them, and ours.
        let levels = [
            ("trace", "trace"),
            ("debug", "debug"),
            // At `info` actix tells of its threads coming and going.
            ("info", "info,actix_server=warn"),
            ("warning", "warn"),
            ("warn", "warn"),
            ("error", "error"),
            ("critical", "error"),
        ];
        let level = reader.read(&LEVEL, |text| parse::choice(&levels, text));
        let filter = reader.read_optional(&FILTER, |text| {
            EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| format!("`{text}`: {error}"))
        });
        let format = reader.read(&FORMAT, |text| {
            parse::choice(&[("text", LogFormat::Text), ("json", LogFormat::Json)], text)
        });
        let no_color = reader.read(&NO_COLOR, parse::text);
        let level = level?;
        Some(Self {
            filter: filter?.unwrap_or_else(|| level.to_owned()),
            format: format?,
            colours: no_color?.is_empty(),
        })
    }
}
