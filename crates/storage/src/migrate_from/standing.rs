//! What a target has already, and whether it can take a migration.

use super::error::MigrateError;
use super::link::{Link, quoted};
use super::pages::Columns;
use super::source::known;
use super::state::{LOG, state};
use super::tables::{ALL, Table, Whence};
use crate::inspect::Recognised;
use crate::upkeep::SERVER;
use crate::{DatabaseUrl, OpenError, StoreOptions, StoreResult};

/// What a target has of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is not there yet, or has no rows.
    Free {
        /// Its audit log is empty, too, so that another one can be carried into it.
        with_log: bool,
    },
    /// The beginning of a migration.
    Begun(Begun),
}

/// The beginning of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    /// Its source.
    pub(super) source: String,
    /// Whether the audit log is carried.
    pub(super) with_log: bool,
    /// Whether the tables are those of an older version.
    pub(super) outdated: bool,
}

impl Standing {
    /// How a target stands, without making or changing anything.
    ///
    /// # Errors
    /// [`MigrateError`] where nothing can be carried into it.
    pub(super) fn of(options: &StoreOptions) -> Result<Self, MigrateError> {
        let mut link = match Link::reading(&options.url, options) {
            Err(OpenError::Absent { .. }) => return Ok(Self::Free { with_log: true }),
            link => link?,
        };
        let schema = link.schema(&options.url).map_err(OpenError::Inspect)?;
        match schema.recognise() {
            Recognised::Empty => return Ok(Self::Free { with_log: true }),
            Recognised::Attached => return Err(MigrateError::Attached { url: options.url.to_string() }),
            Recognised::Unknown => {
                return Err(OpenError::Unrecognised { url: options.url.to_string() }.into());
            }
            Recognised::Standalone => {}
        }
        ensure_unused(&mut link, &schema.tables, &options.url)?;
        if let Some(source) = schema.migrating {
            let with_log = state(&mut link, LOG)?.as_deref() == Some("1");
            let outdated = known(&link)?.iter().any(|version| !schema.migrations.contains(version));
            return Ok(Self::Begun(Begun { source, with_log, outdated }));
        }
        ensure_free(&mut link, &schema.tables, &options.url)?;
        Ok(Self::Free { with_log: has_no_log(&mut link, &schema.tables)? })
    }

    /// Refuses the beginning of another migration, unless it is to be removed; gives whether it is gone on with.
    pub(super) fn ensure_fits(
        &self,
        url: &DatabaseUrl,
        source: &str,
        restart: bool,
    ) -> Result<bool, MigrateError> {
        match self {
            Self::Free { .. } => Ok(false),
            Self::Begun(_) if restart => Ok(false),
            Self::Begun(begun) if begun.source != source => {
                Err(MigrateError::Other { url: url.to_string(), source_url: begun.source.clone() })
            }
            Self::Begun(begun) if begun.outdated => Err(MigrateError::OtherVersion { url: url.to_string() }),
            Self::Begun(_) => Ok(true),
        }
    }

    /// Whether the audit log is carried, also where it begins anew.
    pub(super) fn with_log(&self) -> bool {
        match self {
            Self::Free { with_log } | Self::Begun(Begun { with_log, .. }) => *with_log,
        }
    }
}

/// Refuses a database with rows of its own. What its audit log tells of its own beginning may stay.
pub(super) fn ensure_free(link: &mut Link, columns: &Columns, url: &DatabaseUrl) -> Result<(), MigrateError> {
    let mut found = Vec::new();
    let there = |table: &&Table| table.whence != Whence::WithLog && columns.contains_key(table.name);
    for table in ALL.iter().filter(there) {
        let rows = count(link, table)?;
        if rows > 0 {
            found.push(format!("{rows} rows of {}", table.name));
        }
    }
    if found.is_empty() { Ok(()) } else { Err(MigrateError::Occupied { url: url.to_string(), found }) }
}

/// Whether there is nothing in the tables of its audit log.
pub(super) fn has_no_log(link: &mut Link, columns: &Columns) -> StoreResult<bool> {
    let there = |table: &&Table| table.whence == Whence::WithLog && columns.contains_key(table.name);
    for table in ALL.iter().filter(there) {
        if count(link, table)? > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// In a transaction that writes, before [`ensure_unused`]: a server that starts at this moment has noted itself before it, or
/// waits and then finds what this transaction has written.
pub(super) fn keep_servers_waiting(link: &mut Link) -> StoreResult<()> {
    // On SQLite nobody else writes anyway.
    if link.is_sqlite() {
        Ok(())
    } else {
        link.execute("LOCK TABLE rosterd_lease IN SHARE ROW EXCLUSIVE MODE")
    }
}

/// Refuses a database that a server works on.
pub(super) fn ensure_unused(
    link: &mut Link,
    columns: &Columns,
    url: &DatabaseUrl,
) -> Result<(), MigrateError> {
    if !columns.contains_key("rosterd_lease") {
        return Ok(());
    }
    let (now, cast) = if link.is_sqlite() {
        ("CAST(strftime('%s', 'now') AS INTEGER)", "")
    } else {
        ("CAST(extract(epoch FROM clock_timestamp()) AS bigint)", "::text")
    };
    let running = link.number(&format!(
        "SELECT count(*){cast} FROM rosterd_lease WHERE name LIKE '{SERVER}%' AND until > {now}"
    ))?;
    if running == 0 { Ok(()) } else { Err(MigrateError::InUse { url: url.to_string() }) }
}

/// The rows of a table.
pub(super) fn count(link: &mut Link, table: &Table) -> StoreResult<u64> {
    let cast = if link.is_sqlite() { "" } else { "::text" };
    link.number(&format!("SELECT count(*){cast} FROM {}", quoted(table.name)))
}
