//! The database that accounts come from. It is only read.

use rosterd_domain::dialect::Dialect;

use super::error::MigrateError;
use super::link::Link;
use super::pages::{Columns, Pages};
use super::tables::{Table, Whence};
use crate::url::Kind;
use crate::{ConfigLayout, DatabaseUrl, Layout, OpenError, Ownership, StoreOptions, StoreResult};

/// See the module.
pub(super) struct Source {
    pub(super) link: Link,
    pub(super) columns: Columns,
    pub(super) layout: Layout,
    /// Its URL without a password, and its schema, as the command line takes them: by this an unfinished migration is
    /// recognised.
    pub(super) name: String,
    /// Which state of the file was seen first, where pages are read one by one.
    version: Option<String>,
}

/// Another number when another connection has written.
const VERSION: &str = "PRAGMA data_version";

/// What a source turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A database of Open WebUI 0.6.
    WebUi06,
    /// A database of Open WebUI 0.12.
    WebUi012,
    /// A standalone database of rosterd.
    Rosterd,
}

impl SourceKind {
    /// Its name, as it is told.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WebUi06 => "Open WebUI 0.6",
            Self::WebUi012 => "Open WebUI 0.12",
            Self::Rosterd => "rosterd",
        }
    }
}

impl Source {
    /// Opens it, for reading alone.
    pub(super) fn open(url: &DatabaseUrl, options: &StoreOptions) -> Result<Self, MigrateError> {
        if *url.kind() == Kind::SqliteThrowAway {
            return Err(MigrateError::ThrowAway);
        }
        let options = &StoreOptions { url: url.clone(), create: false, migrate: false, ..options.clone() };
        let opened = || {
            let mut link = Link::reading(url, options)?;
            let schema = link.schema(url).map_err(OpenError::Inspect)?;
            let ownership = schema.ownership(options, &known(&link)?)?;
            let layout = schema.checked_layout(ownership, options)?;
            Ok((link, schema, layout))
        };
        let (mut link, schema, layout) = opened().map_err(|why| MigrateError::Source { why })?;
        let name = match schema.around.as_ref().and_then(|around| around.schema.as_deref()) {
            Some(schema) => format!("{url} --schema {schema}"),
            None => format!("sqlite:///{}", whole_path(url)),
        };
        if layout.wal && link.is_sqlite() {
            // All of it is of one moment, and in WAL mode no writer waits for that. Without WAL each page is read by itself.
            link.execute("BEGIN")?;
        }
        let version = if link.is_sqlite() && !layout.wal { link.texts(VERSION)?.pop() } else { None };
        Ok(Self { link, columns: schema.tables, layout, name, version })
    }

    /// What it turned out to be.
    pub(super) fn kind(&self) -> SourceKind {
        match (self.layout.ownership, self.layout.config) {
            (Ownership::Standalone, _) => SourceKind::Rosterd,
            (Ownership::Attached, ConfigLayout::KeyValue) if self.layout.dialect == Dialect::V0_12 => {
                SourceKind::WebUi012
            }
            (Ownership::Attached, _) => SourceKind::WebUi06,
        }
    }

    /// Whether this table is carried, into a target whose own log is empty or not.
    pub(super) fn has(&self, table: &Table, with_log: bool) -> bool {
        let is_standalone = self.layout.is_standalone();
        match table.whence {
            Whence::Any => true,
            Whence::WhereThere => self.columns.contains_key(table.name),
            Whence::Standalone => is_standalone,
            Whence::WithLog => with_log && self.columns.contains_key(table.name),
        }
    }

    /// Whether somebody has written to it since it was opened. What is read of one moment does not change.
    pub(super) fn has_changed(&mut self) -> StoreResult<bool> {
        Ok(self.version.is_some() && self.link.texts(VERSION)?.pop() != self.version)
    }

    /// The rows of a table after this key.
    pub(super) fn pages(&mut self, table: &'static Table, after: Option<Vec<String>>) -> Pages<'_> {
        Pages::of_source(&mut self.link, &self.columns, table, after)
    }
}

/// The versions of our migrations.
pub(super) fn known(link: &Link) -> Result<Vec<String>, OpenError> {
    match link {
        #[cfg(feature = "sqlite")]
        Link::Sqlite(_) => crate::sqlite::known(),
        #[cfg(feature = "postgres")]
        Link::Postgres(_) => crate::postgres::known(),
    }
}

/// The path of a SQLite file, however it was reached.
fn whole_path(url: &DatabaseUrl) -> String {
    let Kind::SqliteFile(path) = url.kind() else { return String::new() };
    std::fs::canonicalize(path).map_or_else(|_| path.clone(), |path| path.to_string_lossy().into_owned())
}
